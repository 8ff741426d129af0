//! Versions of things outside, as far as they can be compared.

use std::{cmp::Ordering, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// The version of something outside that was looked at: a resource version, the update time of a pull request, the number
/// of a verdict (rules 3).
///
/// Versions of one form compare, others do not. A text is an opaque version: equal or not comparable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Seen {
    /// A number that grows.
    Number(u64),
    /// An instant of the source's own clock.
    Time(Timestamp),
    /// An opaque text, such as an entity tag.
    Text(Arc<str>),
}

impl Seen {
    /// A version by its text: a number where it is one, as the resource versions of Kubernetes are.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.into()), Self::Number)
    }

    /// Whether a signal of version `heard` tells something to one who has seen `seen` (rules 3): it is newer, or the two
    /// cannot be compared. What says no version tells something to everyone.
    ///
    /// ```
    /// use kargo_core::report::Seen;
    /// let (old, new) = (Seen::parse("41"), Seen::parse("42"));
    /// assert!(Seen::is_news(Some(&new), Some(&old)));
    /// assert!(!Seen::is_news(Some(&old), Some(&old)));
    /// assert!(Seen::is_news(None, Some(&old)));
    /// assert!(Seen::is_news(Some(&Seen::parse("etag-7")), Some(&old)));
    /// ```
    #[must_use]
    pub fn is_news(heard: Option<&Self>, seen: Option<&Self>) -> bool {
        match (heard, seen) {
            (Some(heard), Some(seen)) => heard.partial_cmp(seen).is_none_or(Ordering::is_gt),
            _ => true,
        }
    }
}

impl PartialOrd for Seen {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) if a == b => Some(Ordering::Equal),
            _ => None,
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Time(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            Self::Text(text) => f.write_str(text),
        }
    }
}
