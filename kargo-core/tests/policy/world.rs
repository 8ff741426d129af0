//! The indexes of the world that the policy asks: promotions by when they ended, a Stage with something else in it.

use kargo_core::world::PlaceState;

use super::shop::{Shop, minute, promo};

fn ended(shop: &Shop, after: Option<i64>) -> String {
    let found = shop.view("prod").promotions_ended(after.map(minute));
    found.map(kargo_core::world::PromotionView::name).collect::<Vec<_>>().join(" ")
}

#[test]
fn promotions_are_found_by_when_they_ended() {
    let mut shop = Shop::new().freight("f1", 1).promotion(promo(1, "f1").ended("Failed", 9)).promotion(promo(2, "f1"));
    shop = shop.promotion(promo(3, "f1").ended("Succeeded", 5)).promotion(promo(4, "f1").stopped(7));
    assert_eq!(ended(&shop, None), "p3 p4 p1");
    assert_eq!(ended(&shop, Some(4)), "p3 p4 p1");
    assert_eq!(ended(&shop, Some(5)), "p4 p1", "later, not at the same instant");
    assert_eq!(ended(&shop, Some(9)), "");
    // Puts and removals keep it true.
    shop = shop.promotion(promo(2, "f1").ended("Failed", 8)).promotion(promo(1, "f1").ended("Failed", 6));
    assert_eq!(ended(&shop, None), "p3 p1 p4 p2");
    shop.world.remove_promotion("p1");
    assert_eq!(ended(&shop, Some(5)), "p4 p2");
    // Of one nobody knows when: it comes first.
    let mut unknown = promo(5, "f1").ended("Errored", 1);
    unknown.0.status.finished_at = None;
    let shop = shop.promotion(unknown);
    assert_eq!((ended(&shop, None), ended(&shop, Some(0))), ("p5 p3 p4 p2".to_owned(), "p3 p4 p2".to_owned()));
}

#[test]
fn a_stage_is_asked_what_would_be() {
    let shop = Shop::new().freight("f1", 1).holding("prod", &["f1"]);
    let empty = PlaceState::default();
    assert!(shop.view("prod").with_state(&empty).current().is_none());
    assert!(shop.view("prod").current().is_some());
}
