//! What stalls, and what only waits (users-ask 2.3).

use kargo_core::{
    EffectKind, Origin, Report,
    command::{Abort, Pause, Promote},
    engine::{StallLimits, Standstill},
    model::{Duration, Health, HealthCheckStep, HealthState},
    report::{PortError, StepError, StepProgress, WakeKey},
    world::Place,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    host::{ANA, Host, SHOP, done},
    random::{Kind, cases, history},
};

fn stalls(host: &Host) -> Vec<Standstill> {
    host.engine.stalls(host.now, &StallLimits::default())
}

/// What stands still, without names and ids that nobody would read.
fn text(host: &Host, all: bool) -> String {
    let found = host.engine.standstills(host.now, &StallLimits::default());
    let found = found.into_iter().filter(|found| all || found.stalled);
    let mut text =
        found.map(|found| format!("{}{found}", if found.stalled { "! " } else { "" })).collect::<Vec<_>>().join("\n");
    for promotion in host.engine.world().promotions() {
        let short =
            format!("{}.{}", promotion.noun().spec.stage, if promotion.is_automatic() { "auto" } else { "hand" });
        text = text.replace(promotion.name(), &short);
    }
    let words = text.split(' ').map(|word| if word.starts_with("e-") { "e-.." } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The Warehouse answers all looks that are open.
fn looked(host: &mut Host) {
    while let Some(index) = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Discover(_))) {
        let effect = host.open.remove(index);
        let EffectKind::Discover(discover) = &effect.kind else { return };
        host.report(discover.report(Ok(crate::host::images(&["1.4.2"]))));
    }
}

/// So much time goes by, and every look is answered in time.
fn pass(host: &mut Host, minutes: i64) {
    for _ in 0..minutes / 5 {
        host.pass(300);
        looked(host);
    }
    host.pass(minutes % 5 * 60);
    looked(host);
}

#[test]
fn work_that_nobody_answers() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    pass(&mut host, 15);
    assert_eq!(stalls(&host), []);
    pass(&mut host, 1);
    insta::assert_snapshot!(text(&host, true), @r#"
    ! step push of uat.auto since 2026-11-24 12:00Z: work e-.. was handed out, and nobody says what came of it
    → look whether the runner of "git-push" still works on it, and report
    → or abort the promotion (abort uat.auto)
    "#);
    host.answer("push", done());
    assert_eq!(stalls(&host), []);
}

#[test]
fn a_queue_behind_work_that_nobody_answers() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let newest = Promote::to("uat").newest(Origin::warehouse("cart")).by(ANA);
    host.command(newest).unwrap();
    pass(&mut host, 20);
    insta::assert_snapshot!(text(&host, true), @r#"
    ! step push of uat.auto since 2026-11-24 12:00Z: work e-.. was handed out, and nobody says what came of it
    → look whether the runner of "git-push" still works on it, and report
    → or abort the promotion (abort uat.auto)
    ! promotion uat.hand since 2026-11-24 12:00Z: promotion uat.auto has the place
    → uat.auto ends, or is aborted (abort uat.auto)
    "#);
    let first = host.engine.world().stage("uat").unwrap().current_promotion().unwrap().to_owned();
    host.command(Abort::promotion(first).by(ANA)).unwrap();
    // It is to stop now, and its lane is not free before it has.
    pass(&mut host, 20);
    insta::assert_snapshot!(text(&host, true), @r#"
    ! step push of uat.auto since 2026-11-24 12:20Z: work e-.. is to stop, and nobody says that it has
    → stop it outside, and report that it stopped: its lane is not free before
    step push of uat.hand since 2026-11-24 12:20Z: promotion uat.auto is in the lane that it needs
    → promotion uat.auto comes to its end, or is aborted
    "#);
}

#[test]
fn what_waits_by_rule_is_no_stall_however_long() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    pass(&mut host, 61);
    host.command(Promote::to("prod").newest(Origin::warehouse("cart")).by(ANA)).unwrap();
    host.answer("change", Ok(StepProgress::waiting_on(WakeKey::custom("ticket", "CHG-1"))));
    host.command(Promote::to("prod").newest(Origin::warehouse("cart")).by("email:bob@acme.example")).unwrap();
    for hour in 0..71 {
        pass(&mut host, 60);
        assert_eq!(stalls(&host), [], "hour {hour}");
    }
    insta::assert_snapshot!(text(&host, true), @"
    step change of prod.hand since 2026-11-24 13:01Z: it waits for ticket/CHG-1, by rule until 2026-11-27 13:01Z
    promotion prod.hand since 2026-11-24 13:01Z: promotion prod.hand has the place, by rule until 2026-11-27 13:01Z
    ");
}

#[test]
fn a_wait_without_an_end_is_one_after_a_day() {
    let mut host = Host::new(&SHOP.replace("retry: { timeout: 72h, errorThreshold: 3 }", "retry: { timeout: 0s }"));
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    pass(&mut host, 61);
    host.command(Promote::to("prod").newest(Origin::warehouse("cart")).by(ANA)).unwrap();
    host.answer("change", Ok(StepProgress::waiting_on(WakeKey::custom("ticket", "CHG-1"))));
    pass(&mut host, 24 * 60);
    assert_eq!(stalls(&host), []);
    pass(&mut host, 1);
    insta::assert_snapshot!(text(&host, false), @"
    ! step change of prod.hand since 2026-11-24 13:01Z: it waits for ticket/CHG-1
    → what it waits for happens, and is signalled
    → or abort the promotion, and give the step a `retry.timeout` (abort prod.hand)
    ");
}

#[test]
fn discovery_that_is_not_answered_and_discovery_that_fails() {
    let mut host = Host::new(SHOP);
    host.pass(11 * 60);
    insta::assert_snapshot!(text(&host, true), @"
    ! Warehouse cart since 2026-11-24 12:00Z: 3 looks are not answered
    → look why: host, credential, network; freight that is known stays usable (refresh cart)
    ");
    while let Some(index) = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Discover(_))) {
        let effect = host.open.remove(index);
        let EffectKind::Discover(discover) = &effect.kind else { panic!() };
        host.report(discover.report(Err(PortError::retryable("ghcr.io is down"))));
    }
    insta::assert_snapshot!(text(&host, true), @"
    ! Warehouse cart since 2026-11-24 12:11Z: 3 looks in a row failed: Retryable: ghcr.io is down
    → look why: host, credential, network; freight that is known stays usable (refresh cart)
    ");
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    assert_eq!(stalls(&host), []);
}

#[test]
fn a_stage_that_does_not_become_healthy_and_one_that_failed() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({})) };
    host.answer("push", Ok(StepProgress::done(json!({})).health(check)));
    let health =
        Health { status: Some(HealthState::Unhealthy), issues: vec!["0 of 3 ready".into()], ..Health::default() };
    host.report(Report::health(Place::stage("uat"), health.clone()));
    for _ in 0..61 {
        pass(&mut host, 1);
        host.report(Report::health(Place::stage("uat"), health.clone()));
    }
    insta::assert_snapshot!(text(&host, true), @"
    ! Stage uat since 2026-11-24 12:00Z: health is Unhealthy (0 of 3 ready)
    → the workload becomes healthy: then it is verified by itself
    → or go back (roll uat back)
    ");

    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", Err(StepError::failed("protected branch")));
    pass(&mut host, 60);
    assert_eq!(stalls(&host), []);
    pass(&mut host, 1);
    insta::assert_snapshot!(text(&host, true), @"
    ! Stage uat since 2026-11-24 12:00Z: promotion uat.auto of it Failed: automation does not try it again
    → promote it by hand once the cause is gone (promote tidal-gazelle to uat)
    → or newer freight comes
    ");
}

#[test]
fn a_verification_that_does_not_end() {
    let mut host = Host::new(&SHOP.replace(
        "steps: [{ uses: git-push, as: push }] } }\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage",
        "steps: [{ uses: git-push, as: push }] } }\n  verification: { analysisTemplates: [{ name: smoke }] }\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage",
    ));
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    pass(&mut host, 16);
    insta::assert_snapshot!(text(&host, true), @"
    ! verification in uat since 2026-11-24 12:00Z: work e-.. was handed out, and nobody says what came of it
    → look whether the verifier still works on it, and report
    → or stop it (abort the verification in uat)
    ");
    host.verdict("Running");
    for _ in 0..361 {
        pass(&mut host, 1);
        while host.open.iter().any(|effect| matches!(effect.kind, EffectKind::Verify(_))) {
            host.verdict("Running");
        }
    }
    insta::assert_snapshot!(text(&host, true), @"
    ! verification in uat since 2026-11-24 12:00Z: its run goes on
    → its run ends, or somebody stops it (abort the verification in uat)
    ");
}

#[test]
fn pauses_windows_and_the_clock() {
    let mut host = Host::new(SHOP);
    let until = host.now + Duration::from_secs(30 * 86_400).to_delta();
    host.command(Pause::stage("uat").until(until).by(ANA)).unwrap();
    host.found("cart", &["1.4.2"]);
    pass(&mut host, 10 * 60);
    insta::assert_snapshot!(text(&host, true), @"Stage uat since 2026-11-24 12:00Z: Stage uat is paused by email:ana@acme.example, by rule until 2026-12-24 12:00Z");
    host.report(Report::clock_suspect());
    insta::assert_snapshot!(text(&host, true), @"
    ! the project since 2026-11-24 12:00Z: the clock may be wrong, so nothing moves by time
    → somebody says that the clock is right (accept the clock)
    ");
}

#[test]
fn nobody_lets_time_go_on() {
    let mut host = Host::new(SHOP);
    looked(&mut host);
    host.answer("push", done());
    host.now += Duration::from_secs(360).to_delta();
    assert_eq!(stalls(&host), []);
    host.now += Duration::from_secs(1).to_delta();
    insta::assert_snapshot!(text(&host, true), @"
    ! the project since 2026-11-24 12:05Z: something is due, and nobody lets time go on
    → call Engine::tick at the instant that Engine::deadline names, or look why the driver does not
    ");
    // An engine that is only read is not one that nobody drives.
    let read = host.history().at(host.now).unwrap();
    assert_eq!(read.stalls(host.now, &StallLimits::default()), []);
}

proptest! {
    #![proptest_config(cases(6))]

    /// What is said to wait by rule until an instant goes on, or ends, at that instant.
    #[test]
    fn what_waits_until_an_instant_does_so(seed in any::<u64>()) {
        let mut host = history(seed, 60, Kind::Wild);
        host.tick();
        let limits = StallLimits::default();
        for found in host.engine.standstills(host.now, &limits) {
            let Some(until) = found.until else { continue };
            let mut later = history(seed, 60, Kind::Wild);
            later.tick();
            later.until_instant(until);
            later.tick();
            let still = later.engine.standstills(later.now, &limits);
            prop_assert!(
                still.iter().all(|still| (&still.what, &still.because, still.until) != (&found.what, &found.because, found.until)),
                "{} is so still at {}", found, later.now
            );
        }
    }

    /// No alarm where everything is answered at once and time goes on at every deadline, short of what nobody can mend by waiting.
    #[test]
    fn what_is_answered_does_not_stall(seed in any::<u64>()) {
        let mut host = history(seed, 30, Kind::Plain);
        host.tick();
        for round in 0..50 {
            // Work leads to work; what is left over is answered in the next round.
            for _ in 0..100 {
                let Some(effect) = host.open.pop() else { break };
                let health = || Health { status: Some(HealthState::Healthy), ..Health::default() };
                let report = match &effect.kind {
                    EffectKind::RunStep(run) => run.report(Ok(StepProgress::done(json!({})))),
                    EffectKind::Verify(verify) => verify.report(Ok(kargo_core::verification::Verdict::new("Successful"))),
                    EffectKind::ObserveHealth(observe) => observe.report(Ok(health())),
                    EffectKind::Discover(discover) => discover.report(Ok(crate::host::images(&["1.0.0"]))),
                    _ => continue,
                };
                host.report(report);
            }
            let alarms = stalls(&host);
            let is_decided = |found: &Standstill| format!("{:?}", found.because).contains("Rule");
            // What failed before is looked at again.
            prop_assert!(round < 10 || alarms.iter().all(is_decided), "{:#?}", alarms);
            host.pass(120);
        }
    }
}
