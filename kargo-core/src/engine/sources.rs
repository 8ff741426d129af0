//! Which wake sources are heard (rules 3). Not part of the state: a heartbeat is no event, and after a replay none is heard
//! until it is heard again.

use chrono::TimeDelta;

use super::Position;
use crate::{
    model::{Duration, Timestamp},
    report::{Wait, WakeKey, WakeSource},
    world::shared::Map,
};

/// A source is fresh if it was heard within this time (rules 3).
const FRESH: Duration = Duration::from_secs(10);

/// The sources that are fresh.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    fresh: Map<WakeSource, Fresh>,
}

/// When a source was heard last, and where the log ended when it began to be heard without a break.
#[derive(Clone, Copy, Debug)]
struct Fresh {
    heard: Timestamp,
    since: Position,
}

impl Sources {
    /// A source is heard. Says whether it was silent before: what changed meanwhile, nobody has told.
    pub(super) fn hear(&mut self, source: &WakeSource, now: Timestamp, at: Position) -> bool {
        let known = self.fresh.get(source).filter(|known| now < stale_at(known.heard)).copied();
        let since = known.map_or(at, |known| known.since);
        self.fresh.insert(source.clone(), Fresh { heard: now, since });
        known.is_none()
    }

    /// A source is not heard any more. Says whether it was before.
    pub(super) fn lose(&mut self, source: &WakeSource) -> bool {
        self.fresh.remove(source).is_some()
    }

    /// Whether changes of this key are told.
    pub(super) fn tells(&self, key: &WakeKey) -> bool {
        self.since_of(key).is_some()
    }

    /// Whether changes of everything that is waited for are told; where nothing is, nobody does.
    pub(super) fn tells_all(&self, wait: &Wait) -> bool {
        !self.fresh.is_empty() && !wait.on.is_empty() && wait.on.iter().all(|(key, _)| self.tells(key))
    }

    /// Whether something that an attempt waits for may have changed, untold, since it began: a source of it began to be heard
    /// only later.
    pub(super) fn missed(&self, wait: &Wait, opened: Position) -> bool {
        wait.on.iter().filter_map(|(key, _)| self.since_of(key)).any(|since| since >= opened)
    }

    /// Since when changes of a key are told without a break.
    fn since_of(&self, key: &WakeKey) -> Option<Position> {
        let covering = self.fresh.iter().filter(|(source, _)| source.covers(key));
        covering.map(|(_, known)| known.since).min()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The first instant at which a source that was heard then is not fresh any more.
pub(super) fn stale_at(heard: Timestamp) -> Timestamp {
    heard.checked_add_signed(FRESH.to_delta() + TimeDelta::milliseconds(1)).unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(millis).unwrap()
    }

    #[test]
    fn rules_3_a_source_is_fresh_if_heard_within_ten_seconds() {
        let (watch, position) = (WakeSource::of("application"), Position::new(5));
        let mut sources = Sources::default();
        assert!(sources.hear(&watch, at(0), position), "heard for the first time");
        assert!(!sources.hear(&watch, at(10_000), position), "within ten seconds");
        assert!(sources.hear(&watch, at(20_001), position), "later than that it was silent");
        assert!(sources.lose(&watch) && !sources.lose(&watch));
        assert!(sources.hear(&watch, at(20_002), position), "it is heard again");
        assert_eq!(stale_at(at(0)), at(10_001));
    }

    #[test]
    fn rules_3_a_wait_is_told_of_if_all_its_keys_are() {
        let (app, ticket) = (WakeKey::application("argocd", "a"), WakeKey::custom("ticket", "b"));
        let mut sources = Sources::default();
        let both = Wait::on(app.clone()).and_on(ticket.clone(), None);
        sources.hear(&WakeSource::of("application"), at(0), Position::new(5));
        assert!(sources.tells(&app) && !sources.tells(&ticket));
        assert!(sources.tells_all(&Wait::on(app.clone())) && !sources.tells_all(&both));
        assert!(!sources.tells_all(&Wait::default()), "a wait for no key is told of by nobody");
        sources.hear(&WakeSource::of("ticket").within("b"), at(0), Position::new(9));
        assert!(sources.tells_all(&both));
        for (opened, missed) in [(5, true), (9, true), (10, false)] {
            assert_eq!(sources.missed(&both, Position::new(opened)), missed, "{opened}");
        }
        // Another source that was heard all the time is enough.
        sources.hear(&WakeSource::of("ticket"), at(0), Position::new(2));
        assert!(!sources.missed(&both, Position::new(6)));
    }
}
