//! Events as the log has them: with place, time and cause.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Event;
use crate::model::Timestamp;

/// How many events a log has, and so the place of the last one: the first event is at 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(u64);

impl Position {
    /// The position after so many events.
    #[must_use]
    pub const fn new(events: u64) -> Self {
        Self(events)
    }

    /// How many events there are up to here.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next position.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The position so many events later.
impl std::ops::Add<u64> for Position {
    type Output = Self;

    fn add(self, events: u64) -> Self {
        Self(self.0.saturating_add(events))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One event with its place in the log, engine time, and the position of the event that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its place.
    pub position: Position,
    /// Engine time, in milliseconds.
    pub at: Timestamp,
    /// What led to it: of the first event of a batch, the event that opened the work that is reported on, if any.
    pub cause: Option<Position>,
    /// What happened.
    pub event: Event,
}

/// The number of the format that this version writes. 0 may change without notice.
pub const FORMAT: u32 = 0;

#[derive(Serialize)]
struct Writes<'a> {
    format: u32,
    position: Position,
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Position>,
    event: &'a Event,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    position: Position,
    at: i64,
    #[serde(default)]
    cause: Option<Position>,
    event: Event,
}

/// Why bytes are no event of this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They were written by a version that this one does not know.
    #[error(
        "the event has format {found}, and this version reads {FORMAT}: use a version that wrote it, or a newer one"
    )]
    Format {
        /// Its format.
        found: u32,
    },
    /// They are a snapshot of a version that this one does not know.
    #[error("the snapshot has form {found}, and this version reads {}: throw it away and fold the log", super::SCHEMA)]
    Schema {
        /// Its form.
        found: u32,
    },
    /// They are no event at all, or one with fields that this version does not know.
    #[error("no event can be read: {0}")]
    Form(String),
}

/// As [`Recorded::to_bytes`] writes it, with the number of the format.
impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (position, at, cause) = (self.position, self.at.timestamp_millis(), self.cause);
        Writes { format: FORMAT, position, at, cause, event: &self.event }.serialize(serializer)
    }
}

/// As [`Recorded::from_bytes`] reads it: another format is refused.
impl<'de> Deserialize<'de> for Recorded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        if written.format != FORMAT {
            return Err(D::Error::custom(DecodeError::Format { found: written.format }));
        }
        let at = Timestamp::from_timestamp_millis(written.at);
        let at = at.ok_or_else(|| D::Error::custom(format!("{} is no instant", written.at)))?;
        Ok(Self { position: written.position, at, cause: written.cause, event: written.event })
    }
}

impl Recorded {
    /// The event as bytes, the same for the same event everywhere: JSON on one line.
    ///
    /// # Errors
    ///
    /// A value in it is no JSON, which no event that an engine made has.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DecodeError> {
        let written = Writes {
            format: FORMAT,
            position: self.position,
            at: self.at.timestamp_millis(),
            cause: self.cause,
            event: &self.event,
        };
        serde_json::to_vec(&written).map_err(|error| DecodeError::Form(error.to_string()))
    }

    /// The event of bytes.
    ///
    /// # Errors
    ///
    /// See [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let written: Result<Written, _> = serde_json::from_slice(bytes);
        // Another format need not look like an event at all: that is asked only where this one cannot be read.
        let format = match &written {
            Ok(written) => Some(written.format),
            Err(_) => serde_json::from_slice(bytes).ok().map(|Format { format }| format),
        };
        if let Some(found) = format.filter(|format| *format != FORMAT) {
            return Err(DecodeError::Format { found });
        }
        let written = written.map_err(|error| DecodeError::Form(error.to_string()))?;
        let at = Timestamp::from_timestamp_millis(written.at)
            .ok_or_else(|| DecodeError::Form(format!("{} is no instant", written.at)))?;
        Ok(Self { position: written.position, at, cause: written.cause, event: written.event })
    }
}
