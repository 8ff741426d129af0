//! When something is due: the instants of promotions and of Stages, and the looks at what can only be looked at. Not part of
//! the state: after a replay it is made anew (rules 1).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::model::{PromotionName, StageName, Timestamp, WarehouseName};

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
}

/// Instants at which something is due, each thing at one at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_time: BTreeSet<(Timestamp, Due)>,
    by_due: BTreeMap<Due, Timestamp>,
}

impl Timers {
    /// It is due then, and not at any other instant; never, if none is given.
    pub(super) fn set(&mut self, due: Due, at: Option<Timestamp>) {
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
        self.by_time.first().map(|(at, _)| *at)
    }

    /// What is due by now, the earliest first.
    pub(super) fn due(&self, now: Timestamp) -> Vec<Due> {
        self.by_time.iter().take_while(|(at, _)| *at <= now).map(|(_, due)| due.clone()).collect()
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
