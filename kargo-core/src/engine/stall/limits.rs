//! How long things may stand still before that is a stall.

use crate::model::Duration;

/// How long things may stand still before that is a stall. What waits by rule until a known instant is none, however long.
///
/// ```
/// use kargo_core::{engine::StallLimits, model::Duration};
/// let limits = StallLimits { unanswered: Duration::from_secs(300), ..StallLimits::default() };
/// assert_eq!(limits.looks, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StallLimits {
    /// Work that was handed out and not answered: 15 minutes.
    pub unanswered: Duration,
    /// A step that waits for something outside, without a timeout and without news: a day.
    pub waiting: Duration,
    /// The first of a queue, behind something that neither ends nor has an instant at which it does: 6 hours.
    pub queued: Duration,
    /// A verification that has not come to an end: 6 hours.
    pub verifying: Duration,
    /// A Stage that does not become healthy after a success: an hour.
    pub unhealthy: Duration,
    /// Freight that automation does not try again after a failure: an hour.
    pub failed: Duration,
    /// What somebody decided and did not take back: a pause without end, a hold, a window that never opens. 7 days.
    pub decided: Duration,
    /// Looks in a row, of a Warehouse or of health, that were not answered or failed: 3.
    pub looks: u32,
    /// What was due, and nobody called [`tick`](crate::Engine::tick): a minute.
    pub late: Duration,
}

const HOUR: i64 = 3_600;

impl Default for StallLimits {
    fn default() -> Self {
        Self {
            unanswered: Duration::from_secs(HOUR / 4),
            waiting: Duration::from_secs(24 * HOUR),
            queued: Duration::from_secs(6 * HOUR),
            verifying: Duration::from_secs(6 * HOUR),
            unhealthy: Duration::from_secs(HOUR),
            failed: Duration::from_secs(HOUR),
            decided: Duration::from_secs(7 * 24 * HOUR),
            looks: 3,
            late: Duration::from_secs(60),
        }
    }
}
