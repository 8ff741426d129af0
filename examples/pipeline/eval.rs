//! `pipeline eval`: expressions and templates, a JSON object a line in, an answer a line out.

use std::{
    io::{self, BufRead, Read as _, Write as _},
    process::ExitCode,
    time::SystemTime,
};

use kargo_core::{
    Timestamp,
    expr::{Document, Env, Functions, Program, Template, Value, format, semver},
};
use serde_json::{Map, Value as Json, json};

use crate::output;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 32 << 20;

const USAGE: &str = r#"a line must be {"expr": TEXT, "env": {...}} or {"template": VALUE, "env": {...}}"#;

/// Answers every line, whatever it is, until there are no more.
pub(crate) fn run() -> ExitCode {
    let mut functions = Functions::new();
    semver::add_to(&mut functions);
    format::add_to(&mut functions);
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let mut line = Vec::new();
    loop {
        let answer = match next_line(&mut input, &mut line) {
            Ok(Line::End) => return ExitCode::SUCCESS,
            Ok(Line::TooLong) => Err(format!("the line is longer than {MAX_LINE} bytes")),
            Ok(Line::Read) => answer(&line, &functions),
            Err(error) => {
                output::error(format_args!("standard input: {error}"));
                return ExitCode::from(output::MISTAKES);
            }
        };
        let text = match answer {
            Ok(value) => format!("{{\"value\":{value}}}"),
            Err(error) => json!({ "error": error }).to_string(),
        };
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            // Nobody reads the answers any more.
            return ExitCode::SUCCESS;
        }
    }
}

enum Line {
    Read,
    TooLong,
    End,
}

/// Reads a line without its end; of one that is too long the rest is skipped.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let read = input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Read);
    }
    if line.len() <= MAX_LINE {
        return Ok(Line::Read);
    }
    line.clear();
    input.skip_until(b'\n')?;
    Ok(Line::TooLong)
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
