//! Commits and tags of a repository as discovery reads them.

use std::num::NonZeroU32;

use chrono::{DateTime, FixedOffset};

use super::{ObjectId, Page};
use crate::model::{Tag, Timestamp};

/// Which commits of a first-parent line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommitQuery {
    /// The newest commit of the line, which was fetched.
    pub tip: ObjectId,
    /// Which page.
    pub page: Page,
    /// At most this many on a page.
    pub limit: NonZeroU32,
    /// The line ends before the first commit whose committer date is earlier: as git's `--since`.
    pub since: Option<Timestamp>,
    /// Whether each commit brings the paths that it changed.
    pub paths: bool,
}

impl CommitQuery {
    /// The first page of a line, this many commits long, without paths.
    #[must_use]
    pub fn from_tip(tip: ObjectId, limit: NonZeroU32) -> Self {
        Self { tip, page: Page::first(), limit, since: None, paths: false }
    }

    /// Another page.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = page;
        self
    }

    /// Not older than this.
    #[must_use]
    pub fn since(mut self, instant: Option<Timestamp>) -> Self {
        self.since = instant;
        self
    }

    /// With the changed paths, or without.
    #[must_use]
    pub fn paths(mut self, wanted: bool) -> Self {
        self.paths = wanted;
        self
    }
}

/// Some commits, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitPage {
    /// The commits.
    pub commits: Vec<Commit>,
    /// The cursor of the next page; `None` where the line ends.
    pub next: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its hash.
    pub id: ObjectId,
    /// When it was committed, in the committer's own time zone.
    pub committed: DateTime<FixedOffset>,
    /// `Name <email>` of who wrote it.
    pub author: String,
    /// `Name <email>` of who committed it.
    pub committer: String,
    /// The first line of the message, whole.
    pub subject: String,
    /// Paths that it changed against its first parent, if asked for: renames as both names, a root commit every file, in
    /// the spelling of [`quote_path`](super::quote_path) (discovery 3.7).
    pub paths: Option<Vec<String>>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagInfo {
    /// Its name.
    pub name: Tag,
    /// The commit that it points at in the end.
    pub commit: Commit,
    /// When it was made: the tagger's date of an annotated tag, else the committer's.
    pub created: DateTime<FixedOffset>,
    /// What an annotated tag says of itself.
    pub annotation: Option<TagAnnotation>,
}

/// What an annotated tag says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagAnnotation {
    /// `Name <email>` of who made it; empty where it does not say.
    pub tagger: String,
    /// The first line of its message.
    pub subject: String,
}
