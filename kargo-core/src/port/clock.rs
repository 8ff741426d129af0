//! The port to time.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::model::Timestamp;

/// A clock: the time of day, a time that only goes forward, and an alarm.
///
/// What a person or a peer reads is the time of day; what is waited for is measured on the other. A virtual clock runs both
/// together and turns sleeping into jumping.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day. It may jump, and even go backwards (rules 5).
    fn now(&self) -> Timestamp;

    /// The time since this clock began. It never goes backwards.
    fn monotonic(&self) -> Monotonic;

    /// Returns when [`monotonic`](Self::monotonic) has reached this instant, at once if it has already. Not before; how much
    /// later is up to the machine. Dropping the future cancels the alarm.
    async fn sleep_until(&self, instant: Monotonic);
}

/// An instant of a clock that only goes forward; it means nothing to another clock, nor after a restart.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::port::Monotonic;
/// let later = Monotonic::START + Duration::from_secs(5);
/// assert_eq!(later.since(Monotonic::START), Duration::from_secs(5));
/// assert_eq!(Monotonic::START.since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(Duration);

impl Monotonic {
    /// When the clock began.
    pub const START: Self = Self(Duration::ZERO);

    /// This long after the clock began.
    #[must_use]
    pub const fn at(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// How much later this is than another instant; nothing if it is earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Later; as late as can be where the sum does not fit.
impl std::ops::Add<Duration> for Monotonic {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}
