//! A log to travel in.

use std::sync::Arc;

use super::index::Index;
use crate::{
    engine::{Engine, Genesis, Position, Recorded, ReplayError, state::State},
    model::Timestamp,
};

/// States are kept this many events apart, so that going back costs as much whatever the log's length.
const SPACING: usize = 4_096;

/// A log to travel in: what was at any instant, and why. It asks nobody outside, and changes nothing.
///
/// ```
/// use kargo_core::{Engine, Genesis, Manifests, command::Apply, engine::History};
/// let (genesis, now) = (Genesis::new("shop", 7), "2026-11-24T12:00:00Z".parse()?);
/// let mut engine = Engine::new(genesis.clone());
/// let text = "
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Stage
/// metadata: { name: uat, namespace: shop }
/// spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
/// ";
/// let outcome = engine.command(now, Apply::manifests(&Manifests::parse("shop.yaml", text)?))?;
///
/// let history = History::of(genesis, outcome.events().to_vec())?;
/// assert!(history.at(now)?.world().stage("uat").is_ok());
/// assert!(history.at("2026-11-24T11:59:59Z".parse::<kargo_core::Timestamp>()?)?.world().stage("uat").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct History {
    pub(super) log: Arc<[Recorded]>,
    /// The state after every so many events, beginning with none.
    saved: Vec<State>,
    pub(super) index: Arc<Index>,
}

/// A moment of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After everything that happened up to this instant.
    Instant(Timestamp),
    /// After this event.
    Position(Position),
}

impl From<Timestamp> for When {
    fn from(instant: Timestamp) -> Self {
        Self::Instant(instant)
    }
}

impl From<Position> for When {
    fn from(position: Position) -> Self {
        Self::Position(position)
    }
}

/// Why a question about a history has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The log does not go so far.
    #[error("there is no event {asked}: the log ends with {end}")]
    Beyond {
        /// The event that was asked for.
        asked: Position,
        /// The last one.
        end: Position,
    },
}

impl History {
    /// The history that a log tells.
    ///
    /// # Errors
    ///
    /// The log has a gap or does not begin at its beginning.
    pub fn of(genesis: Genesis, log: impl IntoIterator<Item = Recorded>) -> Result<Self, ReplayError> {
        let mut state = State::new(genesis);
        let (mut saved, mut events, mut index) = (vec![state.clone()], Vec::new(), Index::default());
        for recorded in log {
            if !state.position.is_followed_by(&recorded) {
                return Err(ReplayError::Gap { after: state.position, found: recorded.position });
            }
            state.apply(&recorded);
            index.note(&recorded);
            events.push(recorded);
            if events.len() % SPACING == 0 {
                saved.push(state.clone());
            }
        }
        Ok(Self { log: events.into(), saved, index: Arc::new(index) })
    }

    /// The events, in order.
    #[must_use]
    pub fn log(&self) -> &[Recorded] {
        &self.log
    }

    /// The event with a position.
    #[must_use]
    pub fn event(&self, position: Position) -> Option<&Recorded> {
        let index = usize::try_from(position.get().checked_sub(1)?).ok()?;
        self.log.get(index)
    }

    /// How many events there are.
    #[must_use]
    pub fn end(&self) -> Position {
        Position::new(self.log.len() as u64)
    }

    /// The engine as it was: its world, what it owed, what was due. What it does from then on is another history.
    ///
    /// # Errors
    ///
    /// The log does not go so far.
    pub fn at(&self, when: impl Into<When>) -> Result<Engine, HistoryError> {
        let state = self.state_at(self.position_of(when.into())?);
        let mut engine = Engine::new((*state.genesis).clone());
        engine.state = state;
        engine.refresh_all();
        Ok(engine)
    }

    /// The last event up to a moment.
    pub(super) fn position_of(&self, when: When) -> Result<Position, HistoryError> {
        match when {
            When::Position(asked) if asked > self.end() => Err(HistoryError::Beyond { asked, end: self.end() }),
            When::Position(position) => Ok(position),
            // Engine time never runs backwards (rules 5).
            When::Instant(instant) => {
                Ok(Position::new(self.log.partition_point(|recorded| recorded.at <= instant) as u64))
            }
        }
    }

    /// The instant of a moment: of an event, that at which it happened.
    pub(super) fn instant_of(&self, when: When) -> Timestamp {
        match when {
            When::Instant(instant) => instant,
            When::Position(position) => self.event(position).map_or(Timestamp::UNIX_EPOCH, |recorded| recorded.at),
        }
    }

    /// The state after an event; of one that is not there yet, the last.
    pub(super) fn state_at(&self, position: Position) -> State {
        let end = usize::try_from(position.get()).unwrap_or(usize::MAX).min(self.log.len());
        let saved = (end / SPACING).min(self.saved.len().saturating_sub(1));
        // There is always the one of the empty log.
        let mut state = self.saved.get(saved).or(self.saved.first()).cloned().unwrap_or_else(|| self.nothing());
        for recorded in self.log.get(saved * SPACING..end).unwrap_or_default() {
            state.apply(recorded);
        }
        state
    }

    fn nothing(&self) -> State {
        State::new(Genesis::new("", 0))
    }
}
