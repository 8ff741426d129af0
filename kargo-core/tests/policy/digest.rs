//! What ended promotions leave (control 3.7, step 1; rules 7: traps 1, 3, 4 and 5 are mended).

use kargo_core::policy::digest;

use super::shop::{DIRECT, MENU, Shop, menu, promo};

const ANA: &str = "email:ana@acme.example";

fn shop() -> Shop {
    Shop::new().freight("f1", 1).freight("f2", 2).freight("f3", 3).off()
}

fn last(shop: &Shop) -> String {
    shop.evaluate("prod").status.last_promotion.map(|last| last.name.to_string()).unwrap_or_default()
}

#[test]
fn control_3_7_a_success_is_held_and_any_end_is_the_last() {
    let shop = shop().promotion(promo(1, "f1").running()).current_promotion("prod", "p1");
    assert_eq!((shop.held("prod"), last(&shop)), (String::new(), String::new()));
    for (phase, held) in [("Succeeded", "f1"), ("Failed", ""), ("Errored", ""), ("Aborted", "")] {
        let shop = shop.clone().promotion(promo(1, "f1").ended(phase, 2)).health("prod", Some("Healthy"));
        assert_eq!((shop.held("prod"), last(&shop)), (held.to_owned(), "p1".to_owned()), "{phase}");
        let status = shop.evaluate("prod").status;
        assert_eq!(status.current_promotion, None, "{phase}");
        // Health is that of what was there before: it is looked at again.
        assert_eq!(status.health.is_none(), phase == "Succeeded", "{phase}");
        assert_eq!(status.last_promotion.unwrap().status.unwrap().phase.unwrap().as_str(), phase);
    }
}

#[test]
fn control_3_7_ten_collections_are_remembered() {
    let mut shop = shop();
    for number in 0..12 {
        let name = format!("g{number:02}");
        shop = shop
            .freight(&name, number)
            .promotion(promo(1, &name).named(&format!("q{number:02}")).ended("Succeeded", number));
        let evaluation = shop.evaluate("prod");
        shop = shop.written("prod", &evaluation);
    }
    let history = &shop.noun("prod").status.freight_history;
    assert_eq!(history.len(), 10, "invariant 10");
    let names: Vec<_> = history.iter().flat_map(|held| held.freight.values().map(|of| of.name.to_string())).collect();
    assert_eq!(names, ["g11", "g10", "g09", "g08", "g07", "g06", "g05", "g04", "g03", "g02"]);
    // The same again is a new entry (control 3.10).
    let again = shop.promotion(promo(1, "g11").named("q99").ended("Succeeded", 99));
    let history = again.evaluate("prod").status.freight_history;
    assert_eq!(history[0].id, history[1].id);
    assert!(history[0].verification_history.is_empty());
}

#[test]
fn trap_4_an_abort_hides_no_success_nor_does_the_order_of_names() {
    // p1 runs, p2 and p3 are queued, p3 is stopped; then p1 and p2 succeed.
    let shop = shop().promotion(promo(1, "f1").running()).current_promotion("prod", "p1");
    let shop = shop.promotion(promo(2, "f2")).promotion(promo(3, "f3").stopped(4));
    let evaluation = shop.clone().at(4).evaluate("prod");
    let shop = shop.written("prod", &evaluation).promotion(promo(1, "f1").ended("Succeeded", 5)).at(5);
    assert_eq!((shop.held("prod"), last(&shop)), ("f1".to_owned(), "p1".to_owned()), "not p3, which never ran");
    let evaluation = shop.health("prod", Some("Unhealthy")).evaluate("prod");
    let shop =
        super::digest::shop().promotion(promo(1, "f1").ended("Succeeded", 5)).promotion(promo(3, "f3").stopped(4));
    let shop = shop.promotion(promo(2, "f2").ended("Succeeded", 7)).written("prod", &evaluation).at(8);
    assert_eq!((shop.held("prod"), last(&shop)), ("f2".to_owned(), "p2".to_owned()));
}

#[test]
fn trap_4_what_passed_in_the_queue_hides_nothing() {
    // p2 was asked for by somebody and ran first; p1 of automation is older by name and ends later.
    let shop = shop().promotion(promo(1, "f1")).promotion(promo(2, "f2").by(ANA)).at(3);
    let evaluation = shop.evaluate("prod");
    assert_eq!(evaluation.status.current_promotion.as_ref().unwrap().name, "p2");
    let shop = shop.written("prod", &evaluation).promotion(promo(2, "f2").by(ANA).ended("Succeeded", 4)).at(4);
    let evaluation = shop.evaluate("prod");
    let shop = shop.written("prod", &evaluation).health("prod", Some("Unhealthy"));
    let evaluation = shop.evaluate("prod");
    assert_eq!(evaluation.status.current_promotion.as_ref().unwrap().name, "p1");
    // In the very second in which the other ended, and also later.
    for ended in [4, 6] {
        let shop =
            shop.clone().written("prod", &evaluation).promotion(promo(1, "f1").ended("Succeeded", ended)).at(ended);
        assert_eq!((shop.held("prod"), last(&shop)), ("f1".to_owned(), "p1".to_owned()));
        let evaluation = shop.evaluate("prod");
        let shop = shop.written("prod", &evaluation);
        let names: Vec<_> = shop.noun("prod").status.freight_history.iter().map(|held| held.id.clone()).collect();
        assert_eq!(names.len(), 2, "each once");
        let after = shop.evaluate("prod");
        assert_eq!(after.status_patch(), None, "and p2 is not taken over again");
    }
}

#[test]
fn control_3_7_what_ended_meanwhile_is_taken_over_in_the_order_in_which_it_ended() {
    let shop = shop().promotion(promo(1, "f1").ended("Succeeded", 9)).promotion(promo(2, "f2").ended("Succeeded", 5));
    let shop = shop.promotion(promo(3, "f3").ended("Failed", 7)).at(10);
    let history = shop.evaluate("prod").status.freight_history;
    let names: Vec<_> = history.iter().flat_map(|held| held.freight.values().map(|of| of.name.to_string())).collect();
    assert_eq!(names, ["f1", "f2"]);
    assert_eq!(last(&shop), "p1");
}

#[test]
fn control_13_5_an_end_that_nobody_dated_is_taken_over_once() {
    let undated = |number, freight: &str| {
        let mut promotion = promo(number, freight).ended("Succeeded", 9);
        promotion.0.status.finished_at = None;
        promotion
    };
    let shop = shop().promotion(promo(1, "f1").running()).promotion(promo(2, "f2").ended("Succeeded", 3));
    let shop = shop.last_promotion("prod", "p2").current_promotion("prod", "p1").promotion(undated(1, "f1")).at(9);
    let evaluation = shop.evaluate("prod");
    assert_eq!((shop.held("prod"), last(&shop)), ("f1".to_owned(), "p1".to_owned()));
    let shop = shop.written("prod", &evaluation);
    assert_eq!(shop.evaluate("prod").status_patch(), None, "nor p2 again");
    // Nobody knows of any when it ended: names have to do.
    let shop =
        super::digest::shop().promotion(undated(1, "f1")).promotion(undated(2, "f2")).last_promotion("prod", "p1");
    assert_eq!((shop.held("prod"), last(&shop)), ("f2".to_owned(), "p2".to_owned()));
    // The status names a promotion that ended long before the last: that is known already.
    let stale = super::digest::shop()
        .promotion(promo(1, "f1").ended("Succeeded", 2))
        .promotion(promo(2, "f2").ended("Succeeded", 3));
    let stale = stale.last_promotion("prod", "p2").current_promotion("prod", "p1");
    assert_eq!((stale.held("prod"), last(&stale)), (String::new(), "p2".to_owned()));
    assert_eq!(stale.evaluate("prod").status.current_promotion, None);
}

#[test]
fn trap_5_a_queued_promotion_that_is_stopped_leaves_nothing() {
    let before = shop().promotion(promo(1, "f1").ended("Succeeded", 2)).at(3);
    let evaluation = before.evaluate("prod");
    let before = before.written("prod", &evaluation).health("prod", Some("Healthy"));
    let after = before.clone().promotion(promo(2, "f2").hold().stopped(4)).at(5);
    assert_eq!(after.evaluate("prod").status_patch(), None);
    let state = digest(after.view("prod"), after.world.promotion("p2").unwrap());
    assert_eq!(&state, after.view("prod").state().unwrap());
}

#[test]
fn trap_3_other_origins_are_carried_from_what_is_there_not_from_what_failed() {
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1).freight_of(menu(), "m2", 2);
    let steps = [
        (promo(1, "f1").with_menu("m1").ended("Succeeded", 1), "f1 m1"),
        (promo(2, "m2").ended("Failed", 2), "f1 m1"),
        (promo(3, "f2").ended("Succeeded", 3), "f2 m1"),
        (promo(4, "m2").ended("Succeeded", 4), "f2 m2"),
    ];
    let mut shop = two.at(9);
    for (promotion, held) in steps {
        shop = shop.promotion(promotion);
        let evaluation = shop.evaluate("prod");
        shop = shop.written("prod", &evaluation);
        assert_eq!(shop.held("prod"), held, "invariant 14");
    }
    // An origin that is not requested any more is not carried (invariant 12).
    let narrowed = shop.stage("prod", DIRECT).promotion(promo(5, "f3").ended("Succeeded", 5));
    assert_eq!(narrowed.held("prod"), "f3");
}

#[test]
fn control_2_8_what_the_promotion_fixed_when_it_began_is_what_is_held() {
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1).holding("prod", &["m1"]);
    let mut promotion = promo(1, "f1").ended("Succeeded", 2);
    let fixed = two.clone().holding("prod", &["f1", "m1"]).noun("prod").status.freight_history[0].clone();
    promotion.0.status.freight_collection = Some(fixed.clone());
    let status = two.promotion(promotion).evaluate("prod").status;
    assert_eq!(status.freight_history[0], fixed);
}
