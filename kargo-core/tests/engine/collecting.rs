//! What nothing needs any more is taken out: when, what stays, and that nothing is lost (control 9 and 13; rules 7 and 12).

use kargo_core::{
    Engine, Event, Genesis, History, Manifests, Position,
    command::{Abort, Apply, Approve, Delete, Pause, Promote, Reject, Resume},
    engine::{Notices, Snapshot},
    model::{Duration, FreightName, Kind},
    policy::{Keep, Retention},
    report::StepError,
};

use crate::{
    host::{Host, at, genesis},
    shop::PLAIN,
};

const ANA: &str = "email:ana@acme.example";

/// So many promotions and pieces of freight, and all of an hour.
fn keeping(promotions: u32, freight: u32) -> Genesis {
    let keep = |retained| Keep { retained, minimum_age: Duration::from_secs(3_600) };
    genesis().retaining(Retention { promotions: keep(promotions), freight: keep(freight) })
}

/// Images from `1.4.<from>` on, found every ten minutes from noon on, and what follows.
fn pushes(host: &mut Host, from: i64, to: i64) {
    for number in from..=to {
        let minutes = chrono::TimeDelta::minutes((number - 1) * 10);
        host.until(&(at("2026-11-24T12:00:00Z") + minutes).to_rfc3339());
        host.found("cart", &[&format!("1.4.{number}")]);
        host.work();
    }
}

/// Goes on for long, with one replay at the end.
fn wait(host: &mut Host, until: &str) {
    host.replays = false;
    host.until(until);
    host.replays = true;
    host.check_replay();
}

/// The collections that the log tells of: when, why, how many.
fn collected(host: &Host) -> String {
    let tell = |recorded: &kargo_core::Recorded| {
        let at = recorded.at.format("%H:%M:%S");
        match &recorded.event {
            Event::PromotionsCollected { stage, promotions } => {
                Some(format!("{at} {} promotions of {stage}", promotions.len()))
            }
            Event::FreightCollected { origin, freight } => Some(format!("{at} {} of {origin}", freight.len())),
            _ => None,
        }
    };
    host.log.iter().filter_map(tell).collect::<Vec<_>>().join("\n")
}

fn tags(host: &Host) -> String {
    let mut all: Vec<String> =
        host.engine.world().all_freight().map(|freight| freight.reference().images[0].tag.to_string()).collect();
    all.sort();
    all.join(" ")
}

fn named(host: &Host, tag: &str) -> FreightName {
    let mut all = host.engine.world().all_freight();
    all.find(|freight| &*freight.reference().images[0].tag == tag).unwrap().name().clone()
}

#[test]
fn control_9_what_is_behind_enough_others_goes_at_the_instant_at_which_it_is_old_enough() {
    let mut host = Host::of(keeping(2, 20), PLAIN);
    pushes(&mut host, 1, 5);
    assert_eq!(host.now, at("2026-11-24T12:40:00Z"));
    host.until("2026-11-24T12:59:59.999Z");
    assert_eq!(collected(&host), "");
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(collected(&host), "13:00:00 1 promotions of uat");
    host.replays = false;
    host.until("2026-11-24T20:00:00Z");
    host.replays = true;
    // Those of 12:30 and 12:40 are kept, and for the rest of time nothing is to be done.
    assert_eq!(
        collected(&host),
        "13:00:00 1 promotions of uat\n13:10:00 1 promotions of uat\n13:20:00 1 promotions of uat"
    );
    assert_eq!(host.engine.world().stage("uat").unwrap().promotions().count(), 2);
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.5"));

    // With the end of a promotion another one is behind enough, and old enough already: it goes in the same batch.
    let before = host.log.len();
    host.found("cart", &["1.4.6"]);
    host.work();
    let gone = host.log.iter().rposition(|one| matches!(one.event, Event::PromotionsCollected { .. })).unwrap();
    assert!(gone >= before && host.log[gone].at == host.now);
    let why = host.log[gone].cause.unwrap();
    let why = host.log.iter().find(|recorded| recorded.position == why).unwrap();
    assert!(matches!(why.event, Event::PromotionSettled { .. }), "{why:?}");
}

#[test]
fn control_9_freight_goes_when_nothing_newer_than_it_is_the_oldest_in_a_stage() {
    let mut host = Host::of(keeping(20, 1), PLAIN);
    pushes(&mut host, 1, 4);
    host.until("2026-11-24T12:30:00Z");
    host.command(Promote::to("prod").freight(&*named(&host, "1.4.1")).by(ANA)).unwrap_err();
    host.command(Approve::new(&*named(&host, "1.4.1"), "prod").by(ANA)).unwrap();
    host.command(Promote::to("prod").freight(&*named(&host, "1.4.1")).by(ANA)).unwrap();
    host.work();
    // 1.4.1 is in prod: it is the oldest that is needed, whatever comes.
    wait(&mut host, "2026-11-24T16:00:00Z");
    assert_eq!(collected(&host), "");
    let fourth = named(&host, "1.4.4");
    host.command(Promote::to("prod").freight(&*fourth).by(ANA)).unwrap();
    host.work();
    // As soon as it leaves, it and what is between go, but for one.
    assert_eq!(collected(&host), "16:00:00 2 of Warehouse/cart");
    assert_eq!(tags(&host), "1.4.3 1.4.4");
    // Nothing is taken from a Warehouse that is not there; when it is there again, it goes on.
    host.command(Delete::new(Kind::Warehouse, "cart").by(ANA)).unwrap();
    host.command(Delete::new(Kind::Stage, "uat").by(ANA)).unwrap();
    host.command(Delete::new(Kind::Stage, "prod").by(ANA)).unwrap();
    assert_eq!(tags(&host), "1.4.3 1.4.4");
    host.command(Apply::manifests(&Manifests::parse("shop.yaml", PLAIN).unwrap()).by("admin")).unwrap();
    assert_eq!(tags(&host), "1.4.4");
}

#[test]
fn control_9_nothing_is_taken_that_is_younger_than_two_weeks_unless_somebody_says_so() {
    let mut host = Host::new(PLAIN);
    host.replays = false;
    pushes(&mut host, 1, 30);
    // prod holds nothing, and nobody wants it to.
    host.command(Delete::new(Kind::Stage, "prod").by(ANA)).unwrap();
    let end = at("2026-12-08T12:00:00Z");
    host.until("2026-12-08T11:59:59Z");
    assert_eq!(collected(&host), "");
    host.check_replay();
    host.until(&end.to_rfc3339());
    assert_eq!(collected(&host), "12:00:00 1 promotions of uat\n12:00:00 1 of Warehouse/cart");
    host.until("2027-02-01T00:00:00Z");
    // The newest is in uat: twenty before it are kept, and twenty promotions.
    assert_eq!(host.engine.world().all_freight().count(), 21);
    assert_eq!(host.engine.world().promotions().count(), 20);
    host.check_replay();
}

#[test]
fn control_trap_39_freight_of_a_queued_promotion_is_there_when_it_starts() {
    let mut host = Host::of(keeping(20, 1), PLAIN);
    host.command(Delete::new(Kind::ProjectConfig, "shop").by(ANA)).unwrap();
    host.found("cart", &["1.4.1"]);
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    let wanted = named(&host, "1.4.1");
    host.command(Promote::to("uat").freight(&*wanted).by(ANA)).unwrap();
    pushes(&mut host, 2, 8);
    wait(&mut host, "2026-11-25T12:00:00Z");
    assert_eq!(tags(&host), "1.4.1 1.4.8");
    host.command(Resume::stage("uat").by(ANA)).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.1"));

    // One that is withdrawn needs it no more: it goes at once.
    host.command(Pause::stage("prod").by(ANA)).unwrap();
    let other = named(&host, "1.4.8");
    host.command(Promote::to("uat").freight(&*other).by(ANA)).unwrap();
    host.work();
    assert_eq!(tags(&host), "1.4.1 1.4.8");
    host.command(Approve::new(&*wanted, "prod").by(ANA)).unwrap();
    host.command(Promote::to("prod").freight(&*wanted).by(ANA)).unwrap();
    pushes(&mut host, 200, 201);
    assert_eq!(tags(&host), "1.4.1 1.4.200 1.4.201 1.4.8");
    let queued = host.engine.world().stage("prod").unwrap().open_promotions().next().unwrap().name().to_owned();
    host.command(Abort::promotion(queued.as_str()).by(ANA)).unwrap();
    assert_eq!(tags(&host), "1.4.1 1.4.200 1.4.201 1.4.8", "it is one before the oldest in a Stage");
    wait(&mut host, "2026-11-27T12:00:00Z");
    assert_eq!(tags(&host), "1.4.1 1.4.200 1.4.201 1.4.8");
}

#[test]
fn control_13_31_a_hold_stays_when_the_promotion_that_established_it_goes() {
    let mut host = Host::of(keeping(1, 20), PLAIN);
    pushes(&mut host, 1, 3);
    let first = named(&host, "1.4.1");
    host.command(Promote::to("uat").freight(&*first).by(ANA)).unwrap();
    host.work();
    let hold = |host: &Host| host.engine.world().stage("uat").unwrap().holds().next().unwrap().clone();
    let established = hold(&host);
    // It is promoted once more, by hand: what established the first hold goes.
    for _ in 0..3 {
        host.command(Promote::to("uat").freight(&*first).by(ANA)).unwrap();
        host.work();
    }
    let last = hold(&host);
    wait(&mut host, "2026-11-25T12:00:00Z");
    assert!(host.engine.world().promotion(established.promotion_name.as_deref().unwrap()).is_err());
    assert_eq!(hold(&host), last);
    host.found("cart", &["1.4.9"]);
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.1"));
    assert_eq!(host.engine.world().stage("uat").unwrap().open_promotions().count(), 0);
}

#[test]
fn control_13_26_automation_does_not_try_again_what_failed_long_ago() {
    let two = PLAIN.replace(
        "sources: { direct: true } }]",
        "sources: { direct: true } }, { origin: { kind: Warehouse, name: menu }, sources: { direct: true } }]",
    ) + "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: menu, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
";
    let mut host = Host::of(keeping(1, 20), &two);
    host.answers.insert("push".to_owned(), vec![Err(StepError::terminal("no")), crate::host::done()]);
    host.found("menu", &["1.0.0"]);
    host.work();
    let failed = host.engine.world().promotions().next().unwrap().name().to_owned();
    pushes(&mut host, 1, 9);
    wait(&mut host, "2026-11-26T12:00:00Z");
    host.found("cart", &["1.4.10"]);
    host.work();
    assert!(host.engine.world().promotion(&failed).is_ok());
    assert_eq!(host.engine.world().stage("uat").unwrap().promotions().count(), 2);
}

#[test]
fn rules_12_what_was_taken_out_is_in_the_log_and_is_heard_of() {
    let mut host = Host::of(keeping(1, 1), PLAIN);
    host.found("cart", &["1.4.1"]);
    host.work();
    let (freight, position) = (named(&host, "1.4.1"), host.engine.position());
    host.command(Approve::new(&*freight, "prod").by(ANA).because("hotfix")).unwrap();
    host.command(Reject::new(&*freight).in_stage("prod").by(ANA)).unwrap();
    pushes(&mut host, 2, 4);
    wait(&mut host, "2026-11-25T12:00:00Z");
    assert!(host.engine.world().freight(&*freight).is_err());
    // What people decided about it went with it.
    assert_eq!(host.engine.world().rejections_of(&freight).count(), 0);
    assert_eq!(host.engine.world().approvals_of(&freight, "prod").count(), 0);

    let history = History::of(host.engine.genesis().clone(), host.log.iter().cloned()).unwrap();
    let then = history.at(position).unwrap();
    assert_eq!(then.world().freight(&*freight).unwrap().reference().images[0].tag.to_string(), "1.4.1");
    assert!(history.why("uat", position).events().next().is_some());

    let (_, heard) = Notices::after(host.engine.genesis().clone(), host.log.clone(), Position::default(), 0).unwrap();
    let heard: Vec<String> =
        heard.iter().map(ToString::to_string).filter(|line| line.contains(" collected ")).collect();
    let called = host.log.iter().find_map(|recorded| match &recorded.event {
        Event::FreightCreated { freight, .. } => freight.alias.clone(),
        _ => None,
    });
    assert_eq!(heard.len(), 5, "{heard:#?}");
    assert!(heard[0].starts_with("13:00:00Z shop collected  uat: promotion uat."), "{heard:#?}");
    assert!(heard[0].ends_with(", which nobody needs any more"), "{heard:#?}");
    let freight =
        format!("13:00:00Z shop collected  Warehouse/cart: freight {}, which nobody needs any more", called.unwrap());
    assert!(heard.contains(&freight), "{freight} is not in {heard:#?}");
}

#[test]
fn rules_12_how_much_is_kept_is_no_part_of_the_log() {
    let mut host = Host::of(keeping(1, 1), PLAIN);
    pushes(&mut host, 1, 4);
    // Read by an engine that keeps more, the log means the same; from then on more is kept.
    let mut more = Engine::replay(genesis(), None, host.log.iter().cloned()).unwrap();
    host.check_same(&more, "one that keeps more");
    assert_eq!(more.tick(at("2026-11-25T12:00:00Z")).events().len(), 0);
    // What is owed by time is found again after a replay, also if it was due meanwhile.
    let mut again = Engine::replay(keeping(1, 1), None, host.log.iter().cloned()).unwrap();
    let found = again.tick(at("2026-11-25T12:00:00Z"));
    assert_eq!(found.events(), host.engine.tick(at("2026-11-25T12:00:00Z")).events());
    assert_eq!(found.events().len(), 3, "{:#?}", found.events());
    // A checkpoint of one is read by the other.
    let mut checked = host.engine.fork();
    let checkpoint = checked.checkpoint(at("2026-11-25T12:00:00Z"));
    let begun = Engine::replay(genesis(), None, checkpoint.events().to_vec()).unwrap();
    assert_eq!(begun.genesis(), &genesis());
    assert_eq!(
        Engine::restore(Snapshot::from_bytes(&checked.snapshot().to_bytes()).unwrap()).unwrap().genesis(),
        checked.genesis()
    );
}

#[test]
fn rules_5_nothing_is_taken_out_while_the_clock_may_be_wrong() {
    let mut host = Host::of(keeping(1, 20), PLAIN);
    pushes(&mut host, 1, 3);
    host.report(kargo_core::Report::clock_suspect());
    wait(&mut host, "2026-11-25T12:00:00Z");
    host.tick();
    assert_eq!(collected(&host), "");
    host.command(kargo_core::command::AcceptClock::default().by(ANA)).unwrap();
    assert_eq!(collected(&host), "12:00:00 2 promotions of uat");
}

#[test]
fn control_9_much_at_once_goes_in_parts() {
    let mut host = Host::of(keeping(0, 0), PLAIN);
    host.replays = false;
    host.command(Delete::new(Kind::Stage, "prod").by(ANA)).unwrap();
    host.command(Delete::new(Kind::Stage, "uat").by(ANA)).unwrap();
    for number in 0..250 {
        host.found("cart", &[&format!("1.4.{number}")]);
    }
    host.until("2026-11-24T13:00:00Z");
    assert_eq!(
        collected(&host),
        "13:00:00 100 of Warehouse/cart\n13:00:00 100 of Warehouse/cart\n13:00:00 50 of Warehouse/cart"
    );
    host.check_replay();
    assert_eq!(host.engine.deadline().map(|at| at > host.now), Some(true));
}
