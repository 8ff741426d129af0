//! `pipeline eval`: expressions and templates, a JSON object a line in, an answer a line out.

use std::{process::ExitCode, time::SystemTime};

use kargo_core::{
    Timestamp,
    expr::{Document, Env, Functions, Program, Template, Value, format, semver},
};
use serde_json::{Map, Value as Json, json};

use crate::lines;

const USAGE: &str = r#"a line must be {"expr": TEXT, "env": {...}} or {"template": VALUE, "env": {...}}"#;

/// Answers every line, whatever it is, until there are no more.
pub(crate) fn run() -> ExitCode {
    let mut functions = Functions::new();
    semver::add_to(&mut functions);
    format::add_to(&mut functions);
    lines::answer_each(|line| match line.and_then(|line| answer(line, &functions)) {
        Ok(value) => format!("{{\"value\":{value}}}"),
        Err(error) => json!({ "error": error }).to_string(),
    })
}

/// The JSON text of the value, or what is wrong.
fn answer(line: &[u8], functions: &Functions) -> Result<String, String> {
    let request: Json =
        serde_json::from_slice(line).map_err(|error| format!("the line is not JSON: {error}; {USAGE}"))?;
    let Json::Object(request) = request else { return Err(USAGE.to_owned()) };
    let now = now(&request)?;
    let env = env(&request)?;
    let value = match (request.get("expr"), request.get("template")) {
        (Some(Json::String(text)), None) => {
            let program = Program::compile(text, functions).map_err(|error| error.to_string())?;
            program.run(&env, now).map_err(|error| error.to_string())?
        }
        (None, Some(template)) => fill(template, functions, &env, now)?,
        _ => return Err(USAGE.to_owned()),
    };
    value.to_json_text().map_err(|problem| problem.to_string())
}

/// The value of a template. An object is what a step's configuration is.
fn fill(template: &Json, functions: &Functions, env: &Env, now: Timestamp) -> Result<Value, String> {
    let value = match template {
        Json::String(text) => Template::new(text, functions).run(env, now),
        Json::Object(_) => {
            let config = Document::config(template, functions).and_then(|config| config.run_config_in(env, now, &()));
            let config = config.map_err(|error| error.to_string())?;
            return Value::from_json(&config.into()).map_err(|problem| problem.to_string());
        }
        _ => Document::new(template, functions).run(env, now),
    };
    value.map_err(|error| error.to_string())
}

fn env(request: &Map<String, Json>) -> Result<Env, String> {
    match request.get("env") {
        None | Some(Json::Null) => Ok(Env::new()),
        Some(Json::Object(entries)) => {
            let value = |(key, json): (&String, &Json)| Ok((key.clone(), Value::from_json(json)?));
            entries
                .iter()
                .map(value)
                .collect::<Result<_, _>>()
                .map_err(|problem: kargo_core::expr::Problem| format!("\"env\": {problem}"))
        }
        Some(_) => Err(format!("\"env\" must be an object; {USAGE}")),
    }
}

/// The clock of the request, or that of this machine.
fn now(request: &Map<String, Json>) -> Result<Timestamp, String> {
    match request.get("now") {
        None => Ok(SystemTime::now().into()),
        Some(Json::String(text)) => text.parse().map_err(|error| format!("\"now\" is no RFC 3339 time: {error}")),
        Some(_) => Err("\"now\" must be a text such as \"2026-01-31T12:00:00Z\"".to_owned()),
    }
}
