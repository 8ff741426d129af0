//! A wait: for which keys, until when, how often to look meanwhile.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Seen, Signal, WakeKey};
use crate::model::{Duration, Timestamp};

/// Why a step does not go on, and what makes it go on (rules 3).
///
/// A wait is a value: it holds no task, thread or slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Wait {
    /// What wakes it, each with the version that was seen before waiting. In the order of keys, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<(WakeKey, Option<Seen>)>,
    /// The instant at which it is worth looking again without any signal: a retry-after, the end of a freeze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often to look while nothing tells; absent means the default of the kind of key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<Duration>,
}

impl Wait {
    /// A wait for one thing.
    #[must_use]
    pub fn on(key: WakeKey) -> Self {
        Self { on: vec![(key, None)], ..Self::default() }
    }

    /// With one more key, or with a newer version of one it has.
    #[must_use]
    pub fn and_on(mut self, key: WakeKey, seen: Option<Seen>) -> Self {
        match self.on.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => {
                if let Some(entry) = self.on.get_mut(at) {
                    entry.1 = seen;
                }
            }
            Err(at) => self.on.insert(at, (key, seen)),
        }
        self
    }

    /// Whether a signal ends this wait: it is about one of the keys, and newer than what was seen or not comparable.
    #[must_use]
    pub fn is_ended_by(&self, signal: &Signal) -> bool {
        self.on.iter().any(|(key, seen)| *key == signal.key && Seen::is_news(signal.version.as_ref(), seen.as_ref()))
    }
}

/// `ticket/CHG-1042`, or `application/argocd/a, application/argocd/b`.
impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (key, _) in &self.on {
            write!(f, "{between}{key}")?;
            between = ", ";
        }
        match (&self.until, self.on.is_empty()) {
            (Some(until), true) => write!(f, "until {}", until.format("%Y-%m-%d %H:%M:%SZ")),
            (None, true) => f.write_str("the next look"),
            _ => Ok(()),
        }
    }
}
