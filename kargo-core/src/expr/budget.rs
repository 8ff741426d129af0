//! What a run has used up, and the instant it happens at.

use super::{error::Problem, limits, value::Value};
use crate::model::Timestamp;

/// The counters of one run.
#[derive(Debug)]
pub(super) struct Budget {
    memory: u64,
    steps: u64,
    text: u64,
    pub(super) now: Timestamp,
}

impl Budget {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { memory: 0, steps: 0, text: 0, now }
    }

    /// Counts memory units (promotion-engine 6.9).
    pub(super) fn memory(&mut self, units: usize) -> Result<(), Problem> {
        self.memory = self.memory.saturating_add(units as u64);
        if self.memory >= limits::MEMORY { Err(Problem::Memory) } else { Ok(()) }
    }

    /// Counts steps.
    pub(super) fn steps(&mut self, steps: u64) -> Result<(), Problem> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > limits::STEPS { Err(Problem::Steps { limit: limits::STEPS }) } else { Ok(()) }
    }

    /// Counts the walk over a whole value.
    pub(super) fn walk(&mut self, value: &Value) -> Result<(), Problem> {
        self.steps(value.size().weight)
    }

    /// Counts bytes of text, before they are made.
    pub(super) fn text(&mut self, bytes: usize) -> Result<(), Problem> {
        self.text = self.text.saturating_add(bytes as u64);
        if self.text > limits::TEXT { Err(Problem::Memory) } else { Ok(()) }
    }
}
