//! Approvals: as a source (control 1.1, AV-1; 8.4; rules, D2), and as many as a Stage's policy asks for (rules 11).

use kargo_core::why::{Need, Reason};

use crate::scene::{FREIGHT, asked, at, line, ours, table, tree, world};

fn approval(name: &str, freight: &str, stage: &str, actor: &str) -> String {
    let actor = if actor.is_empty() { String::new() } else { format!(", actor: \"{actor}\"") };
    ours("Approval", name, &format!("freight: {freight}, stage: {stage}{actor}"))
}

#[test]
fn control_av_1_an_approval_stands_for_verification_and_soak() {
    let uat = "stages: [uat], requiredSoakTime: 1h";
    let missing = "not yet | source: needs uat | an approval for prod";
    table(&[
        (uat, "", "", "12:00:00", missing),
        (uat, "approvedFor: { prod: {} }", "", "12:00:00", "yes |  | "),
        (uat, "", &approval("a", FREIGHT, "prod", "email:ana@acme.example"), "12:00:00", "yes |  | "),
        (uat, "", &approval("a", FREIGHT, "prod", ""), "12:00:00", "yes |  | "),
        // For another Stage, or of other freight.
        (uat, "approvedFor: { uat: {} }", "", "12:00:00", missing),
        (uat, "", &approval("a", FREIGHT, "uat", "admin"), "12:00:00", missing),
        (uat, "", &approval("a", "84d9a0d81714243ecd236c670da11c7259af9059", "prod", "admin"), "12:00:00", missing),
    ]);
    let world = world(
        uat,
        "approvedFor: { prod: { approvedAt: 2026-11-20T09:00:00Z } }",
        &approval("a", FREIGHT, "prod", "admin"),
    );
    assert_eq!(
        tree(&asked(&world, "12:00:00"))[0],
        "✓ source: approved for prod 2026-11-20 09:00Z by admin shop.yaml:25"
    );
}

/// Control AV-1 and 8.4, requirement D2: approval never makes freight of an origin that is not requested eligible.
#[test]
fn control_8_4_an_approval_does_not_change_what_is_requested() {
    let web = "
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: web, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: web }, sources: { stages: [uat] } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, config: { apps: [{ name: web }] } }] } }
";
    let policy = ours("StagePolicy", "web", "approvals: { required: 1 }");
    for (status, more) in [
        ("approvedFor: { web: {} }", String::new()),
        ("", approval("a", FREIGHT, "web", "admin")),
        ("approvedFor: { web: {} }", policy + &approval("a", FREIGHT, "web", "admin")),
    ] {
        let world = world("direct: true", status, &(web.to_owned() + &more));
        let why = kargo_core::admit::explain(&world, "web", "modest-marlin", at("12:00:00"));
        assert_eq!(line(&why), "no | web does not request freight of Warehouse/cart (it requests Warehouse/web) | ");
        let listed = kargo_core::eligible::list(
            world.stage("web").unwrap(),
            &kargo_core::Origin::warehouse("cart"),
            None,
            at("12:00:00"),
        );
        assert_eq!(listed.count(), 0);
    }
}

/// Rules 11: so many different people with a name, of those whose approval counts.
#[test]
fn rules_11_required_approvals() {
    // Put in as it is: validation refuses a pattern that cannot be read, but a cluster may hold it.
    let policy = |actors: &str| -> kargo_core::model::StagePolicy {
        let text = format!(
            r#"{{ "metadata": {{ "name": "prod" }}, "spec": {{ "approvals": {{ "required": 2, "actors": [{actors}] }} }} }}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let by = |actors: &[&str]| -> String {
        let each = actors.iter().enumerate();
        each.map(|(index, actor)| approval(&format!("a{index}"), FREIGHT, "prod", actor)).collect()
    };
    let patterns = r#""email:dana@acme.example", "glob:email:*@ops.acme.example", "regex:^subject:""#;
    let (dana, ops, other) = ("email:dana@acme.example", "email:jo@ops.acme.example", "email:ana@acme.example");
    let one = |by: &str| format!("not yet | approvals: 1 of 2 ({by}) | an approval for prod");
    let none = "not yet | approvals: 0 of 2 | 2 approvals for prod".to_owned();
    for (actors, given, expected) in [
        ("", by(&[]), none.clone()),
        ("", by(&[dana]), one(dana)),
        ("", by(&[dana, other]), "yes |  | ".to_owned()),
        // The same person twice, and nobody in particular.
        ("", by(&[dana, dana]), one(dana)),
        ("", by(&[dana, ""]), one(dana)),
        (patterns, by(&[]), none.clone()),
        (patterns, by(&[other]), none.clone()),
        (patterns, by(&[dana, other]), one(dana)),
        (patterns, by(&[dana, ops]), "yes |  | ".to_owned()),
        (patterns, by(&["subject:7", ops]), "yes |  | ".to_owned()),
        (patterns, by(&["my-subject:7", "email:jo@acme.example"]), none.clone()),
        // A pattern that nobody can read matches nobody; and there may be too few whose approval counts.
        (r#""regex:(""#, by(&[dana, other]), "not yet | approvals: 0 of 2 | ".to_owned()),
        (r#""email:dana@acme.example""#, by(&[]), "not yet | approvals: 0 of 2 | ".to_owned()),
        (
            r#""email:dana@acme.example""#,
            by(&[dana]),
            "not yet | approvals: 1 of 2 (email:dana@acme.example) | ".to_owned(),
        ),
        (r#""email:dana@acme.example", "admin""#, by(&[]), none.clone()),
    ] {
        let mut world = world("direct: true", "", &given);
        world.put(policy(actors));
        assert_eq!(line(&asked(&world, "12:00:00")), expected, "{actors}");
    }
}

#[test]
fn rules_11_what_is_said_of_approvals() {
    let policy = ours("StagePolicy", "prod", "approvals: { required: 2 }");
    let given = approval("a", FREIGHT, "prod", "email:dana@acme.example");
    // An approval that is needed anyway is a source too.
    let why = asked(&world("stages: [uat]", "", &policy), "12:00:00");
    let [Need::Approve { people: 2, .. }] = why.needs() else { panic!("{why}") };
    assert_eq!(why.needs()[0].size(), 2);
    let lines = tree(&why);
    assert!(
        lines.iter().any(|line| line.starts_with("✗ approvals: 0 of 2") && line.ends_with("shop.yaml:40")),
        "{why}"
    );
    assert!(lines.contains(&"→ somebody approves it (approve modest-marlin for prod)".to_owned()), "{why}");
    let why = asked(&world("stages: [uat]", "", &(policy.clone() + &given)), "12:00:00");
    assert!(tree(&why).contains(&"→ somebody else approves it (approve modest-marlin for prod)".to_owned()), "{why}");
    let why =
        asked(&world("stages: [uat]", "", &(policy + &given + &approval("b", FREIGHT, "prod", "admin"))), "12:00:00");
    assert!(why.is_yes());
    assert!(why.reasons().any(|reason| *reason == Reason::ApprovalsGiven { required: 2 }));
    // Nothing is said of approvals where none are asked for.
    let why = asked(&world("direct: true", "", &given), "12:00:00");
    assert!(!why.to_string().contains("approvals"), "{why}");
}
