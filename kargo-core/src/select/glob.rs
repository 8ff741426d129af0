//! Globs in the dialect of Kargo's name and path selectors: `*` stops at `/`, `**` as a whole segment does not.

use std::fmt;
use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

use crate::model::pattern_error::{GlobProblem, PatternError};
use crate::model::re2::{SIZE_LIMIT, push_char};

/// A glob that must match a whole name or path (resources 6.2, discovery 3.7).
///
/// | Glob | Matches |
/// | --- | --- |
/// | `*` | any characters but `/`, also none |
/// | `?` | one character but `/` |
/// | `**` as a whole segment | any segments, also none: `a/**` matches `a`, `**/c` matches `c` |
/// | `[a-z]`, `[^a-z]`, `[!a-z]` | one character of the class, or one outside of it |
/// | `{a,b*,c/**}` | one of the alternatives, which may be empty and may nest |
/// | `\*` | the character itself |
///
/// A pattern is read as what it says: `prod*{-eu,}` matches `prod`, and `app*/**` matches `app`, which the reference
/// library misses because it does not try every way in which the parts of a glob may share the text.
///
/// Matching is case-sensitive and takes time linear in the text. Equality compares the glob's text.
///
/// ```
/// use kargo_core::select::Glob;
///
/// let glob = Glob::new("charts/*/values.{yaml,yml}")?;
/// assert!(glob.matches("charts/cart/values.yml"));
/// assert!(!glob.matches("charts/cart/prod/values.yml"));
/// # Ok::<(), kargo_core::select::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Glob {
    text: String,
    compiled: Regex,
}

impl Glob {
    /// The most alternatives the braces of one glob may spell out to: `{a,b}{c,d}` spells out to 4.
    pub const MAX_ALTERNATIVES: usize = 1000;

    /// Reads a glob, without any `glob:` prefix.
    ///
    /// # Errors
    ///
    /// [`PatternError::Glob`] if it is malformed, [`PatternError::TooLarge`] if it is unreasonably large.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let refused = |(at, problem)| PatternError::Glob { pattern: text.to_owned(), at, problem };
        let too_large = || PatternError::TooLarge { pattern: text.to_owned(), limit: SIZE_LIMIT };
        let tokens = tokens(text).map_err(refused)?;
        let spelled_out = spell_out(&tokens).map_err(|excess| match excess {
            Excess::Alternatives => refused((text.rfind('{').unwrap_or_default(), GlobProblem::TooManyAlternatives)),
            Excess::Tokens => too_large(),
        })?;
        let mut expression = String::from(r"\A(?:");
        for (index, plain) in spelled_out.iter().enumerate() {
            if index > 0 {
                expression.push('|');
            }
            translate(plain, &mut expression);
            if expression.len() > SIZE_LIMIT {
                return Err(too_large());
            }
        }
        expression.push_str(r")\z");
        // Each part of the expression is well-formed by construction, so that size is all that can be refused.
        let compiled = RegexBuilder::new(&expression)
            .dot_matches_new_line(true)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|_| too_large())?;
        Ok(Self { text: text.to_owned(), compiled })
    }

    /// True if the glob matches the whole of `text`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The glob as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

/// How many tokens spelling out a glob may write: a bound on time and memory, far above any glob in use.
const MAX_TOKENS: usize = 200_000;

type Located = (usize, GlobProblem);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    Star,
    Question,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Open,
    Comma,
    Close,
    /// Where a brace began; matches nothing. What stands before it is judged without knowing the alternative
    /// taken, so that `**{/a,}` has no whole-segment `**`.
    Seam,
}

/// Cuts a glob into tokens; whether braces are balanced is checked here, too.
fn tokens(text: &str) -> Result<Vec<Token>, Located> {
    let mut tokens = Vec::new();
    let mut open = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Question,
            '\\' => Token::Literal(rest.next().ok_or((at, GlobProblem::TrailingBackslash))?.1),
            '[' => class(at, &mut rest)?,
            '{' => {
                open.push(at);
                Token::Open
            }
            '}' => {
                open.pop().ok_or((at, GlobProblem::UnopenedBrace))?;
                Token::Close
            }
            ',' if !open.is_empty() => Token::Comma,
            _ => Token::Literal(c),
        });
    }
    open.pop().map_or(Ok(tokens), |at| Err((at, GlobProblem::UnclosedBrace)))
}

/// Reads a class behind its `[`, which stands at `at`.
fn class(at: usize, rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Result<Token, Located> {
    let unclosed = (at, GlobProblem::UnclosedClass);
    let negated = rest.next_if(|(_, c)| matches!(c, '^' | '!')).is_some();
    let mut ranges = Vec::new();
    // The character that a hyphen after it would make the start of a range.
    let mut start = None;
    loop {
        match rest.next().ok_or(unclosed)?.1 {
            ']' if ranges.is_empty() => return Err((at, GlobProblem::EmptyClass)),
            ']' => return Ok(Token::Class { negated, ranges }),
            '-' if start.is_some() && rest.peek().is_some_and(|(_, next)| *next != ']') => {
                let end = match rest.next().ok_or(unclosed)?.1 {
                    '\\' => rest.next().ok_or(unclosed)?.1,
                    end => end,
                };
                // A range that runs backwards is legal and adds nothing: its start is in the list already.
                ranges.extend(start.take().map(|start| (start, end)));
            }
            c => {
                let c = if c == '\\' { rest.next().ok_or(unclosed)?.1 } else { c };
                ranges.push((c, c));
                start = Some(c);
            }
        }
    }
}

/// What there is too much of in a glob whose braces are spelled out.
enum Excess {
    Alternatives,
    Tokens,
}

/// The alternatives of one brace: those complete, and the one being read in all its combinations.
struct Level {
    complete: Vec<Vec<Token>>,
    current: Vec<Vec<Token>>,
}

impl Level {
    fn new() -> Self {
        Self { complete: Vec::new(), current: vec![Vec::new()] }
    }
}

/// Spells the braces out: one brace-free list of tokens for each combination of alternatives.
///
/// Only then is it known which `**` are whole segments: in `{a/,}**` it depends on the alternative taken. The
/// alternatives are taken from left to right, so what follows a `**` counts only where no brace hides it.
fn spell_out(tokens: &[Token]) -> Result<Vec<Vec<Token>>, Excess> {
    let mut outer = Vec::new();
    let mut level = Level::new();
    let mut written = 0;
    for token in tokens {
        match token {
            Token::Open => {
                written += level.current.len();
                level.current.iter_mut().for_each(|current| current.push(Token::Seam));
                outer.push(std::mem::replace(&mut level, Level::new()));
            }
            Token::Comma => {
                level.complete.append(&mut level.current);
                level.current.push(Vec::new());
            }
            Token::Close => {
                level.complete.append(&mut level.current);
                // The reading of tokens has balanced the braces.
                let Some(around) = outer.pop() else { continue };
                let inner = std::mem::replace(&mut level, around).complete;
                if inner.len() * level.current.len() > Glob::MAX_ALTERNATIVES {
                    return Err(Excess::Alternatives);
                }
                let lengths = |lists: &[Vec<Token>]| lists.iter().map(Vec::len).sum::<usize>();
                written += lengths(&level.current) * inner.len() + lengths(&inner) * level.current.len();
                if written > MAX_TOKENS {
                    return Err(Excess::Tokens);
                }
                level.current = level
                    .current
                    .iter()
                    .flat_map(|before| inner.iter().map(|then| [before.as_slice(), then].concat()))
                    .collect();
            }
            plain => {
                written += level.current.len();
                level.current.iter_mut().for_each(|current| current.push(plain.clone()));
            }
        }
        if level.complete.len() + level.current.len() > Glob::MAX_ALTERNATIVES {
            return Err(Excess::Alternatives);
        }
        if written > MAX_TOKENS {
            return Err(Excess::Tokens);
        }
    }
    Ok(level.current)
}

/// Appends a brace-free glob as a regular expression.
fn translate(tokens: &[Token], expression: &mut String) {
    const SEPARATOR: Token = Token::Literal('/');
    const ANY_SEGMENTS: &str = "(?:[^/]*/)*";
    let mut rest = tokens;
    let mut segment_start = true;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        match (token, after) {
            // A trailing `/**` also matches nothing at all, and so does `/**/`.
            (&SEPARATOR, [Token::Star, Token::Star]) => {
                expression.push_str("(?:/.*)?");
                return;
            }
            (&SEPARATOR, [Token::Star, Token::Star, SEPARATOR]) => {
                let _ = write!(expression, "(?:/{ANY_SEGMENTS})?");
                return;
            }
            (Token::Star, [Token::Star]) if segment_start => {
                expression.push_str(".*");
                return;
            }
            (Token::Star, [Token::Star, SEPARATOR, after @ ..]) if segment_start => {
                expression.push_str(ANY_SEGMENTS);
                rest = after;
                continue;
            }
            // Elsewhere any number of stars is as good as one.
            (Token::Star, _) => expression.push_str("[^/]*"),
            (Token::Question, _) => expression.push_str("[^/]"),
            (Token::Class { negated, ranges }, _) => class_expression(*negated, ranges, expression),
            (Token::Literal(c), _) => push_char(*c, expression),
            // Spelling out has removed the braces.
            (Token::Seam | Token::Open | Token::Comma | Token::Close, _) => continue,
        }
        segment_start = *token == SEPARATOR;
    }
}

fn class_expression(negated: bool, ranges: &[(char, char)], expression: &mut String) {
    expression.push_str(if negated { "[^" } else { "[" });
    for (start, end) in ranges.iter().filter(|(start, end)| start <= end) {
        push_char(*start, expression);
        expression.push('-');
        push_char(*end, expression);
    }
    expression.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(glob: &str, text: &str) -> bool {
        Glob::new(glob).unwrap_or_else(|error| panic!("{error}")).matches(text)
    }

    /// Discovery 3.7, the table, and resources 6.2.
    #[test]
    fn what_matches() {
        for (glob, text, expected) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "charts/a.yaml", false),
            ("**/*.yaml", "a.yaml", true),
            ("**/*.yaml", "x/y/a.yaml", true),
            ("charts/**", "charts/a/b.yaml", true),
            ("charts/**", "charts", true),
            ("charts/**", "charts2", false),
            ("charts/**/", "charts", true),
            ("**/c", "c", true),
            ("**/c", "a/bc", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**b", "a/x/b", false),
            ("a**", "ab/c", false),
            ("***", "a/b", false),
            ("charts/*/values.{yaml,yml}", "charts/a/values.yml", true),
            ("prod-*", "prod-eu", true),
            ("prod-*", "preprod-eu", false),
            ("prod", "prod-eu", false),
            ("Prod", "prod", false),
            ("?", "é", true),
            ("?", "/", false),
            ("[é]", "é", true),
            ("[a-cx]", "b", true),
            ("[^a-c]", "b", false),
            ("[!a-c]", "d", true),
            ("[a-]", "-", true),
            ("[z-a]", "m", false),
            (r"[\]]", "]", true),
            (r"[a\-z]", "m", false),
            ("[[:alpha:]]", "a", false),
            ("[&&]", "&", true),
            ("{a,{b,c}}d", "cd", true),
            ("{a,}b", "b", true),
            (r"{a\,b,c}", "a,b", true),
            ("{[,],b}", ",", true),
            ("a,b", "a,b", true),
            ("{a/,}**", "b/c", true),
            ("{a}**", "a/b", false),
            ("**{/a,}", "b/a", true),
            ("**{/a,}", "b/c/a", false),
            ("a/{**,b}", "a/x/y", true),
            ("{**,b}/c", "x/y/c", true),
            ("{a/**,b}", "a", true),
            ("prod*{-eu,}", "prod", true),
            ("app*/**", "app", true),
            (r"\{a\}\*", "{a}*", true),
            ("a.c", "abc", false),
            ("**", "a\nb", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn malformed_globs() {
        use GlobProblem::{EmptyClass, TrailingBackslash, UnclosedBrace, UnclosedClass, UnopenedBrace};
        for (glob, at, problem) in [
            ("x[a", 1, UnclosedClass),
            ("[", 0, UnclosedClass),
            (r"[a\", 0, UnclosedClass),
            ("[]a]", 0, EmptyClass),
            ("[^]", 0, EmptyClass),
            ("a{b{c}", 1, UnclosedBrace),
            ("a}", 1, UnopenedBrace),
            (r"a\", 1, TrailingBackslash),
        ] {
            let expected = PatternError::Glob { pattern: glob.to_owned(), at, problem };
            assert_eq!(Glob::new(glob), Err(expected), "{glob}");
        }
    }

    #[test]
    fn braces_are_limited() {
        assert!(Glob::new(&"{a,b}".repeat(9)).is_ok());
        for glob in ["{a,b}".repeat(10), "{a,b}".repeat(200), format!("{{{}}}", ",".repeat(1000))] {
            let error = Glob::new(&glob).expect_err("more than 1000 alternatives");
            assert!(matches!(error, PatternError::Glob { problem: GlobProblem::TooManyAlternatives, .. }), "{error}");
        }
        for glob in ["a".repeat(MAX_TOKENS + 1), format!("{}{}", "{a,b}".repeat(9), "c".repeat(1000))] {
            let error = Glob::new(&glob).expect_err("too large");
            assert!(matches!(error, PatternError::TooLarge { limit: SIZE_LIMIT, .. }));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_glob_or_refused(glob in ".{0,20}|[]a,*?/{}\\\\\\[^!-]{0,12}", text in "[a/]{0,5}") {
            match Glob::new(&glob) {
                Ok(read) => prop_assert_eq!(read.matches(&text), Glob::new(read.as_str()).is_ok_and(|again| again.matches(&text))),
                Err(error) => {
                    prop_assert!(error.offset() <= glob.len());
                    let well_formed = matches!(error, PatternError::TooLarge { .. });
                    prop_assert!(!well_formed, "{}", error);
                }
            }
        }

        #[test]
        fn escaped_text_matches_itself_only(text in ".{0,12}", other in ".{0,12}") {
            let glob: String = text.chars().flat_map(|c| ['\\', c]).collect();
            prop_assert!(matches(&glob, &text));
            prop_assert_eq!(matches(&glob, &other), text == other);
        }
    }
}
