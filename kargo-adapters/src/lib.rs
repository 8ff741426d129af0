//! The outside world for `kargo-core`.
