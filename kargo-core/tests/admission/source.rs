//! Where freight may come from (control 1.1, AV-1 to AV-9; resources 19.1 and 19.2; rules 6 and 7, trap 9).

use kargo_core::{
    eligible::{Availability, availability, is_eligible},
    why::Reason,
};

use crate::scene::{asked, at, line, table, tree, world};

const UAT: &str = "stages: [uat]";
const BOTH: &str = "stages: [uat, perf], availabilityStrategy: All";
const ONE: &str = "stages: [uat, perf], availabilityStrategy: OneOf";
const SOAK: &str = "stages: [uat], requiredSoakTime: 1h";

#[test]
fn control_1_1_where_freight_comes_from() {
    table(&[
        ("direct: true", "", "", "12:00:00", "yes |  | "),
        // AV-2: upstreams, strategy and soak are ignored.
        (
            "direct: true, stages: [uat], requiredSoakTime: 1h, availabilityStrategy: All",
            "",
            "",
            "12:00:00",
            "yes |  | ",
        ),
        (UAT, "", "", "12:00:00", "not yet | source: needs uat | a new verdict in uat"),
        (UAT, "verifiedIn: { uat: {} }", "", "12:00:00", "yes |  | "),
        (
            UAT,
            "currentlyIn: { uat: { since: 2026-11-20T10:00:00Z } }",
            "",
            "12:00:00",
            "not yet | source: needs uat | a new verdict in uat",
        ),
        (UAT, "verifiedIn: { perf: {} }", "", "12:00:00", "not yet | source: needs uat | a new verdict in uat"),
        // OneOf, and no strategy, which is the same.
        (ONE, "verifiedIn: { perf: {} }", "", "12:00:00", "yes |  | "),
        ("stages: [uat, perf]", "verifiedIn: { perf: {} }", "", "12:00:00", "yes |  | "),
        (ONE, "", "", "12:00:00", "not yet | source: needs OneOf of [uat, perf] | a new verdict in uat"),
        // All: what is missing in more than one is less work to approve.
        (BOTH, "verifiedIn: { uat: {}, perf: {} }", "", "12:00:00", "yes |  | "),
        (
            BOTH,
            "verifiedIn: { uat: {} }",
            "",
            "12:00:00",
            "not yet | source: needs All of [uat, perf] | a new verdict in perf",
        ),
        (BOTH, "", "", "12:00:00", "not yet | source: needs All of [uat, perf] | an approval for prod"),
        // Trap 8: verified elsewhere too makes no difference.
        (BOTH, "verifiedIn: { uat: {}, perf: {}, dev: {} }", "", "12:00:00", "yes |  | "),
    ]);
}

#[test]
fn control_trap_9_no_source_is_by_approval_only() {
    let line = "not yet | source: none is named, so freight comes by approval only | an approval for prod";
    table(&[
        ("", "", "", "12:00:00", line),
        ("availabilityStrategy: All", "", "", "12:00:00", line),
        (
            "stages: [], availabilityStrategy: All, requiredSoakTime: 1h",
            "verifiedIn: { uat: {} }",
            "",
            "12:00:00",
            line,
        ),
        ("", "approvedFor: { prod: {} }", "", "12:00:00", "yes |  | "),
    ]);
}

/// Control 1.1, AV-3 and AV-4, and 1.5: the soak runs from when freight entered, counts once it is verified, ends at an exact
/// instant, and stays are not added up.
#[test]
fn control_1_5_soak_to_the_millisecond() {
    let here = "currentlyIn: { uat: { since: 2026-11-20T11:00:00Z } }, verifiedIn: { uat: { verifiedAt: 2026-11-20T11:59:00Z } }";
    let left = "verifiedIn: { uat: { longestSoak: 59m59s } }";
    table(&[
        (SOAK, here, "", "11:59:59.999", "not yet | source: needs uat | not before 2026-11-20 12:00Z"),
        (SOAK, here, "", "12:00:00", "yes |  | "),
        (SOAK, left, "", "12:00:00", "not yet | source: needs uat | an approval for prod"),
        (SOAK, "verifiedIn: { uat: { longestSoak: 1h } }", "", "12:00:00", "yes |  | "),
        // A completed stay is enough, however short the present one is; together they are not.
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T11:59:00Z } }, verifiedIn: { uat: { longestSoak: 1h } }",
            "",
            "12:00:00",
            "yes |  | ",
        ),
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T11:30:00Z } }, verifiedIn: { uat: { longestSoak: 50m } }",
            "",
            "12:00:00",
            "not yet | source: needs uat | not before 2026-11-20 12:30Z",
        ),
        // Not verified: what it soaked counts once it is.
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T10:00:00Z } }",
            "",
            "12:00:00",
            "not yet | source: needs uat | a new verdict in uat",
        ),
        (
            SOAK,
            "currentlyIn: { uat: {} }, verifiedIn: { uat: {} }",
            "",
            "12:00:00",
            "not yet | source: needs uat | an approval for prod",
        ),
        // A clock that was ahead when it entered.
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T12:30:00Z } }, verifiedIn: { uat: {} }",
            "",
            "12:00:00",
            "not yet | source: needs uat | not before 2026-11-20 13:30Z",
        ),
        ("stages: [uat], requiredSoakTime: 0s", "verifiedIn: { uat: {} }", "", "12:00:00", "yes |  | "),
        // The last of all, the first of one.
        (
            "stages: [uat, perf], availabilityStrategy: All, requiredSoakTime: 1h",
            "currentlyIn: { uat: { since: 2026-11-20T11:10:00Z }, perf: { since: 2026-11-20T11:20:00Z } }, verifiedIn: { uat: {}, perf: {} }",
            "",
            "12:00:00",
            "not yet | source: needs All of [uat, perf] | not before 2026-11-20 12:20Z",
        ),
        (
            "stages: [uat, perf], requiredSoakTime: 1h",
            "currentlyIn: { uat: { since: 2026-11-20T11:10:00Z }, perf: { since: 2026-11-20T11:20:00Z } }, verifiedIn: { uat: {}, perf: {} }",
            "",
            "12:00:00",
            "not yet | source: needs OneOf of [uat, perf] | not before 2026-11-20 12:10Z",
        ),
    ]);
    // It opens by itself, and what is said of it says when.
    let world = world(SOAK, here, "");
    let why = asked(&world, "11:30:00");
    assert_eq!(why.opens_at(), Some(at("12:00:00")));
    assert!(
        why.reasons().any(|reason| matches!(reason, Reason::NotSoaked { ends, .. } if *ends == Some(at("12:00:00"))))
    );
    let (stage, freight) = (world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap());
    assert_eq!(availability(stage, freight, at("11:30:00")), Availability::At(at("12:00:00")));
}

#[test]
fn what_is_said_of_an_upstream() {
    let verified = "verified 2026-11-20 10:02Z";
    for (sources, status, expected) in [
        (UAT, "verifiedIn: { uat: { verifiedAt: 2026-11-20T10:02:00Z } }", format!("✓ uat {verified}")),
        (UAT, "verifiedIn: { uat: {} }", "✓ uat verified".to_owned()),
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T09:50:00Z } }, verifiedIn: { uat: { verifiedAt: 2026-11-20T10:02:00Z } }",
            format!("✓ uat {verified}, soaked 2h10m (needs 1h)"),
        ),
        (
            SOAK,
            "currentlyIn: { uat: { since: 2026-11-20T11:15:00Z } }, verifiedIn: { uat: {} }",
            "✗ uat verified, soaked 45m of 1h".to_owned(),
        ),
        (
            SOAK,
            "verifiedIn: { uat: { longestSoak: 45m } }",
            "✗ uat verified, soaked 45m of 1h before it left".to_owned(),
        ),
        (
            SOAK,
            "currentlyIn: { uat: {} }, verifiedIn: { uat: {} }",
            "✗ uat verified, soaked 0s of 1h; nobody knows since when it is there".to_owned(),
        ),
        (UAT, "", "✗ uat not verified: it is not there".to_owned()),
        (UAT, "currentlyIn: { uat: {} }", "✗ uat not verified: no verdict yet".to_owned()),
    ] {
        let why = asked(&world(sources, status, ""), "12:00:00");
        assert_eq!(tree(&why)[1], expected, "{why}");
    }
}

/// Rules 6: a verification that was withdrawn does not count; the soak goes on, and counts again once it is verified again.
#[test]
fn rules_6_a_withdrawn_verification() {
    let mut world = world(
        SOAK,
        "currentlyIn: { uat: { since: 2026-11-20T10:30:00Z } }, verifiedIn: { uat: { longestSoak: 5m } }",
        "",
    );
    assert!(asked(&world, "12:00:00").is_yes());
    let name = world.freight("modest-marlin").unwrap().name().clone();
    let withdrawn = |withdrawn| {
        move |state: &mut kargo_core::world::FreightState| {
            state.visits.edit(&"uat".into(), |visit| visit.withdrawn = withdrawn);
        }
    };
    world.edit_freight(&name, withdrawn(true));
    assert_eq!(line(&asked(&world, "12:00:00")), "not yet | source: needs uat | a new verdict in uat");
    let (stage, freight) = (world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap());
    assert_eq!(kargo_core::eligible::list(stage, freight.origin(), None, at("12:00:00")).count(), 0);
    world.edit_freight(&name, withdrawn(false));
    assert!(asked(&world, "12:00:00").is_yes());
    assert_eq!(line(&asked(&world, "11:00:00")), "not yet | source: needs uat | not before 2026-11-20 11:30Z");
}

/// A Stage that does not exist verifies nothing: that is said, and not asked for.
#[test]
fn an_upstream_that_does_not_exist() {
    table(&[
        ("stages: [uta]", "", "", "12:00:00", "not yet | source: needs uta | an approval for prod"),
        (
            "stages: [uta, perf]",
            "",
            "",
            "12:00:00",
            "not yet | source: needs OneOf of [uta, perf] | a new verdict in perf",
        ),
        ("stages: [uta]", "verifiedIn: { uta: {} }", "", "12:00:00", "yes |  | "),
    ]);
    let why = asked(&world("stages: [uta]", "", ""), "12:00:00");
    let expected = [
        r#"✗ uta there is no Stage "uta"; did you mean "uat"?"#,
        "→ somebody approves it for prod (approve modest-marlin for prod)",
    ];
    assert_eq!(tree(&why)[1..3], expected, "{why}");
}

#[test]
fn control_1_1_only_what_is_requested() {
    // A Stage that requests other freight, and gets this neither verified nor approved.
    let more = "
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: shop-front, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: web }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, config: { apps: [{ name: web }] } }] } }
";
    let world = world("direct: true", "approvedFor: { shop-front: {} }, verifiedIn: { shop-front: {} }", more);
    let why = kargo_core::admit::explain(&world, "shop-front", "modest-marlin", at("12:00:00"));
    let not_requested = "shop-front does not request freight of Warehouse/cart (it requests Warehouse/web)";
    assert_eq!(line(&why), format!("no | {not_requested} | "));
    assert!(why.nodes()[0].spot.is_some());
    assert!(!is_eligible(world.stage("shop-front").unwrap(), world.freight("modest-marlin").unwrap(), at("12:00:00")));
}

/// Control 1.1 over several requests of one origin (which admission refuses, AV-7): in order, and one that needs all of its
/// Stages has the last word.
#[test]
fn control_av_7_the_first_that_needs_all_has_the_last_word() {
    let status = "verifiedIn: { perf: {} }";
    for (first, second, expected) in [
        (UAT, "stages: [perf]", "yes |  | "),
        (UAT, "direct: true", "yes |  | "),
        (
            "stages: [uat], availabilityStrategy: All",
            "stages: [perf]",
            "not yet | source: needs uat | a new verdict in uat",
        ),
        (
            "stages: [uat], availabilityStrategy: All",
            "direct: true",
            "not yet | source: needs uat | a new verdict in uat",
        ),
        ("stages: [perf], availabilityStrategy: All", UAT, "yes |  | "),
    ] {
        let mut world = world(first, status, "");
        let mut stage = world.stage("prod").unwrap().noun().clone();
        let other = crate::scene::world(second, "", "");
        stage.spec.requested_freight.extend(other.stage("prod").unwrap().requests().cloned());
        world.put(stage);
        assert_eq!(line(&asked(&world, "12:00:00")), expected, "{first} | {second}");
        let (stage, freight) = (world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap());
        let listed = kargo_core::eligible::list(stage, freight.origin(), None, at("12:00:00")).count();
        assert_eq!(listed, usize::from(expected.starts_with("yes")), "{first} | {second}");
    }
}

/// Control AV-10 aside, lengths that no clock reaches are answered, not added up.
#[test]
fn soaks_that_never_end() {
    let long = "stages: [uat], requiredSoakTime: 2540400h";
    let world = world(long, "currentlyIn: { uat: { since: 2026-11-20T10:00:00Z } }, verifiedIn: { uat: {} }", "");
    let why = asked(&world, "12:00:00");
    assert_eq!(line(&why), "not yet | source: needs uat | not before 2316-09-11 10:00Z");
    let (stage, freight) = (world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap());
    let last = kargo_core::Timestamp::MAX_UTC;
    assert_eq!(availability(stage, freight, last), Availability::Now);
}
