//! The pretended probe of health.

use std::sync::Arc;

use kargo_core::{
    model::{HealthCheckStep, HealthState},
    port::{HealthProbe, PortError},
};
use kargo_testkit::{
    conformance::HealthRig,
    fake::{FakeHealth, VirtualClock},
    health_conformance,
};

struct Rig(Arc<FakeHealth>);

#[async_trait::async_trait]
impl HealthRig for Rig {
    async fn start() -> Self {
        Self(Arc::new(FakeHealth::new(&VirtualClock::default())))
    }

    fn probe(&self) -> Arc<dyn HealthProbe> {
        self.0.clone()
    }

    fn check(&self, name: &str) -> HealthCheckStep {
        HealthCheckStep { uses: "argocd-update".into(), config: Some(serde_json::json!({ "apps": [name] })) }
    }

    async fn make(&self, check: &HealthCheckStep, state: HealthState) {
        let issues: &[&str] = if state == HealthState::Unhealthy { &["it is down"] } else { &[] };
        self.0.set(check, state, issues);
    }

    /// Nothing in it can be changed but from outside.
    async fn acts(&self) -> u64 {
        0
    }
}

health_conformance!(block_on: Rig);

#[test]
fn it_counts_and_fails_as_told() {
    let clock = VirtualClock::default();
    let health = FakeHealth::new(&clock);
    let check = HealthCheckStep { uses: "argocd-update".into(), config: None };
    health.serve("argocd-update");
    health.fail([PortError::retryable("connection reset")]);
    let error = clock.run(health.observe(&check)).unwrap_err();
    assert_eq!(error.to_string(), "health.example: observe argocd-update: Retryable: connection reset");
    let said = clock.run(health.observe(&check)).unwrap().into_value().unwrap();
    assert_eq!((said.status, health.looks(&check)), (Some(HealthState::Healthy), 2));
}
