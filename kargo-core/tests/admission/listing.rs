//! The listing is the predicate over an index (control 1.2, invariant 21, traps 7 and 8), page by page.

use kargo_core::{
    eligible::{Availability, availability, list},
    world::FreightView,
};
use proptest::prelude::*;

use crate::{
    plan::{Plan, instant, origin, stage_name},
    random::{any_plan, runner},
    scene::{at, world},
};

#[test]
fn control_13_21_the_listing_is_the_predicate() {
    let test = |(plan, page): (Plan, usize)| {
        let (world, now) = (plan.build(), instant(plan.now));
        for stage in 0..plan.stages.len() {
            let stage = world.stage(stage_name(stage)).unwrap();
            for origin in (0..3).map(origin) {
                // Newest first: by discovery, then by name; what was never discovered is the oldest (resources 18.1).
                let mut expected: Vec<_> = world
                    .all_freight()
                    .filter(|freight| *freight.origin() == origin)
                    .filter(|freight| availability(stage, *freight, now) == Availability::Now)
                    .map(|freight| (freight.to_noun().discovered_at, freight.name()))
                    .collect();
                expected.sort();
                let expected: Vec<_> = expected.into_iter().rev().map(|(_, name)| name).collect();
                let listed: Vec<_> = list(stage, &origin, None, now).map(FreightView::name).collect();
                prop_assert_eq!(&listed, &expected);
                let mut paged = Vec::new();
                let mut below = None;
                loop {
                    let next: Vec<_> = list(stage, &origin, below.as_ref(), now).take(page).collect();
                    paged.extend(next.iter().map(|freight| freight.name()));
                    let Some(last) = next.last() else { break };
                    below = Some(last.age());
                }
                prop_assert_eq!(&paged, &expected);
            }
        }
        Ok(())
    };
    runner(256).run(&(any_plan(), 1..4_usize), test).unwrap();
}

/// Trap 7: with one of several upstreams and a soak, only a soak in one that is listed counts. Trap 8: with all of them, a soak
/// elsewhere does no harm.
#[test]
fn traps_7_and_8_soak_elsewhere() {
    let long = |stages: &[&str]| {
        let each: Vec<_> = stages.iter().map(|stage| format!("{stage}: {{ longestSoak: 2h }}")).collect();
        format!("verifiedIn: {{ {} }}", each.join(", "))
    };
    let one = "stages: [uat, perf], requiredSoakTime: 1h";
    let all = "stages: [uat, perf], requiredSoakTime: 1h, availabilityStrategy: All";
    for (sources, status, expected) in [
        (one, long(&["dev"]), 0),
        (one, "verifiedIn: { uat: {}, dev: { longestSoak: 2h } }".to_owned(), 0),
        (one, long(&["dev", "perf"]), 1),
        (all, long(&["uat", "perf"]), 1),
        (all, long(&["dev", "uat", "perf"]), 1),
        (all, long(&["dev", "uat"]), 0),
    ] {
        let world = world(sources, &status, "");
        let stage = world.stage("prod").unwrap();
        let listed = list(stage, &kargo_core::Origin::warehouse("cart"), None, at("12:00:00")).count();
        assert_eq!(listed, expected, "{sources} | {status}");
        let freight = world.freight("modest-marlin").unwrap();
        assert_eq!(kargo_core::admit::is_admitted(stage, freight, at("12:00:00")), expected == 1);
    }
}
