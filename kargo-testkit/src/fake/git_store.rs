//! What a pretended git repository holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use kargo_core::{
    Tag, Timestamp,
    port::{Commit, ObjectId, TagAnnotation, TagInfo, TagRef, digest_of},
};

/// Commits, branches and tags.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) commits: BTreeMap<ObjectId, Stored>,
    pub(super) branches: BTreeMap<String, ObjectId>,
    pub(super) tags: BTreeMap<Tag, StoredTag>,
    pub(super) head: Option<String>,
    made: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) commit: Commit,
    pub(super) paths: Vec<String>,
    pub(super) parents: Vec<ObjectId>,
}

#[derive(Clone, Debug)]
pub(super) struct StoredTag {
    pub(super) refers: TagRef,
    pub(super) created: DateTime<FixedOffset>,
    pub(super) annotation: Option<TagAnnotation>,
}

impl Store {
    /// A commit at the end of a branch, a minute later than the one made before.
    pub(super) fn commit(
        &mut self,
        branch: &str,
        merged: Option<&ObjectId>,
        subject: &str,
        paths: &[&str],
    ) -> ObjectId {
        let id = self.id(subject);
        let person = "Dana <dana@acme.example>".to_owned();
        let commit = Commit {
            id: id.clone(),
            committed: self.time(),
            author: person.clone(),
            committer: person,
            subject: subject.to_owned(),
            paths: None,
        };
        let parents = self.branches.get(branch).into_iter().chain(merged).cloned().collect();
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        self.commits.insert(id.clone(), Stored { commit, paths, parents });
        self.branches.insert(branch.to_owned(), id.clone());
        self.head.get_or_insert_with(|| branch.to_owned());
        id
    }

    pub(super) fn tag(&mut self, name: &str, target: &ObjectId, message: Option<&str>) {
        let (refers, created, annotation) = match message {
            Some(message) => {
                let object = self.id(name);
                let annotation =
                    TagAnnotation { tagger: "Priya <priya@acme.example>".to_owned(), subject: message.to_owned() };
                (TagRef { object, peeled: Some(target.clone()) }, self.time(), Some(annotation))
            }
            None => {
                let created = self.commits.get(target).map_or_else(|| self.time(), |stored| stored.commit.committed);
                (TagRef { object: target.clone(), peeled: None }, created, None)
            }
        };
        self.tags.insert(name.into(), StoredTag { refers, created, annotation });
    }

    /// Everything that a ref leads to.
    pub(super) fn reachable(&self) -> BTreeSet<ObjectId> {
        let mut open: Vec<_> =
            self.branches.values().chain(self.tags.values().map(|tag| tag.refers.target())).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id.clone()) {
                open.extend(self.commits.get(id).iter().flat_map(|stored| &stored.parents));
            }
        }
        seen
    }

    /// A commit with everything before it.
    pub(super) fn history(&self, tip: &ObjectId) -> BTreeSet<ObjectId> {
        let mut open = vec![tip];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if let Some(stored) = self.commits.get(id).filter(|_| seen.insert(id.clone())) {
                open.extend(&stored.parents);
            }
        }
        seen
    }

    pub(super) fn read(&self, id: &ObjectId, paths: bool) -> Option<Commit> {
        let stored = self.commits.get(id)?;
        Some(Commit { paths: paths.then(|| stored.paths.clone()), ..stored.commit.clone() })
    }

    pub(super) fn tag_info(&self, name: &Tag, paths: bool) -> Option<TagInfo> {
        let tag = self.tags.get(name)?;
        let commit = self.read(tag.refers.target(), paths)?;
        Some(TagInfo { name: name.clone(), commit, created: tag.created, annotation: tag.annotation.clone() })
    }

    fn id(&mut self, text: &str) -> ObjectId {
        self.made += 1;
        let hex: String = digest_of(format!("{} {text}", self.made).as_bytes()).chars().skip(7).take(40).collect();
        // Forty digits of a digest are an id.
        hex.parse().unwrap_or_else(|_| self.id(text))
    }

    fn time(&self) -> DateTime<FixedOffset> {
        let minutes = i64::try_from(self.made).unwrap_or_default();
        Timestamp::from_timestamp(1_767_225_600 + 60 * minutes, 0).unwrap_or_default().fixed_offset()
    }
}
