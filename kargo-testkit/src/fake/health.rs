//! A pretended probe of health.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kargo_core::{
    model::{Health, HealthCheckStep, HealthState},
    port::{HealthProbe, PortError, Reply},
};

use super::{VirtualClock, slow::Slow};

/// Health in memory, by check. It never acts, and knows the kinds it was told of.
///
/// ```
/// use kargo_core::{model::{HealthCheckStep, HealthState}, port::HealthProbe};
/// use kargo_testkit::fake::{FakeHealth, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let health = FakeHealth::new(&clock);
/// let check = HealthCheckStep { uses: "argocd-update".into(), config: None };
/// health.set(&check, HealthState::Progressing, &["rolls out"]);
/// assert_eq!(clock.run(health.observe(&check))?.into_value()?.issues, ["rolls out"]);
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Debug)]
pub struct FakeHealth {
    slow: Slow,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kinds: BTreeSet<String>,
    /// By check, as text.
    health: BTreeMap<String, Health>,
    /// How often each check was asked.
    looks: BTreeMap<String, u64>,
    failures: VecDeque<PortError>,
}

impl FakeHealth {
    /// Knows no kind of check.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self { slow: Slow::new(clock), state: Mutex::default() }
    }

    /// Knows this kind of check, too; what it is not told of is Healthy.
    pub fn serve(&self, kind: &str) {
        self.lock().kinds.insert(kind.to_owned());
    }

    /// A check says this from now on; its kind is served.
    pub fn set(&self, check: &HealthCheckStep, state: HealthState, issues: &[&str]) {
        let issues = issues.iter().map(ToString::to_string).collect();
        let health = Health { status: Some(state), issues, ..Health::default() };
        self.serve(&check.uses);
        self.lock().health.insert(key(check), health);
    }

    /// The next looks end in these errors, one each.
    pub fn fail(&self, errors: impl IntoIterator<Item = PortError>) {
        self.lock().failures.extend(errors);
    }

    /// Every answer takes this long; it says what was when it was asked.
    pub fn set_service_time(&self, span: Duration) {
        self.slow.set_service_time(span);
    }

    /// From now on nothing is answered, or all is again.
    pub fn set_hanging(&self, hangs: bool) {
        self.slow.set_hanging(hangs);
    }

    /// How often a check was asked, answered or not.
    #[must_use]
    pub fn looks(&self, check: &HealthCheckStep) -> u64 {
        self.lock().looks.get(&key(check)).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, check: &HealthCheckStep) -> Result<Health, PortError> {
        let mut state = self.lock();
        let key = key(check);
        let known = state.health.get(&key).cloned();
        *state.looks.entry(key).or_default() += 1;
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        if !state.kinds.contains(&check.uses) {
            return Err(PortError::unsupported(format!("{:?} is not a kind of check it knows", check.uses)));
        }
        Ok(known.unwrap_or(Health { status: Some(HealthState::Healthy), ..Health::default() }))
    }
}

#[async_trait]
impl HealthProbe for FakeHealth {
    async fn observe(&self, check: &HealthCheckStep) -> Result<Reply<Health>, PortError> {
        let answer = self.take(check);
        self.slow.pass().await;
        answer.map(Reply::new).map_err(|error| error.at("health.example").asking(&format!("observe {}", check.uses)))
    }
}

fn key(check: &HealthCheckStep) -> String {
    let config = check.config.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} {config}", check.uses)
}
