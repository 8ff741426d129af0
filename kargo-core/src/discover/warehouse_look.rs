//! Whole Warehouses: all their subscriptions side by side, each for itself.

use std::sync::{Mutex, PoisonError};

use futures::future::{BoxFuture, FutureExt as _, join_all};

use super::{
    Found, Look, LookError, SubscriptionLook, WarehouseLook,
    prepared::{Prepared, prepare},
};
use crate::{
    model::{Warehouse, WarehousePolicy},
    select::{FoundArtifact, is_known},
};

/// An artifact that was found while the look goes on, and where.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FoundIn {
    /// The Warehouse, by its index among those that are looked at.
    pub warehouse: usize,
    /// The subscription, by its index in the spec.
    pub subscription: usize,
    /// The artifact.
    pub artifact: FoundArtifact,
    /// Whether its place is settled: the settled of one subscription come best first, and none that comes later goes before
    /// them. One that is not settled is the best so far: it can be used, but what is still being asked for may come before
    /// it, and what comes in the end may be without it. That is how images come while dates decide (requirements A10).
    pub is_settled: bool,
    /// Whether it is new to the window that the Warehouse's status has of the subscription; see [`news`](crate::select::news).
    pub is_new: bool,
}

impl Look {
    /// All subscriptions of a Warehouse, side by side; `found` is told of artifacts as they are found, see
    /// [`FoundIn`].
    ///
    /// To look at several Warehouses in one round, use [`warehouses`](Self::warehouses): it plans the conversations with git
    /// remotes first.
    pub async fn warehouse(
        &self,
        warehouse: &Warehouse,
        policy: Option<&WarehousePolicy>,
        found: impl FnMut(FoundIn) + Send,
    ) -> WarehouseLook {
        self.warehouses(&[(warehouse, policy)], found).await.pop().unwrap_or_default()
    }

    /// All subscriptions of these Warehouses, each with its policy, side by side; a result for each Warehouse, in their order.
    ///
    /// A subscription that cannot be looked at is reported, and its result stays as it was; the others are not concerned. The
    /// reference fails as a whole then (discovery 1.5): nothing is lost there either, but nothing new is found. Single
    /// artifacts that are broken or gone are reported and passed over likewise.
    ///
    /// That tags never move is promised by the policy (`immutableTags`) or by the subscription itself (`cacheByTag`). Unlike
    /// the reference's, the promise is checked, one known tag at each look unless the policy says otherwise. It does not hold
    /// for the strategy `Digest`, whose tag is meant to move (discovery 2.9).
    pub async fn warehouses(
        &self,
        warehouses: &[(&Warehouse, Option<&WarehousePolicy>)],
        found: impl FnMut(FoundIn) + Send,
    ) -> Vec<WarehouseLook> {
        let found = Mutex::new(found);
        let is_new = |warehouse: usize, subscription: usize, artifact: &FoundArtifact| {
            let (of, _) = warehouses.get(warehouse)?;
            let (before, subscription) =
                (of.status.discovered_artifacts.as_ref()?, of.spec.subscriptions.get(subscription)?);
            Some(!is_known(before, subscription, artifact))
        };
        let tell = |warehouse: usize, subscription: usize, artifact: FoundArtifact, is_settled: bool| {
            let is_new = is_new(warehouse, subscription, &artifact).unwrap_or(true);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found(FoundIn { warehouse, subscription, artifact, is_settled, is_new });
        };
        let prepared: Vec<Vec<_>> = warehouses.iter().map(|(warehouse, policy)| prepare(warehouse, *policy)).collect();
        for target in prepared.iter().flatten() {
            if let Ok(Prepared::Git(target)) = target {
                self.expect_git(target);
            }
        }
        let all = prepared.into_iter().enumerate().map(|(warehouse, prepared)| {
            let looks = prepared.into_iter().enumerate().map(|(subscription, prepared)| {
                let tell = &tell;
                self.subscription(prepared, move |artifact, is_settled| {
                    tell(warehouse, subscription, artifact, is_settled)
                })
            });
            join_all(looks.collect::<Vec<_>>())
        });
        let looks = join_all(all.collect::<Vec<_>>()).await;
        let now = self.shared.clock.now();
        let results = warehouses.iter().zip(looks);
        results.map(|((warehouse, _), looks)| WarehouseLook::new(warehouse, looks, now)).collect()
    }

    fn subscription<'a>(
        &'a self,
        prepared: Result<Prepared, LookError>,
        tell: impl Fn(FoundArtifact, bool) + Send + Sync + 'a,
    ) -> BoxFuture<'a, Result<SubscriptionLook, LookError>> {
        async move {
            match prepared? {
                Prepared::Git(target) => {
                    let look = self.git(&target, |commit| tell(FoundArtifact::Commit(commit.clone()), true)).await?;
                    Ok(SubscriptionLook::Git(look))
                }
                Prepared::Image(repo, rules, promise) => {
                    let found = |found: Found<'_>| match found {
                        Found::Provisional(image) => tell(FoundArtifact::Image(image.clone()), false),
                        Found::Settled(image) => tell(FoundArtifact::Image(image.clone()), true),
                    };
                    Ok(SubscriptionLook::Image(self.images_as_found(&repo, &rules, promise, found).await?))
                }
                Prepared::Chart(target) => {
                    let versions = self.chart(&target).await?;
                    versions.iter().for_each(|version| tell(FoundArtifact::Chart(version.clone()), true));
                    Ok(SubscriptionLook::Chart(versions))
                }
            }
        }
        .boxed()
    }
}
