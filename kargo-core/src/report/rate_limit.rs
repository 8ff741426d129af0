//! What a peer said of its limits.

use super::NotBefore;
use crate::model::Duration;

/// A quota as a peer's headers told it; what was not told is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests the whole window allows.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// How long a window is.
    pub window: Option<Duration>,
    /// When the window ends and `remaining` is `limit` again.
    pub reset: Option<NotBefore>,
}

impl RateLimit {
    /// Whether the peer said that nothing is left.
    ///
    /// ```
    /// use kargo_core::report::RateLimit;
    /// assert!(RateLimit { remaining: Some(0), ..RateLimit::default() }.is_spent());
    /// assert!(!RateLimit::default().is_spent());
    /// ```
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.remaining == Some(0)
    }
}
