//! Regular expressions as Go reads them (RE2 syntax), run by the `regex` crate.
//!
//! Both engines match in linear time and search alike, but they read some texts differently (discovery T29). So an
//! expression is read here by RE2's rules and written out in forms that mean the same to the `regex` crate:
//!
//! - `\d`, `\s`, `\w` become plain ASCII classes (`\s` without the vertical tab), `\b` and `\B` ASCII boundaries;
//!   `.`, negated classes, `\p{..}` and case folding stay Unicode, as they are in Go;
//! - `\Q..\E`, octal escapes, escaped punctuation such as `\<`, and braces that are no repetition become
//!   the characters they stand for;
//! - `&&`, `--`, `~~` and `[` inside a class are characters, not set operations;
//! - what only the `regex` crate knows (`(?x)`, `(?R)`, `\b{start}`, `a**`, `\u0041`) is refused or read as Go does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

use super::cursor::Cursor;
use super::pattern_error::{PatternError, RegexProblem};

/// How many bytes a compiled pattern may need.
pub(crate) const SIZE_LIMIT: usize = 10 << 20;

/// How deep groups may nest.
const MAX_DEPTH: usize = 200;

/// The greatest repetition count in RE2.
const MAX_REPEAT: u32 = 1000;

/// Compiles a regular expression written for Go, as `allowTagsRegexes`, path selectors and name selectors are.
///
/// Use [`Regex::is_match`] for the search that Kargo does: unanchored (discovery 2.2).
///
/// # Errors
///
/// [`PatternError::Regex`] with the offset of what RE2 does not know, [`PatternError::TooLarge`] if the compiled
/// expression needs more than 10 MiB.
///
/// ```
/// use kargo_core::select::compile_regex;
///
/// assert!(compile_regex(r"^v\d+$")?.is_match("v12"));
/// assert!(!compile_regex(r"^v\d+$")?.is_match("v١٢"), "Go's digits are ASCII");
/// assert!(compile_regex(r"(?=v)").is_err());
/// # Ok::<(), kargo_core::select::PatternError>(())
/// ```
pub fn compile_regex(expression: &str) -> Result<Regex, PatternError> {
    let refused = |(at, problem)| PatternError::Regex { pattern: expression.to_owned(), at, problem };
    let translated = Translator::new(expression).run().map_err(refused)?;
    RegexBuilder::new(&translated).size_limit(SIZE_LIMIT).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => PatternError::TooLarge { pattern: expression.to_owned(), limit },
        other => refused((0, RegexProblem::Unsupported { reason: last_line(&other.to_string()).to_owned() })),
    })
}

/// Of the engine's several lines, which quote the translated expression, the one that names the problem.
fn last_line(message: &str) -> &str {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

/// Appends one literal character in a form that has no other meaning, inside a class or outside.
pub(crate) fn push_char(c: char, expression: &mut String) {
    if c.is_ascii_alphanumeric() {
        expression.push(c);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(expression, r"\x{{{:X}}}", u32::from(c));
    }
}

type Located = (usize, RegexProblem);

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Operand,
    Repetition,
}

struct Translator<'a> {
    cursor: Cursor<'a>,
    out: String,
    before: Before,
    /// Where the open groups begin.
    groups: Vec<usize>,
    names: BTreeSet<&'a str>,
}

impl<'a> Translator<'a> {
    fn new(text: &'a str) -> Self {
        let out = String::with_capacity(text.len());
        Self { cursor: Cursor::new(text), out, before: Before::Nothing, groups: Vec::new(), names: BTreeSet::new() }
    }

    fn run(mut self) -> Result<String, Located> {
        while let Some(c) = self.cursor.peek() {
            let at = self.cursor.at;
            match c {
                '\\' => self.escape()?,
                '[' => {
                    self.class()?;
                    self.before = Before::Operand;
                }
                '(' => self.open_group()?,
                ')' => {
                    self.cursor.next();
                    self.groups.pop().ok_or((at, RegexProblem::UnopenedGroup))?;
                    self.push(")", Before::Operand);
                }
                '|' => {
                    self.cursor.next();
                    self.push("|", Before::Nothing);
                }
                '^' | '$' | '.' => {
                    self.cursor.next();
                    self.out.push(c);
                    self.before = Before::Operand;
                }
                '*' | '+' | '?' => {
                    self.cursor.next();
                    self.repeat(at, c.encode_utf8(&mut [0; 4]))?;
                }
                '{' => match self.counts() {
                    Some((counts, length)) => {
                        self.cursor.at += length;
                        let (min, max) = counts.ok_or((at, RegexProblem::RepeatCount))?;
                        let counts = match max {
                            Some(max) => format!("{{{min},{max}}}"),
                            None => format!("{{{min},}}"),
                        };
                        self.repeat(at, &counts)?;
                    }
                    None => self.literal(),
                },
                _ => self.literal(),
            }
        }
        match self.groups.pop() {
            Some(at) => Err((at, RegexProblem::UnclosedGroup)),
            None => Ok(self.out),
        }
    }

    fn push(&mut self, written: &str, before: Before) {
        self.out.push_str(written);
        self.before = before;
    }

    fn literal(&mut self) {
        if let Some(c) = self.cursor.next() {
            push_char(c, &mut self.out);
            self.before = Before::Operand;
        }
    }

    fn repeat(&mut self, at: usize, operator: &str) -> Result<(), Located> {
        match self.before {
            Before::Nothing => return Err((at, RegexProblem::RepeatsNothing)),
            Before::Repetition => return Err((at, RegexProblem::RepeatsRepetition)),
            Before::Operand => {}
        }
        self.push(operator, Before::Repetition);
        if self.cursor.take("?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`, and how long it is; anything else behind a `{` is plain text.
    ///
    /// The inner `None` stands for counts that are not allowed.
    #[expect(clippy::type_complexity, reason = "a name would hide the two levels of absence")]
    fn counts(&self) -> Option<(Option<(u32, Option<u32>)>, usize)> {
        let inside = self.cursor.rest().strip_prefix('{')?;
        let (inside, _) = inside.split_once('}')?;
        let plain = |digits: &str| {
            let regular = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            regular && (digits == "0" || !digits.starts_with('0'))
        };
        let allowed = |digits: &str| digits.parse().ok().filter(|count| *count <= MAX_REPEAT);
        let (min, max) = inside.split_once(',').map_or((inside, None), |(min, max)| (min, Some(max)));
        if !plain(min) || !max.is_none_or(|max| max.is_empty() || plain(max)) {
            return None;
        }
        let counts = allowed(min).and_then(|min| match max {
            None => Some((min, Some(min))),
            Some("") => Some((min, None)),
            Some(max) => allowed(max).filter(|max| min <= *max).map(|max| (min, Some(max))),
        });
        Some((counts, inside.len() + 2))
    }

    fn open_group(&mut self) -> Result<(), Located> {
        let at = self.cursor.at;
        self.cursor.next();
        if self.cursor.take("?") {
            if self.cursor.take("P<") || self.cursor.take("<") {
                self.group_name(at)?;
            } else if self.flags(at)? {
                // Flags to the end of the enclosing group: nothing is opened, and what stands before stays.
                return Ok(());
            }
        } else {
            self.out.push('(');
        }
        if self.groups.len() == MAX_DEPTH {
            return Err((at, RegexProblem::TooDeep));
        }
        self.groups.push(at);
        self.before = Before::Nothing;
        Ok(())
    }

    fn group_name(&mut self, at: usize) -> Result<(), Located> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, _) = self.cursor.rest().split_once('>').ok_or((at, RegexProblem::GroupName))?;
        if name.is_empty() || !name.chars().all(is_word) {
            return Err((at, RegexProblem::GroupName));
        }
        self.cursor.at += name.len() + 1;
        // Names that only Go takes, and repeated ones, capture without a name.
        if !name.starts_with(|c: char| c.is_ascii_digit()) && self.names.insert(name) {
            let _ = write!(self.out, "(?P<{name}>");
        } else {
            self.out.push('(');
        }
        Ok(())
    }

    /// Reads `flags)` or `flags:`; true for the first.
    fn flags(&mut self, at: usize) -> Result<bool, Located> {
        let unknown = (at, RegexProblem::UnknownGroup);
        // Later flags win, as in `(?i-i)`; the other engine wants each once.
        let mut set: [(char, Option<bool>); 4] = [('i', None), ('m', None), ('s', None), ('U', None)];
        let mut on = true;
        let mut seen_since_sign = true;
        let closes = loop {
            let c = self.cursor.next().ok_or_else(|| unknown.clone())?;
            match c {
                ')' | ':' if seen_since_sign => break c == ')',
                '-' if on => {
                    on = false;
                    seen_since_sign = false;
                }
                _ => {
                    let flag = set.iter_mut().find(|(name, _)| *name == c).ok_or_else(|| unknown.clone())?;
                    flag.1 = Some(on);
                    seen_since_sign = true;
                }
            }
        };
        let names = |wanted| set.iter().filter(move |(_, state)| *state == Some(wanted)).map(|(name, _)| *name);
        let mut flags: String = names(true).collect();
        if names(false).next().is_some() {
            flags.push('-');
            flags.extend(names(false));
        }
        match (closes, flags.is_empty()) {
            (true, true) => {}
            (true, false) => {
                let _ = write!(self.out, "(?{flags})");
                // Go would let a repetition here reach back over the flags; the other engine would not.
                self.before = Before::Nothing;
            }
            (false, _) => {
                let _ = write!(self.out, "(?{flags}:");
            }
        }
        Ok(closes)
    }

    /// An escape outside of classes.
    fn escape(&mut self) -> Result<(), Located> {
        let at = self.cursor.at;
        if self.cursor.take(r"\Q") {
            let quoted = self.cursor.rest().split_once(r"\E").map_or(self.cursor.rest(), |(quoted, _)| quoted);
            let end = self.cursor.at + quoted.len();
            while self.cursor.at < end {
                self.literal();
            }
            self.cursor.take(r"\E");
            return Ok(());
        }
        for (written, meaning) in [(r"\A", r"\A"), (r"\z", r"\z"), (r"\b", r"(?-u:\b)"), (r"\B", r"(?-u:\B)")] {
            if self.cursor.take(written) {
                self.push(meaning, Before::Operand);
                return Ok(());
            }
        }
        match self.class_escape()? {
            Some(set) => self.out.push_str(&set),
            None => {
                let c = self.char_escape(at)?;
                push_char(c, &mut self.out);
            }
        }
        self.before = Before::Operand;
        Ok(())
    }

    /// `\d` and its like, and `\p`, as a class of the other engine; `None` if this is another escape.
    fn class_escape(&mut self) -> Result<Option<String>, Located> {
        for (written, meaning) in [
            (r"\d", "[0-9]"),
            (r"\D", "[^0-9]"),
            (r"\s", r"[\t\n\x0C\r\x20]"),
            (r"\S", r"[^\t\n\x0C\r\x20]"),
            (r"\w", "[0-9A-Za-z_]"),
            (r"\W", "[^0-9A-Za-z_]"),
        ] {
            if self.cursor.take(written) {
                return Ok(Some(meaning.to_owned()));
            }
        }
        let at = self.cursor.at;
        let unknown = (at, RegexProblem::UnknownClass);
        let negated = match (self.cursor.take(r"\p"), self.cursor.take(r"\P")) {
            (false, false) => return Ok(None),
            (_, negated) => negated,
        };
        let mut name = self.cursor.next().ok_or_else(|| unknown.clone())?.to_string();
        let mut negated = negated;
        if name == "{" {
            let (inside, _) = self.cursor.rest().split_once('}').ok_or_else(|| unknown.clone())?;
            self.cursor.at += inside.len() + 1;
            negated ^= inside.starts_with('^');
            name = inside.strip_prefix('^').unwrap_or(inside).to_owned();
        }
        let class = format!(r"\{}{{{name}}}", if negated { 'P' } else { 'p' });
        let well_formed = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !well_formed || Regex::new(&class).is_err() {
            return Err(unknown);
        }
        Ok(Some(class))
    }

    /// An escape that stands for one character; `start` is where the backslash stands.
    fn char_escape(&mut self, start: usize) -> Result<char, Located> {
        let unknown = (start, RegexProblem::UnknownEscape);
        self.cursor.next();
        let c = self.cursor.next().ok_or((start, RegexProblem::TrailingBackslash))?;
        let code = match c {
            'a' => return Ok('\x07'),
            'f' => return Ok('\x0C'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            't' => return Ok('\t'),
            'v' => return Ok('\x0B'),
            'x' => self.hexadecimal(),
            // One digit alone would be a back-reference.
            '1'..='7' if !self.cursor.peek().is_some_and(|next| next.is_digit(8)) => None,
            '0'..='7' => {
                self.cursor.at -= 1;
                Some(self.digits(8, 3))
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok(c),
            _ => None,
        };
        code.and_then(char::from_u32).ok_or(unknown)
    }

    /// Two hexadecimal digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let braced = self.cursor.take("{");
        let start = self.cursor.at;
        let code = self.digits(16, if braced { 8 } else { 2 });
        let enough = if braced { self.cursor.at > start && self.cursor.take("}") } else { self.cursor.at == start + 2 };
        enough.then_some(code)
    }

    /// Reads at most `limit` digits, at most 8, so that the number fits.
    fn digits(&mut self, radix: u32, limit: usize) -> u32 {
        let mut value = 0;
        for _ in 0..limit {
            let Some(digit) = self.cursor.peek().and_then(|c| c.to_digit(radix)) else { break };
            self.cursor.next();
            value = value * radix + digit;
        }
        value
    }

    fn class(&mut self) -> Result<(), Located> {
        let start = self.cursor.at;
        let unclosed = || (start, RegexProblem::UnclosedClass);
        self.cursor.next();
        self.out.push('[');
        if self.cursor.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let at = self.cursor.at;
            // A bracket that comes first is a character.
            if self.cursor.peek().ok_or_else(unclosed)? == ']' && !first {
                break;
            }
            first = false;
            if let Some(set) = self.posix_class()? {
                self.out.push_str(&set);
                continue;
            }
            if let Some(set) = self.class_escape()? {
                self.out.push_str(&set);
                continue;
            }
            let low = self.class_char(start)?;
            push_char(low, &mut self.out);
            if self.cursor.rest().starts_with('-') && !self.cursor.rest().starts_with("-]") {
                self.cursor.next();
                let high = self.class_char(start)?;
                if high < low {
                    return Err((at, RegexProblem::UnknownClass));
                }
                self.out.push('-');
                push_char(high, &mut self.out);
            }
        }
        self.cursor.next();
        self.out.push(']');
        Ok(())
    }

    fn class_char(&mut self, start: usize) -> Result<char, Located> {
        let at = self.cursor.at;
        match self.cursor.peek() {
            None => Err((start, RegexProblem::UnclosedClass)),
            Some('\\') => self.char_escape(at),
            Some(c) => {
                self.cursor.next();
                Ok(c)
            }
        }
    }

    /// `[:name:]` inside a class; `None` if there is none.
    fn posix_class(&mut self) -> Result<Option<String>, Located> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        let Some((name, _)) = self.cursor.rest().strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err((self.cursor.at, RegexProblem::UnknownClass));
        }
        self.cursor.at += name.len() + 4;
        Ok(Some(format!("[:{name}:]")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The first match of `expression` in `text`, as byte offsets.
    fn found(expression: &str, text: &str) -> Option<(usize, usize)> {
        let regex = compile_regex(expression).unwrap_or_else(|error| panic!("{error}"));
        regex.find(text).map(|found| (found.start(), found.end()))
    }

    /// Discovery 2.2: search, not full match; T29: ASCII where Go is ASCII, Unicode where it is Unicode.
    #[test]
    fn classes_and_boundaries() {
        for (expression, text, expected) in [
            ("b", "abc", Some((1, 2))),
            (r"\d", "\u{661}", None),
            (r"\D", "\u{661}", Some((0, 2))),
            (r"\w", "é", None),
            (r"\W", "é", Some((0, 2))),
            (r"\s", "\u{a0}", None),
            (r"\s", "\u{b}", None),
            ("[[:space:]]", "\u{b}", Some((0, 1))),
            (r"[^\S]", " ", Some((0, 1))),
            (r"\bé", "aé", Some((1, 3))),
            (r"\B", "é", Some((0, 0))),
            (".", "é", Some((0, 2))),
            ("[^a]", "é", Some((0, 2))),
            ("(?i)k", "\u{212a}", Some((0, 3))),
            (r"(?i)\w", "\u{17f}", Some((0, 2))),
            (r"\p{Greek}", "α", Some((0, 2))),
            (r"\p{^Greek}", "α", None),
            (r"\P{^Greek}", "α", Some((0, 2))),
            (r"\pN", "1", Some((0, 1))),
            ("[[:^alpha:]]", "1", Some((0, 1))),
        ] {
            assert_eq!(found(expression, text), expected, "{expression} {text:?}");
        }
    }

    /// T29: texts that only Go reads this way.
    #[test]
    fn characters_not_syntax() {
        for (expression, text, expected) in [
            (r"\Qa.b\E+", "a.bb", Some((0, 4))),
            (r"\Qa*", "aa*", Some((1, 3))),
            ("[a&&b]", "&", Some((0, 1))),
            ("[a~~b]", "~", Some((0, 1))),
            ("[--b]", "-", Some((0, 1))),
            ("[[]", "[", Some((0, 1))),
            ("[]a]", "]", Some((0, 1))),
            ("[a-b-c]", "-", Some((0, 1))),
            (r"[\d-z]", "-", Some((0, 1))),
            ("[[.a.]]", "a.]", Some((1, 3))),
            (r"\<", "<", Some((0, 1))),
            (r"\12", "\n", Some((0, 1))),
            (r"\08", "\u{0}8", Some((0, 2))),
            (r"\x{1F600}\x41", "😀A", Some((0, 5))),
            ("a{,5}", "a{,5}", Some((0, 5))),
            ("a{01}", "a{01}", Some((0, 5))),
            ("{", "{", Some((0, 1))),
            ("a{2}", "aaa", Some((0, 2))),
            ("a{2,}?", "aaa", Some((0, 2))),
            (r"\b{start}", "a{start}", Some((1, 8))),
            ("(?)a", "a", Some((0, 1))),
            ("(?i-i)a", "A", None),
            ("(?ii:a)b", "Ab", Some((0, 2))),
            ("(?P<1a>x)(?<n>y)(?<n>z)", "xyz", Some((0, 3))),
            ("^*$*a|", "a", Some((0, 1))),
        ] {
            assert_eq!(found(expression, text), expected, "{expression} {text:?}");
        }
        let regex = compile_regex("(?P<tag>b)").expect("a name both know");
        assert_eq!(regex.captures("ab").and_then(|c| c.name("tag").map(|m| m.start())), Some(1));
    }

    /// Resources 17.2 and discovery 2.1: what Go refuses is refused, with its place.
    #[test]
    fn refused_expressions() {
        use RegexProblem as P;
        for (expression, at, problem) in [
            ("(?=a)", 0, P::UnknownGroup),
            ("(?x)a", 0, P::UnknownGroup),
            ("(?i-)", 0, P::UnknownGroup),
            ("a(?", 1, P::UnknownGroup),
            ("(?P<é>x)", 0, P::GroupName),
            ("a(b", 1, P::UnclosedGroup),
            ("a)b", 1, P::UnopenedGroup),
            ("x[a", 1, P::UnclosedClass),
            ("[]", 0, P::UnclosedClass),
            ("[b-a]", 1, P::UnknownClass),
            ("[a--b]", 1, P::UnknownClass),
            ("[[:foo:]]", 1, P::UnknownClass),
            (r"\p{Foo}", 0, P::UnknownClass),
            (r"\p{a}b}", 0, P::UnknownClass),
            (r"\1", 0, P::UnknownEscape),
            (r"a\Z", 1, P::UnknownEscape),
            (r"\u0041", 0, P::UnknownEscape),
            (r"\x{110000}", 0, P::UnknownEscape),
            (r"\xF", 0, P::UnknownEscape),
            (r"[\b]", 1, P::UnknownEscape),
            (r"[a-\d]", 3, P::UnknownEscape),
            (r"a\", 1, P::TrailingBackslash),
            ("*a", 0, P::RepeatsNothing),
            ("a|+", 2, P::RepeatsNothing),
            ("a**", 2, P::RepeatsRepetition),
            ("a{2}{3}", 4, P::RepeatsRepetition),
            ("a{1001}", 1, P::RepeatCount),
            ("a{2,1}", 1, P::RepeatCount),
            ("a{99999999999}", 1, P::RepeatCount),
        ] {
            let error = compile_regex(expression).expect_err(expression);
            assert_eq!(error, PatternError::Regex { pattern: expression.to_owned(), at, problem });
        }
    }

    #[test]
    fn size_and_depth_are_limited() {
        let deep = |depth| format!("{}{}", "(".repeat(depth), ")".repeat(depth));
        assert!(compile_regex(&deep(MAX_DEPTH)).is_ok());
        let error = compile_regex(&deep(MAX_DEPTH + 1)).expect_err("too deep");
        assert_eq!(error.offset(), MAX_DEPTH);
        let error = compile_regex(r"(\pL{100}){1000}").expect_err("too large");
        assert!(matches!(error, PatternError::TooLarge { limit: SIZE_LIMIT, .. }), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_refused_in_place(text in ".{0,20}|[]a1(){}|*+?.,:<>P^$&~\\\\\\[QEdpbx-]{0,14}") {
            if let Err(error) = compile_regex(&text) {
                prop_assert!(error.offset() <= text.len());
                let unsupported = matches!(error, PatternError::Regex { problem: RegexProblem::Unsupported { .. }, .. });
                prop_assert!(!unsupported, "{}", error);
            }
        }
    }
}
