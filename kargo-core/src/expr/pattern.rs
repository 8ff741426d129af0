//! Regular expressions for `matches`.

use regex::Regex;

use super::error::Problem;
use crate::model::{
    pattern_error::{PatternError, RegexProblem},
    re2::compile_regex,
};

/// Reads a pattern as RE2 does; search is unanchored.
pub(super) fn compile(pattern: &str) -> Result<Regex, Problem> {
    compile_regex(pattern).map_err(|error| {
        let reason = match &error {
            PatternError::Regex { problem, at, .. } => match problem {
                RegexProblem::UnclosedGroup => format!("missing closing ): `{pattern}`"),
                RegexProblem::UnopenedGroup => format!("unexpected ): `{pattern}`"),
                RegexProblem::TrailingBackslash => "trailing backslash at end of expression: ``".to_owned(),
                problem => format!("{problem} at byte {at}: `{pattern}`"),
            },
            _ => error.to_string(),
        };
        Problem::Pattern { reason }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 8.4 (32): ASCII classes, quoted literals, no look-around.
    #[test]
    fn patterns_are_those_of_re2() {
        assert!(!compile(r"^\d$").unwrap().is_match("٣"));
        assert!(compile(r"^\Qa.b\E$").unwrap().is_match("a.b"));
        assert!(matches!(compile("(?=x)"), Err(Problem::Pattern { .. })));
    }
}
