//! Version numbers as tags spell them: the lenient and the strict reader, and their precedence.

use std::cmp::Ordering;
use std::fmt;

/// A version read from a tag or a chart index, with the text it was read from.
///
/// The text is kept because it is what gets fetched and recorded (discovery 2.4); [`Display`](fmt::Display) prints it.
///
/// Two versions are equal (`==`) when their texts are. There is deliberately no [`Ord`]: precedence has ties
/// (`1.2`, `1.2.0` and `1.2.0+build` rank alike), so it is spelled out where it is used. See
/// [`cmp_precedence`](Self::cmp_precedence) and [`cmp_precedence_then_text`](Self::cmp_precedence_then_text).
///
/// ```
/// use kargo_core::select::Version;
///
/// let version = Version::parse_loose("v1.4-rc.1+sha.5114f85")?;
/// assert_eq!((version.major(), version.minor(), version.patch()), (1, 4, 0));
/// assert_eq!(version.pre_release(), Some("rc.1"));
/// assert_eq!(version.to_string(), "v1.4-rc.1+sha.5114f85");
/// # Ok::<(), kargo_core::select::VersionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    pre_release: String,
    build: String,
    original: String,
}

impl Version {
    /// The longest text that is read, in bytes. The reference library, at the version Kargo pins, has the same limit.
    pub const MAX_BYTES: usize = 256;

    /// Reads a version leniently: an optional lower-case `v`, one to three numbers, then `-pre-release` and
    /// `+build` where present (discovery 2.4).
    ///
    /// Missing numbers are 0, and leading zeros in the three numbers are accepted.
    ///
    /// # Errors
    ///
    /// [`VersionError`] says at which byte the text stops being a version, and why.
    ///
    /// ```
    /// use kargo_core::select::Version;
    ///
    /// assert!(Version::parse_loose("2024.01.15").is_ok());
    /// let error = Version::parse_loose("latest").unwrap_err();
    /// assert_eq!(error.to_string(), r#""latest" is not a version: expected a number at byte 0"#);
    /// ```
    pub fn parse_loose(text: &str) -> Result<Self, VersionError> {
        Self::parse(text, Reading::Loose).map_err(|at| VersionError::new(text, at))
    }

    /// Reads a version strictly: exactly three numbers without leading zeros and without a `v`, then `-pre-release`
    /// and `+build` where present (discovery 2.4).
    ///
    /// Tags are read with [`parse_tag`](Self::parse_tag), which tolerates one `v`.
    ///
    /// # Errors
    ///
    /// [`VersionError`] says at which byte the text stops being a strict version, and why.
    ///
    /// ```
    /// use kargo_core::select::Version;
    ///
    /// assert!(Version::parse_strict("1.2.3-rc.1").is_ok());
    /// assert!(Version::parse_strict("1.2").is_err());
    /// assert!(Version::parse_strict("v1.2.3").is_err());
    /// ```
    pub fn parse_strict(text: &str) -> Result<Self, VersionError> {
        Self::parse(text, Reading::Strict).map_err(|at| VersionError::new(text, at))
    }

    /// Reads a tag as image and git subscriptions do (discovery 2.4): leniently, and if `strict_semvers` also
    /// strictly once one leading `v` is taken off.
    ///
    /// # Errors
    ///
    /// [`VersionError`] with offsets into `tag` as given, the `v` included.
    ///
    /// ```
    /// use kargo_core::select::Version;
    ///
    /// assert!(Version::parse_tag("v1.2.3", true).is_ok());
    /// assert!(Version::parse_tag("v1.2", true).is_err());
    /// assert!(Version::parse_tag("v1.2", false).is_ok());
    /// ```
    pub fn parse_tag(tag: &str, strict_semvers: bool) -> Result<Self, VersionError> {
        let version = Self::parse_loose(tag)?;
        if strict_semvers {
            let bare = tag.strip_prefix('v').unwrap_or(tag);
            let skipped = tag.len() - bare.len();
            Self::parse(bare, Reading::Strict)
                .map_err(|(at, problem)| VersionError::new(tag, (at + skipped, problem)))?;
        }
        Ok(version)
    }

    /// The first number.
    #[must_use]
    pub const fn major(&self) -> u64 {
        self.major
    }

    /// The second number, 0 where the text has none.
    #[must_use]
    pub const fn minor(&self) -> u64 {
        self.minor
    }

    /// The third number, 0 where the text has none.
    #[must_use]
    pub const fn patch(&self) -> u64 {
        self.patch
    }

    /// The pre-release identifiers, without the hyphen: `rc.1` in `1.0.0-rc.1`.
    #[must_use]
    pub fn pre_release(&self) -> Option<&str> {
        Some(self.pre_release.as_str()).filter(|pre| !pre.is_empty())
    }

    /// The build metadata, without the plus sign: `sha.5114f85` in `1.0.0+sha.5114f85`.
    #[must_use]
    pub fn build(&self) -> Option<&str> {
        Some(self.build.as_str()).filter(|build| !build.is_empty())
    }

    /// The text this version was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.original
    }

    /// The same version in full: no `v`, three numbers, no leading zeros.
    ///
    /// ```
    /// use kargo_core::select::Version;
    ///
    /// assert_eq!(Version::parse_loose("v01.2-rc.1")?.normalized(), "1.2.0-rc.1");
    /// # Ok::<(), kargo_core::select::VersionError>(())
    /// ```
    #[must_use]
    pub fn normalized(&self) -> String {
        let mut text = format!("{}.{}.{}", self.major, self.minor, self.patch);
        for (mark, part) in [('-', &self.pre_release), ('+', &self.build)] {
            if !part.is_empty() {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }

    /// Compares by precedence (discovery 2.5): the three numbers, then the pre-release; build metadata is ignored.
    ///
    /// `Equal` does not mean the same version: `1.2`, `v1.2.0` and `1.2.0+a` compare equal. A pre-release identifier
    /// of digits that does not fit 64 bits compares as text.
    ///
    /// ```
    /// use kargo_core::select::Version;
    /// use std::cmp::Ordering;
    ///
    /// let v = |text| Version::parse_loose(text).unwrap();
    /// assert_eq!(v("1.0.0-rc.2").cmp_precedence(&v("1.0.0-rc.10")), Ordering::Less);
    /// assert_eq!(v("1.0.0-rc.2").cmp_precedence(&v("1.0.0")), Ordering::Less);
    /// assert_eq!(v("1.0.0+a").cmp_precedence(&v("1.0.0+b")), Ordering::Equal);
    /// ```
    #[must_use]
    pub fn cmp_precedence(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| cmp_pre_release(&self.pre_release, &other.pre_release))
    }

    /// Compares by precedence and breaks ties by the bytes of the original text: the total order in which
    /// discovery ranks tags (discovery 2.3; it takes the greatest first).
    ///
    /// `Equal` exactly when the two are `==`.
    #[must_use]
    pub fn cmp_precedence_then_text(&self, other: &Self) -> Ordering {
        self.cmp_precedence(other).then_with(|| self.original.cmp(&other.original))
    }

    /// Puts a version together from parts that were checked before; used for the base of a constraint.
    pub(crate) fn assemble(numbers: [u64; 3], pre_release: &str, original: String) -> Self {
        let [major, minor, patch] = numbers;
        Self { major, minor, patch, pre_release: pre_release.to_owned(), build: String::new(), original }
    }

    /// Puts a version together from parts that were checked before; its text is in full, after `prefix`.
    pub(crate) fn from_parts(prefix: &str, numbers: [u64; 3], pre_release: &str, build: &str) -> Self {
        let mut version = Self::assemble(numbers, pre_release, String::new());
        build.clone_into(&mut version.build);
        version.original = [prefix, &version.normalized()].concat();
        version
    }

    fn parse(text: &str, reading: Reading) -> Result<Self, Located> {
        if text.len() > Self::MAX_BYTES {
            return Err((Self::MAX_BYTES, VersionProblem::TooLong { bytes: text.len() }));
        }
        let strict = reading == Reading::Strict;
        let mut rest = Rest { text, at: 0 };
        if !strict {
            rest.take('v');
        }
        let mut numbers = [0; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            if index > 0 && !rest.take('.') {
                if strict {
                    return Err((rest.at, VersionProblem::ExpectedThreeNumbers));
                }
                break;
            }
            *number = rest.number(strict)?;
        }
        let pre_release = if rest.take('-') { rest.identifiers(true)? } else { "" };
        let build = if rest.take('+') { rest.identifiers(false)? } else { "" };
        if rest.at < text.len() {
            return Err((rest.at, VersionProblem::ExpectedEnd));
        }
        let [major, minor, patch] = numbers;
        Ok(Self {
            major,
            minor,
            patch,
            pre_release: pre_release.to_owned(),
            build: build.to_owned(),
            original: text.to_owned(),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.original)
    }
}

/// Why a text is not a version, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a version: {problem} at byte {at}")]
pub struct VersionError {
    text: String,
    at: usize,
    problem: VersionProblem,
}

impl VersionError {
    /// The refused text; only its beginning if it was too long.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte offset in the text at which it stops being a version.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// What is wrong there.
    #[must_use]
    pub const fn problem(&self) -> &VersionProblem {
        &self.problem
    }

    fn new(text: &str, (at, problem): Located) -> Self {
        Self { text: beginning(text, Version::MAX_BYTES).to_owned(), at, problem }
    }
}

/// What is wrong with a text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionProblem {
    /// A number must stand here.
    #[error("expected a number")]
    ExpectedNumber,
    /// A strict version has three numbers, and this one ends before the third.
    #[error("expected a dot, because a strict version has three numbers,")]
    ExpectedThreeNumbers,
    /// A pre-release or build identifier must stand here.
    #[error("expected an identifier of digits, ASCII letters and hyphens")]
    ExpectedIdentifier,
    /// The version is complete, yet the text goes on.
    #[error("expected the end of the version")]
    ExpectedEnd,
    /// The number does not fit 64 bits.
    #[error("found a number above 18446744073709551615")]
    NumberTooLarge,
    /// A zero stands before other digits where that is not allowed: in a numeric pre-release identifier, or in
    /// any number of a strict version.
    #[error("found a number with a leading zero")]
    LeadingZero,
    /// The text is longer than [`Version::MAX_BYTES`].
    #[error("found {bytes} bytes where at most 256 are read; it is cut")]
    TooLong {
        /// The length of the text.
        bytes: usize,
    },
}

/// A problem and the byte offset at which it was found.
pub(crate) type Located = (usize, VersionProblem);

/// The longest beginning of `text` within `limit` bytes.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// Reads digits as a number; `at` is where they stand, for the error.
pub(crate) fn number(digits: &str, at: usize) -> Result<u64, Located> {
    digits.parse().map_err(|_| (at, VersionProblem::NumberTooLarge))
}

/// Refuses numeric identifiers with a leading zero (discovery 2.4); `at` is where `identifiers` stand.
pub(crate) fn check_pre_release(identifiers: &str, at: usize) -> Result<(), Located> {
    let mut at = at;
    for identifier in identifiers.split('.') {
        if is_numeric(identifier) && has_leading_zero(identifier) {
            return Err((at, VersionProblem::LeadingZero));
        }
        at += identifier.len() + 1;
    }
    Ok(())
}

/// Whether these are identifiers with dots between them, whatever their digits.
pub(crate) fn are_identifiers(text: &str) -> bool {
    text.split('.').all(|identifier| !identifier.is_empty() && identifier.bytes().all(is_identifier_byte))
}

/// Compares pre-releases; the empty one is a release and ranks highest.
pub(crate) fn cmp_pre_release(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        // Lexicographic comparison lets the longer of two lists win when all earlier identifiers are equal.
        (false, false) => left.split('.').map(Identifier::of).cmp(right.split('.').map(Identifier::of)),
    }
}

/// True for the characters of pre-release and build identifiers.
pub(crate) const fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_numeric(identifier: &str) -> bool {
    identifier.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// A pre-release identifier as it ranks: numbers (the variant declared first) below words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(u64),
    Word(&'a str),
}

impl<'a> Identifier<'a> {
    fn of(text: &'a str) -> Self {
        // Digits that do not fit 64 bits rank as a word (discovery 2.5).
        if is_numeric(text) { text.parse().map_or(Self::Word(text), Self::Number) } else { Self::Word(text) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Loose,
    Strict,
}

/// The part of a text that is not read yet.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, wanted: char) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(wanted));
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Takes the longest run of ASCII bytes that `wanted` accepts.
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        let length = self.text.bytes().skip(start).take_while(|byte| wanted(*byte)).count();
        self.at = start + length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn number(&mut self, strict: bool) -> Result<u64, Located> {
        let at = self.at;
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() {
            return Err((at, VersionProblem::ExpectedNumber));
        }
        if strict && has_leading_zero(digits) {
            return Err((at, VersionProblem::LeadingZero));
        }
        number(digits, at)
    }

    /// Takes dot-separated, non-empty identifiers.
    fn identifiers(&mut self, pre_release: bool) -> Result<&'a str, Located> {
        let start = self.at;
        loop {
            if self.take_while(is_identifier_byte).is_empty() {
                return Err((self.at, VersionProblem::ExpectedIdentifier));
            }
            if !self.take('.') {
                break;
            }
        }
        let found = self.text.get(start..self.at).unwrap_or_default();
        if pre_release {
            check_pre_release(found, start)?;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn v(text: &str) -> Version {
        Version::parse_loose(text).expect("a version")
    }

    fn problem(result: Result<Version, VersionError>) -> (usize, VersionProblem) {
        let error = result.expect_err("not a version");
        (error.offset(), error.problem().clone())
    }

    /// Discovery 2.4, the lenient reader.
    #[test]
    fn lenient_texts() {
        for (text, normalized) in [
            ("1", "1.0.0"),
            ("v1", "1.0.0"),
            ("1.2", "1.2.0"),
            ("2024.01.02", "2024.1.2"),
            ("v1.2-rc.1", "1.2.0-rc.1"),
            ("1+x.01", "1.0.0+x.01"),
            ("1.2.3--.-", "1.2.3--.-"),
            ("1.2.3+a-b", "1.2.3+a-b"),
            ("20240101", "20240101.0.0"),
            ("18446744073709551615", "18446744073709551615.0.0"),
        ] {
            assert_eq!(v(text).normalized(), normalized, "{text}");
            assert_eq!(v(text).to_string(), text);
        }
    }

    /// Discovery 2.4: what neither reader takes, and where the caret goes.
    #[test]
    fn refused_texts() {
        use VersionProblem::{ExpectedEnd, ExpectedIdentifier, ExpectedNumber, LeadingZero, NumberTooLarge};
        for (text, at, why) in [
            ("", 0, ExpectedNumber),
            ("latest", 0, ExpectedNumber),
            ("V1.2.3", 0, ExpectedNumber),
            ("vv1", 1, ExpectedNumber),
            (" 1", 0, ExpectedNumber),
            ("1.2.3 ", 5, ExpectedEnd),
            ("1.2.3.4", 5, ExpectedEnd),
            ("1..2", 2, ExpectedNumber),
            ("1.2.3-", 6, ExpectedIdentifier),
            ("1.2.3-a..b", 8, ExpectedIdentifier),
            ("1.2.3-é", 6, ExpectedIdentifier),
            ("1.2.3+a_b", 7, ExpectedEnd),
            ("1.2.3-a.01", 8, LeadingZero),
            ("1.18446744073709551616", 2, NumberTooLarge),
        ] {
            assert_eq!(problem(Version::parse_loose(text)), (at, why), "{text:?}");
        }
    }

    /// Discovery 2.4: strict mode accepts `v1.2.3` and rejects `1.2`, `2024.01.02`, `v1`.
    #[test]
    fn strict_tags() {
        assert_eq!(Version::parse_tag("v1.2.3", true).expect("strict").as_str(), "v1.2.3");
        assert_eq!(problem(Version::parse_tag("1.2", true)), (3, VersionProblem::ExpectedThreeNumbers));
        assert_eq!(problem(Version::parse_tag("2024.01.02", true)), (5, VersionProblem::LeadingZero));
        assert_eq!(problem(Version::parse_tag("v1", true)), (2, VersionProblem::ExpectedThreeNumbers));
        assert_eq!(problem(Version::parse_tag("vv1.2.3", true)), (1, VersionProblem::ExpectedNumber));
        assert_eq!(problem(Version::parse_strict("v1.2.3")), (0, VersionProblem::ExpectedNumber));
        assert!(Version::parse_tag("2024.01.02", false).is_ok());
    }

    #[test]
    fn length_limit() {
        let longest = format!("1.2.3-{}", "a".repeat(250));
        assert!(Version::parse_loose(&longest).is_ok());
        let error = Version::parse_loose(&format!("{longest}é")).expect_err("too long");
        assert_eq!((error.text(), error.problem()), (longest.as_str(), &VersionProblem::TooLong { bytes: 258 }));
    }

    /// Discovery 2.5, each rule between neighbours of an ascending list.
    #[test]
    fn precedence_ascends() {
        let ascending = [
            "0.9.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-18446744073709551615",
            "1.0.0-18446744073709551616",
            "1.0.0-5x",
            "1.0.0-99999999999999999999",
            "1.0.0-BETA",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.1.0",
            "1.0.0-alpha.beta",
            "1.0.0",
            "1.0.1-0",
            "1.2.0",
            "1.10.0",
            "2.0.0",
        ];
        for (i, left) in ascending.iter().enumerate() {
            for (j, right) in ascending.iter().enumerate() {
                assert_eq!(v(left).cmp_precedence(&v(right)), i.cmp(&j), "{left} {right}");
            }
        }
    }

    /// Discovery 2.3 and 2.5: ties are told apart by the text only.
    #[test]
    fn ties() {
        assert_eq!(v("1.2").cmp_precedence(&v("v1.2.0+b")), Ordering::Equal);
        assert_eq!(v("1.2").cmp_precedence_then_text(&v("v1.2.0+b")), Ordering::Less);
        assert_ne!(v("1.2"), v("1.2.0"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}|[v0-9a.+-]{0,30}") {
            for result in [Version::parse_loose(&text), Version::parse_strict(&text), Version::parse_tag(&text, true)] {
                match result {
                    Ok(version) => prop_assert_eq!(version.as_str(), &text),
                    Err(error) => {
                        prop_assert!(error.offset() <= text.len());
                        prop_assert!(text.starts_with(error.text()));
                    }
                }
            }
        }

        #[test]
        fn printed_versions_read_back(text in "v?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,4}){0,2}(-[a-z1-9-]{1,3}(\\.[a-z-]{1,4}){0,2})?(\\+[0-9a-z]{1,9})?") {
            if let Ok(version) = Version::parse_loose(&text) {
                prop_assert_eq!(&Version::parse_loose(&version.to_string()).expect("printed"), &version);
                let full = Version::parse_strict(&version.normalized()).expect("normalized is strict");
                prop_assert_eq!(full.cmp_precedence(&version), Ordering::Equal);
                prop_assert_eq!(full.build(), version.build());
            } else {
                prop_assert!(text.len() > 19, "only numbers can be too large: {}", text);
            }
        }

        #[test]
        fn precedence_is_an_order(texts in proptest::array::uniform3("[01](\\.[01])?(-[0a-]{1,2}(\\.[1a]{1,2})?)?(\\+a)?")) {
            let [a, b, c] = texts;
            let (Ok(a), Ok(b), Ok(c)) = (Version::parse_loose(&a), Version::parse_loose(&b), Version::parse_loose(&c)) else {
                return Ok(());
            };
            prop_assert_eq!(a.cmp_precedence(&b), b.cmp_precedence(&a).reverse());
            if a.cmp_precedence(&b).is_le() && b.cmp_precedence(&c).is_le() {
                prop_assert!(a.cmp_precedence(&c).is_le());
            }
        }
    }
}
