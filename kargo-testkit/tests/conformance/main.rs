//! The fakes keep the contracts that they are the measure of.
#![expect(clippy::unwrap_used, reason = "the addresses are good, and nobody poisons the lock")]

mod broken;
mod cache;
mod charts;
mod clock;
mod git;
mod health;
mod journal;
mod registry;
mod verifier;
