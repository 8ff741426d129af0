//! Tests of the generators: that they make everything they promise, and nothing that they rule out.
#![cfg(feature = "proptest1")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and shows what it saw"
)]

mod broken;
mod objects;
mod oracle;
mod pipelines;
mod rules;
mod schema;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// The same values in every run.
fn samples<T>(strategy: &impl Strategy<Value = T>, count: usize) -> impl Iterator<Item = T> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(move |_| strategy.new_tree(&mut runner).expect("a value").current())
}
