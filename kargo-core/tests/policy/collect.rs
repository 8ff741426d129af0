//! What may be collected, against the arithmetic of control 9 worked out by sorting everything; and the exceptions: what is
//! needed is kept (control 13, 26, 46 and 47; rules 7, trap 39).

use std::collections::BTreeSet;

use kargo_core::{
    Timestamp,
    model::{Duration, PromotionPhase},
    policy::{Collectible, Keep, collectible_freight, collectible_promotions},
    world::PromotionView,
};
use proptest::prelude::*;

use super::shop::{DIRECT, Promo, Shop, cart, menu, minute, promo};

fn keep(retained: u32, minutes: i64) -> Keep {
    Keep { retained, minimum_age: Duration::from_secs(minutes * 60) }
}

fn shop() -> Shop {
    let shop = Shop::new().yaml(
        "kargo.akuity.io",
        "Warehouse",
        "cart",
        "{subscriptions: [{image: {repoURL: ghcr.io/acme/cart, constraint: ^1.0.0}}]}",
    );
    shop.yaml(
        "kargo.akuity.io",
        "Warehouse",
        "menu",
        "{subscriptions: [{image: {repoURL: ghcr.io/acme/menu, constraint: ^1.0.0}}]}",
    )
}

/// The `number`th promotion, whose name says in which order they were made.
fn nth(number: i64, freight: &str) -> Promo {
    promo(number, freight).named(&format!("prod.{number:04}.{freight}"))
}

/// Succeeded at once, and known to the Stage.
fn ended(shop: Shop, number: i64, phase: &str) -> Shop {
    let one = nth(number, &format!("f{number}")).ended(phase, number);
    let name = one.0.metadata.name.clone();
    shop.freight(&format!("f{number}"), number).promotion(one).last_promotion("prod", &name)
}

fn names<T: ToString>(found: &Collectible<T>) -> Vec<String> {
    found.now.iter().map(ToString::to_string).collect()
}

#[test]
fn control_9_promotions_behind_enough_others_go_when_they_are_old_enough() {
    let shop = (1..=6).fold(shop(), |shop, number| ended(shop, number, "Succeeded"));
    let at = |minutes: i64| collectible_promotions(shop.view("prod"), &keep(4, 60), minute(minutes));
    assert_eq!(at(60), Collectible { now: vec![], next: Some(minute(61)) });
    assert_eq!(names(&at(61)), ["prod.0001.f1"]);
    assert_eq!(at(61).next, Some(minute(62)));
    assert_eq!(names(&at(62)), ["prod.0001.f1", "prod.0002.f2"]);
    assert_eq!(at(62).next, None, "four are kept however old they are");
    assert_eq!(at(9_999), at(62));
    // As in Kargo: twenty, and two weeks.
    let usual = collectible_promotions(shop.view("prod"), &Keep::default(), minute(99_999));
    assert_eq!(usual, Collectible { now: vec![], next: None });
    assert_eq!(Keep::default(), keep(20, 336 * 60));
}

#[test]
fn control_13_46_what_is_newer_than_the_oldest_that_has_not_ended_is_kept_and_as_many_before_it() {
    let shop = (1..=6).fold(shop(), |shop, number| ended(shop, number, "Succeeded"));
    let waiting =
        (8..=12).fold(shop.freight("f7", 7).promotion(nth(7, "f7")), |shop, number| ended(shop, number, "Succeeded"));
    let found = collectible_promotions(waiting.view("prod"), &keep(4, 60), minute(999));
    assert_eq!(names(&found), ["prod.0001.f1", "prod.0002.f2"]);
}

#[test]
fn control_13_26_a_failure_is_kept_while_automation_leaves_its_freight_alone_for_it() {
    let shop = ended(shop(), 1, "Failed");
    let shop = (2..=6).fold(shop, |shop, number| ended(shop, number, "Succeeded"));
    let found = |shop: &Shop| names(&collectible_promotions(shop.view("prod"), &keep(2, 60), minute(999)));
    assert_eq!(found(&shop), ["prod.0002.f2", "prod.0003.f3", "prod.0004.f4"]);
    // It failed once more, and the first failure says nothing any more; or nothing is left that could be tried again.
    let again = nth(7, "f1").ended("Errored", 7);
    let again = shop.clone().promotion(again).last_promotion("prod", "prod.0007.f1");
    assert!(found(&again).contains(&"prod.0001.f1".to_owned()));
    let mut gone = shop.clone();
    gone.world.remove(kargo_core::model::Kind::Freight, "f1");
    assert_eq!(found(&gone).first().map(String::as_str), Some("prod.0001.f1"));
    // One that was withdrawn says nothing about its freight (rules 6 and 7).
    let withdrawn = shop.promotion(nth(1, "f1").ended("Aborted", 1).ended_by("Withdrawn"));
    assert_eq!(found(&withdrawn).first().map(String::as_str), Some("prod.0001.f1"));
}

#[test]
fn control_3_7_what_the_stage_has_not_taken_over_is_kept() {
    let shop = (1..=4).fold(shop(), |shop, number| ended(shop, number, "Succeeded"));
    let behind = shop.last_promotion("prod", "prod.0002.f2");
    let found = collectible_promotions(behind.view("prod"), &keep(0, 60), minute(999));
    assert_eq!(names(&found), ["prod.0001.f1"]);
}

#[test]
fn control_9_freight_behind_enough_other_goes_when_it_is_old_enough() {
    let shop = (1..=6).fold(shop(), |shop, number| shop.freight(&format!("f{number}"), number));
    let at = |shop: &Shop, minutes: i64| collectible_freight(&shop.world, &cart(), &keep(4, 60), minute(minutes));
    assert_eq!(at(&shop, 60), Collectible { now: vec![], next: Some(minute(61)) });
    assert_eq!(names(&at(&shop, 62)), ["f1", "f2"]);
    assert_eq!(at(&shop, 62).next, None);
    // Of other origins nothing goes for it, nor of a Warehouse that does not exist.
    assert_eq!(
        collectible_freight(&shop.world, &menu(), &keep(0, 0), minute(999)),
        Collectible { now: vec![], next: None }
    );
    let mut orphaned = shop.clone();
    orphaned.world.remove(kargo_core::model::Kind::Warehouse, "cart");
    assert_eq!(at(&orphaned, 999), Collectible { now: vec![], next: None });
}

#[test]
fn control_13_47_freight_in_a_stage_is_kept_and_what_is_newer_and_as_much_before_it() {
    let shop = (1..=9).fold(shop(), |shop, number| shop.freight(&format!("f{number}"), number));
    let found = |shop: &Shop| names(&collectible_freight(&shop.world, &cart(), &keep(2, 60), minute(999)));
    assert_eq!(found(&shop), ["f1", "f2", "f3", "f4", "f5", "f6", "f7"]);
    // The Stage says so, the freight says so, or both do.
    assert_eq!(found(&shop.clone().holding("prod", &["f5"])), ["f1", "f2"]);
    assert_eq!(found(&shop.clone().entered("f5", "prod", 5)), ["f1", "f2"]);
    assert_eq!(found(&shop.clone().entered("f5", "prod", 5).holding("prod", &["f5"])), ["f1", "f2"]);
    // It was there before: that protects nothing (as in Kargo).
    assert_eq!(found(&shop.holding("prod", &["f1"]).holding("prod", &["f9"])), ["f1", "f2", "f3", "f4", "f5", "f6"]);
}

#[test]
fn control_trap_39_freight_of_promotions_that_have_not_ended_is_kept() {
    let shop = (1..=6).fold(shop(), |shop, number| shop.freight(&format!("f{number}"), number));
    let shop = shop.freight_of(menu(), "m1", 1).freight_of(menu(), "m2", 2).stage("other", DIRECT);
    let queued = shop.promotion(nth(7, "f2")).promotion(nth(8, "f4").running().to("other").with_menu("m1"));
    let found = |shop: &Shop, origin| names(&collectible_freight(&shop.world, &origin, &keep(1, 60), minute(999)));
    assert_eq!(found(&queued, cart()), ["f1", "f3", "f5"]);
    assert_eq!(found(&queued, menu()), [""; 0], "also the second origin's (rules 13)");
    let ended = queued.promotion(nth(8, "f4").to("other").with_menu("m1").ended("Failed", 9));
    assert_eq!(found(&ended, cart()), ["f1", "f3", "f4", "f5"]);
    assert_eq!(found(&ended, menu()), ["m1"]);
}

/// A world of promotions and freight: how each ended or where it is, and when it was made.
#[derive(Clone, Debug)]
struct Made {
    promotions: Vec<(u8, u8)>,
    freight: Vec<(u8, u8)>,
    retained: u32,
    age: i64,
    now: i64,
}

fn some() -> impl Strategy<Value = Made> {
    let many = || prop::collection::vec((any::<u8>(), 0..60_u8), 0..14);
    (many(), many(), 0..5_u32, 0..40_i64, 0..120_i64).prop_map(|(promotions, freight, retained, age, now)| Made {
        promotions,
        freight,
        retained,
        age,
        now,
    })
}

fn world(some: &Made) -> Shop {
    let mut shop = shop();
    for (index, (kind, at)) in some.freight.iter().enumerate() {
        let name = format!("f{index:02}");
        shop = shop.freight(&name, i64::from(*at));
        if kind % 6 == 0 {
            shop = shop.entered(&name, ["prod", "uat"][usize::from(kind / 6 % 2)], i64::from(*at));
        }
    }
    let mut made: Vec<_> = some.promotions.clone();
    made.sort_by_key(|(_, at)| *at);
    let mut last = None;
    for (index, (kind, at)) in made.iter().enumerate() {
        let freight = format!("f{:02}", kind / 8 % 16);
        let one = promo(i64::from(*at), &freight).named(&format!("prod.{index:04}"));
        let one = match kind % 8 {
            0 => one,
            1 => one.running(),
            2 => one.ended("Failed", 60),
            3 => one.ended("Aborted", 60),
            _ => one.ended("Succeeded", 60),
        };
        if kind % 8 > 1 {
            last = Some(one.0.metadata.name.clone());
        }
        shop = shop.promotion(one);
    }
    match last {
        Some(last) => shop.last_promotion("prod", &last),
        None => shop,
    }
}

fn aged(since: Timestamp, some: &Made) -> bool {
    minute(some.now).signed_duration_since(since).num_seconds() >= some.age * 60
}

/// Control 9, as it is written there: sorted, counted, cut.
fn by_counting<T: Clone>(newest_first: &[T], is_needed: impl Fn(&T) -> bool, some: &Made) -> Vec<T> {
    let k = newest_first.iter().rposition(is_needed).map_or(-1, |k| i64::try_from(k).unwrap());
    let from = usize::try_from(k + i64::from(some.retained) + 1).unwrap();
    newest_first.iter().skip(from).cloned().rev().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn control_9_the_arithmetic_is_that_of_sorting_and_counting(some in some()) {
        let shop = world(&some);
        let keep = keep(some.retained, some.age);
        let stage = shop.view("prod");
        let mut all: Vec<PromotionView<'_>> = stage.promotions().collect();
        all.sort_by_key(|one| std::cmp::Reverse((one.created_at(), one.name().to_owned())));
        let rest = by_counting(&all, |one| !one.is_over(), &some);
        let bars = |one: &PromotionView<'_>| {
            let freight = one.noun().spec.freight.clone().unwrap();
            let same = all.iter().filter(|other| other.is_over() && other.noun().spec.freight.as_ref() == Some(&freight));
            let newest = same.max_by_key(|other| (other.created_at(), other.name().to_owned())).unwrap();
            *one.phase() != PromotionPhase::Succeeded && shop.world.freight_named(&freight).is_some() && newest.name() == one.name()
        };
        let last = stage.last_promotion().map(|last| last.name.to_string());
        let free = rest.iter().filter(|one| !bars(one) && last.as_deref() != Some(one.name()));
        let expected: Vec<String> = free.clone().filter(|one| aged(one.created_at().unwrap(), &some)).map(|one| one.name().to_owned()).collect();
        let found = collectible_promotions(stage, &keep, minute(some.now));
        prop_assert_eq!(names(&found), expected);
        let later = free.map(|one| one.created_at().unwrap() + keep.minimum_age.to_delta()).filter(|at| *at > minute(some.now)).min();
        prop_assert_eq!(found.next, later);

        let mut all: Vec<_> = shop.world.all_freight().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.age()));
        let rest = by_counting(&all, |one| one.visits().iter().any(|(_, visit)| visit.current.is_some()), &some);
        let wanted: BTreeSet<String> = shop.world.promotions().filter(|one| !one.is_over()).filter_map(|one| one.noun().spec.freight.as_ref().map(ToString::to_string)).collect();
        let free = rest.iter().filter(|one| !wanted.contains(&**one.name()));
        let expected: Vec<String> = free.clone().filter(|one| aged(one.age().at.unwrap(), &some)).map(|one| one.name().to_string()).collect();
        let found = collectible_freight(&shop.world, &cart(), &keep, minute(some.now));
        prop_assert_eq!(names(&found), expected);
        let later = free.map(|one| one.age().at.unwrap() + keep.minimum_age.to_delta()).filter(|at| *at > minute(some.now)).min();
        prop_assert_eq!(found.next, later);
    }
}
