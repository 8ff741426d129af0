//! Aborting in every state, late outcomes, and attempts of which nobody knows the end (rules 1 and 4; promotion-engine 1.8;
//! control 3.8).

use kargo_core::{
    model::{PromotionPhase, label},
    promotion::{Input, Next},
    report::{StepError, StepProgress, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, Host, at},
    live::{Live, names},
};

fn abort() -> Input {
    Input::Abort { actor: "email:ana@acme.example".into() }
}

fn returned(step: usize, answer: Answer) -> Input {
    Input::Returned { step, report: answer.into(), heard: Vec::new() }
}

fn done() -> Answer {
    Ok(StepProgress::done(Json::Null))
}

/// Steps `x` and `y`, of which `x` is in a state.
fn in_state(state: &str) -> Live {
    let config = if state == "Preparing" { json!({"a": "${{ secret('reg').token }}"}) } else { json!({}) };
    let steps = json!([{"uses": "stubborn", "as": "x", "config": config}, {"uses": "a", "as": "y"}]);
    if state == "Fresh" {
        return Live::of(Host::new(steps));
    }
    let mut live = Live::new(steps);
    match state {
        "Waiting" => live.tell(&returned(0, Ok(StepProgress::waiting_on(WakeKey::custom("a", "b"))))),
        "Retrying" => live.tell(&returned(0, Err(StepError::retryable("x")))),
        _ => Vec::new(),
    };
    assert_eq!(live.states(), [state, "Fresh"]);
    live
}

#[test]
fn control_3_8_abort_in_every_state() {
    for (state, events, after) in [
        ("Fresh", &["End Aborted"][..], "Fresh"),
        ("Preparing", &["0 Abort", "End Aborted"], "Aborted"),
        ("Running", &["0 Abort", "End Aborted"], "Stopping"),
        ("Waiting", &["0 Abort", "End Aborted"], "Aborted"),
        ("Retrying", &["0 Abort", "End Aborted"], "Aborted"),
    ] {
        let mut live = in_state(state);
        let began = live.run.started_at();
        live.host.after(60);
        assert_eq!(names(&live.tell(&abort())), events, "{state}");
        assert_eq!(live.states(), [after, "Fresh"], "{state}");
        assert_eq!(live.run.message(), Some("Promotion terminated by email:ana@acme.example"));
        assert_eq!(live.run.phase().to_string(), "Aborted");
        assert_eq!((live.run.started_at(), live.run.finished_at()), (began, Some(at("2026-11-24T12:01:00Z"))));
        if after != "Fresh" {
            let record = &live.run.steps()[0];
            assert_eq!(record.status().unwrap().to_string(), "Aborted");
            assert_eq!(record.finished_at(), Some(at("2026-11-24T12:01:00Z")));
        }
        assert!(live.moves().is_empty(), "{state}: nothing starts any more");
        // Control 13 (2 and 53): once more, or anything else, changes nothing.
        live.host.after(60);
        for input in
            [abort(), Input::Begin, Input::Look, Input::TreeLost { checkpoint: None }, Input::Unknown { step: 0 }]
        {
            assert!(live.tell(&input).is_empty(), "{state}: {input:?}");
        }
    }
}

/// Rules 4: what was under way stays so until it says how it ended; that changes neither phase nor outputs.
#[test]
fn rules_4_late_outcomes() {
    for late in [
        returned(0, Ok(StepProgress::done(json!({"pr": 7})))),
        returned(0, Err(StepError::terminal("stopped"))),
        returned(0, Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")))),
        Input::Stopped { step: 0 },
    ] {
        let mut live = in_state("Running");
        live.tell(&abort());
        assert_eq!(names(&live.tell(&late)), ["0 Stopped"]);
        assert_eq!(live.states(), ["Aborted", "Fresh"]);
        assert!(live.run.outputs().is_empty());
        assert!(live.tell(&late).is_empty(), "only once");
        assert_eq!(live.run.phase().to_string(), "Aborted");
    }
    // Late for another reason: it is over already.
    let mut live = in_state("Running");
    live.tell(&returned(0, done()));
    assert!(live.tell(&returned(0, Err(StepError::terminal("x")))).is_empty());
    assert!(live.tell(&Input::Stopped { step: 0 }).is_empty());
    assert!(live.tell(&returned(9, done())).is_empty(), "no such step");
    assert!(live.tell(&Input::Prepared { step: 1, prepared: kargo_core::promotion::Prepared::Skip }).is_empty());
}

/// Control 13 (53): after the end there is nothing to abort.
#[test]
fn control_13_53_abort_after_the_end() {
    let mut host = Host::new(json!([{"uses": "a"}]));
    host.drive_done();
    let before = host.promotion();
    host.tell(&abort());
    assert_eq!(host.promotion(), before);
    let mut host = host.annotation(label::ABORT, "terminate");
    host.drive(|_| panic!("it is over"));
    assert_eq!(host.promotion().status, before.status);
}

/// Resources 15.2: the request is an annotation.
#[test]
fn control_3_8_requests_by_annotation() {
    let by = |who: &str| format!("Promotion terminated by {who}");
    for (text, message) in [
        ("terminate", Some("Promotion terminated per user request".to_owned())),
        (r#"{"action":"terminate"}"#, Some("Promotion terminated per user request".to_owned())),
        (r#"{"action":"terminate","actor":"email:ana@acme.example"}"#, Some(by("email:ana@acme.example"))),
        (r#"{"action":"terminate","actor":"ana","controlPlane":true}"#, Some(by("ana"))),
        (r#"{"action":""}"#, None),
        (r#"{"action":"pause"}"#, None),
        (r#"{"action":7}"#, None),
        ("{", None),
        ("", None),
        ("Terminate", None),
    ] {
        let mut host = Host::new(json!([{"uses": "a", "as": "x"}])).annotation(label::ABORT, text);
        host.drive(|_| done());
        let phase = if message.is_some() { PromotionPhase::Aborted } else { PromotionPhase::Succeeded };
        assert_eq!((host.phase(), host.message()), (phase, message.clone().unwrap_or_default()), "{text}");
        assert_eq!(host.promotion().status.started_at.is_none(), message.is_some());
    }
}

/// Control 3.8: in the middle; stored and read again it is the same.
#[test]
fn control_3_8_abort_of_a_stored_promotion() {
    for prepared in [false, true] {
        let config = if prepared { json!({"a": "${{ secret('reg').token }}"}) } else { json!({}) };
        let mut host = Host::new(json!([{"uses": "b", "as": "w"}, {"uses": "stubborn", "as": "x", "config": config}]));
        host.drive(
            |run| {
                if &*run.alias == "w" { done() } else { Ok(StepProgress::waiting_on(WakeKey::custom("a", "b"))) }
            },
        );
        if prepared {
            // Back to where it was asked what the step refers to.
            let mut again =
                Host::new(json!([{"uses": "b", "as": "w"}, {"uses": "stubborn", "as": "x", "config": config}]));
            again.drive_until_prepared();
            host = again;
        }
        host.after(30);
        host.tell(&abort());
        assert_eq!((host.phase(), host.statuses()), (PromotionPhase::Aborted, "w Succeeded, x Aborted".to_owned()));
        assert_eq!(host.record("x").unwrap().finished_at, Some(at("2026-11-24T12:00:30Z")));
        assert_eq!(host.promotion().metadata.annotations.get(label::EXT_STEPS), None);
        // A late outcome leaves the status alone.
        let before = host.promotion();
        host.tell(&returned(1, Ok(StepProgress::done(json!({"late": true})))));
        assert_eq!(host.promotion(), before);
    }
}

/// Rules 1: found under way after a crash and never repeated, unless the step says so; only where nothing else helps.
#[test]
fn rules_1_unknown_outcomes() {
    let unknown = "a crash leaves open whether this step acted; it is not repeated";
    for (step, repeated) in [
        (json!({"uses": "page"}), false),
        (json!({"uses": "page", "onUnknown": "Error"}), false),
        (json!({"uses": "page", "onUnknown": "Retry"}), true),
        (json!({"uses": "keyed-page"}), true),
        (json!({"uses": "a"}), true),
        (json!({"uses": "call", "config": {"method": "POST"}}), false),
        (json!({"uses": "call", "config": {"method": "GET"}}), true),
        // The configuration is not known, so neither is that it only looks.
        (json!({"uses": "call", "config": {"method": "${{ secret('reg').token }}"}}), false),
    ] {
        let mut step = step;
        step["as"] = "x".into();
        let mut host = Host::new(json!([step, {"uses": "b", "as": "after", "if": "${{ always() }}"}]));
        host.drive_until_handed("x");
        // A crash: it is asked for once more, without an answer to the first.
        host.after(60);
        host.drive(|_| done());
        let ran = if repeated { vec!["x", "x", "after"] } else { vec!["x", "after"] };
        assert_eq!(host.ran, ran, "{step}");
        if !repeated {
            assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Errored, unknown), "{step}");
            let record = host.record("x").unwrap();
            assert_eq!((record.finished_at, record.error_count), (Some(at("2026-11-24T12:01:00Z")), 0));
        }
    }
}

/// Rules 1: also another attempt, and one that a signal woke.
#[test]
fn rules_1_unknown_outcomes_of_later_attempts() {
    for first in [Err(StepError::retryable("x")), Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")))] {
        let mut host = Host::new(json!([{"uses": "page", "as": "x", "retry": {"errorThreshold": 3}}]));
        host.drive(|_| first.clone());
        host.after(300);
        host.tell(&Input::Signal(kargo_core::report::Signal::of(WakeKey::custom("a", "b"))));
        host.drive_until_handed("x");
        host.drive(|_| panic!("it is not repeated"));
        assert_eq!((host.phase(), host.ran.len()), (PromotionPhase::Errored, 2));
    }
}

/// Rules 1: what has begun but was not handed out has not acted; members of a parallel loop are handed out one by one.
#[test]
fn rules_1_what_was_not_handed_out() {
    let loops = r#"[{"alias":"roll","mode":"Parallel","first":0,"steps":1,"members":3}]"#;
    let step = |member: usize| json!({"uses": "page", "as": format!("roll-{member}::x")});
    let mut host = Host::new(json!([step(0), step(1), step(2)])).annotation(label::EXT_LOOPS, loops);
    host.drive(|_| done());
    assert_eq!((host.phase(), host.ran.len()), (PromotionPhase::Succeeded, 3), "{}", host.statuses());
    // One of three was under way.
    let mut host = Host::new(json!([step(0), step(1), step(2)])).annotation(label::EXT_LOOPS, loops);
    host.drive_until_handed("roll-0::x");
    host.drive(|_| done());
    assert_eq!(host.statuses(), "roll-0::x Errored, roll-1::x Succeeded, roll-2::x Succeeded");
}

/// Rules 1 and 4: an answer of an Unknowable step that was closed as unknown comes too late.
#[test]
fn rules_1_an_unknown_outcome_stays_unknown() {
    let mut live = Live::new(json!([{"uses": "page", "as": "x"}, {"uses": "a", "as": "y", "if": "${{ always() }}"}]));
    assert_eq!(names(&live.tell(&Input::Unknown { step: 0 })), ["0 Unknown", "1 Start"]);
    assert!(live.tell(&returned(0, done())).is_empty());
    assert!(live.tell(&Input::Unknown { step: 0 }).is_empty());
    let mut live = Live::new(json!([{"uses": "page", "as": "x", "onUnknown": "Retry"}]));
    assert_eq!(names(&live.tell(&Input::Unknown { step: 0 })), ["0 Wake"]);
    assert_eq!((live.states(), live.runs()[0].attempt), (vec!["Running"], 2));
}

/// Promotion-engine 1.8: freight that is gone; it has begun, so it has a start (control 13, 6).
#[test]
fn promotion_engine_1_8_freight_that_is_gone() {
    let mut host = Host::new(json!([{"uses": "a"}]));
    let mut promotion = host.promotion();
    promotion.spec.freight = Some("f00d".into());
    host = host.with(promotion);
    host.drive(|_| panic!("nothing runs"));
    let message = "Freight \"f00d\" not found in namespace \"shop\"";
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Errored, message));
    let status = host.promotion().status;
    assert_eq!((status.started_at, status.finished_at), (Some(host.now), Some(host.now)));
    assert!(status.step_execution_metadata.is_empty());
}

/// Control 3.3: not before its Stage says so.
#[test]
fn control_3_3_its_turn() {
    let mut host = Host::new(json!([{"uses": "a"}]));
    let mut stage = host.stage();
    let mine = stage.status.current_promotion.take();
    host = host.with(stage.clone());
    let waits = host.drive(|_| panic!("not yet"));
    assert_eq!(waits[0].reason, "Stage \"prod\" has not made it its current promotion yet");
    assert_eq!(host.phase(), PromotionPhase::Pending);
    let Next::Wait { promotion, .. } = host.next() else { panic!("it waits") };
    assert_eq!(promotion.status.started_at, None);
    stage.status.current_promotion = mine;
    host = host.with(stage);
    host.drive_done();
    assert_eq!(host.phase(), PromotionPhase::Succeeded);
}
