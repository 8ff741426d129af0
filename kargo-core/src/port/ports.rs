//! The wired outside world: which port serves what, for a whole process.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    ArtifactCache, CacheKey, ChartRepo, ChartRepository, Clock, GitHost, GitRepo, ImageRegistry, ImageRepo,
    routes::Routes,
};
use crate::report::PortError;

/// The outside world as a program wires it: for each kind of peer a port for all hosts, and ports for single hosts beside
/// it. Clones are cheap and share the ports.
///
/// A host is named as subscriptions name it, with its number where that is not the usual one (`localhost:5000`); a name
/// without number serves all numbers that have no port of their own. Docker Hub is `docker.io`. What is wired last holds.
/// Without a cache nothing is remembered from one process to the next, nor from one look to the next.
///
/// ```
/// use std::sync::Arc;
/// use kargo_core::port::{ImageRepo, Ports};
/// use kargo_testkit::fake::{FakeRegistry, MemoryCache, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let (depot, public) = (Arc::new(FakeRegistry::new(&clock)), Arc::new(FakeRegistry::new(&clock)));
/// let ports = Ports::new(Arc::new(clock))
///     .images(public)
///     .images_at("depot.acme.example", depot)
///     .cache(Arc::new(MemoryCache::default()));
/// assert!(ports.serves_images(&ImageRepo::parse("depot.acme.example/cart")?));
/// # Ok::<(), kargo_core::port::RepoError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ports {
    images: Arc<Routes<dyn ImageRegistry>>,
    git: Arc<Routes<dyn GitHost>>,
    charts: Arc<Routes<dyn ChartRepository>>,
    cache: Arc<dyn ArtifactCache>,
    clock: Arc<dyn Clock>,
}

impl Ports {
    /// A world that has the time and nothing else yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { images: Arc::default(), git: Arc::default(), charts: Arc::default(), cache: Arc::new(NoCache), clock }
    }

    /// Images of every host that has no registry of its own.
    #[must_use]
    pub fn images(mut self, registry: Arc<dyn ImageRegistry>) -> Self {
        Arc::make_mut(&mut self.images).set_usual(registry);
        self
    }

    /// Images of one host.
    #[must_use]
    pub fn images_at(mut self, host: &str, registry: Arc<dyn ImageRegistry>) -> Self {
        Arc::make_mut(&mut self.images).set_host(host, registry);
        self
    }

    /// Git repositories of every host that has no port of its own.
    #[must_use]
    pub fn git(mut self, host: Arc<dyn GitHost>) -> Self {
        Arc::make_mut(&mut self.git).set_usual(host);
        self
    }

    /// Git repositories of one host; `localhost` for `file://`.
    #[must_use]
    pub fn git_at(mut self, host: &str, port: Arc<dyn GitHost>) -> Self {
        Arc::make_mut(&mut self.git).set_host(host, port);
        self
    }

    /// Charts of every host that has no port of its own, in classic repositories and in registries.
    #[must_use]
    pub fn charts(mut self, repository: Arc<dyn ChartRepository>) -> Self {
        Arc::make_mut(&mut self.charts).set_usual(repository);
        self
    }

    /// Charts of one host.
    #[must_use]
    pub fn charts_at(mut self, host: &str, repository: Arc<dyn ChartRepository>) -> Self {
        Arc::make_mut(&mut self.charts).set_host(host, repository);
        self
    }

    /// Where what was learnt is kept.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn ArtifactCache>) -> Self {
        self.cache = cache;
        self
    }

    /// All registries as one. A host that none serves is `Misconfigured`, and the error says what to wire.
    #[must_use]
    pub fn image_registry(&self) -> Arc<dyn ImageRegistry> {
        Arc::clone(&self.images) as _
    }

    /// All hosts of git repositories as one, likewise.
    #[must_use]
    pub fn git_host(&self) -> Arc<dyn GitHost> {
        Arc::clone(&self.git) as _
    }

    /// All chart repositories as one, likewise.
    #[must_use]
    pub fn chart_repository(&self) -> Arc<dyn ChartRepository> {
        Arc::clone(&self.charts) as _
    }

    /// Where what was learnt is kept.
    #[must_use]
    pub fn artifact_cache(&self) -> Arc<dyn ArtifactCache> {
        Arc::clone(&self.cache)
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Whether a port serves these images.
    #[must_use]
    pub fn serves_images(&self, repo: &ImageRepo) -> bool {
        self.images.find(repo.host()).is_some()
    }

    /// Whether a port serves this git repository.
    #[must_use]
    pub fn serves_git(&self, repo: &GitRepo) -> bool {
        self.git.find(repo.host()).is_some()
    }

    /// Whether a port serves these charts.
    #[must_use]
    pub fn serves_charts(&self, repo: &ChartRepo) -> bool {
        self.charts.find(repo.host()).is_some()
    }
}

/// Keeps nothing.
#[derive(Debug)]
struct NoCache;

#[async_trait]
impl ArtifactCache for NoCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
        Ok(vec![None; keys.len()])
    }

    async fn put(&self, _: Vec<(CacheKey, Vec<u8>)>) -> Result<(), PortError> {
        Ok(())
    }
}
