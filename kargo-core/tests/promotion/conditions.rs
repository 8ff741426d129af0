//! Whether a step runs: conditions, kinds, configurations, and what a failure means for those after it (promotion-engine
//! 1.4, 1.10, 1.11).

use kargo_core::{
    model::PromotionPhase,
    report::{StepError, StepProgress},
};
use serde_json::{Value as Json, json};

use crate::host::{Answer, Host, at};

/// Steps of kind `fail` fail, all others are done.
fn answer(run: &kargo_core::promotion::StepRun) -> Answer {
    match &*run.uses {
        "fail" => Err(StepError::failed("no")),
        "break" => Err(StepError::terminal("boom")),
        _ => Ok(StepProgress::done(Json::Null)),
    }
}

fn run(steps: Json) -> Host {
    let mut host = Host::new(steps);
    host.drive(answer);
    host
}

/// Promotion-engine 1.4: without `if` a step runs unless one that counts failed before it.
#[test]
fn promotion_engine_1_4_default_condition() {
    for (first, statuses, phase) in [
        (json!({"uses": "a"}), "x Succeeded, y Succeeded", "Succeeded"),
        (json!({"uses": "fail"}), "x Failed, y Skipped", "Failed"),
        (json!({"uses": "fail", "continueOnError": true}), "x Failed, y Succeeded", "Succeeded"),
        (json!({"uses": "a", "if": "${{ false }}"}), "x Skipped, y Succeeded", "Succeeded"),
        // An error in a condition blocks as well.
        (json!({"uses": "a", "if": "${{ 1 }}"}), "x Errored, y Skipped", "Errored"),
        (json!({"uses": "a", "if": "${{ 1 }}", "continueOnError": true}), "x Errored, y Succeeded", "Succeeded"),
        (json!({"uses": "nope"}), "x Errored, y Skipped", "Errored"),
        (json!({"uses": "a", "config": {"a": "${{ a.b }}"}}), "x Errored, y Skipped", "Errored"),
    ] {
        let mut first = first;
        first["as"] = "x".into();
        let host = run(json!([first, {"uses": "b", "as": "y"}]));
        assert_eq!((host.statuses().as_str(), host.phase().as_str()), (statuses, phase), "{first}");
        assert_eq!(host.promotion().status.current_step, 1);
    }
}

/// Promotion-engine 1.4 and 1.11: the words for a condition that has no value; neither start nor end is set.
#[test]
fn promotion_engine_1_11_errors_of_conditions() {
    let must = |kind: &str| format!("expression must evaluate to a boolean, got {kind}");
    for (condition, wanted) in [
        ("true", must("string")),
        ("${{ 1 }}", must("float64")),
        ("${{ 0 }}", must("float64")),
        ("${{ quote(true) }}", must("string")),
        ("x", must("string")),
        ("${{ nil }}", must("<nil>")),
        ("${{ [true] }}", must("[]interface {}")),
        ("${{ {a: 1} }}", must("map[string]interface {}")),
        ("${{ \"yes\" }}", must("string")),
        ("${{ a.b }}", "cannot fetch b from <nil> (1:4)\n |  a.b \n | ...^".to_owned()),
        ("${{ true", "unclosed expression: expected \"}}\" but reached end of template".to_owned()),
        ("${{ status('') }}", "argument must not be empty (1:2)\n |  status('') \n | .^".to_owned()),
    ] {
        let host = run(json!([{"uses": "a", "as": "x", "if": condition}]));
        let message = format!("error checking if step \"x\" should be skipped: {wanted}");
        assert_eq!((host.said("x"), host.message()), (message.clone(), message), "{condition}");
        let record = host.record("x").unwrap();
        assert_eq!((record.started_at, record.finished_at, record.error_count), (None, None, 0));
        assert_eq!((host.phase(), host.ran.len()), (PromotionPhase::Errored, 0));
    }
}

/// Promotion-engine 1.11 and 4.3: what counts as true and as false.
#[test]
fn promotion_engine_1_11_truth() {
    for (condition, status) in [
        ("${{ true }}", "Succeeded"),
        ("${{ \"true\" }}", "Succeeded"),
        ("${{ \"t\" }}", "Succeeded"),
        ("tr${{ \"ue\" }}", "Succeeded"),
        ("${{ 1 == 1 }}\n", "Succeeded"),
        ("${{ \"F\" }}", "Skipped"),
        ("${{ ctx.stage == 'dev' }}", "Skipped"),
        ("${{ ctx.stage == 'prod' }}", "Succeeded"),
        ("", "Succeeded"),
    ] {
        let host = run(json!([{"uses": "a", "as": "x", "if": condition}]));
        assert_eq!(host.status("x"), status, "{condition}");
        let record = host.record("x").unwrap();
        assert_eq!(record.started_at.is_some(), status == "Succeeded", "a skipped step has no times");
        assert_eq!(record.finished_at.is_some(), status == "Succeeded");
        // Skipped by its condition: no key at all (promotion-engine 1.6).
        assert_eq!(host.output("x") == "no key", status == "Skipped", "{condition}");
    }
}

/// Promotion-engine 1.4: a condition is looked at before the kind, the kind before the configuration.
#[test]
fn promotion_engine_1_4_unknown_kinds() {
    let unknown = "step kind \"stubborm\" is not registered; did you mean \"stubborn\"?";
    for (step, status, message) in [
        (json!({"uses": "stubborm"}), "Errored", unknown),
        (json!({"uses": "stubborm", "if": "${{ false }}"}), "Skipped", ""),
        (json!({"uses": "stubborm", "config": {"a": "${{ a.b }}"}}), "Errored", unknown),
        (json!({"uses": "stubborm", "config": {"a": "${{ secret('reg').token }}"}}), "Errored", unknown),
        (json!({"uses": "stubborm", "if": "${{ secret('reg').token == '' }}"}), "Skipped", ""),
        (json!({"uses": "stubborm", "if": "${{ secret('reg').token != '' }}"}), "Errored", unknown),
        (
            json!({"uses": "stubborm", "if": "${{ secret('reg').token != '' }}", "config": {"a": "${{ a.b }}"}}),
            "Errored",
            unknown,
        ),
        (
            json!({"uses": "quite another"}),
            "Errored",
            "step kind \"quite another\" is not registered; register it, or correct `uses`",
        ),
    ] {
        let mut step = step;
        step["as"] = "x".into();
        let host = run(json!([step]));
        assert_eq!((host.status("x").as_str(), host.said("x").as_str()), (status, message), "{step}");
        let record = host.record("x").unwrap();
        assert_eq!((record.started_at, record.finished_at), (None, None), "{step}");
    }
    // Nothing is fetched for a kind that nobody knows, unless its condition needs it.
    let host = run(json!([{"uses": "stubborm", "config": {"a": "${{ secret('reg').token }}"}}]));
    assert!(host.fetched.is_empty());
}

/// Promotion-engine 1.4 and 8.2 (13): started, not finished, not tried again.
#[test]
fn promotion_engine_1_4_errors_of_configurations() {
    const PREFIX: &str = "failed to build step context: failed to get step config: ";
    for (config, wanted) in [
        (json!({"x": "${{ a.b }}"}), "cannot fetch b from <nil> (1:4)\n |  a.b \n | ...^"),
        (json!({"x": ["${{ 1 / 0 }}"]}), "json: unsupported value: +Inf"),
        (json!({"x": "${{ \"nan\" }}"}), "json: unsupported value: NaN"),
        (json!({"x": "${{ 1"}), "unclosed expression: expected \"}}\" but reached end of template"),
        (json!([1]), "a step's config must be an object, found a list; write it as `config: { name: value }`"),
    ] {
        let mut host = Host::new(
            json!([{"uses": "stubborn", "as": "x", "config": config, "retry": {"timeout": "1m"}}, {"uses": "a", "as": "y"}]),
        );
        host.drive(answer);
        let message = format!("{PREFIX}{wanted}");
        assert_eq!((host.said("x"), host.message()), (message.clone(), message), "{config}");
        let record = host.record("x").unwrap();
        assert_eq!((record.started_at, record.finished_at), (Some(at("2026-11-24T12:00:00Z")), None));
        assert_eq!(record.error_count, 0);
        assert_eq!((host.statuses().as_str(), host.ran.len()), ("x Errored, y Skipped", 0));
        assert_eq!(host.output("x"), json!("no key"));
    }
}

/// Promotion-engine 1.10: which steps count for `success()` and `failure()`; own failures are seen on another attempt.
#[test]
fn promotion_engine_1_10_success_and_failure() {
    let host = run(json!([
        {"uses": "fail", "as": "may-fail", "continueOnError": true},
        {"uses": "a", "as": "fine", "if": "${{ success() && !failure() }}"},
        {"uses": "a", "as": "skipped", "if": "${{ failure() }}"},
        {"uses": "fail", "as": "bad"},
        {"uses": "a", "as": "default"},
        {"uses": "a", "as": "after", "if": "${{ failure() && !success() }}"},
        {"uses": "a", "as": "never", "if": "${{ success() }}"},
        {"uses": "a", "as": "always", "if": "${{ always() }}"},
    ]));
    let wanted = "may-fail Failed, fine Succeeded, skipped Skipped, bad Failed, default Skipped, after Succeeded, never Skipped, always Succeeded";
    assert_eq!(host.statuses(), wanted);
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Failed, "step \"bad\": no"));

    let mut host = Host::new(
        json!([{"uses": "stubborn", "as": "x", "config": {"again": "${{ failure() }}", "was": "${{ status('x') }}"}}]),
    );
    let mut seen = Vec::new();
    for _ in 0..2 {
        let waits = host.drive(|run| {
            seen.push(run.config.to_json().unwrap());
            Err(StepError::retryable("x"))
        });
        host.now = waits[0].at().unwrap();
    }
    assert_eq!(seen, [json!({"again": false, "was": ""}), json!({"again": true, "was": "Errored"})]);
}

/// Promotion-engine 1.10: `status` sees the own task, or what is in none; by the short alias.
#[test]
fn promotion_engine_1_10_scopes_of_status() {
    let ask = |alias: &str| format!("${{{{ quote(status('{alias}')) }}}}");
    let config = json!({"own": ask("x"), "full": ask("t::x"), "outer": ask("o"), "other": ask("u::x"), "not": ask("z"), "self": ask("ask")});
    let mut host = Host::new(json!([
        {"uses": "a", "as": "o"},
        {"uses": "fail", "as": "t::x", "continueOnError": true},
        {"uses": "b", "as": "t::ask", "config": config},
        {"uses": "b", "as": "ask", "config": config},
        {"uses": "a", "as": "z", "if": "${{ status('t::ask') == '' && status('ask') == 'Succeeded' }}"},
    ]));
    let mut seen = Vec::new();
    host.drive(|run| {
        if &*run.uses == "b" {
            seen.push(run.config.to_json().unwrap());
        }
        answer(run)
    });
    let nothing = json!({"own": "", "full": "", "outer": "", "other": "", "not": "", "self": ""});
    let (mut in_task, mut outside) = (nothing.clone(), nothing);
    in_task["own"] = "Failed".into();
    outside["outer"] = "Succeeded".into();
    assert_eq!(seen, [in_task, outside]);
    assert_eq!(host.status("z"), "Succeeded");
}

/// Promotion-engine 1.4: `if` is evaluated before the first start alone.
#[test]
fn promotion_engine_1_4_conditions_are_decided_once() {
    let mut host = Host::new(json!([{"uses": "stubborn", "as": "x", "if": "${{ !failure() && status('x') == '' }}"}]));
    for _ in 0..2 {
        let waits = host.drive(|_| Err(StepError::retryable("x")));
        host.now = waits[0].at().unwrap();
    }
    host.drive_done();
    assert_eq!((host.phase(), host.ran.len()), (PromotionPhase::Succeeded, 3));
}
