//! A port's answer: a value with what the transport said beside it.

use std::sync::Arc;

use super::{NotBefore, PortError, RateLimit};

/// A value with its ETag, with when to ask again, and with what is left of the peer's quota.
///
/// Where the question named an ETag, the answer may be "unchanged": it then has no value, and whoever asked uses the one it
/// has. To a question without an ETag an answer always has a value.
///
/// ```
/// use kargo_core::report::Reply;
/// let reply = Reply::new("1.4.2").with_etag("\"a1\"").map(str::len);
/// assert_eq!(reply.etag(), Some("\"a1\""));
/// assert_eq!(reply.into_value()?, 5);
/// # Ok::<(), kargo_core::report::PortError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T> {
    value: Option<T>,
    etag: Option<Arc<str>>,
    retry_after: Option<NotBefore>,
    limit: RateLimit,
}

impl<T> Reply<T> {
    /// A value about which the transport said nothing.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { value: Some(value), etag: None, retry_after: None, limit: RateLimit::default() }
    }

    /// What was asked for is as it was when the peer gave the ETag that the question named.
    #[must_use]
    pub fn unchanged() -> Self {
        Self { value: None, etag: None, retry_after: None, limit: RateLimit::default() }
    }

    /// With the ETag, quotes and all, as the peer wrote it; it is compared by equality alone.
    #[must_use]
    pub fn with_etag(mut self, etag: impl Into<Arc<str>>) -> Self {
        self.etag = Some(etag.into());
        self
    }

    /// With the peer's wish not to be asked again before.
    #[must_use]
    pub fn with_retry_after(mut self, not_before: NotBefore) -> Self {
        self.retry_after = Some(not_before);
        self
    }

    /// With what the peer said of its limits.
    #[must_use]
    pub fn with_rate_limit(mut self, limit: RateLimit) -> Self {
        self.limit = limit;
        self
    }

    /// The same answer with another value; "unchanged" stays that.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reply<U> {
        let Self { value, etag, retry_after, limit } = self;
        Reply { value: value.map(change), etag, retry_after, limit }
    }

    /// The same answer with another value, or the error that making it ended in.
    ///
    /// # Errors
    ///
    /// What `change` returns.
    pub fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Reply<U>, E> {
        let Self { value, etag, retry_after, limit } = self;
        Ok(Reply { value: value.map(change).transpose()?, etag, retry_after, limit })
    }

    /// The value; `None` for "unchanged".
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, owned; `None` for "unchanged".
    #[must_use]
    pub fn into_changed(self) -> Option<T> {
        self.value
    }

    /// The value of an answer to a question that named no ETag.
    ///
    /// # Errors
    ///
    /// Of class [`Bug`](super::PortClass::Bug) if the answer is "unchanged" all the same.
    pub fn into_value(self) -> Result<T, PortError> {
        self.value.ok_or_else(|| PortError::bug("the answer is \"unchanged\", but the question named no ETag"))
    }

    /// Whether the answer is "unchanged".
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.value.is_none()
    }

    /// The ETag, if the peer gave one.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// When the peer wants to be asked again, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<NotBefore> {
        self.retry_after
    }

    /// What the peer said of its limits.
    #[must_use]
    pub fn rate_limit(&self) -> &RateLimit {
        &self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PortClass;

    #[test]
    fn what_the_transport_said_survives_a_change_of_value() {
        let limit = RateLimit { remaining: Some(76), ..RateLimit::default() };
        let soon = NotBefore::After(crate::model::Duration::from_secs(3));
        let reply = Reply::new(1).with_etag("e").with_retry_after(soon).with_rate_limit(limit);
        let text = reply.clone().map(|n: i32| n.to_string());
        assert_eq!((text.etag(), text.retry_after(), text.rate_limit()), (Some("e"), Some(soon), &limit));
        assert_eq!(text.value().map(String::as_str), Some("1"));
        assert_eq!(reply.clone().try_map(|_| Err::<(), _>("no")), Err("no"));
        assert_eq!(reply.try_map(|n| Ok::<_, ()>(n + 1)).unwrap().into_changed(), Some(2));
    }

    #[test]
    fn unchanged_has_no_value_and_is_a_defect_where_nobody_asked() {
        let reply = Reply::<u8>::unchanged().with_etag("e").map(u32::from);
        assert!(reply.is_unchanged());
        assert_eq!((reply.value(), reply.etag()), (None, Some("e")));
        assert_eq!(reply.into_value().unwrap_err().class(), PortClass::Bug);
    }
}
