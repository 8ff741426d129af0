//! Promotion windows (control 2.6; resources 6.5; rules 11): of the project, the cluster and the Stage's own policy.

use kargo_core::{
    Reason,
    admit::{WindowState, window},
    model::WindowKind,
};

use crate::scene::{asked, at, line, ours, table, tree, windows, world};

const FREEZE: &str = "{ name: freeze, kind: Deny, dtstart: 20261120T100000Z, dtend: 20261120T140000Z }";
const OFFICE: &str =
    "{ name: office, kind: Allow, rrule: FREQ=DAILY, dtstart: 20261101T090000Z, dtend: 20261101T170000Z }";

fn cluster(list: &str) -> String {
    format!(
        "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ClusterConfig\nmetadata: {{ name: cluster }}\nspec: {{ promotionWindows: [{list}] }}\n"
    )
}

fn own(list: &str) -> String {
    ours("StagePolicy", "prod", &format!("windows: [{list}]"))
}

#[test]
fn control_2_6_open_and_closed() {
    let selected = |selector: &str| windows(&FREEZE.replace("kind", &format!("stageSelector: {{ {selector} }}, kind")));
    let closed = r#"not yet | window: Deny "freeze" is active | not before 2026-11-20 14:00Z"#;
    let both = windows(&format!("{FREEZE}, {OFFICE}"));
    let direct = "direct: true";
    table(&[
        (direct, "", &windows(FREEZE), "09:59:59.999", "yes |  | "),
        (direct, "", &windows(FREEZE), "10:00:00", closed),
        (direct, "", &windows(FREEZE), "13:59:59.999", closed),
        (direct, "", &windows(FREEZE), "14:00:00", "yes |  | "),
        (direct, "", &selected("name: prod"), "12:00:00", closed),
        (direct, "", &selected("name: uat"), "12:00:00", "yes |  | "),
        (direct, "", &selected(r#"name: "glob:pr*""#), "12:00:00", closed),
        // Trap 30: a regular expression may be found anywhere in the name.
        (direct, "", &selected(r#"name: "regex:ro""#), "12:00:00", closed),
        (direct, "", &selected("matchLabels: { tier: live }"), "12:00:00", closed),
        (direct, "", &selected("matchLabels: { tier: test }"), "12:00:00", "yes |  | "),
        (direct, "", &windows(OFFICE), "12:00:00", "yes |  | "),
        (
            direct,
            "",
            &windows(OFFICE),
            "17:00:00",
            "not yet | window: none of those that allow is active | not before 2026-11-21 09:00Z",
        ),
        (direct, "", &both, "12:00:00", closed),
        (
            direct,
            "",
            &both,
            "18:00:00",
            "not yet | window: none of those that allow is active | not before 2026-11-21 09:00Z",
        ),
        // Rules 11 and control 2.6: those of the cluster, and the Stage's own.
        (direct, "", &cluster(FREEZE), "12:00:00", closed),
        (direct, "", &cluster(&FREEZE.replace("kind", "projectSelector: { name: shop }, kind")), "12:00:00", closed),
        (
            direct,
            "",
            &cluster(&FREEZE.replace("kind", "projectSelector: { name: bank }, kind")),
            "12:00:00",
            "yes |  | ",
        ),
        (direct, "", &own(FREEZE), "12:00:00", closed),
        (direct, "", &ours("StagePolicy", "uat", &format!("windows: [{FREEZE}]")), "12:00:00", "yes |  | "),
        // The union: one that allows does not open what another denies.
        (direct, "", &(windows(OFFICE) + &cluster(FREEZE)), "12:00:00", closed),
        (direct, "", &(windows(OFFICE) + &own(FREEZE)), "15:00:00", "yes |  | "),
    ]);
}

#[test]
fn what_is_said_of_windows() {
    let more = windows(&format!("{FREEZE}, {OFFICE}"));
    let world_of = |more: &str| world("direct: true", "", more);
    let lines = |more: &str, time: &str| tree(&asked(&world_of(more), time));
    let line_of = |start: &str, more: &str, time: &str| {
        let lines = lines(more, time);
        let found = lines.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{lines:#?}"));
        lines[found..].iter().take(2).cloned().collect::<Vec<_>>()
    };
    let freeze = r#"✗ window: Deny "freeze" is active"#;
    assert_eq!(
        line_of("✗ window", &more, "12:00:00"),
        [format!("{freeze} shop.yaml:40"), "→ opens 2026-11-20 14:00Z".to_owned()]
    );
    assert_eq!(line_of("✗ window", &cluster(FREEZE), "12:00:00")[0], format!("{freeze} shop.yaml:40"));
    assert_eq!(line_of("✗ window", &own(FREEZE), "12:00:00")[0], format!("{freeze} shop.yaml:40"));
    assert_eq!(line_of("✓ window", &more, "15:00:00")[0], "✓ window open until 2026-11-20 17:00Z");
    // Where there are none, and where they stay open, nothing is said.
    assert!(!lines("", "12:00:00").iter().any(|line| line.contains("window")));
    assert!(!lines(&windows(FREEZE), "15:00:00").iter().any(|line| line.contains("window")));
    // All that are in the way are named, and once when that is over.
    let both = windows(&format!("{FREEZE}, {}", FREEZE.replace("freeze", "audit").replace("T140000Z", "T160000Z")));
    assert_eq!(
        line(&asked(&world_of(&both), "12:00:00")),
        r#"not yet | window: Deny "freeze" is active; window: Deny "audit" is active | not before 2026-11-20 16:00Z"#,
    );
    assert_eq!(lines(&both, "12:00:00").iter().filter(|line| line.starts_with("→ opens")).count(), 1);

    let world = world_of(&more);
    let prod = world.stage("prod").unwrap();
    assert_eq!(window(prod, at("15:00:00")), WindowState::Open { closes: Some(at("17:00:00")) });
    let closed =
        WindowState::Closed { window: Some("freeze".into()), kind: WindowKind::Deny, opens: Some(at("14:00:00")) };
    assert_eq!(window(prod, at("12:00:00")), closed);
    assert!(!closed.is_open());
    assert!(!window(world.stage("uat").unwrap(), at("18:00:00")).is_open());
}

/// A gate that nobody can read is closed, and says so; it opens when somebody mends it, never by itself.
#[test]
fn a_window_that_cannot_be_read_is_closed() {
    let broken =
        "{ name: fireworks, kind: Deny, rrule: FREQ=SOMETIMES, dtstart: 20261101T090000Z, dtend: 20261101T170000Z }";
    for more in [windows(broken), cluster(broken), own(broken)] {
        let world = world("direct: true", "", &more);
        let why = asked(&world, "12:00:00");
        let line = line(&why);
        assert!(line.starts_with(r#"not yet | window: "fireworks" cannot be read, so it is closed: "#), "{line}");
        assert!(line.ends_with(r#" | window "fireworks" is lifted"#), "{line}");
        assert!(why.to_string().contains("→ somebody mends it"), "{why}");
        assert!(
            why.reasons()
                .any(|reason| matches!(reason, Reason::WindowUnreadable { window, .. } if window == "fireworks"))
        );
        assert!(matches!(window(world.stage("prod").unwrap(), at("12:00:00")), WindowState::Unreadable { .. }));
        assert!(
            why.nodes()
                .iter()
                .any(|node| node.spot.is_some() && matches!(node.reason, Reason::WindowUnreadable { .. }))
        );
    }
    // Of several each, beside what the others say.
    let more = windows(&format!("{broken}, {FREEZE}, {}", broken.replace("fireworks", "parade")));
    let why = asked(&world("direct: true", "", &more), "12:00:00");
    assert_eq!(why.obstacles().count(), 3, "{why}");
    let needs: Vec<_> = why.needs().iter().map(ToString::to_string).collect();
    assert_eq!(
        needs,
        [r#"window "fireworks" is lifted"#, r#"window "parade" is lifted"#, "not before 2026-11-20 14:00Z"]
    );
    // A selector that nobody can read covers every Stage.
    let selected = FREEZE.replace("kind", "stageSelector: { name: uat }, kind");
    let mut world = world("direct: true", "", &windows(&selected));
    assert!(asked(&world, "12:00:00").is_yes());
    let mut config = world.project_config().unwrap().clone();
    config.spec.promotion_windows[0].stage_selector.as_mut().unwrap().name = Some("regex:(".to_owned());
    world.put(config);
    assert!(!asked(&world, "12:00:00").is_yes());
}

#[test]
fn windows_that_never_open_by_themselves() {
    let stop = "{ name: stop, kind: Deny, dtstart: \"20261101\" }";
    let over = "{ name: once, kind: Allow, dtstart: \"20261101\", dtend: \"20261110\" }";
    let later = "{ name: later, kind: Deny, dtstart: 20261120T110000Z, dtend: 20261120T130000Z }";
    for (list, time, expected) in [
        (stop.to_owned(), "12:00:00", r#"window "stop" is lifted"#),
        (over.to_owned(), "12:00:00", "a window allows it"),
        (format!("{stop}, {over}"), "12:00:00", r#"window "stop" is lifted + a window allows it"#),
        (
            format!("{stop}, {}", stop.replace("stop", "halt")),
            "12:00:00",
            r#"window "stop" is lifted + window "halt" is lifted"#,
        ),
        // Waiting for what ends is no more than lifting it.
        (format!("{stop}, {later}"), "12:00:00", r#"window "stop" is lifted + window "later" is lifted"#),
        (format!("{stop}, {later}"), "13:00:00", r#"window "stop" is lifted"#),
    ] {
        let why = asked(&world("direct: true", "", &windows(&list)), time);
        assert_eq!(why.needs().iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "), expected, "{list}");
        assert_eq!(why.opens_at(), None);
        assert!(why.to_string().contains("→ no opening is known: somebody changes the windows"), "{why}");
    }
    // What is waited for anyway is waited until less is in the way.
    let soak = "stages: [uat], requiredSoakTime: 1h";
    let here = "currentlyIn: { uat: { since: 2026-11-20T11:30:00Z } }, verifiedIn: { uat: {} }";
    let why = asked(&world(soak, here, &windows(&format!("{stop}, {later}"))), "12:00:00");
    let needs: Vec<_> = why.needs().iter().map(ToString::to_string).collect();
    assert_eq!(needs, [r#"window "stop" is lifted"#, "not before 2026-11-20 13:00Z"]);
}

/// Everything that is waited for is waited for together, and what opens last says when.
#[test]
fn rules_19_waiting_is_one_change() {
    let soak = "stages: [uat], requiredSoakTime: 1h";
    let here = "currentlyIn: { uat: { since: 2026-11-20T15:30:00Z } }, verifiedIn: { uat: {} }";
    let pause = ours("Pause", "short", "stage: prod, until: 2026-11-20T16:45:00Z");
    for (more, time, expected) in [
        (String::new(), "16:00:00", "16:30:00"),
        (pause.clone(), "16:00:00", "16:45:00"),
        (windows(OFFICE), "16:00:00", "16:30:00"),
        (pause.clone() + &windows(OFFICE), "16:00:00", "16:45:00"),
        (pause.replace("16:45", "17:00") + &windows(OFFICE), "16:00:00", "2026-11-21T09:00:00Z"),
    ] {
        let why = asked(&world(soak, here, &more), time);
        assert_eq!(why.opens_at(), Some(at(expected)), "{why}");
        assert_eq!(why.needs().len(), 1);
    }
}
