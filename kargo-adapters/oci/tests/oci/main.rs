//! The adapter against registries: a fake that misbehaves on demand, layouts on disk, and a real registry. Nothing
//! reaches beyond loopback.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod contract;
mod docker;
mod layouts;
mod pages;
mod real;
mod sessions;
mod tls;
