//! Essays.

pub mod diagnostics;
