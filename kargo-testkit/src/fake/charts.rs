//! A pretended repository of charts.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kargo_core::{
    Tag,
    port::{Account, ChartIndex, ChartRepo, ChartRepository, Page, PortError, Reply, TagPage, digest_of},
};

use super::{CallClass, Peer, VirtualClock};

/// Chart repositories in memory: classic ones with ETags, and charts in registries in pages of two.
///
/// ```
/// use kargo_core::port::{ChartRepo, ChartRepository};
/// use kargo_testkit::fake::{FakeCharts, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let charts = FakeCharts::new(&clock);
/// let repo = ChartRepo::parse("https://charts.acme.example")?;
/// charts.put(&repo, "cart", "1.0.0");
/// let index = clock.run(charts.index(&repo, None))?.into_value()?;
/// assert_eq!(index.versions("cart"), ["1.0.0"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FakeCharts {
    peer: Peer,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// By address, then chart; the versions of a chart in a registry are under the empty name.
    repos: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    etags: bool,
}

/// Tags on a page.
const PAGE: usize = 2;

impl FakeCharts {
    /// No repositories. It answers for every host.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self { peer: Peer::new(clock), state: Mutex::new(State { repos: BTreeMap::new(), etags: true }) }
    }

    /// What counts, limits and fails.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Whether answers have ETags.
    pub fn set_etags(&self, has: bool) {
        self.lock().etags = has;
    }

    /// Puts a version of a chart, newest first as Helm's index has it. In a registry the name is not looked at, and the version is the tag.
    pub fn put(&self, repo: &ChartRepo, name: &str, version: &str) {
        let name = if repo.oci().is_some() { "" } else { name };
        let mut state = self.lock();
        let versions = state.repos.entry(repo.to_string()).or_default().entry(name.to_owned()).or_default();
        versions.insert(0, version.to_owned());
    }

    /// Removes a version. Whether it was there.
    pub fn remove(&self, repo: &ChartRepo, name: &str, version: &str) -> bool {
        let name = if repo.oci().is_some() { "" } else { name };
        let mut state = self.lock();
        let versions = state.repos.get_mut(&repo.to_string()).and_then(|charts| charts.get_mut(name));
        let Some(versions) = versions else { return false };
        let before = versions.len();
        versions.retain(|known| known != version);
        versions.len() < before
    }

    fn charts(&self, repo: &ChartRepo) -> Result<BTreeMap<String, Vec<String>>, PortError> {
        let missing = || named(PortError::not_found("HTTP 404").with_status(404), repo);
        self.lock().repos.get(&repo.to_string()).cloned().ok_or_else(missing)
    }

    fn answer<T: std::fmt::Debug>(&self, value: T, known: Option<&str>) -> Reply<T> {
        if !self.lock().etags {
            return Reply::new(value);
        }
        let etag = format!("\"{}\"", digest_of(format!("{value:?}").as_bytes()));
        if known == Some(&etag) { Reply::unchanged() } else { Reply::new(value) }.with_etag(etag)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ChartRepository for FakeCharts {
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        if repo.oci().is_some() {
            return Err(named(PortError::unsupported("a chart in a registry has no index"), repo));
        }
        self.peer.serve(CallClass::List, &self.account(repo), format!("GET {repo}/index.yaml")).await?;
        Ok(self.answer(ChartIndex { charts: self.charts(repo)? }, known_etag))
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        if repo.oci().is_none() {
            return Err(named(PortError::unsupported("a chart repository has no tags"), repo));
        }
        self.peer.serve(CallClass::List, &self.account(repo), format!("GET tags of {repo}")).await?;
        let mut tags = self.charts(repo)?.remove("").unwrap_or_default();
        tags.sort();
        let start = page.cursor().map_or(0, |last| tags.partition_point(|tag| tag.as_str() <= last));
        let rest = tags.get(start..).unwrap_or_default();
        let shown: Vec<Tag> = rest.iter().take(PAGE).map(Tag::from).collect();
        let next = if rest.len() > PAGE { shown.last().map(ToString::to_string) } else { None };
        Ok(self.answer(TagPage { tags: shown, next }, page.known_etag()))
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        match &repo.access().project {
            Some(project) => Account::new(repo.host(), project.as_str()),
            None => Account::anonymous(repo.host()),
        }
    }
}

fn named(error: PortError, repo: &ChartRepo) -> PortError {
    error.at(repo.host()).asking(&repo.to_string())
}
