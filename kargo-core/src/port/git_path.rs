//! Paths as git spells them.

/// A path as git prints it with its default settings: as it is, or, where it has special or non-ASCII bytes, in double
/// quotes with escapes.
///
/// Path filters are matched against this form (discovery 3.7), so an adapter that reads paths as raw bytes
/// (`-z`) passes them through here.
///
/// ```
/// use kargo_core::port::quote_path;
/// assert_eq!(quote_path(b"charts/cart/values.yaml"), "charts/cart/values.yaml");
/// assert_eq!(quote_path("dir/é.yaml".as_bytes()), r#""dir/\303\251.yaml""#);
/// ```
#[must_use]
pub fn quote_path(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len() + 2);
    let mut special = false;
    for &byte in path {
        let escape = match byte {
            0x07 => 'a',
            0x08 => 'b',
            b'\t' => 't',
            b'\n' => 'n',
            0x0b => 'v',
            0x0c => 'f',
            b'\r' => 'r',
            b'"' => '"',
            b'\\' => '\\',
            0..=0x1f | 0x7f.. => {
                special = true;
                text.push_str(&format!("\\{byte:03o}"));
                continue;
            }
            plain => {
                text.push(char::from(plain));
                continue;
            }
        };
        special = true;
        text.push('\\');
        text.push(escape);
    }
    if special { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::quote_path;

    #[test]
    fn discovery_3_7_special_bytes_are_escaped_inside_quotes() {
        for (path, text) in [
            (&b"a b/c"[..], "a b/c"),
            (b"a\tb", r#""a\tb""#),
            (b"a\"b", r#""a\"b""#),
            (b"a\\b", r#""a\\b""#),
            (b"\x01\x7f\xff", r#""\001\177\377""#),
            (b"\x07\x08\n\x0b\x0c\r", r#""\a\b\n\v\f\r""#),
            (b"", ""),
        ] {
            assert_eq!(quote_path(path), text);
        }
    }
}
