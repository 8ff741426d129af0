//! One project's engine: commands, reports and time in; events and work out. Declarations alone.
//!
//! An input is decided upon in a draft over the state: each event is applied as it is decided, what it touches is settled,
//! until nothing follows any more. `apply` is the only thing that changes state, in a live run and in a
//! replay alike. What work there is, and when something is due, is found out from the state afterwards.

mod apply;
mod cancels;
mod check;
mod collect;
mod commands;
mod draft;
mod effect;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod engine;
mod event;
mod freight;
mod gauges;
mod genesis;
mod heard;
mod history;
mod import;
mod lanes;
mod manifests;
mod millis;
mod normal;
mod notice;
mod outcome;
mod parts;
mod plan;
mod polls;
mod promote;
mod recorded;
mod refusal;
mod replay;
mod report;
mod reports;
mod settle;
mod snapshot;
mod sources;
mod stall;
mod started;
mod state;
mod timers;
mod verify;
mod work;

pub use effect::{Discover, Effect, EffectKind, ObserveHealth, Prepare, RunStep, Verify};
pub use engine::Engine;
pub use event::{Dropped, Event};
pub use gauges::LookCounts;
pub use genesis::Genesis;
pub use history::{History, HistoryError, Shares, StepTimes, Times, When};
pub use notice::{Called, Happened, Judged, Notice, Notices, OfPromotion, OfStep};
pub use outcome::{Ignored, Outcome, Work};
pub use parts::Parts;
pub use plan::{Plan, Then};
pub use recorded::{DecodeError, FORMAT, Position, Recorded};
pub use refusal::Refusal;
pub use replay::ReplayError;
pub use report::Report;
pub use snapshot::{SCHEMA, Snapshot};
pub use stall::{StallLimits, Standstill, Still, StillBecause};
