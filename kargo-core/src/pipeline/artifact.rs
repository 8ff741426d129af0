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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::{ChartSubscription, GitSubscription, ImageSubscription, Origin, Subscription},
        pipeline::sample::{Shop, shops},
    };

    #[test]
    fn c11_artifacts_pass_through_junctions_in_junctions() {
        let pipeline = Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .stage("test", &[("cart", "direct")])
            .junction("apis", &[("cart", "test")])
            .junction("train", &[("Junction/apis", "direct"), ("web", "direct")])
            .stage("uat", &[("Junction/train", "direct")])
            .stage("prod", &[("Junction/train", "uat")])
            .stage("site", &[("web", "direct")])
            .pipeline();
        let stages = |origin: Origin| pipeline.stages_for([pipeline.origin(&origin).unwrap()]).names();
        assert_eq!(stages(Origin::warehouse("cart")), ["prod", "test", "uat"]);
        assert_eq!(stages(Origin::warehouse("web")), ["prod", "site", "uat"]);
        assert_eq!(stages(Origin::junction("apis")), ["prod", "uat"]);
        let none: [NodeView<'_>; 0] = [];
        assert!(pipeline.stages_for(none).is_empty());
    }

    #[test]
    fn c11_a_slot_without_sources_passes_on_nothing_and_an_approval_opens_a_stage() {
        let pipeline = Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .junction("train", &[("cart", "optional"), ("web", "direct")])
            .stage("uat", &[("Junction/train", "direct")])
            .stage("lab", &[("cart", "")])
            .pipeline();
        assert_eq!(pipeline.stages_for([pipeline.warehouse("cart").unwrap()]).names(), ["lab"]);
        assert!(!pipeline.stage("lab").unwrap().is_reachable());
    }

    #[test]
    fn c11_a_repository_in_any_spelling() {
        let mut shop = Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .stage("uat", &[("cart", "direct")])
            .stage("site", &[("web", "direct")]);
        let image =
            |url: &str| Source::Image(ImageSubscription { repo_url: url.into(), ..ImageSubscription::default() });
        let git = |url: &str| Source::Git(GitSubscription { repo_url: url.into(), ..GitSubscription::default() });
        let chart =
            |url: &str| Source::Chart(ChartSubscription { repo_url: url.into(), ..ChartSubscription::default() });
        let all =
            |sources: Vec<Source>| sources.into_iter().map(|source| Subscription { name: None, source }).collect();
        shop.warehouses[0].spec.subscriptions =
            all(vec![image("ghcr.io/acme/cart"), git("https://github.com/acme/env"), image("ghcr.io/acme/cart")]);
        shop.warehouses[1].spec.subscriptions =
            all(vec![git("https://GitHub.com/acme/env.git"), chart("oci://ghcr.io/acme/cart")]);
        let pipeline = shop.pipeline();
        let stages = |kind, url| pipeline.stages_for_repository(kind, url).names();
        assert_eq!(stages(ArtifactKind::Image, "GHCR.io/acme/cart:1.2.3"), ["uat"]);
        assert_eq!(stages(ArtifactKind::Chart, "ghcr.io/acme/cart"), ["site"]);
        assert_eq!(stages(ArtifactKind::Git, "https://user@github.com/acme/env/"), ["site", "uat"]);
        assert_eq!(
            pipeline.warehouses_for_repository(ArtifactKind::Git, "https://github.com/acme/env").names(),
            ["cart", "web"]
        );
        assert!(stages(ArtifactKind::Git, "ghcr.io/acme/cart").is_empty());
    }

    proptest! {
        #[test]
        fn c11_exactly_the_stages_of_the_nouns(shop in shops()) {
            let pipeline = shop.pipeline();
            for node in pipeline.nodes() {
                let Some(origin) = node.as_origin() else { continue };
                // Origins that artifacts of this one travel under, until nothing is new.
                let mut carried = BTreeSet::from([origin]);
                loop {
                    let carriers = shop.junctions.iter().filter(|junction| {
                        junction.spec.requested_freight.iter().any(|slot| {
                            let filled = slot.sources.direct || !slot.sources.stages.is_empty();
                            filled && slot.origin.as_ref().is_some_and(|origin| carried.contains(origin))
                        })
                    });
                    let mut more = carried.clone();
                    more.extend(carriers.map(|junction| Origin::junction(junction.metadata.name.as_str())));
                    if more == carried {
                        break;
                    }
                    carried = more;
                }
                let holds = |stage: &&crate::model::Stage| {
                    stage.spec.requested_freight.iter().any(|request| carried.contains(&request.origin))
                };
                let mut expected: Vec<_> = shop.stages.iter().filter(holds).map(|s| s.metadata.name.as_str()).collect();
                expected.sort_unstable();
                prop_assert_eq!(pipeline.stages_for([node]).names(), expected);
            }
        }
    }
}
