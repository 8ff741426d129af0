//! The 45 surprises of the reference (control 15): what each is there, and what we do, shown by one test each (rules 6 and 7).
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod automation;
mod commands;
mod eligibility;
mod ending;
mod health;
mod holds;
#[expect(dead_code, reason = "the host of the engine's tests; not all that it can do is needed here")]
#[path = "../engine/host.rs"]
mod host;
mod names;
mod numbers;
mod queue;
mod scene;
mod steps;
mod verification;
