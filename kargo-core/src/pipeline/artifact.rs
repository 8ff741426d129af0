//! Where an artifact can get: from its repository through Warehouses, Junctions and Stages (requirement C11).

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use super::{
    NodeId, NodeKind, NodeSet, NodeView, Pipeline,
    graph::Subscribed,
    nouns::{Item, NodeNoun},
};
use crate::model::{
    Source,
    url::{normalize_chart, normalize_git, normalize_image},
};

/// The kinds of artifacts that repositories hold, which decide how a repository's URL is normalised (resources 16.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ArtifactKind {
    /// Commits of a git repository.
    Git,
    /// Container images.
    Image,
    /// Helm charts.
    Chart,
}

impl ArtifactKind {
    /// The kind's type key in subscriptions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Image => "image",
            Self::Chart => "chart",
        }
    }

    fn normalize(self, url: &str) -> String {
        match self {
            Self::Git => normalize_git(url),
            Self::Image => normalize_image(url),
            Self::Chart => normalize_chart(url),
        }
    }
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the Warehouses among some items subscribe to; an item's position is its id.
pub(super) fn subscriptions(items: &[Item<'_>]) -> Vec<Subscribed> {
    let mut all = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let NodeNoun::Warehouse(warehouse) = item.noun else { continue };
        for subscription in &warehouse.spec.subscriptions {
            let (kind, url) = match &subscription.source {
                Source::Git(git) => (ArtifactKind::Git, &git.repo_url),
                Source::Image(image) => (ArtifactKind::Image, &image.repo_url),
                Source::Chart(chart) => (ArtifactKind::Chart, &chart.repo_url),
                Source::Other(_) => continue,
            };
            all.push(Subscribed { kind, url: kind.normalize(url).into(), warehouse: NodeId::new(index) });
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl Pipeline {
    /// The Stages that artifacts of an origin can get to, as freight of the origin or inside bundles.
    ///
    /// A Stage can get what it requests: an approval lets in any freight of a requested origin (control 1.1, AV-1), so
    /// Stages that only approvals open are in the answer; what can get there by itself is the answer's Stages that are
    /// [reachable](NodeView::is_reachable). A Junction passes on what its slots hold, so the Stages of the Junction's own
    /// freight are in the answer too, through any number of Junctions. A slot without sources cannot be filled and passes on
    /// nothing.
    ///
    /// ```
    /// use kargo_core::{Origin, Pipeline, pipeline::Nouns};
    /// use kargo_core::model::{FreightRequest, FreightSources, Junction, ObjectMeta, Slot, Stage, Warehouse};
    ///
    /// let direct = || FreightSources { direct: true, ..FreightSources::default() };
    /// let cart = Warehouse { metadata: ObjectMeta::named("cart"), ..Warehouse::default() };
    /// let mut train = Junction { metadata: ObjectMeta::named("train"), ..Junction::default() };
    /// train.spec.requested_freight =
    ///     vec![Slot { origin: Some(Origin::warehouse("cart")), sources: direct(), ..Slot::default() }];
    /// let mut prod = Stage { metadata: ObjectMeta::named("prod"), ..Stage::default() };
    /// prod.spec.requested_freight = vec![FreightRequest { origin: Origin::junction("train"), sources: direct() }];
    ///
    /// let pipeline = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).junctions([&train]).stages([&prod]))?;
    /// assert_eq!(pipeline.stages_for([pipeline.warehouse("cart")?]).names(), ["prod"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stages_for<'g>(&'g self, origins: impl IntoIterator<Item = NodeView<'g>>) -> NodeSet<'g> {
        let mut stages = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut left: Vec<NodeId> = origins.into_iter().map(NodeView::id).collect();
        while let Some(origin) = left.pop() {
            if !seen.insert(origin) {
                continue;
            }
            for &id in self.requests_of(origin) {
                let request = &self.requests[id.index()];
                match self.nodes[request.node.index()].kind {
                    NodeKind::Stage => {
                        stages.insert(request.node);
                    }
                    NodeKind::Junction if request.direct || !request.upstreams.is_empty() => left.push(request.node),
                    NodeKind::Junction | NodeKind::Warehouse => {}
                }
            }
        }
        NodeSet::from_sorted(self, stages.into_iter().collect())
    }

    /// The Warehouses that subscribe to a repository, whatever its URL's spelling (resources 16.3). A chart repository holds
    /// many charts; all Warehouses that subscribe to any of them are in the answer.
    #[must_use]
    pub fn warehouses_for_repository(&self, kind: ArtifactKind, url: &str) -> NodeSet<'_> {
        let url = kind.normalize(url);
        let key = |subscribed: &Subscribed| (subscribed.kind, &*subscribed.url).cmp(&(kind, &*url));
        let from = self.subscriptions.partition_point(|subscribed| key(subscribed).is_lt());
        let found = self.subscriptions.get(from..).unwrap_or_default().iter().take_while(|at| key(at).is_eq());
        NodeSet::from_sorted(self, found.map(|subscribed| subscribed.warehouse).collect())
    }

    /// The Stages that artifacts of a repository can get to: [`stages_for`](Self::stages_for) all Warehouses
    /// [that subscribe to it](Self::warehouses_for_repository).
    #[must_use]
    pub fn stages_for_repository(&self, kind: ArtifactKind, url: &str) -> NodeSet<'_> {
        self.stages_for(&self.warehouses_for_repository(kind, url))
    }
}
