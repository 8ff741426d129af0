//! What must be true of freight that somebody wants created, whoever that is (discovery 1.10).

use std::collections::BTreeMap;

use super::{
    artifact::{Artifact, Key},
    stock::Stock,
};
use crate::model::{Freight, FreightName, OriginKind, Warehouse, pattern::is_label_value, url::normalize_image};

/// What is wrong with freight that is to be created.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactProblem {
    /// It has no artifacts.
    #[error("freight needs at least one commit, image, chart or other artifact")]
    Empty,
    /// Other freight of the project has this alias.
    #[error("alias {alias:?} belongs to other freight: choose another, or none to get one")]
    AliasTaken {
        /// The alias.
        alias: String,
    },
    /// The alias cannot be a label.
    #[error(
        "alias {alias:?} cannot be a label: use up to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or digit"
    )]
    AliasForm {
        /// The alias.
        alias: String,
    },
    /// The origin is not there, or is no Warehouse.
    #[error("there is no {origin}")]
    NoWarehouse {
        /// The origin's key.
        origin: String,
    },
    /// An artifact that no subscription of the Warehouse stands for.
    #[error("Warehouse {warehouse:?} does not subscribe to {artifact}{}", other_spelling(.spelled.as_deref()))]
    NotSubscribed {
        /// The artifact.
        artifact: Artifact,
        /// The Warehouse.
        warehouse: String,
        /// For an image, how the subscription to the same repository spells it: the spelling must be the same.
        spelled: Option<String>,
    },
    /// A subscription without an artifact.
    #[error("nothing is chosen for the {subscription} of Warehouse {warehouse:?}")]
    Missing {
        /// What is subscribed to.
        subscription: String,
        /// The Warehouse.
        warehouse: String,
    },
    /// A subscription with more than one artifact.
    #[error("{count} artifacts are chosen for the {subscription} of Warehouse {warehouse:?}: choose one")]
    Repeated {
        /// What is subscribed to.
        subscription: String,
        /// The Warehouse.
        warehouse: String,
        /// How many.
        count: usize,
    },
    /// A candidate that is not in the window.
    #[error("there is no candidate {rank} of window {window}, which has {count}, counted from 0")]
    NoCandidate {
        /// The window, in the order of [`windows`](super::windows).
        window: usize,
        /// The rank.
        rank: usize,
        /// How many candidates there are.
        count: usize,
    },
    /// There is freight of exactly these artifacts.
    #[error("freight {id} is made of the same artifacts")]
    Exists {
        /// Its name.
        id: FreightName,
    },
}

/// What is said of an image whose subscription spells it otherwise.
pub(super) fn other_spelling(spelled: Option<&str>) -> String {
    spelled.map(|url| format!("; its subscription spells it {url}")).unwrap_or_default()
}

/// Everything that is wrong with freight that is to be created, in the order of discovery 1.10: at least one artifact; an
/// alias that nobody has; an origin that exists; artifacts that belong to its subscriptions; each subscription to git, images
/// and charts represented exactly once. Empty if nothing is.
///
/// Like the reference this does not ask whether revisions were ever discovered, exist or meet a constraint, nor anything of
/// artifacts of other kinds.
#[must_use]
pub fn check(freight: &Freight, warehouse: Option<&Warehouse>, stock: &(impl Stock + ?Sized)) -> Vec<ArtifactProblem> {
    let mut problems = Vec::new();
    let Freight { commits, images, charts, artifacts, .. } = freight;
    if commits.is_empty() && images.is_empty() && charts.is_empty() && artifacts.is_empty() {
        problems.push(ArtifactProblem::Empty);
    }
    if let Some(alias) = freight.alias.as_deref().filter(|alias| !alias.is_empty()) {
        if !is_label_value(alias) {
            problems.push(ArtifactProblem::AliasForm { alias: alias.to_owned() });
        } else if stock.has_alias(alias) {
            problems.push(ArtifactProblem::AliasTaken { alias: alias.to_owned() });
        }
    }
    let origin = &freight.origin;
    let is_it = |warehouse: &&Warehouse| origin.kind == OriginKind::Warehouse && warehouse.metadata.name == origin.name;
    match warehouse.filter(is_it) {
        Some(warehouse) => subscriptions(freight, warehouse, &mut problems),
        None => problems.push(ArtifactProblem::NoWarehouse { origin: origin.to_string() }),
    }
    problems
}

fn subscriptions(freight: &Freight, warehouse: &Warehouse, problems: &mut Vec<ArtifactProblem>) {
    let name = || warehouse.metadata.name.clone();
    // In the order of the subscriptions.
    let mut order = Vec::new();
    let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
    for subscription in &warehouse.spec.subscriptions {
        let key = Key::of_subscription(subscription);
        if !matches!(key, Key::Other(_)) && counts.insert(key.clone(), 0).is_none() {
            order.push(key);
        }
    }
    let mut count = |key: &Key, artifact: &dyn Fn() -> Artifact| match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => problems.push(ArtifactProblem::NotSubscribed {
            artifact: artifact(),
            warehouse: name(),
            spelled: spelling(key, &order),
        }),
    };
    for commit in &freight.commits {
        count(&Key::of_commit(commit), &|| commit.clone().into());
    }
    for image in &freight.images {
        count(&Key::of_image(image), &|| image.clone().into());
    }
    for chart in &freight.charts {
        count(&Key::of_chart(chart), &|| chart.clone().into());
    }
    for key in &order {
        match counts.get(key).copied().unwrap_or_default() {
            0 => problems.push(ArtifactProblem::Missing { subscription: key.to_string(), warehouse: name() }),
            1 => {}
            count => {
                problems.push(ArtifactProblem::Repeated { subscription: key.to_string(), warehouse: name(), count });
            }
        }
    }
}

/// How an image that is spelled otherwise is subscribed to.
pub(super) fn spelling<'k>(key: &Key, subscribed: impl IntoIterator<Item = &'k Key>) -> Option<String> {
    let Key::Image(url) = key else { return None };
    let normal = normalize_image(url);
    subscribed.into_iter().find_map(|key| match key {
        Key::Image(url) if normalize_image(url) == normal => Some(url.clone()),
        _ => None,
    })
}
