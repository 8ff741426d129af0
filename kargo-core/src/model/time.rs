//! Instants: UTC, read as RFC 3339, written in whole seconds with `Z` as Kubernetes writes them (resources 2).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer};

/// An instant in UTC. It is never read from a clock here: time is an argument.
pub type Timestamp = DateTime<Utc>;

/// The spelling of an instant in manifests: `2026-11-24T14:02:00Z`.
#[must_use]
pub fn to_manifest(instant: &Timestamp) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads an instant as manifests spell it: RFC 3339 with any offset and any fraction of a second.
///
/// # Errors
///
/// When the text is not RFC 3339.
pub fn from_manifest(text: &str) -> Result<Timestamp, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc())
}

/// For `#[serde(with = "...")]` on optional instants.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Serializer, Timestamp, from_manifest, to_manifest};

    pub(crate) fn serialize<S: Serializer>(instant: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => serializer.serialize_str(&to_manifest(instant)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| from_manifest(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_2_seconds_and_z_on_write() {
        let instant = from_manifest("2026-11-24T16:02:00.987+02:00").unwrap();
        assert_eq!(to_manifest(&instant), "2026-11-24T14:02:00Z");
        assert!(from_manifest("2026-11-24").is_err());
        assert!(from_manifest("yesterday").is_err());
    }
}
