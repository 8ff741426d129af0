//! The engine: commands, reports and time in; events and work out.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod flow;
mod host;
mod random;
mod verifying;
