//! Every answer recorded from the reference library, for the version readers, precedence and constraints.
//!
//! The rows are `fixtures/semver-cases.json`; discovery 2.4, 2.5 and 2.11 describe the same language in words.

use std::cmp::Ordering;

use kargo_core::select::{Constraint, Version, VersionError};
use serde::Deserialize;

const CASES: &str = include_str!("fixtures/semver-cases.json");

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Case {
    Check {
        constraint: String,
        version: String,
        want: Option<bool>,
        #[serde(default)]
        constraint_error: bool,
    },
    Parse {
        version: String,
        strict: bool,
        #[serde(default)]
        error: bool,
        major: Option<u64>,
        minor: Option<u64>,
        patch: Option<u64>,
        pre: Option<String>,
        meta: Option<String>,
        original: Option<String>,
        string: Option<String>,
    },
    Cmp {
        a: String,
        b: String,
        want: Option<i8>,
        #[serde(default)]
        error: bool,
    },
}

/// What a row asks, once with the recorded answer and once with ours.
#[derive(Debug, PartialEq)]
enum Answer {
    Refused,
    Satisfied(bool),
    Order(i8),
    Parsed {
        numbers: [u64; 3],
        pre: String,
        build: String,
        original: String,
        normalized: String,
    },
    /// A row that says neither a result nor an error, or a version that should have been read.
    Unusable(String),
}

impl Case {
    fn recorded(&self) -> Answer {
        let unusable = || Answer::Unusable(format!("{self:?}"));
        match self {
            Self::Check { constraint_error: true, want: None, .. }
            | Self::Parse { error: true, major: None, .. }
            | Self::Cmp { error: true, want: None, .. } => Answer::Refused,
            Self::Check { constraint_error: false, want: Some(want), .. } => Answer::Satisfied(*want),
            Self::Cmp { error: false, want: Some(want), .. } => Answer::Order(*want),
            Self::Parse { error: false, major, minor, patch, pre, meta, original, string, .. } => {
                match (major, minor, patch, pre, meta, original, string) {
                    (Some(major), Some(minor), Some(patch), Some(pre), Some(meta), Some(original), Some(string)) => {
                        Answer::Parsed {
                            numbers: [*major, *minor, *patch],
                            pre: pre.clone(),
                            build: meta.clone(),
                            original: original.clone(),
                            normalized: string.clone(),
                        }
                    }
                    _ => unusable(),
                }
            }
            _ => unusable(),
        }
    }

    fn ours(&self) -> Answer {
        match self {
            Self::Check { constraint, version, .. } => {
                let Ok(constraint) = Constraint::parse(constraint) else { return Answer::Refused };
                match Version::parse_loose(version) {
                    Ok(version) => Answer::Satisfied(constraint.matches(&version)),
                    Err(error) => Answer::Unusable(error.to_string()),
                }
            }
            Self::Parse { version, strict, .. } => {
                let parsed = if *strict { Version::parse_strict(version) } else { Version::parse_loose(version) };
                parsed.map_or(Answer::Refused, |version| Answer::Parsed {
                    numbers: [version.major(), version.minor(), version.patch()],
                    pre: version.pre_release().unwrap_or_default().to_owned(),
                    build: version.build().unwrap_or_default().to_owned(),
                    original: version.to_string(),
                    normalized: version.normalized(),
                })
            }
            Self::Cmp { a, b, .. } => compare(a, b).map_or(Answer::Refused, |order| Answer::Order(order as i8)),
        }
    }
}

fn compare(a: &str, b: &str) -> Result<Ordering, VersionError> {
    Ok(Version::parse_loose(a)?.cmp_precedence(&Version::parse_loose(b)?))
}

/// Discovery 2.4, 2.5, 2.11: every recorded row, without exception.
#[test]
fn every_recorded_answer_is_ours() {
    let cases: Vec<Case> = serde_json::from_str(CASES).expect("the fixture is a list of known cases");
    assert_eq!(cases.len(), 3168, "rows went missing from the fixture");
    let mut failures = Vec::new();
    for (row, case) in cases.iter().enumerate() {
        let (recorded, ours) = (case.recorded(), case.ours());
        if recorded != ours || matches!(recorded, Answer::Unusable(_)) {
            failures.push(format!("row {row}: {case:?}\n  recorded {recorded:?}\n  ours     {ours:?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} rows differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
