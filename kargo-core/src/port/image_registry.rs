//! The port to registries of container images.

use std::fmt;

use async_trait::async_trait;

use super::{Account, ImageConfig, ImageManifest, ImageRepo, Page};
use crate::{
    model::{Digest, Tag, Timestamp},
    report::{PortError, Reply},
};

/// A registry of container images, read only.
///
/// An adapter sends what it is asked for and says what came back. It does not retry, sleep, cache, filter, sort or choose a
/// platform: all that is done above the port, once for all adapters. It may follow redirects, and it keeps one session with
/// one token for each account.
///
/// * **Cancellation.** Dropping a future midway is harmless: nothing leaks, and the next call works.
/// * **Concurrency.** Calls may run side by side.
/// * **Idempotency.** Every call only reads; asking again is always allowed.
/// * **Waiting.** What the peer says of limits is reported, never slept.
/// * **Errors.** `NotFound`: the peer said so. `Unauthorized`: the credential, after one renewal of an expired token.
///   `Rejected`: what came back breaks the protocol, is too big, or does not match its digest. `Unsupported`: this registry
///   cannot do it, and the caller takes another way. The error names the host and the request.
#[async_trait]
pub trait ImageRegistry: fmt::Debug + Send + Sync {
    /// One page of the tags of a repository, in the registry's own order.
    ///
    /// Following `next` until it is `None` yields every tag that existed during the whole walk. An ordinary registry names
    /// each once; callers take repetitions. A repository that exists and has no tags is an empty page; one that does not
    /// exist is `NotFound`. `Reply::unchanged` may answer a page with a known ETag, and then `next` is as it was, too.
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError>;

    /// What a tag points at now, at the least price (HEAD where there is one).
    ///
    /// The digest is that of the manifest's bytes. A registry that knows the build date anyway says it, which saves later calls.
    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError>;

    /// What a tag points at now together with its manifest, in one request.
    ///
    /// A first look at a tag costs one request less this way than by [`head`](Self::head) and
    /// [`manifest`](Self::manifest). The digest is that of the bytes that came, not what a header claims (discovery 2.6).
    /// Optional: `Unsupported`, as the default says, sends the caller to those two.
    async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        Err(PortError::unsupported("no manifest by tag").at(repo.host()).asking(&format!("manifest of tag {tag}")))
    }

    /// The manifest with a digest. The bytes were checked against it ([`verify_digest`](super::verify_digest)).
    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError>;

    /// The image configuration with a digest, checked likewise.
    ///
    /// Optional: on `Unsupported` the caller uses [`Head::created`], or no date.
    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError>;

    /// Whose quota requests to this repository count against. Never talks to anybody.
    fn account(&self, repo: &ImageRepo) -> Account {
        Account::anonymous(repo.host())
    }
}

/// Some tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPage {
    /// The tags, in the registry's own order.
    pub tags: Vec<Tag>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// What a tag points at.
///
/// ```
/// use kargo_core::port::{Head, digest_of};
/// let head = Head::new(digest_of(b"{}"));
/// assert_eq!(head.created, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The digest of the manifest: the index's, for images of many platforms.
    pub digest: Digest,
    /// When the image was built, if the registry knows without being asked for more.
    pub created: Option<Timestamp>,
}

impl Head {
    /// A digest, and nothing else known.
    #[must_use]
    pub fn new(digest: Digest) -> Self {
        Self { digest, created: None }
    }

    /// With the time when the image was built.
    #[must_use]
    pub fn created(mut self, built: Timestamp) -> Self {
        self.created = Some(built);
        self
    }
}

/// What a tag points at, with the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The digest of the manifest's bytes.
    pub digest: Digest,
    /// The manifest.
    pub manifest: ImageManifest,
}
