//! Running a row against a registry.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures::future::try_join_all;
use kargo_core::{
    discover::{Calls, Discovery, Expected, RoundForecast},
    model::DiscoveredImage,
    port::{Clock, ImageRegistry, ImageRepo, PortError, Ports},
};

use super::{CostFeatures, CostLogins, CostRow, CostState, row::tag};
use crate::{conformance::Cannot, fake::FakeImage, fake::MemoryCache};

/// A registry whose requests can be counted.
#[async_trait]
pub trait CostRig: Sized + Send + Sync {
    /// An empty registry with just these features for one row, or that it cannot have them.
    async fn start(features: &CostFeatures) -> Result<Self, Cannot>;

    /// An adapter for it: the same at each call, until a [restart](Self::restart).
    fn registry(&self) -> Arc<dyn ImageRegistry>;

    /// The clock of discovery.
    fn clock(&self) -> Arc<dyn Clock>;

    /// How many tags a page has that the adapter asks for.
    fn page_size(&self) -> u64;

    /// Puts an image; its tag moves if it is there.
    async fn put(&self, image: FakeImage);

    /// The requests since the last call, as the registry counted them.
    async fn take_calls(&self) -> Calls;

    /// How many pages were answered with "unchanged" so far, if the registry counts them.
    async fn unchanged_pages(&self) -> Option<u64> {
        None
    }

    /// What a new process would have: another adapter, without sessions.
    async fn restart(&mut self) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// Ends the adapter's session; it notices at the next request.
    async fn expire(&self) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// How the adapter addresses a repository of this registry.
    fn repo(&self, path: &str) -> Option<ImageRepo> {
        ImageRepo::parse(&format!("registry.example/{path}")).ok()
    }
}

/// What a row costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CostResult {
    /// The row.
    pub name: &'static str,
    /// Its formula.
    pub formula: &'static str,
    /// By formula.
    pub expected: Calls,
    /// By the function that forecasts are made with.
    pub forecast: Calls,
    /// By [`Look::forecast_images`](kargo_core::discover::Look::forecast_images), before the look; for rows that look at whole subscriptions.
    pub foretold: Option<Calls>,
    /// By count.
    pub actual: Calls,
    /// Pages that were answered with "unchanged", if the registry counts them.
    pub unchanged: Option<u64>,
    /// How many should have been.
    pub expected_unchanged: u64,
}

impl CostResult {
    /// Whether the formula, the forecast and the count are equal in each class, lists without body among them, and what was
    /// foretold with the cache alone covers them.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let foretold = self.foretold.is_none_or(|calls| calls.covers(&self.actual));
        let unchanged = self.unchanged.is_none_or(|pages| pages == self.expected_unchanged);
        self.expected == self.actual && self.forecast == self.actual && foretold && unchanged
    }
}

/// A line of the table.
impl fmt::Display for CostResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, formula, expected, forecast, actual, .. } = self;
        write!(f, "{name:<52} {formula:<26} {:>5}  {actual}", actual.work())?;
        if self.is_exact() {
            return Ok(());
        }
        write!(
            f,
            "  <- by formula {expected}, forecast {forecast}, foretold {:?}, {:?} pages unchanged of {}",
            self.foretold.map(|c| c.to_string()),
            self.unchanged,
            self.expected_unchanged,
        )
    }
}

impl CostRow {
    /// Runs it against a registry.
    ///
    /// # Errors
    ///
    /// [`Cannot`] if the registry does not have the row's features, or cannot do what it needs.
    ///
    /// # Panics
    ///
    /// When a look fails.
    pub async fn run<R: CostRig>(&self) -> Result<CostResult, Cannot> {
        let mut rig = R::start(&self.features).await?;
        let cache = MemoryCache::default();
        self.put(&rig, 0..self.tags).await;
        let mut discovery = discovery(&rig, &cache);
        let mut windows = Vec::new();
        if self.state != CostState::Cold {
            windows = succeed(self.look(&rig, &discovery).await).0;
        }
        match self.state {
            CostState::Warm { new, moved } => {
                for number in self.tags.saturating_sub(moved)..self.tags {
                    for repo in self.repositories() {
                        rig.put(self.image(&repo, number).rebuilt()).await;
                    }
                }
                self.put(&rig, self.tags..self.tags + new).await;
            }
            CostState::Restarted => {
                rig.restart().await?;
                discovery = self::discovery(&rig, &cache);
            }
            CostState::Expired => rig.expire().await?,
            CostState::WebhookNew => self.put(&rig, self.tags..=self.tags).await,
            CostState::Cold | CostState::WebhookKnown | CostState::WebhookForeign => {}
        }
        rig.take_calls().await;
        let before = rig.unchanged_pages().await;
        let foretold = if self.is_whole() {
            Some(succeed(self.look(&rig, &discovery).await).1)
        } else {
            succeed(self.webhook(&rig, &discovery, windows).await);
            None
        };
        let actual = rig.take_calls().await;
        let unchanged = rig.unchanged_pages().await.zip(before).map(|(now, before)| now - before);
        let size = rig.page_size();
        let forecast = self.forecast(size).unwrap_or_default();
        let (name, formula, expected) = (self.name, self.formula, self.expected(size));
        let expected_unchanged = self.unchanged(size);
        Ok(CostResult { name, formula, expected, forecast, foretold, actual, unchanged, expected_unchanged })
    }

    fn repositories(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.repositories).map(|n| format!("kargo/cost{n}"))
    }

    async fn put<R: CostRig>(&self, rig: &R, numbers: impl Iterator<Item = u64> + Clone) {
        for repo in self.repositories() {
            for number in numbers.clone() {
                rig.put(self.image(&repo, number)).await;
            }
        }
    }

    /// One round: a forecast, and then the look itself. What was found for each subscription, and what was foretold.
    async fn look<R: CostRig>(
        &self,
        rig: &R,
        discovery: &Discovery,
    ) -> Result<(Vec<Vec<DiscoveredImage>>, Calls), PortError> {
        let look = discovery.look();
        let rules = self.rules().map_err(PortError::bug)?;
        let repos: Vec<_> = self.repositories().filter_map(|path| rig.repo(&path)).collect();
        let wanted: Vec<_> = repos.iter().cycle().take(usize::try_from(self.subscriptions).unwrap_or(0)).collect();
        let moved = if let CostState::Warm { moved, .. } = self.state { moved } else { 0 };
        let expected = Expected {
            passed_over: self.rejected,
            moved,
            hops: u64::from(self.features.blob_redirects),
            shape: Some(self.shape()),
            by_tag: !self.features.only_by_digest,
            tells_dates: self.features.head_dates,
            session_ends: self.state == CostState::Expired,
            repository_logins: self.features.logins == CostLogins::Repository,
            ..Expected::default()
        };
        let mut round = RoundForecast::default();
        for repo in &wanted {
            round.add(look.forecast_images(repo, &rules, self.promise, &expected).await?);
        }
        let looks = wanted.iter().map(|repo| look.images(repo, &rules, self.promise, |_| {}));
        let found = try_join_all(looks).await?.into_iter().map(|look| look.outcome.images).collect();
        Ok((found, round.total()))
    }

    async fn webhook<R: CostRig>(
        &self,
        rig: &R,
        discovery: &Discovery,
        windows: Vec<Vec<DiscoveredImage>>,
    ) -> Result<(), PortError> {
        let name = match self.state {
            CostState::WebhookNew => tag(self.tags),
            CostState::WebhookKnown => tag(self.tags.saturating_sub(1)),
            _ => "nightly".to_owned(),
        };
        let (look, rules) = (discovery.look(), self.rules().map_err(PortError::bug)?);
        for (path, window) in self.repositories().zip(windows) {
            let Some(repo) = rig.repo(&path) else { continue };
            look.image_tag(&repo, &rules, self.promise, &name.as_str().into(), window).await?;
        }
        Ok(())
    }
}

fn discovery<R: CostRig>(rig: &R, cache: &MemoryCache) -> Discovery {
    Discovery::new(&Ports::new(rig.clock()).images(rig.registry()).cache(Arc::new(cache.clone())))
}

/// What has to succeed for a row to say anything.
#[track_caller]
#[expect(clippy::panic, reason = "a check of a suite fails as a test does")]
fn succeed<T>(answer: Result<T, PortError>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => panic!("a look of the cost table failed: {error}"),
    }
}
