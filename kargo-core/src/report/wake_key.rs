//! What can wake something that waits: keys, and the signals that carry them.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::Seen;

/// A thing outside whose change ends a wait: a kind and an id, such as `ticket/CHG-1042`.
///
/// Keys are made from the *evaluated* configuration of what waits, so neither a task nor a selector can hide them
/// (architecture, law 5).
///
/// ```
/// use kargo_core::report::WakeKey;
/// let key = WakeKey::application("argocd", "shop-prod");
/// assert_eq!(key.to_string(), "application/argocd/shop-prod");
/// assert_eq!(WakeKey::custom("ticket", "CHG-1042").to_string(), "ticket/CHG-1042");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Parts", into = "Parts")]
pub struct WakeKey {
    /// Kind and id with a slash between them; one text, since very many may be held.
    text: Arc<str>,
    /// Bytes of the kind.
    kind: u32,
}

/// How a key is written.
#[derive(Serialize, Deserialize)]
struct Parts {
    kind: String,
    id: String,
}

impl From<Parts> for WakeKey {
    fn from(parts: Parts) -> Self {
        Self::custom(parts.kind, parts.id)
    }
}

impl From<WakeKey> for Parts {
    fn from(key: WakeKey) -> Self {
        Self { kind: key.kind().to_owned(), id: key.id().to_owned() }
    }
}

impl WakeKey {
    /// An Argo CD Application.
    #[must_use]
    pub fn application(namespace: &str, name: &str) -> Self {
        Self::custom("application", format!("{namespace}/{name}"))
    }

    /// A pull request, by the repository's normalised URL and its number.
    #[must_use]
    pub fn pull_request(repo_url: &str, number: u64) -> Self {
        Self::custom("pull-request", format!("{}#{number}", crate::model::url::normalize_git(repo_url)))
    }

    /// The run of a verification, by the verification's id.
    #[must_use]
    pub fn verification(id: &str) -> Self {
        Self::custom("verification", id)
    }

    /// The health of a Stage.
    #[must_use]
    pub fn health(stage: &str) -> Self {
        Self::custom("health", stage)
    }

    /// Something of the caller's.
    #[must_use]
    pub fn custom(kind: impl AsRef<str>, id: impl AsRef<str>) -> Self {
        let (kind, id) = (kind.as_ref(), id.as_ref());
        // A kind of 4 GiB would be cut nowhere, and so be all of the key.
        let length = u32::try_from(kind.len()).unwrap_or(u32::MAX);
        Self { text: format!("{kind}/{id}").into(), kind: length }
    }

    /// The kind, such as `application`. All keys of one kind are woken by one source.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text.get(..self.kind as usize).unwrap_or(&self.text)
    }

    /// What it is within its kind.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text.get(self.kind as usize + 1..).unwrap_or_default()
    }
}

impl fmt::Display for WakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WakeKey({})", self.text)
    }
}

/// News of something that may be waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// What changed.
    pub key: WakeKey,
    /// As of which of its versions; absent where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Seen>,
}

impl Signal {
    /// A signal that does not say which version it is of: it wakes every wait for its key.
    #[must_use]
    pub fn of(key: WakeKey) -> Self {
        Self { key, version: None }
    }

    /// A signal of a version.
    #[must_use]
    pub fn at(key: WakeKey, version: Seen) -> Self {
        Self { key, version: Some(version) }
    }
}
