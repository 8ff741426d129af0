//! Who tells of changes outside: a watch, a receiver of webhooks.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::WakeKey;

/// Something that tells when what may be waited for changes: a watch of Applications, a receiver of webhooks (rules 3).
///
/// It covers the keys of one kind, or those of them whose id begins in a certain way. While it is heard, what waits for a key
/// that it covers is not polled.
///
/// ```
/// use kargo_core::report::{WakeKey, WakeSource};
/// let watch = WakeSource::of("application").within("argocd/");
/// assert!(watch.covers(&WakeKey::application("argocd", "shop-prod")));
/// assert!(!watch.covers(&WakeKey::application("argocd-eu", "shop-prod")));
/// assert!(!watch.covers(&WakeKey::custom("ticket", "argocd/1")));
/// assert_eq!(watch.to_string(), "application/argocd/");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WakeSource {
    kind: Arc<str>,
    within: Arc<str>,
}

impl WakeSource {
    /// The source of all keys of a kind, such as `application`, `pull-request`, `verification` or `health`.
    #[must_use]
    pub fn of(kind: impl AsRef<str>) -> Self {
        Self { kind: kind.as_ref().into(), within: "".into() }
    }

    /// Of those alone whose id begins like this, such as `argocd/` for the Applications of one namespace.
    #[must_use]
    pub fn within(self, beginning: impl AsRef<str>) -> Self {
        Self { within: beginning.as_ref().into(), ..self }
    }

    /// Whether it tells of changes of this key.
    #[must_use]
    pub fn covers(&self, key: &WakeKey) -> bool {
        key.kind() == &*self.kind && key.id().starts_with(&*self.within)
    }
}

/// Kind and beginning with a slash between them: `pull-request/`, `application/argocd/`.
impl fmt::Display for WakeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.within)
    }
}
