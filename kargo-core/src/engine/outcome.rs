//! What a decision came to: events to append, and the work that may begin once they are.

use super::{Effect, Position, Recorded};
use crate::report::EffectId;

/// What an input led to. The events have to be appended to the log, all or none, right behind [`base`](Self::base); only
/// [`appended`](Self::appended) then gives out the work that they open (architecture, law 3).
#[derive(Debug)]
#[must_use = "append the events, then call `appended` for the work"]
pub struct Outcome {
    base: Position,
    events: Vec<Recorded>,
    work: Work,
}

/// Work that may begin, and work that is not wanted any more.
#[derive(Debug, Default)]
pub struct Work {
    /// What to do; each with an id that stays the same however often it is done.
    pub start: Vec<Effect>,
    /// What to stop, if it is under way: report [`stopped`](super::RunStep::stopped) or what came of it.
    pub cancel: Vec<EffectId>,
}

impl Outcome {
    pub(super) fn new(base: Position, events: Vec<Recorded>, work: Work) -> Self {
        Self { base, events, work }
    }

    /// The position that the log must have for these events to be appended.
    #[must_use]
    pub fn base(&self) -> Position {
        self.base
    }

    /// The events, in order; none if nothing changed.
    #[must_use]
    pub fn events(&self) -> &[Recorded] {
        &self.events
    }

    /// The events are in the log: here is the work.
    #[must_use]
    pub fn appended(self) -> Work {
        self.work
    }
}
