//! The promise that tags never move, and how it is checked (requirements A8).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    model::{Digest, Tag},
    select::image::Seen,
};

/// Whether tags of a repository are promised never to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// They may move: each candidate is asked for at every look.
    #[default]
    None,
    /// They do not: known tags are not asked for, but for so many at each look, in turn. One that moved ends the promise for
    /// its repository until the cache forgets.
    Immutable {
        /// How many known tags each look checks.
        sample: u32,
    },
}

/// A tag moved although it was promised not to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMoved {
    /// The tag.
    pub tag: Tag,
    /// What it pointed at.
    pub was: Digest,
    /// What it points at now.
    pub now: Digest,
}

/// What is known of the tags of a repository; kept in the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct KnownTags {
    pub(super) digests: BTreeMap<Tag, Digest>,
    /// A promise was broken.
    pub(super) broken: bool,
    /// How many tags were checked so far: where the next sample begins.
    pub(super) checked: u64,
    /// Tags whose digest is not known because what they point at could not be read by the tag: the digest is asked for first.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unread: BTreeSet<Tag>,
}

impl KnownTags {
    /// The tags that a look checks although they are promised not to move, those whose turn it is; and where the next begins.
    pub(super) fn sample(&self, promise: Promise) -> (BTreeSet<Tag>, u64) {
        let Promise::Immutable { sample } = promise else { return (BTreeSet::new(), self.checked) };
        let count = self.digests.len();
        let Some(start) = self.checked.checked_rem(count as u64).and_then(|start| usize::try_from(start).ok()) else {
            return (BTreeSet::new(), self.checked);
        };
        let size = count.min(sample as usize);
        let sampled = self.digests.keys().cycle().skip(start).take(size).cloned().collect();
        (sampled, self.checked.saturating_add(size as u64))
    }

    /// A tag points at this digest; what it pointed at before, if it was promised not to move and did.
    pub(super) fn learn(&mut self, before: &Self, tag: Tag, now: Digest, promise: Promise) -> Option<TagMoved> {
        let was = before.digests.get(&tag).filter(|was| promise != Promise::None && **was != now).cloned();
        let moved = was.map(|was| TagMoved { tag: tag.clone(), was, now: now.clone() });
        self.broken |= moved.is_some();
        self.unread.remove(&tag);
        self.digests.insert(tag, now);
        moved
    }

    /// What a tag points at could not be read by the tag.
    pub(super) fn cannot_read(&mut self, tag: &Tag) {
        if !self.digests.contains_key(tag) {
            self.unread.insert(tag.clone());
        }
    }

    /// Forgets the tags that are not listed any more.
    pub(super) fn keep(&mut self, listed: &BTreeSet<Tag>) {
        self.digests.retain(|tag, _| listed.contains(tag));
        self.unread.retain(|tag| listed.contains(tag));
    }

    /// What selection is told of a tag.
    pub(super) fn seen(&self, tag: &Tag, promise: Promise, sample: &BTreeSet<Tag>) -> Seen {
        match (self.digests.get(tag), promise) {
            (None, _) if self.unread.contains(tag) => Seen::Before(Digest::default()),
            (None, _) => Seen::Never,
            (Some(digest), Promise::Immutable { .. }) if !self.broken && !sample.contains(tag) => {
                Seen::Fixed(digest.clone())
            }
            (Some(digest), _) => Seen::Before(digest.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(count: usize) -> KnownTags {
        let digests = (0..count).map(|n| (Tag::from(format!("t{n}")), Digest::from("d"))).collect();
        KnownTags { digests, ..KnownTags::default() }
    }

    #[test]
    fn requirements_a8_samples_take_turns() {
        let mut tags = known(5);
        let promise = Promise::Immutable { sample: 2 };
        let mut all = Vec::new();
        for _ in 0..5 {
            let (sampled, next) = tags.sample(promise);
            all.extend(sampled);
            tags.checked = next;
        }
        all.sort();
        assert_eq!(all.len(), 10);
        assert!(tags.digests.keys().all(|tag| all.iter().filter(|sampled| *sampled == tag).count() == 2));
        assert!(known(0).sample(promise).0.is_empty());
        assert_eq!(known(1).sample(promise).0.len(), 1);
        assert!(known(5).sample(Promise::None).0.is_empty());
    }

    #[test]
    fn requirements_a8_a_broken_promise_holds_no_more() {
        let mut tags = known(1);
        let (tag, promise, none) = (Tag::from("t0"), Promise::Immutable { sample: 0 }, BTreeSet::new());
        assert_eq!(tags.seen(&tag, promise, &none), Seen::Fixed("d".into()));
        assert_eq!(tags.seen(&tag, promise, &[tag.clone()].into()), Seen::Before("d".into()));
        assert_eq!(tags.seen(&tag, Promise::None, &none), Seen::Before("d".into()));
        tags.broken = true;
        assert_eq!(tags.seen(&tag, promise, &none), Seen::Before("d".into()));
        assert_eq!(tags.seen(&"new".into(), promise, &none), Seen::Never);
    }
}
