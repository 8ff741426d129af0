//! Definitions that change while promotions are queued and things are held (resources 19.5; control 13 and trap 21).

use kargo_core::{
    Event, Manifests,
    command::{Apply, Pause, Promote},
    model::{Kind, PromotionPhase},
};

use crate::{
    host::Host,
    shop::{PLAIN, VERIFIED},
};

const GATE: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
";

fn apply(host: &mut Host, text: &str) -> usize {
    let manifests = Manifests::parse("shop.yaml", text).unwrap();
    host.command(Apply::manifests(&manifests).by("admin")).unwrap()
}

#[test]
fn resources_19_5_a_stage_that_loses_its_steps_is_emptied_and_its_queue_ends() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.command(Pause::stage("uat").by("ana")).unwrap();
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.command(Promote::to("uat").freight(&*freight).by("ana")).unwrap();
    host.found("cart", &["1.4.3", "1.4.2"]);
    apply(&mut host, GATE);

    let stage = host.engine.world().stage("uat").unwrap();
    assert_eq!(stage.open_promotions().count(), 0, "{}", host.story());
    assert!(stage.current().is_none());
    assert!(stage.last_promotion().is_none());
    let freight = host.engine.world().freight(&*freight).unwrap();
    assert!(freight.visit("uat").unwrap().since().is_none(), "control 13, 55");
    let cleared = host.log.iter().filter(|recorded| matches!(recorded.event, Event::PlaceCleared { .. })).count();
    assert_eq!(cleared, 1);
    // What a person asked for ends Errored, having begun (control 13, invariant 6).
    let refused = host.engine.world().promotions().find(|promotion| promotion.actor() == Some("ana")).unwrap();
    assert_eq!(*refused.phase(), PromotionPhase::Errored);
    assert_eq!(refused.noun().status.started_at, refused.noun().status.finished_at);
    let message = refused.noun().status.message.clone().unwrap();
    assert!(message.starts_with("it cannot start any more: "), "{message}");
    // It is a gate from now on: freight passes through.
    let passed = host
        .engine
        .world()
        .all_freight()
        .filter(|freight| freight.visit("uat").is_some_and(|visit| visit.verified().is_some()));
    assert_eq!(passed.count(), 2);
}

#[test]
fn resources_19_5_what_is_under_way_there_ends_first() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    apply(&mut host, GATE);
    assert_eq!(host.engine.world().stage("uat").unwrap().open_promotions().count(), 1);
    host.work();
    let stage = host.engine.world().stage("uat").unwrap();
    assert!(stage.current().is_none() && stage.current_promotion().is_none(), "{}", host.story());
    assert_eq!(*host.engine.world().promotions().next().unwrap().phase(), PromotionPhase::Succeeded);
}

#[test]
fn control_13_28_and_29_holds_go_with_automation_and_with_the_request() {
    let held = || {
        let mut host = Host::new(PLAIN);
        host.found("cart", &["1.4.2"]);
        host.work();
        let older = host.engine.world().all_freight().next().unwrap().name().to_string();
        host.found("cart", &["1.4.3", "1.4.2"]);
        host.work();
        host.command(Promote::to("uat").freight(&*older).by("ana")).unwrap();
        host.work();
        assert_eq!(host.engine.world().stage("uat").unwrap().holds().count(), 1);
        host
    };
    let off = "
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop }
spec: { promotionPolicies: [{ stageSelector: { name: uat }, autoPromotionEnabled: false }] }
";
    let mut host = held();
    apply(&mut host, off);
    assert_eq!(host.engine.world().stage("uat").unwrap().holds().count(), 0, "28: {}", host.story());
    let released = &host.log.last().unwrap();
    assert!(matches!(released.event, Event::HoldReleased { .. }));
    let cause = released.cause.and_then(|cause| host.log.get(usize::try_from(cause.get()).unwrap() - 1)).unwrap();
    assert!(matches!(&cause.event, Event::Defined { object } if object.kind() == Kind::ProjectConfig));

    let mut host = held();
    let other = PLAIN.replace("name: cart, namespace", "name: web, namespace").replace("name: cart }", "name: web }");
    apply(&mut host, &other);
    assert_eq!(host.engine.world().stage("uat").unwrap().holds().count(), 0, "29");
}

#[test]
fn rules_1_what_is_known_already_is_no_event_of_any_kind_of_object() {
    let all = format!(
        "{VERIFIED}---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {{ name: shop }}\n---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: prod, namespace: shop }}\nspec: {{ queue: Latest }}\n"
    );
    let mut host = Host::new(&all);
    assert_eq!(apply(&mut host, &all), 0);
    assert!(host.engine.world().definition(Kind::Project, "shop").is_some());
}
