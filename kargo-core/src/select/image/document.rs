//! What selection reads in a registry's documents: manifests, indexes and configs (discovery 2.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Platform, created::claimed};
use crate::model::{Digest, Timestamp};

/// A manifest, reduced to what selection reads. It never changes under its digest, so it can be kept for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Manifest {
    /// An image for one platform: an OCI image manifest, or a Docker manifest of schema 2.
    Image {
        /// Its annotations.
        annotations: BTreeMap<String, String>,
        /// Where its config is.
        config: ConfigSource,
    },
    /// An OCI index or a Docker manifest list.
    Index {
        /// Its own annotations.
        annotations: BTreeMap<String, String>,
        /// Its entries, in order.
        entries: Vec<IndexEntry>,
    },
    /// A document of another kind, such as a Docker manifest of schema 1: no image that can be selected.
    Other {
        /// Its media type.
        media_type: String,
    },
}

impl Manifest {
    /// Whether it tells the build date itself, so that nothing behind it is read for that (discovery 2.7).
    #[must_use]
    pub fn tells_date(&self) -> bool {
        match self {
            Self::Image { annotations, .. } => claimed(annotations).is_some(),
            Self::Index { annotations, entries } => {
                let mut images = entries.iter().filter(|entry| entry.image_platform().is_some()).peekable();
                let each = images.peek().is_some() && images.all(|entry| claimed(&entry.annotations).is_some());
                claimed(annotations).is_some() || each
            }
            Self::Other { .. } => false,
        }
    }
}

/// Where the config of an image is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigSource {
    /// In a blob of its own, which costs a request.
    Blob(Digest),
    /// In the manifest itself.
    Inline(Config),
}

/// One entry of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IndexEntry {
    /// The digest of what it points at.
    pub digest: Digest,
    /// The platform it says it is for.
    pub platform: Option<Platform>,
    /// The annotations of the entry itself, not those of what it points at.
    pub annotations: BTreeMap<String, String>,
}

impl IndexEntry {
    /// The platform, unless the entry is no image: attestations and the like have none, or an unknown one (discovery 2.6).
    #[must_use]
    pub fn image_platform(&self) -> Option<&Platform> {
        let known = |part: &str| !part.is_empty() && part != "unknown";
        self.platform.as_ref().filter(|platform| known(&platform.os) && known(&platform.arch))
    }
}

/// The config of an image, reduced to what selection reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    /// When the image was built by its `created` field and its labels, whichever is later: labels may come from a base image,
    /// and nothing makes a date too late (discovery 2.7).
    pub created: Option<Timestamp>,
}

impl Config {
    /// From the `created` field and the labels.
    ///
    /// ```
    /// use kargo_core::select::image::Config;
    ///
    /// let label = ("org.opencontainers.image.created".to_owned(), "2026-02-01T00:00:00Z".to_owned());
    /// let config = Config::new("2026-03-01T00:00:00Z".parse().ok(), &[label].into());
    /// assert_eq!(config.created, "2026-03-01T00:00:00Z".parse().ok());
    /// ```
    #[must_use]
    pub fn new(created: Option<Timestamp>, labels: &BTreeMap<String, String>) -> Self {
        // None, as the year 1, is before everything.
        Self { created: created.max(claimed(labels)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_2_6_entries_that_are_no_images() {
        for (platform, expected) in [
            (None, false),
            (Some(("linux", "amd64")), true),
            (Some(("unknown", "unknown")), false),
            (Some(("linux", "unknown")), false),
            (Some(("", "amd64")), false),
            (Some(("linux", "")), false),
        ] {
            let entry = IndexEntry {
                platform: platform.map(|(os, arch)| Platform::new(os, arch, "")),
                ..IndexEntry::default()
            };
            assert_eq!(entry.image_platform().is_some(), expected, "{platform:?}");
        }
    }

    #[test]
    fn discovery_2_7_annotations_that_spare_what_is_behind() {
        let dated: BTreeMap<_, _> =
            [("org.opencontainers.image.created".to_owned(), "2026-01-01T00:00:00Z".to_owned())].into();
        let entry = |arch: &str, annotations: &BTreeMap<String, String>| IndexEntry {
            platform: Some(Platform::new("linux", arch, "")),
            annotations: annotations.clone(),
            ..IndexEntry::default()
        };
        let (none, config) = (BTreeMap::new(), ConfigSource::Inline(Config::default()));
        let index = |annotations: &BTreeMap<String, String>, entries: Vec<IndexEntry>| {
            Manifest::Index { annotations: annotations.clone(), entries }.tells_date()
        };
        assert!(Manifest::Image { annotations: dated.clone(), config: config.clone() }.tells_date());
        assert!(!Manifest::Image { annotations: none.clone(), config }.tells_date());
        assert!(index(&dated, vec![entry("amd64", &none)]));
        assert!(index(&none, vec![entry("amd64", &dated), entry("unknown", &none)]), "what is no image is not read");
        assert!(!index(&none, vec![entry("amd64", &dated), entry("arm64", &none)]));
        assert!(!index(&none, vec![]));
    }

    #[test]
    fn discovery_2_7_of_config_and_label_the_later() {
        let at = |year: i32| format!("{year}-01-01T00:00:00Z");
        let time = |year: i32| at(year).parse::<Timestamp>().ok();
        for (created, label, expected) in [
            (Some(2026), Some(2025), 2026),
            (Some(2024), Some(2025), 2025),
            (None, Some(2025), 2025),
            (Some(2024), None, 2024),
        ] {
            let labels = label.map(|year| ("org.label-schema.build-date".to_owned(), at(year))).into_iter().collect();
            assert_eq!(Config::new(created.and_then(time), &labels).created, time(expected));
        }
        assert_eq!(Config::new(None, &BTreeMap::new()).created, None);
    }
}
