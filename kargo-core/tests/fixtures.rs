//! Every pipeline under `fixtures/` is read without a mistake, keeps every field when written, and reads back equal.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read the repository's fixtures, which are there"
)]

use std::{fs, path::PathBuf};

use kargo_core::{Manifests, Pipeline, manifest::Reader};
use serde_json::Value;

fn fixtures() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let folders = ["pipelines", "extensions"].map(|folder| root.join(folder));
    let mut files: Vec<_> =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn every_fixture_is_read_without_a_mistake() {
    let files = fixtures();
    assert!(files.len() >= 40, "{}", files.len());
    let mut wrong = String::new();
    for (name, text) in &files {
        let mut reader = Reader::new();
        reader.text(name, text);
        let reading = reader.finish();
        let expected = if name == "deprecated.yaml" { "K0114" } else { "" };
        for diagnostic in &reading.diagnostics {
            if diagnostic.code().as_str() != expected {
                wrong.push_str(&format!("{diagnostic}\n\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_graph_of_every_fixture_is_right_and_many_are_large() {
    let mut large = 0;
    for (name, text) in fixtures() {
        let manifests = Manifests::parse(&name, &text).unwrap();
        let (mut stages, mut origins) = (0, 0);
        for project in manifests.projects() {
            let (pipeline, found) = Pipeline::check(&manifests, project);
            assert!(!found.has_errors(), "{name}: {found}");
            let pipeline = pipeline.unwrap();
            stages += pipeline.stages().len();
            origins += pipeline.warehouses().len() + pipeline.junctions().len();
        }
        large += usize::from(stages >= 5 && origins >= 2);
    }
    assert!(large >= 10, "{large}");
}

#[test]
fn what_is_written_reads_back_equal() {
    for (name, text) in fixtures() {
        let read = Manifests::parse(&name, &text).unwrap();
        let written = read.to_yaml().unwrap();
        let again = Manifests::parse(&name, &written).unwrap_or_else(|wrong| panic!("{name}: {wrong}\n{written}"));
        assert_eq!(read, again, "{name}");
        assert_eq!(written, again.to_yaml().unwrap(), "{name}");
    }
}

/// Everything in `source` is in `written`, with the same value.
fn missing(source: &Value, written: &Value, path: &str, out: &mut Vec<String>) {
    match (source, written) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                match b.get(key) {
                    Some(other) => missing(value, other, &format!("{path}.{key}"), out),
                    // Null and empty mean absent.
                    None if is_empty(value) => {}
                    None => out.push(format!("{path}.{key}")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (x, y)) in a.iter().zip(b).enumerate() {
                missing(x, y, &format!("{path}[{index}]"), out);
            }
        }
        (a, b) if a == b || same_time_or_duration(a, b) || (is_empty(a) && is_empty(b)) => {}
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (a, b) => out.push(format!("{path}: {a} became {b}")),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(true) => false,
    }
}

fn same_time_or_duration(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_str(), b.as_str()) else { return false };
    let duration = |text: &str| text.parse::<kargo_core::model::Duration>().ok();
    let instant = |text: &str| kargo_core::model::time::from_manifest(text).ok().map(|t| t.timestamp());
    (duration(a).is_some() && duration(a) == duration(b)) || (instant(a).is_some() && instant(a) == instant(b))
}

#[test]
fn no_field_of_a_fixture_is_lost() {
    let mut checked = 0;
    for (name, text) in fixtures() {
        let read = Manifests::parse(&name, &text).unwrap();
        // The same documents, read by another library, as plain values.
        let sources = plain_documents(&text);
        let written: Vec<Value> = read.entries().map(|entry| serde_json::to_value(entry.object()).unwrap()).collect();
        for value in &written {
            let source = sources
                .iter()
                .find(|source| {
                    source["kind"] == value["kind"]
                        && source["metadata"]["name"] == value["metadata"]["name"]
                        && source["metadata"]["namespace"] == value["metadata"]["namespace"]
                })
                .unwrap_or_else(|| panic!("{name}: {} {}", value["kind"], value["metadata"]["name"]));
            let mut lost = Vec::new();
            missing(source, value, "", &mut lost);
            if name == "deprecated.yaml" {
                lost.retain(|path| !path.ends_with(".stage"));
            }
            assert!(lost.is_empty(), "{name}: {}: {lost:#?}", value["metadata"]["name"]);
            checked += 1;
        }
    }
    assert!(checked > 400, "{checked}");
}

fn plain_documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents
        .into_iter()
        .flat_map(|mut document| match document.get_mut("items") {
            Some(Value::Array(items)) => std::mem::take(items),
            _ => vec![document],
        })
        .collect()
}

/// They are right, all of them; a mistake that is put into one is found.
#[test]
fn rules_17_nothing_is_said_of_the_expressions_of_the_fixtures() {
    let mut said = String::new();
    let mut texts = 0;
    for (name, text) in fixtures() {
        let manifests = Manifests::parse(&name, &text).unwrap();
        texts += text.matches("${{").count();
        for project in manifests.projects() {
            let (_, found) = Pipeline::check(&manifests, project);
            for diagnostic in found.iter().filter(|diagnostic| diagnostic.code().as_str().starts_with("K04")) {
                said.push_str(&format!("{diagnostic}\n\n"));
            }
        }
    }
    assert_eq!(said, "");
    assert!(texts > 300, "{texts}");
}
