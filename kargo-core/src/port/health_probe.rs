//! The port to the health of what was deployed.

use std::fmt;

use async_trait::async_trait;

use crate::{
    model::{Health, HealthCheckStep},
    report::{PortError, Reply},
};

/// Observes health, by the checks that promotions leave (control 5).
///
/// * **It never acts.** What it says is what is there; a refresh that would make it fresher is an effect of its own, never a
///   side effect of looking (trap 38). Asked again, it answers the same unless the world has changed.
/// * **Answers** name one of the five states, with issues for people where it is not Healthy. An output holds nothing that
///   ticks, such as the time of the look, else every look would be a change (control 5.2).
/// * **Idempotency, cancellation, concurrency.** Calls may be repeated, dropped and made side by side.
/// * **Errors.** `Unsupported`: it does not know this kind of check. `Misconfigured`: the check's configuration says nothing
///   it understands. What is checked and not there is no error but an answer, Unknown or Unhealthy. Any error counts as
///   Unknown with its text as issue. It says who was asked what.
#[async_trait]
pub trait HealthProbe: fmt::Debug + Send + Sync {
    /// What the check says now.
    async fn observe(&self, check: &HealthCheckStep) -> Result<Reply<Health>, PortError>;
}
