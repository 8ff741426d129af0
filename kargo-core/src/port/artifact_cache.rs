//! The port to a store of what was learnt about artifacts.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::Account;
use crate::{model::Digest, report::PortError};

/// A store of small facts that stay true: what is behind a digest does not change (requirements A4). It survives a restart.
///
/// It is a cache: it may forget anything at any time, and an error of it costs requests, never a result. What it returns is
/// what was put there last under that key, whole, or nothing.
///
/// * **Cancellation.** A dropped `put` has happened or not, for each entry.
/// * **Idempotency.** Putting the same again changes nothing.
/// * **Durability.** When `put` returns, a later process will find the entries, unless they were evicted.
/// * **Errors.** `Retryable` for a disk that is full or busy, `Rejected` for a store that cannot be read.
#[async_trait]
pub trait ArtifactCache: fmt::Debug + Send + Sync {
    /// What is stored under each of the keys, in their order.
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<Vec<u8>>>, PortError>;

    /// Stores these, together if it can.
    async fn put(&self, entries: Vec<(CacheKey, Vec<u8>)>) -> Result<(), PortError>;
}

/// What is stored, of what, and who may see it.
///
/// The account is part of the key: what one credential may read is not told to another (discovery 10, T9).
///
/// ```
/// use kargo_core::port::{Account, CacheKey, digest_of};
/// let key = CacheKey::of_digest("image", &Account::new("ghcr.io", "ghcr-read"), &digest_of(b"{}"));
/// assert!(key.as_str().starts_with("image ghcr.io as ghcr-read sha256:44136fa3"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CacheKey(Arc<str>);

impl CacheKey {
    /// Facts of this kind about a content.
    #[must_use]
    pub fn of_digest(kind: &str, account: &Account, digest: &Digest) -> Self {
        Self::of(kind, account, digest)
    }

    /// Facts of this kind about something else, such as a page of a list with its ETag.
    #[must_use]
    pub fn of(kind: &str, account: &Account, id: &str) -> Self {
        Self(format!("{kind} {account} {id}").into())
    }

    /// The key as one text; the same for ever.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
