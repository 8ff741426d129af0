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
    /// The longest that a question waits for a limit to end, the peer's or [`rate`](Self::rate); beyond it the limit is the
    /// answer.
    pub patience: Duration,
    /// How often the account is asked at most. The reference asks each registry 20 times a second (discovery 2.10); here only
    /// the peer's own limits hold, unless one is set.
    pub rate: Option<Rate>,
}

/// No more than so many requests in any span of this length, whenever the span begins. Sessions and redirects, which an
/// adapter does by itself, are not counted.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::discover::{AccountLimits, Rate};
/// let mut limits = AccountLimits::default();
/// limits.rate = Some(Rate { requests: 20, per: Duration::from_secs(1) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least one.
    pub requests: usize,
    /// The length of the span.
    pub per: Duration,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self { concurrent: 32, concurrent_per_look: 8, attempts: 3, patience: Duration::from_mins(2), rate: None }
    }
}
