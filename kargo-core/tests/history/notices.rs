//! What people hear (control 10; rules 6 and 7).

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    Event, Notice, Origin, Position, Recorded, Report,
    command::{Abort, Approve, Pause, Promote, Reject, ReleaseHold, Resume, Reverify, Unreject},
    engine::{Happened, Notices, ReplayError, StallLimits},
    model::{Health, HealthCheckStep, HealthState},
    promotion::{PhaseEvent, RunEvent},
    report::{StepError, StepProgress, WakeKey},
    world::Place,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    host::{ANA, Host, SHOP, done, genesis},
    random::{Kind, cases, history},
};

/// All that is heard of a log, folded event by event.
pub(crate) fn all(log: &[Recorded]) -> Vec<Notice> {
    Notices::after(genesis(), log.to_vec(), Position::default(), 0).unwrap().1
}

/// What is heard, without names that nobody would read.
pub(crate) fn lines(host: &Host, from: &str) -> String {
    let mut names: Vec<String> = host.engine.world().promotions().map(|view| view.name().to_owned()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let heard = all(&host.log).into_iter().map(|notice| notice.to_string());
    let mut text: Vec<String> = heard.filter(|line| line.get(..8).is_some_and(|time| time >= from)).collect();
    for line in &mut text {
        for name in &names {
            *line = line.replace(name, &format!("{}.X", name.split('.').next().unwrap()));
        }
    }
    text.join("\n")
}

#[test]
fn user_code_1_the_first_minute() {
    let mut host = Host::new(SHOP);
    host.now += kargo_core::model::Duration::from_secs(1).to_delta();
    host.found("cart", &["1.4.2", "1.4.1"]);
    host.pass(5);
    host.answer("push", Ok(StepProgress::done(json!({"commit": "9c1d77e"})).message("commit 9c1d77e on main")));
    insta::assert_snapshot!(lines(&host, ""), @"
    12:00:00Z shop defined    Warehouse/cart by admin
    12:00:00Z shop defined    Stage/uat by admin
    12:00:00Z shop defined    Stage/prod by admin
    12:00:00Z shop defined    ProjectConfig/shop by admin
    12:00:01Z shop discovered Warehouse/cart: new image ghcr.io/acme/cart:1.4.2 and 1 more
    12:00:01Z shop freight    tidal-gazelle (ee3c061) ghcr.io/acme/cart:1.4.2
    12:00:01Z shop queued     uat <- tidal-gazelle, automatic, uat.X
    12:00:01Z shop promoting  uat <- tidal-gazelle, uat.X
    12:00:06Z shop step       uat 1/1 push: done, commit 9c1d77e on main
    12:00:06Z shop promoted   uat <- tidal-gazelle in 5s
    12:00:06Z shop health     uat: Healthy
    12:00:06Z shop verified   tidal-gazelle in uat (no verification asked)
    12:00:06Z shop eligible   prod <- tidal-gazelle at 13:00:06Z (soaks in uat); nobody promotes prod automatically
    ");
}

#[test]
fn user_code_6_steps_that_wait_and_err() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    host.until("2026-11-24T14:20:11Z");
    host.command(Promote::to("prod").newest(Origin::warehouse("cart")).by(ANA)).unwrap();
    let key = WakeKey::custom("ticket", "CHG-1042");
    host.answer("change", Ok(StepProgress::waiting_on(key.clone())));
    host.report(Report::signal(key));
    host.answer("change", Err(StepError::retryable("the desk is closed")));
    host.pass(10);
    host.answer("change", done());
    host.answer("push", Err(StepError::failed("protected branch")));
    insta::assert_snapshot!(lines(&host, "14:20:11"), @r#"
    14:20:11Z shop queued     prod <- tidal-gazelle, by email:ana@acme.example, prod.X
    14:20:11Z shop promoting  prod <- tidal-gazelle, prod.X
    14:20:11Z shop waiting    prod 1/2 change: on ticket/CHG-1042 (gives up 2026-11-27 14:20Z)
    14:20:11Z shop step       prod 1/2 change: error 1 of 3: error running step "change": the desk is closed; step will be retried (again at 14:20:15Z)
    14:20:21Z shop step       prod 1/2 change: done
    14:20:21Z shop step       prod 2/2 push: Failed, step "push": protected branch
    14:20:21Z shop failed     prod <- tidal-gazelle after 10s: step "push": protected branch
    "#);
}

#[test]
fn rules_5_6_7_what_kargo_has_no_event_for() {
    let mut host = Host::new(&SHOP.replace(
        "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: prod",
        "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }\n  verification: { analysisTemplates: [{ name: smoke }] }\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: prod",
    ));
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    host.verdict("Successful");
    let name = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.command(Approve::new(&*name, "prod").by(ANA).because("hotfix")).unwrap();
    host.command(Promote::to("prod").freight(&*name).by(ANA)).unwrap();
    host.answer("change", done());
    host.answer("push", done());
    // Somebody goes back, and what is newer is left alone.
    host.command(Reverify::stage("uat").by("email:bob@acme.example")).unwrap();
    host.verdict("Failed");
    host.command(Pause::stage("uat").by(ANA).because("freeze")).unwrap();
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.command(Promote::to("uat").freight(&*name).by(ANA)).unwrap();
    host.command(Resume::stage("uat").by("email:bob@acme.example")).unwrap();
    let promotion = host.newest();
    host.command(Abort::promotion(&*promotion).by("email:bob@acme.example")).unwrap();
    host.command(Reject::new(&*name).by(ANA).because("drops coupons")).unwrap();
    let health =
        Health { status: Some(HealthState::Unhealthy), issues: vec!["0 of 3 ready".into()], ..Health::default() };
    host.report(Report::health(Place::stage("prod"), health));
    host.report(Report::clock_suspect());
    insta::assert_snapshot!(lines(&host, ""), @r#"
    12:00:00Z shop defined    Warehouse/cart by admin
    12:00:00Z shop defined    Stage/uat by admin
    12:00:00Z shop defined    Stage/prod by admin
    12:00:00Z shop defined    ProjectConfig/shop by admin
    12:00:00Z shop discovered Warehouse/cart: new image ghcr.io/acme/cart:1.4.2
    12:00:00Z shop freight    tidal-gazelle (ee3c061) ghcr.io/acme/cart:1.4.2
    12:00:00Z shop queued     uat <- tidal-gazelle, automatic, uat.X
    12:00:00Z shop promoting  uat <- tidal-gazelle, uat.X
    12:00:00Z shop step       uat 1/1 push: done
    12:00:00Z shop promoted   uat <- tidal-gazelle in 0s; it is verified next
    12:00:00Z shop health     uat: Healthy
    12:00:00Z shop verifying  tidal-gazelle in uat
    12:00:00Z shop verified   tidal-gazelle in uat: p99
    12:00:00Z shop eligible   prod <- tidal-gazelle at 13:00:00Z (soaks in uat); nobody promotes prod automatically
    12:00:00Z shop approved   tidal-gazelle for prod by email:ana@acme.example: "hotfix"
    12:00:00Z shop queued     prod <- tidal-gazelle, by email:ana@acme.example, prod.X
    12:00:00Z shop promoting  prod <- tidal-gazelle, prod.X
    12:00:00Z shop step       prod 1/2 change: done
    12:00:00Z shop step       prod 2/2 push: done
    12:00:00Z shop promoted   prod <- tidal-gazelle in 0s
    12:00:00Z shop health     prod: Healthy
    12:00:00Z shop verified   tidal-gazelle in prod (no verification asked)
    12:00:00Z shop reverify   uat by email:bob@acme.example
    12:00:00Z shop verifying  tidal-gazelle in uat
    12:00:00Z shop unverified tidal-gazelle in uat: Failed by email:bob@acme.example: p99
    12:00:00Z shop withdrawn  tidal-gazelle is not verified in uat any more; it stays in prod, uat
    12:00:00Z shop paused     uat by email:ana@acme.example: "freeze"
    12:00:00Z shop discovered Warehouse/cart: new image ghcr.io/acme/cart:1.4.3
    12:00:00Z shop freight    crisp-deer (6a60093) ghcr.io/acme/cart:1.4.3
    12:00:00Z shop queued     uat <- tidal-gazelle, by email:ana@acme.example, uat.X
    12:00:00Z shop resumed    uat by email:bob@acme.example
    12:00:00Z shop promoting  uat <- tidal-gazelle, uat.X
    12:00:00Z shop aborted    uat <- tidal-gazelle after 0s by email:bob@acme.example: Promotion terminated by email:bob@acme.example
    12:00:00Z shop rejected   tidal-gazelle everywhere by email:ana@acme.example: "drops coupons"
    12:00:00Z shop health     prod: Unhealthy: 0 of 3 ready
    12:00:00Z shop clock      may be wrong since 12:00:00Z: nothing moves by time until somebody accepts it
    "#);
}

#[test]
fn rules_6_7_what_automation_takes_back_and_what_people_let_go_of() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.pass(1);
    host.found("cart", &["1.4.3", "1.4.2"]);
    let newer = host.engine.world().all_freight().find(|freight| freight.to_noun().images[0].tag == "1.4.3").unwrap();
    let newer = newer.name().to_string();
    host.command(Reject::new(&*newer).in_stage("uat").by(ANA)).unwrap();
    host.answer("push", done());
    host.command(Unreject::new(&*newer).by(ANA)).unwrap();
    host.answer("push", done());
    let older = host.engine.world().all_freight().find(|freight| freight.to_noun().images[0].tag == "1.4.2").unwrap();
    let older = older.name().to_string();
    host.command(Promote::to("uat").freight(&*older).by(ANA)).unwrap();
    host.answer("push", done());
    host.command(ReleaseHold::new("uat", Origin::warehouse("cart")).by("email:bob@acme.example")).unwrap();
    let heard = all(&host.log);
    let of =
        |name: &str| heard.iter().filter(|notice| notice.name() == name).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of("PromotionWithdrawn").len(), 1, "{}", lines(&host, ""));
    assert_eq!(of("PromotionAborted"), Vec::<String>::new());
    let short = older.get(..7).unwrap();
    let held =
        format!("12:00:01Z shop held       uat: automation leaves {short} of Warehouse/cart by email:ana@acme.example");
    assert_eq!(of("HoldEstablished"), [held]);
    let released = "12:00:01Z shop released   uat: automation takes Warehouse/cart again by email:bob@acme.example";
    assert_eq!(of("HoldReleased"), [released]);
}

#[test]
fn the_json_has_kargos_name_and_all_that_the_line_says() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.answer("push", done());
    let succeeded = all(&host.log).into_iter().find(|notice| notice.name() == "PromotionSucceeded").unwrap();
    let mut json = serde_json::to_value(&succeeded).unwrap();
    json["promotion"] = "uat.X".into();
    json["freight"][0] = "..".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "at": "2026-11-24T12:00:00Z",
      "automatic": true,
      "cause": 14,
      "createTime": "2026-11-24T12:00:00Z",
      "event": "PromotionSucceeded",
      "freight": [
        ".."
      ],
      "index": 0,
      "position": 15,
      "project": "shop",
      "promotion": "uat.X",
      "ran": "0s",
      "rollback": false,
      "stage": "uat"
    }
    "#);
}

#[test]
fn rules_2_outputs_and_configurations_are_not_told() {
    let mut host =
        Host::new(&SHOP.replace("uses: git-push, as: push", "uses: git-push, as: push, config: { path: hush-config }"));
    host.found("cart", &["1.4.2"]);
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({"apps": ["hush-check"]})) };
    host.answer("push", Ok(StepProgress::done(json!({"token": "hush-output"})).health(check)));
    let log =
        host.log.iter().map(|recorded| String::from_utf8(recorded.to_bytes().unwrap()).unwrap()).collect::<String>();
    assert!(log.contains("hush-output") && log.contains("hush-config"), "the test has something to find");
    // The definition is told of by its name alone.
    let heard = all(&host.log)
        .iter()
        .map(|notice| format!("{notice} {}", serde_json::to_string(notice).unwrap()))
        .collect::<String>();
    assert!(!heard.contains("hush"), "{heard}");
}

#[test]
fn a_gap_is_refused() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let mut notices = Notices::new(genesis());
    let gap = notices.take(&host.log[1..]).unwrap_err();
    assert_eq!(gap, ReplayError::Gap { after: Position::default(), found: Position::new(2) });
    assert_eq!(notices.position(), Position::default());
    assert_eq!(notices.take(&host.log).unwrap(), all(&host.log));
}

#[test]
fn a_stall_becomes_a_notice() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.now += kargo_core::model::Duration::from_secs(3_600).to_delta();
    host.tick();
    let stalls = host.engine.stalls(host.now, &StallLimits::default());
    let notice = host.engine.notice_of(host.now, stalls[0].clone());
    assert_eq!((notice.name(), notice.position), ("Stalled", host.engine.position()));
    let text = notice.to_string();
    assert!(text.starts_with("13:00:00Z shop stalled    "), "{text}");
    let json = serde_json::to_string(&notice).unwrap();
    assert_eq!(serde_json::from_str::<Notice>(&json).unwrap(), notice);
}

/// Notices of a log are the same however it is folded, and from wherever.
fn the_same_from_anywhere(host: &Host) -> Vec<Notice> {
    let heard = all(&host.log);
    // Live: batch by batch, beside the engine that makes them.
    let mut live = Notices::new(genesis());
    let mut in_batches = Vec::new();
    let mut engine = kargo_core::Engine::new(genesis());
    for put in &host.inputs {
        let (from, to) = (usize::try_from(put.base).unwrap(), usize::try_from(put.base + put.events).unwrap());
        // From an engine that was folded up to here, as after a crash.
        let resumed = Notices::of(&engine).take(&host.log[from..to]).unwrap();
        let of_batch = live.take(&host.log[from..to]).unwrap();
        assert_eq!(resumed, of_batch);
        in_batches.extend(of_batch);
        engine.fold(host.log[from..to].iter().cloned()).unwrap();
    }
    assert_eq!(in_batches, heard);
    // From any notice on.
    for (index, last) in heard.iter().enumerate().step_by(7) {
        let (_, rest) = Notices::after(genesis(), host.log.clone(), last.position, last.index).unwrap();
        assert_eq!(rest, heard[index + 1..]);
    }
    heard
}

fn check(host: &Host, heard: &[Notice]) {
    let ends = |name: &str| {
        matches!(
            name,
            "PromotionSucceeded"
                | "PromotionFailed"
                | "PromotionErrored"
                | "PromotionAborted"
                | "PromotionSuperseded"
                | "PromotionWithdrawn"
        )
    };
    let mut told: BTreeMap<Position, Vec<&Notice>> = BTreeMap::new();
    for notice in heard {
        told.entry(notice.position).or_default().push(notice);
        let json = serde_json::to_string(notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&json).unwrap(), *notice, "{json}");
        assert_eq!(notice.to_string().lines().count(), 1, "{notice}");
    }
    let none = Vec::new();
    let mut verified = BTreeSet::new();
    for recorded in &host.log {
        let of = told.get(&recorded.position).unwrap_or(&none);
        for (index, notice) in of.iter().enumerate() {
            assert_eq!(
                (notice.index, notice.at, notice.cause),
                (u32::try_from(index).unwrap(), recorded.at, recorded.cause)
            );
        }
        // Invariant 52: one terminal notice for each end.
        let is_end =
            matches!(&recorded.event, Event::Promotion { happened: RunEvent::Phase(PhaseEvent::End { .. }), .. });
        assert_eq!(of.iter().filter(|notice| ends(notice.name())).count(), usize::from(is_end), "{:?}", recorded.event);
        // Invariant 52: of each terminal verification one notice for each piece of freight.
        for notice in of {
            let (Happened::FreightVerificationSucceeded(judged)
            | Happened::FreightVerificationFailed(judged)
            | Happened::FreightVerificationErrored(judged)
            | Happened::FreightVerificationInconclusive(judged)
            | Happened::FreightVerificationAborted(judged)) = &notice.happened
            else {
                continue;
            };
            if let Some(id) = &judged.verification {
                assert!(verified.insert((id.clone(), judged.freight.name.clone())), "{notice} is told twice");
            }
        }
        if let Event::VerdictCounted { members, verdict, .. } = &recorded.event {
            for member in members {
                assert!(verified.contains(&(verdict.id.clone(), member.clone())), "a verdict that nobody heard of");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn control_10_notices_are_the_same_live_and_replayed(seed in any::<u64>()) {
        let host = history(seed, 80, Kind::Wild);
        let heard = the_same_from_anywhere(&host);
        check(&host, &heard);
    }
}

#[test]
fn what_random_histories_tell_of() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..60 {
        let host = history(seed, 120, Kind::Wild);
        let heard = all(&host.log);
        check(&host, &heard);
        for notice in &heard {
            *kinds.entry(notice.name()).or_default() += 1;
        }
    }
    println!("{kinds:#?}");
    // These come about by what these histories do not do: `rare` and the tests above name them.
    let not_here = [
        "Removed",
        "PlaceCleared",
        "Imported",
        "WorkTreeLost",
        "StepOutcomeUnknown",
        "StepSkipped",
        "Stalled",
        "LateVerdict",
        "FreightVerificationLost",
        "FreightVerificationNotStopped",
        "PromotionWithdrawn",
        "HoldReleased",
    ];
    for name in Happened::NAMES.iter().filter(|name| !not_here.contains(name)) {
        assert!(kinds.contains_key(name), "{name} never occurred: {kinds:#?}");
    }
}
