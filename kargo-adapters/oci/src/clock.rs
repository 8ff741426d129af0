//! What time it is, for the end of tokens.

use std::{sync::Arc, time::Instant};

use kargo_core::{
    Timestamp,
    port::{Clock, Monotonic},
};

/// The clock of the machine, or one that was given.
#[derive(Clone, Debug)]
pub(crate) enum Time {
    Machine(Instant),
    Given(Arc<dyn Clock>),
}

impl Time {
    pub(crate) fn machine() -> Self {
        Self::Machine(Instant::now())
    }

    /// For the ends of tokens: they are told as spans.
    pub(crate) fn monotonic(&self) -> Monotonic {
        match self {
            Self::Machine(start) => Monotonic::at(start.elapsed()),
            Self::Given(clock) => clock.monotonic(),
        }
    }

    /// For the ends of credentials: they are told as instants.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Machine(_) => std::time::SystemTime::now().into(),
            Self::Given(clock) => clock.now(),
        }
    }
}
