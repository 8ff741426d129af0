//! The adapter against real git: repositories made by `git`, served over `file:` and over HTTP by `git http-backend`.
//! Nothing reaches beyond loopback.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and shows what it saw"
)]

mod support;

mod contract;
mod copies;
mod files;
mod hostile;
mod http;
mod large;
mod partial;
mod processes;
mod secrets;
mod ssh;
mod tags;
