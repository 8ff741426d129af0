//! Going back by itself: after a failed verification, a failed promotion, or where nothing becomes healthy (control 2.7;
//! resources 6.3; requirements B7).

use kargo_core::{
    Event, History, Origin, Report,
    command::{Pause, Promote, Reject, ReleaseHold, Resume},
    model::{Health, HealthCheckStep, HealthState, HoldIntent, Kind, Promotion, label},
    policy,
    report::{StepError, StepProgress},
    world::{Held, Place, PromotionView},
};
use serde_json::json;

use crate::host::Host;

const ANA: &str = "email:ana@acme.example";

/// A Stage of these requests that is verified, by itself, with this policy; and what its promotion policy says besides.
fn shop(requests: &[&str], own: &str, project: &str) -> Host {
    let mut text = String::new();
    for origin in ["cart", "menu"] {
        text += &format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {{ name: {origin}, namespace: shop }}\n\
             spec: {{ subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }} }}] }}\n"
        );
    }
    let requests: Vec<String> = requests
        .iter()
        .map(|origin| format!("{{ origin: {{ kind: Warehouse, name: {origin} }}, sources: {{ direct: true }} }}"))
        .collect();
    text += &format!(
        "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: uat, namespace: shop }}\nspec:\n  \
         requestedFreight: [{}]\n  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-push, as: push }}] }} }}\n  \
         verification: {{ analysisTemplates: [{{ name: smoke }}] }}\n",
        requests.join(", ")
    );
    if !own.is_empty() {
        text += &format!(
            "---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: uat, namespace: shop }}\nspec: {{ {own} }}\n"
        );
    }
    text += &format!(
        "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\n\
         spec: {{ promotionPolicies: [{{ stageSelector: {{}}, autoPromotionEnabled: true{project} }}] }}\n"
    );
    Host::new(&text)
}

/// The tags that the Stage holds, by origin.
fn held(host: &Host) -> String {
    let world = host.engine.world();
    let names = world.stage("uat").unwrap().current().into_iter().flat_map(Held::names);
    let tag = |name: &kargo_core::model::FreightName| {
        world.freight_named(name).unwrap().reference().images[0].tag.to_string()
    };
    names.map(tag).collect::<Vec<_>>().join(" + ")
}

fn named(host: &Host, tag: &str) -> String {
    let mut all = host.engine.world().all_freight();
    all.find(|freight| &*freight.reference().images[0].tag == tag).unwrap().name().to_string()
}

fn newest(host: &Host) -> Promotion {
    let world = host.engine.world();
    world.stage("uat").unwrap().promotions().next_back().unwrap().noun().clone()
}

fn is_back(host: &Host) -> bool {
    newest(host).metadata.annotations.get(label::ROLLBACK).is_some_and(|value| value == "true")
}

fn rollbacks(host: &Host) -> usize {
    host.engine.world().promotions().filter(|promotion| promotion.is_rollback()).count()
}

/// A minute later it is found.
fn finds(host: &mut Host, warehouse: &str, tag: &str) {
    let next = host.now + chrono::TimeDelta::minutes(1);
    host.until(&next.to_rfc3339());
    host.found(warehouse, &[tag]);
}

/// It is found, promoted and verified.
fn good(host: &mut Host, warehouse: &str, tag: &str) {
    finds(host, warehouse, tag);
    host.work();
    host.verdict("Successful");
}

fn cart() -> Origin {
    Origin::warehouse("cart")
}

#[test]
fn requirements_b7_after_a_failed_verification_rollback_and_hold_are_one_event() {
    let mut host = shop(&["cart"], "rollback: {}", "");
    good(&mut host, "cart", "1.0.0");
    finds(&mut host, "cart", "1.1.0");
    host.work();
    assert_eq!(held(&host), "1.1.0");
    let before = host.log.len();
    host.verdict("Failed");

    // In the batch of the verdict, for the verdict: the way back, which holds from the moment that it is there.
    let is_made = |one: &&kargo_core::Recorded| matches!(one.event, Event::PromotionCreated { .. });
    let created = host.log[before..].iter().find(is_made).unwrap().clone();
    let cause = host.log.iter().find(|one| Some(one.position) == created.cause).unwrap();
    assert!(matches!(cause.event, Event::VerdictCounted { .. }), "{cause:?}");
    let Event::PromotionCreated { promotion, .. } = &created.event else { panic!() };
    let world = host.engine.world();
    let view = PromotionView::new(world, promotion);
    assert!(view.is_rollback() && view.is_automatic());
    assert_eq!(view.intents(), [(cart(), HoldIntent::Hold)].into());
    assert_eq!(promotion.spec.freight.as_deref(), Some(named(&host, "1.0.0").as_str()));
    assert_eq!(world.stage("uat").unwrap().current_promotion(), Some(view.name()));
    let hold = kargo_core::admit::hold(world.stage("uat").unwrap(), &cart()).unwrap();
    assert_eq!(*hold.freight_name, named(&host, "1.0.0"));

    // Newer freight comes while it is under way, and after it: nothing moves until somebody lets go.
    finds(&mut host, "cart", "1.2.0");
    host.work();
    assert_eq!(held(&host), "1.0.0");
    host.verdict("Successful");
    finds(&mut host, "cart", "1.3.0");
    host.replays = false;
    host.until("2026-11-27T12:00:00Z");
    host.replays = true;
    assert_eq!((held(&host).as_str(), rollbacks(&host)), ("1.0.0", 1));
    host.command(ReleaseHold::new("uat", cart()).by(ANA)).unwrap();
    host.work();
    assert_eq!(held(&host), "1.3.0");

    // Why it came back is told.
    let history = History::of(host.engine.genesis().clone(), host.log.iter().cloned()).unwrap();
    let settled = host.log.iter().rposition(
        |one| matches!(&one.event, Event::PromotionSettled { promotion, .. } if **promotion == *view_name(&created)),
    );
    let why = history.why("uat", host.log[settled.unwrap()].position).to_string();
    assert!(why.contains("it went back by itself, for the verification in uat ended Failed"), "{why}");
}

fn view_name(created: &kargo_core::Recorded) -> String {
    match &created.event {
        Event::PromotionCreated { promotion, .. } => promotion.metadata.name.clone(),
        _ => String::new(),
    }
}

#[test]
fn resources_6_3_a_way_back_that_goes_wrong_is_left_to_people() {
    let mut host = shop(&["cart"], "rollback: { onPromotion: [Failed, Errored] }", "");
    good(&mut host, "cart", "1.0.0");
    good(&mut host, "cart", "1.1.0");
    finds(&mut host, "cart", "1.2.0");
    host.work();
    host.verdict("Failed");
    host.work();
    assert_eq!(held(&host), "1.1.0");
    host.verdict("Failed");
    assert_eq!((held(&host).as_str(), rollbacks(&host)), ("1.1.0", 1), "1.0.0 was good, and nobody asked for it");
    // Neither after somebody's own way back.
    let first = named(&host, "1.0.0");
    host.answers.insert("push".to_owned(), vec![Err(StepError::terminal("no"))]);
    host.command(Promote::to("uat").freight(first.as_str()).rollback().by(ANA)).unwrap();
    host.work();
    assert_eq!((held(&host).as_str(), rollbacks(&host)), ("1.1.0", 2));
}

#[test]
fn resources_6_3_a_failed_promotion_brings_back_what_was_there_if_the_policy_says_so() {
    for (own, project, back) in [
        ("rollback: { onPromotion: [Errored] }", "", true),
        ("rollback: { onPromotion: [Failed] }", "", false),
        ("rollback: {}", "", false),
        ("", "", false),
        ("", ", autoRollback: { onPromotion: [Errored] }", true),
        // What the Stage's own policy says is what counts.
        ("rollback: {}", ", autoRollback: { onPromotion: [Errored] }", false),
    ] {
        let mut host = shop(&["cart"], own, project);
        good(&mut host, "cart", "1.0.0");
        host.answers.insert("push".to_owned(), vec![Err(StepError::terminal("no")), crate::host::done()]);
        finds(&mut host, "cart", "1.1.0");
        host.work();
        assert_eq!(is_back(&host), back, "{own} {project}");
        assert_eq!(held(&host), "1.0.0");
        if back {
            assert_eq!(newest(&host).spec.freight.as_deref(), Some(named(&host, "1.0.0").as_str()));
            finds(&mut host, "cart", "1.2.0");
            host.work();
            assert_eq!(held(&host), "1.0.0", "it is held");
        }
    }
}

#[test]
fn resources_6_3_what_could_not_even_start_needs_no_way_back() {
    let mut host = shop(&["cart"], "rollback: { onPromotion: [Errored] }", "");
    good(&mut host, "cart", "1.0.0");
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    finds(&mut host, "cart", "1.1.0");
    let wanted = named(&host, "1.1.0");
    host.command(Promote::to("uat").freight(wanted.as_str()).by(ANA)).unwrap();
    host.command(Reject::new(wanted.as_str()).by(ANA)).unwrap();
    host.command(Resume::stage("uat").by(ANA)).unwrap();
    assert_eq!(newest(&host).status.phase.unwrap().as_str(), "Errored");
    assert_eq!(rollbacks(&host), 0);
}

fn checked(host: &mut Host) {
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({"apps": [{"name": "shop"}]})) };
    host.answers.insert("push".to_owned(), vec![Ok(StepProgress::done(json!({})).health(check))]);
}

fn health(host: &mut Host, state: HealthState) {
    let health = Health { status: Some(state), ..Health::default() };
    host.report(Report::health(Place::stage("uat"), health));
}

#[test]
fn users_ask_what_never_becomes_healthy_goes_back_at_its_instant() {
    for (state, own, back_at) in [
        (HealthState::Progressing, "rollback: { onUnhealthy: true }", Some(10)),
        (HealthState::Unhealthy, "rollback: { onUnhealthy: true }, progressing: { atMost: 3m }", Some(3)),
        // What nobody can tell is not held against it.
        (HealthState::Unknown, "rollback: { onUnhealthy: true }", None),
        (HealthState::Progressing, "rollback: {}", None),
    ] {
        let mut host = shop(&["cart"], own, "");
        host.replays = false;
        checked(&mut host);
        finds(&mut host, "cart", "1.0.0");
        host.work();
        health(&mut host, HealthState::Healthy);
        host.verdict("Successful");
        finds(&mut host, "cart", "1.1.0");
        host.work();
        health(&mut host, state.clone());
        match back_at {
            None => host.until("2026-11-25T12:00:00Z"),
            Some(minutes) => {
                let instant = host.now + chrono::TimeDelta::minutes(minutes);
                host.until(&(instant - chrono::TimeDelta::milliseconds(1)).to_rfc3339());
                assert_eq!(rollbacks(&host), 0, "{state}");
                host.until(&instant.to_rfc3339());
                assert_eq!(newest(&host).metadata.creation_timestamp, Some(instant));
            }
        }
        assert_eq!(rollbacks(&host), usize::from(back_at.is_some()), "{state}");
    }
    // Once healthy, it is verified, and what comes then is another matter.
    let mut host = shop(&["cart"], "rollback: { onUnhealthy: true }", "");
    checked(&mut host);
    for tag in ["1.0.0", "1.1.0"] {
        finds(&mut host, "cart", tag);
        host.work();
        health(&mut host, HealthState::Healthy);
        host.verdict("Successful");
    }
    health(&mut host, HealthState::Unhealthy);
    host.replays = false;
    host.until("2026-11-25T12:00:00Z");
    assert_eq!(rollbacks(&host), 0);
}

#[test]
fn resources_6_3_what_failed_more_than_20_minutes_ago_is_left_to_people() {
    for (seconds, back) in [(1_200, true), (1_201, false)] {
        let mut host = shop(&["cart"], "rollback: {}", "");
        good(&mut host, "cart", "1.0.0");
        finds(&mut host, "cart", "1.1.0");
        host.work();
        let until = host.now + chrono::TimeDelta::seconds(seconds);
        host.command(Pause::stage("uat").until(until).by(ANA)).unwrap();
        host.verdict("Failed");
        assert_eq!(rollbacks(&host), 0);
        let why = policy::explain(host.engine.world(), "uat", host.now).to_string();
        assert!(why.contains("it goes back to") && why.contains("paused"), "{why}");
        // With the end of the pause, at that instant.
        host.until(&until.to_rfc3339());
        assert_eq!(rollbacks(&host), usize::from(back), "{until}");
    }
}

#[test]
fn control_2_7_it_waits_for_what_is_queued_and_is_not_needed_if_that_goes_well() {
    let mut host = shop(&["cart"], "rollback: {}", "");
    good(&mut host, "cart", "1.0.0");
    finds(&mut host, "cart", "1.1.0");
    host.work();
    finds(&mut host, "cart", "1.2.0");
    host.verdict("Failed");
    assert_eq!(rollbacks(&host), 0, "1.2.0 was queued, and has its turn");
    host.work();
    assert_eq!(held(&host), "1.2.0");
    host.verdict("Failed");
    host.work();
    assert_eq!(held(&host), "1.0.0", "1.1.0 was found wanting");
}

#[test]
fn users_ask_all_origins_go_back_together_or_those_that_changed() {
    for (scope, expected) in [("AllOrigins", "1.0.0 + 2.0.0"), ("Changed", "1.0.0 + 2.1.0")] {
        let own = format!("rollback: {{ scope: {scope} }}");
        let mut host = shop(&["cart", "menu"], &own, "");
        good(&mut host, "cart", "1.0.0");
        good(&mut host, "menu", "2.0.0");
        // That menu was found wanting, or nobody has looked: it is not what was good.
        finds(&mut host, "menu", "2.1.0");
        host.work();
        host.verdict("Inconclusive");
        finds(&mut host, "cart", "1.1.0");
        host.work();
        assert_eq!(held(&host), "1.1.0 + 2.1.0");
        host.verdict("Failed");
        host.work();
        assert_eq!((held(&host).as_str(), rollbacks(&host)), (expected, 1), "{scope}: by one promotion");
        let holds: Vec<_> =
            host.engine.world().stage("uat").unwrap().holds().map(|hold| hold.origin.name.clone()).collect();
        assert_eq!(holds, if scope == "Changed" { vec!["cart"] } else { vec!["cart", "menu"] });
    }
}

#[test]
fn requirements_b7_it_does_not_go_back_to_what_may_not_come_there() {
    let mut host = shop(&["cart"], "rollback: {}", "");
    good(&mut host, "cart", "1.0.0");
    good(&mut host, "cart", "1.1.0");
    let bad = named(&host, "1.1.0");
    finds(&mut host, "cart", "1.2.0");
    host.work();
    host.command(Reject::new(bad.as_str()).by(ANA)).unwrap();
    host.verdict("Failed");
    host.work();
    assert_eq!(held(&host), "1.0.0");
    // Where nothing is left, it stays and says nothing of going back.
    let mut host = shop(&["cart"], "rollback: {}", "");
    finds(&mut host, "cart", "1.0.0");
    host.work();
    host.verdict("Failed");
    assert_eq!(rollbacks(&host), 0);
    let why = policy::explain(host.engine.world(), "uat", host.now).to_string();
    assert!(!why.contains("goes back"), "{why}");
}

#[test]
fn rules_5_nothing_goes_back_while_the_clock_may_be_wrong() {
    let mut host = shop(&["cart"], "rollback: {}", "");
    good(&mut host, "cart", "1.0.0");
    finds(&mut host, "cart", "1.1.0");
    host.work();
    host.report(Report::clock_suspect());
    host.verdict("Failed");
    assert_eq!(rollbacks(&host), 0);
    host.command(kargo_core::command::AcceptClock::default().by(ANA)).unwrap();
    assert_eq!(rollbacks(&host), 1);
}

#[test]
fn architecture_3_whoever_keeps_kargos_objects_decides_the_same() {
    let mut host = shop(&["cart"], "rollback: {}", "");
    good(&mut host, "cart", "1.0.0");
    finds(&mut host, "cart", "1.1.0");
    host.work();
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    finds(&mut host, "cart", "1.2.0");
    host.verdict("Failed");
    // The objects as they are written, but for the pause: what would be created is the way back alone.
    let objects: Vec<_> = host.engine.manifests().filter(|object| object.kind() != Kind::Pause).collect();
    let mut world = kargo_core::World::new("shop");
    for object in objects {
        world.put(object);
    }
    let evaluation = policy::evaluate(&world, "uat", host.now);
    let [only] = evaluation.create.as_slice() else { panic!("{:#?}", evaluation.create) };
    assert_eq!(only.spec.freight.as_deref(), Some(named(&host, "1.0.0").as_str()));
    assert!(PromotionView::new(&world, only).is_rollback());
    assert_eq!(PromotionView::new(&world, only).intents(), [(cart(), HoldIntent::Hold)].into());
    assert!(evaluation.why().to_string().contains("it goes back to"), "{}", evaluation.why());
}
