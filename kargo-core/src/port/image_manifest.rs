//! Manifests of images: an index of several platforms, or one image.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    digest::is_digest,
    image_config::{ImageConfig, or_default, read_object, too_long},
};
use crate::{model::Digest, report::PortError};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_SCHEMA_1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];

/// What a tag or digest stands for (discovery 2.6).
///
/// It can be read from the JSON of a registry by serde, too; limits are then the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub enum ImageManifest {
    /// An OCI index or a Docker manifest list.
    Index(ImageIndex),
    /// An OCI or Docker manifest of one image.
    Image(PlainImage),
}

/// An image for several platforms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageIndex {
    /// The index's own annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it lists, in its order: images, other indexes, and things that are not images.
    pub entries: Vec<IndexEntry>,
}

/// Something that an index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Its platform; `None` for what says none.
    pub platform: Option<Platform>,
    /// What the index says of it.
    pub annotations: BTreeMap<String, String>,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainImage {
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
    /// The digest of its configuration.
    pub config: Digest,
    /// The configuration itself, where the manifest carries it; it then costs no request.
    pub embedded: Option<ImageConfig>,
}

/// What an image runs on. Parts that an index leaves out are empty texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Platform {
    /// `linux`, `windows`, ...
    #[serde(default, deserialize_with = "or_default")]
    pub os: String,
    /// `amd64`, `arm64`, ...
    #[serde(default, deserialize_with = "or_default")]
    pub architecture: String,
    /// `v7`, `v8`, ..., or empty.
    #[serde(default, deserialize_with = "or_default")]
    pub variant: String,
}

impl ImageManifest {
    /// Longest manifest that is read, in bytes: what registries have to accept.
    pub const MAX_BYTES: usize = 4 << 20;
    /// Most entries of an index that are read.
    pub const MAX_ENTRIES: usize = 1_000;
    /// The media types that are understood, for an `Accept` header; the old ones are asked for so that they can be reported.
    pub const MEDIA_TYPES: [&str; 6] =
        [OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE, DOCKER_SCHEMA_1[0], DOCKER_SCHEMA_1[1]];

    /// Reads the bytes of a registry. `media_type` is what the transport says (`Content-Type`, parameters and all), which
    /// goes before what the manifest says of itself.
    ///
    /// # Errors
    ///
    /// Of class [`Rejected`](crate::report::PortClass::Rejected): longer than [`MAX_BYTES`](Self::MAX_BYTES), not JSON, of a
    /// media type that is no image (a Docker schema 1 manifest among them), with a digest that is none, or with more than
    /// [`MAX_ENTRIES`](Self::MAX_ENTRIES) entries.
    pub fn parse(media_type: Option<&str>, bytes: &[u8]) -> Result<Self, PortError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(too_long("manifest", bytes.len(), Self::MAX_BYTES));
        }
        let mut raw: Raw = read_object("manifest", bytes)?;
        let said = media_type.map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        // Some servers serve every blob as one of these.
        let is_vague = |text: &str| {
            matches!(text, "" | "application/json" | "application/octet-stream" | "text/plain" | "text/html")
        };
        if let Some(said) = said.filter(|said| !is_vague(said)) {
            raw.media_type = said;
        }
        Self::try_from(raw).map_err(PortError::rejected)
    }
}

/// Both kinds as they stand in JSON.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raw {
    schema_version: Option<u64>,
    #[serde(deserialize_with = "or_default")]
    media_type: String,
    manifests: Option<Vec<RawDescriptor>>,
    config: Option<RawDescriptor>,
    #[serde(deserialize_with = "or_default")]
    annotations: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawDescriptor {
    digest: Digest,
    platform: Option<Platform>,
    #[serde(deserialize_with = "or_default")]
    annotations: BTreeMap<String, String>,
    data: Option<String>,
}

impl TryFrom<Raw> for ImageManifest {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let is_index = match raw.media_type.as_str() {
            OCI_INDEX | DOCKER_LIST => true,
            OCI_IMAGE | DOCKER_IMAGE => false,
            "" if raw.schema_version == Some(1) => return Err(schema_1()),
            "" => raw.manifests.is_some(),
            old if DOCKER_SCHEMA_1.contains(&old) => return Err(schema_1()),
            other => {
                return Err(format!(
                    "media type {other:?} is no image; it has to be an OCI or Docker manifest or index"
                ));
            }
        };
        if is_index {
            let listed = raw.manifests.unwrap_or_default();
            if listed.len() > Self::MAX_ENTRIES {
                return Err(format!(
                    "the index lists {} manifests; at most {} are read",
                    listed.len(),
                    Self::MAX_ENTRIES
                ));
            }
            let entries = listed.into_iter().map(|entry| {
                Ok(IndexEntry {
                    digest: checked(entry.digest)?,
                    platform: entry.platform,
                    annotations: entry.annotations,
                })
            });
            return Ok(Self::Index(ImageIndex {
                annotations: raw.annotations,
                entries: entries.collect::<Result<_, String>>()?,
            }));
        }
        let Some(config) = raw.config else { return Err("the manifest names no image configuration".to_owned()) };
        let digest = checked(config.digest)?;
        let embedded = config.data.as_deref().and_then(|data| embedded(data, &digest));
        Ok(Self::Image(PlainImage { annotations: raw.annotations, config: digest, embedded }))
    }
}

fn schema_1() -> String {
    "it is a Docker schema 1 manifest, which is not supported: push the image again with a current tool".to_owned()
}

fn checked(digest: Digest) -> Result<Digest, String> {
    if is_digest(&digest) { Ok(digest) } else { Err(format!("{digest:?} in the manifest is not a digest")) }
}

/// The configuration that a descriptor carries. One that does not match its digest is not used; it is then fetched, and
/// what comes is checked there.
fn embedded(data: &str, digest: &Digest) -> Option<ImageConfig> {
    let bytes = base64(data)?;
    super::verify_digest(&bytes, digest).ok()?;
    ImageConfig::parse(&bytes).ok()
}

/// Standard base64 with padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let (mut bytes, mut buffer, mut bits) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0_u32);
    for digit in digits {
        let six = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
