//! Instants as events have them: in milliseconds, the resolution of the engine (rules 19).

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use crate::model::Timestamp;

const NO_INSTANT: &str = "a number of milliseconds that is no instant";

pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.timestamp_millis())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let millis = i64::deserialize(deserializer)?;
    Timestamp::from_timestamp_millis(millis).ok_or_else(|| D::Error::custom(NO_INSTANT))
}

/// The same, where there may be none.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, NO_INSTANT, Serializer, Timestamp};

    pub(in crate::engine) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let Some(millis) = Option::<i64>::deserialize(deserializer)? else { return Ok(None) };
        Timestamp::from_timestamp_millis(millis).map(Some).ok_or_else(|| serde::de::Error::custom(NO_INSTANT))
    }
}
