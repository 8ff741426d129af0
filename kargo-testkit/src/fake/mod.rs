//! A pretended outside world: strict, counting, on a virtual clock. Declarations alone.
//!
//! Each fake implements a port, answers from memory, counts every request in its class, and can be told to page, shuffle,
//! limit, fail, hang, move and break. None sleeps: time is a [`VirtualClock`], which jumps when nothing else is left to do.

mod cache;
mod calls;
mod charts;
mod clock;
mod git;
mod git_store;
mod health;
mod image;
mod journal;
mod peer;
mod registry;
mod slow;
mod verifier;
mod yields;

pub use cache::MemoryCache;
pub use calls::{CallClass, Calls};
pub use charts::FakeCharts;
pub use clock::VirtualClock;
pub use git::FakeGit;
pub use health::FakeHealth;
pub use image::{Content, FakeImage};
pub use journal::MemoryJournal;
pub use peer::{Peer, Request};
pub use registry::{Breakage, FakeRegistry};
pub use verifier::{FakeVerifier, StartedRun, VerifierCalls, a_run};

pub(crate) use yields::yield_now;
