//! Refs of a remote repository: which are asked for, and what they point at.

use std::collections::{BTreeMap, BTreeSet};

use super::ObjectId;
use crate::model::Tag;

/// Refs that are asked for; everything that several subscriptions want of one repository goes into one query.
///
/// ```
/// use kargo_core::port::RefQuery;
/// let query = RefQuery::default().branch("main").and_tags();
/// assert_eq!(query.patterns(), ["refs/heads/main", "refs/tags/*"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RefQuery {
    /// What `HEAD` points at: the remote's default branch.
    pub head: bool,
    /// Branches, by name.
    pub branches: BTreeSet<String>,
    /// All tags.
    pub tags: bool,
}

impl RefQuery {
    /// The default branch, too.
    #[must_use]
    pub fn and_head(mut self) -> Self {
        self.head = true;
        self
    }

    /// This branch, too.
    #[must_use]
    pub fn branch(mut self, name: impl Into<String>) -> Self {
        self.branches.insert(name.into());
        self
    }

    /// All tags, too.
    #[must_use]
    pub fn and_tags(mut self) -> Self {
        self.tags = true;
        self
    }

    /// Everything that either asks for.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.head |= other.head;
        self.branches.extend(other.branches.iter().cloned());
        self.tags |= other.tags;
        self
    }

    /// Whether everything that the other asks for is asked for here.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        (self.head || !other.head) && (self.tags || !other.tags) && self.branches.is_superset(&other.branches)
    }

    /// The patterns for `git ls-remote` (discovery 3.3).
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        let head = self.head.then(|| "HEAD".to_owned());
        let branches = self.branches.iter().map(|name| format!("refs/heads/{name}"));
        let tags = self.tags.then(|| "refs/tags/*".to_owned());
        head.into_iter().chain(branches).chain(tags).collect()
    }
}

/// What refs of a remote point at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteRefs {
    /// The commit at `HEAD`.
    pub head: Option<ObjectId>,
    /// Branches and the commits at their ends. There may be more than were asked for.
    pub branches: BTreeMap<String, ObjectId>,
    /// Tags.
    pub tags: BTreeMap<Tag, TagRef>,
}

/// What a tag of a remote points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRef {
    /// The object: the tag's own, for annotated tags; it is this that the shortcut compares (discovery 3.3).
    pub object: ObjectId,
    /// What an annotated tag points at in the end, if the remote said so.
    pub peeled: Option<ObjectId>,
}

impl TagRef {
    /// What the tag points at in the end: a commit, in all but strange repositories.
    #[must_use]
    pub fn target(&self) -> &ObjectId {
        self.peeled.as_ref().unwrap_or(&self.object)
    }
}

/// What is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetch {
    /// Branches and the commits that [`GitHost::refs`](super::GitHost::refs) saw at their ends; `HEAD` for the default branch.
    pub branches: BTreeMap<String, ObjectId>,
    /// Tags and the objects that it saw there.
    pub tags: BTreeMap<Tag, ObjectId>,
    /// Whether file contents may be left out (`--filter=blob:none`).
    pub blobless: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_3_3_patterns() {
        for (query, patterns) in [
            (RefQuery::default(), vec![]),
            (RefQuery::default().and_head(), vec!["HEAD"]),
            (RefQuery::default().branch("release/1"), vec!["refs/heads/release/1"]),
            (RefQuery::default().and_tags().and_head(), vec!["HEAD", "refs/tags/*"]),
        ] {
            assert_eq!(query.patterns(), patterns);
        }
    }

    #[test]
    fn one_query_for_all() {
        let (a, b) = (RefQuery::default().branch("main").branch("next"), RefQuery::default().branch("main").and_tags());
        let both = a.clone().union(&b);
        assert!(both.covers(&a) && both.covers(&b) && both.covers(&both));
        assert!(!a.covers(&b) && !b.covers(&a) && !b.covers(&RefQuery::default().and_head()));
    }
}
