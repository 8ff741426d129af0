//! What was handed out and what was answered, beside the log: never replayed, and nothing is decided by it (rules 12).

use std::sync::Arc;

use super::{Effect, EffectKind, Report, Work, report::Reported, timers::Due};
use crate::{
    model::Timestamp,
    report::EffectId,
    verification::Asked,
    world::shared::{Map, retain},
};

/// Instants of hand-outs are forgotten for what is not owed any more, once there are this many.
const MANY: usize = 1_024;

/// What was handed out and what was answered since this engine was folded.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauges {
    /// When it was first given an input: nothing is late that nobody could answer.
    began: Option<Timestamp>,
    /// When work was handed out; none of what was answered since.
    handed: Map<EffectId, Option<Timestamp>>,
    looks: Map<Due, Looked>,
    counts: LookCounts,
}

/// How many looks were handed out since the engine was folded, the polls of what waits among them (architecture, law 5): gauges,
/// which no log holds (rules 12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookCounts {
    /// At Warehouses.
    pub discoveries: u64,
    /// At the health of Stages.
    pub healths: u64,
    /// At steps that wait.
    pub steps: u64,
    /// At the runs of verifications.
    pub verifications: u64,
}

/// How looks at one thing went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    /// How many were handed out.
    pub(super) looks: u64,
    /// How many of the last ones were not answered, and when the first of these was handed out.
    pub(super) unanswered: u32,
    pub(super) asked: Option<Timestamp>,
    /// When one was answered last.
    pub(super) answered: Option<Timestamp>,
    /// How many of the last ones failed, since when, and with what the last did.
    pub(super) errors: u32,
    pub(super) failing: Option<Timestamp>,
    pub(super) problem: Option<String>,
}

impl Gauges {
    /// Work is handed out.
    pub(super) fn hand_out(&mut self, work: &Work, owed: &Map<EffectId, Arc<Effect>>, now: Timestamp) {
        self.began.get_or_insert(now);
        for effect in &work.start {
            self.counts.count(effect, !owed.contains_key(&effect.id));
            match look_of(effect) {
                Some(due) => {
                    let looked = self.looks.entry(due).or_default();
                    looked.looks = looked.looks.saturating_add(1);
                    looked.unanswered = looked.unanswered.saturating_add(1);
                    looked.asked.get_or_insert(now);
                }
                None => drop(self.handed.insert(effect.id.clone(), Some(now))),
            }
        }
        if self.handed.len() > MANY.max(owed.len().saturating_mul(4)) {
            retain(&mut self.handed, |id, _| owed.contains_key(id));
        }
    }

    /// The world says something.
    pub(super) fn hear(&mut self, report: &Report, now: Timestamp) {
        if let Some(effect) = &report.effect {
            self.handed.insert(effect.clone(), None);
        }
        let (due, problem) = match &report.said {
            Reported::Discovered { warehouse, found } => {
                (Due::Warehouse(warehouse.clone()), found.as_ref().as_ref().err().map(ToString::to_string))
            }
            Reported::Health { place, health } => {
                (Due::Health(place.stage.clone()), health.as_ref().as_ref().err().map(ToString::to_string))
            }
            _ => return,
        };
        let looked = self.looks.entry(due).or_default();
        (looked.unanswered, looked.asked, looked.answered) = (0, None, Some(now));
        if problem.is_some() {
            looked.errors = looked.errors.saturating_add(1);
            looked.failing.get_or_insert(now);
        } else {
            (looked.errors, looked.failing) = (0, None);
        }
        looked.problem = problem;
    }

    /// Since when a piece of work that is owed is not answered, as far as this engine knows; none if it was answered, or if
    /// the engine was not used since it was folded.
    pub(super) fn since(&self, effect: &EffectId) -> Option<Timestamp> {
        match self.handed.get(effect) {
            Some(handed) => *handed,
            None => self.began,
        }
    }

    /// Since when work was handed out and not answered.
    pub(super) fn handed(&self, effect: &EffectId) -> Option<Timestamp> {
        self.handed.get(effect).copied().flatten()
    }

    /// How looks went.
    pub(super) fn looked(&self, due: &Due) -> Option<&Looked> {
        self.looks.get(due)
    }

    /// How many looks were handed out.
    pub(super) fn counts(&self) -> LookCounts {
        self.counts
    }

    /// When it was first given an input.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl LookCounts {
    fn count(&mut self, effect: &Effect, is_look: bool) {
        let count = match &effect.kind {
            EffectKind::Discover(_) => &mut self.discoveries,
            EffectKind::ObserveHealth(_) => &mut self.healths,
            EffectKind::RunStep(_) if is_look => &mut self.steps,
            EffectKind::Verify(verify) if verify.asked == Asked::Look => &mut self.verifications,
            _ => return,
        };
        *count = count.saturating_add(1);
    }
}

/// What a look looks at, of those that are counted.
fn look_of(effect: &Effect) -> Option<Due> {
    match &effect.kind {
        EffectKind::Discover(discover) => Some(Due::Warehouse(discover.warehouse.clone())),
        EffectKind::ObserveHealth(observe) => Some(Due::Health(observe.place.stage.clone())),
        EffectKind::Prepare(_) | EffectKind::RunStep(_) | EffectKind::Verify(_) => None,
    }
}
