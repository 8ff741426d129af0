//! The real clock.

use async_trait::async_trait;
use chrono::Utc;
use kargo_core::{
    Timestamp,
    port::{Clock, Monotonic},
};
use tokio::time::Instant;

/// [`Clock`] on this machine's clocks: the time of day is the system's, the alarm is tokio's.
///
/// Clones are one clock; another `TokioClock` begins on its own. Alarms ring up to a millisecond or so late, never early. In a
/// runtime whose time is paused (`tokio::time::pause`) alarms and [`monotonic`](Clock::monotonic) follow the runtime, the time
/// of day does not.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::port::Clock;
/// use kargo_tokio::TokioClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = TokioClock::new();
/// let soon = clock.monotonic() + Duration::from_millis(5);
/// clock.sleep_until(soon).await;
/// assert!(clock.monotonic() >= soon);
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: Instant,
}

impl TokioClock {
    /// A clock that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Utc::now()
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic::at(self.start.elapsed())
    }

    async fn sleep_until(&self, instant: Monotonic) {
        let span = instant.since(Monotonic::START);
        if self.start.elapsed() >= span {
            return;
        }
        match self.start.checked_add(span) {
            Some(deadline) => tokio::time::sleep_until(deadline).await,
            // Later than this machine can count to: that alarm never rings.
            None => std::future::pending().await,
        }
    }
}
