//! Holds of automation: how they are stamped, established, shown and released (control 2.5; rules 7, trap 1).

use std::collections::BTreeMap;

use kargo_core::{
    model::{HoldIntent, Origin},
    policy::intents_of,
};

use super::shop::{DIRECT, MENU, Shop, cart, menu, promo};

fn shop() -> Shop {
    Shop::new().freight("f1", 1).freight("f2", 2)
}

fn stamped(shop: &Shop, freight: &[(Origin, &str)]) -> String {
    let freight = freight.iter().map(|(origin, name)| (origin.clone(), (*name).into())).collect::<BTreeMap<_, _>>();
    let intents = intents_of(shop.view("prod"), &freight, shop.now);
    let text = |(origin, intent): (Origin, HoldIntent)| format!("{}={intent:?}", origin.name);
    intents.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn control_2_5_the_candidate_resumes_and_everything_else_holds() {
    let f = |name| vec![(cart(), name)];
    assert_eq!(stamped(&shop(), &f("f2")), "cart=Resume");
    assert_eq!(stamped(&shop(), &f("f1")), "cart=Hold");
    assert_eq!(stamped(&shop().off(), &f("f1")), "", "nothing to hold");
    assert_eq!(stamped(&shop().control_flow("prod"), &f("f1")), "");
    assert_eq!(stamped(&shop(), &[(menu(), "m1")]), "", "an origin that is not requested");
    // Without a candidate: hold. What is passed over is none.
    let rejected = shop().ours("Rejection", "bad", "{freight: f2}");
    assert_eq!(stamped(&rejected, &f("f1")), "cart=Resume");
    assert_eq!(stamped(&rejected, &f("f2")), "cart=Hold");
    assert_eq!(stamped(&rejected.ours("Rejection", "worse", "{freight: f1}"), &f("f1")), "cart=Hold");
    // Rules 13: each origin for itself.
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1);
    assert_eq!(stamped(&two, &[(cart(), "f1"), (menu(), "m1")]), "cart=Hold menu=Resume");
}

#[test]
fn control_2_5_a_queued_or_running_promotion_holds_and_releases_already() {
    let holding = |shop: &Shop| shop.holds("prod").1;
    let queued = shop().promotion(promo(3, "f1").hold());
    assert_eq!(queued.holds("prod"), (String::new(), "cart=f1".to_owned()), "effective, not durable");
    assert_eq!(holding(&queued.clone().promotion(promo(3, "f1").hold().running())), "cart=f1");
    // The newest intent counts (invariant 32), not the one that runs.
    let released = queued.clone().promotion(promo(4, "f2").resume());
    assert_eq!(holding(&released), "");
    assert_eq!(holding(&released.clone().promotion(promo(5, "f1").hold())), "cart=f1");
    // One without intent says nothing; one that is stopped goes back to what was.
    assert_eq!(holding(&queued.clone().promotion(promo(4, "f2").by("ana"))), "cart=f1");
    assert_eq!(holding(&released.promotion(promo(4, "f2").resume().stopped(5))), "cart=f1");
    assert_eq!(holding(&queued.promotion(promo(3, "f1").hold().stopped(5))), "");
}

#[test]
fn rules_7_trap_1_succeeded_failed_and_errored_establish_and_aborted_does_not() {
    for (phase, expected) in [("Succeeded", "cart=f1"), ("Failed", "cart=f1"), ("Errored", "cart=f1"), ("Aborted", "")]
    {
        let shop = shop().promotion(promo(3, "f1").hold().ended(phase, 4)).at(5);
        assert_eq!(shop.holds("prod"), (expected.to_owned(), expected.to_owned()), "{phase}");
        // And it stays when the promotion is gone (invariant 31).
        let evaluation = shop.evaluate("prod");
        let mut shop = shop.written("prod", &evaluation);
        shop.world.remove_promotion("p3");
        assert_eq!(shop.holds("prod").0, expected, "{phase}");
        // Released likewise.
        let shop = shop.promotion(promo(6, "f2").resume().ended(phase, 7)).at(8);
        assert_eq!(shop.holds("prod").0, "", "{phase}");
    }
    let shop = shop().promotion(promo(3, "f1").hold().ended("Succeeded", 4)).at(5);
    let evaluation = shop.evaluate("prod");
    let shop = shop.written("prod", &evaluation).promotion(promo(6, "f2").resume().ended("Aborted", 7)).at(8);
    assert_eq!(shop.holds("prod").0, "cart=f1", "invariant 30");
}

#[test]
fn control_2_5_a_hold_says_who_when_and_by_what() {
    let shop = shop().promotion(promo(3, "f1").hold().ended("Succeeded", 4)).at(5);
    let hold = &shop.evaluate("prod").status.auto_promotion_holds[&cart()];
    assert_eq!(hold.promotion_name.as_deref(), Some("p3"));
    assert_eq!(hold.actor.as_deref(), Some("email:ana@acme.example"));
    assert_eq!(hold.created_at, Some(super::shop::minute(3)));
}

/// The durable hold of `cart` on f1.
fn held() -> Shop {
    let shop = shop().promotion(promo(3, "f1").hold().ended("Succeeded", 4)).at(5);
    let evaluation = shop.evaluate("prod");
    shop.written("prod", &evaluation)
}

#[test]
fn control_2_5_a_hold_keeps_automation_away_until_the_candidate_is_promoted() {
    let shop = held();
    assert!(shop.wishes("prod").starts_with("f2: hold on Warehouse/cart"));
    let shop = shop.freight("f3", 6).at(7);
    assert!(shop.wishes("prod").starts_with("f3: hold on Warehouse/cart"), "new freight does not release it");
    let shop = shop.promotion(promo(8, "f3").resume());
    assert_eq!(shop.wishes("prod"), "f3: promotion p8 of it is Pending");
    // Automation neither establishes nor releases (invariant 27).
    assert!(held().evaluate("prod").create.is_empty());
    let created = self::shop().evaluate("prod").create;
    let annotations = &created[0].metadata.annotations;
    assert!(annotations.keys().all(|key| !key.contains("auto-promotion") && !key.contains("create-actor")));
}

#[test]
fn control_2_5_turning_automation_off_ends_holds_for_good() {
    let off = held().off();
    assert_eq!(off.holds("prod"), (String::new(), String::new()), "invariant 28");
    let evaluation = off.evaluate("prod");
    let on = off.written("prod", &evaluation).policies(super::shop::ALL_ON);
    assert_eq!(on.holds("prod").0, "");
    assert_eq!(on.wishes("prod"), "f2: goes", "trap 20: a pinned Stage moves again");
    // Nor does what ends while it is off establish one (trap 2 the other way round: intent is stamped at creation).
    let ended = shop().promotion(promo(3, "f1").hold().ended("Succeeded", 4)).off();
    assert_eq!(ended.holds("prod").0, "");
}

#[test]
fn a_policy_that_cannot_be_read_keeps_holds_until_it_can() {
    let unreadable = held().unreadable_before("[]");
    assert_eq!(unreadable.holds("prod"), ("cart=f1".to_owned(), String::new()));
    let evaluation = unreadable.evaluate("prod");
    let mended = unreadable.written("prod", &evaluation).policies(super::shop::ALL_ON);
    assert!(mended.wishes("prod").starts_with("f2: hold on Warehouse/cart"));
    // What ends meanwhile establishes its own.
    let ended = shop().promotion(promo(3, "f1").hold().ended("Succeeded", 4)).unreadable_before("[]");
    assert_eq!(ended.holds("prod").0, "cart=f1");
}

#[test]
fn control_2_5_holds_go_with_their_origins() {
    // Invariant 29; at every evaluation, also if nothing ended.
    assert_eq!(held().stage("prod", MENU).holds("prod"), (String::new(), String::new()));
    assert_eq!(held().control_flow("prod").holds("prod"), (String::new(), String::new()));
    let elsewhere = shop().stage("prod", MENU).promotion(promo(3, "f1").hold().ended("Succeeded", 4));
    assert_eq!(elsewhere.holds("prod").0, "");
    assert_eq!(shop().stage("prod", MENU).promotion(promo(3, "f1").hold()).holds("prod").1, "");
}

#[test]
fn rules_13_intents_of_several_origins() {
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1).freight_of(menu(), "m2", 2);
    let mut promotion = promo(3, "f1").with_menu("m2").by("ana");
    let holds = "{\"Warehouse/cart\": \"Hold\", \"Warehouse/menu\": \"Hold\"}";
    promotion.0.metadata.annotations.insert("kargo-core.rs/holds".to_owned(), holds.to_owned());
    let two = two.promotion(promotion.ended("Failed", 4)).at(5);
    assert_eq!(two.holds("prod").0, "cart=f1 menu=m2");
    let evaluation = two.evaluate("prod");
    let mut released = promo(6, "f2").with_menu("m2").by("ana");
    let resume = "{\"Warehouse/menu\": \"Resume\"}";
    released.0.metadata.annotations.insert("kargo-core.rs/holds".to_owned(), resume.to_owned());
    let two = two.written("prod", &evaluation).promotion(released.ended("Succeeded", 7)).at(8);
    assert_eq!(two.holds("prod").0, "cart=f1");
}
