//! The benchmarks are cargo benches of this package: `cargo bench -p kargo-benches`.
