//! Waits that end by time end at their instant, not one millisecond before, and without anybody looking (control 1.5; rules 3);
//! what ends by a fact ends in the batch that brings it (requirements E2).

use std::time::Duration;

use kargo_core::{
    Event, Report,
    command::{Pause, Promote},
    model::{Health, HealthCheckStep, HealthState, PromotionPhase},
    report::{PortError, StepError, StepProgress, WakeKey},
    world::Place,
};
use serde_json::json;

use crate::host::{Answer, Host, at, done};

/// A Warehouse that is looked at every ten days, so that nothing else is due; `uat` and `prod`, and what is added to them.
fn shop(uat: &str, prod: &str, more: &str) -> Host {
    Host::new(&format!(
        "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{ name: cart, namespace: shop }}
spec: {{ interval: 240h, subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }} }}] }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: uat, namespace: shop }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}]
  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-push, as: push{uat} }}] }} }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: prod, namespace: shop }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ stages: [uat], {prod} }} }}]
  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-push, as: push }}] }} }}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {{ name: shop, namespace: shop }}
spec: {{ promotionPolicies: [{{ stageSelector: {{}}, autoPromotionEnabled: true }}] }}
{more}"
    ))
}

/// `uat` with a verification.
const VERIFIED: &str = "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
  verification: { analysisTemplates: [{ name: smoke }] }
";

fn policy(spec: &str) -> String {
    format!(
        "---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: uat, namespace: shop }}\nspec: {{ {spec} }}\n"
    )
}

/// The next thing is due at exactly that instant: before it nothing happens, and then it does.
fn happens_at(host: &mut Host, instant: &str) {
    let due = at(instant);
    assert_eq!(host.engine.deadline(), Some(due), "{}", host.story());
    let open = host.open.len();
    for early in [host.now, due - chrono::TimeDelta::milliseconds(1)] {
        host.now = early;
        assert_eq!((host.tick(), host.open.len()), (0, open), "at {early}");
        assert_eq!(host.engine.deadline(), Some(due));
    }
    host.now = due;
    host.tick();
    assert_ne!(host.engine.deadline(), Some(due), "what is done is not due any more");
}

fn phases(host: &Host, stage: &str) -> Vec<PromotionPhase> {
    let stage = host.engine.world().stage(stage).unwrap();
    stage.promotions().map(|promotion| promotion.phase().clone()).collect()
}

fn key() -> WakeKey {
    WakeKey::custom("ticket", "CHG-1")
}

/// A promotion to `uat` whose step was answered once so.
fn answered(settings: &str, answer: Answer) -> Host {
    let mut host = shop(settings, "", "");
    host.answers.insert("push".into(), vec![answer]);
    host.found("cart", &["1.4.2"]);
    host.work();
    host
}

#[test]
fn control_1_5_a_soak() {
    let mut host = shop("", "requiredSoakTime: 1h30m", "");
    host.now = at("2026-11-24T12:00:07.250Z");
    host.found("cart", &["1.4.2"]);
    host.work();
    happens_at(&mut host, "2026-11-24T13:30:07.250Z");
    assert_eq!(phases(&host, "prod"), [PromotionPhase::Running]);
}

#[test]
fn rules_7_a_soak_behind_a_stage_without_steps() {
    let gate = "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: gate, namespace: shop }
spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat], requiredSoakTime: 10m } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: live, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [gate], requiredSoakTime: 1h } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
";
    let mut host = shop("", "requiredSoakTime: 9h", gate);
    host.found("cart", &["1.4.2"]);
    host.work();
    happens_at(&mut host, "2026-11-24T12:10:00Z");
    happens_at(&mut host, "2026-11-24T13:10:00Z");
    assert_eq!(phases(&host, "live"), [PromotionPhase::Running]);
}

#[test]
fn automation_that_takes_freight_only_so_often() {
    let mut host = shop("", "requiredSoakTime: 90m", &policy("soak: { guard: true, sampleEvery: 2h }"));
    host.found("cart", &["1.4.2"]);
    host.work();
    host.found("cart", &["1.4.3"]);
    happens_at(&mut host, "2026-11-24T13:30:00Z");
    host.work();
    assert_eq!(
        (phases(&host, "prod").len(), phases(&host, "uat").len()),
        (1, 1),
        "it soaked, and stays for the sample"
    );
    happens_at(&mut host, "2026-11-24T14:00:00Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded, PromotionPhase::Running]);
}

#[test]
fn control_2_6_a_window_opens() {
    let freeze = "windows: [{ name: freeze, kind: Deny, dtstart: 20261124T121000Z, dtend: 20261124T130000Z }]";
    let mut host = shop("", "", &policy(freeze));
    happens_at(&mut host, "2026-11-24T12:10:00Z");
    host.found("cart", &["1.4.2"]);
    assert_eq!(phases(&host, "uat"), []);
    happens_at(&mut host, "2026-11-24T13:00:00Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Running]);
}

#[test]
fn rules_7_a_pause_ends() {
    let mut host = shop("", "", "");
    host.command(Pause::stage("uat").until(at("2026-11-24T12:25:30Z"))).unwrap();
    host.found("cart", &["1.4.2"]);
    let newest = Promote::to("uat").newest(kargo_core::Origin::warehouse("cart")).by("email:ana@acme.example");
    host.command(newest).unwrap();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Pending]);
    happens_at(&mut host, "2026-11-24T12:25:30Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Running]);
}

#[test]
fn rules_7_health_that_is_coming_up() {
    let mut host = shop("", "", &policy("progressing: { atMost: 7m }"));
    let check = HealthCheckStep { uses: "argocd-update".into(), config: None };
    host.answers.insert("push".into(), vec![Ok(StepProgress::done(json!({})).health(check))]);
    host.found("cart", &["1.4.2"]);
    host.work();
    let health = Health { status: Some(HealthState::Progressing), ..Health::default() };
    host.report(Report::health(Place::stage("uat"), health));
    host.found("cart", &["1.4.3"]);
    // It is looked at meanwhile, which says nothing new.
    host.until("2026-11-24T12:06:59.999Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded, PromotionPhase::Pending]);
    host.until("2026-11-24T12:07:00Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded, PromotionPhase::Running]);
}

#[test]
fn rules_3_a_step_times_out() {
    let waits = Ok(StepProgress::waiting_on(key()).poll_every(Duration::from_hours(5)));
    let mut host = answered(", retry: { timeout: 1h0m7s }", waits);
    happens_at(&mut host, "2026-11-24T13:00:07Z");
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Errored]);
}

#[test]
fn rules_3_a_step_waits_until_an_instant() {
    let until = at("2026-11-24T12:33:20.125Z");
    let mut host = answered("", Ok(StepProgress::waiting_on(key()).poll_every(Duration::from_hours(5)).until(until)));
    happens_at(&mut host, "2026-11-24T12:33:20.125Z");
    host.answers.clear();
    host.work();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded]);
}

/// An instant between two milliseconds, which engine time never has, is waited for to the end of the millisecond.
#[test]
fn rules_19_an_instant_within_a_millisecond() {
    let until = at("2026-11-24T12:33:20.125000001Z");
    let mut host = answered("", Ok(StepProgress::waiting_on(key()).poll_every(Duration::from_hours(5)).until(until)));
    happens_at(&mut host, "2026-11-24T12:33:20.126Z");
    host.answers.clear();
    host.work();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded]);

    // After a crash looks are spread, to instants that exist.
    let mut host = answered("", done());
    let verified = kargo_core::Manifests::parse("uat.yaml", VERIFIED).unwrap();
    host.command(kargo_core::command::Apply::manifests(&verified)).unwrap();
    host.found("cart", &["1.4.3"]);
    host.work();
    host.verdict("Running");
    host.engine = kargo_core::Engine::replay(crate::host::genesis(), None, host.log.iter().cloned()).unwrap();
    for _ in 0..20 {
        let deadline = host.engine.deadline().unwrap();
        host.now = host.now.max(deadline);
        host.tick();
        assert_ne!(host.engine.deadline(), Some(deadline), "what is done is not due any more");
    }
}

#[test]
fn rules_3_a_step_is_looked_after() {
    let mut host = answered("", Ok(StepProgress::waiting_on(key()).poll_every(Duration::from_mins(13))));
    let before = host.log.len();
    happens_at(&mut host, "2026-11-24T12:13:00Z");
    assert_eq!(host.log.len(), before, "a look is no event");
    host.answers.clear();
    host.work();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded]);
}

#[test]
fn rules_3_a_back_off() {
    let error = StepError::retryable("down").after(Duration::from_secs(90).into());
    let mut host = answered(", retry: { errorThreshold: 9 }", Err(error));
    happens_at(&mut host, "2026-11-24T12:01:30Z");
    host.answers.clear();
    host.work();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded]);
}

#[test]
fn rules_6_the_start_of_a_verification_is_tried_again() {
    let mut host = shop("", "", "");
    let manifests = kargo_core::Manifests::parse("uat.yaml", VERIFIED).unwrap();
    host.command(kargo_core::command::Apply::manifests(&manifests)).unwrap();
    host.found("cart", &["1.4.2"]);
    host.work();
    let start = host.open.pop().unwrap();
    let kargo_core::EffectKind::Verify(verify) = &start.kind else { panic!("{start:?}") };
    host.report(verify.report(Err(PortError::retryable("down").after(Duration::from_secs(90).into()))));
    happens_at(&mut host, "2026-11-24T12:01:30Z");
    host.verdict("Successful");
    assert_eq!(phases(&host, "prod"), [PromotionPhase::Running]);
}

/// Requirements E2: from the event to the completion no time passes and nobody looks: a signal hands the attempt out in its own
/// batch, the answer ends step and promotion in its own, and what is behind begins.
#[test]
fn e2_a_signal_completes_without_any_tick() {
    let waiting = || Ok(StepProgress::waiting_on(WakeKey::application("argocd", "cart")));
    let mut host = answered("", waiting());
    assert_eq!(host.engine.pending().count(), 0);
    host.answers.insert("push".into(), vec![done()]);
    let deadline = host.engine.deadline();
    let events = host.report(Report::signal(WakeKey::application("argocd", "cart")));
    assert_eq!(host.engine.pending().count(), 1, "{}", host.story());
    host.work();
    assert_eq!(phases(&host, "uat"), [PromotionPhase::Succeeded]);
    assert_eq!(phases(&host, "prod"), [PromotionPhase::Succeeded]);
    assert!(events > 0 && deadline > Some(host.now) && host.log.iter().all(|known| known.event != Event::Ticked));
}

/// Requirements A1: discovery and promotion are two phases, joined by causes alone. Freight is made of what was found, a promotion
/// of freight; before there is freight nothing of any promotion changes.
#[test]
fn a1_what_is_found_becomes_freight_and_freight_is_promoted_each_with_its_cause() {
    let mut host = shop("", "", "");
    host.found("cart", &["1.4.2"]);
    let chain = |host: &Host, event: usize| {
        let (mut names, mut next) = (Vec::new(), Some(event));
        while let Some(index) = next {
            let recorded = &host.log[index];
            names.push(match &recorded.event {
                Event::Reported { report, .. } => format!("Reported {report}"),
                event => format!("{event:?}").split([' ', '{', '(']).next().unwrap().to_owned(),
            });
            next = recorded.cause.map(|cause| usize::try_from(cause.get()).unwrap() - 1);
        }
        names
    };
    let created = host.log.iter().position(|known| matches!(known.event, Event::PromotionCreated { .. })).unwrap();
    let expected = ["PromotionCreated", "FreightCreated", "Discovered", "Reported Discovered"];
    assert_eq!(chain(&host, created), expected);
    let freight = host.log.iter().position(|known| matches!(known.event, Event::FreightCreated { .. })).unwrap();
    let is_of_promotions = |known: &kargo_core::Recorded| format!("{:?}", known.event).starts_with("Promotion");
    assert!(!host.log[..freight].iter().any(is_of_promotions), "{}", host.story());

    // What is found and makes no freight changes no promotion; a look that finds the same leaves no trace.
    let before = phases(&host, "uat");
    assert_eq!(host.found("cart", &["1.4.2"]), 0);
    let from = host.log.len();
    assert!(host.found("cart", &["1.4.2", "1.4.1"]) > 0, "there is more to choose from");
    assert!(!host.log[from..].iter().any(is_of_promotions), "{}", host.story());
    assert_eq!(phases(&host, "uat"), before);
}
