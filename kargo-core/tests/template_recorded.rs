//! Templates recorded from the reference's own evaluator (promotion-engine 4): texts as stages and tasks have them, and JSON
//! objects as steps have them, each with its environment and the value or the error text.
//!
//! In the fixture infinities, NaN and minus zero stand as `{"$float": "+Inf"}`, because JSON has none of them. Left out are
//! rows on which the reference does not agree with itself: those with several errors in one object, which it visits in no
//! order.
#![expect(clippy::unwrap_used, reason = "the rows and the instant are there")]

use chrono::{DateTime, Utc};
use kargo_core::expr::{Document, Env, Functions, Template, Value, format, semver};
use serde_json::{Map, Value as Json};

const ROWS: &str = include_str!("fixtures/template-recorded.jsonl");

/// Errors that are errors here, too, but say it otherwise or are found elsewhere in the expression. Each begins the
/// reference's text.
const OTHER_TEXTS: &[(&str, &str)] = &[
    ("literal not terminated", "the reference points at the end of the text, we point at its opening quote"),
    ("a map key must be", "the reference explains, we name the token alone"),
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn functions() -> Functions {
    let mut functions = Functions::new();
    semver::add_to(&mut functions);
    format::add_to(&mut functions);
    functions
}

/// The value with what JSON lacks spelled as in the fixture.
fn shown(value: &Value) -> Json {
    match value {
        Value::Float(number) if number.is_nan() => special("NaN"),
        Value::Float(number) if number.is_infinite() => special(if *number > 0.0 { "+Inf" } else { "-Inf" }),
        Value::Float(number) if *number == 0.0 && number.is_sign_negative() => special("-0"),
        Value::List(_) => value.as_list().unwrap().iter().map(shown).collect(),
        Value::Map(map) => Json::Object(map.entries().iter().map(|(key, value)| (key.clone(), shown(value))).collect()),
        _ => value.to_json().unwrap(),
    }
}

fn special(text: &str) -> Json {
    serde_json::json!({ "$float": text })
}

fn run(row: &Map<String, Json>, functions: &Functions) -> Result<Json, String> {
    let empty = Map::new();
    let env = row.get("env").and_then(Json::as_object).unwrap_or(&empty);
    let env: Env = env.iter().map(|(key, value)| (key.clone(), Value::from_json(value).unwrap())).collect();
    let value = match &row["template"] {
        Json::String(text) => Template::new(text, functions).run(&env, now()),
        object => Document::config(object, functions)
            .and_then(|document| document.run_config_in(&env, now(), &()))
            .map(|config| Value::from_json(&config.into()).unwrap()),
    };
    value.map(|value| shown(&value)).map_err(|error| error.to_string())
}

/// Numbers by value.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn other_text(text: &str) -> Option<&'static str> {
    OTHER_TEXTS.iter().map(|(begin, _)| *begin).find(|begin| text.starts_with(begin))
}

fn rows() -> Vec<Map<String, Json>> {
    ROWS.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_recorded_answer_is_ours() {
    let (rows, functions) = (rows(), functions());
    assert!(rows.len() > 4000, "{}", rows.len());
    let mut failures = Vec::new();
    for row in &rows {
        let got = run(row, &functions);
        let fits = match (row.get("value"), row.get("error").and_then(Json::as_str), &got) {
            (Some(value), None, Ok(got)) => same(value, got),
            (None, Some(error), Err(got)) => error == got || other_text(error).is_some(),
            _ => false,
        };
        if !fits {
            let wanted = row.get("value").or(row.get("error"));
            failures.push(format!("{}\n    want {wanted:?}\n    got  {got:?}", row["template"]));
        }
    }
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// A text that has become the reference's must leave the list.
#[test]
fn other_texts_are_other() {
    let (rows, functions) = (rows(), functions());
    for (begin, reason) in OTHER_TEXTS {
        let mut found = rows.iter().filter(|row| {
            let error = row.get("error").and_then(Json::as_str).unwrap_or_default();
            error.starts_with(begin) && run(row, &functions).unwrap_err() != error
        });
        assert!(found.next().is_some(), "{begin} comes out right: {reason}");
    }
}
