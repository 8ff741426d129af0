//! Waits: what wakes a step, how often it is looked at, when it is tried again, and when it has taken too long (rules 3;
//! promotion-engine 1.5 and 1.9).

use kargo_core::{
    model::{Duration, PromotionPhase},
    promotion::{Input, RunEvent, StepEvent, backoff},
    report::{Seen, Signal, StepError, StepProgress, Wait, WakeKey},
};
use serde_json::json;

use crate::{
    host::{Answer, Host, at},
    live::{Live, names},
};

fn key() -> WakeKey {
    WakeKey::custom("ticket", "CHG-1")
}

fn signal(version: Option<Seen>) -> Signal {
    Signal { key: key(), version }
}

fn returned(answer: Answer, heard: Vec<Signal>) -> Input {
    Input::Returned { step: 0, report: answer.into(), heard }
}

fn waiting(seen: Option<Seen>) -> Answer {
    Ok(StepProgress::waiting(Wait::default().and_on(key(), seen)))
}

/// One step of kind `stubborn` that has begun.
fn begun() -> Live {
    Live::new(json!([{"uses": "stubborn", "as": "x"}]))
}

fn versions() -> Vec<(Option<Seen>, Option<Seen>, bool)> {
    let text = |text: &str| Some(Seen::Text(text.into()));
    let time = |text: &str| Some(Seen::Time(at(text)));
    vec![
        // Seen, heard, whether that is news.
        (Some(Seen::Number(7)), Some(Seen::Number(8)), true),
        (Some(Seen::Number(7)), Some(Seen::Number(7)), false),
        (Some(Seen::Number(7)), Some(Seen::Number(6)), false),
        (Some(Seen::Number(7)), None, true),
        (None, Some(Seen::Number(1)), true),
        (None, None, true),
        (text("a"), text("a"), false),
        (text("a"), text("b"), true),
        (text("a"), Some(Seen::Number(1)), true),
        (time("2026-11-24T12:00:00Z"), time("2026-11-24T12:00:01Z"), true),
        (time("2026-11-24T12:00:00Z"), time("2026-11-24T11:00:00Z"), false),
    ]
}

/// Rules 3: a signal that is newer than what was seen, or not comparable, runs the step again; whether it comes while the
/// attempt is under way, while a look is, or later.
#[test]
fn rules_3_signals() {
    for (seen, heard, news) in versions() {
        let wanted: &[&str] = if news { &["0 Wake"] } else { &[] };
        let mut live = begun();
        live.tell(&returned(waiting(seen.clone()), vec![]));
        assert_eq!(names(&live.tell(&Input::Signal(signal(heard.clone())))), wanted, "{seen:?} {heard:?}");

        let mut live = begun();
        let events = names(&live.tell(&returned(waiting(seen.clone()), vec![signal(heard.clone())])));
        assert_eq!(events, [&["0 Wait"], wanted].concat(), "{seen:?} {heard:?} under way");

        // A look that finds nothing new, but during which it was heard.
        let mut live = begun();
        live.tell(&returned(waiting(seen.clone()), vec![]));
        let events = names(&live.tell(&returned(waiting(seen.clone()), vec![signal(heard.clone())])));
        assert_eq!(events, wanted, "{seen:?} {heard:?} during a look");
    }
}

/// Rules 3: other keys wake nobody; of several keys each does; what was heard does not matter where the step does not wait.
#[test]
fn rules_3_signals_of_other_things() {
    let other = Signal::of(WakeKey::custom("ticket", "CHG-2"));
    let mut live = begun();
    assert_eq!(names(&live.tell(&returned(waiting(None), vec![other.clone()]))), ["0 Wait"]);
    assert!(live.tell(&Input::Signal(other.clone())).is_empty());
    assert!(live.tell(&Input::Signal(Signal::of(WakeKey::custom("request", "CHG-1")))).is_empty());
    let both = Wait::on(key()).and_on(other.key.clone(), Some(Seen::Number(1)));
    live.tell(&returned(Ok(StepProgress::waiting(both.clone())), vec![]));
    assert_eq!(names(&live.tell(&Input::Signal(other.clone()))), ["0 Wake"]);
    assert!(live.tell(&Input::Signal(other.clone())).is_empty(), "an attempt is under way");
    assert_eq!(
        names(&live.tell(&returned(Ok(StepProgress::waiting(both)), vec![other.clone(), signal(None)]))),
        ["0 Wait", "0 Wake"]
    );
    let done = Ok(StepProgress::done(json!({})));
    assert_eq!(names(&live.tell(&returned(done, vec![other, signal(None)]))), ["0 Finish", "End Succeeded"]);
}

/// Architecture, looks: what finds nothing new appends no event; a changed message, output or wait does.
#[test]
fn rules_1_a_look_that_finds_nothing_new() {
    let mut live = begun();
    let wait = || StepProgress::waiting_on(key()).message("waits for approval").output(json!({"id": 1}));
    assert_eq!(names(&live.tell(&returned(Ok(wait()), vec![]))), ["0 Wait"]);
    for _ in 0..3 {
        live.host.after(60);
        assert_eq!(live.tell(&returned(Ok(wait()), vec![])), []);
    }
    for change in [
        wait().message("one of two approved"),
        wait().output(json!({"id": 2})),
        wait().and_on(key(), Some(Seen::Number(3))),
        wait().poll_every(std::time::Duration::from_hours(1)),
        wait(),
    ] {
        assert_eq!(names(&live.tell(&returned(Ok(change.clone()), vec![]))), ["0 Wait"], "{change:?}");
        assert_eq!(live.tell(&returned(Ok(change), vec![])), []);
    }
    // A look may also find it done, or fail.
    assert_eq!(names(&live.tell(&returned(Err(StepError::retryable("x")), vec![]))), ["0 Retry"]);
}

/// Rules 3 and control 13 (45): `until` is an instant, though never less than 10 s after it was asked for.
#[test]
fn rules_3_until() {
    let mut live = begun();
    let until = |text: &str| Ok(StepProgress::waiting_on(key()).until(at(text)));
    live.tell(&returned(until("2026-11-24T12:30:00Z"), vec![]));
    live.host.now = at("2026-11-24T12:29:59Z");
    assert!(live.tell(&Input::Look).is_empty());
    live.host.now = at("2026-11-24T12:30:00Z");
    assert_eq!(names(&live.tell(&Input::Look)), ["0 Wake"]);
    // In the past: not without end.
    assert_eq!(names(&live.tell(&returned(until("2026-11-24T12:00:00Z"), vec![]))), ["0 Wait"]);
    live.host.after(9);
    assert!(live.tell(&Input::Look).is_empty());
    live.host.after(1);
    assert_eq!(names(&live.tell(&Input::Look)), ["0 Wake"]);
}

/// Rules 3 and promotion-engine 1.9: how often to look, and that the look has the step's configuration.
#[test]
fn rules_3_looks() {
    let poll = |seconds| StepProgress::waiting_on(key()).poll_every(std::time::Duration::from_secs(seconds));
    for (kind, progress, interval) in [
        ("a", StepProgress::waiting_on(key()), Some(300)),
        ("a", poll(6 * 3600), Some(6 * 3600)),
        ("a", poll(1), Some(10)),
        ("call", StepProgress::waiting_on(key()), Some(30)),
        ("call", poll(45), Some(45)),
        // What may neither be repeated nor looked after is not (rules 1).
        ("page", StepProgress::waiting_on(key()), None),
        ("keyed-page", StepProgress::waiting_on(key()), Some(300)),
    ] {
        let mut host =
            Host::new(json!([{"uses": kind, "as": "x", "config": {"method": "GET", "stage": "${{ ctx.stage }}"}}]));
        let mut waits = host.drive(|_| Ok(progress.clone()));
        let found = waits.remove(0).look.map(|look| {
            assert_eq!(look.1.config.to_json().unwrap(), json!({"method": "GET", "stage": "prod"}));
            assert_eq!((&*look.1.alias, look.1.attempt), ("x", 1), "a look is no attempt");
            look.0
        });
        assert_eq!(found, interval.map(Duration::from_secs), "{kind}");
    }
    // A kind that acts unless its configuration says otherwise.
    let mut host = Host::new(json!([{"uses": "call", "as": "x", "config": {"method": "POST"}}]));
    assert!(host.drive(|_| Ok(StepProgress::waiting_on(key()))).remove(0).look.is_none());
}

/// Control 13 (56): nobody may look for it, so it has to say what it waits for.
#[test]
fn control_13_56_every_wait_can_end() {
    let nothing = || Ok(StepProgress::waiting(Wait::default()));
    let mut host = Host::new(json!([{"uses": "page", "as": "x"}]));
    host.drive(|_| nothing());
    let message = "step \"x\" waits, but says neither for what nor until when";
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Errored, message));
    for step in [json!({"uses": "page", "as": "x", "retry": {"timeout": "1h"}}), json!({"uses": "a", "as": "x"})] {
        let mut host = Host::new(json!([step]));
        let waits = host.drive(|_| nothing());
        assert!(waits[0].at().is_some() || waits[0].look.is_some(), "{step}");
        assert_eq!(waits[0].reason, "step \"x\" waits for the next look");
    }
}

/// Rules 3: 5 s doubling to 5 min less some jitter, or what the peer asks for if that is longer; to the millisecond.
#[test]
fn rules_3_back_off() {
    for (answer, asked) in [
        (StepError::retryable("x"), None),
        (StepError::retryable("x").after(Duration::from_secs(400)), Some(Duration::from_secs(400))),
        (StepError::retryable("x").after(Duration::from_secs(1)), Some(Duration::from_secs(1))),
        (StepError::failing("x"), None),
    ] {
        let mut live = Live::new(json!([{"uses": "a", "as": "x", "retry": {"errorThreshold": 20}}]));
        for errors in 1..10 {
            let effect = live.runs()[0].effect.clone();
            live.tell(&returned(Err(answer.clone()), vec![]));
            let due = live.host.now + backoff(&effect, errors, asked).to_delta();
            let Some(RunEvent::Step { event: StepEvent::Retry { until, .. }, .. }) = live.events.last() else {
                panic!()
            };
            assert_eq!(*until, due, "{errors}");
            live.host.now = due - chrono::TimeDelta::milliseconds(1);
            assert!(live.tell(&Input::Look).is_empty());
            assert!(live.tell(&Input::Signal(signal(None))).is_empty(), "a back-off is no wait");
            live.host.now = due;
            assert_eq!(names(&live.tell(&Input::Look)), ["0 Wake"]);
        }
    }
}

/// Rules 3: consecutive errors count; a wait in between starts anew. Promotion-engine 1.5 (4): the words.
#[test]
fn rules_3_the_threshold_counts_consecutive_errors() {
    for (error, status, inner) in [
        (StepError::retryable("down"), "Errored", "error running step \"x\": down"),
        (StepError::failing("503"), "Failed", "step \"x\": 503"),
    ] {
        let mut host = Host::new(json!([{"uses": "stubborn", "as": "x"}]));
        let mut answers = ["e", "e", "w", "e", "e", "w", "e", "e", "e"].iter();
        let mut counts = Vec::new();
        while !matches!(host.phase(), PromotionPhase::Errored | PromotionPhase::Failed) {
            let waits = host.drive(|_| match answers.next() {
                Some(&"e") => Err(error.clone()),
                _ => Ok(StepProgress::waiting(Wait::default()).until(at("2026-11-25T12:00:00Z"))),
            });
            let record = host.record("x").unwrap();
            counts.push(record.error_count);
            if let Some(until) = waits.first().and_then(kargo_core::promotion::Waits::at) {
                host.now = until.max(host.now + chrono::TimeDelta::seconds(10));
                let retries = format!("{inner}; step will be retried");
                let message = (record.error_count > 0).then_some(retries);
                assert_eq!((record.message, record.finished_at), (message, None));
            }
        }
        assert_eq!(counts, [1, 2, 0, 1, 2, 0, 1, 2, 3]);
        let message = format!("step \"x\" met error threshold of 3: {inner}");
        assert_eq!((host.status("x").as_str(), host.message()), (status, message));
        assert_eq!(host.record("x").unwrap().finished_at, Some(host.now));
    }
}

/// Rules 3 and E6: the deadline is an instant, from the first start on, also while the step waits or is tried again; an
/// answer that comes later counts if it is a good one.
#[test]
fn rules_3_timeouts_are_exact() {
    let timed_out = "step \"x\" timed out after 5m0s";
    let retry = || Err(StepError::retryable("x").after(Duration::from_secs(3600)));
    for answer in [waiting(None), retry()] {
        let mut live = Live::new(json!([{"uses": "slow", "as": "x", "retry": {"errorThreshold": 9}}]));
        live.host.after(100);
        live.tell(&returned(answer, vec![]));
        live.host.now = at("2026-11-24T12:05:00Z") - chrono::TimeDelta::milliseconds(1);
        assert!(live.tell(&Input::Look).is_empty());
        live.host.now = at("2026-11-24T12:05:00Z");
        assert_eq!(names(&live.tell(&Input::Look)), ["0 Finish", "End Errored"]);
        assert_eq!(live.run.message(), Some(timed_out));
    }
    // An attempt is not interrupted.
    for (answer, message) in [
        (waiting(None), Some(timed_out)),
        (retry(), Some(timed_out)),
        (Err(StepError::failing("no")), Some(timed_out)),
        (Err(StepError::failed("no")), Some("step \"x\": no")),
        (Ok(StepProgress::done(json!({}))), None),
        (Ok(StepProgress::skipped().message("nothing to do")), Some("nothing to do")),
    ] {
        let mut live = Live::new(json!([{"uses": "slow", "as": "x", "retry": {"errorThreshold": 9}}]));
        live.host.now = at("2026-11-24T12:10:00Z");
        assert!(live.tell(&Input::Look).is_empty(), "an attempt is under way");
        live.tell(&returned(answer, vec![]));
        assert_eq!(live.run.message(), message);
        assert!(live.run.phase().is_over());
    }
}

/// Promotion-engine 1.5: an explicit zero means no limit, also where the kind has one.
#[test]
fn promotion_engine_1_5_no_timeout() {
    let mut host = Host::new(json!([{"uses": "slow", "as": "x", "retry": {"timeout": "0s"}}]));
    let waits = host.drive(|_| waiting(None));
    assert_eq!((waits[0].deadline, waits[0].at()), (None, None));
    host.after(1_000_000);
    host.drive(|_| panic!("nothing is due"));
    assert_eq!(host.phase(), PromotionPhase::Running);
}

/// Rules 3: what a host waits for is what the step said, with its deadline, and why.
#[test]
fn rules_3_what_a_host_is_told() {
    let mut host = Host::new(json!([{"uses": "slow", "as": "x"}]));
    let wait = Wait::on(key()).and_on(WakeKey::application("argocd", "shop"), Some(Seen::Number(3)));
    let waits = host.drive(|_| Ok(StepProgress::waiting(wait.clone()).until(at("2026-11-24T12:02:00Z"))));
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].wait, Wait { until: Some(at("2026-11-24T12:02:00Z")), ..wait });
    assert_eq!(waits[0].deadline, Some(at("2026-11-24T12:05:00Z")));
    assert_eq!(waits[0].at(), Some(at("2026-11-24T12:02:00Z")));
    assert_eq!(waits[0].reason, "step \"x\" waits for application/argocd/shop, ticket/CHG-1");
    host.now = at("2026-11-24T12:02:00Z");
    let waits = host.drive(|_| Ok(StepProgress::waiting_on(key()).message("in review")));
    assert_eq!((waits[0].reason.as_str(), host.message().as_str()), ("in review", ""));
    assert_eq!(host.status("x"), "Running");
}
