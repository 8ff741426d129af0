//! Shortening of texts that are too long for a Kubernetes label value or resource name.
use sha2::{Digest, Sha256};

/// Longest label value Kubernetes accepts, in bytes.
const LABEL_VALUE_LIMIT: usize = 63;

/// Longest resource name Kubernetes accepts, in bytes.
const RESOURCE_NAME_LIMIT: usize = 253;

/// Hexadecimal digits of the SHA-256 that end a shortened text.
const HASH_DIGITS: usize = 8;

/// The text as a label value: itself up to 63 bytes, else its first 54 bytes, `-` and 8 digits of its SHA-256.
///
/// Rule: resources 16.8. Dashes at the end of the first part are dropped. Where byte 54 falls inside a character, the
/// cut moves back to before it.
///
/// ```
/// use kargo_core::model::short::label_value_of;
///
/// assert_eq!(label_value_of("my-stage"), "my-stage");
/// assert_eq!(label_value_of(&"a".repeat(70)), format!("{}-6bd5e503", "a".repeat(54)));
/// ```
#[must_use]
pub fn label_value_of(text: &str) -> String {
    shorten(text, LABEL_VALUE_LIMIT)
}

/// The text as a resource name: itself up to 253 bytes, else its first 244 bytes, `-` and 8 digits of its SHA-256.
///
/// Rule: resources 16.8, otherwise as [`label_value_of`].
///
/// ```
/// use kargo_core::model::short::resource_name_of;
///
/// assert_eq!(resource_name_of("my-stage"), "my-stage");
/// assert_eq!(resource_name_of(&"a".repeat(300)).len(), 253);
/// ```
#[must_use]
pub fn resource_name_of(text: &str) -> String {
    shorten(text, RESOURCE_NAME_LIMIT)
}

fn shorten(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(limit - HASH_DIGITS - 1);
    let start = text.get(..cut).unwrap_or_default().trim_end_matches('-');
    let mut short = format!("{start}-");
    for byte in Sha256::digest(text.as_bytes()).iter().take(HASH_DIGITS / 2) {
        short.push_str(&format!("{byte:02x}"));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{label_value_of, resource_name_of};

    #[test]
    fn resources_16_8_label_values() {
        let a = |count| "a".repeat(count);
        for (text, expected) in [
            (String::new(), String::new()),
            (a(63), a(63)),
            (a(70), format!("{}-6bd5e503", a(54))),
            (a(64), format!("{}-ffe054fe", a(54))),
        ] {
            assert_eq!(label_value_of(&text), expected, "{text}");
        }
    }

    #[test]
    fn resources_16_8_resource_names() {
        let a = |count| "a".repeat(count);
        for (text, expected) in [(a(70), a(70)), (a(253), a(253)), (a(254), format!("{}-136496c2", a(244)))] {
            assert_eq!(resource_name_of(&text), expected, "{text}");
        }
    }

    #[test]
    fn resources_16_8_dashes_at_the_cut_are_dropped() {
        let text = format!("{}---{}", "a".repeat(51), "b".repeat(20));
        assert_eq!(label_value_of(&text), format!("{}-160cc1c5", "a".repeat(51)));
        assert_eq!(label_value_of(&"-".repeat(64)), "-d164134b");
    }

    #[test]
    fn resources_16_8_a_cut_never_splits_a_character() {
        // Limits count bytes: 22 three-byte characters are 66 bytes; byte 54 ends one, byte 53 does not.
        let even = "€".repeat(22);
        assert_eq!(label_value_of(&even), format!("{}-74a8bf7b", "€".repeat(18)));
        let odd = format!("a{even}");
        assert_eq!(label_value_of(&odd), format!("a{}-09227b00", "€".repeat(17)));
    }
}
