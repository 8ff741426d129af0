//! What people decide: rejections and pauses (requirements F9; user-code 3), and Stages that nothing is promoted to.

use kargo_core::{
    Reason, admit,
    admit::{Gate, admission},
    why::Need,
};

use crate::scene::{FREIGHT, asked, at, line, ours, table, tree, world};

#[test]
fn rejections_in_a_stage_and_everywhere() {
    let rejection = |name: &str, spec: &str| ours("Rejection", name, &format!("freight: {FREIGHT}{spec}"));
    let here = ", stages: [prod, uat], actor: email:ana@acme.example, reason: drops coupons";
    let in_prod = r#"modest-marlin was rejected in Stage prod by email:ana@acme.example: "drops coupons""#;
    let both = rejection("x", here) + &rejection("other", "");
    let other = ours("Rejection", "x", "freight: 84d9a0d81714243ecd236c670da11c7259af9059");
    table(&[
        (
            "direct: true",
            "",
            &rejection("x", here),
            "12:00:00",
            &format!("no | {in_prod} | rejection \"x\" is taken back"),
        ),
        (
            "direct: true",
            "",
            &rejection("x", ""),
            "12:00:00",
            "no | modest-marlin was rejected everywhere | rejection \"x\" is taken back",
        ),
        ("direct: true", "", &rejection("x", ", stages: [uat]"), "12:00:00", "yes |  | "),
        ("direct: true", "", &other, "12:00:00", "yes |  | "),
        (
            "direct: true",
            "",
            &both,
            "12:00:00",
            &format!(
                "no | modest-marlin was rejected everywhere; {in_prod} | rejection \"other\" is taken back + rejection \"x\" is taken back"
            ),
        ),
    ]);
    let why = asked(&world("direct: true", "", &both), "12:00:00");
    let names: Vec<_> = why
        .needs()
        .iter()
        .map(|need| if let Need::Unreject { rejection } = need { rejection } else { panic!() })
        .collect();
    assert_eq!(names, ["other", "x"]);
}

/// User-code 3: what to promote instead is the newest that is eligible and not rejected itself.
#[test]
fn user_code_3_a_rejection_says_what_to_promote_instead() {
    let rejection = |name: &str, freight: &str| ours("Rejection", name, &format!("freight: {freight}"));
    let freight = |name: &str, alias: &str, at: &str| {
        format!(
            "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ name: {name}, namespace: shop, uid: {name} }}\nalias: {alias}\ndiscoveredAt: {at}\norigin: {{ kind: Warehouse, name: cart }}\nimages: [{{ repoURL: ghcr.io/acme/cart, tag: 1.0.3 }}]\n"
        )
    };
    let (old, new) = ("84d9a0d81714243ecd236c670da11c7259af9059", "9cb63e7cb3ac2465cb4958883fda69a3de9aa09b");
    let more =
        freight(old, "humble-otter", "2026-11-18T09:00:00Z") + &freight(new, "swift-otter", "2026-11-19T09:00:00Z");
    for (rejected, expected) in [
        (rejection("x", FREIGHT), "→ un-reject it, or promote other freight: newest eligible is swift-otter"),
        (
            rejection("x", FREIGHT) + &rejection("other", new),
            "→ un-reject it, or promote other freight: newest eligible is humble-otter",
        ),
        (rejection("x", FREIGHT) + &rejection("other", new) + &rejection("third", old), "→ un-reject it"),
    ] {
        let why = asked(&world("direct: true", "", &(more.clone() + &rejected)), "12:00:00");
        assert_eq!(tree(&why)[1..3], ["✗ modest-marlin was rejected everywhere", expected], "{why}");
    }
}

#[test]
fn pauses_of_a_stage_and_of_the_project() {
    let pause = |name: &str, spec: &str| ours("Pause", name, spec);
    let storm = "stage: prod, until: 2026-11-20T18:00:00Z, actor: email:ana@acme.example, reason: storm warning";
    let storm_line = r#"Stage prod is paused by email:ana@acme.example: "storm warning""#;
    let two = pause("storm", storm) + &pause("all", "until: 2026-11-20T19:00:00Z");
    let one_for_good = pause("storm", storm) + &pause("all", "actor: admin");
    let storm_closed = format!("not yet | {storm_line} | not before 2026-11-20 18:00Z");
    table(&[
        ("direct: true", "", &pause("storm", storm), "12:00:00", &storm_closed),
        // Until an instant is until before it.
        ("direct: true", "", &pause("storm", storm), "17:59:59.999", &storm_closed),
        ("direct: true", "", &pause("storm", storm), "18:00:00", "yes |  | "),
        (
            "direct: true",
            "",
            &pause("x", "stage: prod"),
            "12:00:00",
            "not yet | Stage prod is paused | pause \"x\" is ended",
        ),
        ("direct: true", "", &pause("x", "stage: uat"), "12:00:00", "yes |  | "),
        (
            "direct: true",
            "",
            &pause("all", "actor: admin"),
            "12:00:00",
            "not yet | the project is paused by admin | pause \"all\" is ended",
        ),
        (
            "direct: true",
            "",
            &two,
            "12:00:00",
            &format!("not yet | the project is paused; {storm_line} | not before 2026-11-20 19:00Z"),
        ),
        ("direct: true", "", &two, "18:30:00", "not yet | the project is paused | not before 2026-11-20 19:00Z"),
        // Waiting for one and ending the other is as much as ending both, and one less for people to do.
        (
            "direct: true",
            "",
            &one_for_good,
            "12:00:00",
            &format!(
                "not yet | the project is paused by admin; {storm_line} | pause \"all\" is ended + not before 2026-11-20 18:00Z"
            ),
        ),
    ]);
    let why = asked(&world("direct: true", "", &one_for_good), "12:00:00");
    let expected = [
        "✓ source: direct from Warehouse/cart shop.yaml:25",
        "✓ not rejected",
        "✗ the project is paused by admin",
        "→ somebody ends it (resume the project)",
        "✗ Stage prod is paused by email:ana@acme.example: \"storm warning\"",
        "→ ends 2026-11-20 18:00Z",
        "→ or somebody ends it (resume prod)",
        "earliest: after pause \"all\" is ended, and not before 2026-11-20 18:00Z",
    ];
    assert_eq!(tree(&why), expected, "{why}");
    assert_eq!(why.opens_at(), None);
    assert_eq!(asked(&world("direct: true", "", &two), "12:00:00").opens_at(), Some(at("19:00:00")));
}

/// A window that closes for good while a pause lasts: it is not enough to wait for the pause.
#[test]
fn pauses_that_end_too_late() {
    let windows =
        crate::scene::windows("{ name: once, kind: Allow, dtstart: 20261120T080000Z, dtend: 20261120T140000Z }");
    let pauses = ours("Pause", "short", "stage: prod, until: 2026-11-20T13:00:00Z")
        + &ours("Pause", "long", "stage: prod, until: 2026-11-20T15:00:00Z");
    let line = line(&asked(&world("direct: true", "", &(windows + &pauses)), "12:00:00"));
    assert!(line.ends_with("| pause \"long\" is ended + not before 2026-11-20 13:00Z"), "{line}");
}

/// Control 1.6: freight passes through a Stage without steps by itself; nothing is promoted to it, and nothing changes that.
#[test]
fn control_1_6_a_stage_without_steps() {
    let more = "
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: gate, namespace: shop }
spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
";
    let world = world("direct: true", "", more);
    let why = admit::explain(&world, "gate", "modest-marlin", at("12:00:00"));
    assert_eq!(line(&why), "no | Stage gate has no steps: freight passes through it, nothing is promoted to it | ");
    assert!(why.reasons().any(|reason| matches!(reason, Reason::ControlFlow { stage } if *stage == "gate")));
    let (gate, freight) = (world.stage("gate").unwrap(), world.freight("modest-marlin").unwrap());
    assert_eq!(admission(gate, freight, at("12:00:00")).collect::<Vec<_>>(), [Gate::ControlFlow]);
    assert!(kargo_core::eligible::is_eligible(gate, freight, at("12:00:00")));
}

/// Rules 7, trap 12: what is about when is waited for in the queue, what is about what is not.
#[test]
fn rules_7_gates_that_a_queue_waits_for() {
    let about_time: Vec<_> =
        [Gate::Source, Gate::Rejection, Gate::Approvals, Gate::ControlFlow, Gate::Pause, Gate::Window]
            .into_iter()
            .filter(|gate| gate.is_about_time())
            .collect();
    assert_eq!(about_time, [Gate::Pause, Gate::Window]);
    let more = ours("Rejection", "x", &format!("freight: {FREIGHT}"))
        + &ours("Pause", "x", "stage: prod")
        + &ours("StagePolicy", "prod", "approvals: { required: 1 }, windows: [{ name: never, kind: Deny }]");
    let world = world("stages: [uat]", "", &more);
    let found = admission(world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap(), at("12:00:00"));
    let expected = [Gate::Source, Gate::Rejection, Gate::Approvals, Gate::Pause, Gate::Window];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    // Everything at once: an approval, the rejection, the pause, the window.
    let line = line(&asked(&world, "12:00:00"));
    let needs =
        "rejection \"x\" is taken back + an approval for prod + pause \"x\" is ended + window \"never\" is lifted";
    assert!(line.ends_with(needs), "{line}");
}

/// Control 2.5: what holds automation back is told beside the answer, where automation is on.
#[test]
fn control_2_5_a_hold_is_told_beside_the_answer() {
    let policy = |on: bool| {
        format!(
            "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\nspec: {{ promotionPolicies: [{{ stageSelector: {{ name: prod }}, autoPromotionEnabled: {on} }}] }}\n"
        )
    };
    let promotion = |name: &str, phase: &str, key: &str| {
        format!(
            "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Promotion\nmetadata:\n  name: {name}\n  namespace: shop\n  creationTimestamp: 2026-11-19T10:00:00Z\n  annotations: {{ kargo.akuity.io/create-actor: admin, kargo.akuity.io/{key}: Warehouse/cart }}\nspec: {{ stage: prod, freight: {FREIGHT}, steps: [{{ uses: argocd-update }}] }}\nstatus: {{ phase: {phase} }}\n"
        )
    };
    let (first, second) = ("prod.01kdn3v0w10000000000000000.4e1f0c9", "prod.01kdn3v0w20000000000000000.4e1f0c9");
    let hold = |name: &str, phase: &str| promotion(name, phase, "auto-promotion-hold");
    let resume = |name: &str, phase: &str| promotion(name, phase, "auto-promotion-resume");
    let note = "automation would also wait: hold on Warehouse/cart since 2026-11-19 by admin";
    for (more, expected) in [
        (policy(true), false),
        (policy(true) + &hold(first, "Pending"), true),
        (policy(true) + &hold(first, "Running"), true),
        (policy(false) + &hold(first, "Running"), false),
        (hold(first, "Running"), false),
        // What has ended left what it left; the newest that has not ended counts.
        (policy(true) + &hold(first, "Aborted"), false),
        (policy(true) + &hold(first, "Running") + &resume(second, "Pending"), false),
        (policy(true) + &resume(first, "Running") + &hold(second, "Pending"), true),
    ] {
        let why = asked(&world("direct: true", "", &more), "12:00:00");
        assert!(why.is_yes());
        assert_eq!(tree(&why).contains(&note.to_owned()), expected, "{more}\n{why}");
    }
}
