//! How it reads: `policy::explain` for the main situations (control 2.3; requirements: every non-event explains itself).

use kargo_core::policy::explain;

use super::shop::{DIRECT, MENU, Shop, menu, promo};

fn text(shop: &Shop) -> String {
    explain(&shop.world, "prod", shop.now).to_string()
}

fn shop() -> Shop {
    Shop::new().freight("f1", 1).freight("f2", 2).at(3)
}

#[test]
fn what_moves() {
    insta::assert_snapshot!(text(&shop()), @r#"
    prod moves, because
    └─ ✓ newest eligible of Warehouse/cart is f2
    "#);
    insta::assert_snapshot!(text(&shop().promotion(promo(2, "f2"))), @r#"
    prod moves, because
    ├─ ✓ promotion p2 starts now
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Pending
    "#);
    insta::assert_snapshot!(text(&shop().promotion(promo(2, "f2").running()).promotion(promo(3, "f1").by("ana"))), @r#"
    prod moves, because
    ├─ ✓ promotion p2 is under way
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Running
    "#);
    let stops = shop().holding("prod", &["f1"]).verification("prod", "Running").promotion(promo(2, "f2").by("ana"));
    insta::assert_snapshot!(text(&stops), @r#"
    prod moves, because
    ├─ ✓ promotion p2 starts now
    │  └─ the verification under way is stopped
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Pending
    "#);
}

#[test]
fn what_does_not_move() {
    insta::assert_snapshot!(text(&shop().off()), @r#"
    prod does not move, because
    └─ ✗ Warehouse/cart
       └─ nobody promotes to prod automatically
    "#);
    insta::assert_snapshot!(text(&shop().holding("prod", &["f2"])), @r#"
    prod does not move, because
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ prod already holds f2
    "#);
    insta::assert_snapshot!(text(&shop().promotion(promo(2, "f1").hold().ended("Succeeded", 3))), @r#"
    prod does not move, because
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ hold on Warehouse/cart since 2026-11-24 by email:ana@acme.example
    "#);
    insta::assert_snapshot!(text(&shop().promotion(promo(2, "f2").ended("Failed", 3))), @r#"
    prod does not move, because
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it Failed: automation does not try it again
    "#);
    insta::assert_snapshot!(text(&Shop::new().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1).holding("prod", &["m1"])), @r#"
    prod does not move, because
    ├─ ✗ Warehouse/cart
    │  └─ no freight of Warehouse/cart is eligible
    └─ ✗ newest eligible of Warehouse/menu is m1
       └─ prod already holds m1
    "#);
    insta::assert_snapshot!(text(&shop().control_flow("prod")), @r#"
    prod does not move, because
    └─ ✗ Warehouse/cart
       └─ Stage prod has no steps: freight passes through it, nothing is promoted to it
    "#);
    let soaking = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat], requiredSoakTime: 1h}}";
    insta::assert_snapshot!(text(&shop().stage("prod", soaking).verified("f1", "uat", 0).entered("f1", "uat", 0)), @r#"
    prod does not move, because
    └─ ✗ Warehouse/cart
       └─ no freight of Warehouse/cart is eligible
          → f1 has soaked long enough 2026-11-24 13:00Z
    "#);
}

#[test]
fn what_waits_or_cannot_start() {
    let there =
        shop().holding("prod", &["f1"]).promotion(promo(1, "f1").ended("Succeeded", 1)).last_promotion("prod", "p1");
    let queued = there.promotion(promo(2, "f2"));
    insta::assert_snapshot!(text(&queued.clone().health("prod", Some("Healthy"))), @r#"
    prod does not move, because
    ├─ ✗ promotion p2 waits
    │  └─ prod verifies first what it holds
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Pending
    "#);
    insta::assert_snapshot!(text(&queued.clone().health("prod", Some("Progressing"))), @r#"
    prod does not move, because
    ├─ ✗ promotion p2 waits
    │  └─ what prod holds is coming up; waited for until 2026-11-24 12:11Z
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Pending
    "#);
    let paused = queued.clone().verification("prod", "Successful").ours(
        "Pause",
        "lunch",
        "{stage: prod, actor: ana, reason: lunch}",
    );
    insta::assert_snapshot!(text(&paused), @r#"
    prod does not move, because
    ├─ ✗ promotion p2 waits
    │  └─ Stage prod is paused by ana: "lunch"
    └─ ✗ newest eligible of Warehouse/cart is f2
       └─ promotion p2 of it is Pending
    "#);
    let freeze = "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T110000Z, dtend: 20261124T130000Z}]}";
    let closed = queued.clone().verification("prod", "Successful").ours("StagePolicy", "prod", freeze).freight("f3", 3);
    insta::assert_snapshot!(text(&closed), @r#"
    prod does not move, because
    ├─ ✗ promotion p2 waits
    │  └─ window: Deny "freeze" is active
    │     → opens 2026-11-24 13:00Z
    └─ ✗ newest eligible of Warehouse/cart is f3
       └─ window: Deny "freeze" is active
          → opens 2026-11-24 13:00Z
    "#);
    let rejected = queued.ours("Rejection", "bad", "{freight: f2, actor: ana, reason: slow}");
    insta::assert_snapshot!(text(&rejected), @r#"
    prod does not move, because
    ├─ ✗ promotion p2 cannot start any more
    │  ├─ ✓ source: direct from Warehouse/cart
    │  ├─ ✗ f2 was rejected everywhere by ana: "slow"
    │  │     → un-reject it, or promote other freight: newest eligible is f1
    │  └─ ✓ stage not paused
    └─ ✗ newest eligible of Warehouse/cart is f1
       └─ prod already holds f1
    "#);
}
