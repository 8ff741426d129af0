//! Counting what one look asks, before anything else happens to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{CallClass, Calls, Look};
use crate::{
    model::{Digest, Tag},
    port::{
        Account, ChartIndex, ChartRepo, ChartRepository, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo,
        Head, ImageConfig, ImageManifest, ImageRegistry, ImageRepo, ObjectId, Page, PortError, RefQuery, RemoteRefs,
        Reply, TagInfo, TagPage, Tagged,
    },
};

impl Look {
    /// What was asked so far in this round, by account; a question that was repeated counts each time.
    ///
    /// What an adapter does beyond what it is asked (sessions, redirects) is not known here, nor whether a fetch found
    /// everything there already. Reading a copy of a git repository counts nothing.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<Account, Calls> {
        lock(&self.shared.counter.calls).clone()
    }
}

/// Which port is asked; each has sessions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PortKind {
    Images,
    Git,
    Charts,
}

/// On which accounts each port was answered since the process began: there its adapter has a session. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions(Arc<Mutex<BTreeSet<(PortKind, Account)>>>);

impl Sessions {
    pub(super) fn is_open(&self, port: PortKind, account: &Account) -> bool {
        lock(&self.0).contains(&(port, account.clone()))
    }
}

/// Counts by account. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    calls: Arc<Mutex<BTreeMap<Account, Calls>>>,
    sessions: Sessions,
}

/// Repositories of images that answered since the process began: adapters are logged in there. Clones are one set.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered(Arc<Mutex<BTreeSet<ImageRepo>>>);

impl Answered {
    /// Whether this one did.
    pub(super) fn contains(&self, repo: &ImageRepo) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(repo)
    }

    /// Takes note of an answer, and passes it on.
    fn note<T>(&self, repo: &ImageRepo, answer: Result<T, PortError>) -> Result<T, PortError> {
        if answer.is_ok() && !self.contains(repo) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(repo.clone());
        }
        answer
    }
}

impl Counter {
    pub(super) fn new(sessions: &Sessions) -> Self {
        Self { calls: Arc::default(), sessions: sessions.clone() }
    }

    async fn count<T>(
        &self,
        (port, account): (PortKind, Account),
        class: CallClass,
        answer: impl Future<Output = Result<Reply<T>, PortError>> + Send,
    ) -> Result<Reply<T>, PortError> {
        lock(&self.calls).entry(account.clone()).or_default().add(class);
        let answer = answer.await;
        if answer.is_ok() {
            lock(&self.sessions.0).insert((port, account));
        }
        answer
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port whose questions are counted.
#[derive(Debug)]
pub(super) struct Counted<P: ?Sized> {
    port: Arc<P>,
    counter: Counter,
    answered: Answered,
}

impl<P: ?Sized> Counted<P> {
    pub(super) fn new(port: Arc<P>, counter: &Counter, answered: &Answered) -> Self {
        Self { port, counter: counter.clone(), answered: answered.clone() }
    }
}

#[async_trait]
impl ImageRegistry for Counted<dyn ImageRegistry> {
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        let of = (PortKind::Images, self.account(repo));
        self.answered.note(repo, self.counter.count(of, CallClass::List, self.port.tags(repo, page)).await)
    }

    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError> {
        let of = (PortKind::Images, self.account(repo));
        self.answered.note(repo, self.counter.count(of, CallClass::Head, self.port.head(repo, tag)).await)
    }

    async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        let of = (PortKind::Images, self.account(repo));
        self.answered.note(repo, self.counter.count(of, CallClass::Manifest, self.port.tagged(repo, tag)).await)
    }

    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        let of = (PortKind::Images, self.account(repo));
        self.answered.note(repo, self.counter.count(of, CallClass::Manifest, self.port.manifest(repo, digest)).await)
    }

    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        let of = (PortKind::Images, self.account(repo));
        self.answered.note(repo, self.counter.count(of, CallClass::Blob, self.port.config(repo, digest)).await)
    }

    fn account(&self, repo: &ImageRepo) -> Account {
        self.port.account(repo)
    }
}

#[async_trait]
impl GitHost for Counted<dyn GitHost> {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        let of = (PortKind::Git, self.account(repo));
        self.counter.count(of, CallClass::LsRemote, self.port.refs(repo, query)).await
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        let of = (PortKind::Git, self.account(repo));
        self.counter.count(of, CallClass::Fetch, self.port.fetch(repo, what)).await
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        self.port.commits(repo, query).await
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        self.port.tags(repo, names, paths).await
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        self.port.commit(repo, id, paths).await
    }

    fn account(&self, repo: &GitRepo) -> Account {
        self.port.account(repo)
    }
}

#[async_trait]
impl ChartRepository for Counted<dyn ChartRepository> {
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        let of = (PortKind::Charts, self.account(repo));
        self.counter.count(of, CallClass::List, self.port.index(repo, known_etag)).await
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        let of = (PortKind::Charts, self.account(repo));
        self.counter.count(of, CallClass::List, self.port.tags(repo, page)).await
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        self.port.account(repo)
    }
}
