//! What happens when the work tree is lost (rules 14).

use kargo_core::{
    promotion::{Input, Move, Prepared, Resolved},
    report::{Pin, StepError, StepProgress, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, Host},
    live::{Live, names},
};

fn returned(step: usize, answer: Answer) -> Input {
    Input::Returned { step, report: answer.into(), heard: Vec::new() }
}

fn waiting() -> Answer {
    Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")))
}

fn lost(checkpoint: Option<usize>) -> Input {
    Input::TreeLost { checkpoint }
}

/// What a step puts out in these tests, and what it resolves.
fn done(step: usize) -> Answer {
    Ok(StepProgress::done(json!({"of": step})).pin("env main", format!("commit-{step}")))
}

/// These kinds of steps, `s0`, `s1` and so on; those before `at` are done, and `at` waits.
fn until(kinds: &[&str], at: usize) -> Live {
    let step = |(index, kind): (usize, &&str)| json!({"uses": kind, "as": format!("s{index}"), "config": {"branch": "${{ ctx.stage }}"}});
    let mut live = Live::new(kinds.iter().enumerate().map(step).collect());
    for step in 0..at {
        live.tell(&returned(step, done(step)));
    }
    live.tell(&returned(at, waiting()));
    live
}

/// Rules 14: nothing is done where no step that is left uses the tree.
#[test]
fn rules_14_a_tree_that_nobody_needs() {
    for kinds in [["write", "a", "b"], ["read", "a", "b"], ["publish", "a", "b"]] {
        let mut live = until(&kinds, 1);
        assert_eq!(live.tell(&lost(None)), [], "{kinds:?}");
        assert_eq!(names(&live.tell(&returned(1, done(1)))), ["1 Finish", "2 Start"]);
    }
}

/// Rules 14: the steps that wrote, after the newest checkpoint; readers and others do not run again.
#[test]
fn rules_14_what_runs_again() {
    let kinds = ["write", "read", "write", "publish", "a", "write", "a", "read"];
    for (checkpoint, redo) in [(Some(3), &[5][..]), (Some(5), &[]), (Some(4), &[5])] {
        let mut live = until(&kinds, 6);
        let events = names(&live.tell(&lost(checkpoint)));
        let first = redo.first().map(|step| format!("{step} Redo"));
        let wanted: Vec<_> =
            (!redo.is_empty()).then(|| format!("TreeLost {redo:?}")).into_iter().chain(first).collect();
        assert_eq!(events, wanted, "{checkpoint:?}");
    }
    // One after the other, each with what it had resolved; then the promotion goes on as if nothing had been.
    let mut live = until(&["write", "write", "a", "read"], 2);
    assert_eq!(names(&live.tell(&lost(None))), ["TreeLost [0, 1]", "0 Redo"]);
    for step in [0, 1] {
        let runs = live.runs();
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].step, runs[0].attempt), (step, 2));
        assert_eq!(runs[0].pins, [Pin { of: "env main".into(), is: format!("commit-{step}") }]);
        assert_eq!(runs[0].config.to_json().unwrap(), json!({"branch": "prod"}));
        let next = if step == 0 { vec!["0 Redone", "1 Redo"] } else { vec!["1 Redone"] };
        assert_eq!(names(&live.tell(&returned(step, done(step)))), next);
    }
    assert_eq!(live.states(), ["Succeeded", "Succeeded", "Waiting", "Fresh"]);
    assert_eq!(names(&live.tell(&returned(2, done(2)))), ["2 Finish", "3 Start"]);
    assert_eq!(names(&live.tell(&returned(3, done(3)))), ["3 Finish", "End Succeeded"]);
    let outputs: Vec<_> = live.run.outputs().iter().map(|(_, output)| output.to_json().unwrap()).collect();
    assert_eq!(outputs, (0..4).map(|step| json!({"of": step})).collect::<Vec<_>>());
}

/// Rules 14: a step that writes and acts always leaves a checkpoint; without it there is no way to go on.
#[test]
fn rules_14_a_lost_checkpoint() {
    let mut live = until(&["write", "publish", "a", "read"], 2);
    assert_eq!(names(&live.tell(&lost(Some(0)))), ["2 Abort", "End Errored"]);
    let message = "the work tree is lost, and so is the checkpoint after step \"s1\", which has acted outside and cannot run again";
    assert_eq!(live.run.message(), Some(message));
    assert_eq!(live.states(), ["Succeeded", "Succeeded", "Aborted", "Fresh"]);
    assert!(live.moves().is_empty());
    let mut live = until(&["write", "publish", "a", "read"], 2);
    assert_eq!(names(&live.tell(&lost(Some(1)))), [""; 0]);
}

/// Rules 14: a kind that acts only with some configurations, as `git-clone` does, has acted only with these.
#[test]
fn rules_14_what_has_acted_follows_from_the_configuration() {
    for (create, acts) in [(json!(false), false), (json!(true), true), (json!("${{ secret('reg').token }}"), true)] {
        let clone = json!({"uses": "clone", "as": "s0", "config": {"create": create}});
        let mut live = Live::new(json!([clone, {"uses": "a"}, {"uses": "read"}]));
        if live.states()[0] == "Preparing" {
            let prepared = Prepared::Run { resolved: Default::default() };
            live.tell(&Input::Prepared { step: 0, prepared });
        }
        live.tell(&returned(0, done(0)));
        live.tell(&returned(1, waiting()));
        live.tell(&lost(None));
        assert_eq!(live.run.phase().is_over(), acts, "{create}");
        assert_eq!(live.states()[0] == "Redoing", !acts, "{create}");
    }
}

/// Rules 14: no other step that uses the tree starts meanwhile; those that do not may go on.
#[test]
fn rules_14_others_keep_their_hands_off_the_tree() {
    let loops = r#"[{"alias":"roll","mode":"Parallel","first":1,"steps":2,"members":2}]"#;
    let steps = json!([
        {"uses": "write", "as": "s0"},
        {"uses": "read", "as": "roll-0::x"}, {"uses": "a", "as": "roll-0::y"},
        {"uses": "a", "as": "roll-1::x"}, {"uses": "a", "as": "roll-1::y"},
        {"uses": "write", "as": "last"},
    ]);
    let mut live = Live::of(Host::new(steps).annotation(kargo_core::model::label::EXT_LOOPS, loops));
    live.tell(&Input::Begin);
    live.tell(&returned(0, done(0)));
    let under_way = |live: &Live| live.runs().iter().map(|run| run.step).collect::<Vec<_>>();
    assert_eq!(under_way(&live), [1, 3]);
    live.tell(&lost(None));
    assert_eq!(under_way(&live), [3, 0], "the reader waits for its tree");
    // A member that does not use it ends; nothing new is reached before the tree is whole.
    assert_eq!(names(&live.tell(&returned(3, done(3)))), ["3 Finish"]);
    assert_eq!(names(&live.tell(&returned(0, done(0)))), ["0 Redone", "4 Start"]);
    assert_eq!(under_way(&live), [1, 4]);
}

/// Rules 14: an output is never replaced. What comes out differently ends the promotion before anything acts.
#[test]
fn rules_14_results_that_differ() {
    const CANNOT: &str = "the work tree is lost, and step \"s0\" cannot write it again as it was: ";
    for (answer, why) in [
        (Ok(StepProgress::done(json!({"of": 9}))), "its output differs from the recorded one"),
        (Ok(StepProgress::done(Json::Null)), "its output differs from the recorded one"),
        (Ok(StepProgress::done(json!({"of": 0})).pin("env main", "commit-9")), "\"env main\" is \"commit-9\" now"),
        (Err(StepError::terminal("commit-0 is gone")), "commit-0 is gone"),
        (Err(StepError::failed("refused")), "refused"),
        (waiting(), "it failed"),
    ] {
        let mut live = until(&["write", "page", "read"], 1);
        live.tell(&lost(None));
        assert_eq!(names(&live.tell(&returned(0, answer))), ["0 Finish", "1 Abort", "End Errored"]);
        assert_eq!(live.run.message(), Some(format!("{CANNOT}{why}").as_str()));
        assert_eq!(live.run.outputs().get("s0").unwrap().to_json().unwrap(), json!({"of": 0}));
        assert!(live.moves().is_empty());
        assert_eq!(live.states(), ["Errored", "Aborted", "Fresh"]);
    }
    // The same output without pins, with more pins, or skipped: fine.
    for answer in [
        Ok(StepProgress::done(json!({"of": 0}))),
        Ok(StepProgress::done(json!({"of": 0})).pin("env main", "commit-0").pin("other", "1")),
        Ok(StepProgress::skipped().output(json!({"of": 0}))),
    ] {
        let mut live = until(&["write", "a", "read"], 1);
        live.tell(&lost(None));
        assert_eq!(names(&live.tell(&returned(0, answer))), ["0 Redone"]);
    }
}

/// Rules 14: an error that may go away is tried again, five times in all; the record keeps what it was.
#[test]
fn rules_14_errors_while_writing_again() {
    let retryable = || Err(StepError::retryable("no network"));
    let mut live = until(&["write", "a", "read"], 1);
    let record = live.run.steps()[0].clone();
    live.tell(&lost(None));
    for attempt in 1..5 {
        assert_eq!(names(&live.tell(&returned(0, retryable()))), ["0 Retry"]);
        assert_eq!((live.run.steps()[0].errors(), live.runs().len()), (attempt, 0));
        assert_eq!(live.run.outputs().get("s0").unwrap().to_json().unwrap(), json!({"of": 0}), "{attempt}");
        live.host.after(300);
        assert_eq!(names(&live.tell(&Input::Look)), ["0 Wake"]);
    }
    let mut fine =
        Live { host: Host::new(json!([])), run: live.run.clone(), events: vec![], taken: Default::default() };
    std::mem::swap(&mut fine.host.world, &mut live.host.world);
    fine.host.now = live.host.now;
    assert_eq!(names(&fine.tell(&returned(0, done(0)))), ["0 Redone"]);
    let redone = &fine.run.steps()[0];
    assert_eq!((redone.message(), redone.errors(), redone.status()), (record.message(), 0, record.status()));
    assert_eq!((redone.finished_at(), redone.pins()), (record.finished_at(), record.pins()));
    std::mem::swap(&mut fine.host.world, &mut live.host.world);
    assert_eq!(names(&live.tell(&returned(0, retryable()))), ["0 Finish", "1 Abort", "End Errored"]);
}

/// Rules 14: lost once more while it is written again.
#[test]
fn rules_14_lost_twice() {
    let mut live = until(&["write", "write", "a", "read"], 2);
    live.tell(&lost(None));
    live.tell(&returned(0, done(0)));
    assert_eq!(live.states()[..2], ["Succeeded", "Redoing"]);
    assert_eq!(names(&live.tell(&lost(None))), ["1 Retry", "TreeLost [0, 1]", "0 Redo"]);
    assert!(live.tell(&returned(1, done(1))).is_empty(), "it wrote what is lost");
    assert_eq!(live.runs().iter().map(|run| run.step).collect::<Vec<_>>(), [0], "one after the other");
    assert_eq!(names(&live.tell(&returned(0, done(0)))), ["0 Redone", "1 Wake"]);
    assert_eq!(names(&live.tell(&returned(1, done(1)))), ["1 Redone"]);
    assert_eq!(live.states(), ["Succeeded", "Succeeded", "Waiting", "Fresh"]);
}

/// Rules 14: lost once more, and a newer checkpoint holds what was to be written again.
#[test]
fn rules_14_lost_twice_with_a_newer_checkpoint() {
    for retried in [false, true] {
        let loops = r#"[{"alias":"roll","mode":"Parallel","first":1,"steps":1,"members":2}]"#;
        let step = |kind: &str, alias: &str| json!({"uses": kind, "as": alias});
        let steps =
            json!([step("write", "s0"), step("publish", "roll-0::x"), step("a", "roll-1::x"), step("read", "s3")]);
        let mut live = Live::of(Host::new(steps).annotation(kargo_core::model::label::EXT_LOOPS, loops));
        live.tell(&Input::Begin);
        live.tell(&returned(0, done(0)));
        live.tell(&lost(None));
        if retried {
            live.tell(&returned(0, Err(StepError::retryable("x"))));
        }
        // It was further than thought.
        live.tell(&returned(1, done(1)));
        assert_eq!(names(&live.tell(&lost(Some(1)))), ["0 Redone"], "{retried}");
        assert_eq!(live.states(), ["Succeeded", "Succeeded", "Running", "Fresh"]);
        assert_eq!(names(&live.tell(&returned(2, done(2)))), ["2 Finish", "3 Start"]);
    }
}

/// Rules 14: nobody looks at a tree that is not whole.
#[test]
fn rules_14_no_looks_at_a_tree_that_is_not_whole() {
    let mut host = Host::new(json!([{"uses": "write", "as": "s0"}, {"uses": "read", "as": "s1"}]));
    let looks = |waits: &[kargo_core::promotion::Waits]| waits.iter().filter(|waits| waits.look.is_some()).count();
    let waits = host.drive(|run| if run.step == 0 { done(0) } else { waiting() });
    assert_eq!(looks(&waits), 1);
    host.tell(&lost(None));
    let waits = host.drive(|_| Err(StepError::retryable("x")));
    assert_eq!((looks(&waits), waits.len()), (0, 2));
}

/// Rules 14 and 3: a redone step has no deadline of its own, and its configuration has to be there still.
#[test]
fn rules_14_deadlines_and_configurations() {
    let steps = json!([{"uses": "write", "as": "s0", "retry": {"timeout": "1m"}, "config": {"a": "${{ freightMetadata(ctx.targetFreight.name).a }}"}}, {"uses": "a"}, {"uses": "read"}]);
    let mut host = Host::new(steps);
    let mut freight = host.world.freight(crate::host::FREIGHT).unwrap().to_noun();
    freight.status.metadata.insert("a".into(), json!(1));
    host = host.with(freight.clone());
    let mut live = Live::of(host);
    live.tell(&Input::Begin);
    live.tell(&returned(0, done(0)));
    live.tell(&returned(1, waiting()));
    live.host.after(3600);
    live.tell(&lost(None));
    live.tell(&returned(0, Err(StepError::retryable("x"))));
    let mut again =
        Live { host: Host::new(json!([])), run: live.run.clone(), events: vec![], taken: Default::default() };
    again.host.world = live.host.world.clone();
    again.host.now = live.host.now + chrono::TimeDelta::seconds(60);
    assert_eq!(names(&again.tell(&Input::Look)), ["0 Wake"]);
    freight.status.metadata.clear();
    live.host.world.put(freight);
    live.host.after(60);
    assert_eq!(names(&live.tell(&Input::Look)), ["0 Finish", "1 Abort", "End Errored"]);
    let message = live.run.message().unwrap();
    assert!(
        message.starts_with(
            "the work tree is lost, and step \"s0\" cannot write it again as it was: failed to build step context"
        ),
        "{message}"
    );
}

/// Rules 14: stored and read again in the middle of it.
#[test]
fn rules_14_a_stored_promotion_writes_its_tree_again() {
    let steps = json!([{"uses": "write", "as": "s0"}, {"uses": "write", "as": "s1"}, {"uses": "a", "as": "s2"}, {"uses": "read", "as": "s3"}]);
    let mut host = Host::new(steps);
    let waits = host.drive(|run| if run.step == 2 { waiting() } else { done(run.step) });
    assert_eq!(waits.len(), 1);
    host.tell(&lost(None));
    let mut fails = 1;
    let mut pins = Vec::new();
    let waits = host.drive(|run| {
        pins.extend(run.pins.iter().map(|pin| pin.is.clone()));
        if fails > 0 {
            fails -= 1;
            return Err(StepError::retryable("x"));
        }
        done(run.step)
    });
    let retry = waits.iter().filter_map(kargo_core::promotion::Waits::at).min().unwrap();
    assert!(retry > host.now);
    assert_eq!(host.statuses(), "s0 Succeeded, s1 Succeeded, s2 Running");
    host.now = retry;
    host.drive(|run| {
        pins.extend(run.pins.iter().map(|pin| pin.is.clone()));
        done(run.step)
    });
    assert_eq!(pins, ["commit-0", "commit-0", "commit-1"]);
    host.tell(&Input::Signal(kargo_core::report::Signal::of(WakeKey::custom("a", "b"))));
    host.drive(|run| done(run.step));
    assert_eq!(host.phase().as_str(), "Succeeded", "{}", host.message());
    assert_eq!(host.ran, ["s0", "s1", "s2", "s0", "s0", "s1", "s2", "s3"]);
    assert_eq!(host.output("s0"), json!({"of": 0}));
}

/// Rules 14: nothing new starts before the tree is whole, since that may still end the promotion; it is prepared once more.
#[test]
fn rules_14_a_preparation_under_way_waits_for_the_tree() {
    let mut live = Live::new(json!([
        {"uses": "write", "as": "s0"},
        {"uses": "a", "as": "s1", "config": {"token": "${{ secret('reg').token }}"}},
        {"uses": "read", "as": "s2"},
    ]));
    live.tell(&returned(0, done(0)));
    let preparing = |live: &Live| live.moves().iter().filter(|owed| matches!(owed, Move::Prepare(_))).count();
    assert_eq!((live.states()[1], preparing(&live)), ("Preparing", 1));
    assert_eq!(names(&live.tell(&lost(None))), ["TreeLost [0]", "0 Redo"]);
    assert_eq!(preparing(&live), 0);
    for prepared in [Prepared::Run { resolved: Resolved::default() }, Prepared::Skip] {
        assert_eq!(live.tell(&Input::Prepared { step: 1, prepared }), []);
    }
    assert_eq!(names(&live.tell(&returned(0, done(0)))), ["0 Redone"]);
    assert_eq!(preparing(&live), 1);
    let prepared = Prepared::Run { resolved: Resolved::default() };
    assert_eq!(names(&live.tell(&Input::Prepared { step: 1, prepared })), ["1 Start"]);
}
