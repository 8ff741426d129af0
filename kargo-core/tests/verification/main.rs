//! Verification of one place, from the judgement to the verdicts, over a pretended verifier that misbehaves.
#![expect(clippy::unwrap_used, reason = "what the tests make is there")]

mod place;

use std::collections::BTreeSet;

use kargo_core::{
    model::{HealthState, VerdictPolicy, VerificationPhase},
    report::PortError,
    verification::{AbortReason, Asked, End, Input, State},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use place::Place;

/// Control 4.2 to 4.8, in the order of a day: healthy, started, polled, ended, credited.
#[test]
fn control_4_from_success_to_verified() {
    let mut place = Place::new();
    place.verifier.script("uat", [(0, "Pending"), (3, "Running"), (20, "Successful")]);
    place.digest(&["a", "b"]);
    place.pass(1);
    assert_eq!(place.phases(), ["Pending"]);
    place.health = HealthState::Progressing;
    place.pass(60);
    assert_eq!(place.phases(), ["Successful"]);
    assert!(!place.verdicts.is_verified("a", VerdictPolicy::Latest), "invariant 36: it is not healthy");
    place.health = HealthState::Healthy;
    place.pass(1);
    assert!(
        place.verdicts.is_verified("a", VerdictPolicy::Latest)
            && place.verdicts.is_verified("b", VerdictPolicy::Latest)
    );
    assert_eq!(place.verifier.len(), 1);
}

/// Control 4.6 and trap 37 of the invariants, as rules 6 restates it: a failed re-verification withdraws; sticky, it does not.
#[test]
fn rules_6_a_failed_reverification_withdraws() {
    let mut place = Place::new();
    place.digest(&["a"]);
    place.pass(60);
    assert!(place.verdicts.is_verified("a", VerdictPolicy::Latest));
    place.verifier.script("uat", [(0, "Failed")]);
    place.reverify("email:ana@acme.example");
    place.pass(60);
    assert_eq!(place.phases(), ["Failed", "Successful"], "newest first");
    assert_eq!(place.newest().unwrap().actor(), Some("email:ana@acme.example"));
    assert!(!place.verdicts.is_verified("a", VerdictPolicy::Latest));
    assert!(place.verdicts.is_verified("a", VerdictPolicy::Sticky));
}

/// Control 4.6: a request for the newest verification stays pending until the place is Healthy.
#[test]
fn control_4_6_a_request_waits_for_health() {
    let mut place = Place::new();
    place.digest(&["a"]);
    place.pass(60);
    place.health = HealthState::Unhealthy;
    place.reverify("admin");
    place.pass(600);
    assert_eq!(place.phases(), ["Successful"]);
    place.health = HealthState::Healthy;
    place.pass(60);
    assert_eq!(place.phases(), ["Successful", "Successful"]);
}

/// Trap 27: a verifier that is away for a while costs time and nothing else; a lost answer starts no second run.
#[test]
fn trap_27_an_outage_heals_by_itself() {
    let mut place = Place::new();
    place.verifier.fail(Asked::Start, (0..20).map(|_| PortError::retryable("connection refused")));
    place.verifier.lose_answers(1);
    place.digest(&["a"]);
    place.pass(30);
    assert!(matches!(place.newest().unwrap().state(), State::Retrying { .. }));
    place.pass(7_200);
    assert_eq!(place.phases(), ["Successful"]);
    assert_eq!((place.verifier.len(), place.verifier.calls().starts), (1, 22));
}

/// Rules 6 and 7: Aborted at once, the run outside is stopped, and abort is idempotent.
#[test]
fn trap_26_an_abort_stops_the_run() {
    let mut place = Place::new();
    place.verifier.script("uat", [(0, "Running")]);
    place.digest(&["a"]);
    place.pass(5);
    let abort = Input::Abort { actor: "admin".into(), why: AbortReason::Requested { reason: None } };
    place.tell(&abort);
    assert_eq!(place.phases(), ["Aborted"]);
    place.tell(&abort);
    place.pass(60);
    assert_eq!((place.newest().unwrap().state(), place.verifier.calls().stops), (State::Done(End::Aborted), 1));
    assert_eq!(place.outside(), [VerificationPhase::Aborted]);
}

/// Rules 4: a start whose answer was lost has made a run; an abort stops that one, too.
#[test]
fn rules_4_a_run_that_nobody_heard_of_is_stopped() {
    let mut place = Place::new();
    place.verifier.script("uat", [(0, "Running")]);
    place.verifier.lose_answers(1);
    place.digest(&["a"]);
    place.pass(1);
    assert!(matches!(place.newest().unwrap().state(), State::Retrying { .. }));
    assert_eq!(place.verifier.len(), 1);
    place.tell(&Input::Abort { actor: "admin".into(), why: AbortReason::Requested { reason: None } });
    place.pass(60);
    assert_eq!(place.orphans(), Vec::<String>::new());
    assert_eq!((place.phases(), place.verifier.calls().stops), (vec!["Aborted".to_owned()], 1));
}

/// Rules 1: while nothing changes, looks leave no event, and become rare.
#[test]
fn rules_1_a_quiet_day_of_looks_leaves_no_event() {
    let mut place = Place::new();
    place.verifier.script("uat", [(0, "Running")]);
    place.digest(&["a"]);
    place.pass(60);
    let (events, looks) = (place.log.len(), place.verifier.calls().looks);
    place.pass(24 * 3_600);
    assert_eq!(place.log.len(), events);
    let looks = place.verifier.calls().looks - looks;
    assert!((280..=300).contains(&looks), "{looks}");
}

/// What may happen, chosen by a byte.
fn happen(place: &mut Place, choice: u8, size: u8) {
    let size = u64::from(size);
    match choice % 17 {
        0 => place.digest(&["a", "b"]),
        1 => place.digest(&["b", "c"]),
        2 => place.reverify("admin"),
        3 => place.tell(&Input::Abort { actor: "admin".into(), why: AbortReason::Requested { reason: None } }),
        4 => place.health = HealthState::KNOWN[usize::try_from(size).unwrap() % HealthState::KNOWN.len()].clone(),
        5 => place.health = HealthState::Healthy,
        6 => place.verifier.script("uat", [(0, "Pending"), (size, "Measuring"), (2 * size, "Failed")]),
        7 => place.verifier.script("uat", [(0, "Running"), (size, "Successful")]),
        8 => place.verifier.script("uat", [(0, "Inconclusive")]),
        9 => place.verifier.fail(Asked::Start, [PortError::retryable("x"), PortError::retryable("x")]),
        10 => place.verifier.fail(Asked::Look, [PortError::not_found("x"), PortError::retryable("x")]),
        11 => place.verifier.fail(Asked::Stop, [PortError::retryable("x")]),
        12 => place.verifier.lose_answers(1),
        13 => place.lose(),
        14 => place.verifier.script("uat", [(0, "Running")]),
        15 => place.configured = !size.is_multiple_of(4),
        _ => place.crash(),
    }
    place.pass(size * 3);
}

/// Invariants 35, 36 and 38, no lost and no orphaned run, over random days; and every kind of thing occurs.
#[test]
fn control_13_laws_of_a_place() {
    let seen = std::cell::RefCell::new(BTreeSet::new());
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let size = prop_oneof![0..4_u8, any::<u8>()];
    let days = prop::collection::vec((any::<u8>(), size), 0..40);
    let test = |day: Vec<(u8, u8)>| {
        let mut place = Place::new();
        place.digest(&["a"]);
        for (choice, size) in day {
            happen(&mut place, choice, size);
            place.check();
        }
        // The day is over: everything that counts comes to its end; what does not count has to be stopped.
        place.crash();
        place.health = HealthState::Healthy;
        place.verifier.script("uat", [(0, "Running"), (9, "Successful")]);
        place.pass(0);
        place.end();
        place.pass(48 * 3_600);
        place.check();
        assert!(place.newest().is_some_and(|newest| matches!(newest.state(), State::Done(_))), "{:?}", place.newest());
        assert!(place.all().all(|verification| matches!(verification.state(), State::Done(_))), "no stop is left");
        assert_eq!(place.orphans(), Vec::<String>::new());
        assert_eq!(place.verifier.violations(), Vec::<String>::new());
        seen.borrow_mut().extend(place.kinds());
        Ok(())
    };
    runner.run(&days, test).unwrap();
    let wanted = ["Again", "Abort", "Finish", "Miss", "Progress", "Retry", "Stopped", "implicit", "start", "withdrawn"];
    let seen = seen.into_inner();
    let missing: Vec<_> = wanted.iter().filter(|kind| !seen.contains(**kind)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?} of {seen:?}");
}
