//! Signals that arrive while attempts of steps are under way, kept for when those end (rules 3). Not part of the state: a crash
//! loses no more than the attempts themselves, which run again.

use super::Position;
use crate::{
    model::PromotionName,
    report::{Signal, StepOutcome, StepReport, WakeKey},
    world::shared::Map,
};

/// How many keys are kept: those heard longest ago give way.
const MOST: usize = 10_000;

/// The latest signal of each key, with where the log ended when it was heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    latest: Map<WakeKey, (u64, Position, Signal)>,
    order: Map<u64, WakeKey>,
    count: u64,
}

impl Heard {
    /// Keeps a signal.
    pub(super) fn hear(&mut self, signal: &Signal, at: Position) {
        self.count += 1;
        if let Some((old, ..)) = self.latest.insert(signal.key.clone(), (self.count, at, signal.clone())) {
            self.order.remove(&old);
        }
        self.order.insert(self.count, signal.key.clone());
        while self.latest.len() > MOST
            && let Some((at, oldest)) = self.order.get_min().cloned()
        {
            self.order.remove(&at);
            self.latest.remove(&oldest);
        }
    }

    /// What was heard of the keys that an attempt now waits for, since it began: what was heard before it began it has seen.
    pub(super) fn since(&self, opened: Position, said: &StepReport) -> Vec<Signal> {
        let StepOutcome::Waiting(wait) = &said.outcome else { return Vec::new() };
        let of_key = |key: &WakeKey| self.latest.get(key).filter(|(_, at, _)| *at >= opened);
        wait.on.iter().filter_map(|(key, _)| of_key(key)).map(|(.., signal)| signal.clone()).collect()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Preparations that could not be made, and how often: gauges, not events (rules 12).
pub(super) type Tries = Map<(PromotionName, usize), u32>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Wait;

    fn said(keys: &[&WakeKey]) -> StepReport {
        let wait = keys.iter().fold(Wait::default(), |wait, key| wait.and_on((*key).clone(), None));
        StepReport { outcome: StepOutcome::Waiting(wait), ..StepReport::default() }
    }

    #[test]
    fn rules_3_what_is_kept_counts_for_attempts_that_began_before() {
        let (a, b) = (WakeKey::custom("app", "a"), WakeKey::custom("app", "b"));
        let mut heard = Heard::default();
        heard.hear(&Signal::of(a.clone()), Position::new(5));
        assert_eq!(heard.since(Position::new(5), &said(&[&a, &b])).len(), 1);
        assert_eq!(heard.since(Position::new(6), &said(&[&a, &b])).len(), 0, "the attempt has seen it");
        assert_eq!(heard.since(Position::new(5), &said(&[&b])).len(), 0, "another key");
        heard.hear(&Signal::of(a.clone()), Position::new(9));
        assert_eq!(heard.since(Position::new(6), &said(&[&a])).len(), 1, "the latest counts");
    }

    #[test]
    fn rules_3_it_is_bounded_and_the_oldest_gives_way() {
        let mut heard = Heard::default();
        let key = |number: usize| WakeKey::custom("app", number.to_string());
        for number in 0..=MOST {
            heard.hear(&Signal::of(key(number)), Position::default());
        }
        assert_eq!(heard.latest.len(), MOST);
        assert_eq!(heard.order.len(), MOST);
        assert!(heard.since(Position::default(), &said(&[&key(0)])).is_empty());
        assert_eq!(heard.since(Position::default(), &said(&[&key(1)])).len(), 1);
    }
}
