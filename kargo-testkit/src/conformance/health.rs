//! The contract of [`HealthProbe`].

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::{
    model::{HealthCheckStep, HealthState},
    port::HealthProbe,
};

/// How to make things whose health can be observed.
#[async_trait]
pub trait HealthRig: Sized + Send + Sync {
    /// A world of its own for one test.
    async fn start() -> Self;

    /// The adapter under test.
    fn probe(&self) -> Arc<dyn HealthProbe>;

    /// A check of a kind that the adapter serves, of a thing of this name.
    fn check(&self, name: &str) -> HealthCheckStep;

    /// Makes what the check looks at so: Healthy, Progressing or Unhealthy.
    async fn make(&self, check: &HealthCheckStep, state: HealthState);

    /// How often anything outside was changed but by [`make`](Self::make): what the adapter did.
    async fn acts(&self) -> u64;
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod health_checks {
    use std::collections::BTreeSet;

    use futures::future::join;
    use kargo_core::model::{Health, HealthCheckStep, HealthState};

    use super::HealthRig;
    use crate::conformance::part::{assert_class, partly, value};

    async fn observe<R: HealthRig>(rig: &R, check: &HealthCheckStep) -> Health {
        value("HealthProbe::observe", rig.probe().observe(check).await)
    }

    /// What is there is told, with issues where something is wrong.
    pub async fn what_is_there_is_told<R: HealthRig>() {
        let rig = R::start().await;
        let check = rig.check("cart");
        for state in [HealthState::Healthy, HealthState::Progressing, HealthState::Unhealthy, HealthState::Healthy] {
            rig.make(&check, state.clone()).await;
            let health = observe(&rig, &check).await;
            assert_eq!(health.status.as_ref(), Some(&state), "contract (HealthProbe): it says what is there");
            let has_reason = !health.issues.is_empty() || state != HealthState::Unhealthy;
            assert!(has_reason, "contract (HealthProbe): what is Unhealthy has an issue");
        }
    }

    /// `Unsupported`.
    pub async fn a_kind_that_is_not_known_is_unsupported<R: HealthRig>() {
        let rig = R::start().await;
        let check = HealthCheckStep { uses: "never-registered".into(), ..rig.check("cart") };
        assert_class("HealthProbe::observe", rig.probe().observe(&check).await, "Unsupported");
    }

    /// It never acts, and the same world gives the same answer.
    pub async fn observing_never_acts<R: HealthRig>() {
        let rig = R::start().await;
        let check = rig.check("cart");
        rig.make(&check, HealthState::Unhealthy).await;
        let first = observe(&rig, &check).await;
        for _ in 0..3 {
            assert_eq!(observe(&rig, &check).await, first, "contract (HealthProbe): the same world, the same answer");
        }
        assert_eq!(rig.acts().await, 0, "contract (HealthProbe): it never acts");
    }

    /// Checks of different things go side by side.
    pub async fn calls_side_by_side_do_not_disturb_each_other<R: HealthRig>() {
        let rig = R::start().await;
        let (cart, shop) = (rig.check("cart"), rig.check("shop"));
        rig.make(&cart, HealthState::Unhealthy).await;
        rig.make(&shop, HealthState::Healthy).await;
        let (cart, shop) = join(observe(&rig, &cart), observe(&rig, &shop)).await;
        assert_eq!((cart.status, shop.status), (Some(HealthState::Unhealthy), Some(HealthState::Healthy)));
    }

    /// Dropping a future midway is harmless.
    pub async fn dropping_the_future_midway_is_harmless<R: HealthRig>() {
        let rig = R::start().await;
        let (probe, check) = (rig.probe(), rig.check("cart"));
        rig.make(&check, HealthState::Progressing).await;
        for polls in 1..20 {
            partly(probe.observe(&check), polls).await;
            assert_eq!(observe(&rig, &check).await.status, Some(HealthState::Progressing));
        }
    }

    /// What the rig can and what the macro was told agree: there is nothing that a rig may leave out.
    pub async fn what_the_rig_can_is_declared<R: HealthRig>(told: &[&str]) {
        let rig = R::start().await;
        rig.make(&rig.check("cart"), HealthState::Healthy).await;
        let told: BTreeSet<_> = told.iter().copied().collect();
        assert_eq!(told, BTreeSet::new(), "the rig can the right; write that into the macro's `can: [...]`");
    }
}
