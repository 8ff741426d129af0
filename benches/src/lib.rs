//! What the benchmarks share: worlds of any size, and the table that is printed at the end.
//!
//! `cargo bench -p kargo-benches` runs them all; figures are compared with the budgets, never asserted (machines are noisy).

pub mod alone;
pub mod memory;
pub mod pipelines;
pub mod shop;
pub mod table;
pub mod warehouse;
pub mod world;
