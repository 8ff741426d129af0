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
/// kind: Warehouse
/// metadata: { name: cart, namespace: shop }
/// spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart } }] }
/// ---
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
    log: Arc<[Recorded]>,
    /// How many events are before those: a log may begin with a checkpoint (rules 12).
    base: u64,
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
    /// The log begins later, with a checkpoint: what is before it was archived (rules 12).
    #[error("the log begins with {begins}, and what was after {asked} is archived: read the archive before it")]
    Archived {
        /// The event that was asked for, or the last one up to the instant that was.
        asked: Position,
        /// The first one.
        begins: Position,
    },
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
    /// The log has a gap, or begins neither at its beginning nor with a checkpoint.
    pub fn of(genesis: Genesis, log: impl IntoIterator<Item = Recorded>) -> Result<Self, ReplayError> {
        let mut state = State::new(genesis);
        let (mut saved, mut events, mut index) = (vec![state.clone()], Vec::new(), Index::default());
        for recorded in log {
            state.take(&recorded)?;
            index.note(&recorded);
            events.push(recorded);
            if events.len() % SPACING == 0 {
                saved.push(state.clone());
            }
        }
        let first = events.first().map_or(0, |recorded: &Recorded| recorded.position.get().saturating_sub(1));
        Ok(Self { log: events.into(), base: first, saved, index: Arc::new(index) })
    }

    /// The events, in order.
    #[must_use]
    pub fn log(&self) -> &[Recorded] {
        &self.log
    }

    /// The event with a position.
    #[must_use]
    pub fn event(&self, position: Position) -> Option<&Recorded> {
        self.log.get(self.count(position).checked_sub(1)?).filter(|recorded| recorded.position == position)
    }

    /// How many events there are.
    #[must_use]
    pub fn end(&self) -> Position {
        Position::new(self.base.saturating_add(self.log.len() as u64))
    }

    /// How many of the events that are here are up to a position.
    fn count(&self, position: Position) -> usize {
        usize::try_from(position.get().saturating_sub(self.base)).unwrap_or(usize::MAX)
    }

    /// The events after one, up to another.
    pub(super) fn events(&self, after: Position, up_to: Position) -> &[Recorded] {
        let to = self.count(up_to).min(self.log.len());
        self.log.get(self.count(after).min(to)..to).unwrap_or_default()
    }

    /// The engine as it was: its world, what it owed, what was due. What it does from then on is another history.
    ///
    /// # Errors
    ///
    /// The log does not go so far, or does not go back so far.
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
            When::Position(position) => self.known(position),
            // Engine time never runs backwards (rules 5).
            When::Instant(instant) => {
                let count = self.log.partition_point(|recorded| recorded.at <= instant) as u64;
                self.known(Position::new(self.base.saturating_add(count)))
            }
        }
    }

    /// What is before the checkpoint that a log begins with is not known.
    fn known(&self, position: Position) -> Result<Position, HistoryError> {
        if self.base > 0 && position.get() <= self.base {
            return Err(HistoryError::Archived { asked: position, begins: Position::new(self.base).next() });
        }
        Ok(position)
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
        let end = self.count(position).min(self.log.len());
        let saved = (end / SPACING).min(self.saved.len().saturating_sub(1));
        // There is always the one of the empty log.
        let mut state = self.saved.get(saved).or(self.saved.first()).cloned().unwrap_or_else(|| self.nothing());
        for recorded in self.log.get(saved * SPACING..end).unwrap_or_default() {
            // They were taken before, when the history was made.
            drop(state.take(recorded));
        }
        state
    }

    fn nothing(&self) -> State {
        State::new(Genesis::new("", 0))
    }
}
