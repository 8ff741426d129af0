//! Whether automation is on: the first policy that covers the Stage decides (control 2.1; resources 19.4).

use super::shop::{DIRECT, Shop};

const OFF: &str = "-: nobody promotes to prod automatically";

#[test]
fn control_2_1_the_first_policy_that_covers_the_stage_decides() {
    let on = "f1: goes";
    for (policies, expected) in [
        ("[]", OFF),
        ("[{stageSelector: {name: prod}, autoPromotionEnabled: true}]", on),
        ("[{stage: prod, autoPromotionEnabled: true}]", on),
        ("[{stageSelector: {name: uat}, autoPromotionEnabled: true}]", OFF),
        // The first that matches, even if it says no (trap 29).
        ("[{stageSelector: {name: 'glob:p*'}}, {stageSelector: {name: prod}, autoPromotionEnabled: true}]", OFF),
        ("[{stageSelector: {name: prod}, autoPromotionEnabled: true}, {stageSelector: {}}]", on),
        ("[{stageSelector: {name: uat}}, {stageSelector: {}, autoPromotionEnabled: true}]", on),
        // Regular expressions are searched for, not anchored (trap 30); names are exact, globs whole.
        ("[{stageSelector: {name: 'regex:r.d'}, autoPromotionEnabled: true}]", on),
        ("[{stageSelector: {name: 'regex:^r.d'}, autoPromotionEnabled: true}]", OFF),
        ("[{stageSelector: {name: 'glob:pr'}, autoPromotionEnabled: true}]", OFF),
        // Name and labels both; the Stage has none of these.
        ("[{stageSelector: {name: prod, matchLabels: {tier: gold}}, autoPromotionEnabled: true}]", OFF),
    ] {
        assert_eq!(Shop::new().freight("f1", 1).policies(policies).wishes("prod"), expected, "{policies}");
    }
    let mut stage = Shop::new().noun("prod");
    stage.metadata.labels.insert("tier".into(), "gold".into());
    let gold = "[{stageSelector: {matchLabels: {tier: gold}}, autoPromotionEnabled: true}]";
    assert_eq!(Shop::new().freight("f1", 1).policies(gold).put(stage).wishes("prod"), on);
}

#[test]
fn control_2_1_without_a_config_automation_is_off() {
    let shop = Shop { world: kargo_core::World::new("shop"), now: super::shop::minute(0) };
    assert_eq!(shop.stage("prod", DIRECT).freight("f1", 1).wishes("prod"), OFF);
}

#[test]
fn control_2_1_a_pattern_that_cannot_be_read_turns_it_off_and_says_so() {
    let on = "{stageSelector: {name: prod}, autoPromotionEnabled: true}";
    let shop = Shop::new().freight("f1", 1);
    let off = shop.clone().unreadable_before(&format!("[{on}]"));
    assert!(off.wishes("prod").starts_with("-: a promotion policy cannot be read: "), "{}", off.wishes("prod"));
    assert!(off.evaluate("prod").create.is_empty() && !off.evaluate("prod").status.auto_promotion_enabled);
    // One that stands behind the one that counts is not looked at.
    let mut config = off.world.project_config().unwrap().clone();
    config.spec.promotion_policies.reverse();
    assert_eq!(shop.put(config).wishes("prod"), "f1: goes");
}

#[test]
fn resources_19_5_control_flow_and_targets_are_not_promoted_to() {
    let shop = Shop::new().freight("f1", 1).control_flow("prod");
    let expected = "-: Stage prod has no steps: freight passes through it, nothing is promoted to it";
    assert_eq!(shop.wishes("prod"), expected);
    assert!(!shop.evaluate("prod").status.auto_promotion_enabled);

    // AP-6: a target-aware Stage gets requests, not promotions.
    let mut stage = Shop::new().noun("prod");
    stage.spec.targets = Some(Default::default());
    let shop = Shop::new().freight("f1", 1).put(stage);
    assert_eq!(shop.wishes("prod"), "-: prod has Targets: a promotion request promotes to them");
}
