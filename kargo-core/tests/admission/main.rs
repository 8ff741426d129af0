//! Who may go where, when, and why not: `eligible`, `admit` and `why` over worlds of every kind (control 1, 2.5, 2.6, 8.4 and 13;
//! resources 19; rules 5, 6, 7, 11), and the world's indexes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "the worlds are made here; how many comes from the environment"
)]

mod approvals;
mod change;
mod decisions;
mod indexes;
mod invariants;
mod least;
mod listing;
mod names;
mod oracle;
mod plan;
mod random;
mod scene;
mod source;
mod text;
mod windows;
