//! When to look again although nothing happens: each kind of instant, exactly (control 1.5; rules 3; invariant 56).

use super::shop::{Shop, minute, promo};

const SOAKING: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat], requiredSoakTime: 1h}}";
const MATCHING: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat], requiredSoakTime: 1h, autoPromotionOptions: {selectionPolicy: MatchUpstream}}}";

fn wakes(shop: &Shop) -> Option<i64> {
    let at = shop.evaluate("prod").wakes_at()?;
    Some(at.signed_duration_since(minute(0)).num_minutes())
}

#[test]
fn control_1_5_the_end_of_a_soak() {
    for requests in [SOAKING, MATCHING] {
        let shop =
            Shop::new().stage("prod", requests).freight("f1", -9).verified("f1", "uat", -5).entered("f1", "uat", -10);
        assert_eq!(shop.wishes("prod"), "-: no freight of Warehouse/cart is eligible");
        assert_eq!(wakes(&shop), Some(50), "from entry, not from verification");
        assert_eq!(shop.evaluate("prod").wakes_in(minute(0)), Some(std::time::Duration::from_secs(3000)));
        assert_eq!(shop.clone().at(49).wishes("prod"), "-: no freight of Warehouse/cart is eligible");
        assert_eq!(shop.clone().at(50).wishes("prod"), "f1: goes");
        assert_eq!(wakes(&shop.clone().at(50)), None);
        // Nobody wants it: not verified, withdrawn, approved already, automation off.
        assert_eq!(wakes(&shop.clone().withdrawn("f1", "uat")), None);
        assert_eq!(wakes(&shop.clone().off()), None);
        assert_eq!(wakes(&shop.clone().approved("f1", "prod")), None);
        // Freight passes through a Stage without steps by itself (trap 11).
        assert_eq!(wakes(&shop.control_flow("prod").off()), Some(50));
    }
    let left = Shop::new().stage("prod", SOAKING).freight("f1", -9).verified("f1", "uat", -5);
    assert_eq!(wakes(&left), None, "what has left does not soak");
}

#[test]
fn rules_7_trap_11_what_passed_through_a_stage_without_steps_soaks_from_then_on() {
    for requests in [SOAKING, MATCHING] {
        let shop = Shop::new().stage("uat", "{origin: {kind: Warehouse, name: cart}, sources: {direct: true}}");
        let shop = shop.stage("prod", requests).control_flow("uat").freight("f1", -9).verified("f1", "uat", -5);
        // MatchUpstream follows what its upstream holds, and that is nothing.
        let follows = requests == MATCHING;
        assert_eq!(wakes(&shop), (!follows).then_some(55));
        assert_eq!(shop.clone().at(54).wishes("prod"), "-: no freight of Warehouse/cart is eligible");
        assert_eq!(shop.clone().at(55).wishes("prod") == "f1: goes", !follows);
        assert_eq!(wakes(&shop.clone().at(55)), None);
        // Nothing older than what is there is waited for.
        let newer = shop.clone().freight("f2", -8).holding("prod", &["f2"]);
        assert_eq!(wakes(&newer), None);
        assert_eq!(wakes(&newer.control_flow("prod")), Some(55), "but it passes on");
    }
}

#[test]
fn control_1_5_of_two_that_soak_the_first_and_then_the_other() {
    let shop = Shop::new().stage("prod", SOAKING).freight("f1", -9).freight("f2", -8);
    let shop =
        shop.verified("f1", "uat", -5).entered("f1", "uat", -10).verified("f2", "uat", -5).entered("f2", "uat", -6);
    assert_eq!((wakes(&shop), wakes(&shop.clone().at(50))), (Some(50), Some(54)));
}

#[test]
fn rules_3_edges_of_windows_and_ends_of_pauses() {
    let shop = Shop::new().freight("f1", 1);
    let freeze = "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T121000Z, dtend: 20261124T130000Z}]}";
    let windows = shop.clone().ours("StagePolicy", "prod", freeze);
    assert_eq!(wakes(&windows), Some(10));
    assert_eq!(wakes(&windows.clone().at(10)), Some(60));
    assert_eq!(windows.clone().at(59).wishes("prod"), "f1: window: Deny \"freeze\" is active");
    assert_eq!(windows.clone().at(60).wishes("prod"), "f1: goes");
    assert_eq!(wakes(&windows.at(60)), None);

    // What somebody queued waits for two pauses: when the first ends, another is in the way.
    let queued =
        shop.clone().off().promotion(promo(1, "f1")).ours("Pause", "a", "{stage: prod, until: '2026-11-24T12:25:00Z'}");
    let queued = queued.ours("Pause", "b", "{until: '2026-11-24T12:40:00Z'}");
    assert_eq!(queued.turn("prod"), "p1 waits: Stage prod is paused");
    assert_eq!((wakes(&queued), wakes(&queued.clone().at(25))), (Some(25), Some(40)));
    assert_eq!(queued.clone().at(25).turn("prod"), "p1 waits: the project is paused");
    assert_eq!(queued.at(40).turn("prod"), "p1 starts");

    let paused = shop.clone().ours("Pause", "a", "{until: '2026-11-24T12:30:00Z'}").ours(
        "Pause",
        "b",
        "{stage: prod, until: '2026-11-24T12:20:00Z'}",
    );
    assert_eq!(
        (wakes(&paused), wakes(&paused.clone().at(20)), wakes(&paused.clone().at(30))),
        (Some(20), Some(30), None)
    );
    assert_eq!(wakes(&paused.off()), None, "nobody waits for it");
    assert_eq!(wakes(&shop.ours("Pause", "a", "{}")), None);
}

#[test]
fn rules_7_a_queue_behind_pause_and_window() {
    let shop = Shop::new().off().freight("f1", 1).promotion(promo(2, "f1").by("ana"));
    let freeze = "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T121000Z, dtend: 20261124T130000Z}]}";
    let both = shop.ours("StagePolicy", "prod", freeze).ours("Pause", "a", "{until: '2026-11-24T12:30:00Z'}");
    assert_eq!(
        (wakes(&both), wakes(&both.clone().at(10)), wakes(&both.clone().at(30))),
        (Some(10), Some(30), Some(60)),
        "when the pause ends there is one reason less to show"
    );
    assert_eq!(both.clone().at(59).turn("prod"), "p2 waits: window: Deny \"freeze\" is active");
    assert_eq!(both.at(60).turn("prod"), "p2 starts");
}

#[test]
fn nothing_is_waited_for_where_only_facts_are_missing() {
    let shop = Shop::new().freight("f1", 1).freight("f2", 2);
    for shop in [
        shop.clone().holding("prod", &["f2"]),
        shop.clone().promotion(promo(3, "f1").hold()),
        shop.clone().promotion(promo(3, "f2").ended("Failed", 4)),
        shop.clone().holding("prod", &["f1"]).verification("prod", "Running"),
        Shop::new(),
    ] {
        assert_eq!(wakes(&shop.at(9)), None);
    }
}
