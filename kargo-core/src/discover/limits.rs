//! How much is asked of one account.

use std::time::Duration;

/// Limits for each account; the peer's own (`Retry-After`, a spent quota) come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountLimits {
    /// Requests under way at once; at least one.
    pub concurrent: usize,
    /// Requests of one subscription under way at once; at least one. It keeps a greedy subscription from filling the queue.
    pub concurrent_per_look: usize,
    /// How often one question is sent before its error counts, the first time included (discovery 2.10: three).
    pub attempts: u32,
    /// The longest that a question waits for a peer's limit to end; beyond it the limit is the answer.
    pub patience: Duration,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self { concurrent: 32, concurrent_per_look: 8, attempts: 3, patience: Duration::from_mins(2) }
    }
}
