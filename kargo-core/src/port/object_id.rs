//! Ids of git objects.

use std::{fmt, sync::Arc};

/// The hash of a git object, in full: 40 lower-case hex digits, or 64 in repositories with SHA-256.
///
/// ```
/// use kargo_core::port::ObjectId;
/// let id: ObjectId = "8f1d0c2e6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d".parse()?;
/// assert_eq!(id.as_str().len(), 40);
/// assert!("8f1d0c2".parse::<ObjectId>().is_err());
/// # Ok::<(), kargo_core::port::ObjectIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Arc<str>);

/// The text is not the full hash of a git object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a full git hash: 40 or 64 lower-case hex digits are expected")]
pub struct ObjectIdError(String);

impl ObjectId {
    /// The hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if matches!(text.len(), 40 | 64) && is_hex {
            return Ok(Self(text.into()));
        }
        Err(ObjectIdError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_lower_case_hashes() {
        for (text, ok) in [
            ("a".repeat(40), true),
            ("0".repeat(64), true),
            ("A".repeat(40), false),
            ("g".repeat(40), false),
            ("a".repeat(41), false),
            (String::new(), false),
        ] {
            assert_eq!(text.parse::<ObjectId>().is_ok(), ok, "{text}");
        }
    }
}
