//! Checksums as texts, and streaming of joined texts into them.

use sha1::{Digest, Sha1};

/// SHA-1, in lower-case hex, of `head` followed by `parts` with `separator` between them.
pub(super) fn sha1_of_joined<T: AsRef<str>>(head: &[&str], parts: &[T], separator: &str) -> String {
    let mut sum = Sha1::new();
    for text in head {
        sum.update(text);
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            sum.update(separator);
        }
        sum.update(part.as_ref());
    }
    hex(&sum.finalize())
}

/// Two lower-case hex digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fips_180_examples() {
        assert_eq!(sha1_of_joined(&["a"], &["bc"], "|"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sha1_of_joined::<&str>(&[], &[], "|"), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    #[test]
    fn separators_stand_only_between_parts() {
        assert_eq!(sha1_of_joined(&["h:"], &["a", "b", "c"], "|"), sha1_of_joined(&["h:a|b|c"], &[""; 0], "|"));
        assert_ne!(sha1_of_joined(&["h:"], &["a", "b"], "|"), sha1_of_joined(&["h:"], &["ab"], "|"));
    }

    #[test]
    fn hex_keeps_leading_zeros() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
    }
}
