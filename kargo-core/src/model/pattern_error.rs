//! Why a pattern (a name selector, a path selector, a regular expression) cannot be used.

/// Why a pattern cannot be used.
///
/// Offsets are in bytes and count from the beginning of `pattern`, which is the whole text as written, prefix
/// included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A name selector has a colon, yet none of the known prefixes before it (resources 17.2).
    #[error(
        "{pattern:?} is not a name pattern: `{prefix}:` is none of `glob:`, `regex:` and `regexp:`, \
         and a plain name has no colon"
    )]
    UnknownPrefix {
        /// The refused text.
        pattern: String,
        /// What stands before the first colon.
        prefix: String,
    },
    /// A glob is malformed.
    #[error("{pattern:?} is not a glob: {problem} at byte {at}")]
    Glob {
        /// The refused text.
        pattern: String,
        /// Where the problem is.
        at: usize,
        /// What the problem is.
        problem: GlobProblem,
    },
    /// A regular expression is malformed.
    #[error("{pattern:?} is not a regular expression: {problem} at byte {at}")]
    Regex {
        /// The refused text.
        pattern: String,
        /// Where the problem is.
        at: usize,
        /// What the problem is.
        problem: RegexProblem,
    },
    /// The pattern is well-formed, but compiled it needs more memory than a pattern may.
    #[error("{pattern:?} needs more than {limit} bytes when compiled: shorten its repetitions and alternatives")]
    TooLarge {
        /// The refused text.
        pattern: String,
        /// How many bytes a compiled pattern may need.
        limit: usize,
    },
}

impl PatternError {
    /// The refused text.
    #[must_use]
    pub fn pattern(&self) -> &str {
        match self {
            Self::UnknownPrefix { pattern, .. }
            | Self::Glob { pattern, .. }
            | Self::Regex { pattern, .. }
            | Self::TooLarge { pattern, .. } => pattern,
        }
    }

    /// The byte offset of the problem in [`pattern`](Self::pattern); 0 if the whole text is meant.
    #[must_use]
    pub const fn offset(&self) -> usize {
        match self {
            Self::Glob { at, .. } | Self::Regex { at, .. } => *at,
            Self::UnknownPrefix { .. } | Self::TooLarge { .. } => 0,
        }
    }

    /// The same error, told about `whole`, of which the refused pattern is the end.
    pub(crate) fn within(mut self, whole: &str) -> Self {
        match &mut self {
            Self::Glob { pattern, at, .. } | Self::Regex { pattern, at, .. } => {
                *at += whole.len().saturating_sub(pattern.len());
                whole.clone_into(pattern);
            }
            Self::UnknownPrefix { pattern, .. } | Self::TooLarge { pattern, .. } => whole.clone_into(pattern),
        }
        self
    }
}

/// What is wrong with a glob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GlobProblem {
    /// `[` without its `]`.
    #[error("found a `[` that is never closed")]
    UnclosedClass,
    /// `[]` or `[^]`: a `]` directly after the opening must be escaped.
    #[error("found an empty class (write `\\]` for the bracket itself)")]
    EmptyClass,
    /// `{` without its `}`.
    #[error("found a `{{` that is never closed")]
    UnclosedBrace,
    /// `}` without its `{`.
    #[error("found a `}}` that was never opened (write `\\}}` for the brace itself)")]
    UnopenedBrace,
    /// A backslash with nothing after it.
    #[error("found a backslash with nothing after it")]
    TrailingBackslash,
    /// The braces multiply to more than `Glob::MAX_ALTERNATIVES`.
    #[error("found braces that spell out to too many alternatives, the last")]
    TooManyAlternatives,
}

/// What is wrong with a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegexProblem {
    /// `(` without its `)`.
    #[error("found a `(` that is never closed")]
    UnclosedGroup,
    /// `)` without its `(`.
    #[error("found a `)` that was never opened")]
    UnopenedGroup,
    /// A `(?` that begins nothing RE2 knows: look-around, comments, unknown flags.
    #[error("found a group form that RE2 does not have")]
    UnknownGroup,
    /// The name of a capture group is empty, has other characters than `A-Z a-z 0-9 _`, or is never closed.
    #[error("expected a group name of ASCII letters, digits and `_`, closed by `>`,")]
    GroupName,
    /// Groups nest too deeply.
    #[error("found groups nested more than 200 deep")]
    TooDeep,
    /// `[` without its `]`.
    #[error("found a `[` that is never closed")]
    UnclosedClass,
    /// A range whose end is before its start, or `[:name:]` or `\p{Name}` with an unknown name.
    #[error("found a character class or range that does not exist")]
    UnknownClass,
    /// A backslash before something RE2 gives no meaning; also back-references.
    #[error("found an escape sequence that RE2 does not have")]
    UnknownEscape,
    /// A backslash with nothing after it.
    #[error("found a backslash with nothing after it")]
    TrailingBackslash,
    /// `*`, `+`, `?` or `{n}` with nothing before it.
    #[error("found a repetition of nothing")]
    RepeatsNothing,
    /// A repetition directly after a repetition.
    #[error("found a repetition of a repetition (use a group)")]
    RepeatsRepetition,
    /// A count above 1000, or a maximum below the minimum.
    #[error("found a repetition count above 1000 or a maximum below its minimum")]
    RepeatCount,
    /// The engine below refused what RE2 would take.
    #[error("not supported: {reason}")]
    Unsupported {
        /// What the engine said.
        reason: String,
    },
}
