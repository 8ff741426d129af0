//! Snapshots and checkpoints: all that is known at a position, so that not the whole log has to be folded (rules 12).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DecodeError, Engine, Event, Genesis, Outcome, Parts, Position, ReplayError, draft::Draft, state::State};
use crate::model::Timestamp;

/// The number of the form of snapshots that this version reads: one of another form is thrown away, and the log folded.
pub const SCHEMA: u32 = 1;

/// All that an engine knows at a position: a cache, for the log is the truth. Taking one copies pointers alone.
///
/// ```
/// use kargo_core::{Engine, Genesis, command::Pause, engine::Snapshot};
/// let now = "2026-11-24T12:00:00Z".parse().unwrap();
/// let mut engine = Engine::new(Genesis::new("shop", 7));
/// drop(engine.command(now, Pause::project().by("email:ana@acme.example"))?);
/// let bytes = engine.snapshot().to_bytes();
/// let restored = Engine::restore(Snapshot::from_bytes(&bytes)?)?;
/// assert_eq!(restored.position(), engine.position());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    state: State,
}

#[derive(Serialize)]
struct Writing<'a> {
    schema: u32,
    position: Position,
    parts: &'a Parts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    #[serde(rename = "schema")]
    _schema: u32,
    position: Position,
    parts: Parts,
}

impl Snapshot {
    /// Where in the log it stands: what comes behind it is still to be folded.
    #[must_use]
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The project and the seed that it is of.
    pub(super) fn genesis(&self) -> &Genesis {
        &self.state.genesis
    }

    pub(super) fn of(mut self, genesis: Genesis) -> Self {
        self.state.genesis = Arc::new(genesis);
        self
    }

    /// The snapshot as bytes, the same for the same state: JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = Parts::of(&self.state);
        let writing = Writing { schema: SCHEMA, position: self.state.position, parts: &parts };
        // Everything that is known has a form in JSON. Were it not so, nothing could be read from these bytes either, and the
        // log would be folded: a snapshot is a cache.
        serde_json::to_vec(&writing).unwrap_or_default()
    }

    /// The snapshot of bytes.
    ///
    /// # Errors
    ///
    /// It has another form than this version's, or is none: throw it away and fold the log.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Schema {
            schema: u32,
        }
        let form = |error: serde_json::Error| DecodeError::Form(error.to_string());
        let Schema { schema } = serde_json::from_slice(bytes).map_err(form)?;
        if schema != SCHEMA {
            return Err(DecodeError::Schema { found: schema });
        }
        let Reading { position, parts, .. } = serde_json::from_slice(bytes).map_err(form)?;
        Ok(Self { state: parts.state(position) })
    }
}

impl Engine {
    /// All that is known now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.state.clone() }
    }

    /// An engine that knows what a snapshot holds, for tools without a journal; see [`replay`](Self::replay) for what has one.
    ///
    /// # Errors
    ///
    /// None so far: what this version cannot restore, [`Snapshot::from_bytes`] refuses.
    pub fn restore(snapshot: Snapshot) -> Result<Self, ReplayError> {
        let mut engine = Self::new((*snapshot.state.genesis).clone());
        engine.state = snapshot.state;
        engine.refresh_all();
        Ok(engine)
    }

    /// Appends all that is known as an event: what is before it may then be archived or dropped, for a log may begin with a
    /// checkpoint (rules 12).
    pub fn checkpoint(&mut self, now: Timestamp) -> Outcome {
        let (now, base) = (self.engine_time(now), self.state.position);
        let mut draft = Draft::new(&mut self.state, now, Event::Ticked, None);
        draft.checkpoint();
        let (seen, events) = (draft.seen, draft.recorded);
        Outcome::new(base, events, self.refresh(&seen, now))
    }
}

impl Draft<'_> {
    /// Everything that is known, as one event that nothing leads to.
    fn checkpoint(&mut self) {
        let mut parts = Parts::of(self.state);
        parts.at(self.now);
        self.push_alone(Event::Checkpoint { parts: Box::new(parts) });
    }
}
