//! The text of user-code 2, from an export as it is.

use std::fs;

use kargo_core::{
    Manifests, Reason, World, admit,
    why::{Answer, Need},
};

use crate::scene::at;

fn world() -> World {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/decisions/export.yaml");
    let manifests = Manifests::parse("export.yaml", &fs::read_to_string(path).unwrap()).unwrap();
    World::from_manifests(&manifests).unwrap()
}

#[test]
fn user_code_2_may_this_go_to_prod() {
    let why = admit::explain(&world(), "prod", "modest-marlin", at("18:10:00"));
    insta::assert_snapshot!(why, @r#"
    prod <- modest-marlin (4e1f0c9, Warehouse/cart): NOT YET
    ├─ ✗ source: needs All of [uat, perf]                                export.yaml:61
    │  ├─ ✓ uat   verified 2026-11-20 16:02Z, soaked 2h10m (needs 1h)
    │  └─ ✗ perf  not verified: latest verdict Failed, 2026-11-20 17:40Z
    │     └─ "p99 latency 612ms > 500ms"
    │        → perf verifies it again with success      (reverify perf)
    │        → or somebody approves it for prod         (approve modest-marlin for prod)
    ├─ ✗ window: Deny "black-friday" is active                           export.yaml:102
    │     → opens 2026-12-01 04:00Z
    ├─ ✓ not rejected · stage not paused
    └─ automation would also wait: hold on Warehouse/cart since 2026-11-19 by email:ana@acme.example
    earliest: after a new verdict in perf, and not before 2026-12-01 04:00Z
    "#);
    assert_eq!(why.answer(), Answer::NotYet);
    assert_eq!(why.opens_at(), None);
    let expected =
        [Need::Verify { stage: "perf".into() }, Need::Wait { until: "2026-12-01T04:00:00Z".parse().unwrap() }];
    assert_eq!(why.needs(), expected);
    assert!(why.reasons().any(|reason| matches!(reason, Reason::NotVerified { stage, .. } if *stage == "perf")));
    let read: kargo_core::Why = serde_json::from_str(&serde_json::to_string(&why).unwrap()).unwrap();
    assert_eq!(read, why);
}

/// User-code 3 refuses in the same words.
#[test]
fn user_code_3_what_was_rejected() {
    let why = admit::explain(&world(), "prod", "swift-otter", at("18:10:00"));
    insta::assert_snapshot!(why, @r#"
    prod <- swift-otter (9cb63e7, Warehouse/cart): NO
    ├─ ✓ source: approved for prod 2026-11-17 12:00Z                     export.yaml:61
    ├─ ✗ window: Deny "black-friday" is active                           export.yaml:102
    │     → opens 2026-12-01 04:00Z
    ├─ ✗ swift-otter was rejected in Stage prod by email:ana@acme.example: "drops coupons"
    │     → un-reject it
    ├─ ✓ stage not paused
    └─ automation would also wait: hold on Warehouse/cart since 2026-11-19 by email:ana@acme.example
    earliest: after rejection "drops-coupons" is taken back, and not before 2026-12-01 04:00Z
    "#);
}

#[test]
fn what_may_go() {
    let world = world();
    let why = admit::explain(&world, "prod", "humble-otter", "2026-12-01T04:00:00Z".parse().unwrap());
    insta::assert_snapshot!(why, @"
    prod <- humble-otter (84d9a0d, Warehouse/cart): YES
    ├─ ✓ source: needs All of [uat, perf]                                export.yaml:61
    │  ├─ ✓ uat   verified 2026-11-18 09:05Z, soaked 2d6h (needs 1h)
    │  └─ ✓ perf  verified 2026-11-18 09:40Z, soaked 3h12m (needs 1h)
    ├─ ✓ not rejected · stage not paused
    └─ automation would also wait: hold on Warehouse/cart since 2026-11-19 by email:ana@acme.example
    ");
    let why = admit::explain(&world, "uat", "modest-marlin", at("18:10:00"));
    insta::assert_snapshot!(why, @r#"
    uat <- modest-marlin (4e1f0c9, Warehouse/cart): NOT YET
    ├─ ✓ source: direct from Warehouse/cart                              export.yaml:88
    ├─ ✗ window: Deny "black-friday" is active                           export.yaml:102
    │     → opens 2026-12-01 04:00Z
    └─ ✓ not rejected · stage not paused
    earliest: 2026-12-01 04:00Z
    "#);
}
