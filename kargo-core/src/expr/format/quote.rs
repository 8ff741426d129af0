//! A text in double quotes as Go's `%q` writes it.

use std::fmt::Write as _;

use super::unicode::is_printable;

/// The text with quotes around it; quotes, backslashes and what does not print are escaped (promotion-engine 4.4).
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let letter = match c {
            '"' | '\\' => c,
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{b}' => 'v',
            _ if is_printable(c) => {
                out.push(c);
                continue;
            }
            _ => {
                let code = u32::from(c);
                // Writing to a text cannot fail.
                let _written = match code {
                    0..=0x7f => write!(out, "\\x{code:02x}"),
                    0x80..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
                continue;
            }
        };
        out.extend(['\\', letter]);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 4.4.
    #[test]
    fn escapes() {
        for (text, wanted) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("é中😀", r#""é中😀""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}\\\"'", r#""\a\b\f\n\r\t\v\\\"'""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("\u{80}\u{a0}\u{feff}\u{2028}", r#""\u0080\u00a0\ufeff\u2028""#),
            ("\u{e0001}\u{10ffff}\u{fffd}", "\"\\U000e0001\\U0010ffff\u{fffd}\""),
        ] {
            assert_eq!(quoted(text), wanted);
        }
    }
}
