//! Health (control 5; architecture 5): traps 35 and 37.

use kargo_core::{
    EffectKind,
    model::{Health, HealthState},
    verification::aggregate,
};

use crate::{
    host::Host,
    scene::{DIRECT, VERIFIED, by_hand, checked, health, promote, shop, stage, stepping, verifications},
};

/// The checks of the newest look at the health of `uat`.
fn looked(host: &mut Host) -> String {
    let mut looks = host.open.iter().filter_map(|effect| match &effect.kind {
        EffectKind::ObserveHealth(look) => Some(serde_json::to_string(&look.checks[0].config).unwrap()),
        _ => None,
    });
    let newest = looks.next_back().unwrap();
    host.open.clear();
    newest
}

#[test]
fn trap_35_health_is_checked_as_the_last_success_left_it() {
    // In Kargo the checks are those that the last promotion recorded; a changed template changes them with the next success.
    // Kept.
    let mut host = by_hand();
    host.answers.insert("push".into(), vec![checked("old")]);
    host.found("cart", &["1.0.1"]);
    promote(&mut host, "uat", "1.0.1").unwrap();
    host.work();
    assert!(looked(&mut host).contains("old"));
    crate::scene::apply(&mut host, &stepping("uat", DIRECT, "{ uses: argocd-update, as: other }"));
    host.until("2026-11-24T12:30:00Z");
    assert!(looked(&mut host).contains("old"));
    host.answers.insert("other".into(), vec![checked("new")]);
    promote(&mut host, "uat", "1.0.1").unwrap();
    host.work();
    assert!(looked(&mut host).contains("new"));
}

#[test]
fn trap_37_what_does_not_apply_is_not_healthy() {
    // In Kargo NotApplicable is worse than Healthy where results are merged, and blocks verification. Kept.
    let of = |state| Health { status: Some(state), ..Health::default() };
    let merged = aggregate([of(HealthState::Healthy), of(HealthState::NotApplicable), of(HealthState::Healthy)]);
    assert_eq!(merged.status, Some(HealthState::NotApplicable));
    let mut host = shop(&[stage("uat", DIRECT, VERIFIED)]);
    host.answers.insert("push".into(), vec![checked("uat")]);
    host.found("cart", &["1.0.1"]);
    promote(&mut host, "uat", "1.0.1").unwrap();
    host.work();
    health(&mut host, "uat", HealthState::NotApplicable);
    host.until("2026-11-24T12:20:00Z");
    assert_eq!(verifications(&host, "uat"), "");
    health(&mut host, "uat", HealthState::Healthy);
    assert_eq!(verifications(&host, "uat"), "Pending");
}
