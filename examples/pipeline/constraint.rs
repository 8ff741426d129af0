//! `pipeline constraint`: versions and constraints, a JSON object a line in, the same with `got` out.

use std::process::ExitCode;

use kargo_core::select::{Constraint, Version, VersionError};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::lines;

const USAGE: &str = r#"a line must be {"op": "check", "constraint": TEXT, "version": TEXT}, {"op": "parse", "version": TEXT, "strict": BOOLEAN} or {"op": "cmp", "a": TEXT, "b": TEXT}"#;

/// What a row asks. Its other fields, such as a recorded answer, are passed on.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Question {
    Check {
        constraint: String,
        version: String,
    },
    Parse {
        version: String,
        #[serde(default)]
        strict: bool,
    },
    Cmp {
        a: String,
        b: String,
    },
}

/// An answer, or what stands in its place and why.
type Answer = Result<Json, (Json, String)>;

/// Answers every line, whatever it is, until there are no more.
pub(crate) fn run() -> ExitCode {
    lines::answer_each(|line| match line.and_then(row) {
        Ok(row) => Json::Object(row).to_string(),
        Err(error) => json!({ "error": error }).to_string(),
    })
}

/// The row with its answer.
fn row(line: &[u8]) -> Result<Map<String, Json>, String> {
    let mut row: Map<String, Json> =
        serde_json::from_slice(line).map_err(|error| format!("the line is no JSON object: {error}; {USAGE}"))?;
    let question = Question::deserialize(&row).map_err(|error| format!("{error}; {USAGE}"))?;
    let got = question.answer().unwrap_or_else(|(got, reason)| {
        row.insert("reason".to_owned(), reason.into());
        got
    });
    row.insert("got".to_owned(), got);
    Ok(row)
}

impl Question {
    fn answer(&self) -> Answer {
        match self {
            Self::Check { constraint, version } => {
                let constraint = Constraint::parse(constraint)
                    .map_err(|error| (json!({ "constraint_error": true }), error.to_string()))?;
                Ok(constraint.matches(&loose(version)?).into())
            }
            Self::Parse { version, strict } => {
                let version = if *strict {
                    Version::parse_strict(version).map_err(|error| refused(&error))?
                } else {
                    loose(version)?
                };
                Ok(parts(&version))
            }
            Self::Cmp { a, b } => Ok((loose(a)?.cmp_precedence(&loose(b)?) as i8).into()),
        }
    }
}

fn loose(version: &str) -> Result<Version, (Json, String)> {
    Version::parse_loose(version).map_err(|error| refused(&error))
}

fn refused(error: &VersionError) -> (Json, String) {
    (json!({ "error": true }), error.to_string())
}

fn parts(version: &Version) -> Json {
    json!({
        "major": version.major(),
        "minor": version.minor(),
        "patch": version.patch(),
        "pre": version.pre_release().unwrap_or_default(),
        "meta": version.build().unwrap_or_default(),
        "original": version.to_string(),
        "string": version.normalized(),
    })
}
