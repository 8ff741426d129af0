//! A batch of events with the worlds before and after it, and right before each event that a check asks about.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    Engine, Event, Recorded, StageName, Timestamp, World,
    model::{FreightName, Health, Kind, PromotionName},
    world::StageView,
};

/// What a batch is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Stages.
    pub stages: BTreeSet<StageName>,
    /// Promotions.
    pub promotions: BTreeSet<PromotionName>,
    /// Freight.
    pub freight: BTreeSet<FreightName>,
    /// Stages whose definition changed or went.
    pub redefined: BTreeSet<StageName>,
    /// Whether any definition changed or went.
    pub redefines: bool,
}

/// A batch of events, and the worlds around it.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// The world before.
    pub before: World,
    /// The events.
    pub events: &'a [Recorded],
    /// The world after.
    pub after: World,
    /// The worlds right before some of the events, by their places in the batch.
    pub moments: BTreeMap<usize, World>,
    /// What it is about.
    pub touched: Touched,
    /// Since when the clock may be wrong, and rules judge by that instant (rules 5).
    pub since: Option<Timestamp>,
    /// Health of single checks, and as it was put together, where the world was looked at.
    pub checked: Option<&'a (Vec<Health>, Health)>,
}

/// An event and the world right before it.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The world right before.
    pub world: &'a World,
    /// The event.
    pub recorded: &'a Recorded,
    /// The world after the whole batch.
    pub after: &'a World,
    /// The instant by which rules judge.
    pub now: Timestamp,
    /// The log up to and with the batch.
    pub log: &'a [Recorded],
}

impl<'a> Batch<'a> {
    /// A batch that led from an engine to another.
    #[must_use]
    pub fn new(
        before: &Engine,
        events: &'a [Recorded],
        after: &Engine,
        checked: Option<&'a (Vec<Health>, Health)>,
    ) -> Self {
        let mut batch = Self::of(before.world(), events, after.world());
        batch.checked = checked;
        let mut engine = None;
        let mut folded = 0;
        for (index, recorded) in events.iter().enumerate().filter(|(_, recorded)| is_asked_about(&recorded.event)) {
            let engine = engine.get_or_insert_with(|| before.fork());
            // It follows on what is known, for it was decided there.
            drop(engine.fold(events.iter().take(index).skip(folded).cloned()));
            folded = index;
            batch.moments.insert(index, engine.world().clone());
            let _ = recorded;
        }
        batch
    }

    /// A batch that led from a world to another, without the worlds between.
    #[must_use]
    pub fn of(before: &World, events: &'a [Recorded], after: &World) -> Self {
        let mut touched = Touched::default();
        for recorded in events {
            touch(&mut touched, &recorded.event, before);
        }
        Self {
            before: before.clone(),
            events,
            after: after.clone(),
            moments: BTreeMap::new(),
            touched,
            since: None,
            checked: None,
        }
    }

    /// The same with the world right before one of its events.
    #[must_use]
    pub fn with_moment(mut self, index: usize, world: World) -> Self {
        self.moments.insert(index, world);
        self
    }

    /// The instant of the batch.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.events.first().map(|recorded| recorded.at).unwrap_or_default()
    }

    /// The instant by which rules judge.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.since.map_or(self.at(), |since| since.min(self.at()))
    }

    /// The events whose worlds are known.
    pub fn moments<'s>(&'s self, log: &'s [Recorded]) -> impl Iterator<Item = Moment<'s>> {
        let now = self.now();
        self.moments.iter().filter_map(move |(index, world)| {
            let recorded = self.events.get(*index)?;
            Some(Moment { world, recorded, after: &self.after, now, log })
        })
    }
}

/// Whether a check wants the world right before an event.
fn is_asked_about(event: &Event) -> bool {
    use kargo_core::promotion::RunEvent;
    matches!(
        event,
        Event::PromotionCreated { .. }
            | Event::PromotionCurrent { .. }
            | Event::PromotionSettled { .. }
            | Event::Promotion { happened: RunEvent::Phase(_), .. }
            | Event::VerificationBegun { .. }
            | Event::VerdictCounted { .. }
            | Event::PromotionsCollected { .. }
            | Event::FreightCollected { .. }
    )
}

fn touch(touched: &mut Touched, event: &Event, before: &World) {
    match event {
        Event::Defined { object } => {
            touched.redefines = true;
            if matches!(object.kind(), Kind::Stage | Kind::StagePolicy) {
                touched.redefined.insert(object.name().into());
                touched.stages.insert(object.name().into());
            }
            if object.kind() == Kind::ProjectConfig {
                touched.stages.extend(before.stages().map(|stage| stage.name().into()));
            }
        }
        Event::Removed { kind, name } => {
            touched.redefines = true;
            if matches!(kind, Kind::Stage | Kind::StagePolicy) {
                touched.redefined.insert(name.as_str().into());
                touched.stages.insert(name.as_str().into());
            }
        }
        Event::FreightCreated { freight, .. } => drop(touched.freight.insert(freight.metadata.name.as_str().into())),
        Event::Approved { approval } => {
            touched.freight.insert(approval.spec.freight.clone());
            touched.stages.insert(approval.spec.stage.clone());
        }
        Event::PromotionCreated { promotion, .. } => {
            touched.promotions.insert(promotion.metadata.name.as_str().into());
            touched.stages.insert(promotion.spec.stage.clone());
        }
        Event::PromotionCurrent { place, promotion } => {
            touched.promotions.insert(promotion.clone());
            touched.stages.insert(place.stage.clone());
        }
        Event::PromotionDropped { promotion, .. } => drop(touched.promotions.insert(promotion.clone())),
        Event::Promotion { promotion, .. } => {
            touched.promotions.insert(promotion.clone());
            if let Ok(known) = before.promotion(&**promotion) {
                touched.stages.insert(known.noun().spec.stage.clone());
            }
        }
        Event::PromotionSettled { place, promotion, holds_freight, .. } => {
            touched.stages.insert(place.stage.clone());
            touched.promotions.insert(promotion.clone());
            touched.freight.extend(holds_freight.iter().flatten().cloned());
            if let Some(held) = before.stage(&place.stage).ok().and_then(StageView::current) {
                touched.freight.extend(held.names().cloned());
            }
        }
        Event::HealthChanged { place, .. }
        | Event::PlaceCleared { place }
        | Event::VerificationBegun { place, .. }
        | Event::HoldReleased { place, .. } => {
            touched.stages.insert(place.stage.clone());
        }
        Event::PromotionsCollected { stage, .. } => drop(touched.stages.insert(stage.clone())),
        Event::ReverifyAsked { stage, .. } => drop(touched.stages.insert(stage.clone())),
        Event::Verification { id, .. } => {
            let is_of = |info: &kargo_core::model::VerificationInfo| info.id.as_deref() == Some(&**id);
            let stages =
                before.stages().filter(|stage| stage.history().any(|held| held.verifications.iter().any(is_of)));
            touched.stages.extend(stages.map(|stage| stage.name().into()));
        }
        Event::VerdictCounted { stage, members, .. } => {
            touched.stages.insert(stage.clone());
            touched.freight.extend(members.iter().cloned());
        }
        Event::Verified { stage, freight } => {
            touched.stages.insert(stage.clone());
            touched.freight.extend(freight.iter().cloned());
        }
        _ => {}
    }
}
