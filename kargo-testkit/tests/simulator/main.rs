//! The simulator: random histories of random pipelines keep the invariants, and a violation can be seen again.
#![expect(clippy::print_stdout, reason = "whoever runs the simulator should see how often what occurred")]
#![expect(clippy::unwrap_used, reason = "the shop is valid, and things happen in it")]

mod days;
mod planted;
mod random;
mod shop;
