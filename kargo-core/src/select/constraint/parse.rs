//! Reading a constraint, and what to say when it cannot be read (discovery 2.11, "Grammar").

use super::hyphen::{Glyph, is_blank, is_number_byte, rewrite};
use super::range::{Constraint, Open, Operator, Part};
use crate::model::version::{Located, VersionProblem, beginning, check_pre_release, is_identifier_byte, number};
use crate::select::Version;

/// Why a text is not a constraint, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version range: {problem} at byte {at}")]
pub struct ConstraintError {
    text: String,
    at: usize,
    problem: ConstraintProblem,
}

impl ConstraintError {
    /// The refused text; only its beginning if it was too long.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte offset in the text at which it stops being a constraint.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// What is wrong there.
    #[must_use]
    pub const fn problem(&self) -> &ConstraintProblem {
        &self.problem
    }
}

/// What is wrong with a text that is not a constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConstraintProblem {
    /// A comparison needs a version here.
    #[error("expected a version such as 1.2.3 or 1.x")]
    ExpectedVersion,
    /// A dot must be followed by a number or a wildcard.
    #[error("expected a number or a wildcard (x, X or *)")]
    ExpectedNumber,
    /// Digits and wildcards stand in one position: `1x`.
    #[error("expected either a number or a wildcard (x, X or *), not both,")]
    MixedNumber,
    /// A pre-release or build identifier must stand here.
    #[error("expected an identifier of digits, ASCII letters and hyphens")]
    ExpectedIdentifier,
    /// A comparison is complete, and what follows it does not separate it from the next.
    #[error("expected a space, a comma, `||` or the end")]
    ExpectedSeparator,
    /// A single bar: alternatives are joined by two.
    #[error("expected `||` instead of `|`")]
    SingleBar,
    /// There is no such operator.
    #[error("expected one of = != > < >= <= ~ ~> ^ instead of `{operator}`")]
    UnknownOperator {
        /// What stands in the place of an operator.
        operator: String,
    },
    /// An operator stands before a hyphen range, which takes none.
    #[error("expected no operator before a hyphen range")]
    OperatorBeforeRange,
    /// A hyphen range follows another comparison without a comma.
    #[error("expected a comma before a hyphen range")]
    ExpectedComma,
    /// A bound of a hyphen range runs into the `||` beside it.
    #[error("expected blanks round the `||` beside a hyphen range")]
    CrampedRange,
    /// A number does not fit 64 bits.
    #[error("found a number above 18446744073709551615")]
    NumberTooLarge,
    /// A numeric pre-release identifier has a leading zero.
    #[error("found a pre-release number with a leading zero")]
    LeadingZero,
    /// There are more alternatives than [`Constraint::MAX_ALTERNATIVES`].
    #[error("found more than 32 alternatives")]
    TooManyAlternatives,
    /// The version of a comparison is longer than [`Version::MAX_BYTES`].
    #[error("found a version of more than 256 bytes")]
    VersionTooLong,
    /// The text is longer than [`Constraint::MAX_BYTES`].
    #[error("found {bytes} bytes where at most 512 are read; it is cut")]
    TooLong {
        /// The length of the text.
        bytes: usize,
    },
}

/// Reads the alternatives of a constraint, each a list of comparisons.
pub(super) fn alternatives(text: &str) -> Result<Vec<Vec<Part>>, ConstraintError> {
    let fail = |(at, problem)| ConstraintError { text: beginning(text, Constraint::MAX_BYTES).to_owned(), at, problem };
    if text.len() > Constraint::MAX_BYTES {
        return Err(fail((Constraint::MAX_BYTES, ConstraintProblem::TooLong { bytes: text.len() })));
    }
    let glyphs = rewrite(text);
    let mut cursor = Cursor { glyphs: &glyphs, next: 0, end: 0, length: text.len() };
    let mut alternatives = Vec::new();
    loop {
        if alternatives.len() == Constraint::MAX_ALTERNATIVES {
            return Err(fail((cursor.at(), ConstraintProblem::TooManyAlternatives)));
        }
        cursor.end = bars(&glyphs, cursor.next).unwrap_or(glyphs.len());
        alternatives.push(cursor.alternative().map_err(fail)?);
        if cursor.end == glyphs.len() {
            return Ok(alternatives);
        }
        cursor.next = cursor.end + 2;
    }
}

/// Where the first `||` at or after `start` stands.
fn bars(glyphs: &[Glyph], start: usize) -> Option<usize> {
    let pair = glyphs.get(start..)?.windows(2).position(|pair| pair.iter().all(|glyph| glyph.byte == b'|'))?;
    Some(start + pair)
}

type Refused = (usize, ConstraintProblem);

fn refused((at, problem): Located) -> Refused {
    let problem = match problem {
        VersionProblem::NumberTooLarge => ConstraintProblem::NumberTooLarge,
        VersionProblem::LeadingZero => ConstraintProblem::LeadingZero,
        VersionProblem::TooLong { .. } => ConstraintProblem::VersionTooLong,
        VersionProblem::ExpectedIdentifier => ConstraintProblem::ExpectedIdentifier,
        VersionProblem::ExpectedNumber | VersionProblem::ExpectedThreeNumbers | VersionProblem::ExpectedEnd => {
            ConstraintProblem::ExpectedVersion
        }
    };
    (at, problem)
}

/// Reads one alternative after the other; `end` is where the current one ends.
struct Cursor<'a> {
    glyphs: &'a [Glyph],
    next: usize,
    end: usize,
    /// Of the text as written: the offset of its end.
    length: usize,
}

/// Characters that were read together, and where they stand in the text as written.
struct Token {
    text: String,
    at: usize,
}

impl Token {
    fn is_wildcard(&self) -> bool {
        matches!(self.text.as_str(), "x" | "X" | "*")
    }

    fn number(&self) -> Result<u64, Refused> {
        if let Some(index) = self.text.find(|c: char| !c.is_ascii_digit()) {
            let bar = self.text.get(index..).is_some_and(|rest| rest.starts_with('|'));
            let problem = if bar { ConstraintProblem::SingleBar } else { ConstraintProblem::MixedNumber };
            return Err((self.at + index, problem));
        }
        number(&self.text, self.at).map_err(refused)
    }
}

impl Cursor<'_> {
    /// `part ( ( blanks | [blanks] "," [blanks] ) part )*`, blanks at both ends allowed.
    fn alternative(&mut self) -> Result<Vec<Part>, Refused> {
        let mut parts = Vec::new();
        self.blanks();
        loop {
            parts.push(self.part()?);
            let separated = self.blanks();
            let Some(glyph) = self.peek() else { return Ok(parts) };
            if glyph.byte == b',' {
                self.next += 1;
                self.blanks();
            } else if !separated {
                return Err(self.not_separated(glyph));
            }
        }
    }

    fn part(&mut self) -> Result<Part, Refused> {
        let operator = self.operator()?;
        self.blanks();
        let start = self.next;
        let first = self.at();
        self.take_if(b'v');
        let major = self.token(is_number_byte);
        if major.text.is_empty() {
            return Err((first, ConstraintProblem::ExpectedVersion));
        }
        let minor = self.further_number()?;
        let patch = if minor.is_some() { self.further_number()? } else { None };
        let pre_release = if self.take_if(b'-') { Some(self.identifiers()?) } else { None };
        if self.take_if(b'+') {
            self.identifiers()?;
        }
        let (numbers, open) = positions(&major, minor.as_ref(), patch.as_ref())?;
        if let Some(pre) = &pre_release {
            check_pre_release(&pre.text, pre.at).map_err(refused)?;
        }

        // What is measured is the version with its open positions filled in, as the reference library does.
        let kept = pre_release.as_ref().map_or(0, |pre| pre.text.len() + 1);
        let minor_length = minor.as_ref().map_or(0, |minor| minor.text.len());
        let length = kept
            + match open {
                Open::None => self.next - start - kept,
                Open::Patch => major.text.len() + ".".len() + minor_length + ".0".len(),
                Open::Minor => major.text.len() + ".0.0".len(),
                Open::Major => "0.0.0".len(),
            };
        if length > Version::MAX_BYTES {
            return Err((first, ConstraintProblem::VersionTooLong));
        }
        let pre = pre_release.map(|pre| pre.text).unwrap_or_default();
        let written = self.glyphs.get(start..self.next).unwrap_or_default();
        let written = written.iter().map(|glyph| char::from(glyph.byte)).collect();
        Ok(Part { operator, base: Version::assemble(numbers, &pre, written), open })
    }

    fn operator(&mut self) -> Result<Operator, Refused> {
        let start = self.next;
        let token = self.token(|byte| matches!(byte, b'=' | b'!' | b'<' | b'>' | b'~' | b'^'));
        let operator = match token.text.as_str() {
            "" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            ">=" | "=>" => Operator::GreaterOrEqual,
            "<" => Operator::Less,
            "<=" | "=<" => Operator::LessOrEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => {
                let range = (start..self.next).find(|index| self.glyphs.get(*index).is_some_and(|g| g.inserted));
                return Err(match range {
                    Some(index) => {
                        self.cramped_range(index).unwrap_or((token.at, ConstraintProblem::OperatorBeforeRange))
                    }
                    None => (token.at, ConstraintProblem::UnknownOperator { operator: token.text }),
                });
            }
        };
        Ok(operator)
    }

    /// `.` and a number or wildcard, where a dot follows.
    fn further_number(&mut self) -> Result<Option<Token>, Refused> {
        if !self.take_if(b'.') {
            return Ok(None);
        }
        let token = self.token(is_number_byte);
        if token.text.is_empty() { Err((token.at, ConstraintProblem::ExpectedNumber)) } else { Ok(Some(token)) }
    }

    /// Dot-separated, non-empty identifiers.
    fn identifiers(&mut self) -> Result<Token, Refused> {
        let mut all = Token { text: String::new(), at: self.at() };
        loop {
            let one = self.token(is_identifier_byte);
            if one.text.is_empty() {
                return Err((one.at, ConstraintProblem::ExpectedIdentifier));
            }
            all.text.push_str(&one.text);
            if !self.take_if(b'.') {
                return Ok(all);
            }
            all.text.push('.');
        }
    }

    fn not_separated(&self, glyph: Glyph) -> Refused {
        if glyph.inserted {
            return self.cramped_range(self.next).unwrap_or((glyph.at, ConstraintProblem::ExpectedComma));
        }
        let problem =
            if glyph.byte == b'|' { ConstraintProblem::SingleBar } else { ConstraintProblem::ExpectedSeparator };
        (glyph.at, problem)
    }

    /// If the lower bound of the hyphen range inserted at `index` has swallowed a `||`, where that stands.
    fn cramped_range(&self, index: usize) -> Option<Refused> {
        let range = self.glyphs.get(index..)?;
        let bound = range.iter().skip_while(|glyph| glyph.inserted).take_while(|glyph| !glyph.inserted);
        let bar = bound.into_iter().find(|glyph| glyph.byte == b'|')?;
        Some((bar.at, ConstraintProblem::CrampedRange))
    }

    fn peek(&self) -> Option<Glyph> {
        if self.next < self.end { self.glyphs.get(self.next).copied() } else { None }
    }

    /// Where the next character, also one beyond this alternative, stands in the text as written.
    fn at(&self) -> usize {
        self.glyphs.get(self.next).map_or(self.length, |glyph| glyph.at)
    }

    fn take_if(&mut self, wanted: u8) -> bool {
        let found = self.peek().is_some_and(|glyph| glyph.byte == wanted);
        if found {
            self.next += 1;
        }
        found
    }

    fn token(&mut self, wanted: fn(u8) -> bool) -> Token {
        let mut token = Token { text: String::new(), at: self.at() };
        while let Some(glyph) = self.peek().filter(|glyph| wanted(glyph.byte)) {
            token.text.push(char::from(glyph.byte));
            self.next += 1;
        }
        token
    }

    /// Skips blanks; true if there was one.
    fn blanks(&mut self) -> bool {
        !self.token(is_blank).text.is_empty()
    }
}

/// The numbers of the base and the first open position; what stands after that position is not read.
fn positions(major: &Token, minor: Option<&Token>, patch: Option<&Token>) -> Result<([u64; 3], Open), Refused> {
    if major.is_wildcard() {
        return Ok(([0; 3], Open::Major));
    }
    let major = major.number()?;
    let Some(minor) = minor.filter(|minor| !minor.is_wildcard()) else {
        return Ok(([major, 0, 0], Open::Minor));
    };
    let minor = minor.number()?;
    let Some(patch) = patch.filter(|patch| !patch.is_wildcard()) else {
        return Ok(([major, minor, 0], Open::Patch));
    };
    Ok(([major, minor, patch.number()?], Open::None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConstraintProblem as P;
    use proptest::prelude::*;

    /// Discovery 2.11, "Grammar": what is refused, where the caret goes, and what was expected there.
    #[test]
    fn refused_constraints() {
        let operator = |operator: &str| P::UnknownOperator { operator: operator.to_owned() };
        for (text, at, problem) in [
            ("latest", 0, P::ExpectedVersion),
            ("", 0, P::ExpectedVersion),
            (" ", 1, P::ExpectedVersion),
            (">=", 2, P::ExpectedVersion),
            ("^V1", 1, P::ExpectedVersion),
            ("1.2.3 ||", 8, P::ExpectedVersion),
            ("||1", 0, P::ExpectedVersion),
            ("1 ||  || 2", 6, P::ExpectedVersion),
            (">=1.2,", 6, P::ExpectedVersion),
            (", 1", 0, P::ExpectedVersion),
            (">=1.2 <2 foo", 9, P::ExpectedVersion),
            ("1.", 2, P::ExpectedNumber),
            ("1..2", 2, P::ExpectedNumber),
            ("1.2.3.4", 5, P::ExpectedSeparator),
            (">=1.2<2", 5, P::ExpectedSeparator),
            ("1\u{a0}2", 1, P::ExpectedSeparator),
            ("^1.2x", 4, P::MixedNumber),
            ("xx", 0, P::MixedNumber),
            ("1|2", 1, P::SingleBar),
            ("1 |2", 2, P::SingleBar),
            ("1.2-a|2", 5, P::SingleBar),
            ("1.2.3-", 6, P::ExpectedIdentifier),
            ("1.2.3-a.", 8, P::ExpectedIdentifier),
            ("1+é", 2, P::ExpectedIdentifier),
            (">=1.2.3-beta.01", 13, P::LeadingZero),
            ("99999999999999999999.x", 0, P::NumberTooLarge),
            ("^1.99999999999999999999", 3, P::NumberTooLarge),
            ("==1", 0, operator("==")),
            (">=1, ~= 2", 5, operator("~=")),
            ("> =1", 2, P::ExpectedVersion),
            (">1 - 2", 0, P::OperatorBeforeRange),
            ("^0 || = 1 - 2", 6, P::OperatorBeforeRange),
            ("0 1 - 2", 2, P::ExpectedComma),
            ("^0||1 - 2", 2, P::CrampedRange),
            ("1 - 2 - 3", 6, P::ExpectedVersion),
        ] {
            let error = alternatives(text).expect_err(text);
            assert_eq!((error.offset(), error.problem()), (at, &problem), "{text:?}: {error}");
            assert_eq!(error.text(), text);
        }
    }

    /// The limits of the reference library: text, version and number of alternatives.
    #[test]
    fn limits() {
        let problem = |text: &str| alternatives(text).err().map(|error| error.problem().clone());
        assert_eq!(problem(&format!("1{}", " ".repeat(511))), None);
        assert_eq!(problem(&format!("1{}", " ".repeat(512))), Some(P::TooLong { bytes: 513 }));
        assert_eq!(problem(&["1"; 32].join("||")), None);
        assert_eq!(problem(&["1"; 33].join("||")), Some(P::TooManyAlternatives));
        // Measured with the open positions filled in: `1-` and 250 letters is `1.0.0-` and 250 letters.
        for prefix in ["1.2.3-", "1-", "v1.2-", "x-", "1.x.333-"] {
            assert_eq!(problem(&format!("{prefix}{}", "a".repeat(250))), None, "{prefix}");
            assert_eq!(problem(&format!("{prefix}{}", "a".repeat(251))), Some(P::VersionTooLong), "{prefix}");
        }
    }

    #[test]
    fn messages() {
        let message = |text| alternatives(text).expect_err(text).to_string();
        assert_eq!(
            message("1.0 2 - 3"),
            r#""1.0 2 - 3" is not a version range: expected a comma before a hyphen range at byte 4"#
        );
        assert_eq!(
            message("==1"),
            r#""==1" is not a version range: expected one of = != > < >= <= ~ ~> ^ instead of `==` at byte 0"#,
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_in_place(text in ".{0,40}|[v01.x*|=<>!~^, a-]{0,30}") {
            match Constraint::parse(&text) {
                Ok(read) => prop_assert_eq!(Constraint::parse(&read.to_string()), Ok(read)),
                Err(error) => prop_assert!(text.is_char_boundary(error.offset()), "{}", error),
            }
        }
    }
}
