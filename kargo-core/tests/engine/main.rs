//! The engine: commands, reports and time in; events and work out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests; KARGO_SOAK is asked of the environment, and how often each kind of event occurred is printed"
)]

mod asked;
mod ends;
mod flow;
mod found;
mod host;
mod instants;
mod lanes;
mod late;
mod lively;
mod plan;
mod random;
mod redefined;
mod shop;
mod snapshots;
mod twice;
mod verifying;
