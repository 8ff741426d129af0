//! The queue and its gate (control 3.2 to 3.4; rules 7): traps 6, 12, 24, 32, 39, 44 and 45.

use kargo_core::{
    EffectKind,
    command::{Apply, Delete, Import, Pause, Promote, Reject, Resume},
    model::{Duration, HealthState, Kind},
    policy::{self, Keep, Retention},
};

use crate::{
    host::{Host, at, genesis},
    scene::{
        ANA, DIRECT, MENU, PUSH, apply, automatic, by_hand, checked, from, health, held, is_verified, named, newest,
        ours, promote, promotions, shop, stage, stepping, warehouse,
    },
};

/// What is queued in `uat`, in the order in which it starts.
fn queue(host: &Host) -> Vec<String> {
    let uat = host.engine.world().stage("uat").unwrap();
    policy::queue(uat).into_iter().map(|promotion| promotion.name().to_owned()).collect()
}

#[test]
fn trap_06_automation_waits_for_what_is_there_on_fresh_health() {
    // Kargo's gate looks at the health of the pass before, and lets the next promotion go while the Stage is still coming up:
    // nothing verifies what is in between. Decided: automation waits for fresh health and the verification, for health that
    // is Progressing ten minutes at most.
    let deployed = || {
        let mut host = automatic();
        host.answers.insert("push".into(), vec![checked("uat")]);
        host.found("cart", &["1.4.2"]);
        host.work();
        host.found("cart", &["1.4.3"]);
        assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Pending", "health was not looked at yet");
        host
    };
    let mut host = deployed();
    health(&mut host, "uat", HealthState::Progressing);
    host.until("2026-11-24T12:09:59.999Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Pending");
    host.until("2026-11-24T12:10:00Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Running");
    assert!(!is_verified(&host, "uat", "1.4.2"));

    let mut host = deployed();
    health(&mut host, "uat", HealthState::Progressing);
    health(&mut host, "uat", HealthState::Healthy);
    assert!(is_verified(&host, "uat", "1.4.2"), "nothing in between is passed over");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Running");

    // What failed its health is not waited for, and a person does not wait at all.
    let mut host = deployed();
    health(&mut host, "uat", HealthState::Unhealthy);
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Running");
    let mut host = deployed();
    health(&mut host, "uat", HealthState::Progressing);
    promote(&mut host, "uat", "1.4.2").unwrap();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Succeeded, 1.4.3 Pending, 1.4.2 Running");
}

#[test]
fn trap_06_rollbacks_come_first_then_people_then_automation() {
    // Kargo's queue is in the order of names, whoever asked. Decided: a way back comes first, then people, then automation.
    let mut host = automatic();
    host.found("cart", &["1.4.2"]);
    host.found("cart", &["1.4.3"]);
    let by_automation = newest(&host, "uat");
    promote(&mut host, "uat", "1.4.2").unwrap();
    let by_ana = newest(&host, "uat");
    let freight = named(&host, "1.4.2");
    host.command(Promote::to("uat").freight(&*freight).rollback().by(ANA)).unwrap();
    // It does not even wait for what runs (rules 4).
    let back = newest(&host, "uat");
    let starts = host.engine.world().stage("uat").unwrap().current_promotion() == Some(&*back);
    assert!(starts || queue(&host)[0] == back, "{}", host.story());
    assert_eq!(queue(&host).into_iter().filter(|queued| *queued != back).collect::<Vec<_>>(), [by_ana, by_automation]);
}

#[test]
fn trap_12_what_runs_is_not_asked_again_whether_it_may() {
    // Kargo asks at every pass whether the freight is still available: an edit of the Stage, or the deletion of an upstream
    // one, kills a promotion that runs. Decided: it is asked at creation and at the start, and never again.
    let pipeline = [stage("uat", DIRECT, PUSH), stage("prod", &from("stages: [uat]"), PUSH)];
    let running = || {
        let mut host = shop(&pipeline);
        host.found("cart", &["1.4.2"]);
        promote(&mut host, "uat", "1.4.2").unwrap();
        host.work();
        promote(&mut host, "prod", "1.4.2").unwrap();
        host
    };
    for edit in 0..3 {
        let mut host = running();
        match edit {
            0 => drop(apply(&mut host, &(warehouse("menu") + &stage("prod", MENU, PUSH)))),
            1 => drop(host.command(Delete::new(Kind::Stage, "uat")).unwrap()),
            _ => drop(host.command(Reject::new(&*named(&host, "1.4.2"))).unwrap()),
        }
        host.work();
        assert_eq!((promotions(&host, "prod").as_str(), &*held(&host, "prod")), ("1.4.2 Succeeded", "1.4.2"), "{edit}");
    }
}

#[test]
fn trap_12_at_the_start_not_yet_waits_and_no_ends_it() {
    // Kargo does not ask while a promotion is queued, and errors it when it starts. Decided: a window or a pause is waited for
    // in the queue; anything else ends it at its start, as Errored if a person asked for it.
    let freeze = "windows: [{ name: freeze, kind: Deny, dtstart: 20261124T121000Z, dtend: 20261124T130000Z }]";
    let queued = || {
        let mut host = shop(&[stage("uat", DIRECT, PUSH), ours("StagePolicy", "uat", freeze)]);
        host.found("cart", &["1.4.2"]);
        host.command(Pause::stage("uat")).unwrap();
        promote(&mut host, "uat", "1.4.2").unwrap();
        host.until("2026-11-24T12:20:00Z");
        host
    };
    let mut host = queued();
    host.command(Resume::stage("uat")).unwrap();
    host.until("2026-11-24T12:59:59.999Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Pending");
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running");

    let mut host = queued();
    host.command(Reject::new(&*named(&host, "1.4.2")).by(ANA).because("drops coupons")).unwrap();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Errored");
    let message = host.engine.world().promotion(newest(&host, "uat")).unwrap().noun().status.message.clone();
    assert!(message.as_deref().unwrap_or_default().contains("drops coupons"), "{message:?}");
}

#[test]
fn trap_12_what_automation_queued_is_withdrawn() {
    // The same of automation's own: Aborted, for the reason Withdrawn, which does not count as a failure.
    let mut host = automatic();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
    }
    host.command(Reject::new(&*named(&host, "1.4.3"))).unwrap();
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running, 1.4.3 Aborted");
    let withdrawn = host.engine.world().promotion(newest(&host, "uat")).unwrap();
    assert_eq!(withdrawn.end_reason(), Some("Withdrawn"));
    host.work();
    host.command(kargo_core::command::Unreject::new(&*named(&host, "1.4.3"))).unwrap();
    host.work();
    assert_eq!(held(&host, "uat"), "1.4.3", "it is tried once more");
}

#[test]
fn trap_24_the_queue_is_in_the_order_of_creation_whatever_clocks_say() {
    // Kargo's order is that of names, which carry the clock of whoever made them. Fixed: promotions are counted.
    let mut host = by_hand();
    host.command(Pause::stage("uat")).unwrap();
    let mut made = Vec::new();
    for (now, tag) in [("12:30:00", "1.0.1"), ("11:00:00", "1.0.2"), ("12:10:00", "1.0.3")] {
        host.now = at(&format!("2026-11-24T{now}Z"));
        host.found("cart", &[tag]);
        promote(&mut host, "uat", tag).unwrap();
        made.push(newest(&host, "uat"));
    }
    assert_eq!(queue(&host), made);
    // Even names of another clock, which sort the other way round, change nothing where promotions are counted.
    let mut world = host.engine.world().clone();
    let nouns: Vec<_> = made.iter().map(|name| world.promotion(name).unwrap().noun().clone()).collect();
    for (number, noun) in nouns.into_iter().rev().zip(10..).map(|(noun, number)| (number, noun)) {
        world.put_promotion(noun, number);
    }
    let queued = policy::queue(world.stage("uat").unwrap());
    let queued: Vec<_> = queued.into_iter().map(|promotion| promotion.name().to_owned()).collect();
    assert_eq!(queued, made.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn trap_32_a_queued_promotion_keeps_its_steps_and_looks_at_the_stage_as_it_is() {
    // In Kargo steps and variables are copied when a promotion is made; requests, availability and what is carried along are
    // those of the Stage when it starts. Kept.
    let both = format!("{DIRECT}, {MENU}");
    let step = "{ uses: git-push, as: push, config: { path: old } }";
    let mut host = shop(&[warehouse("menu"), stepping("uat", &both, step)]);
    host.found("menu", &["1.9.1"]);
    promote(&mut host, "uat", "1.9.1").unwrap();
    host.work();
    host.found("cart", &["1.0.1"]);
    host.command(Pause::stage("uat")).unwrap();
    promote(&mut host, "uat", "1.0.1").unwrap();
    apply(&mut host, &stepping("uat", DIRECT, "{ uses: git-push, as: other, config: { path: new } }"));
    host.command(Resume::stage("uat")).unwrap();
    let config = |host: &Host| {
        let run = host.open.iter().find_map(|effect| match &effect.kind {
            EffectKind::RunStep(run) => Some(format!("{} {}", run.alias, run.config.to_json().unwrap())),
            _ => None,
        });
        run.unwrap()
    };
    assert_eq!(config(&host), r#"push {"path":"old"}"#);
    host.work();
    assert_eq!(held(&host, "uat"), "1.0.1", "menu is not requested any more");
    promote(&mut host, "uat", "1.0.1").unwrap();
    assert_eq!(config(&host), r#"other {"path":"new"}"#);
}

#[test]
fn trap_44_what_has_its_turn_keeps_it_until_it_ends() {
    // Kargo's gate decides who gets the place, never who loses it. Kept, but for rollbacks (rules 4).
    let mut host = by_hand();
    for tag in ["1.0.1", "1.0.2"] {
        host.found("cart", &[tag]);
    }
    promote(&mut host, "uat", "1.0.1").unwrap();
    let running = newest(&host, "uat");
    promote(&mut host, "uat", "1.0.2").unwrap();
    promote(&mut host, "uat", "1.0.2").unwrap();
    host.command(Pause::project()).unwrap();
    host.command(Reject::new(&*named(&host, "1.0.1"))).unwrap();
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(host.engine.world().stage("uat").unwrap().current_promotion(), Some(&*running));
    assert_eq!(promotions(&host, "uat"), "1.0.1 Running, 1.0.2 Pending, 1.0.2 Pending");
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.0.1 Succeeded, 1.0.2 Pending, 1.0.2 Pending");
    assert_eq!(host.engine.world().stage("uat").unwrap().current_promotion(), None);
}

#[test]
fn trap_45_two_never_run_at_once_and_no_status_can_be_written_in() {
    // In Kargo two promotions may be Running after an edit of status or a backup: one has the place, the other stalls. It
    // cannot arise here: phases are the engine's alone, and an import of two is refused.
    let mut host = by_hand();
    for tag in ["1.0.1", "1.0.2", "1.0.3"] {
        host.found("cart", &[tag]);
        promote(&mut host, "uat", tag).unwrap();
    }
    assert_eq!(promotions(&host, "uat"), "1.0.1 Running, 1.0.2 Pending, 1.0.3 Pending");
    let mut edited = host.engine.world().promotion(newest(&host, "uat")).unwrap().noun().clone();
    edited.status.phase = Some(kargo_core::model::PromotionPhase::Running);
    let refusal = host.command(Apply::objects([edited.into()]).by("admin")).unwrap_err();
    assert!(refusal.to_string().contains("is no definition"), "{refusal}");
    // Nor can two be taken over from elsewhere.
    let world = host.engine.world();
    let both = world.stage("uat").unwrap().promotions().take(2).map(|promotion| {
        let mut noun = promotion.noun().clone();
        noun.status.phase = Some(kargo_core::model::PromotionPhase::Running);
        noun.into()
    });
    let import = Import::objects(both);
    let refusal = Host::bare().command(import).unwrap_err().to_string();
    assert!(refusal.contains("both run in uat"), "{refusal}");
    // What a status says in a Stage that is taken over is ignored.
    let mut uat = host.engine.world().stage("uat").unwrap().noun().clone();
    let last = kargo_core::model::PromotionReference { name: (&*newest(&host, "uat")).into(), ..Default::default() };
    uat.status.current_promotion = Some(last);
    assert_eq!(host.command(Apply::objects([uat.into()]).by("admin")).unwrap(), 0);
    assert_eq!(promotions(&host, "uat"), "1.0.1 Running, 1.0.2 Pending, 1.0.3 Pending");
}

#[test]
fn trap_39_freight_that_a_queued_promotion_brings_is_not_collected() {
    // Kargo collects it, and the promotion fails when it starts. Fixed: it is kept until that promotion has ended.
    let keep = Keep { retained: 0, minimum_age: Duration::from_secs(3_600) };
    let forgetful = genesis().retaining(Retention { freight: keep, promotions: Keep::default() });
    let mut host = Host::of(forgetful, &format!("{}{}", warehouse("cart"), stage("uat", DIRECT, PUSH)));
    for tag in ["1.4.1", "1.4.2"] {
        host.found("cart", &[tag]);
    }
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    promote(&mut host, "uat", "1.4.1").unwrap();
    host.until("2026-11-24T14:00:00Z");
    let left: Vec<_> = host.engine.world().all_freight().map(|one| one.reference().images[0].tag.to_string()).collect();
    assert_eq!(left, ["1.4.1"], "the other one is gone");
    host.command(Resume::stage("uat").by(ANA)).unwrap();
    host.work();
    assert_eq!((promotions(&host, "uat").as_str(), held(&host, "uat").as_str()), ("1.4.1 Succeeded", "1.4.1"));
}
