//! Transitions that random promotions do not come by: those of a world that changes, and of a promotion that was stored.

use std::collections::BTreeSet;

use kargo_core::{
    promotion::Input,
    report::{Signal, StepError, StepProgress, WakeKey},
};
use serde_json::json;

use crate::{
    host::{Answer, FREIGHT, Host},
    live::{Live, Taken},
};

/// What these scenarios take.
pub fn scenarios() -> BTreeSet<Taken> {
    let mut taken = stored();
    for (rest, input) in [
        (None, Input::Look),
        (
            Some(Ok(StepProgress::waiting_on(WakeKey::custom("a", "b")))),
            Input::Signal(Signal::of(WakeKey::custom("a", "b"))),
        ),
        (Some(Err(StepError::retryable("x"))), Input::Look),
    ] {
        taken.append(&mut without_its_configuration(rest, &input));
    }
    taken.append(&mut written_again());
    taken.append(&mut no_more_to_write());
    taken
}

/// A step whose configuration reads metadata that goes away while the step rests, or while it was stored.
fn without_its_configuration(rest: Option<Answer>, input: &Input) -> BTreeSet<Taken> {
    let config = json!({"a": "${{ freightMetadata(ctx.targetFreight.name).a }}"});
    let mut host = Host::new(json!([{"uses": "stubborn", "as": "x", "config": config}]));
    let mut freight = host.world.freight(FREIGHT).unwrap().to_noun();
    freight.status.metadata.insert("a".into(), json!(1));
    host = host.with(freight.clone());
    let mut live = Live::of(host);
    live.tell(&Input::Begin);
    freight.status.metadata.clear();
    match rest {
        Some(answer) => {
            live.tell(&Input::Returned { step: 0, report: answer.into(), heard: vec![] });
            live.host.world.put(freight);
        }
        None => {
            let mut host = live.host;
            host.drive_until_handed("x");
            host = host.with(freight);
            let taken = live.taken;
            live = Live { taken, ..Live::of(host) };
        }
    }
    live.host.after(300);
    live.tell(input);
    assert_eq!(live.states(), ["Errored"]);
    let message = live.run.message().unwrap();
    assert!(
        message.starts_with("failed to build step context: failed to get step config: cannot fetch a"),
        "{message}"
    );
    assert_eq!(live.run.steps()[0].finished_at(), None, "promotion-engine 1.4: no end");
    live.taken
}

/// A step that was being prepared when its promotion was stored.
fn stored() -> BTreeSet<Taken> {
    let mut host = Host::new(json!([{"uses": "a", "as": "x", "config": {"a": "${{ secret('reg').token }}"}}]));
    host.drive_until_prepared();
    let mut live = Live::of(host);
    assert_eq!((live.states(), live.moves().len()), (vec!["Preparing"], 0));
    live.tell(&Input::Look);
    assert_eq!((live.states(), live.moves().len()), (vec!["Preparing"], 1));
    live.taken
}

/// A step that is tried again for a lost work tree, and is stopped, or loses its configuration.
fn written_again() -> BTreeSet<Taken> {
    let config = json!({"a": "${{ freightMetadata(ctx.targetFreight.name).a }}"});
    let mut taken = BTreeSet::new();
    for (aborted, under_way) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut host = Host::new(json!([{"uses": "write", "as": "x", "config": config}, {"uses": "read", "as": "y"}]));
        let mut freight = host.world.freight(FREIGHT).unwrap().to_noun();
        freight.status.metadata.insert("a".into(), json!(1));
        host = host.with(freight.clone());
        let mut live = Live::of(host);
        let returned = |answer: Answer| Input::Returned { step: 0, report: answer.into(), heard: vec![] };
        live.tell(&Input::Begin);
        live.tell(&returned(Ok(StepProgress::done(json!({})))));
        live.tell(&Input::TreeLost { checkpoint: None });
        if !under_way {
            live.tell(&returned(Err(StepError::retryable("x"))));
        }
        freight.status.metadata.clear();
        live.host.world.put(freight);
        live.host.after(300);
        live.tell(&match (aborted, under_way) {
            (true, _) => Input::Abort { actor: String::new() },
            (false, true) => returned(Err(StepError::terminal("gone"))),
            (false, false) => Input::Look,
        });
        let after = match (aborted, under_way) {
            (true, true) => "Stopping",
            (true, false) => "Aborted",
            _ => "Errored",
        };
        assert_eq!(live.states(), [after, "Stopping"]);
        taken.append(&mut live.taken);
    }
    taken
}

/// A step that is tried again for a lost work tree, of which a newer checkpoint turns up.
fn no_more_to_write() -> BTreeSet<Taken> {
    let mut live = Live::new(json!([{"uses": "write", "as": "x"}, {"uses": "read", "as": "y"}]));
    let returned = |answer: Answer| Input::Returned { step: 0, report: answer.into(), heard: vec![] };
    live.tell(&returned(Ok(StepProgress::done(json!({})))));
    live.tell(&Input::TreeLost { checkpoint: None });
    live.tell(&returned(Err(StepError::retryable("x"))));
    live.tell(&Input::TreeLost { checkpoint: Some(0) });
    assert_eq!(live.states(), ["Succeeded", "Running"]);
    live.taken
}

#[test]
fn control_12_2_scenarios() {
    assert!(scenarios().len() >= 6);
}
