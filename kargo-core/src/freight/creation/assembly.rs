//! Freight that somebody puts together of candidates (discovery 1.10).

use std::fmt;

use super::{
    alias,
    artifact::{Artifact, Key},
    checks::{ArtifactProblem, check},
    stock::Stock,
    window::{Window, windows},
};
use crate::model::{
    DiscoveredArtifacts, Freight, FreightIntent, ObjectMeta, Origin, Timestamp, Warehouse, WarehousePolicySpec,
};

/// Freight in the making: one artifact per subscription, at first the newest candidate of each result.
///
/// Unlike Kargo's clients it keeps the names of subscriptions, which take part in the id: the very artifacts of automatic
/// freight are that freight, not a twin (discovery 10, T4).
///
/// ```
/// use kargo_core::freight::creation::Assembly;
/// use kargo_core::model::{DiscoveredArtifacts, Freight, Warehouse};
/// use serde_json::json;
///
/// let warehouse: Warehouse = serde_json::from_value(json!({
///     "metadata": {"name": "cart"},
///     "spec": {"subscriptions": [{"image": {"repoURL": "ghcr.io/acme/cart"}}]},
/// }))?;
/// let found: DiscoveredArtifacts = serde_json::from_value(json!({"images": [
///     {"repoURL": "ghcr.io/acme/cart", "references": [{"tag": "1.0.2"}, {"tag": "1.0.1"}]},
/// ]}))?;
/// let none: [Freight; 0] = [];
/// let made = Assembly::new(&warehouse, Some(&found)).rank(0, 1).finish(&none, b"seed", Default::default()).unwrap();
/// assert_eq!(&*made.freight.images[0].tag, "1.0.1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Assembly<'a> {
    warehouse: &'a Warehouse,
    windows: Vec<Window<'a>>,
    artifacts: Vec<Artifact>,
    alias: Option<String>,
    intent: FreightIntent,
    problems: Vec<ArtifactProblem>,
}

/// Freight that was put together.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Assembled {
    /// The freight: complete, in no world yet.
    pub freight: Freight,
    /// Artifacts that nobody has discovered, which is allowed.
    pub unseen: Vec<Unseen>,
}

/// An artifact whose revision is not among the discovered ones: it may not exist, nor meet the subscription's rules.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unseen {
    /// The artifact.
    pub artifact: Artifact,
    /// How many revisions of it were discovered.
    pub among: usize,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not among the {} discovered", self.artifact, self.among)
    }
}

/// Why freight cannot be created: everything at once.
#[derive(Clone, Debug, PartialEq)]
pub struct AssemblyError {
    problems: Vec<ArtifactProblem>,
}

impl AssemblyError {
    /// What is wrong, at least one thing.
    #[must_use]
    pub fn problems(&self) -> &[ArtifactProblem] {
        &self.problems
    }
}

impl fmt::Display for AssemblyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the freight cannot be created")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for AssemblyError {}

impl<'a> Assembly<'a> {
    /// Of the newest candidate of each result. What has no candidates has to be [taken](Self::take) otherwise.
    #[must_use]
    pub fn new(warehouse: &'a Warehouse, found: Option<&'a DiscoveredArtifacts>) -> Self {
        let windows = found.map(windows).unwrap_or_default();
        let artifacts = windows.iter().filter_map(|window| window.artifact(0)).collect();
        Self { warehouse, windows, artifacts, alias: None, intent: FreightIntent::Auto, problems: Vec::new() }
    }

    /// With this candidate of a result, in the order of [`windows`]; 0 is the newest.
    #[must_use]
    pub fn rank(mut self, window: usize, rank: usize) -> Self {
        let chosen = self.windows.get(window).and_then(|window| window.artifact(rank));
        match chosen {
            Some(artifact) => self.put(artifact),
            None => {
                let count = self.windows.get(window).map_or(0, Window::len);
                self.problems.push(ArtifactProblem::NoCandidate { window, rank, count });
            }
        }
        self
    }

    /// With this artifact instead of the one that its subscription has so far; it need not have been discovered.
    #[must_use]
    pub fn take(mut self, artifact: impl Into<Artifact>) -> Self {
        let mut artifact = artifact.into();
        let key = artifact.key();
        let subscription =
            self.warehouse.spec.subscriptions.iter().find(|subscription| Key::of_subscription(subscription) == key);
        if let (Some(subscription), Some(name @ None)) = (subscription, artifact.subscription_name_mut()) {
            name.clone_from(&subscription.name);
        }
        self.put(artifact);
        self
    }

    /// With the artifacts of other freight: cloning (discovery 1.10). Those that the Warehouse does not subscribe to any more are
    /// left out.
    #[must_use]
    pub fn like(self, freight: &Freight) -> Self {
        let subscribed: Vec<Key> = self.warehouse.spec.subscriptions.iter().map(Key::of_subscription).collect();
        let commits = freight.commits.iter().cloned().map(Artifact::from);
        let images = freight.images.iter().cloned().map(Artifact::from);
        let charts = freight.charts.iter().cloned().map(Artifact::from);
        let others = freight.artifacts.iter().cloned().map(Artifact::from);
        let all = commits.chain(images).chain(charts).chain(others);
        all.filter(|artifact| subscribed.contains(&artifact.key())).fold(self, Self::take)
    }

    /// With this alias instead of an invented one.
    #[must_use]
    pub fn alias(self, alias: impl Into<String>) -> Self {
        Self { alias: Some(alias.into()).filter(|alias| !alias.is_empty()), ..self }
    }

    /// Meant for what the Warehouse's policy says that assembled freight is meant for; as in Kargo, to move by itself, unless this
    /// is called.
    #[must_use]
    pub fn policy(self, policy: &WarehousePolicySpec) -> Self {
        self.intent(policy.intent.assembled)
    }

    /// Meant for this.
    #[must_use]
    pub fn intent(self, intent: FreightIntent) -> Self {
        Self { intent, ..self }
    }

    /// The freight, found `now`, under an id that follows from its artifacts. `bits` decide, with the id, which alias it gets.
    ///
    /// # Errors
    ///
    /// All that [`check`] finds, candidates that there are not, and that the freight exists already.
    pub fn finish(
        self,
        stock: &(impl Stock + ?Sized),
        bits: &[u8],
        now: Timestamp,
    ) -> Result<Assembled, AssemblyError> {
        let Self { warehouse, windows, artifacts, alias, intent, mut problems } = self;
        let unseen = artifacts.iter().filter_map(|artifact| unseen(&windows, artifact)).collect();
        let mut freight = Freight {
            metadata: ObjectMeta { namespace: warehouse.metadata.namespace.clone(), ..ObjectMeta::default() },
            alias,
            discovered_at: Some(now),
            origin: Origin::warehouse(warehouse.metadata.name.as_str()),
            ..Freight::default()
        };
        artifacts.into_iter().for_each(|artifact| artifact.add_to(&mut freight));
        problems.extend(check(&freight, Some(warehouse), stock));
        alias::intend(&mut freight, intent);
        let id = alias::name(&mut freight, stock, bits);
        if stock.has(&id) {
            problems.push(ArtifactProblem::Exists { id });
        }
        if problems.is_empty() { Ok(Assembled { freight, unseen }) } else { Err(AssemblyError { problems }) }
    }

    fn put(&mut self, artifact: Artifact) {
        let key = artifact.key();
        match self.artifacts.iter_mut().find(|known| known.key() == key) {
            Some(place) => *place = artifact,
            None => self.artifacts.push(artifact),
        }
    }
}

fn unseen(windows: &[Window<'_>], artifact: &Artifact) -> Option<Unseen> {
    let key = artifact.key();
    let window = windows.iter().find(|window| window.key() == key);
    let is_seen = window.is_some_and(|window| {
        (0..window.len()).any(|rank| window.artifact(rank).is_some_and(|known| known.is_same_revision(artifact)))
    });
    (!is_seen).then(|| Unseen { artifact: artifact.clone(), among: window.map_or(0, Window::len) })
}
