//! The conversations with git remotes in one round: one listing of refs and one fetch for all who share a repository.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::{BoxFuture, FutureExt as _, Shared as SharedFuture};

use super::{
    GitTarget, Look,
    discovery::Shared,
    git_memory::{GitMemory, recall_all},
    git_target::Sight,
    memo::Memo,
};
use crate::{
    model::{Digest, Timestamp},
    port::{
        Access, Account, CommitPage, CommitQuery, Fetch, GitRepo, ObjectId, PortClass, PortError, RefQuery, RemoteRefs,
    },
};

/// How often a conversation begins again because what it saw was gone when it was fetched.
pub(super) const BEGINNINGS: usize = 3;

/// So many commits are kept for others in the round; beyond it each reads the copy again.
const MOST_KEPT: usize = 50_000;

/// Git in one round.
#[derive(Debug, Default)]
pub(super) struct GitRound {
    repos: Mutex<BTreeMap<Place, Planned>>,
}

/// A repository as one account sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// One spelling of its URL; as it is where it carries a user, who may see something else.
    url: String,
    access: Access,
    pub(super) account: Account,
}

/// Who waits for the next conversation with a repository, and the conversations that there were.
#[derive(Debug, Default)]
struct Planned {
    waiting: BTreeMap<Digest, GitTarget>,
    served: BTreeSet<Digest>,
    talks: Vec<SharedFuture<BoxFuture<'static, Answer>>>,
}

type Answer = Result<Arc<Talk>, PortError>;

/// A conversation that took place.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) repo: GitRepo,
    pub(super) account: Account,
    query: RefQuery,
    refs: RemoteRefs,
    fetched: Fetch,
    known: BTreeMap<Digest, Known>,
    pages: Memo<PageKey, Result<Arc<CommitPage>, PortError>>,
    kept: AtomicUsize,
}

type PageKey = (ObjectId, Option<String>, u32, Option<Timestamp>, bool);

/// What a conversation found out for one target.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) sight: Result<Arc<Sight>, PortError>,
    pub(super) memory: Option<GitMemory>,
}

impl Known {
    fn new(target: &GitTarget, refs: &RemoteRefs, memory: Option<GitMemory>) -> Self {
        Self { sight: target.sight(refs).map(Arc::new), memory }
    }

    /// The earlier result, if nothing moved since.
    pub(super) fn unchanged(&self) -> Option<&GitMemory> {
        let sight = self.sight.as_ref().ok()?;
        self.memory.as_ref().filter(|memory| memory.seen == sight.seen)
    }

    /// What has to be fetched before it can be read.
    fn fetch(&self, target: &GitTarget) -> Option<Fetch> {
        let sight = self.sight.as_ref().ok()?;
        let fetch = target.fetch(sight);
        (self.unchanged().is_none() && !(fetch.branches.is_empty() && fetch.tags.is_empty())).then_some(fetch)
    }
}

impl Look {
    /// Says beforehand what this round will ask of a repository, so that the first who asks asks for all.
    pub fn expect_git(&self, target: &GitTarget) {
        let place = self.place(target.repo());
        let mut repos = self.git.lock();
        let planned = repos.entry(place).or_default();
        if !planned.served.contains(target.id()) {
            planned.waiting.entry(target.id().clone()).or_insert_with(|| target.clone());
        }
    }

    /// The conversation of this number with the target's repository. One that did not take place yet is for all who wait.
    pub(super) async fn talk(&self, target: &GitTarget, number: usize) -> Result<Arc<Talk>, PortError> {
        let place = self.place(target.repo());
        let talk = {
            let mut repos = self.git.lock();
            let planned = repos.entry(place.clone()).or_default();
            if let Some(talk) = planned.talks.get(number) {
                talk.clone()
            } else {
                let mut targets = std::mem::take(&mut planned.waiting);
                targets.entry(target.id().clone()).or_insert_with(|| target.clone());
                planned.served.extend(targets.keys().cloned());
                let targets: Vec<_> = targets.into_values().collect();
                let talk = Talk::hold(Arc::clone(&self.shared), place.account, targets).boxed().shared();
                planned.talks.push(talk.clone());
                talk
            }
        };
        talk.await
    }

    /// Nothing more is to be asked for this target.
    pub(super) fn is_served(&self, target: &GitTarget) {
        let place = self.place(target.repo());
        if let Some(planned) = self.git.lock().get_mut(&place) {
            planned.waiting.remove(target.id());
            planned.served.insert(target.id().clone());
        }
    }

    /// Where conversations with a repository are shared.
    pub(super) fn place(&self, repo: &GitRepo) -> Place {
        let url = if repo.to_string() == repo.url() { repo.key() } else { repo.url() };
        Place { url: url.to_owned(), access: repo.access().clone(), account: self.shared.git.account(repo) }
    }
}

impl GitRound {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Planned>> {
        self.repos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Talk {
    /// Lists refs for all targets, and fetches once what moved for any of them.
    async fn hold(shared: Arc<Shared>, account: Account, targets: Vec<GitTarget>) -> Result<Arc<Self>, PortError> {
        let repo = targets.iter().map(GitTarget::repo).min().cloned();
        let repo = repo.ok_or_else(|| PortError::bug("a conversation for nobody"))?;
        let query = targets.iter().fold(RefQuery::default(), |all, target| all.union(&target.query()));
        let memories = recall_all(&*shared.cache, &account, &targets).await;
        let mut beginning = 1;
        loop {
            let refs = shared.budgets.call(&account, || shared.git.refs(&repo, &query)).await?.into_value()?;
            let known = |target: &GitTarget| Known::new(target, &refs, memories.get(target.id()).cloned());
            let mut all: BTreeMap<_, _> = targets.iter().map(|target| (target.id().clone(), known(target))).collect();
            let fetches = |all: &BTreeMap<Digest, Known>| -> Vec<(Digest, Fetch)> {
                let of = |target: &GitTarget| Some((target.id().clone(), all.get(target.id())?.fetch(target)?));
                targets.iter().filter_map(of).collect()
            };
            let wanted = fetches(&all);
            let fetched = union(wanted.iter().map(|(_, fetch)| fetch));
            let answer = if wanted.is_empty() { Ok(()) } else { fetch(&shared, &account, &repo, &fetched).await };
            match answer {
                Ok(()) => {}
                // Somebody pushed since the refs were listed, and what was there is gone.
                Err(error) if error.class() == PortClass::NotFound && beginning < BEGINNINGS => {
                    beginning += 1;
                    continue;
                }
                // What one of them wants may spoil it for all.
                Err(error) if is_about_what(error.class()) => {
                    for (want, failed) in one_by_one(&shared, &account, &repo, &wanted, error).await {
                        if let Some(known) = all.get_mut(&want) {
                            known.sight = Err(failed);
                        }
                    }
                }
                Err(error) => return Err(error),
            }
            let (pages, kept) = (Memo::default(), AtomicUsize::new(0));
            return Ok(Arc::new(Self { repo, account, query, refs, fetched, known: all, pages, kept }));
        }
    }

    /// What it found out for a target; `None` where it was not asked, so that another conversation is needed.
    pub(super) async fn known(&self, shared: &Shared, target: &GitTarget) -> Option<Known> {
        if let Some(known) = self.known.get(target.id()) {
            return Some(known.clone());
        }
        if !self.query.covers(&target.query()) {
            return None;
        }
        let mut memory = recall_all(&*shared.cache, &self.account, std::slice::from_ref(target)).await;
        let known = Known::new(target, &self.refs, memory.remove(target.id()));
        let has = |fetch: &Fetch| {
            let same_tags = fetch.tags.iter().all(|(name, id)| self.fetched.tags.get(name) == Some(id));
            same_tags && fetch.branches.iter().all(|(name, id)| self.fetched.branches.get(name) == Some(id))
        };
        known.fetch(target).as_ref().is_none_or(has).then_some(known)
    }

    /// A page of commits out of the copy; read once, however many want it.
    pub(super) async fn page(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        query: &CommitQuery,
    ) -> Result<Arc<CommitPage>, PortError> {
        let ask = {
            let (talk, shared, query) = (Arc::clone(self), Arc::clone(shared), query.clone());
            async move {
                let ask = || shared.git.commits(&talk.repo, &query);
                let page = shared.budgets.call(&talk.account, ask).await?.into_value()?;
                talk.kept.fetch_add(page.commits.len(), Ordering::Relaxed);
                Ok(Arc::new(page))
            }
        };
        let cursor = query.page.cursor().map(str::to_owned);
        let key: PageKey = (query.tip.clone(), cursor, query.limit.get(), query.since, query.paths);
        match self.pages.peek(&key) {
            Some(page) => page.await,
            None if self.kept.load(Ordering::Relaxed) >= MOST_KEPT => ask.await,
            None => self.pages.get(key, || ask.boxed()).await,
        }
    }
}

async fn fetch(shared: &Shared, account: &Account, repo: &GitRepo, what: &Fetch) -> Result<(), PortError> {
    shared.budgets.call(account, || shared.git.fetch(repo, what)).await?.into_value()
}

/// Whether an error speaks of what was asked for, and not of the remote or the account.
fn is_about_what(class: PortClass) -> bool {
    matches!(class, PortClass::NotFound | PortClass::Rejected | PortClass::Misconfigured | PortClass::Unsupported)
}

/// Fetches what each wants apart from the others, each different want once; which of them failed. Where all want the same,
/// nothing is gained by asking again.
async fn one_by_one(
    shared: &Shared,
    account: &Account,
    repo: &GitRepo,
    wanted: &[(Digest, Fetch)],
    error: PortError,
) -> Vec<(Digest, PortError)> {
    let mut answers: Vec<(&Fetch, Result<(), PortError>)> = Vec::new();
    let alone = wanted.iter().all(|(_, what)| wanted.first().is_some_and(|(_, first)| first == what));
    let mut failed = Vec::new();
    for (id, what) in wanted {
        let known = answers.iter().find(|(asked, _)| *asked == what).map(|(_, answer)| answer.clone());
        let answer = match known {
            Some(answer) => answer,
            None if alone => Err(error.clone()),
            None => {
                let answer = fetch(shared, account, repo, what).await;
                answers.push((what, answer.clone()));
                answer
            }
        };
        failed.extend(answer.err().map(|error| (id.clone(), error)));
    }
    failed
}

fn union<'a>(all: impl Iterator<Item = &'a Fetch>) -> Fetch {
    all.fold(Fetch::default(), |mut union, fetch| {
        union.branches.extend(fetch.branches.iter().map(|(name, id)| (name.clone(), id.clone())));
        union.tags.extend(fetch.tags.iter().map(|(name, id)| (name.clone(), id.clone())));
        union.blobless |= fetch.blobless;
        union
    })
}
