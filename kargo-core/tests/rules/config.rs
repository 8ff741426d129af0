//! Project, ProjectConfig, ClusterConfig (resources 3 to 6, 17.1 to 17.3, 22, 23).

use kargo_core::model::{Code, ProjectConfig};

use super::mistake::{error, fine, object, values, warning};

fn project(spec: &str) -> String {
    object("ProjectConfig", "p", &format!("spec:\n{spec}"))
}

fn policies(policies: &str) -> String {
    let lines: String = policies.trim().lines().map(|line| format!("  - {}\n", line.trim())).collect();
    project(&format!("  promotionPolicies:\n{lines}"))
}

fn receivers(receivers: &str) -> String {
    let lines: String = receivers.trim().lines().map(|line| format!("  - {}\n", line.trim())).collect();
    project(&format!("  webhookReceivers:\n{lines}"))
}

#[test]
fn resources_22_a_projects_spec_was_removed() {
    let found = warning(
        Code::Deprecated,
        "resources 22",
        "spec",
        &object("Project", "p", "«spec: { promotionPolicies: [] }¦»"),
    );
    assert!(found.helps()[0].contains("ProjectConfig"));
}

#[test]
fn resources_17_2_a_project_config_is_named_as_its_namespace() {
    let text = object("ProjectConfig", "«q¦p»", "");
    error(Code::ObjectName, "resources 17.2", "metadata.name", &text);
    fine("apiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: { name: p }\n");
}

#[test]
fn resources_17_3_a_cluster_config_is_named_cluster() {
    error(Code::ObjectName, "resources 17.3", "metadata.name", &object("ClusterConfig", "«main¦cluster»", ""));
}

#[test]
fn resources_6_1_a_policy_names_its_stages_in_one_way() {
    let policy = "spec.promotionPolicies[0]";
    error(Code::Conflict, "resources 6.1", policy, &policies("‸{ autoPromotionEnabled: true«¦, stageSelector: {}» }"));
    let both = policies("{ «stage: a, ¦»stageSelector: { name: b } }");
    error(Code::Conflict, "resources 6.1", &format!("{policy}.stage"), &both);
    fine(&policies("{ stageSelector: {}, autoPromotionEnabled: true }"));
}

#[test]
fn resources_22_a_policys_stage_is_deprecated_and_read_as_a_selector() {
    let text = policies("{ «stage: dev¦stageSelector: { name: dev }», autoPromotionEnabled: true }");
    let found = warning(Code::Deprecated, "resources 22", "spec.promotionPolicies[0].stage", &text);
    assert_eq!(found.helps(), ["write stageSelector: { name: dev }"]);
    let read = super::mistake::read(&policies("{ stage: dev }")).manifests;
    let (config, _) = read.all::<ProjectConfig>().next().unwrap();
    let written = serde_json::to_value(&config.spec.promotion_policies[0]).unwrap();
    assert_eq!((written["stageSelector"]["name"].as_str(), written.get("stage")), (Some("dev"), None));
    // Its form has no limit of length; a mistake in it is not also a deprecation's business.
    let wrong = super::mistake::read(&policies("{ stage: Dev }")).diagnostics;
    let found: Vec<_> = wrong.errors().map(|found| (found.code(), found.path().to_string())).collect();
    assert_eq!(found, [(Code::Format, "spec.promotionPolicies[0].stage".to_owned())]);
    assert!(!super::mistake::read(&policies(&format!("{{ stage: {} }}", "a".repeat(300)))).diagnostics.has_errors());
}

#[test]
fn resources_17_2_policies_name_a_stage_once() {
    let twice = "{ stageSelector: { name: dev } }\n{ stageSelector: { name: «dev¦uat», matchLabels: { a: b } } }";
    error(Code::Duplicate, "resources 17.2", "spec.promotionPolicies[1].stageSelector.name", &policies(twice));
    // A pattern may overlap a name or another pattern (trap 23).
    fine(&policies(
        "{ stageSelector: { name: dev } }\n{ stageSelector: { name: 'glob:dev' } }\n{ stageSelector: { name: 'glob:dev' } }",
    ));
}

#[test]
fn resources_17_2_patterns_of_names() {
    let path = "spec.promotionPolicies[0].stageSelector.name";
    let wrong = ["'Glob:a'", "'a:b'", "'glob:['", "'regex:('", "'regexp:*'"];
    let right = ["'glob:prod-*'", "'regex:^a'", "'regexp:a|b'", "dev", "\"\""];
    values(Code::Pattern, "resources 17.2", path, &policies("{ stageSelector: { name: ◌ } }"), &wrong, &right);
    let window = |name: &str| {
        project(&format!("  promotionWindows: [{{ name: w, kind: Allow, stageSelector: {{ name: {name} }} }}]"))
    };
    error(
        Code::Pattern,
        "resources 17.2",
        "spec.promotionWindows[0].stageSelector.name",
        &window("«'regex:('¦'regex:a'»"),
    );
}

#[test]
fn resources_6_3_rollback_sets() {
    let policy = |rollback: &str| policies(&format!("{{ stageSelector: {{}}, autoRollback: {rollback} }}"));
    let path = "spec.promotionPolicies[0].autoRollback";
    error(
        Code::NotAllowed,
        "resources 6.3",
        &format!("{path}.onPromotion[0]"),
        &policy("{ onPromotion: [«Error¦Errored»] }"),
    );
    error(
        Code::NotAllowed,
        "resources 6.3",
        &format!("{path}.onVerification[0]"),
        &policy("{ onVerification: [«Errored¦Error»] }"),
    );
    error(
        Code::Duplicate,
        "resources 6.3",
        &format!("{path}.onPromotion[1]"),
        &policy("{ onPromotion: [Failed, «Failed¦Errored»] }"),
    );
    let found = super::mistake::read(&policy("{ onPromotion: [Failed, Errored, Failed] }")).diagnostics;
    assert_eq!(found.iter().map(kargo_core::Diagnostic::code).collect::<Vec<_>>(), [Code::Range, Code::Duplicate]);
    fine(&policy("{}"));
}

#[test]
fn resources_17_3_receivers_are_named_once_and_have_one_provider() {
    let github = "github: { secretRef: { name: s } }";
    let twice = format!("{{ name: a, {github} }}\n{{ name: «a¦b», {github} }}");
    error(Code::Duplicate, "resources 4", "spec.webhookReceivers[1].name", &receivers(&twice));
    let none = receivers(&format!("‸{{ name: a«¦, {github}» }}"));
    error(Code::Conflict, "resources 17.3", "spec.webhookReceivers[0]", &none);
    let text = receivers(&format!("{{ «quay: {{ secretRef: {{ name: s }} }}, ¦»name: a, {github} }}"));
    error(Code::Conflict, "resources 17.3", "spec.webhookReceivers[0].github", &text.replace("github:", "‸github:"));
    // Unique names in a ClusterConfig too.
    let cluster = object(
        "ClusterConfig",
        "cluster",
        &format!("spec: {{ webhookReceivers: [{{ name: a, {github} }}, {{ name: «a¦b», {github} }}] }}"),
    );
    error(Code::Duplicate, "resources 5", "spec.webhookReceivers[1].name", &cluster);
}

#[test]
fn resources_23_trap_24_harbor_is_not_counted_as_a_provider() {
    let text = receivers("{ name: a, «github: { secretRef: { name: s } }, ¦»‸harbor: { secretRef: { name: s } } }");
    let found = warning(Code::Conflict, "resources 17.3", "spec.webhookReceivers[0].harbor", &text);
    assert!(found.notes()[0].contains("Kargo lets this pass"));
    let three = "{ name: a, github: { secretRef: {} }, quay: { secretRef: {} }, harbor: { secretRef: {} } }";
    assert!(super::mistake::read(&receivers(three)).diagnostics.has_errors());
}

#[test]
fn resources_17_3_a_generic_receivers_target_is_selected_by_something() {
    let criteria = |rest: &str| {
        receivers(&format!(
            "{{ name: a, generic: {{ secretRef: {{}}, actions: [{{ action: Refresh, targetSelectionCriteria: [‸{{ kind: Warehouse{rest} }}] }}] }} }}"
        ))
    };
    let path = "spec.webhookReceivers[0].generic.actions[0].targetSelectionCriteria[0]";
    error(Code::Conflict, "resources 17.3", path, &criteria("«¦, name: w»"));
    error(
        Code::Conflict,
        "resources 17.3",
        path,
        &criteria("«, labelSelector: {}¦, labelSelector: { matchLabels: { a: b } }»"),
    );
    error(
        Code::Conflict,
        "resources 17.3",
        path,
        &criteria(
            "«, indexSelector: {}¦, indexSelector: { matchIndices: [{ key: receiverPaths, operator: Equals, value: v }] }»",
        ),
    );
    let documented = criteria(", name: w").replace('‸', "").replace("kind: Warehouse", "kind: «Promotion¦Warehouse»");
    error(Code::NotAllowed, "resources 6.4", &format!("{path}.kind"), &documented);
    let index = ", indexSelector: { matchIndices: [{ key: receiverPaths, operator: «Is¦NotEquals», value: v }] }";
    error(
        Code::NotAllowed,
        "resources 6.4",
        &format!("{path}.indexSelector.matchIndices[0].operator"),
        &criteria(index).replace('‸', ""),
    );
    // Values may be expressions, keys may not.
    fine(&criteria(", labelSelector: { matchLabels: { a: \"${{ params.x }}\" } }").replace('‸', ""));
}

#[test]
fn resources_6_5_windows() {
    let window = |rest: &str| project(&format!("  promotionWindows: [{{ name: night, kind: Deny{rest} }}]"));
    let twice = project("  promotionWindows: [{ name: a, kind: Deny }, { name: «a¦b», kind: Deny }]");
    error(Code::Duplicate, "resources 4", "spec.promotionWindows[1].name", &twice);
    let times =
        ["20260101T090000", "'20260101'", "20260101T090000Z", "'TZID=America/New_York:20260101T090000'", "\"\""];
    for key in ["dtstart", "dtend"] {
        for wrong in ["2026-01-01T09:00:00Z", "'TZ=Europe/Berlin:20260101T090000'", "'TZID=:20260101T090000'", "soon"] {
            let text = window(&format!(", {key}: «{wrong}¦20260101T090000»"));
            warning(Code::Format, "resources 6.5", &format!("spec.promotionWindows[0].{key}"), &text);
        }
        for right in times {
            fine(&window(&format!(", {key}: {right}")));
        }
    }
    let again = |rule: &str| window(&format!(", rrule: {rule}, dtstart: 20260103T090000Z, dtend: 20260103T100000Z"));
    for (wrong, right) in [
        ("daily", "FREQ=DAILY"),
        ("FREQ=DAILY;BYHOUR=24", "FREQ=DAILY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=MO"),
        // Never: 30 February, and nothing after its end.
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
        ("FREQ=DAILY;UNTIL=20260101", "FREQ=DAILY;UNTIL=20270101"),
    ] {
        let text = again(&format!("«{wrong}¦{right}»"));
        warning(Code::Format, "resources 6.5", "spec.promotionWindows[0].rrule", &text);
    }
    fine(&again("'RRULE:FREQ=WEEKLY;BYDAY=SA'"));
    // Without its first occurrence nobody knows when it begins or how long it lasts.
    for rest in ["", ", dtstart: 20260103T090000Z"] {
        let text = window(&format!(", rrule: «FREQ=DAILY¦''»{rest}"));
        warning(Code::Format, "resources 6.5", "spec.promotionWindows[0].rrule", &text);
    }
    let backwards = window(", dtstart: 20260103T090000Z, dtend: «20260103T090000Z¦20260103T100000Z»");
    warning(Code::Format, "resources 6.5", "spec.promotionWindows[0].dtend", &backwards);
    let text = window(", stageSelector: {}").replace("kind: Deny", "«projectSelector: {}, ¦»kind: Deny");
    warning(Code::Conflict, "resources 6.5", "spec.promotionWindows[0].projectSelector", &text);
    fine(&object(
        "ClusterConfig",
        "cluster",
        "spec: { promotionWindows: [{ name: a, kind: Allow, projectSelector: {} }] }",
    ));
}

#[test]
fn resources_5_the_clusters_git_client() {
    let client = |rest: &str| object("ClusterConfig", "cluster", &format!("spec: {{ gitClient: {{ {rest} }} }}"));
    let wrong = ["kargo", "'@b'", "a@", "a@b@c", "'a b@c'"];
    values(
        Code::Format,
        "resources 5",
        "spec.gitClient.email",
        &client("name: Kargo, email: ◌"),
        &wrong,
        &["kargo@example.com"],
    );
    error(Code::Range, "resources 5", "spec.gitClient.name", &client("name: «\"\"¦Kargo», email: a@b"));
}

#[test]
fn resources_6_6_links() {
    for key in ["freightLinks", "stageLinks"] {
        for config in [("ProjectConfig", "p"), ("ClusterConfig", "cluster")] {
            let link = |rest: &str| object(config.0, config.1, &format!("spec: {{ {key}: [{{ {rest} }}] }}"));
            error(Code::Range, "resources 6.6", &format!("spec.{key}[0].title"), &link("title: «\"\"¦t», url: u"));
            error(Code::Range, "resources 6.6", &format!("spec.{key}[0].url"), &link("title: t, url: «\"\"¦u»"));
        }
    }
}
