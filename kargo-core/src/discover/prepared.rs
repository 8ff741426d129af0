//! Subscriptions, read and compiled, with what the policy promises of them.

use super::{ChartTarget, GitTarget, LookError, Promise};
use crate::{
    model::{
        ImageSelectionStrategy, ImageSubscription, Source, Subscription, SubscriptionPolicy, Warehouse, WarehousePolicy,
    },
    port::{Access, ImageRepo},
    select::image::ImageRules,
};

/// How many known tags are checked at each look where the policy does not say.
const SAMPLE: u32 = 1;

/// A subscription that is ready to be looked for.
pub(super) enum Prepared {
    Git(GitTarget),
    Image(ImageRepo, ImageRules, Promise),
    Chart(ChartTarget),
}

/// The subscriptions of a Warehouse, in their order.
pub(super) fn prepare(warehouse: &Warehouse, policy: Option<&WarehousePolicy>) -> Vec<Result<Prepared, LookError>> {
    let project = warehouse.metadata.namespace.as_deref().filter(|project| !project.is_empty());
    let access = project.map(Access::of_project).unwrap_or_default();
    let one = |subscription: &Subscription| match &subscription.source {
        Source::Git(git) => Ok(Prepared::Git(GitTarget::new(git, access.clone())?)),
        Source::Chart(chart) => Ok(Prepared::Chart(ChartTarget::new(chart, access.clone())?)),
        Source::Image(image) => {
            let rules = ImageRules::new(image)?;
            let access = access.clone().skipping_tls_verify(image.insecure_skip_tls_verify);
            let repo = ImageRepo::parse(&image.repo_url)?.with_access(access);
            Ok(Prepared::Image(repo, rules, promise(subscription, image, policy)))
        }
        Source::Other(other) => Err(LookError::Kind { kind: other.subscription_type.clone() }),
    };
    warehouse.spec.subscriptions.iter().map(one).collect()
}

/// What is promised of the tags of a subscription.
fn promise(subscription: &Subscription, image: &ImageSubscription, policy: Option<&WarehousePolicy>) -> Promise {
    let names = |policy: &&SubscriptionPolicy| {
        subscription.name.as_deref() == Some(&*policy.subscription) || policy.subscription == image.repo_url
    };
    let policy = policy.and_then(|policy| policy.spec.subscriptions.iter().find(names));
    let promised = image.cache_by_tag || policy.is_some_and(|policy| policy.immutable_tags);
    if promised && image.image_selection_strategy != ImageSelectionStrategy::Digest {
        Promise::Immutable { sample: policy.and_then(|policy| policy.sample).unwrap_or(SAMPLE) }
    } else {
        Promise::None
    }
}
