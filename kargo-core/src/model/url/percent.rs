//! Percent escapes, per part of a URL: which bytes stand for themselves, and which escapes a part accepts.
//!
//! The sets are Go's, not those of RFC 3986; results that took another road than the reference would compare unequal.

/// A part of a URL with rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The path.
    Path,
    /// The host with its port.
    Host,
    /// The zone of an IPv6 address, after `%25`.
    Zone,
    /// User name or password.
    UserInfo,
    /// What follows `#`.
    Fragment,
}

impl Part {
    /// Whether the byte stands for itself when this part is written.
    fn keeps(self, byte: u8) -> bool {
        let punctuation: &[u8] = match self {
            Self::Path => b"-._~$&+,/:;=@",
            Self::Host | Self::Zone => b"-._~!\"$&'()*+,:;<=>[]",
            Self::UserInfo => b"-._~$&+,;=",
            Self::Fragment => b"-._~!$&()*+,/:;=?@",
        };
        byte.is_ascii_alphanumeric() || punctuation.contains(&byte)
    }

    /// Whether this part may contain the byte in escaped form.
    fn accepts_escaped(self, byte: u8) -> bool {
        match self {
            Self::Path | Self::UserInfo | Self::Fragment => true,
            // A host escapes what is not ASCII; `%25` introduces a zone.
            Self::Host => !byte.is_ascii() || byte == b'%',
            Self::Zone => self.keeps(byte) || matches!(byte, b'%' | b' '),
        }
    }

    /// Whether this part may contain the byte as it is.
    fn accepts_bare(self, byte: u8) -> bool {
        match self {
            Self::Path | Self::UserInfo | Self::Fragment => true,
            Self::Host | Self::Zone => !byte.is_ascii() || self.keeps(byte),
        }
    }
}

/// The bytes the text stands for; `None` for a broken escape or a byte the part does not accept.
///
/// Bytes, because escapes may spell what is not UTF-8.
pub(super) fn decode(text: &str, part: Part) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = hex_value(bytes.next()?)?;
            let low = hex_value(bytes.next()?)?;
            let value = (high << 4) | low;
            if !part.accepts_escaped(value) {
                return None;
            }
            decoded.push(value);
        } else if part.accepts_bare(byte) {
            decoded.push(byte);
        } else {
            return None;
        }
    }
    Some(decoded)
}

/// Whether every `%` starts a complete escape.
pub(super) fn is_well_formed(text: &str) -> bool {
    decode(text, Part::Path).is_some()
}

/// The text of the bytes, with everything escaped that does not stand for itself in this part.
pub(super) fn encode(bytes: &[u8], part: Part) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if part.keeps(byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(hex_digit(byte >> 4));
            text.push(hex_digit(byte & 0xf));
        }
    }
    text
}

/// Whether the text can be written as it is: nothing in it needs an escape it does not have.
///
/// More lenient than [`encode`]: a writer's own spelling of brackets, quotes and the like is respected.
pub(super) fn is_encoded(text: &str, part: Part) -> bool {
    text.bytes().all(|byte| part.keeps(byte) || b"%!$&'()*+,;=:@[]".contains(&byte))
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Part, decode, encode, is_encoded, is_well_formed};

    #[test]
    fn decodes_escapes_and_refuses_broken_ones() {
        assert_eq!(decode("a%2Fb%c3%A9", Part::Path), Some("a/bé".as_bytes().to_vec()));
        assert_eq!(decode("%ff", Part::Path), Some(vec![0xff]));
        for broken in ["%", "%2", "%zz", "a%2", "%é1"] {
            assert_eq!(decode(broken, Part::Path), None, "{broken}");
            assert!(!is_well_formed(broken), "{broken}");
        }
    }

    #[test]
    fn hosts_accept_less_than_paths() {
        assert_eq!(decode("a b", Part::Path), Some(b"a b".to_vec()));
        for refused in ["a b", "a%20b", "a%41", "a/b", "a@b", "a\\b", "a{b"] {
            assert_eq!(decode(refused, Part::Host), None, "{refused}");
        }
        for (accepted, bytes) in [("é", "é"), ("%c3%a9", "é"), ("%25", "%"), ("a\"<>[]", "a\"<>[]")] {
            assert_eq!(decode(accepted, Part::Host), Some(bytes.as_bytes().to_vec()), "{accepted}");
        }
        assert_eq!(decode("en%200%41", Part::Zone), Some(b"en 0A".to_vec()));
        assert_eq!(decode("en%2f", Part::Zone), None);
        assert_eq!(decode("en 0", Part::Zone), None);
    }

    #[test]
    fn each_part_escapes_its_own_set() {
        let all = b"az09-._~!\"$&'()*+,/:;<=>?@[]% #\xc3";
        for (part, expected) in [
            (Part::Path, "az09-._~%21%22$&%27%28%29%2A+,/:;%3C=%3E%3F@%5B%5D%25%20%23%C3"),
            (Part::Host, "az09-._~!\"$&'()*+,%2F:;<=>%3F%40[]%25%20%23%C3"),
            (Part::UserInfo, "az09-._~%21%22$&%27%28%29%2A+,%2F%3A;%3C=%3E%3F%40%5B%5D%25%20%23%C3"),
            (Part::Fragment, "az09-._~!%22$&%27()*+,/:;%3C=%3E?@%5B%5D%25%20%23%C3"),
        ] {
            assert_eq!(encode(all, part), expected, "{part:?}");
        }
    }

    #[test]
    fn a_spelling_is_respected_unless_it_lacks_an_escape() {
        assert!(is_encoded("/a'b(c)[d]!*%2f", Part::Path));
        for lacking in ["/a b", "/é", "/\"", "/a<b", "/a?"] {
            assert!(!is_encoded(lacking, Part::Path), "{lacking}");
        }
        assert!(is_encoded("a?b[c]'", Part::Fragment));
    }
}
