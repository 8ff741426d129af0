//! Hyphen ranges: `1.2 - 2.0` is rewritten to `>= 1.2, <= 2.0 ` before anything else is read (discovery 2.11).

use crate::model::version::is_identifier_byte;

/// One byte of the rewritten text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) byte: u8,
    /// Where it stands in the text as written; for an inserted byte, where the bound it introduces stands.
    pub(super) at: usize,
    /// True if the rewriting put it there.
    pub(super) inserted: bool,
}

/// Rewrites every hyphen range of `text`, from left to right.
///
/// Blanks round a range go with it, so that a range after another comparison needs a comma: `1 2 - 3` becomes
/// `1>= 2, <= 3 `, which is then refused.
pub(super) fn rewrite(text: &str) -> Vec<Glyph> {
    let bytes = text.as_bytes();
    let mut glyphs = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let Some(range) = Range::starting_at(bytes, at) else {
            glyphs.push(Glyph { byte, at, inserted: false });
            at += 1;
            continue;
        };
        for (introduction, bound) in [(">= ", range.lower), (", <= ", range.upper), (" ", (range.end, range.end))] {
            glyphs.extend(introduction.bytes().map(|byte| Glyph { byte, at: bound.0, inserted: true }));
            let written = bytes.iter().enumerate().take(bound.1).skip(bound.0);
            glyphs.extend(written.map(|(at, &byte)| Glyph { byte, at, inserted: false }));
        }
        at = range.end;
    }
    glyphs
}

/// True for what the language takes as a blank.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// True for what may stand in a number position.
///
/// The bar is among them in the reference library. It shows in two places: a bound of a hyphen range reaches
/// across a `||` that has no blanks round it, and `1.x.1|2` is accepted because nothing after a wildcard is read.
pub(super) const fn is_number_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|')
}

/// A hyphen range; bounds are byte offsets, start and end.
struct Range {
    lower: (usize, usize),
    upper: (usize, usize),
    end: usize,
}

impl Range {
    fn starting_at(bytes: &[u8], at: usize) -> Option<Self> {
        let start = skip_blanks(bytes, at);
        let lower = (start, bound_end(bytes, start)?);
        let hyphen = skip_blanks(bytes, lower.1);
        if hyphen == lower.1 || bytes.get(hyphen) != Some(&b'-') {
            return None;
        }
        let start = skip_blanks(bytes, hyphen + 1);
        if start == hyphen + 1 {
            return None;
        }
        let upper = (start, bound_end(bytes, start)?);
        Some(Self { lower, upper, end: skip_blanks(bytes, upper.1) })
    }
}

/// The end of the longest thing that looks like a version at `at`.
fn bound_end(bytes: &[u8], at: usize) -> Option<usize> {
    let after_v = if bytes.get(at) == Some(&b'v') { at + 1 } else { at };
    let mut end = run_end(bytes, after_v, is_number_byte)?;
    for _ in 0..2 {
        end = after(bytes, end, b'.').and_then(|next| run_end(bytes, next, is_number_byte)).unwrap_or(end);
    }
    for mark in [b'-', b'+'] {
        let identifier = after(bytes, end, mark).and_then(|next| run_end(bytes, next, is_identifier_byte));
        let Some(mut found) = identifier else { continue };
        while let Some(next) = after(bytes, found, b'.').and_then(|next| run_end(bytes, next, is_identifier_byte)) {
            found = next;
        }
        end = found;
    }
    Some(end)
}

fn after(bytes: &[u8], at: usize, wanted: u8) -> Option<usize> {
    (bytes.get(at) == Some(&wanted)).then_some(at + 1)
}

fn run_end(bytes: &[u8], at: usize, wanted: fn(u8) -> bool) -> Option<usize> {
    let length = bytes.iter().skip(at).take_while(|byte| wanted(**byte)).count();
    (length > 0).then_some(at + length)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    run_end(bytes, at, is_blank).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        rewrite(text).iter().map(|glyph| char::from(glyph.byte)).collect()
    }

    /// Discovery 2.11, "Hyphen ranges are rewritten first, by text".
    #[test]
    fn ranges_are_rewritten_by_text() {
        for (text, expected) in [
            ("1.2 - 2", ">= 1.2, <= 2 "),
            ("  v1.2.3-rc.1+a \t-  2.x  , 5", ">= v1.2.3-rc.1+a, <= 2.x , 5"),
            ("1 - 2 || 3 - 4", ">= 1, <= 2 ||>= 3, <= 4 "),
            ("1 2 - 3", "1>= 2, <= 3 "),
            ("1 - 2 - 3", ">= 1, <= 2 - 3"),
            ("1||2 - 3", ">= 1||2, <= 3 "),
            ("1.1.1.1 - 2", "1.>= 1.1.1, <= 2 "),
        ] {
            assert_eq!(rewritten(text), expected, "{text}");
        }
    }

    /// Discovery 2.11: whitespace on both sides of the hyphen.
    #[test]
    fn a_hyphen_without_blanks_is_no_range() {
        for text in ["1-2", "1 -2", "1- 2", "1 - ", " - 2", "1 - latest", "é - 2"] {
            assert!(rewrite(text).iter().all(|glyph| !glyph.inserted), "{text}");
        }
    }

    #[test]
    fn glyphs_know_where_they_stood() {
        let offsets: Vec<usize> = rewrite("0, 1 - 2").iter().map(|glyph| glyph.at).collect();
        assert_eq!(offsets, [0, 1, 3, 3, 3, 3, 7, 7, 7, 7, 7, 7, 8]);
    }
}
