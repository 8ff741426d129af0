//! The order of the queue, and what a later promotion replaces in it (rules 7).

use kargo_core::policy;

use super::shop::{DIRECT, MENU, Promo, Shop, menu, promo};

const ANA: &str = "email:ana@acme.example";

fn names(shop: &Shop) -> String {
    policy::queue(shop.view("prod")).iter().map(|promotion| promotion.name()).collect::<Vec<_>>().join(" ")
}

#[test]
fn rules_7_rollbacks_then_people_then_automation_in_the_order_of_creation() {
    let shop = Shop::new().freight("f1", 1);
    let shop = shop.promotion(promo(1, "f1")).promotion(promo(2, "f1").by("controller:stage-controller"));
    let shop = shop.promotion(promo(3, "f1").by(ANA)).promotion(promo(4, "f1").rollback());
    let shop = shop.promotion(promo(5, "f1").by(ANA).rollback()).promotion(promo(6, "f1").by(ANA));
    let shop = shop.promotion(promo(7, "f1").ended("Succeeded", 8)).promotion(promo(8, "f1").to("uat"));
    assert_eq!(names(&shop), "p4 p5 p3 p6 p1 p2");
    assert_eq!(shop.turn("prod"), "p4 starts");

    // The order of creation is the log's where there is one, and that of names only where there is none (trap 24).
    let mut counted = Shop::new().freight("f1", 1);
    counted.world.put_promotion(promo(1, "f1").named("z").0, 1);
    counted.world.put_promotion(promo(2, "f1").named("a").0, 2);
    assert_eq!(names(&counted), "z a");
}

#[test]
fn control_3_2_the_one_that_has_the_place_is_not_queued() {
    let shop = Shop::new().freight("f1", 1).promotion(promo(1, "f1")).promotion(promo(2, "f1").by(ANA).rollback());
    let current = shop.clone().current_promotion("prod", "p1");
    assert_eq!(names(&current), "p2");
    assert_eq!(
        current.turn("prod"),
        "p2 waits: promotion p1 is under way",
        "nobody is displaced, not by a rollback either"
    );
    // One that runs has the place, whatever the status says.
    let running = shop.promotion(promo(1, "f1").running());
    assert_eq!(running.turn("prod"), "p2 waits: promotion p1 is under way");
    assert_eq!(running.evaluate("prod").status.current_promotion.unwrap().name, "p1");
    // One that ended, or does not exist any more, has it no longer.
    assert_eq!(running.clone().promotion(promo(1, "f1").ended("Failed", 3)).turn("prod"), "p2 starts");
    let gone = running.promotion(promo(1, "f1").ended("Failed", 3)).current_promotion("prod", "p9");
    assert_eq!(gone.turn("prod"), "p2 starts");
}

#[test]
fn rules_7_only_automatic_promotions_of_the_same_origins_are_replaced() {
    let shop = |queue: &str| {
        let shop = Shop::new().stage("prod", &[DIRECT, MENU].join(", ")).freight("f1", 1).freight("f2", 2);
        shop.freight_of(menu(), "m1", 1).freight_of(menu(), "m2", 2).ours(
            "StagePolicy",
            "prod",
            &format!("{{queue: {queue}}}"),
        )
    };
    let both = || promo(1, "f1").with_menu("m1");
    // (queue, old, newer, replaced)
    let table: [(&str, Promo, Promo, bool); 15] = [
        ("All", promo(1, "f1"), promo(2, "f2"), false),
        ("Latest", promo(1, "f1"), promo(2, "f2"), true),
        ("LatestPerOrigin", promo(1, "f1"), promo(2, "f2"), true),
        ("Latest", promo(1, "f1"), promo(2, "f2").by(ANA), false),
        ("Latest", promo(1, "f1").by(ANA), promo(2, "f2"), false),
        ("Latest", promo(1, "f1").rollback(), promo(2, "f2"), false),
        ("Latest", promo(1, "f1"), promo(2, "f2").rollback(), false),
        ("Latest", promo(1, "f1").hold().by("controller:x"), promo(2, "f2"), false),
        ("Latest", promo(1, "f1").running(), promo(2, "f2"), false),
        ("Latest", promo(1, "f1"), promo(2, "m1"), false),
        ("LatestPerOrigin", promo(1, "f1"), promo(2, "m1"), false),
        ("Latest", promo(1, "f1"), promo(2, "f2").with_menu("m2"), false),
        ("LatestPerOrigin", promo(1, "f1"), promo(2, "f2").with_menu("m2"), true),
        ("LatestPerOrigin", both(), promo(2, "f2"), false),
        ("Latest", both(), promo(2, "f2").with_menu("m2"), true),
    ];
    for (index, (queue, old, newer, replaced)) in table.into_iter().enumerate() {
        let shop = shop(queue).promotion(old).promotion(newer);
        let newer = shop.world.promotion("p2").unwrap();
        let by = policy::superseded_by(shop.view("prod"), newer);
        assert_eq!(by.iter().any(|name| name == "p1"), replaced, "{index}: {queue}");
        let older = policy::superseded_by(shop.view("prod"), shop.world.promotion("p1").unwrap());
        assert!(older.is_empty(), "{index}: an older one replaces nothing");
        let ended = shop.evaluate("prod").end;
        assert_eq!(ended.iter().any(|promotion| promotion.metadata.name == "p1"), replaced, "{index}: evaluate");
    }
}

#[test]
fn rules_7_what_is_replaced_ends_aborted_and_leaves_no_trace() {
    let shop =
        Shop::new().freight("f1", 1).freight("f2", 2).freight("f3", 3).ours("StagePolicy", "prod", "{queue: Latest}");
    let shop = shop.promotion(promo(1, "f1")).promotion(promo(2, "f2")).promotion(promo(3, "f3")).at(9);
    let evaluation = shop.evaluate("prod");
    let ended: Vec<_> = evaluation.end.iter().map(|promotion| promotion.metadata.name.as_str()).collect();
    assert_eq!(ended, ["p1", "p2"]);
    assert_eq!(evaluation.status.current_promotion.as_ref().unwrap().name, "p3", "what is left has its turn at once");
    let shop = shop.written("prod", &evaluation);
    let replaced = shop.world.promotion("p1").unwrap();
    assert_eq!((replaced.phase().as_str(), replaced.end_reason()), ("Aborted", Some("Superseded")));
    assert_eq!(replaced.noun().status.finished_at, Some(shop.now));
    assert_eq!(replaced.noun().status.started_at, None);
    let after = shop.evaluate("prod");
    assert!(after.status_patch().is_none() && after.end.is_empty() && after.create.is_empty());

    // If the one that replaced it cannot go, the freight that was replaced is a candidate again (rules 7).
    let shop =
        shop.promotion(promo(3, "f3").stopped(9).ended_by("Withdrawn")).ours("Rejection", "bad", "{freight: f3}");
    assert_eq!(shop.wishes("prod"), "f2: goes");
}
