//! What a decision came to: events to append, and the work that may begin once they are.

use std::fmt;

use super::{Effect, Position, Recorded};
use crate::{
    model::{Diagnostics, Kind},
    report::EffectId,
};

/// What an input led to. The events have to be appended to the log, all or none, right behind [`base`](Self::base); only
/// [`appended`](Self::appended) then gives out the work that they open (architecture, law 3).
#[derive(Debug)]
#[must_use = "append the events, then call `appended` for the work"]
pub struct Outcome {
    base: Position,
    events: Vec<Recorded>,
    work: Work,
    ignored: Vec<Ignored>,
    warnings: Diagnostics,
}

/// Something that was handed in and not taken over: the status of a definition, which is the engine's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// The kind of the object whose status was handed in.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the status of {}/{}", self.kind, self.name)
    }
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
        Self { base, events, work, ignored: Vec::new(), warnings: Diagnostics::new() }
    }

    pub(super) fn saying(self, ignored: Vec<Ignored>, warnings: Diagnostics) -> Self {
        Self { ignored, warnings, ..self }
    }

    /// What was handed in and not taken over, in the order in which it was: whoever wants a project with its status takes it over
    /// by [`Import`](crate::command::Import).
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// What works from now on, but hardly as meant (rules 17).
    #[must_use]
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
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
