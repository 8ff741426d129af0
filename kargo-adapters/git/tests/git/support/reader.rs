//! A reader with a cache of its own.

use std::num::NonZeroU32;
use std::ops::Deref;

use kargo_core::port::{CommitQuery, Fetch, RefQuery};
use kargo_git::{Git, GitSettings, GitVersion, Remote};
use tempfile::TempDir;

/// A reader; its cache goes with it.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) git: Git,
    pub(crate) cache: TempDir,
}

impl Deref for Reader {
    type Target = Git;
    fn deref(&self) -> &Git {
        &self.git
    }
}

impl Reader {
    /// The only local copy in the cache.
    pub(crate) fn copy(&self) -> std::path::PathBuf {
        let copies: Vec<_> = std::fs::read_dir(self.cache.path().join("repositories"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        assert_eq!(copies.len(), 1, "{copies:?}");
        copies.first().unwrap().clone()
    }
}

/// A reader with default limits. Distributions of today still carry git 2.39, which can do all that is needed.
pub(crate) async fn reader() -> Reader {
    reader_with(|settings| settings).await
}

/// A reader with other settings.
pub(crate) async fn reader_with(change: impl FnOnce(GitSettings) -> GitSettings) -> Reader {
    let cache = tempfile::tempdir().unwrap();
    let settings = GitSettings::new(cache.path()).oldest(GitVersion::FLOOR).credentials_over_http(true);
    let git = Git::new(change(settings)).await.unwrap();
    Reader { git, cache }
}

/// What `ls_remote` saw of some branches, and of all tags if wanted, as what to fetch.
pub(crate) async fn fetch_of(git: &Git, remote: &Remote, branches: &[&str], tags: bool) -> Fetch {
    let mut query = branches.iter().fold(RefQuery::default(), |query, name| query.branch(*name));
    if tags {
        query = query.and_tags();
    }
    let refs = git.ls_remote(remote, &query).await.unwrap();
    let mut fetch = Fetch::default();
    fetch.branches = refs.branches;
    fetch.tags = refs.tags.into_iter().map(|(name, tag)| (name, tag.object)).collect();
    fetch
}

/// A query for commits.
pub(crate) fn query(tip: &str, limit: u32) -> CommitQuery {
    CommitQuery::from_tip(tip.parse().unwrap(), NonZeroU32::new(limit).unwrap())
}
