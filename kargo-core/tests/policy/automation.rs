//! The conditions of automation, one by one (control 2.3, AP-1 to AP-9, as rules 6, 7, 13 and 19 restate them).

use super::shop::{DIRECT, MENU, Promo, Shop, menu, promo};

fn shop() -> Shop {
    Shop::new().freight("f1", 1).freight("f2", 2)
}

#[test]
fn control_2_3_ap_1_and_rules_5_a_suspect_clock_stops_automation() {
    let mut shop = shop();
    assert_eq!(shop.wishes("prod"), "f2: goes");
    assert_eq!(shop.clone().off().wishes("prod"), "-: nobody promotes to prod automatically");
    shop.world.set_clock_suspect(true);
    assert_eq!(shop.wishes("prod"), "-: the clock may be wrong");
}

#[test]
fn control_2_3_ap_2_a_hold_comes_before_the_candidate() {
    let held = shop().promotion(promo(3, "f1").hold());
    assert_eq!(held.wishes("prod"), "f2: hold on Warehouse/cart since 2026-11-24 by email:ana@acme.example");
    // Also where there is nothing to take, and before what failed.
    let mut nothing = Shop::new().promotion(promo(3, "f1").hold());
    nothing.world.put(shop().world.freight_named("f1").unwrap().to_noun());
    let nothing = nothing.ours("Rejection", "bad", "{freight: f1}");
    assert!(nothing.wishes("prod").starts_with("-: hold on Warehouse/cart"), "{}", nothing.wishes("prod"));
    let failed = held.promotion(promo(4, "f2").ended("Failed", 5));
    assert!(failed.wishes("prod").starts_with("f2: hold on Warehouse/cart"));
}

#[test]
fn control_2_3_ap_4_what_is_there_is_not_promoted_again() {
    assert_eq!(shop().holding("prod", &["f2"]).wishes("prod"), "f2: prod already holds f2");
    assert_eq!(shop().holding("prod", &["f1"]).wishes("prod"), "f2: goes");
    // Of that origin: the same name under another origin is not it.
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1);
    assert_eq!(two.clone().wishes("prod"), "f2: goes; m1: goes");
    assert_eq!(two.holding("prod", &["f2"]).wishes("prod"), "f2: prod already holds f2; m1: goes");
}

#[test]
fn control_2_3_ap_5_and_ap_7_nothing_twice_at_a_time_whoever_began_it() {
    for (open, phase) in [
        (promo(3, "f2"), "Pending"),
        (promo(3, "f2").running(), "Running"),
        (promo(3, "f2").by("email:ana@acme.example"), "Pending"),
        (promo(3, "f2").rollback(), "Pending"),
    ] {
        assert_eq!(shop().promotion(open).wishes("prod"), format!("f2: promotion p3 of it is {phase}"));
    }
    // Other freight, or another Stage, is nothing to wait for.
    assert_eq!(shop().promotion(promo(3, "f1").running()).wishes("prod"), "f2: goes");
    assert_eq!(shop().promotion(promo(3, "f2").to("uat")).wishes("prod"), "f2: goes");
    // Rules 13: per origin and freight of the map, also of an origin that is not the first.
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1);
    let two = two.promotion(promo(3, "f1").with_menu("m1"));
    assert_eq!(two.wishes("prod"), "f2: goes; m1: promotion p3 of it is Pending");
}

#[test]
fn control_2_3_ap_8_what_failed_is_not_tried_again() {
    let failed = |phase: &str| format!("f2: promotion p3 of it {phase}: automation does not try it again");
    for phase in ["Failed", "Errored", "Aborted"] {
        assert_eq!(shop().promotion(promo(3, "f2").ended(phase, 4)).wishes("prod"), failed(phase));
    }
    assert_eq!(shop().promotion(promo(3, "f2").stopped(4)).wishes("prod"), failed("Aborted"));
    // Until it succeeded for somebody (invariant 26). The newest by creation counts, not the one that ended last.
    let tried = |later: Promo| shop().promotion(promo(3, "f2").ended("Failed", 9)).promotion(later).wishes("prod");
    assert_eq!(tried(promo(4, "f2").by("ana").ended("Succeeded", 5)), "f2: goes");
    assert_eq!(tried(promo(2, "f2").by("ana").ended("Succeeded", 10)), failed("Failed"));
    assert_eq!(tried(promo(4, "f1").ended("Succeeded", 5)), failed("Failed"), "other freight says nothing");
}

#[test]
fn rules_6_and_7_superseded_and_withdrawn_ends_do_not_count() {
    for reason in ["Superseded", "Withdrawn"] {
        let shop = shop().promotion(promo(3, "f2").stopped(4).ended_by(reason));
        assert_eq!(shop.wishes("prod"), "f2: goes", "{reason}");
        // What was before it counts.
        let shop = shop.promotion(promo(2, "f2").ended("Failed", 3));
        assert_eq!(shop.wishes("prod"), "f2: promotion p2 of it Failed: automation does not try it again");
        // Only an abort can be one of these: a failure stays one, whatever is written on it.
        let failed = super::automation::shop().promotion(promo(3, "f2").ended("Failed", 4).ended_by(reason));
        assert_eq!(failed.wishes("prod"), "f2: promotion p3 of it Failed: automation does not try it again");
    }
}

#[test]
fn rules_13_a_failure_of_several_origins_bars_that_map_alone() {
    let two = shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1);
    let two = two.promotion(promo(3, "f2").with_menu("m1").ended("Failed", 4));
    assert_eq!(two.wishes("prod"), "f2: goes; m1: goes");
    let two = two.promotion(promo(5, "f2").ended("Failed", 6));
    assert_eq!(two.wishes("prod"), "f2: promotion p5 of it Failed: automation does not try it again; m1: goes");
}

#[test]
fn control_2_3_ap_9_and_rules_19_automation_creates_nothing_that_is_not_admitted() {
    let shop = || shop();
    for (shop, expected) in [
        (
            shop().ours("Pause", "stop", "{stage: prod, actor: ana, reason: party}"),
            "f2: Stage prod is paused by ana: \"party\"",
        ),
        (shop().ours("Pause", "stop", "{}"), "f2: the project is paused"),
        (shop().ours("Pause", "stop", "{stage: uat}"), "f2: goes"),
        (shop().ours("Pause", "stop", "{until: '2026-11-24T12:00:01Z'}"), "f2: the project is paused"),
        (shop().ours("Pause", "stop", "{until: '2026-11-24T12:00:00Z'}"), "f2: goes"),
        (shop().ours("StagePolicy", "prod", "{approvals: {required: 1}}"), "f2: approvals: 0 of 1"),
        (
            shop().ours("StagePolicy", "prod", "{approvals: {required: 1}}").ours(
                "Approval",
                "fine",
                "{freight: f2, stage: prod, actor: ana}",
            ),
            "f2: goes",
        ),
        (
            shop().ours(
                "StagePolicy",
                "prod",
                "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T110000Z, dtend: 20261124T130000Z}]}",
            ),
            "f2: window: Deny \"freeze\" is active",
        ),
        (
            shop().ours(
                "StagePolicy",
                "prod",
                "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T110000Z, dtend: 20261124T120000Z}]}",
            ),
            "f2: goes",
        ),
    ] {
        assert_eq!(shop.wishes("prod"), expected);
        let created = shop.evaluate("prod").create.len();
        assert_eq!(created, usize::from(expected == "f2: goes"), "{expected}");
    }
}

#[test]
fn control_2_3_these_are_no_conditions() {
    // Health, the verdict on what is there, other promotions, the end of the last one.
    let shop = shop().holding("prod", &["f1"]).verification("prod", "Failed").health("prod", Some("Unhealthy"));
    let shop = shop.promotion(promo(3, "f1").ended("Failed", 4)).last_promotion("prod", "p3");
    assert_eq!(shop.promotion(promo(5, "f1").running()).wishes("prod"), "f2: goes");
}
