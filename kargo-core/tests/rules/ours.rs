//! Kinds of ours: Junction, StagePolicy, WarehousePolicy, Pause, Rejection, Approval (rules 6 to 11, 15).

use kargo_core::model::{Code, Junction, StagePolicy, WarehousePolicy};

use super::mistake::{error, fine, object, values, warning};

const SLOT: &str = "{ origin: { kind: Warehouse, name: w }, sources: { direct: true } }";

fn slots(slots: &str) -> String {
    object("Junction", "j", &format!("spec: {{ requestedFreight: [{slots}] }}"))
}

fn release(release: &str) -> String {
    object("Junction", "j", &format!("spec: {{ requestedFreight: [{SLOT}], release: {{ {release} }} }}"))
}

fn policy(spec: &str) -> String {
    object("StagePolicy", "s", &format!("spec: {{ {spec} }}"))
}

fn warehouse_policy(spec: &str) -> String {
    object("WarehousePolicy", "w", &format!("spec: {{ {spec} }}"))
}

#[test]
fn rules_11_an_unknown_field_of_ours_is_refused() {
    let found = error(Code::UnknownExtension, "rules 11", "spec.queu", &policy("«queu: All¦queue: All»"));
    assert_eq!(found.helps(), ["did you mean \"queue\"?"]);
    error(
        Code::UnknownExtension,
        "rules 8",
        "spec.requestedFreight[0].required1",
        &slots(&SLOT.replace("direct: true }", "direct: true }, «required1¦required»: true")),
    );
    error(Code::UnknownExtension, "rules 11", "status", &object("Pause", "p", "«status: {}¦»"));
}

#[test]
fn rules_8_a_slot_has_an_origin_or_a_selector() {
    error(Code::Conflict, "rules 8", "spec.requestedFreight[0]", &slots("‸{ «¦originSelector: {}, »sources: {} }"));
    let both = SLOT.replace("sources", "«originSelector: ‸{}, ¦»sources");
    error(Code::Conflict, "rules 8", "spec.requestedFreight[0].originSelector", &slots(&both));
    error(
        Code::Range,
        "rules 8",
        "spec.requestedFreight",
        &object("Junction", "j", &format!("spec: {{ requestedFreight: «[]¦[{SLOT}]» }}")),
    );
    let twice = format!("{SLOT}, {{ origin: ‸{{ kind: Warehouse, name: «w¦v» }}, sources: {{}} }}");
    error(Code::DuplicateOrigin, "resources 17.6", "spec.requestedFreight[1].origin", &slots(&twice));
    let selector = "{ originSelector: { matchExpressions: [{ key: a, operator: «Is¦Exists» }] }, sources: {} }";
    error(
        Code::NotAllowed,
        "resources 2",
        "spec.requestedFreight[0].originSelector.matchExpressions[0].operator",
        &slots(selector),
    );
}

#[test]
fn rules_8_how_a_slot_is_filled() {
    let slot = |sources: &str, rest: &str| slots(&SLOT.replace("direct: true }", &format!("{sources} }}{rest}")));
    let fill = ", fill: ‸MatchUpstream";
    error(Code::Conflict, "resources 17.6", "spec.requestedFreight[0].fill", &slot("stages: [a«, b¦»]", fill));
    error(
        Code::Conflict,
        "resources 17.6",
        "spec.requestedFreight[0].fill",
        &slot("direct: «true¦false», stages: [a]", fill),
    );
    let options = slot("direct: true«, ‸autoPromotionOptions: {}¦»", "");
    error(Code::Conflict, "rules 8", "spec.requestedFreight[0].sources.autoPromotionOptions", &options);
    warning(
        Code::Duplicate,
        "resources 9.1",
        "spec.requestedFreight[0].sources.stages[1]",
        &slot("stages: [a, «a¦b»]", ""),
    );
}

#[test]
fn rules_8_and_9_releases() {
    error(Code::Range, "rules 8", "spec.release.atMost", &release("settle: 10m, atMost: «5m¦10m»"));
    values(Code::Format, "rules 8", "spec.release.settle", &release("settle: ◌"), &["300ms", "-1m", "1d"], &["5m"]);
    error(Code::Range, "rules 9", "spec.release.criteria.expression", &release("criteria: { expression: «\"\"¦a» }"));
    error(
        Code::Missing,
        "rules 9",
        "spec.release.criteria.expression",
        &release("criteria: ‸{ budget: 1«¦, expression: a» }"),
    );
    values(
        Code::Range,
        "rules 9",
        "spec.release.criteria.budget",
        &release("criteria: { expression: a, budget: ◌ }"),
        &["0", "10000001"],
        &["1", "10000000"],
    );
    values(
        Code::NotAllowed,
        "rules 8",
        "spec.release.overlap",
        &release("overlap: ◌"),
        &["Newest"],
        &["Reject", "PreferNewest"],
    );
}

#[test]
fn rules_11_stage_policies() {
    let request = "requestedFreight: [{ origin: { kind: «Warehouse¦Junction», name: j }, sources: { direct: true } }]";
    error(Code::Conflict, "rules 11", "spec.requestedFreight[0].origin.kind", &policy(request));
    for key in ["stageSelector", "projectSelector"] {
        let text = policy(&format!("windows: [{{ «{key}: {{}}, ¦»name: a, kind: Allow }}]"));
        error(Code::Conflict, "rules 11", &format!("spec.windows[0].{key}"), &text);
    }
    error(
        Code::Duplicate,
        "rules 11",
        "spec.windows[1].name",
        &policy("windows: [{ name: a, kind: Allow }, { name: «a¦b», kind: Deny }]"),
    );
    error(Code::Range, "resources 15.5", "spec.approvals.actors[0]", &policy("approvals: { actors: [«\"\"¦admin»] }"));
    values(
        Code::Pattern,
        "resources 17.2",
        "spec.approvals.actors[0]",
        &policy("approvals: { actors: [◌] }"),
        &["'regex:('", "'glob:['"],
        &["'email:ana@acme.example'", "'glob:email:*'", "admin"],
    );
    values(
        Code::Range,
        "rules 11",
        "spec.approvals.required",
        &policy("approvals: { required: ◌ }"),
        &["-1", "21"],
        &["0", "20"],
    );
    error(Code::Duplicate, "rules 11", "spec.intents[1]", &policy("intents: [Auto, «Auto¦Hotfix»]"));
    error(
        Code::Duplicate,
        "rules 11",
        "spec.rollback.onPromotion[1]",
        &policy("rollback: { onPromotion: [Failed, «Failed¦Errored»] }"),
    );
    let each = "steps: { 'deploy::push': { onUnknown: «retry¦Retry», forEach: { in: a, as: b } } }";
    error(Code::NotAllowed, "rules 11", "spec.steps[\"deploy::push\"].onUnknown", &policy(each));
}

#[test]
fn rules_11_waves() {
    let wave = |rest: &str| policy(&format!("waves: [{{ name: a, selector: {{}}{rest} }}]"));
    error(
        Code::Duplicate,
        "rules 11",
        "spec.waves[1].name",
        &policy("waves: [{ name: a, selector: {} }, { name: «a¦b», selector: {} }]"),
    );
    values(Code::Range, "rules 11", "spec.waves[0].threshold", &wave(", threshold: ◌"), &["-1", "101"], &["0", "100"]);
    values(
        Code::Range,
        "rules 11",
        "spec.waves[0].maxParallel",
        &wave(", maxParallel: ◌"),
        &["0", "100001"],
        &["1", "100000"],
    );
    values(Code::Format, "rules 11", "spec.waves[0].pause", &wave(", pause: ◌"), &["300ms"], &["5m"]);
    let selector = policy("waves: [{ name: a, selector: { matchExpressions: [{ key: a, operator: «Is¦Exists» }] } }]");
    error(Code::NotAllowed, "resources 2", "spec.waves[0].selector.matchExpressions[0].operator", &selector);
}

#[test]
fn rules_11_warehouse_policies() {
    error(
        Code::Range,
        "rules 8",
        "spec.debounce.atMost",
        &warehouse_policy("debounce: { settle: 5m, atMost: «1m¦5m» }"),
    );
    error(
        Code::Missing,
        "rules 11",
        "spec.debounce.settle",
        &warehouse_policy("debounce: ‸{ atMost: 5m«¦, settle: 1m» }"),
    );
    error(
        Code::Duplicate,
        "rules 11",
        "spec.subscriptions[1].subscription",
        &warehouse_policy("subscriptions: [{ subscription: a }, { subscription: «a¦b» }]"),
    );
    values(
        Code::Range,
        "rules 11",
        "spec.subscriptions[0].sample",
        &warehouse_policy("subscriptions: [{ subscription: a, sample: ◌ }]"),
        &["-1", "101"],
        &["0", "100"],
    );
    values(
        Code::Range,
        "rules 9",
        "spec.join.budget",
        &warehouse_policy("join: { budget: ◌ }"),
        &["0", "10000001"],
        &["1"],
    );
    values(
        Code::NotAllowed,
        "rules 11",
        "spec.intent.assembled",
        &warehouse_policy("intent: { assembled: ◌ }"),
        &["Never"],
        &["Auto", "Hotfix"],
    );
}

#[test]
fn rules_11_pauses_rejections_approvals() {
    values(Code::Format, "rules 11", "spec.stage", &object("Pause", "p", "spec: { stage: ◌ }"), &["A"], &["a"]);
    values(
        Code::Format,
        "rules 11",
        "spec.until",
        &object("Pause", "p", "spec: { until: ◌ }"),
        &["tomorrow", "2026-01-02"],
        &["2026-01-02T03:04:05Z"],
    );
    fine(&object("Pause", "p", ""));
    values(Code::Format, "rules 11", "spec.freight", &object("Rejection", "r", "spec: { freight: ◌ }"), &["A"], &["a"]);
    error(
        Code::Duplicate,
        "rules 11",
        "spec.stages[1]",
        &object("Rejection", "r", "spec: { freight: f, stages: [a, «a¦b»] }"),
    );
    values(
        Code::Format,
        "rules 11",
        "spec.stage",
        &object("Approval", "a", "spec: { freight: f, stage: ◌ }"),
        &["A"],
        &["a"],
    );
}

#[test]
fn rules_11_defaults() {
    let slot = fine(&slots(SLOT)).manifests;
    let written = serde_json::to_value(slot.all::<Junction>().next().unwrap().0).unwrap();
    let first = &written["spec"]["requestedFreight"][0];
    assert_eq!((first["fill"].as_str(), first["required"].as_bool()), (Some("NewestFreight"), Some(true)));
    assert_eq!(
        (written["spec"]["release"]["policy"].as_str(), written["spec"]["release"]["overlap"].as_str()),
        (Some("Automatic"), Some("Reject"))
    );
    let policy =
        fine(&policy("rollback: {}, waves: [{ name: a, selector: {} }], steps: { a: { forEach: { in: a, as: b } } }"))
            .manifests;
    let written = serde_json::to_value(policy.all::<StagePolicy>().next().unwrap().0).unwrap();
    let spec = &written["spec"];
    assert_eq!((spec["queue"].as_str(), spec["verdicts"].as_str()), (Some("All"), Some("Latest")));
    assert_eq!(spec["verification"]["reuse"], "Never");
    assert_eq!(
        (spec["rollback"]["scope"].as_str(), spec["waves"][0]["onFailure"].as_str()),
        (Some("AllOrigins"), Some("Abort"))
    );
    assert_eq!(
        (spec["steps"]["a"]["forEach"]["mode"].as_str(), spec["steps"]["a"]["forEach"]["max"].as_i64()),
        (Some("Sequential"), Some(100))
    );
    let intent = fine(&warehouse_policy("")).manifests;
    let written = serde_json::to_value(intent.all::<WarehousePolicy>().next().unwrap().0).unwrap();
    assert_eq!(
        (written["spec"]["intent"]["discovered"].as_str(), written["spec"]["intent"]["assembled"].as_str()),
        (Some("Auto"), Some("Manual"))
    );
}
