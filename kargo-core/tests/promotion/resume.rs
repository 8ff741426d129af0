//! Going on with a promotion that was stored, by this crate or by Kargo (promotion-engine 1.8; control 3.9).

use kargo_core::{
    model::{PromotionPhase, PromotionStatus, label},
    promotion::{Input, Next, next, take},
    report::{Signal, StepError, StepProgress, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::host::{Answer, Host, NAME, at};

fn done() -> Answer {
    Ok(StepProgress::done(Json::Null))
}

/// A promotion as Kargo left it, with this status.
fn left(steps: Json, status: Json) -> Host {
    let host = Host::new(steps);
    let mut promotion = host.promotion();
    promotion.status = serde_json::from_value::<PromotionStatus>(status).unwrap();
    host.with(promotion)
}

/// Promotion-engine 1.8: what Kargo left is taken up where it stands.
#[test]
fn promotion_engine_1_8_kargos_own_promotions() {
    let steps = json!([{"uses": "a", "as": "one"}, {"uses": "stubborn", "as": "two"}, {"uses": "b", "as": "three", "config": {"pr": "${{ outputs.two.pr }}", "one": "${{ outputs.one.n }}"}}]);
    let record = |alias: &str, status: &str, more: Json| {
        let mut record = json!({"alias": alias, "startedAt": "2026-11-24T11:00:00Z", "status": status});
        record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        record
    };
    let finished = json!({"finishedAt": "2026-11-24T11:01:00Z"});
    for (second, errors) in [
        (record("two", "Running", json!({})), 0),
        (record("two", "Errored", json!({"errorCount": 2, "message": "x; step will be retried"})), 2),
        // Kargo takes Failed without an error for not finished.
        (record("two", "Failed", json!({})), 0),
    ] {
        let mut host = left(
            steps.clone(),
            json!({
                "phase": "Running", "startedAt": "2026-11-24T11:00:00Z", "currentStep": 1,
                "stepExecutionMetadata": [record("one", "Succeeded", finished.clone()), second],
                "state": {"one": {"n": 7}, "two": {"pr": 3}},
                "healthChecks": [{"uses": "argocd", "config": {"app": "x"}}],
            }),
        );
        let mut seen = Vec::new();
        host.drive(|run| {
            seen.push((run.alias.to_string(), run.config.to_json().unwrap()));
            if run.step == 1 { Ok(StepProgress::done(json!({"pr": 4}))) } else { done() }
        });
        assert_eq!(seen, [("two".to_owned(), json!({})), ("three".to_owned(), json!({"pr": 4, "one": 7}))]);
        assert_eq!((host.phase(), host.record("two").unwrap().error_count), (PromotionPhase::Succeeded, errors));
        let status = host.promotion().status;
        assert_eq!(status.started_at, Some(at("2026-11-24T11:00:00Z")));
        assert_eq!(host.record("two").unwrap().started_at, Some(at("2026-11-24T11:00:00Z")));
        assert_eq!(status.health_checks.len(), 1);
    }
    // Errors go on counting, and so does the timeout.
    let status = json!({
        "phase": "Running", "startedAt": "2026-11-24T11:00:00Z", "currentStep": 0,
        "stepExecutionMetadata": [record("one", "Errored", json!({"errorCount": 2}))],
    });
    let mut host = left(json!([{"uses": "stubborn", "as": "one"}]), status.clone());
    host.drive(|_| Err(StepError::retryable("down")));
    assert_eq!(host.message(), "step \"one\" met error threshold of 3: error running step \"one\": down");
    let mut host = left(json!([{"uses": "stubborn", "as": "one", "retry": {"timeout": "30m"}}]), status);
    host.drive(|_| Err(StepError::retryable("down").after(kargo_core::model::Duration::from_secs(1))));
    assert_eq!(host.phase(), PromotionPhase::Errored);
}

/// Promotion-engine 1.8 and 8.2 (13): what is over is not looked at again, whatever its record lacks.
#[test]
fn promotion_engine_1_8_what_is_over_stays_so() {
    let steps = json!([{"uses": "a", "as": "skip"}, {"uses": "a", "as": "refused"}, {"uses": "a", "as": "wrong"}, {"uses": "a", "as": "last", "if": "${{ always() }}"}]);
    let mut host = left(
        steps,
        json!({
            "phase": "Running", "startedAt": "2026-11-24T11:00:00Z", "currentStep": 3,
            "stepExecutionMetadata": [
                {"alias": "skip", "status": "Skipped"},
                {"alias": "refused", "status": "Errored", "message": "r"},
                {"alias": "wrong", "status": "Errored", "startedAt": "2026-11-24T11:00:00Z", "message": "w"},
                {"alias": "last", "status": "Running", "startedAt": "2026-11-24T11:00:00Z"},
            ],
        }),
    );
    host.drive(|_| done());
    assert_eq!(host.ran, ["last"]);
    assert_eq!((host.phase(), host.message().as_str()), (PromotionPhase::Errored, "r"));
}

/// Control 12.1: nothing follows an end, whatever is in the rest of the status.
#[test]
fn control_13_2_an_end_is_an_end() {
    for phase in ["Succeeded", "Failed", "Errored", "Aborted"] {
        let status = json!({"phase": phase, "currentStep": 0, "stepExecutionMetadata": [{"alias": "x", "status": "Running", "startedAt": "2026-11-24T11:00:00Z"}]});
        let host = left(json!([{"uses": "a", "as": "x"}]), status);
        let Next::Finish(status) = host.next() else { panic!("{phase}") };
        assert_eq!(*status, host.promotion().status);
        let input = Input::Returned { step: 0, report: done().into(), heard: vec![] };
        assert_eq!(take(&host.world, NAME, host.now, &input).unwrap(), host.promotion());
    }
}

/// Promotion-engine 1.8: the freight that the place holds after success is fixed when the promotion begins.
#[test]
fn promotion_engine_1_8_the_collection_is_frozen() {
    let mut host = Host::new(
        json!([{"uses": "a", "as": "x"}, {"uses": "a", "as": "y", "config": {"tag": "${{ imageFrom('ghcr.io/acme/cart').Tag }}"}}]),
    );
    host.drive_until_handed("x");
    let begun = host.promotion().status;
    assert_eq!(begun.freight.as_ref().unwrap().name.as_str(), crate::host::FREIGHT);
    let mut freight = host.world.freight(crate::host::FREIGHT).unwrap().to_noun();
    freight.images[0].tag = "9.9.9".into();
    host = host.with(freight);
    let mut tag = Json::Null;
    host.drive(|run| {
        tag = run.config.to_json().unwrap()["tag"].clone();
        done()
    });
    assert_eq!(tag, "1.4.2");
    assert_eq!(host.promotion().status.freight_collection, begun.freight_collection);
}

/// Rules 2 and 3: `next` is pure, and asking twice gives the same answer.
#[test]
fn rules_1_next_changes_nothing() {
    let host = Host::new(json!([{"uses": "a", "as": "x"}]));
    let Next::Run { promotion, run } = host.next() else { panic!("it runs") };
    let Next::Run { promotion: again, run: same } = host.next() else { panic!("it runs") };
    assert_eq!((promotion, &run.effect, run.attempt), (again, &same.effect, same.attempt));
    assert_eq!(host.phase(), PromotionPhase::Pending);
    assert!(next(&host.world, "nope", host.now).is_err() && take(&host.world, "nope", host.now, &Input::Look).is_err());
}

/// Rules 1: one effect id for all attempts of a step, another for each step and each promotion.
#[test]
fn rules_1_effect_ids() {
    let mut host = Host::new(json!([{"uses": "stubborn", "as": "x"}, {"uses": "a", "as": "y"}]));
    let mut ids = Vec::new();
    for answer in [Err(StepError::retryable("x")), Ok(StepProgress::waiting_on(WakeKey::custom("a", "b"))), done()] {
        let waits = host.drive(|run| {
            ids.push((run.alias.to_string(), run.attempt, run.effect.clone()));
            if run.step == 0 { answer.clone() } else { done() }
        });
        match waits.first().map(|waits| waits.wait.until) {
            Some(Some(until)) => host.now = until,
            Some(None) => host.tell(&Input::Signal(Signal::of(WakeKey::custom("a", "b")))),
            None => {}
        }
    }
    let attempts: Vec<_> = ids.iter().map(|(alias, attempt, _)| format!("{alias} {attempt}")).collect();
    assert_eq!(attempts, ["x 1", "x 2", "x 3", "y 1"]);
    assert!(ids[0].2 == ids[1].2 && ids[1].2 == ids[2].2 && ids[2].2 != ids[3].2);
}

/// Rules 12: what this crate adds to a promotion is one annotation, which goes when the promotion is over; Kargo's fields
/// are Kargo's.
#[test]
fn rules_11_a_stored_promotion_is_kargos() {
    let mut host = Host::new(json!([{"uses": "stubborn", "as": "x"}, {"uses": "a", "as": "y"}]));
    let waits = host.drive(|run| if run.step == 0 { Err(StepError::retryable("x")) } else { done() });
    let promotion = host.promotion();
    assert_eq!(promotion.metadata.annotations.keys().collect::<Vec<_>>(), [label::EXT_STEPS]);
    host.now = waits[0].at().unwrap();
    host.drive(|_| done());
    assert!(host.promotion().metadata.annotations.is_empty());
}
