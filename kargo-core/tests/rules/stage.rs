//! Stages: requests and sources (resources 9, 9.1, 17.6, 23).

use kargo_core::model::{Code, Stage};

use super::mistake::{error, fine, object, requests, values, warning};

const ORIGIN: &str = "origin: { kind: Warehouse, name: w }";

fn sources(sources: &str) -> String {
    requests(&format!("{{ {ORIGIN}, sources: {{ {sources} }} }}"))
}

#[test]
fn resources_9_a_stage_requests_freight() {
    let request = format!("[{{ {ORIGIN}, sources: {{ direct: true }} }}]");
    error(
        Code::Range,
        "resources 9",
        "spec.requestedFreight",
        &object("Stage", "s", &format!("spec: {{ requestedFreight: «[]¦{request}» }}")),
    );
    error(
        Code::Missing,
        "resources 9",
        "spec.requestedFreight",
        &object("Stage", "s", &format!("spec: ‸{{ «¦requestedFreight: {request}» }}")),
    );
    error(
        Code::Missing,
        "resources 9",
        "spec",
        &format!("‸{}", object("Stage", "s", &format!("«¦spec: {{ requestedFreight: {request} }}»"))),
    );
    error(
        Code::Missing,
        "resources 9.1",
        "spec.requestedFreight[0].sources",
        &requests(&format!("‸{{ {ORIGIN}«¦, sources: {{ direct: true }}» }}")),
    );
}

#[test]
fn resources_17_6_an_origin_is_requested_once() {
    let text = requests(&format!(
        "{{ {ORIGIN}, sources: {{ direct: true }} }}\n{{ origin: ‸{{ kind: Warehouse, name: «w¦v» }}, sources: {{ stages: [dev] }} }}"
    ));
    let found = error(Code::DuplicateOrigin, "resources 17.6", "spec.requestedFreight[1].origin", &text);
    assert_eq!(found.notes(), ["the first request stands at line 6"]);
    // The same name of another kind is another origin.
    let junction = "{ origin: { kind: Junction, name: w }, sources: { direct: true } }";
    fine(&requests(&format!("{{ {ORIGIN}, sources: {{ direct: true }} }}\n{junction}")));
}

#[test]
fn resources_17_6_match_upstream_needs_one_stage() {
    let path = "spec.requestedFreight[0].sources.autoPromotionOptions.selectionPolicy";
    let policy = "autoPromotionOptions: { selectionPolicy: ‸MatchUpstream }";
    error(Code::Conflict, "resources 17.6", path, &sources(&format!("stages: [dev«, uat¦»], {policy}")));
    error(Code::Conflict, "resources 17.6", path, &sources(&format!("stages: [«¦dev»], {policy}")));
    error(Code::Conflict, "resources 17.6", path, &sources(&format!("«¦stages: [dev], »{policy}")));
    error(Code::Conflict, "resources 17.6", path, &sources(&format!("direct: «true¦false», stages: [dev], {policy}")));
    fine(&sources("direct: true, stages: [dev, uat], autoPromotionOptions: { selectionPolicy: NewestFreight }"));
}

#[test]
fn resources_9_1_soak_and_strategy() {
    let path = "spec.requestedFreight[0].sources.";
    let wrong = ["300ms", "-1h", "1d", "\"\""];
    values(
        Code::Format,
        "resources 9.1",
        &format!("{path}requiredSoakTime"),
        &sources("stages: [dev], requiredSoakTime: ◌"),
        &wrong,
        &["1h", "1h30m"],
    );
    let text = sources("stages: [dev], availabilityStrategy: ◌");
    values(
        Code::NotAllowed,
        "resources 9.1",
        &format!("{path}availabilityStrategy"),
        &text,
        &["Any", "all"],
        &["All", "OneOf", "\"\""],
    );
    let stage = |text: &str| serde_json::to_value(fine(text).manifests.all::<Stage>().next().unwrap().0).unwrap();
    let empty = stage(&sources("stages: [dev], availabilityStrategy: \"\""));
    assert_eq!(empty, stage(&sources("stages: [dev]")), "an empty strategy is an absent one");
    let filled = stage(&sources("stages: [dev], autoPromotionOptions: {}"));
    let options = &filled["spec"]["requestedFreight"][0]["sources"]["autoPromotionOptions"];
    assert_eq!(options["selectionPolicy"], "NewestFreight");
}

#[test]
fn resources_9_1_an_upstream_is_listed_once() {
    warning(
        Code::Duplicate,
        "resources 9.1",
        "spec.requestedFreight[0].sources.stages[1]",
        &sources("stages: [dev, «dev¦uat»]"),
    );
}

#[test]
fn resources_17_6_what_admission_does_not_ask() {
    // Missing sources, self-reference and unknown upstreams are the graph's business.
    fine(&sources(""));
    fine(&sources("stages: [s]"));
}

#[test]
fn resources_9_2_verification() {
    let stage = |verification: &str| {
        object(
            "Stage",
            "s",
            &format!(
                "spec: {{ requestedFreight: [{{ {ORIGIN}, sources: {{}} }}], verification: {{ {verification} }} }}"
            ),
        )
    };
    let path = "spec.verification.";
    error(
        Code::NotAllowed,
        "resources 9.2",
        &format!("{path}analysisTemplates[0].kind"),
        &stage("analysisTemplates: [{ name: a, kind: «Template¦AnalysisTemplate» }]"),
    );
    error(
        Code::Missing,
        "resources 9.2",
        &format!("{path}analysisTemplates[0].name"),
        &stage("analysisTemplates: [‸{ «¦name: a» }]"),
    );
    error(Code::Missing, "resources 9.2", &format!("{path}args[0].value"), &stage("args: [‸{ name: a«¦, value: b» }]"));
    let found = error(
        Code::WrongType,
        "resources 9.2",
        &format!("{path}args[0].value"),
        &stage("args: [{ name: a, value: «1.10¦'1.10'» }]"),
    );
    assert!(found.helps()[0].contains("\"1.10\""), "{found}");
}

#[test]
fn resources_9_targets() {
    let stage = |targets: &str| {
        object(
            "Stage",
            "s",
            &format!("spec: {{ requestedFreight: [{{ {ORIGIN}, sources: {{}} }}], targets: {targets} }}"),
        )
    };
    error(Code::Missing, "resources 9", "spec.targets.selectors", &stage("‸{ «¦selectors: []» }"));
    let aware = fine(&stage("{ selectors: [] }")).manifests;
    assert!(
        aware.all::<Stage>().next().unwrap().0.is_target_aware(),
        "an empty list makes it target-aware all the same"
    );
}

#[test]
fn resources_2_variables() {
    let stage = |vars: &str| {
        object("Stage", "s", &format!("spec: {{ requestedFreight: [{{ {ORIGIN}, sources: {{}} }}], vars: {vars} }}"))
    };
    let wrong = ["9a", "a-b", "a.b", "é", "\"\""];
    values(
        Code::Format,
        "resources 2",
        "spec.vars[0].name",
        &stage("[{ name: ◌, value: x }]"),
        &wrong,
        &["a", "_9", "aB"],
    );
    error(Code::Missing, "resources 2", "spec.vars[0].name", &stage("[‸{ «¦name: a, »value: x }]"));
    // A later entry of the same name wins at evaluation.
    fine(&stage("[{ name: a, value: x }, { name: a }]"));
}
