//! Folding a log: the same events give the same engine.

use std::sync::Arc;

use super::{Engine, Event, Position, Recorded, recorded::DecodeError, state::State};
use crate::model::ProjectName;

/// Why a log cannot be folded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// An event is missing, stands twice, or the log begins elsewhere.
    #[error("the log has a gap: after {after} comes {found}")]
    Gap {
        /// The position before.
        after: Position,
        /// The position of the event that follows.
        found: Position,
    },
    /// The log begins with a checkpoint of another project, or of another seed.
    #[error("the log at {at} is of project {found:?}, and this engine of {expected:?}, or their seeds differ")]
    Foreign {
        /// Where.
        at: Position,
        /// The project of the log.
        found: ProjectName,
        /// The project of the engine.
        expected: ProjectName,
    },
    /// An event cannot be read.
    #[error("behind {after}: {error}")]
    Decode {
        /// The last position that could be read.
        after: Position,
        /// Why.
        error: DecodeError,
    },
}

impl State {
    /// Takes over the next event of a log, which may begin with a checkpoint.
    pub(super) fn take(&mut self, recorded: &Recorded) -> Result<(), ReplayError> {
        if !self.begin_with(recorded)? {
            self.apply(recorded);
        }
        Ok(())
    }

    /// The same, where nobody else needs the event.
    pub(super) fn take_all_of(&mut self, recorded: Recorded) -> Result<(), ReplayError> {
        if !self.begin_with(&recorded)? {
            self.apply_all_of(recorded);
        }
        Ok(())
    }

    /// Checks that it is the next event. Says whether it is a checkpoint that the log begins with, which is taken over.
    fn begin_with(&mut self, recorded: &Recorded) -> Result<bool, ReplayError> {
        if self.position == Position::default()
            && let Event::Checkpoint { parts } = &recorded.event
        {
            if !parts.genesis().is_of_log(&self.genesis) {
                let (found, expected) = (parts.genesis().project().clone(), self.genesis.project().clone());
                return Err(ReplayError::Foreign { at: recorded.position, found, expected });
            }
            let genesis = Arc::clone(&self.genesis);
            *self = parts.state(recorded.position);
            self.genesis = genesis;
            return Ok(true);
        }
        if !self.position.is_followed_by(recorded) {
            return Err(ReplayError::Gap { after: self.position, found: recorded.position });
        }
        Ok(false)
    }
}

impl Engine {
    /// Takes over more events of the log, as they were appended elsewhere.
    ///
    /// # Errors
    ///
    /// They do not follow on what is known; up to there they are taken over. A log may begin with a checkpoint instead of at
    /// its beginning.
    pub fn fold(&mut self, log: impl IntoIterator<Item = Recorded>) -> Result<(), ReplayError> {
        let folded = log.into_iter().try_for_each(|recorded| self.state.take_all_of(recorded));
        self.refresh_all();
        folded
    }

    /// Folds a log of bytes.
    ///
    /// # Errors
    ///
    /// An event cannot be read, or does not follow on the one before; up to there they are taken over.
    pub fn fold_bytes<B: AsRef<[u8]>>(&mut self, log: impl IntoIterator<Item = B>) -> Result<(), ReplayError> {
        let mut folded = Ok(());
        for bytes in log {
            let after = self.state.position;
            let decoded = Recorded::from_bytes(bytes.as_ref()).map_err(|error| ReplayError::Decode { after, error });
            folded = decoded.and_then(|recorded| self.state.take_all_of(recorded));
            if folded.is_err() {
                break;
            }
        }
        self.refresh_all();
        folded
    }
}
