//! Steps in templates, tasks and promotions, and promotions themselves (resources 10 to 12, 17.4, 17.6, 17.8, 23;
//! promotion-engine 1.3, 3.1, 3.2; rules 15).

use kargo_core::model::{Code, Promotion, Stage};

use super::mistake::{error, fine, object, template, values};

const STEPS: &str = "spec.promotionTemplate.spec.steps";

fn at(rest: &str) -> String {
    format!("{STEPS}{rest}")
}

fn task(kind: &str, steps: &str) -> String {
    object(kind, "t", &format!("spec: {{ steps: [{steps}] }}"))
}

fn promotion(spec: &str) -> String {
    object("Promotion", "x", &format!("spec: {{ {spec} }}"))
}

#[test]
fn resources_17_6_a_template_step_has_uses_or_task() {
    error(Code::Conflict, "resources 17.6", &at("[0]"), &template("‸{ as: a«¦, uses: http» }"));
    error(Code::Conflict, "resources 17.6", &at("[0].task"), &template("{ uses: http«, ‸task: { name: t }¦» }"));
    error(Code::Range, "resources 10.2", &at("[0].uses"), &template("uses: «\"\"¦http»"));
    error(
        Code::NotAllowed,
        "resources 10.2",
        &at("[0].task.kind"),
        &template("task: { name: t, kind: «Task¦PromotionTask» }"),
    );
    error(Code::Range, "resources 9", STEPS, &template("").replace("steps:\n", "steps: «[]¦[{ uses: http }]»\n"));
    let no_spec = object(
        "Stage",
        "s",
        "spec: { requestedFreight: [{ origin: { kind: Warehouse, name: w }, sources: {} }], promotionTemplate: ‸{ «¦spec: {}» } }",
    );
    error(Code::Missing, "resources 9", "spec.promotionTemplate.spec", &no_spec);
    // Without steps it is a control-flow Stage.
    fine(&no_spec.replace("‸{ «¦spec: {}» }", "{ spec: {} }"));
}

#[test]
fn resources_17_6_a_reference_carries_only_alias_and_variables() {
    let forbidden = [
        ("if", "${{ always() }}"),
        ("config", "{ a: 1 }"),
        ("config", "{}"),
        ("continueOnError", "true"),
        // Trap 15: counts by its presence.
        ("continueOnError", "false"),
        ("retry", "{ timeout: 5m }"),
        ("retry", "{}"),
        ("onUnknown", "Retry"),
    ];
    for (key, value) in forbidden {
        let text = template(&format!("{{ task: {{ name: t }}«, ‸{key}: \"{value}\"¦» }}"));
        let text = if key == "if" { text } else { text.replace('"', "") };
        error(Code::Conflict, "resources 17.6", &at(&format!("[0].{key}")), &text);
    }
    fine(&template("{ task: { name: t }, as: deploy, vars: [{ name: a, value: b }], if: \"\", config: }"));
    // All of it is allowed beside uses.
    fine(&template(
        "{ uses: http, if: a, config: { a: 1 }, continueOnError: false, retry: { timeout: 5m, errorThreshold: 0 }, onUnknown: Retry }",
    ));
}

#[test]
fn resources_17_4_aliases_of_a_list_differ() {
    error(Code::Duplicate, "resources 17.4", &at("[1].as"), &template("{ uses: a, as: x }\n{ uses: b, as: «x¦z» }"));
    error(
        Code::Duplicate,
        "resources 17.4",
        &at("[1].as"),
        &template("{ uses: a, as: x }\n{ task: { name: t }, as: «' x '¦z» }"),
    );
    for kind in ["PromotionTask", "ClusterPromotionTask"] {
        let text = task(kind, "{ uses: a, as: x }, { uses: b, as: «x¦z» }");
        let found = error(Code::Duplicate, "resources 17.4", "spec.steps[1].as", &text);
        assert_eq!(found.notes(), ["the first is step 1"]);
    }
    // Empty ones are none; promotions carry what inflation made.
    fine(&template("{ uses: a, as: '' }\n{ uses: b, as: ' ' }"));
    fine(&promotion("stage: s, freight: f, steps: [{ uses: a, as: x }, { uses: b, as: x }]"));
}

#[test]
fn resources_17_4_default_aliases_are_reserved() {
    let wrong = ["step-1", "task-22", "' step-3 '"];
    let right = ["step-x", "step-", "my-step-1", "step-1a", "t::s", "Step-1", "\"a b\""];
    values(Code::ReservedAlias, "resources 17.4", &at("[0].as"), &template("{ uses: a, as: ◌ }"), &wrong, &right);
    values(
        Code::ReservedAlias,
        "resources 17.4",
        "spec.steps[0].as",
        &task("PromotionTask", "{ uses: a, as: ◌ }"),
        &wrong,
        &right,
    );
    fine(&promotion("stage: s, freight: f, steps: [{ uses: a, as: step-1 }]"));
}

#[test]
fn resources_11_tasks_do_not_nest() {
    for kind in ["PromotionTask", "ClusterPromotionTask"] {
        error(Code::Conflict, "resources 11", "spec.steps[0]", &task(kind, "‸{ as: a«¦, uses: http» }"));
        error(
            Code::Conflict,
            "resources 11",
            "spec.steps[0].task",
            &task(kind, "{ uses: http«, task: ‸{ name: t }¦» }"),
        );
        error(Code::Conflict, "resources 11", "spec.steps[0].task", &task(kind, "{ «task: ‸{ name: t }¦uses: http» }"));
        error(Code::Range, "resources 11", "spec.steps", &object(kind, "t", "spec: { steps: «[]¦[{ uses: http }]» }"));
    }
}

#[test]
fn promotion_engine_3_2_a_promotion_carries_no_references() {
    let steps = |step: &str| promotion(&format!("stage: s, freight: f, steps: [{step}]"));
    error(Code::Conflict, "promotion-engine 3.2", "spec.steps[0]", &steps("‸{ as: a«¦, uses: http» }"));
    error(Code::Conflict, "promotion-engine 3.2", "spec.steps[0].task", &steps("{ «task: ‸{ name: t }¦uses: http» }"));
    error(Code::Range, "resources 10", "spec.steps", &promotion("stage: s, freight: f, steps: «[]¦[{ uses: http }]»"));
    // Admission writes them, so they may be absent.
    fine(&promotion("stage: s, freight: f"));
}

#[test]
fn resources_10_a_promotion_names_freight_or_origin() {
    let origin = "origin: { kind: Warehouse, name: w }";
    error(Code::Conflict, "resources 10", "spec", &object("Promotion", "x", "spec: ‸{ stage: s«¦, freight: f» }"));
    error(
        Code::Conflict,
        "resources 10",
        "spec.origin",
        &promotion(&format!("stage: s, freight: f«, ‸{origin}¦»")).replace("‸origin: {", "origin: ‸{"),
    );
    fine(&promotion(&format!("stage: s, {origin}")));
    for key in ["stage", "freight"] {
        let text = promotion("stage: s, freight: f").replace(&format!("{key}: {}", &key[..1]), &format!("{key}: ◌"));
        values(Code::Format, "resources 10", &format!("spec.{key}"), &text, &["A", "a_b", "\"\""], &["a", "a.b"]);
    }
}

#[test]
fn resources_17_8_a_target_is_for_children_of_a_request() {
    let text = |owners: &str| {
        promotion("stage: s, freight: f, target: ‸eu-1")
            .replace("namespace: p", &format!("namespace: p, ownerReferences: [{owners}]"))
    };
    let owner = |kind: &str, controller: &str| {
        format!("{{ apiVersion: kargo.akuity.io/v1alpha1, kind: {kind}, name: r, uid: u{controller} }}")
    };
    let right = owner("PromotionRequest", ", controller: true");
    for wrong in [
        String::new(),
        owner("Stage", ", controller: true"),
        owner("PromotionRequest", ""),
        owner("PromotionRequest", ", controller: false"),
    ] {
        error(Code::Conflict, "resources 17.8", "spec.target", &text(&format!("«{wrong}¦{right}»")));
    }
    let form = text(&right).replace('‸', "").replace("eu-1", "◌");
    values(Code::Format, "resources 10", "spec.target", &form, &["EU", "a_b"], &["eu-1", "a.b"]);
}

#[test]
fn resources_12_promotion_requests() {
    let request = |spec: &str| object("PromotionRequest", "r", &format!("spec: {{ {spec} }}"));
    error(
        Code::Duplicate,
        "resources 12",
        "spec.targets[1].name",
        &request("stage: s, freight: f, targets: [{ name: a }, { name: «a¦b» }]"),
    );
    error(
        Code::Missing,
        "resources 12",
        "spec.targets",
        &request("stage: s, freight: f, targets: «¦[]»").replace("spec: {", "spec: ‸{"),
    );
    values(
        Code::Format,
        "resources 12",
        "spec.targets[0].name",
        &request("stage: s, freight: f, targets: [{ name: ◌ }]"),
        &["A", "\"\""],
        &["a"],
    );
    for key in ["stage", "freight"] {
        let text = request("stage: s, freight: f, targets: []")
            .replace(&format!("{key}: {}", &key[..1]), &format!("{key}: ◌"));
        values(Code::Format, "resources 12", &format!("spec.{key}"), &text, &["A", "\"\""], &["a"]);
    }
}

#[test]
fn resources_10_2_retries() {
    let text = template("{ uses: http, retry: { timeout: ◌ } }");
    values(
        Code::Format,
        "resources 10.2",
        &at("[0].retry.timeout"),
        &text,
        &["1d", "soon", "5", "\"\""][..2],
        &["5m", "300ms", "0s", "-1s"],
    );
    let text = template("{ uses: http, retry: { errorThreshold: ◌ } }");
    values(
        Code::Range,
        "resources 10.2",
        &at("[0].retry.errorThreshold"),
        &text,
        &["-1", "4294967296", "1.5"],
        &["0", "4294967295"],
    );
}

#[test]
fn rules_15_loops_repeat_tasks() {
    let each = "forEach: { in: \"${{ ctx.list }}\", as: item }";
    error(Code::Conflict, "rules 15", &at("[0].forEach"), &template(&format!("{{ uses: http«, ‸{each}¦» }}")));
    error(
        Code::Conflict,
        "rules 15",
        "spec.steps[0].forEach",
        &task("PromotionTask", &format!("{{ uses: http«, ‸{each}¦» }}")),
    );
    error(
        Code::Conflict,
        "rules 15",
        "spec.steps[0].forEach",
        &promotion(&format!("stage: s, freight: f, steps: [{{ uses: http«, ‸{each}¦» }}]")),
    );
    let each = |rest: &str| template(&format!("{{ task: {{ name: t }}, forEach: {{ {rest} }} }}"));
    error(Code::Range, "rules 15", &at("[0].forEach.in"), &each("in: «\"\"¦list», as: item"));
    error(
        Code::Missing,
        "rules 15",
        &at("[0].forEach.as"),
        &each("in: list«¦, as: item»").replace("forEach: {", "forEach: ‸{"),
    );
    values(
        Code::Format,
        "rules 15",
        &at("[0].forEach.as"),
        &each("in: list, as: ◌"),
        &["9a", "a-b", "\"\""],
        &["item"],
    );
    values(
        Code::Range,
        "rules 15",
        &at("[0].forEach.max"),
        &each("in: list, as: item, max: ◌"),
        &["0", "101", "-1"],
        &["1", "100"],
    );
    values(
        Code::NotAllowed,
        "rules 15",
        &at("[0].forEach.mode"),
        &each("in: list, as: item, mode: ◌"),
        &["parallel"],
        &["Parallel", "Sequential"],
    );
    let read = fine(&each("in: list, as: item")).manifests;
    let written = serde_json::to_value(read.all::<Stage>().next().unwrap().0).unwrap();
    let loop_ = &written["spec"]["promotionTemplate"]["spec"]["steps"][0]["forEach"];
    assert_eq!((loop_["mode"].as_str(), loop_["max"].as_i64()), (Some("Sequential"), Some(100)));
}

#[test]
fn resources_23_trap_30_free_values_are_kept_verbatim() {
    let config = "{ z: 1, a: [null, 1.5, true, \"1.10\"], \"${{ x }}\": { deep: [[]] }, none: null, e: {} }";
    let read =
        fine(&promotion(&format!("stage: s, freight: f, steps: [{{ uses: http, config: {config} }}]"))).manifests;
    let written = serde_json::to_value(read.all::<Promotion>().next().unwrap().0).unwrap();
    let expected = serde_json::json!({ "z": 1, "a": [null, 1.5, true, "1.10"], "${{ x }}": { "deep": [[]] }, "none": null, "e": {} });
    assert_eq!(written["spec"]["steps"][0]["config"], expected);
    // Phases are not enumerated: unknown words are kept.
    let text =
        promotion("stage: s, freight: f") + "status: { phase: Pondering, stepExecutionMetadata: [{ status: Odd }] }\n";
    let again = fine(&fine(&text).manifests.to_yaml().unwrap()).manifests;
    let written = serde_json::to_value(again.all::<Promotion>().next().unwrap().0).unwrap();
    assert_eq!(
        (written["status"]["phase"].as_str(), written["status"]["stepExecutionMetadata"][0]["status"].as_str()),
        (Some("Pondering"), Some("Odd"))
    );
}
