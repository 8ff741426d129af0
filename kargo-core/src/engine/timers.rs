//! When something is due: the instants of promotions and of Stages, and the looks at what can only be looked at. Not part of
//! the state: after a replay it is made anew (rules 1).

use std::sync::Arc;

use chrono::{SubsecRound as _, TimeDelta};

use crate::{
    model::{Origin, PromotionName, StageName, Timestamp, WarehouseName},
    report::WakeSource,
    world::shared::{Map, Set},
};

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A promotion has something to do.
    Promotion(PromotionName),
    /// A Stage has to be looked at again by the rules.
    Stage(StageName),
    /// A Warehouse has to be looked at outside.
    Warehouse(WarehouseName),
    /// The health of a Stage has to be looked at outside.
    Health(StageName),
    /// A step that waits has to be looked after.
    Poll(PromotionName, usize),
    /// What a step refers to has to be asked for again.
    Prepare(PromotionName, usize),
    /// A verification has something to do, or its run has to be looked at.
    Verification(Arc<str>),
    /// A wake source was not heard for too long.
    Source(WakeSource),
    /// What is being stopped has not said how it ended: it is asked to stop once more.
    Cancel(PromotionName, usize),
    /// A promotion of a Stage is old enough to be collected.
    PromotionsOf(StageName),
    /// Freight of an origin is old enough to be collected.
    FreightOf(Origin),
}

/// Instants at which something is due, each thing at one at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_time: Set<(Timestamp, Due)>,
    by_due: Map<Due, Timestamp>,
}

impl Timers {
    /// It is due then, and not at any other instant; never, if none is given. Engine time has milliseconds (rules 19): what is
    /// due within one is due at its end, for no tick could ever be at that very instant.
    pub(super) fn set(&mut self, due: Due, at: Option<Timestamp>) {
        let at = at.map(whole_millis);
        if self.get(&due) == at {
            return;
        }
        if let Some(before) = self.by_due.remove(&due) {
            self.by_time.remove(&(before, due.clone()));
        }
        if let Some(at) = at {
            self.by_due.insert(due.clone(), at);
            self.by_time.insert((at, due));
        }
    }

    /// When it is due.
    pub(super) fn get(&self, due: &Due) -> Option<Timestamp> {
        self.by_due.get(due).copied()
    }

    /// The next instant at which anything is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.by_time.get_min().map(|(at, _)| *at)
    }

    /// What is due by now, the earliest first.
    pub(super) fn due(&self, now: Timestamp) -> Vec<Due> {
        self.by_time.iter().take_while(|(at, _)| *at <= now).map(|(_, due)| due.clone()).collect()
    }

    /// No step of a promotion is looked after any more.
    pub(super) fn forget_polls(&mut self, promotion: &PromotionName) {
        let of_it = Due::Poll(promotion.clone(), 0)..=Due::Poll(promotion.clone(), usize::MAX);
        let polls: Vec<Due> = self.by_due.range(of_it).map(|(due, _)| due.clone()).collect();
        for poll in polls {
            self.set(poll, None);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The first whole millisecond that is not before an instant.
fn whole_millis(at: Timestamp) -> Timestamp {
    let begun = at.trunc_subsecs(3);
    if begun == at { at } else { begun.checked_add_signed(TimeDelta::milliseconds(1)).unwrap_or(begun) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_19_what_is_due_is_due_at_an_instant_that_a_tick_can_have() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (asked, due) in [
            ("2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"),
            ("2026-11-24T12:00:00.250Z", "2026-11-24T12:00:00.250Z"),
            ("2026-11-24T12:00:00.250000001Z", "2026-11-24T12:00:00.251Z"),
            ("2026-11-24T12:00:00.999999999Z", "2026-11-24T12:00:01Z"),
        ] {
            let mut timers = Timers::default();
            timers.set(Due::Stage("uat".into()), Some(at(asked)));
            assert_eq!(timers.next(), Some(at(due)), "{asked}");
            assert_eq!(timers.due(at(due)).len(), 1);
        }
        let mut timers = Timers::default();
        timers.set(Due::Stage("uat".into()), Some(Timestamp::MAX_UTC));
        assert!(timers.next().is_some());
    }

    #[test]
    fn polls_of_all_steps_are_forgotten() {
        let mut timers = Timers::default();
        let at = Some(Timestamp::default());
        let (one, other) = (PromotionName::from("a"), PromotionName::from("b"));
        for due in [Due::Poll(one.clone(), 1), Due::Poll(one.clone(), 4), Due::Poll(other.clone(), 1)] {
            timers.set(due, at);
        }
        timers.forget_polls(&one);
        assert_eq!(timers.due(Timestamp::default()), [Due::Poll(other, 1)]);
    }
}
