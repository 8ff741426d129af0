//! Ids of work that is owed to the world.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

use crate::model::Duration;

/// The id of one piece of work outside. It stays the same for all attempts, polls and wake-ups, and across crashes, so that
/// a peer that deduplicates by it sees one piece of work (rules 1).
///
/// ```
/// use kargo_core::report::EffectId;
/// let id = EffectId::of(&["shop", "prod.01kdn9.4e1f0c9", "step", "open-pr"]);
/// assert_eq!(id, EffectId::of(&["shop", "prod.01kdn9.4e1f0c9", "step", "open-pr"]));
/// assert_eq!(id.as_str().len(), 18);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(Arc<str>);

impl EffectId {
    /// The id that follows from what the work is: `e-` and 16 hex digits.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut sum = Sha1::new();
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            sum.update((part.len() as u64).to_be_bytes());
            sum.update(part.as_bytes());
        }
        let [a, b, c, d, e, f, g, h, ..]: [u8; 20] = sum.finalize().into();
        Self(format!("e-{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h])).into())
    }

    /// A part of a span that follows from the id: evenly distributed over the ids, so that what is due together does not come
    /// together.
    pub(crate) fn spread(&self, within: Duration) -> Duration {
        let digits = self.0.len().checked_sub(4).and_then(|cut| self.0.get(cut..));
        let noise = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).unwrap_or_default();
        Duration::from_nanos(within.as_nanos() / i64::from(u16::MAX) * i64::from(noise))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
