//! The fakes keep the contracts that they are the measure of.
#![expect(clippy::unwrap_used, reason = "the addresses are good, and nobody poisons the lock")]

mod broken;
mod charts;
mod git;
mod registry;
