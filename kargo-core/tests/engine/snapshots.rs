//! Snapshots, checkpoints, imports, and logs that cannot be folded (rules 12 and 19).

use kargo_core::{
    Engine, Event, Genesis, Manifests, Recorded,
    command::{Import, Pause, Promote},
    engine::{DecodeError, FORMAT, Position, ReplayError, SCHEMA, Snapshot},
    model::{Duration, Object},
    report::{StepProgress, WakeKey},
};

use crate::{
    host::{Host, genesis},
    shop::{PLAIN, VERIFIED},
};

/// uat waits for a ticket with 1.4.3, and holds 1.4.2, which is verified.
fn busy() -> Host {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Successful");
    host.work();
    host.now += Duration::from_secs(61).to_delta();
    host.answers.insert("push".into(), vec![Ok(StepProgress::waiting_on(WakeKey::custom("ticket", "CHG-1")))]);
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.work();
    host
}

#[test]
fn rules_12_a_snapshot_and_the_tail_give_what_the_whole_log_gives() {
    let host = busy();
    for cut in 0..=host.log.len() {
        let mut early = Engine::new(genesis());
        early.fold(host.log[..cut].iter().cloned()).unwrap();
        let bytes = early.snapshot().to_bytes();
        let mut engine = Engine::restore(Snapshot::from_bytes(&bytes).unwrap()).unwrap();
        engine.fold(host.log[cut..].iter().cloned()).unwrap();
        host.check_same(&engine, &format!("a snapshot at {cut} with its tail"));
    }
}

#[test]
fn rules_12_a_log_may_begin_with_a_checkpoint() {
    let mut host = busy();
    let before = host.log.len();
    let outcome = host.engine.checkpoint(host.now);
    assert_eq!(outcome.events().len(), 1);
    assert!(matches!(outcome.events()[0].event, Event::Checkpoint { .. }));
    host.log.extend(outcome.events().iter().cloned());
    drop(outcome);
    host.check_replay();
    // What is before it was dropped.
    let mut tail: Vec<Recorded> = host.log.split_off(before);
    let bytes: Vec<_> = tail.iter().map(|recorded| recorded.to_bytes().unwrap()).collect();
    let mut engine = Engine::new(genesis());
    engine.fold_bytes(&bytes).unwrap();
    host.check_same(&engine, "a log that begins with a checkpoint");
    // It goes on the same way.
    let signal = || kargo_core::Report::signal(WakeKey::custom("ticket", "CHG-1"));
    let (live, folded) = (host.engine.report(host.now, signal()), engine.report(host.now, signal()));
    assert_eq!(live.events(), folded.events());
    assert!(!live.events().is_empty());
    tail.extend(live.events().iter().cloned());
    let mut again = Engine::new(genesis());
    again.fold(tail.iter().cloned()).unwrap();
    assert_eq!(again.position(), host.engine.position());

    let mut foreign = Engine::new(Genesis::new("other", 7));
    let error = foreign.fold(tail.iter().cloned()).unwrap_err();
    assert!(matches!(&error, ReplayError::Foreign { .. }), "{error}");
    assert!(Engine::new(Genesis::new("shop", 8)).fold(tail).is_err(), "another seed");
}

#[test]
fn rules_12_logs_that_cannot_be_folded_say_where_and_why() {
    let host = busy();
    let bytes: Vec<Vec<u8>> = host.log.iter().map(|recorded| recorded.to_bytes().unwrap()).collect();
    let fold = |log: Vec<Vec<u8>>| Engine::new(genesis()).fold_bytes(log).unwrap_err();

    let mut gap = bytes.clone();
    gap.remove(4);
    assert_eq!(fold(gap), ReplayError::Gap { after: Position::new(4), found: Position::new(6) });
    let mut twice = bytes.clone();
    twice.insert(4, bytes[3].clone());
    assert_eq!(fold(twice), ReplayError::Gap { after: Position::new(4), found: Position::new(4) });
    assert_eq!(fold(bytes[1..].to_vec()), ReplayError::Gap { after: Position::new(0), found: Position::new(2) });

    let mut torn = bytes.clone();
    let last = torn.last_mut().unwrap();
    last.truncate(last.len() / 2);
    let error = fold(torn);
    let end = Position::new(bytes.len() as u64 - 1);
    assert!(matches!(&error, ReplayError::Decode { after, error: DecodeError::Form(_) } if *after == end), "{error}");

    let text = String::from_utf8(bytes[2].clone()).unwrap();
    let mut newer = bytes.clone();
    newer[2] = text.replacen(&format!("\"format\":{FORMAT}"), "\"format\":9", 1).into_bytes();
    let error = fold(newer);
    assert_eq!(error, ReplayError::Decode { after: Position::new(2), error: DecodeError::Format { found: 9 } });
    assert!(error.to_string().contains("use a version that wrote it, or a newer one"), "{error}");
    let mut unknown = bytes.clone();
    unknown[2] = text.replacen("\"format\"", "\"colour\":1,\"format\"", 1).into_bytes();
    assert!(matches!(fold(unknown), ReplayError::Decode { error: DecodeError::Form(_), .. }));
}

#[test]
fn rules_12_a_snapshot_of_another_form_is_thrown_away() {
    let bytes = busy().engine.snapshot().to_bytes();
    let text = String::from_utf8(bytes).unwrap();
    let other = text.replacen(&format!("\"schema\":{SCHEMA}"), "\"schema\":7", 1);
    assert_eq!(Snapshot::from_bytes(other.as_bytes()).unwrap_err(), DecodeError::Schema { found: 7 });
    assert!(matches!(Snapshot::from_bytes(b"{}").unwrap_err(), DecodeError::Form(_)));
    assert!(matches!(Snapshot::from_bytes(&text.as_bytes()[..100]).unwrap_err(), DecodeError::Form(_)));
    let unknown = text.replacen("\"parts\":{", "\"parts\":{\"colour\":1,", 1);
    assert!(Snapshot::from_bytes(unknown.as_bytes()).is_err());
}

#[test]
fn rules_19_an_import_takes_status_over_once_into_an_empty_project() {
    // What another engine knows, as manifests with status.
    let host = busy();
    let objects: Vec<Object> = host.engine.manifests().collect();
    let text = objects.iter().map(|object| object.to_yaml().unwrap()).collect::<Vec<_>>().join("---\n");
    let manifests = Manifests::parse("export.yaml", &text).unwrap();

    let mut taken = Host::new("");
    taken.now = host.now;
    assert_eq!(taken.engine.position(), Position::default());
    taken.command(Import::manifests(&manifests).by("admin")).unwrap();
    for stage in ["uat", "prod"] {
        assert_eq!(taken.holds(stage), host.holds(stage), "{stage}");
    }
    // The promotion that waits goes on where it was.
    assert_eq!(taken.engine.pending().count(), 0);
    taken.answers.clear();
    taken.report(kargo_core::Report::signal(WakeKey::custom("ticket", "CHG-1")));
    taken.work();
    assert_eq!(taken.holds("uat").as_deref(), Some("1.4.3"), "{}", taken.story());
    taken.verdict("Successful");
    taken.work();
    assert_eq!(taken.holds("prod").as_deref(), Some("1.4.3"));

    let text = taken.command(Import::manifests(&manifests)).unwrap_err().to_string();
    assert!(text.contains("has a log already"), "{text}");
}

#[test]
fn control_trap_45_two_promotions_that_run_in_one_stage_are_not_imported() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host.command(Pause::stage("uat").by("ana")).unwrap();
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.command(Promote::to("uat").freight(&*freight).by("ana")).unwrap();
    let mut objects: Vec<Object> = host.engine.manifests().collect();
    for object in &mut objects {
        if let Object::Promotion(promotion) = object {
            promotion.status.phase = Some("Running".into());
        }
    }
    let mut empty = Host::new("");
    let text = empty.command(Import::objects(objects)).unwrap_err().to_string();
    assert!(text.contains("both run in uat: stop one of them first"), "{text}");
}
