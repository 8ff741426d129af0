//! The constraint type and what it is made of; reading and matching are its siblings.

use std::fmt;

use super::parse::{self, ConstraintError};
use crate::select::Version;

/// A version range as warehouses write it: comparisons joined by spaces or commas (all must hold), in alternatives
/// joined by `||` (one must hold).
///
/// The language is discovery 2.11, that of Kargo's `constraint` and `semverConstraint` fields. It is not Cargo's:
/// a bare `1.2.3` means exactly that version, and a pre-release in one comparison opens its whole alternative to
/// pre-releases. "No constraint" is the absence of a `Constraint`; the empty text is refused.
///
/// Equality compares the text.
///
/// ```
/// use kargo_core::select::{Constraint, Version};
///
/// let range = Constraint::parse("^1.2 || 3.x")?;
/// assert!(range.matches(&Version::parse_loose("v1.9.0")?));
/// assert!(!range.matches(&Version::parse_loose("2.0.0")?));
/// assert!(!range.matches(&Version::parse_loose("1.9.0-rc.1")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Constraint {
    text: String,
    alternatives: Vec<Vec<Part>>,
}

impl Constraint {
    /// The longest text that is read, in bytes. The reference library, at the version Kargo pins, has the same limit.
    pub const MAX_BYTES: usize = 512;

    /// The most alternatives that are read, again as in the reference library.
    pub const MAX_ALTERNATIVES: usize = 32;

    /// Reads a constraint.
    ///
    /// # Errors
    ///
    /// [`ConstraintError`] holds the byte offset at which the text stops being a constraint and what was expected
    /// there.
    ///
    /// ```
    /// use kargo_core::select::Constraint;
    ///
    /// let error = Constraint::parse("latest").unwrap_err();
    /// assert_eq!(error.offset(), 0);
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#""latest" is not a version range: expected a version such as 1.2.3 or 1.x at byte 0"#,
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, ConstraintError> {
        Ok(Self { text: text.to_owned(), alternatives: parse::alternatives(text)? })
    }

    /// True if the version satisfies every comparison of at least one alternative.
    ///
    /// A version with a pre-release satisfies an alternative only if one of its comparisons names a pre-release.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|parts| {
            let opted_in = parts.iter().any(|part| part.base.pre_release().is_some());
            (opted_in || version.pre_release().is_none()) && parts.iter().all(|part| part.holds(version))
        })
    }

    /// Whether some comparison names a pre-release; if none does, no pre-release satisfies the constraint.
    pub(in crate::select) fn knows_pre_releases(&self) -> bool {
        self.alternatives.iter().flatten().any(|part| part.base.pre_release().is_some())
    }

    /// The text this constraint was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Constraint {}

/// One comparison.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) operator: Operator,
    /// The version compared with, zeros in the open positions.
    pub(super) base: Version,
    pub(super) open: Open,
}

/// The operators; aliases (`=>`, `=<`, `~>`) are read as their plain form, none as `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The first position of a comparison's version that is missing or a wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Three numbers.
    None,
    /// The patch number: `1.2`, `1.2.x`.
    Patch,
    /// The minor number: `1`, `1.x`, `1.x.3`.
    Minor,
    /// The major number: `*`, `x.2`.
    Major,
}
