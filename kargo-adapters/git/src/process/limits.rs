//! How long a process may run and how much it may say.

use std::time::Duration;

/// Bounds of one process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From start to end.
    pub(crate) time: Duration,
    /// Bytes of standard output in all.
    pub(crate) bytes: u64,
    /// Records (lines or fields) in all.
    pub(crate) records: u64,
    /// Bytes of one record.
    pub(crate) record_bytes: usize,
}
