//! What a look at a whole Warehouse found.

use super::{GitLook, ImageLook, LookError, TagMoved};
use crate::{
    model::{
        ChartDiscovery, DiscoveredArtifacts, GitDiscovery, ImageDiscovery, OtherDiscovery, Source, Subscription,
        Timestamp, Warehouse,
    },
    port::PortError,
};

/// What a look found for one subscription.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SubscriptionLook {
    /// Commits.
    Git(GitLook),
    /// Images.
    Image(ImageLook),
    /// Versions of a chart, best first.
    Chart(Vec<String>),
}

/// What a look at a Warehouse found.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WarehouseLook {
    /// What becomes `status.discoveredArtifacts`: a result for each subscription, in the order of the subscriptions of its
    /// kind, with URLs as they are spelled there (discovery 1.3).
    ///
    /// The result of a subscription that could not be looked at is the one of the Warehouse's status, if that is of the same
    /// generation of its spec; else it is empty, and no freight can be made of it (discovery 1.6). `discoveredAt` is the end
    /// of this look, if anything was found out; else it stays as it was.
    pub artifacts: DiscoveredArtifacts,
    /// How the look at each subscription ended, in the order of the spec. What is wrong with single artifacts is in there.
    pub subscriptions: Vec<Result<SubscriptionLook, LookError>>,
}

impl WarehouseLook {
    /// The subscriptions that could not be looked at, by their index in the spec.
    pub fn errors(&self) -> impl Iterator<Item = (usize, &LookError)> {
        self.subscriptions.iter().enumerate().filter_map(|(index, look)| Some((index, look.as_ref().err()?)))
    }

    /// The port's errors among them.
    pub fn port_errors(&self) -> impl Iterator<Item = (usize, &PortError)> {
        self.errors().filter_map(|(index, error)| Some((index, error.port()?)))
    }

    /// Tags that moved although they were promised not to, by the index of their subscription (requirements A8).
    pub fn moved(&self) -> impl Iterator<Item = (usize, &TagMoved)> {
        self.subscriptions.iter().enumerate().flat_map(|(index, look)| {
            let moved = match look {
                Ok(SubscriptionLook::Image(look)) => look.moved.as_slice(),
                _ => &[],
            };
            moved.iter().map(move |moved| (index, moved))
        })
    }

    /// Whether every subscription was looked at: what the reference counts as a successful discovery (discovery 1.5).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.subscriptions.iter().all(Result::is_ok)
    }

    /// Puts the results together as the status has them.
    pub(super) fn new(
        warehouse: &Warehouse,
        subscriptions: Vec<Result<SubscriptionLook, LookError>>,
        now: Timestamp,
    ) -> Self {
        let status = &warehouse.status;
        let of_this_spec = status.observed_generation == warehouse.metadata.generation;
        let before = status.discovered_artifacts.as_ref().filter(|_| of_this_spec);
        let mut artifacts = DiscoveredArtifacts {
            discovered_at: if subscriptions.iter().any(Result::is_ok) {
                Some(now)
            } else {
                status.discovered_artifacts.as_ref().and_then(|before| before.discovered_at)
            },
            ..DiscoveredArtifacts::default()
        };
        for (subscription, look) in warehouse.spec.subscriptions.iter().zip(&subscriptions) {
            add(&mut artifacts, subscription, look.as_ref().ok(), before);
        }
        Self { artifacts, subscriptions }
    }
}

/// Adds the result of one subscription: what was found, or what was found before, or nothing.
fn add(
    artifacts: &mut DiscoveredArtifacts,
    subscription: &Subscription,
    look: Option<&SubscriptionLook>,
    before: Option<&DiscoveredArtifacts>,
) {
    let subscription_name = subscription.name.clone();
    match &subscription.source {
        Source::Git(git) => {
            let mut result =
                GitDiscovery { repo_url: git.repo_url.clone(), subscription_name, ..GitDiscovery::default() };
            if let Some(SubscriptionLook::Git(look)) = look {
                result.commits.clone_from(&look.outcome.commits);
                result.observed_refs.clone_from(&look.observed);
            } else if let Some(kept) = before.and_then(|before| {
                before.git.iter().find(|kept| {
                    (&kept.repo_url, &kept.subscription_name) == (&result.repo_url, &result.subscription_name)
                })
            }) {
                result.clone_from(kept);
            }
            artifacts.git.push(result);
        }
        Source::Image(image) => {
            let mut result = ImageDiscovery {
                repo_url: image.repo_url.clone(),
                platform: image.platform.clone(),
                subscription_name,
                ..ImageDiscovery::default()
            };
            if let Some(SubscriptionLook::Image(look)) = look {
                result.references.clone_from(&look.outcome.images);
            } else if let Some(kept) = before.and_then(|before| {
                before.images.iter().find(|kept| {
                    (&kept.repo_url, &kept.subscription_name) == (&result.repo_url, &result.subscription_name)
                })
            }) {
                result.clone_from(kept);
            }
            artifacts.images.push(result);
        }
        Source::Chart(chart) => {
            let mut result = ChartDiscovery {
                repo_url: chart.repo_url.clone(),
                name: chart.name.clone(),
                semver_constraint: chart.semver_constraint.clone(),
                subscription_name,
                ..ChartDiscovery::default()
            };
            if let Some(SubscriptionLook::Chart(versions)) = look {
                result.versions.clone_from(versions);
            } else if let Some(kept) = before.and_then(|before| {
                before.charts.iter().find(|kept| {
                    (&kept.repo_url, &kept.name, &kept.subscription_name)
                        == (&result.repo_url, &result.name, &result.subscription_name)
                })
            }) {
                result.clone_from(kept);
            }
            artifacts.charts.push(result);
        }
        Source::Other(_) => {
            let name = subscription_name.unwrap_or_default();
            let kept =
                before.and_then(|before| before.results.iter().find(|kept| kept.subscription_name == name)).cloned();
            let empty = OtherDiscovery { subscription_name: name, ..OtherDiscovery::default() };
            artifacts.results.push(kept.unwrap_or(empty));
        }
    }
}
