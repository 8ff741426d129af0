//! How steps and promotions end, and the words for it (promotion-engine 1.5, 1.7, 1.12).

use kargo_core::{
    model::{HealthCheckStep, PromotionPhase},
    promotion::StepRun,
    report::{Fact, StepError, StepProgress, StepReport},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, Host},
    live::Live,
};

/// Answers by alias: `s` succeeded, `k` skipped, `f` failed, `e` errored, `a` is skipped by its condition.
fn answer(run: &StepRun) -> Answer {
    let message = format!("says {}", run.alias);
    match &run.alias[..1] {
        "k" => Ok(StepProgress::skipped().message(message)),
        "f" => Err(StepError::failed(message)),
        "e" => Err(StepError::terminal(message)),
        _ => Ok(StepProgress::done(Json::Null).message(message)),
    }
}

fn run(aliases: &[&str]) -> Host {
    let step = |alias: &&str| {
        let may = alias.ends_with('!');
        let mut step =
            json!({"uses": "a", "as": alias.trim_end_matches('!'), "if": "${{ always() }}", "continueOnError": may});
        if alias.starts_with('c') {
            step["if"] = "${{ false }}".into();
        }
        step
    };
    let mut host = Host::new(aliases.iter().map(step).collect());
    host.drive(answer);
    host
}

/// Promotion-engine 1.7: the worst status counts, and the message of the first that has it; what may fail does not. The
/// message of a skipped step is that of a promotion that succeeded.
#[test]
fn promotion_engine_1_7_the_end_of_a_promotion() {
    const OVER: &str = "an unrecoverable error occurred: error running step";
    for (aliases, phase, message) in [
        (&["s1", "s2"][..], "Succeeded", String::new()),
        (&["c1", "s2"], "Succeeded", String::new()),
        (&["s1", "k1", "k2"], "Succeeded", "says k1".to_owned()),
        (&["c1", "k1"], "Succeeded", String::new()),
        (&["k1!", "s1"], "Succeeded", String::new()),
        (&["f1", "s1"], "Failed", "step \"f1\": says f1".to_owned()),
        (&["s1", "f1", "f2"], "Failed", "step \"f1\": says f1".to_owned()),
        (&["f1", "e1", "e2"], "Errored", format!("{OVER} \"e1\": says e1")),
        (&["f1!", "e1!"], "Succeeded", String::new()),
        (&["e1!", "f1", "k1"], "Failed", "step \"f1\": says f1".to_owned()),
    ] {
        let host = run(aliases);
        assert_eq!((host.phase().as_str(), host.message()), (phase, message), "{aliases:?}");
        assert_eq!(host.promotion().status.current_step, aliases.len() as i64 - 1);
        assert_eq!(host.promotion().status.finished_at, Some(host.now));
    }
}

/// Promotion-engine 1.5: what each outcome makes of a step, and its words.
#[test]
fn promotion_engine_1_5_outcomes() {
    let threshold = "step \"x\" met error threshold of 1: ";
    for (answer, status, count, message) in [
        (Ok(StepProgress::done(Json::Null)), "Succeeded", 0, String::new()),
        (Ok(StepProgress::done(Json::Null).message("fine")), "Succeeded", 0, "fine".into()),
        (Ok(StepProgress::skipped()), "Skipped", 0, String::new()),
        (Ok(StepProgress::skipped().message("nothing to do")), "Skipped", 0, "nothing to do".into()),
        (Err(StepError::failed("failed: no")), "Failed", 0, "step \"x\": failed: no".into()),
        (
            Err(StepError::terminal("boom")),
            "Errored",
            0,
            "an unrecoverable error occurred: error running step \"x\": boom".into(),
        ),
        (Err(StepError::retryable("down")), "Errored", 1, format!("{threshold}error running step \"x\": down")),
        (Err(StepError::failing("503")), "Failed", 1, format!("{threshold}step \"x\": 503")),
        (
            Ok(StepProgress::done(json!([1]))),
            "Errored",
            0,
            "an unrecoverable error occurred: error running step \"x\": its output is no object but []interface {}"
                .into(),
        ),
    ] {
        let mut host = Host::new(json!([{"uses": "a", "as": "x"}]));
        host.drive(|_| answer.clone());
        let record = host.record("x").unwrap();
        assert_eq!(
            (host.status("x").as_str(), record.error_count, host.said("x")),
            (status, count, message),
            "{answer:?}"
        );
        assert_eq!((record.started_at, record.finished_at), (Some(host.now), Some(host.now)));
    }
}

/// Promotion-engine 1.5: an error without words still has some.
#[test]
fn promotion_engine_1_5_errors_without_words() {
    for (outcome, message) in [
        (
            kargo_core::report::StepOutcome::Errored { terminal: true, retry_after: None },
            "an unrecoverable error occurred: step \"x\" errored: no details provided",
        ),
        (kargo_core::report::StepOutcome::Failed { terminal: true }, "step \"x\": failed"),
    ] {
        let mut live = Live::new(json!([{"uses": "a", "as": "x"}]));
        let report = StepReport { outcome, ..StepReport::default() };
        live.tell(&kargo_core::promotion::Input::Returned { step: 0, report, heard: vec![] });
        assert_eq!(live.run.message(), Some(message));
    }
}

/// Promotion-engine 1.12: checks of steps that succeeded, in the order of steps.
#[test]
fn promotion_engine_1_12_health_checks() {
    let check = |name: &str| HealthCheckStep { uses: name.into(), config: Some(json!({"app": name})) };
    let steps = ["one", "two", "skip", "may", "three"];
    let mut host = Host::new(
        steps.iter().map(|alias| json!({"uses": "a", "as": alias, "continueOnError": *alias == "may"})).collect(),
    );
    host.drive(|run| {
        let progress = match &*run.alias {
            "skip" => StepProgress::skipped(),
            "may" => return Err(StepError::failed("no")),
            _ => StepProgress::done(Json::Null),
        };
        Ok(progress.health(check(&run.alias)))
    });
    assert_eq!(host.promotion().status.health_checks, [check("one"), check("two"), check("three")]);
    assert_eq!(host.phase(), PromotionPhase::Succeeded);
    // They are there also where the promotion fails later, and none comes from a wait.
    let mut host = Host::new(json!([{"uses": "a", "as": "one"}, {"uses": "a", "as": "two"}]));
    host.drive(|run| match &*run.alias {
        "one" => Ok(StepProgress::done(Json::Null).health(check("one"))),
        _ => Ok(StepProgress::waiting_on(kargo_core::report::WakeKey::custom("a", "b")).health(check("two"))),
    });
    assert_eq!(host.promotion().status.health_checks, [check("one")]);
}

/// Architecture 5: facts come with the end of a step, and only with it.
#[test]
fn promotion_engine_1_5_facts() {
    let fact = Fact::FreightAlias { freight: "f".into(), alias: "a".into() };
    for (progress, facts) in [
        (StepProgress::done(Json::Null), 1),
        (StepProgress::skipped(), 1),
        (StepProgress::waiting_on(kargo_core::report::WakeKey::custom("a", "b")), 0),
    ] {
        let mut live = Live::new(json!([{"uses": "a", "as": "x"}]));
        let report = Ok(progress.fact(fact.clone())).into();
        let events = live.tell(&kargo_core::promotion::Input::Returned { step: 0, report, heard: vec![] });
        let found: usize = events
            .iter()
            .map(|event| match event {
                kargo_core::promotion::RunEvent::Step { event, .. } => event.facts().len(),
                _ => 0,
            })
            .sum();
        assert_eq!(found, facts);
    }
}
