//! The configuration of an image: when it was built, and its labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    model::{Timestamp, time},
    report::PortError,
};

/// What discovery needs of an image's configuration.
///
/// It is read from the JSON that registries keep; all other members are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ImageConfig {
    /// When the image was built, as it says itself.
    #[serde(default, deserialize_with = "instant")]
    pub created: Option<Timestamp>,
    /// What it was made for and how it runs.
    #[serde(default, deserialize_with = "or_default")]
    config: Runtime,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Runtime {
    #[serde(default, rename = "Labels", deserialize_with = "or_default")]
    labels: BTreeMap<String, String>,
}

impl ImageConfig {
    /// Longest configuration that is read, in bytes.
    pub const MAX_BYTES: usize = 8 << 20;

    /// A configuration with this date and these labels.
    #[must_use]
    pub fn new(created: Option<Timestamp>, labels: BTreeMap<String, String>) -> Self {
        Self { created, config: Runtime { labels } }
    }

    /// Reads the JSON of a registry.
    ///
    /// # Errors
    ///
    /// Of class [`Rejected`](crate::report::PortClass::Rejected): longer than [`MAX_BYTES`](Self::MAX_BYTES), not JSON, or
    /// `created` is not an RFC 3339 instant.
    ///
    /// ```
    /// use kargo_core::port::ImageConfig;
    /// let config = ImageConfig::parse(br#"{"created": "2026-11-24T14:02:00Z", "config": {"Labels": {"a": "b"}}}"#)?;
    /// assert_eq!(config.labels()["a"], "b");
    /// # Ok::<(), kargo_core::port::PortError>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, PortError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(too_long("image configuration", bytes.len(), Self::MAX_BYTES));
        }
        read_object("image configuration", bytes)
    }

    /// The labels of the image, which include those of its base images.
    #[must_use]
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.config.labels
    }
}

/// Reads a JSON object. serde would take a list for a struct as well.
pub(super) fn read_object<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, PortError> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(PortError::rejected(format!("the {what} is not a JSON object")));
    }
    serde_json::from_slice(bytes).map_err(|error| PortError::rejected(format!("the {what} cannot be read: {error}")))
}

pub(super) fn too_long(what: &str, bytes: usize, limit: usize) -> PortError {
    PortError::rejected(format!("the {what} is {bytes} bytes long; at most {limit} are read"))
}

/// `null` stands for nothing, as Go writes it.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// As the model reads instants, but keeping the fraction of a second: it decides between two builds.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    time::from_manifest(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PortClass;

    #[test]
    fn discovery_2_7_date_and_labels_are_read_and_the_rest_passed_over() {
        let config = ImageConfig::parse(
            br#"{"architecture":"amd64","created":"2026-11-24T16:02:00.5+02:00","config":{"Env":["A=b"],"Labels":{"x":"y"}},"rootfs":{}}"#,
        )
        .unwrap();
        assert_eq!(config.created.unwrap().timestamp_subsec_millis(), 500);
        assert_eq!(config.labels()["x"], "y");
        for sparse in ["{}", r#"{"created":null,"config":null}"#, r#"{"config":{"Labels":null}}"#] {
            assert_eq!(ImageConfig::parse(sparse.as_bytes()).unwrap(), ImageConfig::default(), "{sparse}");
        }
    }

    #[test]
    fn bad_ones_are_rejected() {
        for bad in ["", "[]", r#"{"created":"yesterday"}"#, r#"{"created":5}"#, r#"{"config":{"Labels":{"a":1}}}"#] {
            assert_eq!(ImageConfig::parse(bad.as_bytes()).unwrap_err().class(), PortClass::Rejected, "{bad}");
        }
        let long = vec![b' '; ImageConfig::MAX_BYTES + 1];
        assert!(ImageConfig::parse(&long).unwrap_err().to_string().contains("at most 8388608"));
    }
}
