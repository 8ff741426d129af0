//! The client and its answers against servers of the tests' own, on loopback alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod bodies;
mod redirects;
mod support;
mod tls;
