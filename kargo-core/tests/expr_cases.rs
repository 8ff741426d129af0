//! Every answer recorded from the reference for the plain expression language (promotion-engine 9).
#![expect(clippy::unwrap_used, reason = "the rows and the instant are there")]

use chrono::{DateTime, Utc};
use kargo_core::expr::{Env, Functions, Program, Value};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

const CASES: &str = include_str!("fixtures/expr-cases.json");

/// 2,000 more answers of the reference (Go expr 1.17.8), to expressions made at random: first a line with the environments, then
/// rows with the number of theirs, and the value or the whole text of the error.
const RECORDED: &str = include_str!("fixtures/expr-recorded.jsonl");

/// Rows that come out otherwise, each with the reason.
const KNOWN_GAPS: &[(&str, &str)] = &[];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    expr: String,
    env: serde_json::Map<String, Json>,
    #[serde(default, deserialize_with = "present")]
    want: Option<Json>,
    #[serde(default)]
    error: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Environments {
    envs: Vec<serde_json::Map<String, Json>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    expr: String,
    env: usize,
    #[serde(default, deserialize_with = "present")]
    want: Option<Json>,
    error: Option<String>,
}

/// A `null` that is there is an answer.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

/// Numbers by value.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn answer(expr: &str, env: &serde_json::Map<String, Json>) -> Result<Json, String> {
    let env: Env = env.iter().map(|(key, value)| (key.clone(), Value::from_json(value).unwrap())).collect();
    Program::compile(expr, &Functions::new())
        .and_then(|program| program.run(&env, now()))
        .map_err(|error| error.to_string())
        .and_then(|value| value.to_json().map_err(|problem| problem.to_string()))
}

/// What is wrong with our answer, if anything.
fn judge(case: &Case) -> Result<(), String> {
    match (&case.want, case.error, answer(&case.expr, &case.env)) {
        (None, true, Err(_)) => Ok(()),
        (Some(want), false, Ok(got)) if same(want, &got) => Ok(()),
        (Some(want), false, got) => Err(format!("{}\n    want {want}\n    got  {got:?}", case.expr)),
        (None, true, Ok(got)) => Err(format!("{}\n    want an error\n    got  {got}", case.expr)),
        _ => Err(format!("{}\n    the row is unusable", case.expr)),
    }
}

#[test]
fn all_rows() {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.len(), 803);
    let gap = |case: &Case| KNOWN_GAPS.iter().any(|(expr, _)| *expr == case.expr);
    let failures: Vec<_> = cases.iter().filter(|case| !gap(case)).filter_map(|case| judge(case).err()).collect();
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// A gap that has been closed must leave the list.
#[test]
fn gaps_are_gaps() {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    for (expr, reason) in KNOWN_GAPS {
        let mut rows = cases.iter().filter(|case| case.expr == *expr);
        assert!(rows.any(|case| judge(case).is_err()), "{expr} comes out right: {reason}");
    }
}

/// Values and the texts of errors, places included.
#[test]
fn recorded_rows() {
    let mut lines = RECORDED.lines();
    let Environments { envs } = serde_json::from_str(lines.next().unwrap()).unwrap();
    let rows: Vec<Recorded> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2_000);
    let failures: Vec<_> = rows
        .iter()
        .filter_map(|row| match (answer(&row.expr, &envs[row.env]), &row.want, &row.error) {
            (Ok(got), Some(want), None) if same(want, &got) => None,
            (Err(got), None, Some(want)) if got == *want => None,
            (got, want, error) => Some(format!("{}\n    want {want:?} {error:?}\n    got  {got:?}", row.expr)),
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), rows.len(), failures.join("\n"));
}
