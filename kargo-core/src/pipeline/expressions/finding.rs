//! One thing that is wrong with an expression, before it is placed and worded for people.

use std::ops::Range;

use crate::model::{Code, Severity};

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) severity: Severity,
    /// Bytes of the text that has the expression.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    /// What stands at the mark.
    pub(super) label: String,
    /// Other places of the text, with what stands there.
    pub(super) marks: Vec<(Range<usize>, String)>,
    pub(super) help: Vec<String>,
    pub(super) rule: &'static str,
    /// What a name could have been.
    pub(super) known: Option<Known>,
}

/// Names among which one was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What they are names of.
    pub(super) what: &'static str,
    pub(super) unknown: String,
    pub(super) names: Vec<String>,
}

impl Finding {
    /// An error if `certain`, that is if each run fails by it; else a warning (rules 17).
    pub(super) fn failing(certain: bool, code: Code, range: Range<usize>, message: String) -> Self {
        let severity = if certain { Severity::Error } else { Severity::Warning };
        Self {
            code,
            severity,
            range,
            message,
            label: String::new(),
            marks: Vec::new(),
            help: Vec::new(),
            rule: "rules 17",
            known: None,
        }
    }

    pub(super) fn error(code: Code, range: Range<usize>, message: String) -> Self {
        Self::failing(true, code, range, message)
    }

    pub(super) fn warning(code: Code, range: Range<usize>, message: String) -> Self {
        Self::failing(false, code, range, message)
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(super) fn rule(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }

    pub(super) fn among(mut self, what: &'static str, unknown: &str, names: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        self.known = Some(Known { what, unknown: unknown.to_owned(), names });
        self
    }
}
