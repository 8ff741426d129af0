//! Documents, kinds, metadata, selectors, sets of documents (resources 1, 2, 6.2, 15, 17; rules 11).

use kargo_core::{
    Manifests,
    manifest::Reader,
    model::{Code, Freight, Kind, Promotion, Severity, Stage, Target, Warehouse, label},
};

use super::mistake::{error, fine, object, read, requests, values, warehouse, warning};

const TARGET: &str = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\n";

#[test]
fn resources_1_a_document_is_an_object_of_a_kind() {
    let meta = "metadata: { name: a, namespace: p }\n";
    error(
        Code::NotAnObject,
        "resources 1",
        "",
        &format!("‸«¦kind: Target\n»apiVersion: kargo.akuity.io/v1alpha1\n{meta}"),
    );
    error(
        Code::NotAnObject,
        "resources 1",
        "",
        &format!("‸«¦apiVersion: kargo.akuity.io/v1alpha1\n»kind: Target\n{meta}"),
    );
    for wrong in ["just text", "[1, 2]", "42", "true"] {
        let reading = read(&format!("{TARGET}{meta}---\n{wrong}\n"));
        let found = reading.diagnostics.iter().next().unwrap();
        assert_eq!((found.code(), found.location().unwrap().span.line), (Code::NotAnObject, 5), "{found}");
        assert_eq!(reading.manifests.entries().count(), 1, "the other document is read all the same");
    }
}

#[test]
fn resources_1_a_kind_of_kargos_group_that_does_not_exist_is_kept_aside() {
    let text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: «Stagee¦Target»\nmetadata: { name: a, namespace: p }\n";
    let found = warning_aside(text, "kind");
    assert!(found.helps()[0].contains("Stage"), "{found}");
    let text = "apiVersion: kargo.akuity.io/«v1beta1¦v1alpha1»\n‸kind: Target\nmetadata: { name: a, namespace: p }\n";
    let reading = read(&text.replace(['«', '»', '‸'], "").replace("¦v1alpha1", ""));
    assert_eq!(reading.manifests.aside().len(), 1);
    assert!(reading.diagnostics.iter().next().unwrap().message().contains("no version"), "{}", reading.diagnostics);
    // Of Kargo's kinds in a group that looks like Kargo's.
    let reading = read("apiVersion: kargo.io/v1alpha1\nkind: Stage\nmetadata: { name: a }\n");
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!((found.code(), found.severity()), (Code::UnknownField, Severity::Warning));
    assert_eq!(found.helps(), ["did you mean kargo.akuity.io/v1alpha1?"]);
}

fn warning_aside(text: &str, path: &str) -> kargo_core::Diagnostic {
    let wrong = text.replace('«', "").split('¦').next().unwrap().to_owned() + text.split('»').nth(1).unwrap();
    let reading = read(&wrong);
    assert_eq!(reading.diagnostics.len(), 1);
    let found = reading.diagnostics.into_iter().next().unwrap();
    assert_eq!((found.code(), found.severity()), (Code::UnknownField, Severity::Warning), "{found}");
    assert_eq!(found.path().to_string(), path);
    let span = found.location().unwrap().span;
    assert_eq!((span.line, span.column), (2, 7));
    assert_eq!((reading.manifests.aside().len(), reading.manifests.entries().count()), (1, 0));
    found
}

#[test]
fn rules_11_a_kind_of_ours_that_does_not_exist_is_refused() {
    let found = read("apiVersion: kargo-core.rs/v1alpha1\nkind: Junktion\nmetadata: { name: a }\n").diagnostics;
    let found = found.iter().next().unwrap();
    assert_eq!((found.code(), found.severity(), found.rule()), (Code::UnknownExtension, Severity::Error, "rules 11"));
    assert_eq!((found.path().to_string().as_str(), found.helps()[0].as_str()), ("kind", "did you mean Junction?"));
    let later = read("apiVersion: kargo-core.rs/v2\nkind: Junction\nmetadata: { name: a }\n").diagnostics;
    assert_eq!(later.iter().next().unwrap().code(), Code::UnknownExtension);
}

#[test]
fn resources_1_foreign_objects_are_kept_aside_without_a_word() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n---\n\
                apiVersion: ee.kargo.akuity.io/v1alpha1\nkind: MessageChannel\nmetadata: { name: chat }\n---\n\
                apiVersion: apps/v1\nkind: Stage\n";
    let reading = fine(text);
    let aside: Vec<String> = reading.manifests.aside().iter().map(ToString::to_string).collect();
    assert_eq!(
        aside,
        [
            "test.yaml:2: v1 ConfigMap settings",
            "test.yaml:6: ee.kargo.akuity.io/v1alpha1 MessageChannel chat",
            "test.yaml:10: apps/v1 Stage"
        ]
    );
}

#[test]
fn resources_1_lists_of_objects() {
    let items = "items:\n- metadata: { name: a, namespace: p }\n- metadata: { name: b, namespace: p }\n";
    let reading = fine(&format!("apiVersion: kargo.akuity.io/v1alpha1\nkind: TargetList\n{items}"));
    assert_eq!(reading.manifests.all::<Target>().count(), 2);
    let item = |name: &str| {
        format!("- {{ apiVersion: kargo.akuity.io/v1alpha1, kind: Target, metadata: {{ name: {name} }} }}\n")
    };
    let reading = fine(&format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item("a"), item("b")));
    assert_eq!(reading.manifests.all::<Target>().count(), 2);
    // A mistake in an item stands at its own line, and costs that item only.
    let text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: StageList\nitems:\n- metadata: { name: s }\n  spec: {}\n";
    let reading = read(text);
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!((found.code(), found.object()), (Code::Missing, Some("Stage/s")));
    assert_eq!((found.location().unwrap().span.line, found.path().to_string().as_str()), (5, "spec.requestedFreight"));
    // An item of a plain list says what it is.
    let reading = read("apiVersion: v1\nkind: List\nitems:\n- metadata: { name: a }\n- 3\n-\n");
    assert_eq!(
        reading.diagnostics.iter().map(kargo_core::Diagnostic::code).collect::<Vec<_>>(),
        [Code::NotAnObject; 3]
    );
    assert!(read("apiVersion: v1\nkind: List\n").diagnostics.is_empty(), "a list may be empty");
}

#[test]
fn resources_1_names() {
    let text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: ◌, namespace: p }\n";
    let long = "a".repeat(254);
    let wrong = ["A", "-a", "a-", "a..b", "a_b", "a/b", "\"\"", "é", long.as_str()];
    values(Code::Format, "resources 1", "metadata.name", text, &wrong, &["a", "a.b-c", &"a".repeat(253)]);
    error(
        Code::Missing,
        "resources 1",
        "metadata.name",
        &format!("{TARGET}metadata: ‸{{ «¦name: a, »namespace: p }}\n"),
    );
    fine("apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { generateName: a-, namespace: p }\n");
    let found = read("apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: Eu-1 }\n").diagnostics;
    assert_eq!(found.iter().next().unwrap().helps(), ["did you mean \"eu-1\"?"]);
}

#[test]
fn resources_1_namespaces() {
    let text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: a, namespace: ◌ }\n";
    values(Code::Format, "resources 1", "metadata.namespace", text, &["P", "a.b", "-p", "a b"], &["p", "p-1", "\"\""]);
    for kind in ["Project", "ClusterPromotionTask"] {
        let spec = if kind == "Project" { "" } else { "spec: { steps: [{ uses: http }] }\n" };
        let head = format!("apiVersion: kargo.akuity.io/v1alpha1\nkind: {kind}\n");
        let text = format!("{head}metadata: {{ name: a«, namespace: ‸p¦» }}\n{spec}");
        warning(Code::Conflict, "resources 1", "metadata.namespace", &text);
    }
}

#[test]
fn resources_1_objects_without_a_namespace_belong_to_the_only_project() {
    let target = |name: &str, namespace: &str| format!("{TARGET}metadata: {{ name: {name}{namespace} }}\n---\n");
    let one = fine(&(target("a", "") + &target("b", ", namespace: p"))).manifests;
    assert_eq!(one.projects().into_iter().collect::<Vec<_>>(), ["p"]);
    let two = fine(&(target("a", "") + &target("b", ", namespace: p") + &target("c", ", namespace: q"))).manifests;
    assert_eq!(two.projects().into_iter().collect::<Vec<_>>(), ["", "p", "q"]);
    // So the same name with and without the namespace is one object.
    let reading = read(&(target("a", "") + &target("a", ", namespace: p")));
    assert_eq!(reading.diagnostics.iter().next().unwrap().code(), Code::DuplicateObject);
}

#[test]
fn resources_2_labels_and_selectors() {
    let target = |labels: &str| format!("{TARGET}metadata: {{ name: a, labels: {{ {labels} }} }}\n");
    let path = |key: &str| format!("metadata.labels[{key:?}]");
    error(Code::Format, "resources 2", &path("a b"), &target("«a b¦ab»: ‸x"));
    error(Code::Format, "resources 2", "metadata.labels.a/b/c", &target("«a/b/c¦a/b»: ‸x"));
    let long = "x".repeat(64);
    values(
        Code::Format,
        "resources 1",
        "metadata.labels.a",
        &target("a: ◌"),
        &["-x", "x y", "x/y", &long],
        &["x", "\"\"", "A.b_c"],
    );
    let stage = |selector: &str| {
        object(
            "Stage",
            "s",
            &format!(
                "spec:\n  requestedFreight: [{{ origin: {{ kind: Warehouse, name: w }}, sources: {{ direct: true }} }}]\n  \
                 targets: {{ selectors: [{selector}] }}"
            ),
        )
    };
    let selector = "spec.targets.selectors[0]";
    let at = |rest: &str| format!("{selector}.{rest}");
    error(
        Code::Format,
        "resources 2",
        &format!("{selector}.matchLabels[\"a b\"]"),
        &stage("{ matchLabels: { «a b¦ab»: ‸x } }"),
    );
    error(Code::Format, "resources 2", &at("matchLabels.a"), &stage("{ matchLabels: { a: «-x¦x» } }"));
    let requirement = |rest: &str| stage(&format!("{{ matchExpressions: [{{ {rest} }}] }}"));
    error(Code::Format, "resources 2", &at("matchExpressions[0].key"), &requirement("key: «/a¦a», operator: Exists"));
    error(
        Code::Format,
        "resources 2",
        &at("matchExpressions[0].values[1]"),
        &requirement("key: a, operator: In, values: [x, «u v¦u»]"),
    );
    error(
        Code::NotAllowed,
        "resources 2",
        &at("matchExpressions[0].operator"),
        &requirement("key: a, operator: «Is¦In», values: [x]"),
    );
    for operator in ["In", "NotIn"] {
        let text = requirement(&format!("key: a, operator: {operator}, values: «[]¦[x]»"));
        error(Code::Conflict, "resources 2", &at("matchExpressions[0].values"), &text);
        let text = requirement(&format!("key: a, operator: ‸{operator}«¦, values: [x]»"));
        error(Code::Conflict, "resources 2", &at("matchExpressions[0].operator"), &text);
    }
    for operator in ["Exists", "DoesNotExist"] {
        let text = requirement(&format!("key: a, operator: {operator}, values: «[x]¦[]»"));
        error(Code::Conflict, "resources 2", &at("matchExpressions[0].values"), &text);
    }
    fine(&stage("{}"));
}

#[test]
fn rules_11_annotations_of_ours_are_known_and_well_formed() {
    let freight = |annotation: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ namespace: p, annotations: {{ {annotation} }} }}\n\
             origin: {{ kind: Warehouse, name: w }}\nimages: [{{ repoURL: a, tag: b }}]\n"
        )
    };
    let promotion = |annotation: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Promotion\nmetadata: {{ namespace: p, annotations: {{ {annotation} }} }}\n\
             spec: {{ stage: s, freight: f, steps: [{{ uses: fail }}] }}\n"
        )
    };
    let path = |key: &str| format!("metadata.annotations[\"kargo-core.rs/{key}\"]");
    let found =
        error(Code::UnknownExtension, "rules 11", &path("intend"), &freight("kargo-core.rs/«intend¦intent»: ‸Hotfix"));
    assert_eq!(found.helps(), ["did you mean \"kargo-core.rs/intent\"?"]);
    error(Code::Format, "rules 13", &path("intent"), &freight("kargo-core.rs/intent: «hotfix¦Hotfix»"));
    for key in ["freight", "holds"] {
        for wrong in ["x", "[]", "{\"w\": \"f\"}", "{\"Stage/w\": \"f\"}", "{\"Warehouse/w\": 1}"] {
            let text = promotion(&format!("kargo-core.rs/{key}: «'{wrong}'¦'{{\"Warehouse/w\": \"f\"}}'»"));
            error(Code::Format, "rules 13", &path(key), &text);
        }
        let text = freight(&format!("«kargo-core.rs/{key}¦other.example/{key}»: ‸'{{}}'"));
        error(Code::UnknownExtension, "rules 11", &path(key), &text);
    }
    error(
        Code::Format,
        "rules 14",
        &path("steps"),
        &promotion("kargo-core.rs/steps: «'[]'¦'{\"push\": {\"errors\": 1}}'»"),
    );
    error(Code::Format, "rules 7", &path("end"), &promotion("kargo-core.rs/end: «Replaced¦Superseded»"));
    error(Code::Format, "rules 9", &path("members"), &freight("kargo-core.rs/members: «'{}'¦'[]'»"));
    let text = promotion("«kargo-core.rs/intent¦other.example/intent»: ‸Auto");
    error(Code::UnknownExtension, "rules 11", &path("intent"), &text);
    fine(&freight("other.example/intend: anything"));
}

#[test]
fn rules_15_the_record_of_loops_speaks_of_the_steps() {
    let promotion = |loops: &str, steps: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Promotion\n\
             metadata: {{ namespace: p, annotations: {{ kargo-core.rs/loops: {loops} }} }}\n\
             spec: {{ stage: s, freight: f, steps: [{steps}] }}\n"
        )
    };
    let record = |first: usize| {
        format!("'[{{\"alias\": \"roll\", \"mode\": \"Parallel\", \"first\": {first}, \"steps\": 1, \"members\": 2}}]'")
    };
    let steps = "{ uses: a }, { uses: b, as: roll-0::x }, { uses: b, as: roll-1::x }";
    let path = "metadata.annotations[\"kargo-core.rs/loops\"]";
    for wrong in ["x", "'{}'", "'[{\"alias\": \"roll\"}]'"] {
        error(Code::Format, "rules 15", path, &promotion(&format!("«{wrong}¦{}»", record(1)), steps));
    }
    for wrong in [record(0), record(2)] {
        error(Code::Conflict, "rules 15", path, &promotion(&format!("«{wrong}¦{}»", record(1)), steps));
    }
    error(
        Code::Conflict,
        "rules 15",
        path,
        &promotion(&format!("‸{}", record(1)), &steps.replace("roll-1", "roll-«2¦1»")),
    );
}

#[test]
fn resources_1_an_object_is_defined_once() {
    let twice = format!(
        "{TARGET}metadata: {{ name: a, namespace: p }}\n---\n{TARGET}metadata: {{ name: «a¦b», namespace: p }}\n"
    );
    let found = error(Code::DuplicateObject, "resources 1", "metadata.name", &twice);
    assert_eq!(found.notes(), ["the other stands at test.yaml:3"]);
    assert!(found.location().unwrap().span.line == 7);
    let mut reader = Reader::new().each_alone();
    reader.text("test.yaml", &twice.replace(['«', '»'], "").replace("¦b", ""));
    assert!(reader.finish().diagnostics.is_empty(), "alternatives to one another may define the same object");
    // Another kind, or another project, is another object.
    fine(&twice.replace("«a¦b», namespace: p", "a, namespace: q"));
}

#[test]
fn resources_17_5_an_alias_is_used_once_in_a_project() {
    let freight = |name: &str, alias: &str, project: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ name: {name}, namespace: {project}, uid: \"{name}\" }}\n\
             alias: {alias}\norigin: {{ kind: Warehouse, name: w }}\nimages: [{{ repoURL: a, tag: {name} }}]\n---\n"
        )
    };
    let text = freight("f1", "sunny-otter", "p") + &freight("f2", "«sunny-otter¦rainy-otter»", "p");
    // Kargo's look-up takes the first (control, trap 40): everything else about them works.
    let found = warning(Code::Duplicate, "resources 17.5", "alias", &text);
    assert_eq!((found.object(), found.notes()), (Some("Freight/f2"), ["the other is f1".to_owned()].as_slice()));
    fine(&(freight("f1", "sunny-otter", "p") + &freight("f2", "sunny-otter", "q")));
}

#[test]
fn resources_17_9_a_request_is_for_a_stage_with_targets() {
    let stage = "spec:\n  requestedFreight: [{ origin: { kind: Warehouse, name: w }, sources: { direct: true } }]\n";
    let request = object("PromotionRequest", "r", "spec: { stage: ‸s, freight: f, targets: [{ name: eu }] }");
    let text =
        format!("{}---\n{request}", object("Stage", "s", &format!("{stage}«¦  targets: {{ selectors: [] }}\n»")));
    error(Code::Conflict, "resources 17.9", "spec.stage", &text);
    // A Stage with mistakes causes no second one.
    let broken = text.replace("kind: Warehouse", "kind: Warehose").replace(['«', '»', '‸', '¦'], "");
    assert_eq!(read(&broken).diagnostics.len(), 1);
}

#[test]
fn resources_17_labels_and_annotations_mirror_fields() {
    let warehouse = warehouse("image: { repoURL: a }").replace("spec:", "spec:\n  shard: eu");
    let stage = requests("{ origin: { kind: Warehouse, name: w }, sources: { direct: true } }");
    let stage = stage.replace("namespace: p", "namespace: p, labels: { kargo.akuity.io/shard: us, mine: x }");
    let long = format!("s{}", "x".repeat(99));
    let promotion = object("Promotion", "x", &format!("spec: {{ stage: {long}, freight: f }}"));
    let freight = |name: &str, alias: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ name: {name}, namespace: p, uid: \"1\", \
             creationTimestamp: 2026-01-02T03:04:05Z, labels: {{ kargo.akuity.io/alias: stale }} }}\n{alias}\
             origin: {{ kind: Warehouse, name: z }}\nimages: [{{ repoURL: a, tag: b }}]\n"
        )
    };
    let all = [warehouse, stage, promotion, freight("f1", "alias: sunny-otter\n"), freight("f2", "")].join("---\n");
    let read = fine(&all).manifests;
    fn only<T: kargo_core::model::AsObject>(read: &Manifests) -> &T {
        read.all::<T>().next().unwrap().0
    }
    assert_eq!(only::<Warehouse>(&read).metadata.labels[label::SHARD], "eu");
    let stage = only::<Stage>(&read);
    assert_eq!(stage.metadata.labels.iter().collect::<Vec<_>>(), [(&"mine".to_owned(), &"x".to_owned())], "trap 6");
    let promotion = only::<Promotion>(&read);
    assert_eq!(promotion.metadata.annotations[label::STAGE], long);
    let label = &promotion.metadata.labels[label::STAGE];
    assert!(label.len() <= 63 && label.starts_with(&long[..54]), "{label}");
    let freight: Vec<&Freight> = read.all::<Freight>().map(|(freight, _)| freight).collect();
    assert_eq!(freight[0].metadata.labels[label::ALIAS], "sunny-otter");
    assert!(!freight[1].metadata.labels.contains_key(label::ALIAS), "trap 6: a label alone is deleted");
    assert_eq!(freight[1].discovered_at, freight[1].metadata.creation_timestamp, "resources 17.5 and 22");
}

#[test]
fn an_object_with_a_mistake_is_left_out_and_known_as_broken() {
    let text = object("Target", "a", "spec: { params: 3 }") + "---\n" + &object("Target", "b", "");
    let reading = read(&text);
    assert_eq!(reading.manifests.entries().count(), 1);
    assert!(
        reading.manifests.is_broken(Kind::Target, "p", "a") && !reading.manifests.is_broken(Kind::Target, "p", "b")
    );
    assert!(Manifests::parse("test.yaml", &text).is_err());
}

#[test]
fn resources_22_labels_without_effect_and_older_objects() {
    let labels = "labels: { kargo.akuity.io/project-secret: \"true\" }, annotations: { kargo.akuity.io/authorized-stage: 'a:*' }";
    fine(&format!("{TARGET}metadata: {{ name: a, namespace: p, {labels} }}\n"));
    // Discovery that was recorded without the refs it saw.
    let status =
        "status: { discoveredArtifacts: { discoveredAt: null, git: [{ repoURL: https://h/x, commits: null }] } }\n";
    fine(&(warehouse("git: { repoURL: https://h/x }") + status));
}

#[test]
fn resources_1_a_file_of_somebody_elses_is_kept_aside_with_a_warning() {
    let reading = read(&format!("{TARGET}metadata: {{ name: a }}\n---\nreplicas: 3\nimage: {{ tag: v1 }}\n"));
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!(
        (found.code(), found.severity(), found.label()),
        (Code::NotAnObject, Severity::Warning, "apiVersion and kind are missing")
    );
    assert_eq!((found.location().unwrap().span.line, found.location().unwrap().span.column), (5, 1));
    assert_eq!((reading.manifests.entries().count(), reading.diagnostics.len()), (1, 1));
    assert_eq!(reading.manifests.aside()[0].to_string(), "test.yaml:5: no Kubernetes object");
    // With one of the two it is an object with a mistake.
    assert!(read("kind: Target\nreplicas: 3\n").diagnostics.has_errors());
}
