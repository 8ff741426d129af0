//! Guards of automation that a StagePolicy asks for: `soak.guard` and `soak.sampleEvery`.

use super::shop::{Shop, minute};

const SOAKING: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [prod], requiredSoakTime: 2h}}";
const SHORTER: &str = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [prod], requiredSoakTime: 1h}}";

/// f1 is in prod since noon; f2 is newer. Stages downstream ask for 2h and 1h.
fn shop(policy: &str) -> Shop {
    let shop = Shop::new().freight("f1", -9).freight("f2", -8).holding("prod", &["f1"]).entered("f1", "prod", 0);
    shop.stage("end", SOAKING).stage("other", SHORTER).ours("StagePolicy", "prod", policy)
}

#[test]
fn extensions_soak_guard_leaves_what_soaks_for_stages_downstream() {
    let guarded = || shop("{soak: {guard: true}}");
    let soaking = "f2: f1 is soaking for Stages downstream until 2026-11-24 14:00Z";
    assert_eq!(guarded().wishes("prod"), soaking, "the longest stay that is asked for");
    assert_eq!(guarded().at(119).wishes("prod"), soaking);
    assert_eq!(guarded().at(120).wishes("prod"), "f2: goes");
    assert_eq!(guarded().evaluate("prod").wakes_at(), Some(minute(120)));
    assert_eq!(shop("{}").wishes("prod"), "f2: goes");
    // What will never be taken downstream is not waited for.
    for (phase, expected) in
        [("Running", soaking), ("Successful", soaking), ("Failed", "f2: goes"), ("Inconclusive", "f2: goes")]
    {
        assert_eq!(guarded().verification("prod", phase).wishes("prod"), expected, "{phase}");
    }
    // Nobody downstream asks for a stay.
    let plain = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [prod]}}";
    assert_eq!(guarded().stage("end", plain).stage("other", plain).wishes("prod"), "f2: goes");
}

#[test]
fn extensions_soak_sample_every_takes_freight_only_so_often() {
    let sampled = || shop("{soak: {sampleEvery: 30m}}");
    assert_eq!(sampled().at(29).wishes("prod"), "f2: the next freight is taken 2026-11-24 12:30Z");
    assert_eq!(sampled().at(30).wishes("prod"), "f2: goes");
    assert_eq!(sampled().evaluate("prod").wakes_at(), Some(minute(30)));
    // Both: the guard is first, then what is left of the interval.
    let both = || shop("{soak: {guard: true, sampleEvery: 150m}}");
    assert_eq!(both().evaluate("prod").wakes_at(), Some(minute(120)));
    assert_eq!(both().at(120).evaluate("prod").wakes_at(), Some(minute(150)));
    assert_eq!(both().at(150).wishes("prod"), "f2: goes");
    // An empty Stage takes what comes.
    let empty = Shop::new().freight("f2", 0).ours("StagePolicy", "prod", "{soak: {guard: true, sampleEvery: 1h}}");
    assert_eq!(empty.wishes("prod"), "f2: goes");
}
