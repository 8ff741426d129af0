//! A host for tests that keeps what it put in, so that the same can be decided again without some of it.

use kargo_core::{
    Effect, EffectKind, Engine, Genesis, History, Manifests, Recorded, Refusal, Report, Timestamp,
    command::{Apply, Command},
    engine::{Outcome, Work},
    model::{DiscoveredArtifacts, Duration},
    report::{StepError, StepProgress},
    verification::Verdict,
};
use serde_json::json;

/// Something that was put in.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Command(Box<Command>),
    Report(Box<Report>),
    Tick,
}

/// What was put in, when, and the events that it led to: so many, behind the first ones.
#[derive(Clone, Debug)]
pub(crate) struct Put {
    pub(crate) at: Timestamp,
    pub(crate) input: Input,
    pub(crate) base: u64,
    pub(crate) events: u64,
}

pub(crate) struct Host {
    pub(crate) engine: Engine,
    pub(crate) log: Vec<Recorded>,
    pub(crate) now: Timestamp,
    pub(crate) open: Vec<Effect>,
    pub(crate) inputs: Vec<Put>,
}

pub(crate) const ANA: &str = "email:ana@acme.example";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn genesis() -> Genesis {
    Genesis::new("shop", 7)
}

impl Host {
    pub(crate) fn empty() -> Self {
        let (engine, now) = (Engine::new(genesis()), at("2026-11-24T12:00:00Z"));
        Self { engine, log: Vec::new(), now, open: Vec::new(), inputs: Vec::new() }
    }

    /// A host whose engine has taken over these manifests at noon.
    pub(crate) fn new(manifests: &str) -> Self {
        let mut host = Self::empty();
        let manifests = Manifests::parse("shop.yaml", manifests).unwrap();
        host.command(Apply::manifests(&manifests).by("admin")).unwrap();
        host
    }

    pub(crate) fn command(&mut self, command: impl Into<Command>) -> Result<(), Refusal> {
        let command = command.into();
        let outcome = self.engine.command(self.now, command.clone())?;
        self.append(Input::Command(Box::new(command)), outcome);
        Ok(())
    }

    pub(crate) fn report(&mut self, report: Report) {
        let outcome = self.engine.report(self.now, report.clone());
        self.append(Input::Report(Box::new(report)), outcome);
    }

    pub(crate) fn tick(&mut self) {
        let outcome = self.engine.tick(self.now);
        self.append(Input::Tick, outcome);
    }

    fn append(&mut self, input: Input, outcome: Outcome) {
        let (base, events) = (outcome.base().get(), outcome.events().to_vec());
        assert_eq!(base, self.log.len() as u64);
        self.inputs.push(Put { at: self.now, input, base, events: events.len() as u64 });
        self.log.extend(events);
        let Work { start, .. } = outcome.appended();
        self.open.extend(start);
    }

    /// The same inputs at the same instants, all but one, decided anew.
    pub(crate) fn without(&self, left_out: usize) -> Self {
        let mut other = Self::empty();
        for (index, put) in self.inputs.iter().enumerate() {
            if index == left_out {
                continue;
            }
            other.now = put.at;
            match &put.input {
                Input::Command(command) => drop(other.command((**command).clone())),
                Input::Report(report) => other.report((**report).clone()),
                Input::Tick => other.tick(),
            }
        }
        other.now = self.now;
        other
    }

    /// The input that led to an event.
    pub(crate) fn input_of(&self, event: u64) -> usize {
        self.inputs.iter().position(|put| event > put.base && event <= put.base + put.events).unwrap()
    }

    pub(crate) fn history(&self) -> History {
        History::of(genesis(), self.log.clone()).unwrap()
    }

    /// Goes on to an instant, with a tick at every deadline on the way.
    pub(crate) fn until(&mut self, instant: &str) {
        self.until_instant(at(instant));
    }

    pub(crate) fn until_instant(&mut self, end: Timestamp) {
        while let Some(deadline) = self.engine.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.tick();
        }
        self.now = self.now.max(end);
    }

    /// So many seconds go by.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.until_instant(self.now + Duration::from_secs(seconds).to_delta());
    }

    /// The step with this alias answers, as it was handed out last.
    pub(crate) fn answer(&mut self, alias: &str, answer: Result<StepProgress, StepError>) {
        let is_it = |effect: &Effect| matches!(&effect.kind, EffectKind::RunStep(run) if &*run.alias == alias);
        let index = self.open.iter().rposition(is_it).unwrap_or_else(|| panic!("{alias} is not open"));
        let effect = self.open.remove(index);
        let EffectKind::RunStep(run) = &effect.kind else { return };
        self.report(run.report(answer));
    }

    /// The open verification answers.
    pub(crate) fn verdict(&mut self, phase: &str) {
        let index = self.open.iter().rposition(|effect| matches!(effect.kind, EffectKind::Verify(_))).unwrap();
        let effect = self.open.remove(index);
        let EffectKind::Verify(verify) = &effect.kind else { return };
        self.report(verify.report(Ok(Verdict::new(phase).because("p99"))));
    }

    /// A Warehouse has found images of these tags, newest first.
    pub(crate) fn found(&mut self, warehouse: &str, tags: &[&str]) {
        self.report(Report::discovered(warehouse, images(tags)));
    }

    /// The name of the promotion that was made last.
    pub(crate) fn newest(&self) -> String {
        let mut promotions: Vec<_> = self.engine.world().promotions().collect();
        promotions.sort_by_key(|promotion| promotion.turn());
        promotions.last().unwrap().name().to_owned()
    }
}

pub(crate) fn done() -> Result<StepProgress, StepError> {
    Ok(StepProgress::done(json!({"commit": "9c1d77e"})))
}

pub(crate) fn images(tags: &[&str]) -> DiscoveredArtifacts {
    let digest =
        |tag: &str| format!("sha256:{:064x}", tag.bytes().fold(7, |sum: u64, byte| sum * 31 + u64::from(byte)));
    let references: Vec<_> = tags.iter().map(|tag| json!({"tag": tag, "digest": digest(tag)})).collect();
    let found = json!({"discoveredAt": null, "images": [{"repoURL": "ghcr.io/acme/cart", "references": references}]});
    serde_json::from_value(found).unwrap()
}

/// The shop of user-code 1, with steps of its own.
pub(crate) const SHOP: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat], requiredSoakTime: 1h } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, as: change, retry: { timeout: 72h, errorThreshold: 3 } }, { uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop }
spec: { promotionPolicies: [{ stageSelector: { name: uat }, autoPromotionEnabled: true }] }
";
