//! What a policy's stage selector and a subscription's path lists may say.

use std::fmt;

use regex::Regex;

use super::glob::Glob;
use crate::model::{pattern_error::PatternError, re2::compile_regex};

/// The `name` of a policy selector (resources 6.2): an exact name, a glob or a regular expression.
///
/// Equality compares what was written, prefix `regexp:` being the same as `regex:`.
///
/// ```
/// use kargo_core::select::NamePattern;
///
/// assert!(NamePattern::parse("uat")?.matches("uat"));
/// assert!(NamePattern::parse("glob:prod-*")?.matches("prod-eu"));
/// assert!(NamePattern::parse("regex:^prod-(eu|us)$")?.matches("prod-us"));
/// assert!(NamePattern::parse("Glob:prod-*").is_err());
/// # Ok::<(), kargo_core::select::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub enum NamePattern {
    /// The name itself. The empty name matches only the empty text; a selector without a name has no pattern.
    Exact(String),
    /// A glob, which must match the whole name.
    Glob(Glob),
    /// A regular expression, which must be found somewhere in the name.
    Regex {
        /// The expression as written, without its prefix.
        source: String,
        /// The expression ready for use.
        compiled: Regex,
    },
}

impl NamePattern {
    /// Reads a selector's name. Prefixes are case-sensitive.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if the text has a colon without a known prefix (resources 17.2), or if what follows the
    /// prefix is malformed.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match Prefixed::of(text) {
            Prefixed::Glob(glob) => Ok(Self::Glob(Glob::new(glob).map_err(|error| error.within(text))?)),
            Prefixed::Regex(source) => {
                let compiled = compile_regex(source).map_err(|error| error.within(text))?;
                Ok(Self::Regex { source: source.to_owned(), compiled })
            }
            Prefixed::Plain => match text.split_once(':') {
                None => Ok(Self::Exact(text.to_owned())),
                Some((prefix, _)) => {
                    Err(PatternError::UnknownPrefix { pattern: text.to_owned(), prefix: prefix.to_owned() })
                }
            },
        }
    }

    /// True if the pattern matches this name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Glob(glob) => glob.matches(name),
            Self::Regex { compiled, .. } => compiled.is_match(name),
        }
    }
}

impl fmt::Display for NamePattern {
    /// Writes the pattern so that [`parse`](Self::parse) reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Glob(glob) => write!(f, "glob:{glob}"),
            Self::Regex { source, .. } => write!(f, "regex:{source}"),
        }
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(left), Self::Exact(right)) => left == right,
            (Self::Glob(left), Self::Glob(right)) => left == right,
            (Self::Regex { source: left, .. }, Self::Regex { source: right, .. }) => left == right,
            _ => false,
        }
    }
}

impl Eq for NamePattern {}

/// Checks one entry of `includePaths` or `excludePaths` (resources 7.1): `glob:`, `regex:` or `regexp:` and a
/// pattern, or a base directory, which may be any text.
///
/// # Errors
///
/// [`PatternError`] if the glob or the regular expression is malformed.
///
/// ```
/// use kargo_core::select::check_path_pattern;
///
/// assert!(check_path_pattern("charts/cart").is_ok());
/// assert!(check_path_pattern("glob:charts/**").is_ok());
/// let error = check_path_pattern("regex:charts/(").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#""regex:charts/(" is not a regular expression: found a `(` that is never closed at byte 13"#,
/// );
/// ```
pub fn check_path_pattern(text: &str) -> Result<(), PatternError> {
    match Prefixed::of(text) {
        Prefixed::Glob(glob) => Glob::new(glob).map(drop),
        Prefixed::Regex(source) => compile_regex(source).map(drop),
        Prefixed::Plain => Ok(()),
    }
    .map_err(|error| error.within(text))
}

/// A text cut behind its prefix.
pub(super) enum Prefixed<'a> {
    Glob(&'a str),
    Regex(&'a str),
    Plain,
}

impl<'a> Prefixed<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if let Some(glob) = text.strip_prefix("glob:") {
            Self::Glob(glob)
        } else if let Some(source) = text.strip_prefix("regex:").or_else(|| text.strip_prefix("regexp:")) {
            Self::Regex(source)
        } else {
            Self::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{GlobProblem, RegexProblem};
    use proptest::prelude::*;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::parse(pattern).unwrap_or_else(|error| panic!("{error}")).matches(name)
    }

    /// Resources 6.2: exact, whole-name glob, unanchored regular expression.
    #[test]
    fn kinds() {
        assert!(matches("prod", "prod"));
        assert!(!matches("prod", "prod-eu"));
        assert!(!matches("prod-*", "prod-eu"), "without the prefix the star is a character");
        assert!(matches("glob:prod-*", "prod-eu"));
        assert!(!matches("glob:rod", "prod"));
        assert!(!matches("glob:*", "a/b"));
        assert!(matches("regex:rod", "prod"));
        assert!(matches("regexp:^p.*d$", "prod"));
        assert!(matches("regex:a:b", "xa:b"));
        assert!(matches("glob:a:b", "a:b"));
        assert!(matches("glob", "glob"));
    }

    /// Resources 6.2 (prefixes are case-sensitive) and 17.2 (any other prefix is invalid).
    #[test]
    fn other_colons_are_refused() {
        for (text, prefix) in
            [("GLOB:a", "GLOB"), ("Regex:a", "Regex"), ("a:b:c", "a"), (":", ""), (" glob:a", " glob")]
        {
            let expected = PatternError::UnknownPrefix { pattern: text.to_owned(), prefix: prefix.to_owned() };
            assert_eq!(NamePattern::parse(text), Err(expected));
        }
    }

    /// Resources 17.2: what follows the prefix must be valid. Offsets count the prefix.
    #[test]
    fn malformed_patterns() {
        let glob = NamePattern::parse("glob:a[").expect_err("unclosed");
        assert_eq!(
            glob,
            PatternError::Glob { pattern: "glob:a[".to_owned(), at: 6, problem: GlobProblem::UnclosedClass }
        );
        let regex = NamePattern::parse("regexp:a(").expect_err("unclosed");
        let problem = RegexProblem::UnclosedGroup;
        assert_eq!(regex, PatternError::Regex { pattern: "regexp:a(".to_owned(), at: 8, problem });
    }

    /// Resources 7.1: everything without a prefix is a base directory.
    #[test]
    fn path_patterns() {
        for text in ["", ".", "charts", "a:b", "GLOB:[", "../x", "glob:**/*.yaml", "regex:\\.ya?ml$", "regexp:"] {
            assert_eq!(check_path_pattern(text), Ok(()), "{text}");
        }
        for text in ["glob:[", "regex:(", "regexp:*"] {
            assert_eq!(check_path_pattern(text).expect_err(text).pattern(), text);
        }
    }

    proptest! {
        #[test]
        fn printed_patterns_read_back(text in "(glob:|regexp?:|)[a-z*.:-]{0,8}|.{0,20}") {
            if let Ok(pattern) = NamePattern::parse(&text) {
                prop_assert_eq!(NamePattern::parse(&pattern.to_string()).expect("printed"), pattern);
            }
        }
    }
}
