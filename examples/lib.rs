//! Programs over `kargo-core`, each a cargo example: `cargo run --release --example NAME`.
//!
//! | name | what it does |
//! | --- | --- |
//! | `pipeline` | checks Kargo manifests, draws their graph, computes ids of freight |
