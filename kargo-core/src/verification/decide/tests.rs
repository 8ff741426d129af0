//! Tests of what follows: each row of the table of failures, traps, and laws over random histories.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::verification::{Owed, RunReference};

fn at(second: i64) -> Timestamp {
    "2026-11-24T14:02:00Z".parse::<Timestamp>().unwrap() + chrono::TimeDelta::seconds(second)
}

fn begun() -> Verification {
    Verification::begin("0b7c", "", at(0))
}

fn tell(verification: &mut Verification, second: i64, input: &Input) -> Vec<Event> {
    let events = decide(verification, at(second), input);
    events.iter().for_each(|event| verification.apply(event));
    events
}

fn ok(asked: Asked, phase: &str) -> Input {
    Input::Report { asked, answer: Ok(Verdict::new(phase).of("shop", "run-1")) }
}

fn err(asked: Asked, error: PortError) -> Input {
    Input::Report { asked, answer: Err(error) }
}

fn abort() -> Input {
    Input::Abort { actor: "admin".into(), why: AbortReason::Requested { reason: None } }
}

fn running() -> Verification {
    let mut verification = begun();
    tell(&mut verification, 1, &ok(Asked::Start, "Running"));
    verification
}

fn stopping() -> Verification {
    let mut verification = running();
    tell(&mut verification, 2, &abort());
    verification
}

fn errors() -> Vec<PortError> {
    vec![
        PortError::retryable("x"),
        PortError::rate_limited("x"),
        PortError::not_found("x"),
        PortError::unauthorized("x"),
        PortError::rejected("x"),
        PortError::misconfigured("x"),
        PortError::unsupported("x"),
        PortError::bug("x"),
    ]
}

#[test]
fn control_12_3_a_run_from_start_to_end() {
    let mut verification = begun();
    assert_eq!(verification.owed(), Some(Owed::Start { attempt: 1 }));
    tell(&mut verification, 1, &ok(Asked::Start, "Pending"));
    assert_eq!(verification.phase(), VerificationPhase::Pending);
    assert_eq!(verification.run(), Some(&RunReference { namespace: "shop".into(), name: "run-1".into() }));
    assert_eq!(verification.owed(), Some(Owed::Look { not_before: None }));
    tell(&mut verification, 2, &ok(Asked::Look, "Running"));
    assert_eq!((verification.phase(), verification.finished_at()), (VerificationPhase::Running, None));
    let done = Verdict::new("Failed").because("error rate 4.1 %").until(at(3));
    let events = tell(&mut verification, 5, &Input::Report { asked: Asked::Look, answer: Ok(done) });
    assert_eq!(events.len(), 1);
    let seen = (verification.phase(), verification.message(), verification.finished_at(), verification.owed());
    assert_eq!(seen, (VerificationPhase::Failed, Some("error rate 4.1 %"), Some(at(3)), None));
    assert!(verification.run().is_some(), "what is known of the run stays");
}

/// Rules 1: a look that finds nothing new leaves no event; each thing that is new leaves one.
#[test]
fn rules_1_only_news_is_an_event() {
    let mut verification = running();
    for (verdict, is_news) in [
        (Verdict::new("Running"), false),
        (Verdict::new("Running").of("shop", "run-1"), false),
        (Verdict::new("Running").since(at(1)), false),
        (Verdict::new("Running").because("1 of 3"), true),
        (Verdict::new("Running").because("1 of 3"), false),
        (Verdict::new("Measuring").because("1 of 3"), true),
        (Verdict::new("Measuring").because("1 of 3").of("shop", "run-2"), true),
        (Verdict::new("Measuring"), true),
        (Verdict::new("Measuring"), false),
    ] {
        let input = Input::Report { asked: Asked::Look, answer: Ok(verdict.clone()) };
        assert_eq!(!tell(&mut verification, 9, &input).is_empty(), is_news, "{verdict:?}");
    }
}

/// Resources 14.1: a phase of the outside that nobody knows is not terminal, and is kept as text.
#[test]
fn resources_14_1_unknown_phases_are_kept() {
    let mut verification = begun();
    for phase in ["Measuring", ""] {
        tell(&mut verification, 1, &ok(Asked::Look, phase));
        assert_eq!((verification.state(), verification.phase().as_str()), (State::Running, phase));
    }
    let long = "x".repeat(crate::verification::MAX_MESSAGE * 2);
    assert_eq!(tell(&mut verification, 1, &ok(Asked::Look, &long)).len(), 1);
    assert!(verification.phase().as_str().len() <= crate::verification::MAX_MESSAGE);
    assert_eq!(tell(&mut verification, 2, &ok(Asked::Look, &long)).len(), 0, "cut, it is still the same");
}

/// Trap 27 and rules 6: a failed start is retried where that may help, by the back-off of rules 3, without limit.
#[test]
fn trap_27_a_failed_start_is_retried() {
    let mut verification = begun();
    let mut now = at(0);
    for attempt in 1..=40_u32 {
        assert_eq!(verification.owed(), Some(Owed::Start { attempt }));
        let failed = decide(&verification, now, &err(Asked::Start, PortError::retryable("connection reset")));
        verification.apply(&failed[0]);
        let State::Retrying { until, .. } = verification.state() else { panic!("{:?}", verification.state()) };
        let pause = (until - now).num_milliseconds();
        let full = (5_000 << (attempt - 1).min(16)).min(300_000);
        assert!((full * 4 / 5..=full).contains(&pause), "{attempt}: {pause}");
        assert_eq!((verification.deadline(), verification.owed()), (Some(until), None));
        assert_eq!(verification.phase(), VerificationPhase::Pending);
        assert!(verification.message().unwrap().contains("connection reset"));
        let soon = until - chrono::TimeDelta::milliseconds(1);
        assert_eq!(decide(&verification, soon, &Input::Tick), [], "not a moment too soon");
        now = until;
        assert_eq!(decide(&verification, now, &Input::Tick), [Event::Again]);
        verification.apply(&Event::Again);
    }
    tell(&mut verification, 99_999, &ok(Asked::Start, "Running"));
    assert_eq!((verification.phase(), verification.message()), (VerificationPhase::Running, None));
}

#[test]
fn rules_3_the_peers_wish_is_honoured() {
    let mut verification = begun();
    let limit = PortError::rate_limited("HTTP 429").after(Duration::from_secs(900));
    tell(&mut verification, 0, &err(Asked::Start, limit));
    assert_eq!(verification.deadline(), Some(at(900)));
    let mut verification = begun();
    let never = PortError::rate_limited("HTTP 429").after(Duration::from_nanos(i64::MAX));
    tell(&mut verification, 0, &err(Asked::Start, never));
    assert!(verification.deadline().is_some());
}

/// The table of failures, every class of every question.
#[test]
fn control_4_3_and_4_4_what_each_failure_leads_to() {
    for error in errors() {
        let class = error.class();
        let name = class.to_string();
        let mut start = begun();
        tell(&mut start, 1, &err(Asked::Start, error.clone()));
        assert_eq!(start.state().name(), if class.is_retryable() { "Retrying" } else { "Done" }, "{name}");
        if !class.is_retryable() {
            assert_eq!((start.end(), start.finished_at()), (Some(End::Error), Some(at(1))), "{name}");
            let said = start.message().unwrap();
            assert!(said.contains(&name) && said.contains(class.advice()) && said.contains("verify again"), "{said}");
        }
        let mut look = running();
        let events = tell(&mut look, 1, &err(Asked::Look, error.clone()));
        let expected = match class {
            _ if class.is_retryable() => "Running",
            PortClass::Unsupported => "Done",
            _ => "Lost",
        };
        assert_eq!((look.state().name(), events.is_empty()), (expected, class.is_retryable()), "{name}");
        let mut stop = stopping();
        let events = tell(&mut stop, 3, &err(Asked::Stop, error));
        assert_eq!(events.is_empty(), class.is_retryable(), "{name}");
        assert_eq!(stop.phase(), VerificationPhase::Aborted);
        assert_eq!(stop.owed(), class.is_retryable().then_some(Owed::Stop), "{name}");
        let is_told = stop.message().unwrap().contains("could not be stopped");
        assert_eq!(is_told, !class.is_retryable() && class != PortClass::NotFound, "{name}");
    }
}

/// Control 4.4: a run that is gone is looked for a while, then the verification ends in Error.
#[test]
fn control_4_4_a_missing_run_is_an_error_after_a_while() {
    let gone = || err(Asked::Look, PortError::not_found("HTTP 404"));
    let mut verification = running();
    let (mut now, mut looks) = (at(10), 0);
    while verification.end().is_none() {
        looks += 1;
        let events = decide(&verification, now, &gone());
        assert_eq!(events.len(), 1);
        verification.apply(&events[0]);
        if let Some(Owed::Look { not_before: Some(until) }) = verification.owed() {
            assert_eq!(decide(&verification, now, &gone()), [], "the same report twice counts once");
            assert_eq!(verification.phase(), VerificationPhase::Running, "as it was last seen");
            now = until;
        }
    }
    assert_eq!((looks, verification.end()), (MAX_LOST_LOOKS, Some(End::Error)));
    let minutes = (now - at(10)).num_seconds();
    assert!((240..=330).contains(&minutes), "{minutes}");
    assert!(verification.message().unwrap().contains("not seen in 7 looks"), "{:?}", verification.message());
}

#[test]
fn control_4_4_a_run_that_comes_back_is_found() {
    let mut verification = running();
    tell(&mut verification, 1, &err(Asked::Look, PortError::not_found("HTTP 404")));
    assert_eq!(tell(&mut verification, 99, &err(Asked::Look, PortError::retryable("x"))), [], "nobody answered");
    assert_eq!(tell(&mut verification, 100, &ok(Asked::Look, "Running")).len(), 1, "that it is there again is news");
    assert_eq!((verification.state(), verification.message()), (State::Running, None));
    tell(&mut verification, 101, &err(Asked::Look, PortError::not_found("HTTP 404")));
    let State::Lost { looks: 1, .. } = verification.state() else { panic!("{:?}", verification.state()) };
}

/// Trap 28, and rules 5: without a finish time it finished now; the peer's clock moves it neither into the future nor before
/// the start.
#[test]
fn trap_28_when_it_finished() {
    for (told, expected) in [(None, 9), (Some(7), 7), (Some(99), 9), (Some(-99), 0)] {
        let mut verification = begun();
        let verdict = Verdict { finished_at: told.map(at), ..Verdict::new("Successful") };
        tell(&mut verification, 9, &Input::Report { asked: Asked::Start, answer: Ok(verdict) });
        assert_eq!(verification.finished_at(), Some(at(expected)), "{told:?}");
        assert_eq!(verification.end(), Some(End::Successful));
    }
}

/// Trap 26 and rules 6: Aborted at once, while the work is owed until it says how it ended.
#[test]
fn trap_26_a_user_aborted_verification_is_aborted() {
    let mut verification = stopping();
    let seen = (verification.phase(), verification.finished_at(), verification.owed());
    assert_eq!(seen, (VerificationPhase::Aborted, Some(at(2)), Some(Owed::Stop)));
    assert_eq!(verification.message(), Some("Verification aborted by admin"));
    assert_eq!(tell(&mut verification, 3, &ok(Asked::Stop, "Running")), [], "it winds down");
    assert_eq!(verification.owed(), Some(Owed::Stop));
    let events = tell(&mut verification, 4, &ok(Asked::Stop, "Inconclusive"));
    assert_eq!(events.iter().map(Event::name).collect::<Vec<_>>(), ["Late", "Stopped"]);
    assert_eq!((verification.phase(), verification.owed()), (VerificationPhase::Aborted, None));
    assert_eq!(
        (verification.finished_at(), verification.message()),
        (Some(at(2)), Some("Verification aborted by admin"))
    );
}

/// Rules 4: a late outcome is noted, and changes no phase.
#[test]
fn rules_4_a_late_outcome_is_noted() {
    let mut verification = stopping();
    tell(&mut verification, 3, &Input::Stopped { asked: Asked::Stop });
    assert_eq!((verification.state(), verification.owed()), (State::Done(End::Aborted), None));
    let events = tell(&mut verification, 4, &ok(Asked::Look, "Successful"));
    assert_eq!(events.iter().map(Event::name).collect::<Vec<_>>(), ["Late"]);
    assert_eq!(tell(&mut verification, 5, &ok(Asked::Look, "Successful")), [], "once");
    let info = verification.to_info();
    assert_eq!(info.phase, Some(VerificationPhase::Aborted));
    assert_eq!(info.analysis_run.map(|run| run.phase).as_deref(), Some("Successful"));
    assert_eq!(tell(&mut verification, 6, &ok(Asked::Look, "Running")), [], "an old report tells nothing");
}

/// Rules 4: a start under way at the abort may have made a run, or not; the stop is owed in either case.
#[test]
fn rules_4_a_start_that_is_aborted_midway() {
    let mut aborted = begun();
    tell(&mut aborted, 1, &abort());
    assert_eq!(aborted.owed(), Some(Owed::Stop));
    for answer in
        errors().into_iter().map(|error| err(Asked::Start, error)).chain([Input::Stopped { asked: Asked::Start }])
    {
        let mut verification = aborted.clone();
        assert_eq!(tell(&mut verification, 2, &answer), []);
        assert_eq!(verification.owed(), Some(Owed::Stop));
    }
    tell(&mut aborted, 2, &ok(Asked::Start, "Running"));
    assert_eq!((aborted.phase(), aborted.owed()), (VerificationPhase::Aborted, Some(Owed::Stop)));
    assert!(aborted.run().is_some() && aborted.message().unwrap().contains("aborted"), "{aborted:?}");
    tell(&mut aborted, 3, &err(Asked::Stop, PortError::not_found("HTTP 404")));
    assert_eq!(aborted.owed(), None);
}

/// Invariant 53 and control 4.7.
#[test]
fn control_13_53_abort_is_idempotent() {
    let mut verification = stopping();
    assert_eq!(tell(&mut verification, 3, &abort()), []);
    for end in End::ALL {
        let mut over = begun();
        tell(&mut over, 1, &ok(Asked::Start, &end.to_string()));
        assert_eq!(tell(&mut over, 2, &abort()), [], "{end}");
        assert_eq!(over.end(), Some(end));
    }
}

/// Control 4.3: what cannot be built ends in Error, and is not tried again.
#[test]
fn control_4_3_a_build_failure_is_an_error() {
    let error = ArgumentError::NotText { name: "url".into(), found: "float64".into() };
    let input = Input::Unbuildable { error: error.clone() };
    let mut verification = begun();
    tell(&mut verification, 1, &input);
    assert_eq!((verification.end(), verification.message()), (Some(End::Error), Some(&*error.to_string())));
    let mut verification = running();
    assert_eq!(tell(&mut verification, 1, &input), [], "it was built");
}

/// All inputs that matter, of every kind.
fn inputs() -> Vec<Input> {
    let asked = [Asked::Start, Asked::Look, Asked::Stop];
    let phases = ["Pending", "Running", "Measuring", "Successful", "Failed", "Error", "Aborted", "Inconclusive"];
    let mut inputs = vec![abort(), Input::Tick];
    inputs.push(Input::Unbuildable { error: ArgumentError::NotConfigured { stage: "uat".into() } });
    for asked in asked {
        inputs.push(Input::Stopped { asked });
        inputs.extend(phases.map(|phase| ok(asked, phase)));
        inputs.extend(errors().into_iter().map(|error| err(asked, error)));
    }
    inputs
}

/// Plays a history and looks at every law on the way.
fn play(inputs: &[Input], choices: &[(u8, u16)]) {
    let mut verification = begun();
    let mut log = Vec::new();
    let mut now = at(0);
    for (choice, pause) in choices {
        now += chrono::TimeDelta::seconds(i64::from(*pause));
        let input = &inputs[usize::from(*choice) % inputs.len()];
        let before = verification.clone();
        let events = decide(&before, now, input);
        for event in &events {
            let state = verification.state();
            assert!(state.after(event).is_some(), "{} says {}, which changes nothing", state.name(), event.name());
            verification.apply(event);
            assert_eq!(verification.state(), state.next(event));
        }
        // Invariants 2 and 53: what is terminal stays what it is.
        if let Some(end) = before.end() {
            assert_eq!((verification.end(), verification.finished_at()), (Some(end), before.finished_at()));
            assert!(!events.iter().any(|event| matches!(event, Event::Abort { .. } | Event::Finish { .. })));
        }
        // Invariant 5, in our words: a finish time exactly with a terminal phase, between start and now.
        assert_eq!(verification.finished_at().is_some(), verification.phase().is_terminal());
        assert!(verification.finished_at().is_none_or(|at| Some(at) >= verification.started_at() && at <= now));
        // Invariant 56: what is open has work to do or an instant.
        let waits = verification.owed().is_some() || verification.deadline().is_some();
        assert_eq!(waits, !matches!(verification.state(), State::Done(_)));
        // Rules 1: the same answer again says nothing new.
        if matches!(input, Input::Report { asked: Asked::Look, answer: Ok(_) } | Input::Abort { .. }) {
            assert_eq!(decide(&verification, now, input), [], "{input:?}");
        }
        log.extend(events);
    }
    let mut again = begun();
    log.iter().for_each(|event| again.apply(event));
    assert_eq!(again, verification);
}

proptest! {
    #[test]
    fn control_13_laws_hold_over_any_history(choices in prop::collection::vec((any::<u8>(), 0_u16..400), 0..40)) {
        play(&inputs(), &choices);
    }
}

/// Every row of the machine's table is taken by what is decided: none is there for nothing.
#[test]
fn control_12_3_every_transition_occurs() {
    let mut taken = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![begun()];
    while let Some(verification) = open.pop() {
        if !seen.insert(verification.state().name()) {
            continue;
        }
        for input in inputs() {
            let mut verification = verification.clone();
            for event in decide(&verification, at(1_000 * i64::try_from(seen.len()).unwrap()), &input) {
                taken.insert((verification.state().name().to_owned(), event.name().to_owned()));
                verification.apply(&event);
                open.push(verification.clone());
            }
        }
    }
    let rows = include_str!("../machine.rs").lines().filter_map(|line| line.strip_prefix("/// | ")).skip(2);
    let table: BTreeSet<(String, String)> = rows
        .map(|row| row.split('|').map(str::trim))
        .map(|mut cells| (cells.next().unwrap_or_default().to_owned(), cells.next().unwrap_or_default().to_owned()))
        .collect();
    assert_eq!(taken, table);
}
