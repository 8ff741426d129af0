//! Folding a log: the same events give the same engine.

use super::{Engine, Position, Recorded, recorded::DecodeError};

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
    /// An event cannot be read.
    #[error("behind {after}: {error}")]
    Decode {
        /// The last position that could be read.
        after: Position,
        /// Why.
        error: DecodeError,
    },
}

impl Engine {
    /// Takes over more events of the log, as they were appended elsewhere.
    ///
    /// # Errors
    ///
    /// They do not follow on what is known; up to there they are taken over.
    pub fn fold(&mut self, log: impl IntoIterator<Item = Recorded>) -> Result<(), ReplayError> {
        for recorded in log {
            if !self.state.position.is_followed_by(&recorded) {
                let (after, found) = (self.state.position, recorded.position);
                self.refresh_all();
                return Err(ReplayError::Gap { after, found });
            }
            self.state.apply(&recorded);
        }
        self.refresh_all();
        Ok(())
    }

    /// Folds a log of bytes.
    ///
    /// # Errors
    ///
    /// An event cannot be read, or does not follow on the one before.
    pub fn fold_bytes<B: AsRef<[u8]>>(&mut self, log: impl IntoIterator<Item = B>) -> Result<(), ReplayError> {
        let mut events = Vec::new();
        let mut after = self.state.position;
        for bytes in log {
            let decoded = Recorded::from_bytes(bytes.as_ref()).map_err(|error| ReplayError::Decode { after, error })?;
            after = decoded.position;
            events.push(decoded);
        }
        self.fold(events)
    }
}
