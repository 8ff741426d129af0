//! How YAML may write a text: plain, in single or double quotes, or as a literal block.

use super::yaml_meaning::means_something_else;

/// The ways to write a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What the characters of a text allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether it breaks lines.
    pub(super) lines: bool,
    plain: bool,
    single: bool,
    literal: bool,
}

impl Look {
    /// Looks at the characters of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut look = Self { lines: false, plain: true, single: true, literal: true };
        if text.starts_with("---") || text.starts_with("...") {
            look.plain = false;
        }
        let mut before = None;
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let after = rest.clone().next();
            let gap_after = matches!(after, None | Some(' ' | '\t'));
            let gap_before = before.is_none_or(|b| matches!(b, ' ' | '\t' | '\0') || is_break(b));
            let indicator = match c {
                '#' => gap_before,
                ':' => gap_after,
                '-' | '?' => before.is_none() && gap_after,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    before.is_none()
                }
                _ => false,
            };
            let edge = (c == ' ' || is_break(c)) && (before.is_none() || after.is_none());
            look.plain &= !indicator && !edge;
            if c == '\t' {
                look.plain = false;
                look.single = false;
            } else if !is_printable(c) {
                look.only_double();
            }
            if c == ' ' {
                if before.is_some_and(is_break) {
                    look.plain = false;
                    look.single = false;
                }
                look.literal &= after.is_some();
            } else if is_break(c) {
                look.lines = true;
                look.plain = false;
                if before == Some(' ') {
                    look.only_double();
                }
            }
            before = Some(c);
        }
        look
    }

    fn only_double(&mut self) {
        self.plain = false;
        self.single = false;
        self.literal = false;
    }

    /// The way to write the text, as a key before a colon if `simple_key`.
    pub(super) fn style(self, text: &str, simple_key: bool) -> Style {
        if text.contains('\n') {
            return if self.literal && !simple_key { Style::Literal } else { Style::Double };
        }
        if means_something_else(text) {
            Style::Double
        } else if self.plain {
            Style::Plain
        } else if self.single {
            Style::Single
        } else {
            Style::Double
        }
    }
}

/// Whether the character ends a line in YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether it may stand in YAML as it is. Characters beyond the basic plane may, but the reference escapes them.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != BYTE_ORDER_MARK
}

/// A mark that texts of UTF-16 begin with.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Appends the text without its quotes, escaped for double ones.
pub(super) fn escape(text: &str, out: &mut String) {
    // A text that begins with the mark has all of its characters escaped.
    let all = text.starts_with(BYTE_ORDER_MARK);
    for c in text.chars() {
        if !all && is_printable(c) && !is_break(c) && c != '"' && c != '\\' {
            out.push(c);
            continue;
        }
        out.push('\\');
        match c {
            '\0' => out.push('0'),
            '\u{7}' => out.push('a'),
            '\u{8}' => out.push('b'),
            '\t' => out.push('t'),
            '\n' => out.push('n'),
            '\u{b}' => out.push('v'),
            '\u{c}' => out.push('f'),
            '\r' => out.push('r'),
            '\u{1b}' => out.push('e'),
            '"' | '\\' => out.push(c),
            '\u{85}' => out.push('N'),
            '\u{a0}' => out.push('_'),
            '\u{2028}' => out.push('L'),
            '\u{2029}' => out.push('P'),
            _ => {
                let code = u32::from(c);
                out.push_str(&match code {
                    0..=0xff => format!("x{code:02X}"),
                    0x100..=0xffff => format!("u{code:04X}"),
                    _ => format!("U{code:08X}"),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 4.4.
    #[test]
    fn styles() {
        use Style::{Double, Literal, Plain, Single};
        for (text, style) in [
            ("a b", Plain),
            ("a:b", Plain),
            ("http://x/y#z", Plain),
            ("-x", Plain),
            ("?x", Plain),
            (":x", Plain),
            ("<<", Plain),
            ("é\u{a0}中", Plain),
            ("a: b", Single),
            ("a:", Single),
            ("a #b", Single),
            ("#a", Single),
            ("- a", Single),
            ("-", Single),
            ("?", Single),
            ("---x", Single),
            (" a", Single),
            ("a ", Single),
            ("[a", Single),
            ("it's", Plain),
            ("'a'", Single),
            ("\u{2028}a", Single),
            ("", Double),
            ("12", Double),
            ("a\tb", Double),
            ("a\rb", Double),
            ("😀", Double),
            ("\u{feff}", Double),
            ("a \u{2028}b", Double),
            ("a\u{2028} b", Double),
            ("a\nb", Literal),
            ("\n", Literal),
            (" a\n\tb", Literal),
            ("12\n", Literal),
            ("a\n ", Double),
            ("a \nb", Double),
            ("a\n😀", Double),
        ] {
            assert_eq!(Look::of(text).style(text, false), style, "{text:?}");
        }
        assert_eq!(Look::of("a\nb").style("a\nb", true), Double);
    }

    #[test]
    fn escapes() {
        let mut out = String::new();
        escape("\0\t\n\u{1}\"\\\u{85}é😀\u{2028}\u{ffff}", &mut out);
        assert_eq!(out, "\\0\\t\\n\\x01\\\"\\\\\\Né\\U0001F600\\L\\uFFFF");
        out.clear();
        escape("\u{feff}a \u{a0}", &mut out);
        assert_eq!(out, "\\uFEFF\\x61\\x20\\_");
    }
}
