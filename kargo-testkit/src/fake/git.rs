//! A pretended host of git repositories.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kargo_core::{
    Tag,
    port::{
        Account, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo, ObjectId, PortError, RefQuery, RemoteRefs,
        Reply, TagInfo,
    },
};

use super::{CallClass, Peer, VirtualClock, git_store::Store, yield_now};

/// Git repositories in memory, each with a copy that knows what was fetched and nothing more.
///
/// ```
/// use kargo_core::port::{GitHost, GitRepo, RefQuery};
/// use kargo_testkit::fake::{FakeGit, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let git = FakeGit::new(&clock);
/// let repo = GitRepo::parse("https://github.com/acme/cart")?;
/// let tip = git.commit(&repo, "main", "fix coupons", &["src/coupon.rs"]);
/// let refs = clock.run(git.refs(&repo, &RefQuery::default().branch("main")))?.into_value()?;
/// assert_eq!(refs.branches["main"], tip);
/// assert_eq!(git.peer().calls().to_string(), "1 handshake, 1 ls-remote");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FakeGit {
    peer: Peer,
    state: Mutex<BTreeMap<String, Both>>,
}

#[derive(Debug, Default)]
struct Both {
    remote: Store,
    copies: BTreeMap<Account, Copied>,
}

#[derive(Debug, Default)]
struct Copied {
    commits: BTreeSet<ObjectId>,
    tags: BTreeMap<Tag, ObjectId>,
    /// As it was at the last fetch, so that what moves outside does not move here.
    store: Store,
}

impl FakeGit {
    /// A host without repositories. It answers for every host.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self { peer: Peer::new(clock), state: Mutex::default() }
    }

    /// What counts, limits and fails.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// A new commit at the end of a branch, which begins with it if it is new, as does the repository. Paths are in git's spelling.
    pub fn commit(&self, repo: &GitRepo, branch: &str, subject: &str, paths: &[&str]) -> ObjectId {
        self.change(repo, |store| store.commit(branch, None, subject, paths))
    }

    /// A merge of a commit into a branch, with the paths that it brings in.
    pub fn merge(&self, repo: &GitRepo, branch: &str, merged: &ObjectId, subject: &str, paths: &[&str]) -> ObjectId {
        self.change(repo, |store| store.commit(branch, Some(merged), subject, paths))
    }

    /// A branch is where it is told to be.
    pub fn set_branch(&self, repo: &GitRepo, branch: &str, id: &ObjectId) {
        self.change(repo, |store| {
            store.branches.insert(branch.to_owned(), id.clone());
        });
    }

    /// A tag, annotated if there is a message; one of that name moves.
    pub fn tag(&self, repo: &GitRepo, name: &str, target: &ObjectId, message: Option<&str>) {
        self.change(repo, |store| store.tag(name, target, message));
    }

    /// Removes a tag. Whether it was there.
    pub fn remove_tag(&self, repo: &GitRepo, name: &str) -> bool {
        self.change(repo, |store| store.tags.remove(name).is_some())
    }

    fn change<T>(&self, repo: &GitRepo, change: impl FnOnce(&mut Store) -> T) -> T {
        change(&mut self.lock().entry(repo.key().to_owned()).or_default().remote)
    }

    /// What the copy of this repository holds.
    fn copied<T>(&self, repo: &GitRepo, read: impl FnOnce(&Copied) -> Result<T, PortError>) -> Result<T, PortError> {
        let state = self.lock();
        let copied = state.get(repo.key()).and_then(|both| both.copies.get(&self.account(repo)));
        copied.ok_or_else(|| named(PortError::not_found("nothing was fetched"), repo, "read")).and_then(read)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Both>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl GitHost for FakeGit {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        let what = format!("ls-remote {repo} {}", query.patterns().join(" "));
        self.peer.serve(CallClass::LsRemote, &self.account(repo), what).await?;
        let state = self.lock();
        let both = state
            .get(repo.key())
            .ok_or_else(|| named(PortError::not_found("no such repository"), repo, "ls-remote"))?;
        let remote = &both.remote;
        let mut refs = RemoteRefs::default();
        if query.head {
            refs.head = remote.head.as_ref().and_then(|name| remote.branches.get(name)).cloned();
        }
        let wanted = remote.branches.iter().filter(|(name, _)| query.branches.contains(*name));
        refs.branches.extend(wanted.map(|(name, id)| (name.clone(), id.clone())));
        if query.tags {
            refs.tags.extend(remote.tags.iter().map(|(name, tag)| (name.clone(), tag.refers.clone())));
        }
        Ok(Reply::new(refs))
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        let account = self.account(repo);
        let has_all = self.copied(repo, |copied| {
            let has_tags = what.tags.iter().all(|(name, id)| copied.tags.get(name) == Some(id));
            Ok(has_tags && what.branches.values().all(|id| copied.commits.contains(id)))
        });
        if has_all == Ok(true) {
            return Ok(Reply::new(()));
        }
        self.peer.serve(CallClass::Fetch, &account, format!("fetch {repo}")).await?;
        let mut state = self.lock();
        let both = state
            .get_mut(repo.key())
            .ok_or_else(|| named(PortError::not_found("no such repository"), repo, "fetch"))?;
        let reachable = both.remote.reachable();
        if let Some(lost) = what.branches.values().find(|id| !reachable.contains(*id)) {
            return Err(named(
                PortError::not_found(format!("the remote has no commit {lost} any more")),
                repo,
                "fetch",
            ));
        }
        for (name, id) in &what.tags {
            if both.remote.tags.get(name).is_none_or(|tag| tag.refers.object != *id) {
                return Err(named(PortError::not_found(format!("tag {name} is not at {id} any more")), repo, "fetch"));
            }
        }
        let copied = both.copies.entry(account).or_default();
        copied.store = both.remote.clone();
        let tagged = what.tags.keys().filter_map(|name| both.remote.tags.get(name)).map(|tag| tag.refers.target());
        for tip in what.branches.values().chain(tagged) {
            copied.commits.extend(both.remote.history(tip));
        }
        copied.tags.extend(what.tags.clone());
        Ok(Reply::new(()))
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        yield_now().await;
        self.copied(repo, |copied| {
            let start = match query.page.cursor() {
                Some(cursor) => cursor.parse().map_err(PortError::bug)?,
                None => query.tip.clone(),
            };
            if !copied.commits.contains(&start) {
                return Err(named(PortError::not_found(format!("{start} was not fetched")), repo, "log"));
            }
            let (mut page, mut next) = (CommitPage::default(), Some(start));
            while let Some(id) = next.take() {
                let Some(stored) = copied.store.commits.get(&id) else { break };
                if query.since.is_some_and(|since| stored.commit.committed < since) {
                    break;
                }
                if page.commits.len() >= query.limit.get() as usize {
                    page.next = Some(id.to_string());
                    break;
                }
                page.commits.extend(copied.store.read(&id, query.paths));
                next = stored.parents.first().cloned();
            }
            Ok(Reply::new(page))
        })
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        yield_now().await;
        self.copied(repo, |copied| {
            let fetched = names.iter().filter(|name| copied.tags.contains_key(*name));
            Ok(Reply::new(fetched.filter_map(|name| copied.store.tag_info(name, paths)).collect()))
        })
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        yield_now().await;
        self.copied(repo, |copied| {
            let found = copied.commits.get(id).and_then(|id| copied.store.read(id, paths));
            found
                .map(Reply::new)
                .ok_or_else(|| named(PortError::not_found(format!("{id} was not fetched")), repo, "show"))
        })
    }

    fn account(&self, repo: &GitRepo) -> Account {
        match &repo.access().project {
            Some(project) => Account::new(repo.host(), project.as_str()),
            None => Account::anonymous(repo.host()),
        }
    }
}

fn named(error: PortError, repo: &GitRepo, what: &str) -> PortError {
    error.at(repo.host()).asking(&format!("{what} {repo}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_fetched_and_conversations_are_counted() {
        let clock = VirtualClock::default();
        let git = FakeGit::new(&clock);
        let repo = GitRepo::parse("https://github.com/acme/cart").unwrap();
        let tip = git.commit(&repo, "main", "one", &["a"]);
        let mut fetch = Fetch::default();
        fetch.branches.insert("main".to_owned(), tip);
        clock.run(git.fetch(&repo, &fetch)).unwrap();
        clock.run(git.fetch(&repo, &fetch)).unwrap();
        assert_eq!(git.peer().calls().fetch, 1);
        let next = git.commit(&repo, "main", "two", &["b"]);
        assert!(
            clock
                .run(GitHost::commit(&git, &repo, &next, false))
                .is_err_and(|error| error.to_string().contains("not fetched"))
        );
    }
}
