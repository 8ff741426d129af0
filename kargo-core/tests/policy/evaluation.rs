//! `policy::evaluate`: what to create, the status, names, and that it ends (user-code 4; control 3.7; invariant 49).

use kargo_core::model::{Kind, PromotionStep, StageStatus};

use super::shop::{DIRECT, MENU, Shop, menu, minute, promo};

const WINDOW: &str = "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T130000Z, dtend: 20261124T140000Z}]}";

#[test]
fn user_code_4_nothing_changes_twice() {
    let shop = Shop::new().freight("f1", 1).at(2).ours("StagePolicy", "prod", WINDOW);
    let evaluation = shop.evaluate("prod");
    assert_eq!(evaluation.create.len(), 1);
    assert!(evaluation.status_patch().is_some());
    // The patch alone, before the promotion is seen: the same promotion again, and no other patch.
    let mut patched = shop.clone();
    let status: StageStatus = evaluation.status.clone();
    patched = patched.status("prod", |old| *old = status);
    let again = patched.evaluate("prod");
    assert_eq!(again.status_patch(), None, "invariant 49");
    assert_eq!(again.create, evaluation.create);
    // With the promotion in the world it has its turn, and nothing is created any more.
    let seen = patched.written("prod", &again);
    let turn = seen.evaluate("prod");
    assert!(turn.create.is_empty());
    let name = &evaluation.create[0].metadata.name;
    assert_eq!(&*turn.status.current_promotion.as_ref().unwrap().name, name);
    let seen = seen.written("prod", &turn);
    let quiet = seen.evaluate("prod");
    assert!(quiet.create.is_empty() && quiet.status_patch().is_none());
}

#[test]
fn rules_13_racing_reconcilers_collide_on_the_name() {
    let shop = Shop::new().stage("prod", &[DIRECT, MENU].join(", ")).freight("f1", 1).freight_of(menu(), "m1", 1);
    let names = |shop: &Shop| -> Vec<_> {
        shop.evaluate("prod").create.into_iter().map(|promotion| promotion.metadata.name).collect()
    };
    let (one, other) = (shop.clone().at(2), shop.clone().at(77));
    assert_eq!(names(&one), names(&other), "whatever the clock says");
    assert_eq!(names(&one).len(), 2);
    assert!(names(&one)[0] < names(&one)[1], "in the order of the requests");
    // One of the two was created before a crash: the other has the same name as before.
    let mut crashed = one.clone();
    crashed.world.put(one.evaluate("prod").create[0].clone());
    assert_eq!(names(&crashed), names(&one)[1..]);
    // Freight that nobody dated has a name that no clock takes part in either.
    let timeless = |at| {
        let mut shop = Shop::new().freight("f1", 1).at(at);
        let mut freight = shop.world.freight_named("f1").unwrap().to_noun();
        freight.metadata.creation_timestamp = None;
        shop.world.put(freight);
        names(&shop)
    };
    assert_eq!(timeless(2), timeless(3));
}

#[test]
fn rules_13_a_new_attempt_has_a_new_name_behind_all_that_were() {
    let shop = Shop::new().freight("f1", 1).at(2);
    let first = shop.evaluate("prod").create.remove(0);
    let name = first.metadata.name.clone();
    // It was withdrawn, so it is tried again: under a name that sorts behind the first.
    let mut withdrawn = super::shop::Promo(first).stopped(2).ended_by("Withdrawn");
    withdrawn.0.metadata.creation_timestamp = Some(minute(2));
    let shop = shop.promotion(withdrawn);
    let second = shop.evaluate("prod").create.remove(0).metadata.name;
    assert!(second > name, "{second} {name}");
    // Also behind what a person made later than the freight was found.
    let by_hand = "prod.01mzzzzzzzzzzzzzzzzzzzzzzz.f0";
    let shop = shop.freight("f0", 0).promotion(promo(9, "f0").by("ana").named(by_hand).ended("Succeeded", 9)).at(9);
    let third = shop.evaluate("prod").create.remove(0).metadata.name;
    assert!(*third > *by_hand, "{third}");
    assert!(third.ends_with(".f1"));
}

#[test]
fn user_code_4_what_is_created_is_what_admission_would_make() {
    let shop = Shop::new().freight("f1", 1).at(2);
    let promotion = shop.evaluate("prod").create.remove(0);
    assert_eq!(promotion.spec.freight.as_deref(), Some("f1"));
    assert_eq!(&*promotion.spec.stage, "prod");
    assert_eq!(promotion.spec.steps.len(), 1);
    assert_eq!(promotion.metadata.namespace.as_deref(), Some("shop"));
    assert_eq!(promotion.status, Default::default());
    let mut world = shop.world.clone();
    world.put(promotion.clone());
    assert!(world.promotion(&promotion.metadata.name).unwrap().is_automatic());
}

#[test]
fn control_2_1_two_requests_of_one_origin_make_one_promotion() {
    let mut stage = Shop::new().noun("prod");
    stage.spec.requested_freight.push(stage.spec.requested_freight[0].clone());
    let shop = Shop::new().freight("f1", 1).put(stage);
    assert_eq!(shop.wishes("prod"), "f1: goes; f1: goes");
    assert_eq!(shop.evaluate("prod").create.len(), 1);
}

#[test]
fn a_promotion_that_cannot_be_made_is_explained() {
    let mut stage = Shop::new().noun("prod");
    let task = "{task: {name: gone}}";
    let step: PromotionStep = serde_json::from_value(serde_json::json!({"task": {"name": "gone"}})).unwrap();
    assert!(step.task.is_some(), "{task}");
    stage.spec.promotion_template.as_mut().unwrap().spec.steps = vec![step];
    let shop = Shop::new().freight("f1", 1).put(stage);
    let evaluation = shop.evaluate("prod");
    assert!(evaluation.create.is_empty());
    assert!(!evaluation.why().is_yes());
    let why = evaluation.why().to_string();
    assert!(why.contains("no promotion can be made: ") && why.contains("gone"), "{why}");
}

#[test]
fn of_a_stage_that_does_not_exist_nothing_follows() {
    let evaluation = Shop::new().evaluate("prdo");
    assert!(evaluation.create.is_empty() && evaluation.end.is_empty() && evaluation.status_patch().is_none());
    assert_eq!((evaluation.wakes_at(), evaluation.wakes_in(minute(0))), (None, None));
    assert_eq!(evaluation.why().to_string(), "no: there is no Stage \"prdo\"; did you mean \"prod\"?");
}

#[test]
fn control_0_7_freight_summary() {
    let summary = |shop: &Shop| shop.evaluate("prod").status.freight_summary.unwrap();
    let shop = Shop::new().freight("f1", 1).freight_of(menu(), "m1", 1);
    assert_eq!(summary(&shop), "0/1 Fulfilled");
    assert_eq!(summary(&shop.clone().holding("prod", &["f1"])), "f1");
    assert_eq!(summary(&shop.clone().holding("prod", &["f1", "m1"])), "2/1 Fulfilled");
    let two = shop.clone().stage("prod", &[DIRECT, MENU].join(", "));
    assert_eq!(summary(&two), "0/2 Fulfilled");
    assert_eq!(summary(&two.clone().holding("prod", &["m1"])), "1/2 Fulfilled");
    assert_eq!(summary(&two.holding("prod", &["f1", "m1"])), "2/2 Fulfilled");
    assert_eq!(summary(&shop.control_flow("prod")), "N/A");
}

#[test]
fn resources_9_3_auto_promotion_enabled_and_the_window() {
    let shop = Shop::new();
    assert!(shop.evaluate("prod").status.auto_promotion_enabled);
    assert!(!shop.clone().off().evaluate("prod").status.auto_promotion_enabled);
    assert_eq!(shop.evaluate("prod").status.promotion_window_status, None, "no windows");

    let status =
        |at| shop.clone().ours("StagePolicy", "prod", WINDOW).at(at).evaluate("prod").status.promotion_window_status;
    let open = status(0).unwrap();
    assert_eq!((open.closed, open.next_close, open.next_open), (false, Some(minute(60)), None));
    assert_eq!((open.reason, open.next_close_reason.as_deref()), (None, Some("Deny window \"freeze\" is active")));
    let closed = status(60).unwrap();
    assert_eq!((closed.closed, closed.next_close, closed.next_open), (true, None, Some(minute(120))));
    assert_eq!(closed.reason.as_deref(), Some("Deny window \"freeze\" is active"));
    assert_eq!(status(120), None, "open for ever");

    let never = "{windows: [{name: once, kind: Allow, dtstart: 20261124T080000Z, dtend: 20261124T090000Z}]}";
    let never = shop.clone().ours("StagePolicy", "prod", never).evaluate("prod");
    assert_eq!(
        never.status.promotion_window_status.clone().unwrap().reason.as_deref(),
        Some("no window that allows is active")
    );
    assert_eq!(never.wakes_at(), None);
    let broken = "{windows: [{name: typo, kind: Deny, dtstart: tomorrow}]}";
    let broken = shop.ours("StagePolicy", "prod", broken).evaluate("prod").status.promotion_window_status.unwrap();
    assert!(broken.closed && broken.reason.unwrap().starts_with("window \"typo\" cannot be read: "));
}

#[test]
fn control_3_7_the_current_promotion_names_its_freight_from_the_beginning() {
    let shop = Shop::new().freight("f1", 1).promotion(promo(2, "f1"));
    let evaluation = shop.evaluate("prod");
    let current = evaluation.status.current_promotion.clone().unwrap();
    assert_eq!((&*current.name, &*current.freight.unwrap().name), ("p2", "f1"));
    // One that was deleted is forgotten.
    let mut shop = shop.written("prod", &evaluation);
    shop.world.remove(Kind::Promotion, "p2");
    assert_eq!(shop.evaluate("prod").status.current_promotion, None);
}

#[test]
fn resources_19_5_a_stage_that_lost_its_steps_holds_nothing() {
    let shop = Shop::new().freight("f1", 1).promotion(promo(2, "f1").hold().ended("Succeeded", 3)).at(4);
    let evaluation = shop.evaluate("prod");
    let shop = shop.written("prod", &evaluation).health("prod", Some("Healthy"));
    let shop = shop.promotion(promo(5, "f1").by("ana")).control_flow("prod");
    let evaluation = shop.evaluate("prod");
    let status = &evaluation.status;
    assert!(status.freight_history.is_empty() && status.health.is_none() && status.auto_promotion_holds.is_empty());
    assert!(status.current_promotion.is_none() && status.last_promotion.is_none(), "invariant 55");
    assert_eq!(evaluation.end[0].metadata.name, "p5", "nothing can be promoted to it any more");
    assert_eq!(shop.clone().written("prod", &evaluation).evaluate("prod").status_patch(), None);
}
