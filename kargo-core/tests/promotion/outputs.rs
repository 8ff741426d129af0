//! Outputs: stored whatever the outcome, read by later steps, put together for tasks and loops (promotion-engine 1.6 and
//! 3.4; rules 12 and 15).

use kargo_core::{
    expr::Value,
    model::label,
    promotion::{Input, MAX_OUTPUT, MAX_OUTPUTS, StepRun},
    report::{StepError, StepProgress, StepReport, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, Host},
    live::Live,
};

/// The output of a step is what its configuration says.
fn echo(run: &StepRun) -> Answer {
    Ok(StepProgress::done(run.config.to_json().unwrap()))
}

fn state(host: &Host) -> Json {
    host.promotion().status.state.unwrap_or_default()
}

#[test]
fn promotion_engine_1_6_stored_whatever_the_outcome() {
    for (answer, wanted) in [
        (Ok(StepProgress::done(json!({"a": 1}))), json!({"a": 1})),
        (Ok(StepProgress::done(Json::Null)), Json::Null),
        (Ok(StepProgress::skipped().output(json!({"a": 1}))), json!({"a": 1})),
        (Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")).output(json!({"a": 1}))), json!({"a": 1})),
        (Err(StepError::failed("x").output(&json!({"a": 1}))), json!({"a": 1})),
        (Err(StepError::failed("x")), Json::Null),
        (Err(StepError::retryable("x").output(&json!({"a": 1}))), json!({"a": 1})),
        (Err(StepError::terminal("x").output(&json!({"a": 1}))), json!({"a": 1})),
    ] {
        for kind in ["a", "stubborn"] {
            let mut host = Host::new(json!([{"uses": kind, "as": "x"}]));
            host.drive(|_| answer.clone());
            assert_eq!(state(&host), json!({"x": wanted}), "{kind} {answer:?}");
        }
    }
    // Nothing for what never ran.
    let mut host = Host::new(json!([{"uses": "a", "if": "${{ false }}"}, {"uses": "nope"}, {"uses": "a"}]));
    host.drive_done();
    assert_eq!(state(&host), json!({}));
}

/// Promotion-engine 1.6 and 8.2 (14): each run replaces what was there; a timeout does not.
#[test]
fn promotion_engine_1_6_each_run_replaces_the_last() {
    let mut host = Host::new(
        json!([{"uses": "stubborn", "as": "x", "retry": {"timeout": "10m"}, "config": {"was": "${{ outputs.x }}"}}]),
    );
    let mut seen = Vec::new();
    let mut answers = [
        Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")).output(json!({"pr": 7}))),
        Err(StepError::retryable("x")),
        Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")).output(json!({"pr": 8}))),
    ]
    .into_iter();
    for _ in 0..3 {
        let waits = host.drive(|run| {
            seen.push(run.config.to_json().unwrap()["was"].clone());
            answers.next().unwrap()
        });
        match waits[0].wait.until {
            Some(until) => host.now = until,
            None => host.tell(&Input::Signal(kargo_core::report::Signal::of(WakeKey::custom("a", "b")))),
        }
    }
    assert_eq!(seen, [Json::Null, json!({"pr": 7}), Json::Null]);
    assert_eq!(host.output("x"), json!({"pr": 8}));
    let mut host = Host::new(json!([{"uses": "slow", "as": "x"}]));
    host.drive(|_| Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")).output(json!({"pr": 8}))));
    host.after(300);
    host.drive_done();
    assert_eq!((host.phase().as_str(), host.output("x")), ("Errored", json!({"pr": 8})));
}

/// Promotion-engine 1.6 and 3.4: what `compose-output` in a task puts out is the task's; the last writer wins; only inside
/// tasks, and of no other kind.
#[test]
fn promotion_engine_1_6_outputs_of_tasks() {
    let mut host = Host::new(json!([
        {"uses": "compose-output", "as": "plain", "config": {"a": 1}},
        {"uses": "compose-output", "as": "t::one", "config": {"a": 1, "b": 1}},
        {"uses": "a", "as": "t::two", "config": {"c": 2}},
        {"uses": "compose-output", "as": "t::three", "config": {"b": 3, "inner": "${{ task.outputs }}"}},
        {"uses": "a", "as": "after", "config": {
            "a": "${{ outputs.t.a }}", "b": "${{ outputs.t.b }}", "full": "${{ outputs['t::two'].c }}", "c": "${{ outputs.t.c }}",
            "task": "${{ task }}",
        }},
        {"uses": "a", "as": "u::x", "config": {"task": "${{ task.outputs }}", "none": "${{ task.outputs.nope }}"}},
        {"uses": "a", "as": "u::v::w", "config": {"task": "${{ task }}"}},
    ]));
    host.drive(echo);
    let inner = json!({"one": {"a": 1, "b": 1}, "two": {"c": 2}});
    assert_eq!(
        state(&host),
        json!({
            "plain": {"a": 1},
            "t::one": {"a": 1, "b": 1},
            "t::two": {"c": 2},
            "t::three": {"b": 3, "inner": inner},
            "t": {"a": 1, "b": 3, "inner": inner},
            "after": {"a": 1, "b": 3, "full": 2, "c": null, "task": null},
            "u::x": {"task": {}, "none": null},
            "u::v::w": {"task": null},
        })
    );
}

/// Promotion-engine 1.6: a key of the task that holds no object is replaced; nothing is merged of null.
#[test]
fn promotion_engine_1_6_a_task_and_a_step_of_one_name() {
    let mut host = Host::new(json!([
        {"uses": "a", "as": "t"},
        {"uses": "compose-output", "as": "t::one", "config": {"a": 1}},
        {"uses": "compose-output", "as": "t::two", "if": "${{ always() }}"},
    ]));
    host.drive(|run| match &*run.alias {
        "t" => Ok(StepProgress::done(Json::Null)),
        "t::two" => Err(StepError::failed("x")),
        _ => echo(run),
    });
    assert_eq!(state(&host), json!({"t": {"a": 1}, "t::one": {"a": 1}, "t::two": null}));
}

/// Rules 15: the outputs of a loop's members as a list, with nil for those that have none.
#[test]
fn rules_15_outputs_of_loops() {
    for mode in ["Parallel", "Sequential"] {
        let loops = json!([
            {"alias": "roll", "mode": mode, "first": 0, "steps": 1, "members": 3},
            {"alias": "empty", "mode": mode, "first": 3, "steps": 1, "members": 0},
        ]);
        let member = |i: usize| json!({"uses": "compose-output", "as": format!("roll-{i}::x"), "config": {"i": i}, "continueOnError": true});
        let host = Host::new(json!([
            member(0), member(1), member(2),
            {"uses": "a", "as": "after", "config": {"all": "${{ outputs.roll }}", "second": "${{ outputs.roll[1]?.i }}", "none": "${{ outputs.empty }}", "own": "${{ outputs['roll-2'].i }}"}},
        ]));
        let mut host = host.annotation(label::EXT_LOOPS, &loops.to_string());
        host.drive(|run| if &*run.alias == "roll-1::x" { Err(StepError::failed("x")) } else { echo(run) });
        assert_eq!(
            host.output("after"),
            json!({"all": [{"i": 0}, null, {"i": 2}], "second": null, "none": [], "own": 2})
        );
        assert_eq!(host.output("roll"), json!("no key"), "it is made where it is read");
    }
}

/// Promotion-engine 8.2 (21): outputs are JSON at once, so that a step computes the same now and after a restart.
#[test]
fn promotion_engine_8_2_outputs_are_json() {
    let mut live = Live::new(
        json!([{"uses": "a", "as": "x"}, {"uses": "a", "as": "y", "config": {"type": "${{ type(outputs.x.n) }}", "none": "${{ outputs.x.t.none }}"}}]),
    );
    let texts = Value::text_map([("a".to_owned(), "b".to_owned())]);
    let output = Value::map([("n".to_owned(), Value::Int(7)), ("t".to_owned(), texts)].into()).unwrap();
    let report = StepReport { output, ..StepReport::default() };
    live.tell(&Input::Returned { step: 0, report, heard: vec![] });
    assert_eq!(live.runs()[0].config.to_json().unwrap(), json!({"type": "float", "none": null}));
    for (output, problem) in [
        (Value::text("x"), "its output is no object but string"),
        (
            Value::map([("n".to_owned(), Value::Float(f64::NAN))].into()).unwrap(),
            "its output cannot be kept: json: unsupported value: NaN",
        ),
    ] {
        let mut live = Live::new(json!([{"uses": "a", "as": "x"}]));
        let report = StepReport { output, ..StepReport::default() };
        live.tell(&Input::Returned { step: 0, report, heard: vec![] });
        let message = format!("an unrecoverable error occurred: error running step \"x\": {problem}");
        assert_eq!(
            (live.run.message(), live.run.outputs().get("x").unwrap().clone()),
            (Some(message.as_str()), Value::Null)
        );
    }
}

/// Rules 12: how much may be put out.
#[test]
fn rules_12_outputs_are_bounded() {
    let text = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    let mut host = Host::new(json!([{"uses": "a", "as": "x"}]));
    host.drive(|_| Ok(StepProgress::done(text(MAX_OUTPUT))));
    assert_eq!(host.phase().as_str(), "Succeeded");
    let mut host = Host::new(json!([{"uses": "a", "as": "x"}]));
    host.drive(|_| Ok(StepProgress::done(text(MAX_OUTPUT + 1))));
    let message = "an unrecoverable error occurred: error running step \"x\": its output has 262145 bytes, more than the 262144 of a step; write it to a file of the work tree and put out the path";
    assert_eq!((host.message().as_str(), host.output("x")), (message, Json::Null));
    let steps = MAX_OUTPUTS / MAX_OUTPUT;
    let mut host = Host::new((0..=steps).map(|_| json!({"uses": "a"})).collect());
    host.drive(|_| Ok(StepProgress::done(text(MAX_OUTPUT))));
    let message = "an unrecoverable error occurred: error running step \"step-5\": with its output the promotion's have 1310720 bytes, more than the 1048576 of a promotion; write it to a file of the work tree and put out the path";
    assert_eq!(host.message(), message);
}
