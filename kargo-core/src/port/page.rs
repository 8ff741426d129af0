//! Which part of a list is asked for.

use std::sync::Arc;

/// A page of a list: the first, or the one that an earlier page's `next` names; perhaps only if it changed.
///
/// ```
/// use kargo_core::port::Page;
/// assert_eq!(Page::first().cursor(), None);
/// let second = Page::at("1.0.99").if_changed_from("\"a1\"");
/// assert_eq!((second.cursor(), second.known_etag()), (Some("1.0.99"), Some("\"a1\"")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    cursor: Option<Arc<str>>,
    etag: Option<Arc<str>>,
}

impl Page {
    /// The first page.
    #[must_use]
    pub fn first() -> Self {
        Self::default()
    }

    /// The page that `next` of the page before names. Only the adapter that made a cursor understands it.
    pub fn at(cursor: impl Into<Arc<str>>) -> Self {
        Self { cursor: Some(cursor.into()), etag: None }
    }

    /// Only if it is not as it was when the peer gave this ETag. The answer may then be "unchanged"; a peer that knows no
    /// ETags answers with the page.
    #[must_use]
    pub fn if_changed_from(mut self, etag: impl Into<Arc<str>>) -> Self {
        self.etag = Some(etag.into());
        self
    }

    /// Where the page begins; `None` for the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The ETag that whoever asks knows.
    #[must_use]
    pub fn known_etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }
}
