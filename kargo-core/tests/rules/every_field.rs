//! One object of every kind with every field, spoiled field by field: types, requirements, forms, ranges, lists, keys.
//!
//! What the reader refuses is compared as a whole with tables from the specification, so a rule that is missing and one
//! that is too many both show.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    manifest::Reading,
    model::{Code, Severity},
};
use serde_json::{Value, json};

use super::mistake::read_with_models;

const FIXTURE: &str = include_str!("../fixtures/every-field.yaml");

pub(crate) fn objects() -> Vec<Value> {
    let list: Value = serde_saphyr::from_str(FIXTURE).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// Reads an object as a document of its own.
pub(crate) fn read(object: &Value) -> Reading {
    read_with_models(&serde_json::to_string(object).unwrap())
}

/// Free-form values are marked by a key `deep`.
fn is_free(value: &Value) -> bool {
    value.get("deep").is_some()
}

/// Appends every place in an object that has a schema, as a JSON pointer, without its apiVersion and kind.
fn places(value: &Value, pointer: &str, out: &mut Vec<String>) {
    if !pointer.is_empty() {
        out.push(pointer.to_owned());
    }
    match value {
        Value::Object(fields) if !is_free(value) => {
            for (key, value) in fields {
                if !(pointer.is_empty() && ["apiVersion", "kind"].contains(&key.as_str())) {
                    places(value, &format!("{pointer}/{}", key.replace('/', "~1")), out);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{pointer}/{index}"), out);
            }
        }
        _ => {}
    }
}

pub(crate) fn places_of(object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    places(object, "", &mut out);
    out
}

/// A pointer in the reader's notation.
fn path(object: &Value, pointer: &str) -> String {
    let mut out = String::new();
    let mut here = object;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/");
        if here.is_array() {
            out.push_str(&format!("[{step}]"));
            here = &here[step.parse::<usize>().unwrap()];
        } else {
            if !out.is_empty() && !step.contains('.') {
                out.push('.');
            }
            out.push_str(&if step.contains('.') { format!("[{step:?}]") } else { step.clone() });
            here = &here[&step];
        }
    }
    out
}

/// The name of a place in the tables: its path without list positions and users' keys, after its kind; from one of the
/// structures that many kinds share on, only what follows.
pub(crate) fn place(object: &Value, pointer: &str) -> String {
    const SHARED: [&str; 9] = [
        "conditions[]",
        "matchExpressions[]",
        "artifacts[]",
        "artifactReferences[]",
        "origin",
        "vars[]",
        "steps[]",
        "Links[]",
        "indows[]",
    ];
    const USERS: [&str; 6] = ["Warehouse/all", "dev", "call", "tier", "a", "kargo.akuity.io/description"];
    let mut out = String::new();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/");
        if step.parse::<usize>().is_ok() {
            out.push_str("[]");
        } else {
            let step = if USERS.contains(&step.as_str()) || step.starts_with("kargo.") { "*" } else { &step };
            out.push_str(if out.is_empty() { "" } else { "." });
            out.push_str(step);
        }
    }
    // Its values may be expressions, so this selector is not like the others.
    if out.contains("labelSelector.") {
        return format!("{} {out}", object["kind"].as_str().unwrap());
    }
    // A subscription of a type that is not built in needs its name.
    if out == "spec.subscriptions[].name" && object.pointer(&pointer.replace("name", "model")).is_some() {
        return "Warehouse spec.subscriptions[].name of a generic type".to_owned();
    }
    let starts = SHARED.iter().filter_map(|shared| out.rfind(&format!("{shared}.")));
    match starts.max() {
        Some(at) => out[at..].to_owned(),
        None => format!("{} {out}", object["kind"].as_str().unwrap()),
    }
}

/// The lines of a table.
pub(crate) fn table(text: &str) -> BTreeSet<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Spoils each place that `wrong` has a value for and gathers what the reading of it says, by place. Places of the same
/// name must agree.
pub(crate) fn outcomes<T: Clone + PartialEq + std::fmt::Debug>(
    mut spoil: impl FnMut(&Value, &str, &str) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut out: BTreeMap<String, T> = BTreeMap::new();
    for object in objects() {
        for pointer in places_of(&object) {
            let small = around(&object, &pointer);
            let Some(outcome) = spoil(&small, &pointer, &path(&object, &pointer)) else { continue };
            let name = place(&object, &pointer);
            let first = out.entry(name.clone()).or_insert_with(|| outcome.clone());
            assert_eq!(*first, outcome, "{name}, at {} of {}", path(&object, &pointer), object["kind"]);
        }
    }
    out
}

/// The object without the parts that neither hold the place nor are required, so that it is read quickly.
fn around(object: &Value, pointer: &str) -> Value {
    let mut object = object.clone();
    let all_optional = ["ProjectConfig", "ClusterConfig", "StagePolicy"].contains(&object["kind"].as_str().unwrap());
    for part in ["spec", "status"] {
        let field = pointer.strip_prefix(&format!("/{part}/")).and_then(|rest| rest.split('/').next());
        let prunable = part == "status" || all_optional;
        if let Some(fields) = object.get_mut(part).and_then(Value::as_object_mut).filter(|_| prunable) {
            fields.retain(|key, _| pointer == format!("/{part}") || field == Some(key));
        }
    }
    object
}

/// The codes that a reading reports at a path, warnings left out.
pub(crate) fn errors_at(object: &Value, at: &str) -> Vec<Code> {
    let reading = read(object);
    let errors = reading.diagnostics.errors().filter(|found| found.path().to_string() == at);
    errors.map(kargo_core::Diagnostic::code).collect()
}

/// The object with one value replaced, or removed for `None`.
pub(crate) fn changed(object: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut object = object.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(key.replace("~1", "/"), value)),
        (Value::Object(fields), None) => drop(fields.remove(&key.replace("~1", "/"))),
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
        (Value::Array(items), None) => drop(items.remove(key.parse::<usize>().unwrap())),
        _ => unreachable!("a pointer's parent holds its last step"),
    }
    object
}

#[test]
fn the_object_of_every_kind_is_read_and_written_whole() {
    let reading = read_with_models(FIXTURE);
    assert!(reading.diagnostics.is_empty(), "{}", reading.diagnostics);
    assert_eq!(reading.manifests.entries().count(), objects().len());
    let written = reading.manifests.to_yaml().unwrap();
    let again = read_with_models(&written);
    assert!(again.diagnostics.is_empty(), "{}", again.diagnostics);
    assert_eq!(again.manifests, reading.manifests);
}

#[test]
fn resources_2_a_field_of_the_wrong_type_is_refused_at_its_value() {
    let mut free = BTreeSet::new();
    for object in objects() {
        for pointer in places_of(&object) {
            let small = around(&object, &pointer);
            let right = small.pointer(&pointer).unwrap();
            let path = path(&object, &pointer);
            let wrongs = match right {
                Value::String(_) => [json!(7), json!(["x"]), json!({ "x": 1 })],
                Value::Bool(_) => [json!("true"), json!(1), json!([true])],
                Value::Number(_) => [json!("7"), json!(true), json!([7])],
                Value::Array(_) => [json!("x"), json!({ "x": 1 }), json!(7)],
                _ => [json!("x"), json!(["x"]), json!(7)],
            };
            for wrong in wrongs {
                let reading = read(&changed(&small, &pointer, Some(wrong)));
                let found: Vec<_> = reading.diagnostics.iter().map(|d| (d.code(), d.path().to_string())).collect();
                if found.is_empty() {
                    free.insert(place(&object, &pointer));
                    continue;
                }
                // One mistake, one report; but a broken owner is no PromotionRequest.
                let first = (Code::WrongType, path.clone());
                let owner = path.starts_with("metadata") && object["kind"] == "Promotion";
                assert!(found == [first.clone()] || (owner && found.contains(&first)), "{path}: {found:?}");
            }
        }
    }
    let expected = table(FREE);
    assert_eq!(free, expected);
}

/// Values of any shape that are kept as they are (resources 23, trap 30).
const FREE: &str = "
    Freight status.metadata.key
    Promotion status.healthChecks[].config
    Promotion status.state.step-1
    Project metadata.managedFields[]
    Stage status.health.config
    Stage status.health.output
    Stage status.health.output[]
    Stage status.lastPromotion.status.healthChecks[].config
    Stage status.lastPromotion.status.state.step-1
    Stage status.metadata.key
    Target spec.params.key
    Warehouse spec.subscriptions[].model.config
    steps[].config
";

#[test]
fn resources_2_an_unknown_field_is_named_with_all_that_are_known() {
    const UNKNOWN: &str = "zzzzzzzzzzzzzzzz";
    let mut objects_seen = 0;
    // For each list of known fields, those that the fixture has in some object of that structure.
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects() {
        let ours = object["apiVersion"] == "kargo-core.rs/v1alpha1";
        let (code, severity) =
            if ours { (Code::UnknownExtension, Severity::Error) } else { (Code::UnknownField, Severity::Warning) };
        for pointer in places_of(&object).into_iter().chain([String::new()]) {
            let small = around(&object, &pointer);
            let Some(fields) =
                small.pointer(&pointer).unwrap().as_object().filter(|fields| !fields.contains_key("deep"))
            else {
                continue;
            };
            let spoiled = changed(&small, &format!("{pointer}/{UNKNOWN}"), Some(json!(1)));
            let reading = read(&spoiled);
            let path = path(&spoiled, &format!("{pointer}/{UNKNOWN}"));
            let Some(found) = reading.diagnostics.iter().find(|found| found.code() == code) else {
                // An object whose keys are the user's.
                continue;
            };
            objects_seen += 1;
            assert_eq!((found.severity(), found.path().to_string()), (severity, path.clone()));
            assert_eq!(reading.diagnostics.len(), 1, "{}", reading.diagnostics);
            let listed = found.helps()[0].strip_prefix("fields here: ").unwrap_or_else(|| panic!("{found}"));
            there.entry(listed.to_owned()).or_default().extend(fields.keys().cloned());
        }
    }
    for (known, there) in there {
        // A policy's deprecated `stage` excludes its selector.
        let missing: Vec<_> =
            known.split(", ").filter(|key| !key.is_empty() && !there.contains(*key) && *key != "stage").collect();
        assert!(missing.is_empty(), "the fixture has no {missing:?} of {known}");
    }
    assert!(objects_seen > 200, "{objects_seen}");
}
