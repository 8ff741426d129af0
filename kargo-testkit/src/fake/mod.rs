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
mod image;
mod peer;
mod registry;
mod yields;

pub use cache::MemoryCache;
pub use calls::{CallClass, Calls};
pub use charts::FakeCharts;
pub use clock::VirtualClock;
pub use git::FakeGit;
pub use image::{Content, FakeImage};
pub use peer::{Peer, Request};
pub use registry::{Breakage, FakeRegistry};

pub(crate) use yields::yield_now;
