//! The simulator: an engine over a journal in a pretended world, under virtual time, from one seed. Declarations alone.
//!
//! [`Sim`] says what is simulated, [`Fault`] what goes wrong, [`Run`] what came of it. The process dies at any place of its
//! log, reports are lost, late, doubled and out of order, the clock jumps. After every batch the invariants of
//! [`invariant`](crate::invariant) are checked, and replays are compared with the run. A violation prints its seed, and
//! [`Sim::check`] leaves out of the history what it does not need.

mod acts;
mod dice;
mod fault;
mod live;
mod names;
mod outside;
mod pipeline;
mod rest;
mod run;
mod same;
mod script;
mod shrink;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod sim;
mod tally;
mod timeline;

pub(crate) use dice::Dice;
pub use fault::{FAULTS, Fault};
pub use live::retention;
pub use names::{all_events, all_reasons};
pub use run::{Behind, Run, Violation};
pub use same::{difference, owed};
pub use sim::{NoSuchTime, Sim, Stepped};
pub use tally::{Counted, Tally};
