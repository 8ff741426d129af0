//! What must hold whatever happens: the invariants of control section 13, each as a named check. Declarations alone.
//!
//! [`ALL`] lists them with their numbers, in our words, restated where rules.md changes them. [`Watch`] arms them in a run:
//! *local* ones look at what a batch touched, after every batch; *global* ones look at everything, every 256 events and at
//! the end. A check that is handed a world or a log in which its rule is broken says so, which its test shows.

mod all;
mod automation;
mod availability;
mod batch;
mod check;
mod collecting;
mod health;
mod holds;
mod places;
mod promotions;
mod steps;
mod verdicts;
mod verification;
mod watch;
mod whole;

pub use all::{ALL, ELSEWHERE};
pub use batch::{Batch, Moment, Touched};
pub use check::{Check, Invariant, Looked};
pub use watch::Watch;
