//! The adapter against servers of the tests' own on loopback, and against folders.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking, and shows what it saw")]

mod bad;
mod contract;
mod credentials;
mod folders;
mod large;
mod server;
mod tls;
