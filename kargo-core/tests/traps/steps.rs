//! Steps: errors, timers, variables, interruption (control 3.5, 3.6 and 3.9; rules 3 and 14): traps 13 to 16, 25, 31, 33 and 43.

use kargo_core::{
    EffectKind, Engine, Report,
    model::Duration,
    report::{Fact, StepError, StepOutcome, StepProgress, WakeKey},
};
use serde_json::json;

use crate::{
    host::{Answer, Host, at, done, genesis},
    scene::{DIRECT, held, newest, promote, promotions, shop, stage, stepping},
};

fn key() -> WakeKey {
    WakeKey::custom("ticket", "CHG-1")
}

/// It waits, and nobody looks for a day.
fn waits() -> Answer {
    Ok(StepProgress::waiting_on(key()).poll_every(std::time::Duration::from_hours(24)))
}

/// A promotion of 1.4.2 to `uat` is under way, whose one step has this `retry`.
fn under_way(retry: &str, answers: Vec<Answer>) -> Host {
    let step = format!("{{ uses: git-push, as: push, retry: {{ {retry} }} }}");
    let mut host = shop(&[stepping("uat", DIRECT, &step)]);
    host.answers.insert("push".into(), answers);
    host.found("cart", &["1.4.2"]);
    promote(&mut host, "uat", "1.4.2").unwrap();
    host
}

/// The aliases of the steps that are to be run, answered until none is.
fn run_all(host: &mut Host) -> Vec<String> {
    let mut ran = Vec::new();
    while let Some(index) = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::RunStep(_))) {
        let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
        ran.push(run.alias.to_string());
        host.report(run.report(done()));
    }
    ran
}

#[test]
fn trap_13_a_step_that_fails_without_an_error_has_failed() {
    // In Kargo a result Failed without an error counts as still running: no threshold, no end; `http` that is answered with 500
    // waits for ever. Fixed: it counts to the threshold and then stays Failed. Only what says that it waits, waits.
    let mut host = under_way("", vec![Err(StepError::failing("500 Internal Server Error"))]);
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Failed");

    let mut host = under_way("errorThreshold: 2", vec![Err(StepError::failing("500"))]);
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running");
    host.until("2026-11-24T12:00:05Z");
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Failed");

    let mut host = under_way("", vec![waits()]);
    host.work();
    host.until("2026-11-24T18:00:00Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running");
}

#[test]
fn trap_14_errors_count_in_a_row() {
    // Kargo's count is never reset, though its guide says consecutive: a poller dies at its third hiccup in a week. Fixed: a
    // good attempt resets it.
    let error = || Err(StepError::retryable("connection reset"));
    let run = |answers: Vec<Answer>| {
        let mut host = under_way("errorThreshold: 3", answers);
        for minutes in 1..40 {
            host.work();
            host.report(Report::signal(key()));
            host.work();
            host.until(&format!("2026-11-24T12:{minutes:02}:00Z"));
        }
        promotions(&host, "uat")
    };
    let hiccups = vec![error(), error(), waits(), error(), error(), waits(), error(), error(), done()];
    assert_eq!(run(hiccups), "1.4.2 Succeeded");
    assert_eq!(run(vec![waits(), error(), error(), error(), done()]), "1.4.2 Errored");
}

#[test]
fn trap_15_a_timeout_fires_at_its_instant_and_also_if_that_is_missed() {
    // In Kargo a deadline that passes at the wrong moment gives a timer in the past, which never fires. Fixed: what is due is
    // due until it is done.
    let mut host = under_way("timeout: 7m", vec![waits()]);
    host.work();
    host.until("2026-11-24T12:06:59.999Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running");
    assert_eq!(host.engine.deadline(), Some(at("2026-11-24T12:07:00Z")));
    host.until("2026-11-24T12:07:00Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Errored");

    // Nobody was there at that instant.
    let mut host = under_way("timeout: 7m", vec![waits()]);
    host.work();
    host.now = at("2026-11-24T13:00:00Z");
    assert!(host.engine.deadline().unwrap() <= host.now);
    host.tick();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Errored");

    // It says that it waits when its time is over.
    let mut host = under_way("timeout: 7m", vec![waits()]);
    host.until("2026-11-24T12:08:00Z");
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Errored");
}

#[test]
fn trap_16_the_pause_after_an_error_begins_at_seconds() {
    // Kargo tries again after milliseconds, so that thresholds burn in a blink, and forgets what the peer asked for. Fixed:
    // 5 s, doubling, less a fifth at most; a peer's wish is honoured on errors too.
    let error = StepError::retryable("connection reset");
    let mut host = under_way("errorThreshold: 3", vec![Err(error.clone())]);
    let pause = |host: &Host| host.engine.deadline().unwrap().signed_duration_since(host.now).num_milliseconds();
    host.work();
    assert!((4_000..=5_000).contains(&pause(&host)), "{}", pause(&host));
    host.now = host.engine.deadline().unwrap();
    host.tick();
    host.work();
    assert!((8_000..=10_000).contains(&pause(&host)), "{}", pause(&host));
    host.now = host.engine.deadline().unwrap();
    host.tick();
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Errored");

    let mut host = under_way("errorThreshold: 3", vec![Err(error.after(Duration::from_secs(90)))]);
    host.work();
    assert_eq!(pause(&host), 90_000);
}

#[test]
fn trap_25_a_step_cannot_say_that_it_was_aborted_or_nothing_at_all() {
    // A runner of Kargo may answer Aborted, which no event is made for, and an error without a status ends it at once, past
    // the threshold. Fixed: a report is one of five outcomes, and an error is an error.
    let read = |json| serde_json::from_value::<StepOutcome>(json);
    for outcome in ["aborted", "Aborted", "running", "pending", ""] {
        assert!(read(json!(outcome)).is_err(), "{outcome}");
    }
    assert_eq!(read(json!("done")).unwrap(), StepOutcome::Done);
    let mut host = under_way("errorThreshold: 2", vec![Err(StepError::retryable("")), done()]);
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running");
    host.until("2026-11-24T12:00:05Z");
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded");
}

#[test]
fn trap_31_the_message_of_a_skipped_step_is_that_of_the_promotion() {
    // In Kargo a promotion whose worst step is Skipped has Succeeded, with that step's message. Kept.
    let skipped = || Ok(StepProgress::skipped().message("nothing to commit"));
    let mut host = under_way("", vec![skipped()]);
    host.work();
    let message = |host: &Host| {
        host.engine.world().promotion(newest(host, "uat")).unwrap().noun().status.message.clone().unwrap_or_default()
    };
    assert_eq!((promotions(&host, "uat").as_str(), &*message(&host)), ("1.4.2 Succeeded", "nothing to commit"));
    let mut host = under_way("", vec![Ok(StepProgress::done(json!({})).message("pushed"))]);
    host.work();
    assert_eq!((promotions(&host, "uat").as_str(), &*message(&host)), ("1.4.2 Succeeded", ""), "Succeeded is no worse");
}

#[test]
fn trap_33_variables_are_copied_when_it_is_made_and_computed_when_it_runs() {
    // In Kargo the definitions of a Stage's variables are frozen at creation, their values are not. Kept.
    let uat = |variable: &str| {
        let steps = "{ uses: git-push, as: push, config: { path: '${{ vars.who }}' } }";
        let template = format!("promotionTemplate: {{ spec: {{ steps: [{steps}] }} }}");
        stage("uat", DIRECT, &format!("vars: [{{ name: who, value: '{variable}' }}], {template}"))
    };
    let mut host = shop(&[uat(r#"${{ stageMetadata("uat")?.who ?? "nobody" }}"#)]);
    for tag in ["1.0.1", "1.0.2"] {
        host.found("cart", &[tag]);
        promote(&mut host, "uat", tag).unwrap();
    }
    crate::scene::apply(&mut host, &uat("somebody else"));
    let config = |host: &Host| {
        let run = host.open.iter().find_map(|effect| match &effect.kind {
            EffectKind::RunStep(run) => Some(run.config.to_json().unwrap()),
            _ => None,
        });
        run.unwrap()
    };
    assert_eq!(config(&host), json!({"path": "nobody"}));
    let fact = Fact::StageMetadata { stage: "uat".into(), key: "who".to_owned(), value: json!("ana") };
    let index = host.open.iter().position(|effect| !effect.is_look()).unwrap();
    let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
    host.report(run.report(Ok(StepProgress::done(json!({})).fact(fact))));
    assert_eq!(config(&host), json!({"path": "ana"}), "as it was defined then, with what is known now");
    host.work();
    promote(&mut host, "uat", "1.0.1").unwrap();
    assert_eq!(config(&host), json!({"path": "somebody else"}));
}

#[test]
fn trap_43_after_a_stop_a_promotion_goes_on_where_it_was() {
    // Kargo wipes the work directory at a graceful stop, and a promotion begins anew. Fixed: what is done is done. After a
    // restart the step that was under way is owed and no other; of a lost tree only what wrote it is done again.
    let clone = "{ uses: git-clone, as: clone, config: { repoURL: 'https://git.acme.example/env', checkout: [{ path: src, branch: main }] } }";
    let rest = "{ uses: argocd-update, as: sync }, { uses: git-commit, as: commit }";
    let deploying = |done_already: usize| {
        let mut host = shop(&[stepping("uat", DIRECT, &format!("{clone}, {rest}"))]);
        host.found("cart", &["1.4.2"]);
        promote(&mut host, "uat", "1.4.2").unwrap();
        for _ in 0..done_already {
            let index = host.open.iter().position(|effect| !effect.is_look()).unwrap();
            let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
            host.report(run.report(done()));
        }
        host
    };
    for (step, alias) in ["clone", "sync", "commit"].into_iter().enumerate() {
        let host = deploying(step);
        let again = Engine::replay(genesis(), None, host.log.iter().cloned()).unwrap();
        let owed: Vec<_> = again.pending().map(|effect| effect.kind.clone()).collect();
        let [EffectKind::RunStep(run)] = &owed[..] else { panic!("{owed:?}") };
        assert_eq!((&*run.alias, run.attempt), (alias, 1));
    }

    // The tree is lost while the sync is under way: with a checkpoint of it nothing is done again.
    for (checkpoint, expected) in [(None, &["clone", "commit", "sync"][..]), (Some(0), &["commit", "sync"])] {
        let mut host = deploying(1);
        host.report(Report::tree_lost(&*newest(&host, "uat"), checkpoint));
        let mut ran = run_all(&mut host);
        ran.sort();
        assert_eq!(ran, expected, "nothing is synced twice: {}", host.story());
        assert_eq!(held(&host, "uat"), "1.4.2");
    }
}
