//! Regular expressions for `matches`.

use regex::{Regex, RegexBuilder};

use super::error::Problem;

/// How many bytes a compiled pattern may need.
const SIZE_LIMIT: usize = 10 << 20;

/// Reads a pattern; search is unanchored.
pub(super) fn compile(pattern: &str) -> Result<Regex, Problem> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build().map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Problem::Pattern { reason }
    })
}
