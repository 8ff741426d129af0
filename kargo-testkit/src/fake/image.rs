//! Images to put into a registry, real or pretended.

use std::collections::BTreeMap;

use kargo_core::{
    Digest, Tag, Timestamp,
    port::{ImageManifest, PortError, digest_of},
};
use serde_json::{Map, Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// An image with everything that a registry keeps of it, except layers, which nobody reads here.
///
/// ```
/// use kargo_testkit::fake::FakeImage;
/// let plain = FakeImage::new("acme/cart", "1.4.2").built_at("2026-01-01T12:00:00Z");
/// assert_eq!(plain.blobs.len(), 1);
/// let index = FakeImage::new("acme/cart", "1.4.2").for_platforms(&["linux/amd64", "linux/arm64/v8"]);
/// assert_eq!(index.manifests.len(), 2);
/// assert_ne!(plain.digest, index.digest);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FakeImage {
    /// The path of its repository: `acme/cart`.
    pub repo: String,
    /// Its tag.
    pub tag: Tag,
    /// The digest of what the tag points at.
    pub digest: Digest,
    /// What the tag points at.
    pub manifest: Content,
    /// Manifests that an index lists, to be put before it.
    pub manifests: Vec<Content>,
    /// Configurations, to be put before the manifests.
    pub blobs: Vec<Content>,
    /// The digests of the blobs, and then of the manifests.
    digests: Vec<Digest>,
    made_of: Parts,
}

/// Bytes with their type; their digest is [`digest_of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The media type.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Content {
    /// The digest of the bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.bytes)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    created: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    platforms: Vec<String>,
    revision: u32,
}

impl FakeImage {
    /// An image of one platform, that says of itself only that it is this tag of this repository.
    #[must_use]
    pub fn new(repo: &str, tag: &str) -> Self {
        Self::render(repo.to_owned(), tag.into(), Parts::default())
    }

    /// Built at this time; a text, so that a bad one can be said, too.
    #[must_use]
    pub fn built_at(self, instant: &str) -> Self {
        self.changed(|parts| parts.created = Some(instant.to_owned()))
    }

    /// Built at this time.
    #[must_use]
    pub fn built(self, instant: Timestamp) -> Self {
        self.built_at(&instant.to_rfc3339())
    }

    /// With a label.
    #[must_use]
    pub fn label(self, name: &str, value: &str) -> Self {
        self.changed(|parts| {
            parts.labels.insert(name.to_owned(), value.to_owned());
        })
    }

    /// With an annotation of what the tag points at.
    #[must_use]
    pub fn annotation(self, name: &str, value: &str) -> Self {
        self.changed(|parts| {
            parts.annotations.insert(name.to_owned(), value.to_owned());
        })
    }

    /// As an index of these platforms, `os/architecture[/variant]`.
    #[must_use]
    pub fn for_platforms(self, platforms: &[&str]) -> Self {
        self.changed(|parts| parts.platforms = platforms.iter().map(|text| (*text).to_owned()).collect())
    }

    /// The same, built again: other bytes, another digest.
    #[must_use]
    pub fn rebuilt(self) -> Self {
        self.changed(|parts| parts.revision += 1)
    }

    /// The manifest as an adapter should read it.
    ///
    /// # Errors
    ///
    /// When it was made unreadable.
    pub fn parsed(&self) -> Result<ImageManifest, PortError> {
        ImageManifest::parse(Some(&self.manifest.media_type), &self.manifest.bytes)
    }

    /// Everything that a registry keeps of it, by digest.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&Digest, &Content)> {
        let contents = self.blobs.iter().chain(&self.manifests).chain([&self.manifest]);
        self.digests.iter().chain([&self.digest]).zip(contents)
    }

    /// All at once, which is much faster than one thing after another: built then, with these platforms and annotations.
    pub(crate) fn made(repo: &str, tag: &str, built: &str, platforms: &[&str], annotations: &[(&str, &str)]) -> Self {
        let parts = Parts {
            created: Some(built.to_owned()),
            platforms: platforms.iter().map(|text| (*text).to_owned()).collect(),
            annotations: annotations.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Parts::default()
        };
        Self::render(repo.to_owned(), tag.into(), parts)
    }

    fn changed(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = self.made_of;
        change(&mut parts);
        Self::render(self.repo, self.tag, parts)
    }

    fn render(repo: String, tag: Tag, parts: Parts) -> Self {
        let (mut manifests, mut blobs, mut of_blobs, mut of_manifests) = (vec![], vec![], vec![], vec![]);
        let mut plain = |platform: Option<&str>, annotations: &BTreeMap<String, String>| {
            let config = content(CONFIG, &config_of(&repo, &tag, platform, &parts));
            let digest = config.digest();
            let mut manifest = json!({
                "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                "config": {"mediaType": CONFIG, "digest": digest, "size": config.bytes.len()},
            });
            of_blobs.push(digest);
            if !annotations.is_empty() {
                manifest["annotations"] = json!(annotations);
            }
            blobs.push(config);
            content(MANIFEST, &manifest)
        };
        let manifest = if parts.platforms.is_empty() {
            plain(None, &parts.annotations)
        } else {
            let mut entries = Vec::new();
            for platform in &parts.platforms {
                let child = plain(Some(platform), &BTreeMap::new());
                let digest = child.digest();
                entries.push(json!({
                    "mediaType": MANIFEST, "digest": digest, "size": child.bytes.len(),
                    "platform": platform_of(platform),
                }));
                of_manifests.push(digest);
                manifests.push(child);
            }
            let mut index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
            if !parts.annotations.is_empty() {
                index["annotations"] = json!(parts.annotations);
            }
            content(INDEX, &index)
        };
        of_blobs.extend(of_manifests);
        let digest = manifest.digest();
        Self { digest, repo, tag, manifest, manifests, blobs, digests: of_blobs, made_of: parts }
    }
}

fn content(media_type: &str, value: &Value) -> Content {
    Content { media_type: media_type.to_owned(), bytes: value.to_string().into_bytes() }
}

fn config_of(repo: &str, tag: &str, platform: Option<&str>, parts: &Parts) -> Value {
    let mut config = Map::new();
    if let Some(created) = &parts.created {
        config.insert("created".to_owned(), json!(created));
    }
    for (name, value) in platform_of(platform.unwrap_or("linux/amd64")) {
        config.insert(name, value);
    }
    config.insert("config".to_owned(), json!({"Labels": parts.labels}));
    // What makes two images different although they say the same.
    config.insert("author".to_owned(), json!(format!("{repo}:{tag} r{}", parts.revision)));
    Value::Object(config)
}

fn platform_of(text: &str) -> Map<String, Value> {
    let names = ["os", "architecture", "variant"];
    names.into_iter().zip(text.splitn(3, '/')).map(|(name, part)| (name.to_owned(), json!(part))).collect()
}
