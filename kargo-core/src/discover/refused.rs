//! Documents by digest in the cache: what they say, or that they cannot be read.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    discovery::Shared,
    memory::{recall, remember},
};
use crate::{
    model::{Digest, Timestamp},
    port::{Account, CacheKey, PortClass, PortError},
};

/// How long a document that was refused is not asked for again, the first time: it may have been the way here (a proxy's
/// page, a copy that is damaged) and not what is behind the digest.
const FIRST: i64 = 60 * 60;
/// And at most, however often it was refused since.
const LONGEST: i64 = 7 * 24 * 60 * 60;

/// One document in the cache.
pub(super) struct Documents<'a> {
    shared: &'a Shared,
    document: CacheKey,
    refusal: CacheKey,
}

/// That a document could not be read, and how long that is believed.
#[derive(Serialize, Deserialize)]
struct Refusal {
    host: Option<String>,
    asked: Option<String>,
    why: String,
    /// Seconds.
    span: i64,
    until: Timestamp,
}

impl<'a> Documents<'a> {
    pub(super) fn new(shared: &'a Shared, account: &Account, kind: &str, digest: &Digest) -> Self {
        Self {
            shared,
            document: CacheKey::of_digest(kind, account, digest),
            refusal: CacheKey::of_digest(&format!("refused-{kind}"), account, digest),
        }
    }

    /// What is known of it, if anything is.
    pub(super) async fn recall<T: DeserializeOwned>(&self) -> Option<Result<T, PortError>> {
        if let Some(known) = recall(&*self.shared.cache, &self.document).await {
            return Some(Ok(known));
        }
        let refusal: Refusal = recall(&*self.shared.cache, &self.refusal).await?;
        (self.shared.budgets.clock().now() < refusal.until).then(|| Err(refusal.into_error()))
    }

    /// Keeps what can be known for good: a document, or that it cannot be read. Other errors are of the moment.
    pub(super) async fn learn<T: Serialize + Sync>(&self, answer: Result<T, PortError>) -> Result<T, PortError> {
        match &answer {
            Ok(value) => remember(&*self.shared.cache, self.document.clone(), value).await,
            Err(error) if error.class() == PortClass::Rejected => {
                let before: Option<Refusal> = recall(&*self.shared.cache, &self.refusal).await;
                let span = before.map_or(FIRST, |before| before.span.saturating_mul(2).clamp(FIRST, LONGEST));
                let refusal = Refusal::new(error, span, self.shared.budgets.clock().now());
                remember(&*self.shared.cache, self.refusal.clone(), &refusal).await;
            }
            Err(_) => {}
        }
        answer
    }
}

impl Refusal {
    fn new(error: &PortError, span: i64, now: Timestamp) -> Self {
        let until = now.checked_add_signed(chrono::TimeDelta::seconds(span)).unwrap_or(now);
        Self {
            host: error.host().map(str::to_owned),
            asked: error.asked().map(str::to_owned),
            why: error.cause_text().to_owned(),
            span,
            until,
        }
    }

    fn into_error(self) -> PortError {
        let mut error = PortError::rejected(self.why);
        if let Some(host) = &self.host {
            error = error.at(host);
        }
        if let Some(asked) = &self.asked {
            error = error.asking(asked);
        }
        error
    }
}
