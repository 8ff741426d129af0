//! Why a text is no index.

/// A text is no index of charts. What is wrong with one entry is no reason: that is [reported](crate::Reading::skipped).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// It is a page for people, as a server sends it for addresses that it does not know.
    #[error("a page for people (HTML), not an index of charts; check the repository's URL")]
    Page,
    /// It is not YAML from this place on.
    #[error("not YAML: line {line}, column {column}: {detail}")]
    NotYaml {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser found.
        detail: String,
    },
    /// It is YAML, and something else.
    #[error("not an index of charts: {found}")]
    NotAnIndex {
        /// What it is.
        found: &'static str,
    },
}
