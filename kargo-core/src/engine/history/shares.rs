//! Where time went (requirements E5).

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{model::Duration, why::span};

/// Where time went: each instant is in one part, so that together they are the whole (requirements E5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shares {
    /// It could have gone on, but it was not its turn: other promotions, or a lane in which something was under way (rules 4).
    pub queued: Duration,
    /// Something was under way outside, or was being prepared.
    pub running: Duration,
    /// It waited, for each thing how long: wake keys, an instant, the next attempt after an error.
    pub waiting: BTreeMap<String, Duration>,
    /// Nothing was under way, and there was nothing that could have told that it goes on: only the next look was waited for.
    pub idle: Duration,
}

/// What a moment is spent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Queued,
    Running,
    Waiting(String),
    Idle,
}

impl Shares {
    /// How long it waited, for whatever.
    #[must_use]
    pub fn waited(&self) -> Duration {
        sum(self.waiting.values().copied())
    }

    /// All of it.
    #[must_use]
    pub fn whole(&self) -> Duration {
        sum([self.queued, self.running, self.idle].into_iter().chain(self.waiting.values().copied()))
    }

    pub(super) fn add(&mut self, part: &Part, length: Duration) {
        let of = match part {
            Part::Queued => &mut self.queued,
            Part::Running => &mut self.running,
            Part::Waiting(on) => self.waiting.entry(on.clone()).or_default(),
            Part::Idle => &mut self.idle,
        };
        *of = sum([*of, length]);
    }
}

/// Lengths as one.
fn sum(lengths: impl IntoIterator<Item = Duration>) -> Duration {
    Duration::from_nanos(lengths.into_iter().map(Duration::as_nanos).fold(0, i64::saturating_add))
}

/// `waited 38m of 41m47s: on ticket/CHG-1042; 0s idle`, and how long it was queued, if it was.
impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waited {} of {}", span(self.waited()), span(self.whole()))?;
        match self.waiting.len() {
            0 => {}
            1 => write!(f, ": on {}", self.waiting.keys().next().map(String::as_str).unwrap_or_default())?,
            _ => {
                let each = self.waiting.iter().map(|(on, length)| format!("{} on {on}", span(*length)));
                write!(f, ": {}", each.collect::<Vec<_>>().join(", "))?;
            }
        }
        if self.queued > Duration::ZERO {
            write!(f, "; {} queued", span(self.queued))?;
        }
        write!(f, "; {} idle", span(self.idle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e5_the_text_says_what_was_waited_for() {
        let mut parts = Shares::default();
        parts.add(&Part::Running, Duration::from_secs(227));
        assert_eq!(parts.to_string(), "waited 0s of 3m47s; 0s idle");
        parts.add(&Part::Waiting("ticket/CHG-1042".to_owned()), Duration::from_secs(2_280));
        assert_eq!(parts.to_string(), "waited 38m of 41m47s: on ticket/CHG-1042; 0s idle");
        parts.add(&Part::Waiting("the next attempt".to_owned()), Duration::from_secs(5));
        parts.add(&Part::Queued, Duration::from_secs(60));
        parts.add(&Part::Idle, Duration::from_secs(10));
        let text = "waited 38m5s of 43m2s: 5s on the next attempt, 38m on ticket/CHG-1042; 1m queued; 10s idle";
        assert_eq!(parts.to_string(), text);
        assert_eq!(parts.whole(), Duration::from_secs(227 + 2_280 + 5 + 60 + 10));
    }
}
