//! Texts as pictures need them: on one line, measured, wrapped and cut.

/// A type face, of which only the width of its letters matters here.
#[derive(Clone, Copy)]
pub(super) struct Face {
    /// Size in pixels.
    pub size: i64,
    /// Whether it is bold.
    pub bold: bool,
}

/// The text on one line: white space becomes single blanks; control characters, marks that turn the writing direction,
/// and what XML 1.0 does not permit are dropped.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_dropped(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_dropped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// An upper bound, in pixels, of the width of a text, whichever usual sans-serif face the reader has.
///
/// The bounds follow the widest common faces; narrower ones leave some room.
pub(super) fn width(text: &str, face: Face) -> i64 {
    let mille: i64 = text.chars().map(char_mille).sum();
    let mille = if face.bold { mille * 28 / 25 } else { mille };
    (mille * face.size + 999) / 1000
}

/// Width of a character in thousandths of the type size.
fn char_mille(c: char) -> i64 {
    match c {
        'i' | 'I' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 400,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' | '"' | '`' => 480,
        'm' | 'M' | 'w' | 'W' | '@' | '%' => 1000,
        'a'..='z' | '0'..='9' | '_' | '$' | '{' | '}' | '?' => 640,
        'A'..='Z' => 790,
        '\u{0}'..='\u{7f}' => 840,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{80}'..='\u{10ff}' => 1000,
        '\u{1100}'..='\u{ffff}' => 1100,
        '\u{10000}'.. => 1350,
    }
}

/// The text in at most `lines` lines of at most `limit` pixels. Lines end behind a blank or punctuation where that leaves
/// at least a third of a line, else anywhere. What does not fit is cut, with an ellipsis.
pub(super) fn wrap(text: &str, face: Face, limit: i64, lines: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() + 1 < lines && width(rest, face) > limit {
        let (line, after) = rest.split_at(line_end(rest, face, limit));
        out.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        out.push(clip(rest, face, limit));
    }
    out
}

/// The text, cut with an ellipsis if it is wider than `limit` pixels.
pub(super) fn clip(text: &str, face: Face, limit: i64) -> String {
    if width(text, face) <= limit {
        return text.to_owned();
    }
    let (kept, _) = text.split_at(fitting(text, face, limit - width("…", face)));
    format!("{}…", kept.trim_end())
}

/// The byte at which the first line of a text that is too long ends; never 0.
fn line_end(text: &str, face: Face, limit: i64) -> usize {
    let end = fitting(text, face, limit);
    let good = text
        .char_indices()
        .map(|(at, c)| (at + c.len_utf8(), c))
        .take_while(|(after, _)| *after <= end)
        .filter(|(_, c)| matches!(c, ' ' | '-' | '/' | '.' | '_' | ':' | ',' | '@'))
        .map(|(after, _)| after)
        .last();
    match good {
        Some(after) if width(text.split_at(after).0, face) * 3 >= limit => after,
        _ => end,
    }
}

/// The bytes of the longest beginning that is at most `limit` pixels wide and ends between what a reader takes for
/// characters; at least the first of them.
fn fitting(text: &str, face: Face, limit: i64) -> usize {
    let mut fits = 0;
    let mut joined = true;
    for (at, c) in text.char_indices() {
        let breakable = !joined && char_mille(c) > 0;
        if breakable {
            if width(text.split_at(at).0, face) > limit && fits > 0 {
                return fits;
            }
            fits = at;
        }
        joined = c == '\u{200d}';
    }
    if width(text, face) <= limit || fits == 0 { text.len() } else { fits }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face { size: 10, bold: false };

    #[test]
    fn texts_come_on_one_line_without_what_xml_forbids() {
        for (text, expected) in [
            ("plain", "plain"),
            ("  a\r\n\tb  ", "a b"),
            ("a\u{0}b\u{1b}[31mc", "ab[31mc"),
            ("evil\u{202e}txt", "eviltxt"),
            ("\u{ffff}\u{feff}x\u{fffe}", "x"),
            ("a\u{2028}b\u{a0}c", "a b c"),
            ("👩‍🚀 \u{65e5}本", "👩‍🚀 日本"),
            ("\n", ""),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
    }

    #[test]
    fn wide_characters_count_more() {
        assert!(width("日本", FACE) > width("ab", FACE));
        assert!(width("🚀", FACE) >= 2 * width("a", FACE));
        assert!(width("WWW", FACE) > width("iii", FACE));
        assert_eq!(width("e\u{301}", FACE), width("e", FACE));
        assert!(width("abc", Face { bold: true, ..FACE }) > width("abc", FACE));
        assert_eq!(width("", FACE), 0);
    }

    #[test]
    fn long_names_wrap_behind_punctuation_and_are_cut_in_the_end() {
        assert_eq!(wrap("prod", FACE, 100, 2), ["prod"]);
        assert_eq!(wrap("production-europe-west", FACE, 100, 2), ["production-", "europe-west"]);
        assert_eq!(wrap("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", FACE, 64, 2), ["aaaaaaaaaa", "aaaaaaaa…"]);
        assert_eq!(wrap("", FACE, 100, 2), Vec::<String>::new());
    }

    #[test]
    fn a_cut_never_splits_what_belongs_together() {
        let text = "👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀";
        assert_eq!(clip(text, FACE, 40), "👩\u{200d}🚀…");
        assert_eq!(clip("e\u{301}e\u{301}e\u{301}e\u{301}", FACE, 24), "e\u{301}e\u{301}…");
    }

    #[test]
    fn every_line_fits_unless_a_single_character_does_not() {
        let text = "a-very/long.name_with:many,parts 日本語日本語日本語 🚀🚀🚀🚀🚀🚀";
        for limit in [20, 33, 64, 100, 250] {
            for lines in 1..5 {
                let wrapped = wrap(text, FACE, limit, lines);
                assert!(wrapped.len() <= lines);
                assert!(wrapped.iter().all(|line| width(line, FACE) <= limit.max(25)), "{limit}: {wrapped:?}");
            }
        }
    }
}
