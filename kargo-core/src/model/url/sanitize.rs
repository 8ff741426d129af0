//! What happens to the text of a URL before it is read: invisible characters out, letters to lower case.
use std::sync::LazyLock;

use regex::Regex;

use crate::model::pattern;

/// Everything except the general categories L, M, N, P, S of Unicode 15.0 and the one printable space, U+0020.
///
/// 15.0 is what the reference's Go knows. Fixing it keeps Freight ids the same when a crate here learns a newer Unicode.
static UNPRINTABLE: LazyLock<Regex> =
    LazyLock::new(|| pattern::compile(r"[^ [[\p{L}\p{M}\p{N}\p{P}\p{S}]&&\p{Age=15.0}]]+"));

/// Drops every character that does not print, wherever it stands, then the spaces at both ends.
///
/// Byte order marks, zero-width spaces, tabs and line breaks travel unseen through copy and paste. Printable means
/// what Go's `unicode.IsPrint` says: letters, marks, numbers, punctuation, symbols, and U+0020 as the only space
/// (resources 16.3, discovery 6.1). Spaces inside the text stay.
///
/// Categories are those of Unicode 15.0, the reference's edition; characters assigned later are dropped.
///
/// ```
/// use kargo_core::model::url::sanitize;
///
/// assert_eq!(sanitize("\u{feff} https://example.com/my\u{200b} repo\n"), "https://example.com/my repo");
/// ```
#[must_use]
pub fn sanitize(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.trim_matches(' ').to_owned();
    }
    UNPRINTABLE.replace_all(text, "").trim_matches(' ').to_owned()
}

/// Lower case as Go has it: one character for one character, whatever its neighbours are.
///
/// `str::to_lowercase` differs in two places: it turns `İ` into two characters, and a `Σ` at the end of a word into
/// `ς`. Either would change Freight ids. Give it sanitised text: capitals younger than the reference's Unicode would
/// otherwise turn into letters it knows.
pub(super) fn lower_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|letter| match letter {
            'İ' => 'i',
            _ => letter.to_lowercase().next().unwrap_or(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{lower_case, sanitize};

    #[test]
    fn resources_16_3_and_discovery_6_1_drop_what_does_not_print() {
        for (text, expected) in [
            ("", ""),
            ("   ", ""),
            ("  a  ", "a"),
            ("a b", "a b"),
            ("\ta\r\nb\n", "ab"),
            ("\u{feff}a\u{feff}", "a"),
            ("\u{feff} a", "a"),
            ("a\u{200b}b", "ab"),
            // Spaces other than U+0020, a soft hyphen, a private-use character, line separators, DEL, a C1 control.
            ("a\u{a0}b\u{2003}c\u{3000}d", "abcd"),
            ("a\u{ad}b\u{e000}c\u{2028}d\u{7f}e\u{85}f", "abcdef"),
            // Assigned in Unicode 15.1 and 16.0; the last of 15.0 stays.
            ("a\u{2ebf0}b\u{a7cb}c\u{323af}", "abc\u{323af}"),
            // Letters, a combining mark, numbers, punctuation and symbols of other scripts stay.
            ("é字e\u{301}٣—€😀", "é字e\u{301}٣—€😀"),
        ] {
            assert_eq!(sanitize(text), expected, "{text:?}");
        }
    }

    #[test]
    fn lower_case_never_changes_the_number_of_characters() {
        for (text, expected) in
            [("GitHub.COM/É", "github.com/é"), ("İ", "i"), ("ΑΣ", "ασ"), ("\u{212a}", "k"), ("ẞ", "ß")]
        {
            assert_eq!(lower_case(text), expected, "{text:?}");
        }
        let every_letter: String = (char::MIN..=char::MAX).collect();
        assert_eq!(lower_case(&every_letter).chars().count(), every_letter.chars().count());
    }
}
