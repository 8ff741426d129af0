//! What an evaluation costs follows from what concerns the Stage, not from how large the world is or how long its history.

#[expect(clippy::disallowed_types, reason = "the test measures")]
use std::time::{Duration, Instant};

use super::shop::{Shop, promo};

/// A Stage that holds the newest freight, with this much older freight, ended promotions of it, and other Stages.
fn shop(size: i64) -> Shop {
    let mut shop = Shop::new().freight("f", 1).holding("prod", &["f"]);
    for index in 0..size {
        let name = format!("g{index:06}");
        shop = shop.freight(&name, -1 - index).intended(&name, "Manual");
        let ended = promo(-1 - index, &name).named(&format!("q{index:06}")).ended("Succeeded", -1 - size + index);
        shop = shop.promotion(ended);
    }
    for index in 0..size / 10 {
        shop = shop.put(kargo_core::model::Stage {
            metadata: kargo_core::model::ObjectMeta::named(format!("s{index}")).in_project("shop"),
            ..Default::default()
        });
    }
    let last = format!("q{:06}", size - 1);
    let rejected = shop.last_promotion("prod", &last).ours("Rejection", "bad", "{freight: f}");
    let evaluation = rejected.evaluate("prod");
    rejected.written("prod", &evaluation)
}

/// The least time of many: what it costs when nothing else runs.
#[expect(clippy::disallowed_types, reason = "the test measures")]
fn cost(shop: &Shop) -> Duration {
    let once = || {
        let start = Instant::now();
        let evaluation = shop.evaluate("prod");
        assert!(evaluation.create.is_empty() && evaluation.status_patch().is_none());
        start.elapsed()
    };
    (0..40).map(|_| once()).min().unwrap_or_default()
}

#[test]
fn an_evaluation_costs_the_same_in_a_large_world() {
    let (small, large) = (cost(&shop(50)), cost(&shop(5_000)));
    assert!(large < small * 5, "50: {small:?}, 5,000: {large:?}");
}
