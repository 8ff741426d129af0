//! The programs are cargo examples of this package: `cargo run --release --example pipeline -- --help`.
