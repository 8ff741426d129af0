//! Taking out what nothing needs any more, and when that is due next (control 9; timer T26).

use std::collections::BTreeMap;

use super::{
    Event,
    apply::Touched,
    draft::{Cause, Draft},
    state::State,
    timers::Due,
};
use crate::{
    model::{FreightName, Origin, PromotionName, StageName, Timestamp},
    policy::{Collectible, freight_to_collect, promotions_to_collect},
};

/// A batch takes out so much of one sort; the rest goes at once after it.
const MOST_AT_ONCE: usize = 100;

impl Draft<'_> {
    /// Takes out promotions of a Stage that nothing needs any more.
    pub(super) fn collect_promotions(&mut self, stage: &StageName, cause: Cause) {
        let found = self.state.promotions_to_collect(stage, self.judged_at());
        self.seen.collections.insert(Due::PromotionsOf(stage.clone()), found.next);
        if !found.now.is_empty() {
            let event = Event::PromotionsCollected { stage: stage.clone(), promotions: found.now };
            self.push_after(cause, event);
        }
    }

    /// Takes out freight of an origin that nothing needs any more.
    pub(super) fn collect_freight(&mut self, origin: &Origin, cause: Cause) {
        let found = self.state.freight_to_collect(origin, self.judged_at());
        self.seen.collections.insert(Due::FreightOf(origin.clone()), found.next);
        if !found.now.is_empty() {
            self.push_after(cause, Event::FreightCollected { origin: origin.clone(), freight: found.now });
        }
    }
}

impl State {
    /// When something may be collected next, of everything there is.
    pub(super) fn collections(&self) -> BTreeMap<Due, Option<Timestamp>> {
        let now = self.judged_at(self.now);
        let all = self.all_collections().into_iter().filter_map(|touched| match touched {
            Touched::PromotionsOf(stage) => {
                let next = due(&self.promotions_to_collect(&stage, now), now);
                Some((Due::PromotionsOf(stage), next))
            }
            Touched::FreightOf(origin) => {
                let next = due(&self.freight_to_collect(&origin, now), now);
                Some((Due::FreightOf(origin), next))
            }
            _ => None,
        });
        all.collect()
    }

    /// A promotion of which work is under way, though it has ended, is not taken out before that is over.
    fn promotions_to_collect(&self, stage: &StageName, now: Timestamp) -> Collectible<PromotionName> {
        let Ok(stage) = self.world.stage(stage) else { return Collectible::nothing() };
        let is_busy = |promotion: &str| self.runs.contains_key(promotion);
        promotions_to_collect(stage, &self.genesis.retention().promotions, now, MOST_AT_ONCE, is_busy)
    }

    fn freight_to_collect(&self, origin: &Origin, now: Timestamp) -> Collectible<FreightName> {
        freight_to_collect(&self.world, origin, &self.genesis.retention().freight, now, MOST_AT_ONCE)
    }
}

/// What may be collected already is due now.
fn due<T>(found: &Collectible<T>, now: Timestamp) -> Option<Timestamp> {
    if found.now.is_empty() { found.next } else { Some(now) }
}
