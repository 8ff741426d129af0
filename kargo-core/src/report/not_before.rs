//! When a peer wants to be asked again.

use crate::model::{Duration, Timestamp};

/// The earliest moment for another try, as the peer put it.
///
/// A span is the safer form: it does not depend on the peer's clock agreeing with ours.
///
/// ```
/// use kargo_core::{Timestamp, model::Duration, report::NotBefore};
/// let now: Timestamp = "2026-11-24T14:02:00Z".parse()?;
/// assert_eq!(NotBefore::After(Duration::from_secs(60)).instant(now).to_rfc3339(), "2026-11-24T14:03:00+00:00");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBefore {
    /// This long after the answer came.
    After(Duration),
    /// At this instant of the peer's clock.
    At(Timestamp),
}

impl NotBefore {
    /// The instant, if the answer came at `now`: never before `now`, and at the end of time where the span leads beyond it.
    #[must_use]
    pub fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(span) if span <= Duration::ZERO => now,
            Self::After(span) => now.checked_add_signed(span.to_delta()).unwrap_or(Timestamp::MAX_UTC),
            Self::At(instant) => instant.max(now),
        }
    }
}

impl std::fmt::Display for NotBefore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::After(span) => write!(f, "in {span}"),
            Self::At(instant) => write!(f, "at {}", crate::model::time::to_manifest(instant)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instant_is_never_in_the_past_and_never_overflows() {
        let now: Timestamp = "2026-11-24T14:02:00Z".parse().unwrap();
        let earlier = now - chrono::TimeDelta::hours(1);
        for (not_before, expected) in [
            (NotBefore::After(Duration::from_secs(5)), now + chrono::TimeDelta::seconds(5)),
            (NotBefore::After(Duration::from_secs(-5)), now),
            (NotBefore::At(earlier), now),
            (NotBefore::At(now + chrono::TimeDelta::hours(1)), now + chrono::TimeDelta::hours(1)),
        ] {
            assert_eq!(not_before.instant(now), expected, "{not_before}");
        }
        let far = NotBefore::After(Duration::from_nanos(i64::MAX));
        assert_eq!(far.instant(Timestamp::MAX_UTC), Timestamp::MAX_UTC);
    }
}
