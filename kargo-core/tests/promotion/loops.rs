//! Steps in tasks and loops: the same as written out, and members of loops beside each other (E1; rules 15).

use std::collections::BTreeMap;

use kargo_core::{
    expr::Template,
    freight::ulid_at,
    model::{
        ForEach, Promotion, PromotionStep, PromotionTaskSpec, PromotionTemplate, PromotionTemplateSpec, StageName,
        TaskKind, TaskName, TaskReference, label,
    },
    promotion::{Input, NewPromotion, RunEvent, StepEvent, TargetFreight, build, for_variables},
    report::{Seen, Signal, StepError, StepProgress, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, FREIGHT, Host},
    live::{Live, names},
};

/// How the same steps stand in a template.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Inline,
    Task,
    Loop(&'static str),
}

/// A promotion of these steps, made from a Stage's template.
fn made(steps: &Json, written: Written) -> Host {
    let steps: Vec<PromotionStep> = serde_json::from_value(steps.clone()).unwrap();
    let mut host = Host::new(json!([]));
    let mut tasks = BTreeMap::new();
    let template = if written == Written::Inline {
        steps
    } else {
        let task = PromotionTaskSpec { steps, ..PromotionTaskSpec::default() };
        tasks.insert((TaskKind::default(), TaskName::from("work")), task);
        let for_each =
            |mode: &str| -> ForEach { serde_json::from_value(json!({"in": "[1]", "as": "i", "mode": mode})).unwrap() };
        vec![PromotionStep {
            task: Some(TaskReference { name: "work".into(), ..TaskReference::default() }),
            alias: Some("t".into()),
            for_each: if let Written::Loop(mode) = written { Some(for_each(mode)) } else { None },
            ..PromotionStep::default()
        }]
    };
    let mut stage = host.stage();
    let spec = PromotionTemplateSpec { steps: template, vars: vec![] };
    stage.spec.promotion_template = Some(PromotionTemplate { spec });
    let freight = TargetFreight::from(host.world.freight(FREIGHT).unwrap());
    let new = NewPromotion {
        stage: &stage,
        policy: None,
        tasks: &tasks,
        freight: &[freight],
        target: None,
        actor: None,
        rollback: false,
        intents: &BTreeMap::new(),
        ulid: ulid_at(host.now, 7, None),
        ui_base_url: "",
        request: None,
    };
    let now = host.now;
    let promotion = build(&new, for_variables(), &mut |template: &Template, env| template.run(env, now)).unwrap();
    assert_eq!(promotion.spec.stage, StageName::from("prod"));
    let mut stored: Promotion = host.promotion();
    stored.spec.steps = promotion.spec.steps;
    stored.metadata.annotations.extend(promotion.metadata.annotations);
    host = host.with(stored);
    host
}

/// Without the names of the task.
fn plain(text: &str) -> String {
    text.replace("t-0::", "").replace("t::", "")
}

/// What can be said of events when names and jitter are left out.
fn said(events: &[RunEvent]) -> Vec<String> {
    let of = |event: &RunEvent| match event {
        RunEvent::Step { index, event: StepEvent::Retry { status, message, output, .. } } => {
            format!("{index} {status} {message} {output:?}")
        }
        other => format!("{other:?}"),
    };
    events.iter().map(|event| plain(&of(event))).collect()
}

fn returned(step: usize, answer: Answer) -> Input {
    Input::Returned { step, report: answer.into(), heard: Vec::new() }
}

/// E1: events, wake keys, outputs and the end are those of the steps written out.
#[test]
fn e1_nested_is_as_good_as_inline() {
    let steps = json!([
        {"uses": "a", "as": "one", "vars": [{"name": "v", "value": "${{ ctx.stage }}"}], "config": {"v": "${{ vars.v }}", "was": "${{ status('one') }}"}},
        {"uses": "stubborn", "as": "two", "config": {"one": "${{ status('one') }}", "token": "${{ secret('reg').token }}"}},
        {"uses": "fail", "as": "may", "continueOnError": true},
        {"uses": "slow", "as": "wait"},
        {"uses": "fail", "as": "bad"},
        {"uses": "b", "as": "default"},
        {"uses": "b", "as": "after", "if": "${{ failure() && status('bad') == 'Failed' && status('default') == 'Skipped' }}"},
        {"uses": "nope", "as": "unknown", "if": "${{ always() }}"},
        {"uses": "b", "as": "broken", "if": "${{ always() }}", "config": {"a": "${{ a.b }}"}},
        {"uses": "b", "as": "refused", "if": "${{ 1 }}"},
    ]);
    let key = || WakeKey::application("argocd", "shop-prod");
    let waiting =
        || Ok(StepProgress::waiting(kargo_core::report::Wait::default().and_on(key(), Some(Seen::Number(4)))));
    let mut logs = Vec::new();
    for written in [Written::Inline, Written::Task, Written::Loop("Sequential"), Written::Loop("Parallel")] {
        let mut live = Live::of(made(&steps, written));
        live.tell(&Input::Begin);
        live.tell(&returned(0, Ok(StepProgress::done(json!({"n": 1})))));
        let kargo_core::promotion::Move::Prepare(preparation) = live.moves().remove(0) else { panic!() };
        let prepared = live.host.prepare(&preparation);
        live.tell(&preparation.report(prepared));
        live.tell(&returned(1, Err(StepError::retryable("down"))));
        live.host.after(5);
        live.tell(&Input::Look);
        live.tell(&returned(1, Ok(StepProgress::done(Json::Null))));
        live.tell(&returned(2, Err(StepError::failed("no"))));
        live.tell(&returned(3, waiting()));
        live.tell(&Input::Signal(Signal { key: key(), version: Some(Seen::Number(4)) }));
        live.tell(&Input::Signal(Signal { key: key(), version: Some(Seen::Number(5)) }));
        live.tell(&returned(3, waiting()));
        live.host.after(300);
        live.tell(&Input::Look);
        live.tell(&returned(6, Ok(StepProgress::skipped().message("late"))));
        assert!(live.run.phase().is_over());
        let outputs: Vec<_> =
            live.run.outputs().iter().map(|(alias, output)| (plain(alias), format!("{output:?}"))).collect();
        logs.push((said(&live.events), outputs, plain(live.run.message().unwrap())));
    }
    for log in &logs[1..] {
        assert_eq!(log, &logs[0]);
    }
    let names: Vec<_> = logs[0].0.iter().filter(|said| said.contains("timed out after 5m0s")).collect();
    assert_eq!(names.len(), 2, "the step, and the promotion");
}

const PARALLEL: &str = r#"[{"alias":"roll","mode":"Parallel","first":1,"steps":2,"members":3}]"#;

/// A step before the loop, three members of two steps, a step after it.
fn rolled(own: &Json, after: &Json) -> Live {
    let member = |i: usize, step: &str| {
        let mut given = own[step].clone();
        given["as"] = format!("roll-{i}::{step}").into();
        given
    };
    let mut steps = vec![json!({"uses": "a", "as": "before"})];
    for i in 0..3 {
        steps.extend([member(i, "x"), member(i, "y")]);
    }
    let mut after = after.clone();
    after["as"] = "after".into();
    steps.push(after);
    let mut live = Live::of(Host::new(Json::from(steps)).annotation(label::EXT_LOOPS, PARALLEL));
    live.tell(&Input::Begin);
    live
}

fn done() -> Answer {
    Ok(StepProgress::done(Json::Null))
}

/// Rules 15: members go their own way, the join waits for all, the least unfinished index is shown.
#[test]
fn rules_15_parallel_members() {
    let plain = json!({"x": {"uses": "a"}, "y": {"uses": "b"}});
    let mut live = rolled(&plain, &json!({"uses": "c"}));
    assert_eq!(live.runs().len(), 1, "not before what stands before it");
    assert_eq!(names(&live.tell(&returned(0, done()))), ["0 Finish", "1 Start", "3 Start", "5 Start"]);
    let directories: Vec<_> = live.runs().into_iter().map(|run| run.directory.unwrap()).collect();
    assert_eq!(directories, ["roll-0", "roll-1", "roll-2"]);
    assert_eq!(names(&live.tell(&returned(3, done()))), ["3 Finish", "4 Start"]);
    assert_eq!(names(&live.tell(&returned(4, done()))), ["4 Finish"]);
    assert_eq!(names(&live.tell(&returned(1, done()))), ["1 Finish", "2 Start"]);
    assert_eq!(names(&live.tell(&returned(5, done()))), ["5 Finish", "6 Start"]);
    assert_eq!(names(&live.tell(&returned(2, done()))), ["2 Finish"]);
    assert_eq!(names(&live.tell(&returned(6, done()))), ["6 Finish", "7 Start"]);
    assert_eq!(live.runs()[0].directory, None);
}

/// Rules 15: a member sees what stands before the loop and itself; what comes after the loop sees all of it.
#[test]
fn rules_15_scopes() {
    let config = |of: &str| json!({"f": "${{ failure() }}", "x": format!("${{{{ quote(status('{of}')) }}}}")});
    let own = json!({"x": {"uses": "fail"}, "y": {"uses": "b", "if": "${{ always() }}", "config": config("x")}});
    let mut live = rolled(&own, &json!({"uses": "c", "if": "${{ failure() }}", "config": config("before")}));
    live.tell(&returned(0, done()));
    live.tell(&returned(1, Err(StepError::failed("no"))));
    live.tell(&returned(3, done()));
    live.tell(&returned(5, Err(StepError::terminal("no"))));
    let configs: Vec<_> = live.runs().iter().map(|run| run.config.to_json().unwrap()).collect();
    let of = |failed: bool, x: &str| json!({"f": failed, "x": x});
    assert_eq!(configs, [of(true, "Failed"), of(false, "Succeeded"), of(true, "Errored")]);
    for step in [2, 4, 6] {
        live.tell(&returned(step, done()));
    }
    assert_eq!(live.runs()[0].config.to_json().unwrap(), of(true, "Succeeded"));
    assert_eq!(names(&live.tell(&returned(7, done()))), ["7 Finish", "End Errored"], "the worst of all");
    // Without conditions: a member that fails skips its own rest, and what comes after; its siblings go on.
    let mut live = rolled(&json!({"x": {"uses": "fail"}, "y": {"uses": "b"}}), &json!({"uses": "c"}));
    live.tell(&returned(0, done()));
    assert_eq!(names(&live.tell(&returned(3, Err(StepError::failed("no"))))), ["3 Finish", "4 Skip"]);
    assert_eq!(names(&live.tell(&returned(1, done()))), ["1 Finish", "2 Start"]);
    live.tell(&returned(2, done()));
    live.tell(&returned(5, done()));
    assert_eq!(names(&live.tell(&returned(6, done()))), ["6 Finish", "7 Skip", "End Failed"]);
}

/// Rules 15: sequential members run as steps do, one after the other, and see each other.
#[test]
fn rules_15_sequential_members() {
    let loops = r#"[{"alias":"roll","mode":"Sequential","first":0,"steps":1,"members":3}]"#;
    let member = |i: usize| json!({"uses": "a", "as": format!("roll-{i}::x")});
    let mut host = Host::new(json!([member(0), member(1), member(2)])).annotation(label::EXT_LOOPS, loops);
    host.drive(|run| {
        assert_eq!(run.directory, None);
        if run.step == 1 { Err(StepError::failed("no")) } else { done() }
    });
    assert_eq!(host.statuses(), "roll-0::x Succeeded, roll-1::x Failed, roll-2::x Skipped");
}

/// Rules 15: loops one after the other, and a loop that waits for what stands before it.
#[test]
fn rules_15_loops_in_a_row() {
    let loops = r#"[{"alias":"p","mode":"Parallel","first":1,"steps":1,"members":2},{"alias":"q","mode":"Parallel","first":3,"steps":1,"members":2},{"alias":"none","mode":"Parallel","first":5,"steps":1,"members":0}]"#;
    let step = |alias: &str| json!({"uses": "a", "as": alias});
    let steps = json!([{"uses": "a", "as": "s", "if": "${{ false }}"}, step("p-0::x"), step("p-1::x"), step("q-0::x"), step("q-1::x"), step("end")]);
    let mut live = Live::of(Host::new(steps).annotation(label::EXT_LOOPS, loops));
    assert_eq!(names(&live.tell(&Input::Begin)), ["Begin", "0 Skip", "1 Start", "2 Start"]);
    assert_eq!(names(&live.tell(&returned(2, done()))), ["2 Finish"]);
    assert_eq!(names(&live.tell(&returned(1, done()))), ["1 Finish", "3 Start", "4 Start"]);
    live.tell(&returned(3, done()));
    assert_eq!(names(&live.tell(&returned(4, done()))), ["4 Finish", "5 Start"]);
}

/// Rules 15 and promotion-engine 1.8: in the middle of a parallel loop, as Kargo's status shows it.
#[test]
fn rules_15_what_is_shown() {
    let step = |alias: &str| json!({"uses": "stubborn", "as": alias, "config": {"m": "${{ freightMetadata(ctx.targetFreight.name)?.m }}"}});
    let mut host = Host::new(json!([
        step("before"),
        step("roll-0::x"),
        step("roll-0::y"),
        step("roll-1::x"),
        step("roll-1::y"),
        step("roll-2::x"),
        step("roll-2::y"),
        step("after")
    ]))
    .annotation(label::EXT_LOOPS, PARALLEL);
    let mut waits = host.drive(|run| match &*run.alias {
        "roll-0::x" => Ok(StepProgress::waiting_on(WakeKey::custom("a", "b"))),
        "roll-2::x" => Err(StepError::retryable("down")),
        _ => done(),
    });
    assert_eq!(host.promotion().status.current_step, 1);
    let shown = "before Succeeded, roll-0::x Running, roll-1::x Succeeded, roll-1::y Succeeded, roll-2::x Errored";
    assert_eq!(host.statuses(), shown);
    assert_eq!(waits.len(), 2);
    // The configuration of the one that is tried again is gone: it is over, though one before it is not.
    let mut promotion = host.promotion();
    promotion.spec.steps[5].config = Some(json!({"m": "${{ a.b }}"}));
    host = host.with(promotion);
    host.now = waits.remove(1).at().unwrap();
    host.drive(|run| panic!("{}", run.alias));
    assert_eq!((host.status("roll-2::x"), host.status("roll-2::y")), ("Errored".into(), "Skipped".into()));
    // It stays over, also when its configuration would be fine again.
    let mut promotion = host.promotion();
    promotion.spec.steps[5].config = Some(json!({}));
    host = host.with(promotion);
    host.drive(|run| panic!("{}", run.alias));
    host.tell(&Input::Signal(Signal::of(WakeKey::custom("a", "b"))));
    host.drive(|_| done());
    assert_eq!(host.phase().as_str(), "Errored");
    assert_eq!(host.status("after"), "Skipped");
}
