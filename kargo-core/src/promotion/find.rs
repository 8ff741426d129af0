//! Finding the artifact that `commitFrom`, `imageFrom`, `chartFrom` and `artifactFrom` name (promotion-engine 5.3).

use std::sync::{Arc, OnceLock};

use super::scene::names;
use crate::{
    expr::{Problem, kargo::Answer},
    freight::{collection, lineage},
    model::{
        FreightCollection, FreightReference, Origin, OriginKind, Promotion, Source, Subscription, url::normalize_git,
    },
    world::{StageView, World},
};

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// A commit of a repository; its URL is normalised.
    Commit(&'a str),
    /// An image of a repository, spelled exactly so.
    Image(&'a str),
    /// A chart of a repository, spelled exactly so; the name is empty in OCI registries.
    Chart(&'a str, &'a str),
    /// What a subscription of another type found.
    Artifact(&'a str),
}

/// The freight in which artifacts are looked for, and the requests by which origins are found. What it holds is found out when
/// a template first asks: most promotions never do.
#[derive(Debug)]
pub(super) struct Holding<'a> {
    world: &'a World,
    stage: Option<StageView<'a>>,
    of: Of<'a>,
    collection: OnceLock<Arc<FreightCollection>>,
    found: OnceLock<Found>,
}

/// Whose freight it is.
#[derive(Debug)]
enum Of<'a> {
    /// What the place will hold after a promotion.
    Promotion(&'a Promotion),
    /// These pieces.
    These(Vec<Arc<FreightReference>>),
}

/// What is held, and what is inside of bundles.
#[derive(Debug)]
struct Found {
    /// In the order of the origins' texts; the leaves of bundles stand among them.
    freight: Vec<FreightReference>,
    /// The origins of leaves, with the Junction that carries them.
    carried: Vec<(Origin, Origin)>,
}

impl Found {
    fn new(world: &World, freight: impl Iterator<Item = FreightReference>) -> Self {
        let mut all = Vec::new();
        let mut carried = Vec::new();
        for reference in freight {
            if reference.origin.kind == OriginKind::Junction {
                let bundle = world.freight_named(&reference.name);
                let members = bundle.and_then(|bundle| lineage::members(&bundle.to_noun()).ok()).unwrap_or_default();
                for leaf in lineage::leaves(&members) {
                    carried.push((reference.origin.clone(), leaf.origin.clone()));
                    all.push(leaf.clone());
                }
            }
            all.push(reference);
        }
        all.sort_by_cached_key(|reference| reference.origin.to_string());
        Self { freight: all, carried }
    }
}

impl<'a> Holding<'a> {
    /// What a promotion holds: the freight of its collection, and what is inside of bundles.
    pub(super) fn of(world: &'a World, promotion: &'a Promotion, stage: Option<StageView<'a>>) -> Self {
        Self { world, stage, of: Of::Promotion(promotion), collection: OnceLock::new(), found: OnceLock::new() }
    }

    /// What a promotion to a Stage would hold of its own.
    pub(super) fn these(world: &'a World, stage: StageView<'a>, freight: Vec<Arc<FreightReference>>) -> Self {
        let (of, stage) = (Of::These(freight), Some(stage));
        Self { world, stage, of, collection: OnceLock::new(), found: OnceLock::new() }
    }

    /// What the place will hold: fixed when the promotion begins.
    pub(super) fn collection(&self) -> &Arc<FreightCollection> {
        self.collection.get_or_init(|| {
            Arc::new(match &self.of {
                Of::Promotion(promotion) => match &promotion.status.freight_collection {
                    Some(frozen) => frozen.clone(),
                    None => collected(self.world, promotion, self.stage),
                },
                Of::These(_) => FreightCollection::default(),
            })
        })
    }

    fn found(&self) -> &Found {
        self.found.get_or_init(|| match &self.of {
            Of::Promotion(_) => Found::new(self.world, self.collection().freight.values().cloned()),
            Of::These(freight) => Found::new(self.world, freight.iter().map(|reference| (**reference).clone())),
        })
    }

    /// The artifact; [`Answer::none`] if there is none.
    pub(super) fn find(&self, wanted: Wanted<'_>, origin: Option<&Origin>) -> Result<Answer, Problem> {
        let found;
        let origin = match origin {
            Some(origin) => origin,
            None => match self.only_origin(wanted)? {
                Some(origin) => {
                    found = origin;
                    &found
                }
                None => return wanted.nowhere(),
            },
        };
        let freight = self.found().freight.iter().filter(|reference| reference.origin == *origin);
        Ok(freight.filter_map(|reference| wanted.in_freight(reference)).next().unwrap_or_else(Answer::none))
    }

    /// The origin of the only subscription of all requested Warehouses that can provide it.
    fn only_origin(&self, wanted: Wanted<'_>) -> Result<Option<Origin>, Problem> {
        let mut only = None;
        for origin in self.origins() {
            let missing = |_| {
                let project = self.world.project();
                wanted.wrap(format!("Warehouse {:?} not found in namespace {project:?}", origin.name))
            };
            let warehouse = self.world.warehouse(&origin.name).map_err(missing)?;
            for _ in warehouse.spec.subscriptions.iter().filter(|subscription| wanted.is_of(subscription)) {
                if only.replace(origin.clone()).is_some() {
                    return Err(wanted.ambiguous());
                }
            }
        }
        Ok(only)
    }

    /// The Warehouses behind the requests, in their order; behind a Junction, those whose freight it carries.
    fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.stage.into_iter().flat_map(StageView::requests).flat_map(|request| {
            let own = (request.origin.kind != OriginKind::Junction).then_some(&request.origin);
            let carried =
                self.found().carried.iter().filter(|(junction, _)| *junction == request.origin).map(|(_, leaf)| leaf);
            own.into_iter().chain(carried)
        })
    }
}

/// What the place will hold: what it holds of origins that are still requested, if several are, and what is promoted
/// (resources 20.4; rules 13: what it holds, not what was tried last).
fn collected(world: &World, promotion: &Promotion, stage: Option<StageView<'_>>) -> FreightCollection {
    let mut held = FreightCollection::default();
    if let Some(stage) = stage {
        let requested: Vec<_> = stage.requests().map(|request| &request.origin).collect();
        if requested.len() > 1
            && let Some(current) = stage.current()
        {
            let kept = current.freight.iter().filter(|reference| requested.contains(&&reference.origin));
            held.freight = kept.map(|reference| (reference.origin.clone(), (**reference).clone())).collect();
        }
    }
    let promoted = names(promotion, stage).into_iter().filter_map(|name| world.freight_named(&name));
    collection::update_or_push(&mut held, promoted.map(|freight| (**freight.reference()).clone()));
    held
}

impl Wanted<'_> {
    fn is_of(self, subscription: &Subscription) -> bool {
        match (self, &subscription.source) {
            (Self::Commit(url), Source::Git(git)) => normalize_git(&git.repo_url) == normalize_git(url),
            (Self::Image(url), Source::Image(image)) => image.repo_url == url,
            (Self::Chart(url, name), Source::Chart(chart)) => {
                chart.repo_url == url && chart.name.as_deref().unwrap_or_default() == name
            }
            (Self::Artifact(name), Source::Other(_)) => subscription.name.as_deref() == Some(name),
            _ => false,
        }
    }

    fn in_freight(self, freight: &FreightReference) -> Option<Answer> {
        match self {
            Self::Commit(url) => {
                let url = normalize_git(url);
                let commit = freight.commits.iter().find(|commit| normalize_git(&commit.repo_url) == url);
                commit.cloned().map(Answer::Commit)
            }
            Self::Image(url) => freight.images.iter().find(|image| image.repo_url == url).cloned().map(Answer::Image),
            Self::Chart(url, name) => {
                let is_it = |chart: &&crate::model::Chart| {
                    chart.repo_url == url && chart.name.as_deref().unwrap_or_default() == name
                };
                freight.charts.iter().find(is_it).cloned().map(Answer::Chart)
            }
            Self::Artifact(name) => {
                let artifact = freight.artifacts.iter().find(|artifact| artifact.subscription_name == name);
                artifact.cloned().map(Answer::Artifact)
            }
        }
    }

    /// What it is that no requested Warehouse subscribes to: nothing, but for charts an error.
    fn nowhere(self) -> Result<Answer, Problem> {
        match self {
            Self::Chart(url, "") => {
                Err(Problem::function(format!("chart from repo {url} not found in referenced Freight")))
            }
            Self::Chart(url, name) => {
                Err(Problem::function(format!("chart {name:?} from repo {url} not found in referenced Freight")))
            }
            _ => Ok(Answer::none()),
        }
    }

    fn ambiguous(self) -> Problem {
        const MANY: &str = "multiple requested Freight could potentially provide a";
        const STEPS: &str = "please update promotion steps to disambiguate";
        const ORIGIN: &str = "please provide a Freight origin to disambiguate";
        self.wrap(match self {
            Self::Commit(url) => format!("{MANY} commit from repo {}; {STEPS}", normalize_git(url)),
            Self::Image(url) => format!("{MANY} container image from repository {url}: {ORIGIN}"),
            Self::Chart(url, _) => format!("{MANY} chart from repository {url}: {ORIGIN}"),
            Self::Artifact(name) => format!("{MANY} {name:?} artifact; {STEPS}"),
        })
    }

    fn wrap(self, message: String) -> Problem {
        Problem::function(match self {
            Self::Artifact(name) => format!("error finding artifact from subscription {name}: {message}"),
            _ => message,
        })
    }
}
