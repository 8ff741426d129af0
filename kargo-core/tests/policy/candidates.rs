//! Which freight automation would take (control 2.2; resources 18.1 and 19.3; rules 7).

use super::shop::{Shop, minute};

const UPSTREAM: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat]}}";
const MATCHING: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat], autoPromotionOptions: {selectionPolicy: MatchUpstream}}}";
const NOTHING: &str = "-: no freight of Warehouse/cart is eligible";

#[test]
fn control_2_2_the_newest_that_is_eligible_ties_by_name() {
    let shop = Shop::new();
    assert_eq!(shop.wishes("prod"), NOTHING);
    let shop = shop.freight("f1", 1).freight("f3", 3).freight("f2", 3);
    assert_eq!(shop.wishes("prod"), "f3: goes");
    assert_eq!(shop.freight("f4", 2).wishes("prod"), "f3: goes", "older, though its name is greater");

    // Eligible by verification or approval alone (19.3); that its Warehouse does not exist does not matter.
    let shop = Shop::new().stage("prod", UPSTREAM).freight("f1", 1).freight("f2", 2).freight("f3", 3);
    assert_eq!(shop.wishes("prod"), NOTHING);
    let shop = shop.verified("f1", "uat", 5);
    assert_eq!(shop.wishes("prod"), "f1: goes");
    assert_eq!(shop.clone().approved("f2", "prod").wishes("prod"), "f2: goes");
    assert_eq!(shop.clone().verified("f3", "uat", 5).wishes("prod"), "f3: goes");
    assert_eq!(shop.verified("f3", "uat", 5).withdrawn("f3", "uat").wishes("prod"), "f1: goes", "rules 6");
}

#[test]
fn control_2_2_freight_without_a_time_is_the_oldest() {
    let mut shop = Shop::new().freight("f1", 1).freight("f9", 9);
    let mut timeless = shop.world.freight_named("f9").unwrap().to_noun();
    timeless.metadata.creation_timestamp = None;
    shop.world.put(timeless);
    assert_eq!(shop.wishes("prod"), "f1: goes");
    let mut discovered = shop.world.freight_named("f9").unwrap().to_noun();
    discovered.discovered_at = Some(minute(2));
    shop.world.put(discovered);
    assert_eq!(shop.wishes("prod"), "f9: goes", "discoveredAt counts, else the creation");
}

#[test]
fn control_2_2_only_the_best_is_looked_at() {
    // The newest failed: nothing else is taken instead.
    let shop = Shop::new().freight("f1", 1).freight("f2", 2).promotion(super::shop::promo(3, "f2").ended("Failed", 4));
    assert_eq!(shop.wishes("prod"), "f2: promotion p3 of it Failed: automation does not try it again");
}

#[test]
fn rules_7_rejected_and_not_meant_freight_is_passed_over() {
    let rejected = |shop: Shop, spec| shop.ours("Rejection", "bad", spec);
    let shop = Shop::new().freight("f1", 1).freight("f2", 2);
    assert_eq!(rejected(shop.clone(), "{freight: f2}").wishes("prod"), "f1: goes");
    assert_eq!(rejected(shop.clone(), "{freight: f2, stages: [prod]}").wishes("prod"), "f1: goes");
    assert_eq!(rejected(shop.clone(), "{freight: f2, stages: [uat]}").wishes("prod"), "f2: goes");

    for (intent, taken, expected) in [
        ("Auto", "[]", "f2: goes"),
        ("Manual", "[]", "f1: goes"),
        ("Hotfix", "[]", "f1: goes"),
        ("Hotfix", "[Hotfix]", "f2: goes"),
        ("Manual", "[Auto, Manual]", "f2: goes"),
        // What nobody can read is left to people.
        ("manual", "[]", "f1: goes"),
        ("manual", "[Auto, Manual, Hotfix]", "f1: goes"),
    ] {
        let shop = shop.clone().intended("f2", intent).ours("StagePolicy", "prod", &format!("{{intents: {taken}}}"));
        assert_eq!(shop.wishes("prod"), expected, "{intent} {taken}");
    }
}

#[test]
fn rules_7_what_was_passed_over_is_said_where_nothing_is_left() {
    let shop = Shop::new().freight("f1", 1).intended("f1", "Manual");
    assert_eq!(shop.wishes("prod"), "-: f1 is of intent Manual, which automation here does not take");
    let shop = shop.freight("f2", 2).ours("Rejection", "bad", "{freight: f2, actor: ana, reason: slow}");
    assert_eq!(shop.wishes("prod"), "-: f2 was rejected everywhere by ana: \"slow\"");
    // The search ends at what is there, whatever is behind it.
    let shop = shop.freight("f0", 0).holding("prod", &["f1"]);
    assert_eq!(shop.wishes("prod"), "-: f2 was rejected everywhere by ana: \"slow\"");
}

#[test]
fn control_2_2_match_upstream_takes_what_is_there() {
    let shop = Shop::new().stage("prod", MATCHING).freight("f1", 1).freight("f2", 2).freight("f3", 3);
    let shop = shop.verified("f1", "uat", 5).verified("f2", "uat", 6).approved("f3", "prod");
    assert_eq!(shop.wishes("prod"), NOTHING, "verified, or approved, but not there (19.3)");
    let shop = shop.entered("f1", "uat", 5);
    assert_eq!(shop.wishes("prod"), "f1: goes", "though f2 and f3 are newer");
    let two = shop.clone().entered("f2", "uat", 6);
    assert_eq!(two.wishes("prod"), "-: several pieces of freight are in uat", "a passing state: none yet");
    let approved = Shop::new().stage("prod", MATCHING).freight("f3", 3).entered("f3", "uat", 5);
    assert_eq!(approved.wishes("prod"), NOTHING, "there, but not verified");
    assert_eq!(approved.approved("f3", "prod").wishes("prod"), "f3: goes");

    // It follows backwards too (rules 7, trap 20).
    assert_eq!(shop.holding("prod", &["f2"]).wishes("prod"), "f1: goes");
}

#[test]
fn rules_7_automation_never_goes_backwards() {
    let shop = Shop::new().stage("prod", UPSTREAM).freight("f1", 1).freight("f2", 2).verified("f1", "uat", 5);
    // f2 is there, though it is not eligible any more.
    let shop = shop.holding("prod", &["f2"]);
    assert_eq!(shop.wishes("prod"), "f1: f2, which is newer, is there");
    // At the same instant the name decides, here as there.
    let tie = shop.freight("f9", 9).freight("f8", 9).holding("prod", &["f9"]).verified("f8", "uat", 9);
    assert_eq!(tie.wishes("prod"), "f8: f9, which is newer, is there");
    // What is there does not exist any more: nothing says that it was newer (trap 19: the Stage is not stuck).
    let mut gone = tie;
    gone.world.remove(kargo_core::model::Kind::Freight, "f9");
    assert_eq!(gone.wishes("prod"), "f8: goes");
}
