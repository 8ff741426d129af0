//! Views of one piece of freight and of one promotion. They borrow the world and are cheap to copy.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Age, StageView, Turn, Visit, Visits, World, freight_entry::FreightEntry};
use crate::model::{
    Freight, FreightName, FreightReference, FreightStatus, HoldIntent, NoSuch, Origin, Promotion, PromotionName,
    PromotionPhase, Timestamp, label,
};

/// A piece of freight.
#[derive(Clone, Copy, Debug)]
pub struct FreightView<'w> {
    world: &'w World,
    entry: &'w FreightEntry,
}

impl<'w> FreightView<'w> {
    pub(super) fn new(world: &'w World, entry: &'w FreightEntry) -> Self {
        Self { world, entry }
    }

    /// The name, which is its id.
    #[must_use]
    pub fn name(self) -> &'w FreightName {
        &self.entry.reference.name
    }

    /// What people call it: its alias, else the beginning of its id.
    #[must_use]
    pub fn called(self) -> &'w str {
        self.alias().unwrap_or_else(|| self.short())
    }

    /// Its alias, if it has one.
    #[must_use]
    pub fn alias(self) -> Option<&'w str> {
        self.entry.alias.as_deref().filter(|alias| !alias.is_empty())
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(self, key: &str) -> Option<&'w str> {
        self.entry.annotation(key)
    }

    /// The beginning of its id: 7 digits.
    #[must_use]
    pub fn short(self) -> &'w str {
        let name = self.name();
        name.get(..7).unwrap_or(name)
    }

    /// Who produced it.
    #[must_use]
    pub fn origin(self) -> &'w Origin {
        &self.entry.reference.origin
    }

    /// How it ranks among the freight of its origin.
    #[must_use]
    pub fn age(self) -> Age {
        self.entry.age()
    }

    /// Its name, origin and artifacts, shared with the collections that hold it.
    #[must_use]
    pub fn reference(self) -> &'w Arc<FreightReference> {
        &self.entry.reference
    }

    /// What it has to do with Stages.
    #[must_use]
    pub fn visits(self) -> &'w Visits {
        &self.entry.state.visits
    }

    /// What it has to do with one Stage.
    #[must_use]
    pub fn visit(self, stage: &str) -> Option<&'w Visit> {
        self.visits().get(stage)
    }

    /// Data of users.
    #[must_use]
    pub fn metadata(self) -> Option<&'w BTreeMap<String, Value>> {
        self.entry.state.metadata.as_deref()
    }

    /// Its status, as Kargo writes it.
    #[must_use]
    pub fn status(self) -> FreightStatus {
        self.entry.state.to_status()
    }

    /// The freight as a manifest, its status left out: that is [`visits`](Self::visits) and [`metadata`](Self::metadata).
    #[must_use]
    pub fn to_definition(self) -> Freight {
        self.entry.to_noun(&self.world.project)
    }

    /// The freight as a manifest, with its status; made for this, for the world keeps no manifest of freight.
    #[must_use]
    pub fn to_noun(self) -> Freight {
        Freight { status: self.status(), ..self.entry.to_noun(&self.world.project) }
    }

    /// The world it is in.
    #[must_use]
    pub fn world(self) -> &'w World {
        self.world
    }
}

/// A promotion.
#[derive(Clone, Copy, Debug)]
pub struct PromotionView<'w> {
    world: &'w World,
    noun: &'w Promotion,
}

impl<'w> PromotionView<'w> {
    /// A promotion seen in a world that need not hold it.
    #[must_use]
    pub fn new(world: &'w World, noun: &'w Promotion) -> Self {
        Self { world, noun }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'w str {
        &self.noun.metadata.name
    }

    /// The promotion as in its manifest.
    #[must_use]
    pub fn noun(self) -> &'w Promotion {
        self.noun
    }

    /// Its phase; Pending if nobody has looked at it yet.
    #[must_use]
    pub fn phase(self) -> &'w PromotionPhase {
        self.noun.status.phase.as_ref().unwrap_or(&PromotionPhase::Pending)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.phase().is_terminal()
    }

    /// What it promotes, by origin (rules 13). Freight that does not exist any more has no origin and is left out, unless the
    /// promotion names it.
    #[must_use]
    pub fn freight(self) -> BTreeMap<Origin, FreightName> {
        let mut freight = BTreeMap::new();
        if let Some(text) = self.noun.metadata.annotations.get(label::EXT_FREIGHT) {
            let written: BTreeMap<String, FreightName> = serde_json::from_str(text).unwrap_or_default();
            freight.extend(written.into_iter().filter_map(|(origin, name)| Some((origin.parse().ok()?, name))));
        }
        if freight.is_empty()
            && let Some(name) = &self.noun.spec.freight
        {
            let recorded = self.noun.status.freight.as_ref().map(|reference| &reference.origin);
            if let Some(origin) = self.world.freight_named(name).map(FreightView::origin).or(recorded) {
                freight.insert(origin.clone(), name.clone());
            }
        }
        freight
    }

    /// What its end does to holds, by origin (resources 15.2; rules 13).
    #[must_use]
    pub fn intents(self) -> BTreeMap<Origin, HoldIntent> {
        let annotations = &self.noun.metadata.annotations;
        let mut intents = BTreeMap::new();
        if let Some(text) = annotations.get(label::EXT_HOLDS) {
            let written: BTreeMap<String, HoldIntent> = serde_json::from_str(text).unwrap_or_default();
            intents.extend(written.into_iter().filter_map(|(origin, intent)| Some((origin.parse().ok()?, intent))));
        }
        for (key, intent) in
            // Of both, the one that protects a person's choice counts.
            [(label::AUTO_PROMOTION_RESUME, HoldIntent::Resume), (label::AUTO_PROMOTION_HOLD, HoldIntent::Hold)]
        {
            if let Some(origin) = annotations.get(key).and_then(|origin| origin.parse().ok()) {
                intents.insert(origin, intent);
            }
        }
        intents
    }

    /// Who wanted it; none if that was automation.
    #[must_use]
    pub fn actor(self) -> Option<&'w str> {
        self.noun.metadata.annotations.get(label::CREATE_ACTOR).map(String::as_str)
    }

    /// Whether nobody asked for it but automation.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        self.actor().is_none_or(|actor| actor.starts_with("controller:"))
    }

    /// Its place in the order in which promotions were made.
    #[must_use]
    pub fn turn(self) -> Turn {
        let promotion = PromotionName::from(self.name());
        Turn { number: self.world.promotion_number(&promotion), promotion }
    }

    /// Why it ended without anybody stopping it and without a failure: `Superseded` or `Withdrawn` (rules 6 and 7). Automation
    /// does not count such an end.
    #[must_use]
    pub fn end_reason(self) -> Option<&'w str> {
        self.noun.metadata.annotations.get(label::EXT_END).map(String::as_str)
    }

    /// Whether it takes the Stage back to what it had.
    #[must_use]
    pub fn is_rollback(self) -> bool {
        self.noun.metadata.annotations.get(label::ROLLBACK).is_some_and(|value| value == "true")
    }

    /// When it was made, if that is known.
    #[must_use]
    pub fn created_at(self) -> Option<Timestamp> {
        self.noun.metadata.creation_timestamp
    }

    /// The world it is in.
    #[must_use]
    pub fn world(self) -> &'w World {
        self.world
    }

    /// The Stage it goes to.
    ///
    /// # Errors
    ///
    /// The Stage is gone.
    pub fn stage(self) -> Result<StageView<'w>, NoSuch> {
        self.world.stage(&self.noun.spec.stage)
    }
}
