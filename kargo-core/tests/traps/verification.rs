//! Verification (control 4 and 6; rules 6 and 16): traps 17, 18, 26 to 28, 34, 36 and 42.

use kargo_core::{
    EffectKind, Report,
    command::{AbortVerification, Reverify},
    engine::Verify,
    model::{HealthState, VerificationInfo, VerificationPhase},
    report::PortError,
    verification::{Asked, Observed, Verdict},
};

use crate::{
    host::{Host, at, done},
    scene::{
        ANA, DIRECT, ON, PUSH, VERIFIED, apply, by_hand, checked, from, health, is_verified, ours, policies, promote,
        promotions, shop, stage, verifications,
    },
};

/// Somebody promotes, and the steps are done.
fn deploy(host: &mut Host, tag: &str) {
    if host.engine.world().all_freight().all(|freight| &*freight.reference().images[0].tag != tag) {
        host.found("cart", &[tag]);
    }
    promote(host, "uat", tag).unwrap();
    host.work();
}

fn verified(documents: &[String]) -> Host {
    shop(&[&[stage("uat", DIRECT, VERIFIED)], documents].concat())
}

/// What is asked about runs of verifications and not answered.
fn asked(host: &mut Host) -> Vec<Verify> {
    let open = std::mem::take(&mut host.open);
    let mut asked = Vec::new();
    for effect in open {
        match effect.kind {
            EffectKind::Verify(verify) => asked.push(verify),
            _ => host.open.push(effect),
        }
    }
    asked
}

/// The newest verification of what `uat` holds.
fn newest(host: &Host) -> VerificationInfo {
    host.engine.world().stage("uat").unwrap().current().unwrap().verifications[0].clone()
}

#[test]
fn trap_17_an_old_result_is_not_used_again() {
    // When a combination of freight returns, Kargo takes over its old result, failures too, unless anybody ever asked for a
    // repetition in that Stage. Decided: a failure never counts again, and a success only where a policy says so.
    let mut host = verified(&[]);
    for (tag, verdict) in [("1.0.1", "Failed"), ("1.0.2", "Successful")] {
        deploy(&mut host, tag);
        host.verdict(verdict);
        assert_eq!(verifications(&host, "uat"), verdict);
    }
    for tag in ["1.0.1", "1.0.2"] {
        deploy(&mut host, tag);
        let starts = asked(&mut host);
        assert!(matches!(&starts[..], [start] if start.asked == Asked::Start), "{tag}");
        assert_eq!(verifications(&host, "uat"), "Pending", "{tag}");
        host.report(starts[0].report(Ok(Verdict::new("Successful"))));
    }
    assert!(is_verified(&host, "uat", "1.0.1") && is_verified(&host, "uat", "1.0.2"));
}

#[test]
fn trap_17_a_success_is_used_again_where_a_policy_says_so() {
    // The same with `verification.reuse: SameContent`: the success stands, the failure does not.
    let mut host = verified(&[ours("StagePolicy", "uat", "verification: { reuse: SameContent }")]);
    for (tag, verdict) in [("1.0.1", "Failed"), ("1.0.2", "Successful")] {
        deploy(&mut host, tag);
        host.verdict(verdict);
    }
    deploy(&mut host, "1.0.1");
    assert_eq!(verifications(&host, "uat"), "Pending");
    host.verdict("Failed");
    deploy(&mut host, "1.0.2");
    assert!(asked(&mut host).is_empty());
    assert_eq!(verifications(&host, "uat"), "Successful");
    // Who asks for another one gets it.
    host.command(Reverify::stage("uat").by(ANA)).unwrap();
    assert_eq!(asked(&mut host).len(), 1);
    assert_eq!(verifications(&host, "uat"), "Pending, Successful");
}

#[test]
fn trap_18_verified_is_what_the_latest_verdict_says() {
    // Kargo's condition Verified stays True once any verification of the collection succeeded. Decided: the latest verdict
    // counts, for the condition and for the freight.
    let mut host = verified(&[]);
    deploy(&mut host, "1.0.1");
    let condition = |host: &Host| {
        let uat = host.engine.world().stage("uat").unwrap();
        let phases: Vec<VerificationPhase> =
            uat.current().unwrap().verifications.iter().map(|info| info.phase.clone().unwrap()).collect();
        Observed::verified(Some(&phases)).status
    };
    for (verdict, status) in [("Successful", "True"), ("Failed", "False"), ("Successful", "True")] {
        host.verdict(verdict);
        assert_eq!((condition(&host), is_verified(&host, "uat", "1.0.1")), (status, status == "True"), "{verdict}");
        host.command(Reverify::stage("uat")).unwrap();
        assert_eq!(condition(&host), if status == "True" { "True" } else { "Unknown" }, "while it is repeated");
    }
}

#[test]
fn trap_26_a_verification_that_somebody_stops_is_aborted() {
    // In Kargo it is Failed, and Aborted never occurs. Decided: it is Aborted, and stays so however its run ends.
    let mut host = verified(&[]);
    deploy(&mut host, "1.0.1");
    let id = newest(&host).id.unwrap();
    host.command(AbortVerification::stage("uat").by(ANA)).unwrap();
    assert_eq!(newest(&host).phase, Some(VerificationPhase::Aborted));
    assert_eq!(newest(&host).actor.as_deref(), Some(ANA));
    host.report(Report::verdict(&id, Verdict::new("Failed")));
    assert_eq!(newest(&host).phase, Some(VerificationPhase::Aborted));
    // It says nothing of the freight: a success from before stays.
    host.command(Reverify::stage("uat")).unwrap();
    let again = newest(&host).id.unwrap();
    host.report(Report::verdict(&again, Verdict::new("Successful")));
    assert!(is_verified(&host, "uat", "1.0.1"));
    host.command(Reverify::stage("uat")).unwrap();
    host.command(AbortVerification::stage("uat")).unwrap();
    assert_eq!(verifications(&host, "uat"), "Aborted, Successful, Aborted");
    assert!(is_verified(&host, "uat", "1.0.1"));
}

#[test]
fn trap_27_a_start_that_fails_for_a_moment_is_tried_again() {
    // In Kargo it is the end, Error, until somebody asks for it again. Fixed: it is tried again after a pause; only what would
    // fail the same way is an Error.
    let mut host = verified(&[]);
    deploy(&mut host, "1.0.1");
    for errors in 1..20 {
        let starts = asked(&mut host);
        assert!(matches!(&starts[..], [start] if start.asked == Asked::Start), "after {errors}");
        host.report(starts[0].report(Err(PortError::retryable("connection refused"))));
        assert!(!newest(&host).phase.unwrap().is_terminal());
        let minute = errors * 6;
        host.until(&format!("2026-11-24T{:02}:{:02}:00Z", 12 + minute / 60, minute % 60));
    }
    let starts = asked(&mut host);
    host.report(starts[0].report(Ok(Verdict::new("Successful"))));
    assert!(is_verified(&host, "uat", "1.0.1"));

    let mut host = verified(&[]);
    deploy(&mut host, "1.0.1");
    let starts = asked(&mut host);
    host.report(starts[0].report(Err(PortError::misconfigured("no such template"))));
    assert_eq!(newest(&host).phase, Some(VerificationPhase::Error));
}

#[test]
fn trap_28_a_success_without_a_time_ended_now() {
    // Kargo reads the finish time of a success without asking whether there is one. Fixed: now.
    let mut host = verified(&[]);
    deploy(&mut host, "1.0.1");
    host.until("2026-11-24T12:03:30Z");
    let told = Verdict::new("Successful");
    assert_eq!(told.finished_at, None);
    let id = newest(&host).id.unwrap();
    host.report(Report::verdict(&id, told));
    assert_eq!(newest(&host).finish_time, Some(at("2026-11-24T12:03:30Z")));
    let freight = host.engine.world().all_freight().next().unwrap();
    let verified = freight.visit("uat").and_then(|visit| visit.verified()).unwrap();
    assert_eq!(verified.verified_at, Some(at("2026-11-24T12:03:30Z")));
}

#[test]
fn trap_34_a_verification_that_is_added_begins_at_the_next_occasion() {
    // Kargo verifies by the Stage as it is now, but what is verified already stays so: adding a verification does nothing for
    // freight that is there. Kept: the next promotion, or who asks for it, begins one.
    let mut host = by_hand();
    deploy(&mut host, "1.0.1");
    assert_eq!(verifications(&host, "uat"), "Successful", "nothing is configured");
    apply(&mut host, &stage("uat", DIRECT, VERIFIED));
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(verifications(&host, "uat"), "Successful");
    host.command(Reverify::stage("uat").by(ANA)).unwrap();
    assert_eq!(verifications(&host, "uat"), "Pending, Successful");
    host.verdict("Failed");
    // And the other way round: one that is taken away is not asked for any more.
    apply(&mut host, &stage("uat", DIRECT, PUSH));
    deploy(&mut host, "1.0.2");
    assert_eq!(verifications(&host, "uat"), "Successful");
    apply(&mut host, &stage("uat", DIRECT, VERIFIED));
    deploy(&mut host, "1.0.1");
    assert_eq!(verifications(&host, "uat"), "Pending");
}

#[test]
fn trap_36_without_a_verification_health_decides_all_the_same() {
    // In Kargo freight is verified implicitly only while health is exactly Healthy: what is Progressing for ever never passes.
    // Kept.
    let mut host = by_hand();
    host.answers.insert("push".into(), vec![checked("uat")]);
    deploy(&mut host, "1.0.1");
    for state in [HealthState::Progressing, HealthState::Unknown, HealthState::Unhealthy, HealthState::NotApplicable] {
        health(&mut host, "uat", state);
        host.until("2026-11-24T12:30:00Z");
        assert_eq!((verifications(&host, "uat").as_str(), is_verified(&host, "uat", "1.0.1")), ("", false));
    }
    health(&mut host, "uat", HealthState::Healthy);
    assert_eq!((verifications(&host, "uat").as_str(), is_verified(&host, "uat", "1.0.1")), ("Successful", true));
}

#[test]
fn trap_42_a_success_without_checks_reaches_the_next_stage_in_the_same_breath() {
    // In Kargo success, health, verification and the wake-up downstream happen in one evaluation where nothing is checked.
    // Kept, and further: the next promotion begins in the same batch of events.
    let mut host = shop(&[stage("uat", DIRECT, PUSH), stage("prod", &from("stages: [uat]"), PUSH), policies(ON)]);
    host.found("cart", &["1.4.2"]);
    let index = host.open.iter().position(|effect| !effect.is_look()).unwrap();
    let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
    assert!(host.report(run.report(done())) > 0);
    assert!(is_verified(&host, "uat", "1.4.2"));
    assert_eq!(promotions(&host, "prod"), "1.4.2 Running");
}
