//! The adapter against registries: a fake that misbehaves on demand, layouts on disk, and a real registry. Nothing
//! reaches beyond loopback.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "the table of what ran where is part of the test")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bad_input;
mod contract;
mod cost_rigs;
mod costs;
mod docker;
mod layouts;
mod pages;
mod real;
mod sessions;
mod tls;
