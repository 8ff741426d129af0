//! What was seen before something changed says nothing of what came after it (requirements E9; control 5.1 and 13, invariants
//! 36 and 39).

use kargo_core::{
    Effect, EffectKind, Report,
    command::{Promote, Reverify},
    engine::ObserveHealth,
    model::{Health, HealthCheckStep, HealthState},
    report::{StepError, StepProgress},
    world::Place,
};
use serde_json::json;

use crate::{
    host::{Host, at},
    shop::{PLAIN, VERIFIED},
};

const ANA: &str = "email:ana@acme.example";

fn checked() -> Result<StepProgress, StepError> {
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({})) };
    Ok(StepProgress::done(json!({})).health(check))
}

fn healthy() -> Health {
    Health { status: Some(HealthState::Healthy), ..Health::default() }
}

fn look(host: &mut Host) -> ObserveHealth {
    let is_it = |effect: &Effect| matches!(effect.kind, EffectKind::ObserveHealth(_));
    let index = host.open.iter().rposition(is_it).unwrap();
    let EffectKind::ObserveHealth(look) = host.open.remove(index).kind else { panic!() };
    look
}

fn newest(host: &Host) -> String {
    host.engine.world().all_freight().max_by_key(|freight| freight.age()).unwrap().name().to_string()
}

#[test]
fn e9_health_that_was_seen_before_a_promotion_says_nothing_of_it() {
    let mut host = Host::new(VERIFIED);
    host.answers.insert("push".to_owned(), vec![checked()]);
    host.found("cart", &["1.4.2"]);
    host.work();
    let before = look(&mut host);
    host.now = at("2026-11-24T12:00:10Z");
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.command(Promote::to("uat").freight(&*newest(&host)).by(ANA)).unwrap();
    host.work();
    let events = host.report(before.report(Ok(healthy())));
    assert_eq!(events, 0, "{}", host.story());
    assert!(host.engine.world().stage("uat").unwrap().health().is_none());
    let after = look(&mut host);
    assert!(host.report(after.report(Ok(healthy()))) > 0);
}

#[test]
fn control_13_39_after_a_promotion_that_failed_nobody_knows_how_healthy_it_is() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Failed");
    let first = newest(&host);
    host.now = at("2026-11-24T12:00:10Z");
    host.answers.insert("push".to_owned(), vec![Err(StepError::failed("half of it is there"))]);
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.work();
    assert_eq!(
        host.engine
            .world()
            .stage("uat")
            .unwrap()
            .last_promotion()
            .unwrap()
            .status
            .as_ref()
            .unwrap()
            .phase
            .as_ref()
            .unwrap()
            .as_str(),
        "Failed"
    );
    // Somebody wants it verified: that waits until something is known.
    host.command(Reverify::stage("uat").by(ANA)).unwrap();
    let held = host.engine.world().stage("uat").unwrap().current().unwrap();
    assert!(held.names().any(|name| **name == *first));
    assert_eq!(held.verifications.len(), 1, "{}", host.story());
}

#[test]
fn requirements_a1_what_other_subscriptions_found_is_not_taken() {
    let mut host = Host::new(PLAIN);
    let index = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Discover(_))).unwrap();
    let EffectKind::Discover(before) = host.open.remove(index).kind else { panic!() };
    // The Warehouse is another one now, and is looked at at once.
    let other = PLAIN.split("---").next().unwrap().replace("ghcr.io/acme/cart", "ghcr.io/acme/basket");
    let manifests = kargo_core::Manifests::parse("shop.yaml", &other).unwrap();
    host.command(kargo_core::command::Apply::manifests(&manifests).by(ANA)).unwrap();
    let looks: Vec<_> = host.open.iter().filter(|effect| matches!(effect.kind, EffectKind::Discover(_))).collect();
    assert_eq!(looks.len(), 1, "at once");
    let events = host.report(before.report(Ok(crate::host::images(&["1.4.2"]))));
    assert_eq!(events, 0, "{}", host.story());
    assert_eq!(host.engine.world().all_freight().count(), 0);
}

#[test]
fn rules_4_health_that_nobody_asked_for_is_of_now() {
    let mut host = Host::new(PLAIN);
    host.answers.insert("push".to_owned(), vec![checked()]);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert!(host.report(Report::health(Place::stage("uat"), healthy())) > 0);
}
