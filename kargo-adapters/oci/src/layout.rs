//! Layouts on disk (OCI image layout): an `index.json`, and blobs by their digest.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use kargo_core::{
    Digest, Tag,
    port::{
        Head, ImageConfig, ImageManifest, ImageRepo, Page, PortError, Reply, TagPage, Tagged, digest_of, is_digest,
        verify_digest,
    },
};
use serde::Deserialize;

use crate::api::check_tag;

/// Longest `index.json` that is read, in bytes.
const INDEX_LIMIT: usize = 16 << 20;

/// The annotation that holds a tag.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// One layout.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    directory: PathBuf,
    repo: ImageRepo,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl Entry {
    fn name(&self) -> Option<&str> {
        self.annotations.as_ref()?.get(REF_NAME).map(String::as_str)
    }
}

impl Layout {
    /// The layout of a repository below a directory. A repository's path has no part that leads out of it.
    pub(crate) fn new(below: &Path, repo: &ImageRepo) -> Self {
        Self { directory: below.join(repo.path()), repo: repo.clone() }
    }

    /// The tags, all on one page; its ETag is the digest of the index.
    pub(crate) async fn tags(&self, page: &Page) -> Result<Reply<TagPage>, PortError> {
        let what = "tags";
        if page.cursor().is_some() {
            return Err(self.named(PortError::bug("a layout's tags have one page"), what));
        }
        let bytes = self.index_bytes(what).await?;
        let etag = format!("\"{}\"", digest_of(&bytes));
        if page.known_etag() == Some(&etag) {
            return Ok(Reply::unchanged().with_etag(etag));
        }
        let mut tags: Vec<Tag> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for entry in self.entries(&bytes, what)? {
            if let Some(name) = entry.name().filter(|name| check_tag(&self.repo, name).is_ok()) {
                if seen.insert(name.to_owned()) {
                    tags.push(name.into());
                }
            }
        }
        Ok(Reply::new(TagPage { tags, next: None }).with_etag(etag))
    }

    pub(crate) async fn head(&self, tag: &Tag) -> Result<Reply<Head>, PortError> {
        Ok(Reply::new(Head::new(self.pointed(tag).await?.0)))
    }

    pub(crate) async fn tagged(&self, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        let (digest, media_type) = self.pointed(tag).await?;
        let manifest = self.read_manifest(&digest, media_type.as_deref()).await?;
        Ok(Reply::new(Tagged { digest, manifest }))
    }

    pub(crate) async fn manifest(&self, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        self.read_manifest(digest, None).await.map(Reply::new)
    }

    pub(crate) async fn config(&self, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        let bytes = self.blob(digest, ImageConfig::MAX_BYTES).await?;
        ImageConfig::parse(&bytes).map(Reply::new).map_err(|error| self.named(error, digest))
    }

    async fn read_manifest(&self, digest: &Digest, media_type: Option<&str>) -> Result<ImageManifest, PortError> {
        let bytes = self.blob(digest, ImageManifest::MAX_BYTES).await?;
        ImageManifest::parse(media_type, &bytes).map_err(|error| self.named(error, digest))
    }

    /// What a tag points at: digest and media type. The first entry of a name is the one.
    async fn pointed(&self, tag: &Tag) -> Result<(Digest, Option<String>), PortError> {
        let what = format!("tag {tag}");
        let entries = self.entries(&self.index_bytes(&what).await?, &what)?;
        let entry = entries.into_iter().find(|entry| entry.name() == Some(tag));
        let entry = entry.ok_or_else(|| self.named(PortError::not_found("the layout has no such tag"), &what))?;
        if !is_digest(&entry.digest) {
            let why = format!("index.json: {:?} is not a digest", entry.digest);
            return Err(self.named(PortError::rejected(why), &what));
        }
        Ok((entry.digest.into(), entry.media_type))
    }

    async fn index_bytes(&self, what: &str) -> Result<Vec<u8>, PortError> {
        self.read("index.json".into(), INDEX_LIMIT, what).await
    }

    fn entries(&self, bytes: &[u8], what: &str) -> Result<Vec<Entry>, PortError> {
        let index: Index = serde_json::from_slice(bytes)
            .map_err(|error| self.named(PortError::rejected(format!("index.json cannot be read: {error}")), what))?;
        Ok(index.manifests.unwrap_or_default())
    }

    async fn blob(&self, digest: &Digest, limit: usize) -> Result<Vec<u8>, PortError> {
        // Checked by the caller, and here again: it becomes a part of a path.
        let Some((kind, hex)) = digest.split_once(':').filter(|_| is_digest(digest)) else {
            return Err(self.named(PortError::rejected("not a digest"), digest));
        };
        let bytes = self.read(["blobs", kind, hex].iter().collect(), limit, digest).await?;
        verify_digest(&bytes, digest).map_err(|error| self.named(error, digest))?;
        Ok(bytes)
    }

    /// Reads a file of the layout. Only one that is a layout and has no such file says "not found".
    async fn read(&self, file: PathBuf, limit: usize, what: &str) -> Result<Vec<u8>, PortError> {
        let directory = self.directory.clone();
        let read = tokio::task::spawn_blocking(move || read_file(&directory, &file, limit));
        let read = read.await.map_err(|error| self.named(PortError::retryable(error), what))?;
        read.map_err(|error| {
            let error = match error.kind() {
                io::ErrorKind::NotFound => PortError::not_found("the layout has no such file"),
                io::ErrorKind::PermissionDenied => PortError::misconfigured("the layout may not be read"),
                io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidInput => PortError::rejected(error),
                _ => PortError::retryable(error),
            };
            self.named(error, what)
        })
    }

    fn named(&self, error: PortError, what: &str) -> PortError {
        error.at(self.repo.host()).asking(&format!("{what} of layout {}", self.repo.path()))
    }
}

fn read_file(directory: &Path, file: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let path = directory.join(file);
    // What is no file could keep a reader waiting for ever.
    if !std::fs::metadata(&path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(&path)?.take(most).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {limit} bytes")));
    }
    Ok(bytes)
}
