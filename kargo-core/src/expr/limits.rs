//! How much an expression may cost: constants alone, all in one place (rules 19).

/// Bytes of source text.
pub const MAX_SOURCE: usize = 64 << 10;

/// Nodes of a syntax tree.
pub const MAX_NODES: usize = 10_000;

/// How deep constructs may stand in each other: brackets, calls, branches, right operands.
pub const MAX_DEPTH: usize = 256;

/// Memory units of one run; the run fails when the count reaches this (promotion-engine 6.9).
pub const MEMORY: u64 = 1_000_000;

/// Steps of one run. Kargo has no such limit; it ends what would run for minutes.
pub const STEPS: u64 = 20_000_000;

/// Bytes of text that one run may make. Kargo has no such limit; it ends texts that double themselves.
pub const TEXT: u64 = 64 << 20;

/// How deep lists and maps of a value may stand in each other: what JSON readers allow.
pub const MAX_VALUE_DEPTH: u32 = 128;

/// Repetitions of `repeat` (promotion-engine 6.8).
pub const MAX_REPEAT: i64 = 1_000_000;
