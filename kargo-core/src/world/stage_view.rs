//! A view of one Stage: what it wants, what is there, what concerns it. It borrows the world and is cheap to copy.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Held, PlaceState, PromotionView, Turn, Windows, World, keyed::Ask, place::Itself};
use crate::model::{
    AutoPromotionHold, FreightName, FreightRequest, Health, Kind, Location, Noun as _, Origin, Path, Pause,
    PromotionPolicy, PromotionReference, PromotionWindow, Stage, StageName, StagePolicy, Timestamp,
};

/// A Stage, with the policy that is joined to it and what is there.
#[derive(Clone, Copy, Debug)]
pub struct StageView<'w> {
    world: &'w World,
    noun: &'w Stage,
    state: Option<&'w PlaceState>,
}

impl<'w> StageView<'w> {
    pub(super) fn new(world: &'w World, noun: &'w Stage) -> Self {
        let state = world.places.get(&Ask::of(&Itself(noun.name()))).map(AsRef::as_ref);
        Self { world, noun, state }
    }

    /// The same Stage with something else in it, as a question about what would be.
    #[must_use]
    pub fn with_state<'v>(self, state: &'v PlaceState) -> StageView<'v>
    where
        'w: 'v,
    {
        StageView { state: Some(state), ..self }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'w str {
        &self.noun.metadata.name
    }

    /// The Stage as in its manifest. What its status says when it was read may have changed since: ask this view.
    #[must_use]
    pub fn noun(self) -> &'w Stage {
        self.noun
    }

    /// The world it is in.
    #[must_use]
    pub fn world(self) -> &'w World {
        self.world
    }

    /// The policy of the same name, if there is one (rules 11).
    #[must_use]
    pub fn policy(self) -> Option<&'w StagePolicy> {
        self.world.stage_policies.get(self.name())
    }

    /// What it requests: as written in the Stage, then what the policy adds.
    pub fn requests(self) -> impl Iterator<Item = &'w FreightRequest> {
        let added = self.policy().map(|policy| policy.spec.requested_freight.as_slice()).unwrap_or_default();
        self.noun.spec.requested_freight.iter().chain(added)
    }

    /// Whether it requests freight of an origin.
    #[must_use]
    pub fn is_requesting(self, origin: &Origin) -> bool {
        self.requests().any(|request| request.origin == *origin)
    }

    /// The collection that is there.
    #[must_use]
    pub fn current(self) -> Option<&'w Held> {
        self.state?.current()
    }

    /// Collections that were there, newest first; the first is the current one.
    pub fn history(self) -> impl Iterator<Item = &'w Held> {
        self.state.into_iter().flat_map(|state| &state.history).map(AsRef::as_ref)
    }

    /// The promotion that may run now.
    #[must_use]
    pub fn current_promotion(self) -> Option<&'w str> {
        self.state?.current_promotion.as_deref()
    }

    /// The promotion that ended last.
    #[must_use]
    pub fn last_promotion(self) -> Option<&'w PromotionReference> {
        self.state?.last_promotion.as_deref()
    }

    /// Health when it was last looked at.
    #[must_use]
    pub fn health(self) -> Option<&'w Health> {
        self.state?.health.as_deref()
    }

    /// The holds that finished promotions left, by origin (control 2.5).
    pub fn holds(self) -> impl Iterator<Item = &'w AutoPromotionHold> {
        self.state.into_iter().flat_map(|state| &state.holds).map(AsRef::as_ref)
    }

    /// Data of users.
    #[must_use]
    pub fn metadata(self) -> Option<&'w BTreeMap<String, Value>> {
        self.state?.metadata.as_deref()
    }

    /// What is there, all of it.
    #[must_use]
    pub fn state(self) -> Option<&'w PlaceState> {
        self.state
    }

    /// Its promotions, oldest first.
    pub fn promotions(self) -> impl DoubleEndedIterator<Item = PromotionView<'w>> {
        let turns = self.world.queues.all(self.name());
        turns.filter_map(move |turn| self.world.promotion(&*turn.promotion).ok())
    }

    /// Its promotions that were made before a turn, or all, oldest first.
    pub fn promotions_before(
        self,
        turn: Option<&Turn>,
    ) -> impl DoubleEndedIterator<Item = PromotionView<'w>> + use<'w> {
        let turns = self.world.queues.before(self.name(), turn);
        turns.filter_map(move |turn| self.world.promotion(&*turn.promotion).ok())
    }

    /// Its promotions that have not ended, oldest first.
    pub fn open_promotions(self) -> impl DoubleEndedIterator<Item = PromotionView<'w>> {
        let turns = self.world.queues.open(self.name());
        turns.filter_map(move |turn| self.world.promotion(&*turn.promotion).ok())
    }

    /// Its promotions that ended later than an instant, in the order in which they did; all that ended, if none is given.
    pub fn promotions_ended(self, after: Option<Timestamp>) -> impl DoubleEndedIterator<Item = PromotionView<'w>> {
        let turns = self.world.queues.ended(self.name(), after);
        turns.filter_map(move |turn| self.world.promotion(&*turn.promotion).ok())
    }

    /// Its promotions of a piece of freight, oldest first.
    pub fn promotions_of(self, freight: &FreightName) -> impl DoubleEndedIterator<Item = PromotionView<'w>> + use<'w> {
        let turns = self.world.queues.of_freight(&StageName::from(self.name()), freight);
        turns.filter_map(move |turn| self.world.promotion(&*turn.promotion).ok())
    }

    /// The first promotion policy that covers it, and whether it permits automation (resources 19.4). None covers it: `Ok(None)`.
    ///
    /// # Errors
    ///
    /// A pattern or selector that stands before it cannot be read.
    pub fn promotion_policy(self) -> Result<Option<&'w PromotionPolicy>, String> {
        for (policy, selector) in &self.world.settings.policies {
            let selector = selector.as_ref().map_err(Clone::clone)?;
            let meta = &self.noun.metadata;
            if selector.matches(&meta.name, &meta.labels).map_err(|error| error.to_string())? {
                return Ok(Some(policy));
            }
        }
        Ok(None)
    }

    /// The windows that concern it: the project's, the cluster's, and its policy's own.
    #[must_use]
    pub fn windows(self) -> Windows {
        let own = self.world.own_windows.get(self.name()).into_iter().flat_map(|gates| gates.iter());
        self.world.settings.gates_of(self.noun, self.world.project()).chain(own).collect()
    }

    /// The pauses that concern it: its own and the project's.
    pub fn pauses(self) -> impl Iterator<Item = &'w Pause> {
        let name = self.name();
        self.world.pauses().filter(move |pause| pause.spec.stage.as_deref().is_none_or(|stage| stage == name))
    }

    /// Where a window that concerns the Stage is written.
    #[must_use]
    pub fn locate_window(self, name: &str) -> Option<Location> {
        let world = self.world;
        let at = |kind, object: &str, windows: &[PromotionWindow], field| {
            let index = windows.iter().position(|window| window.name == name)?;
            world.locate(kind, object, &Path::of(&["spec", field]).index(index))
        };
        let of_project = world.project_config().map(|config| (Kind::ProjectConfig, config.name(), &config.spec));
        let of_project =
            of_project.and_then(|(kind, config, spec)| at(kind, config, &spec.promotion_windows, "promotionWindows"));
        let of_cluster = || {
            let config = world.settings.cluster_config.as_ref()?;
            at(Kind::ClusterConfig, config.name(), &config.spec.promotion_windows, "promotionWindows")
        };
        let own = || at(Kind::StagePolicy, self.name(), &self.policy()?.spec.windows, "windows");
        of_project.or_else(of_cluster).or_else(own)
    }

    /// Where a part of its policy stands in the text it was read from.
    #[must_use]
    pub fn locate_policy(self, path: &Path) -> Option<Location> {
        self.world.locate(Kind::StagePolicy, self.name(), path)
    }

    /// Where a part of the Stage stands in the text it was read from.
    #[must_use]
    pub fn locate(self, path: &Path) -> Option<Location> {
        self.world.locate(Kind::Stage, self.name(), path)
    }
}
