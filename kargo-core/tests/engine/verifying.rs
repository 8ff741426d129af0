//! Verification and health of what a Stage holds (control 4 and 5; rules 6 and 7).

use kargo_core::{
    EffectKind, Report,
    command::{AbortVerification, Apply, Delete, Promote, Reverify},
    model::{Health, HealthCheckStep, HealthState, Kind},
    report::StepProgress,
    world::Place,
};
use serde_json::json;

use crate::{host::Host, shop::VERIFIED};

#[test]
fn control_4_a_success_lets_freight_pass_through_to_the_end() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!((host.holds("uat").as_deref(), host.holds("prod")), (Some("1.4.2"), None));
    host.verdict("Running");
    host.until("2026-11-24T12:00:10Z");
    host.verdict("Successful");
    host.work();
    assert_eq!(host.holds("prod").as_deref(), Some("1.4.2"));
}

#[test]
fn rules_6_a_failed_second_verification_withdraws_and_a_success_brings_it_back() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Successful");
    host.work();
    host.command(Reverify::stage("uat").by("email:ana@acme.example")).unwrap();
    host.verdict("Failed");
    let name = host.engine.world().all_freight().next().unwrap().name().clone();
    let verified = |host: &Host| {
        let freight = host.engine.world().freight_named(&name).unwrap();
        freight.visit("uat").and_then(|visit| visit.verified()).is_some()
    };
    assert!(!verified(&host));
    // What is there stays; what was let through before stays where it is.
    assert_eq!(host.holds("prod").as_deref(), Some("1.4.2"));
    host.command(Reverify::stage("uat")).unwrap();
    host.verdict("Successful");
    assert!(verified(&host));
}

#[test]
fn rules_7_a_person_does_not_wait_for_a_verification_and_automation_does() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"), "automation waits while it is verified");
    let newest = Promote::to("uat").newest(kargo_core::Origin::warehouse("cart")).by("email:ana@acme.example");
    host.command(newest).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.3"));
    assert!(host.story().contains("verification: Abort"), "{}", host.story());
}

#[test]
fn control_4_5_an_aborted_verification_says_nothing() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.command(AbortVerification::stage("uat").by("email:ana@acme.example")).unwrap();
    assert_eq!(host.command(AbortVerification::stage("uat")).unwrap(), 0, "twice is once (inv. 53)");
    assert_eq!(host.holds("prod"), None);
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(host.holds("prod"), None);
}

#[test]
fn control_5_verification_waits_for_health() {
    let mut host = Host::new(VERIFIED);
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({"apps": []})) };
    let done = StepProgress::done(json!({})).health(check);
    host.answers.insert("push".into(), vec![Ok(done)]);
    host.found("cart", &["1.4.2"]);
    host.work();
    let looks = host.open.iter().filter(|effect| effect.is_look()).count();
    assert_eq!(looks, 2, "the Warehouse, and the health");
    assert!(!host.story().contains("verification begins"));
    let health = |state| Health { status: Some(state), ..Health::default() };
    host.report(Report::health(Place::stage("uat"), health(HealthState::Progressing)));
    assert_eq!(host.report(Report::health(Place::stage("uat"), health(HealthState::Progressing))), 0);
    assert!(!host.story().contains("verification begins"));
    host.report(Report::health(Place::stage("uat"), health(HealthState::Healthy)));
    host.verdict("Successful");
    host.work();
    assert_eq!(host.holds("prod").as_deref(), Some("1.4.2"));
}

/// The run that is owed is one that is to be stopped, which it is.
fn stop(host: &mut Host) {
    let verify = |effect: &kargo_core::Effect| match &effect.kind {
        EffectKind::Verify(verify) => Some(verify.clone()),
        _ => None,
    };
    let owed = host.engine.pending().find_map(verify).unwrap();
    assert_eq!(owed.asked, kargo_core::verification::Asked::Stop);
    host.report(owed.report(Ok(kargo_core::verification::Verdict::new("Aborted"))));
}

#[test]
fn resources_19_5_with_its_steps_go_the_verification_of_a_stage_and_what_that_owed() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!(host.engine.pending().count(), 1);
    let mut uat = host.engine.world().stage("uat").unwrap().noun().clone();
    uat.spec.promotion_template = None;
    host.command(Apply::objects([uat.into()]).by("email:ana@acme.example")).unwrap();
    // Freight passes through it from now on; its run is stopped, and then nothing of it is owed.
    stop(&mut host);
    let mut pending = host.engine.pending();
    assert!(pending.all(|effect| !matches!(effect.kind, EffectKind::Verify(_))), "a run of what is gone is not owed");
}

#[test]
fn control_6_4_with_a_stage_go_its_verification_and_what_that_owed() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!(host.engine.pending().count(), 1);
    host.command(Delete::new(Kind::Stage, "uat").by("email:ana@acme.example")).unwrap();
    stop(&mut host);
    assert_eq!(host.engine.pending().count(), 0, "a run of what is gone is not owed");
    // Nor does a look at it stay due.
    let mut deadline = host.engine.deadline();
    for _ in 0..10 {
        host.now = deadline.unwrap_or(host.now);
        host.tick();
        assert!(host.engine.deadline() > deadline, "{deadline:?} stays due");
        deadline = host.engine.deadline();
    }
}
