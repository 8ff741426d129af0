//! All that an engine knows: the world, the promotions under way, and the counters of ids. Only events change it.

use std::sync::Arc;

use super::{Genesis, Position};
use crate::{
    model::{PromotionName, StageName, Timestamp},
    promotion::{Run, StepState},
    report::{EffectId, WakeKey},
    verification::{Verdicts, Verification},
    world::{
        Place, World,
        shared::{Index, Map, Set},
    },
};

/// All that an engine knows.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) genesis: Arc<Genesis>,
    pub(super) position: Position,
    /// Engine time: that of the last event.
    pub(super) now: Timestamp,
    pub(super) world: World,
    /// Promotions that have not ended, or of which something is under way still.
    pub(super) runs: Map<PromotionName, Arc<Run>>,
    /// Which promotions wait for a key.
    pub(super) waits: Index<WakeKey, PromotionName>,
    /// Verifications of which something is to come, by id, with their places.
    pub(super) verifications: Map<Arc<str>, (Place, Arc<Verification>)>,
    /// The verdicts of each Stage.
    pub(super) verdicts: Map<StageName, Arc<Verdicts>>,
    /// Verifications that somebody wants again, by Stage: which, and who.
    pub(super) reverify: Map<StageName, (String, String)>,
    /// The event that opened the work of a step that is under way.
    pub(super) opened: Map<(PromotionName, usize), Position>,
    /// Steps that ended while an attempt was under way, of which nothing was heard since (rules 4).
    pub(super) unanswered: Set<(PromotionName, usize)>,
    /// How many promotions were made, of the project and of each Stage.
    pub(super) made: u64,
    pub(super) made_for: Map<StageName, u64>,
    /// How many verifications were begun of each Stage.
    pub(super) verified_for: Map<StageName, u64>,
    /// Since when the clock may be wrong.
    pub(super) suspect_since: Option<Timestamp>,
    /// The state of the source of definitions.
    pub(super) revision: Option<String>,
}

impl State {
    pub(super) fn new(genesis: Genesis) -> Self {
        let world = World::new(genesis.project().clone());
        Self {
            genesis: Arc::new(genesis),
            position: Position::default(),
            now: Timestamp::UNIX_EPOCH,
            world,
            runs: Map::new(),
            waits: Index::default(),
            verifications: Map::new(),
            verdicts: Map::new(),
            reverify: Map::new(),
            opened: Map::new(),
            unanswered: Set::new(),
            made: 0,
            made_for: Map::new(),
            verified_for: Map::new(),
            suspect_since: None,
            revision: None,
        }
    }

    /// The instant by which soaks, windows and automation are judged: it stands still while the clock may be wrong (rules 5).
    pub(super) fn judged_at(&self, now: Timestamp) -> Timestamp {
        self.suspect_since.map_or(now, |since| since.min(now))
    }

    /// A look at the health of what a Stage holds: after another promotion it is another one.
    pub(super) fn health_look(&self, stage: &str) -> Option<EffectId> {
        let last = self.world.stage(stage).ok()?.last_promotion()?;
        Some(EffectId::of(&[self.genesis.project(), "Stage", stage, "health", &last.name]))
    }

    /// A look at what a Warehouse subscribes to: of other subscriptions it is another one.
    pub(super) fn discovery_look(&self, warehouse: &str) -> Option<EffectId> {
        let spec = &self.world.warehouse(warehouse).ok()?.spec;
        let subscriptions = serde_json::to_string(&spec.subscriptions).unwrap_or_default();
        Some(EffectId::of(&[self.genesis.project(), "Warehouse", warehouse, "discover", &subscriptions]))
    }

    /// Keeps the index of waits equal to what a run waits for.
    pub(super) fn index_waits(&mut self, promotion: &PromotionName, before: &[WakeKey]) {
        for key in before {
            self.waits.remove(key, promotion);
        }
        for key in self.runs.get(promotion).map(|run| keys_of(run)).unwrap_or_default() {
            self.waits.insert(key, promotion.clone());
        }
    }
}

/// The keys that any step of a run waits for.
pub(super) fn keys_of(run: &Run) -> Vec<WakeKey> {
    let mut keys = Vec::new();
    for record in run.steps() {
        if let StepState::Waiting(waiting) = record.state() {
            keys.extend(waiting.wait.on.iter().map(|(key, _)| key.clone()));
        }
    }
    keys
}
