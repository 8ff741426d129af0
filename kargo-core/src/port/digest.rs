//! Digests: whether a text is one, and whether it is that of some bytes.

use sha2::{Digest as _, Sha256, Sha512};

use crate::{model::Digest, report::PortError};

/// Whether the text is a digest in a form that can be checked: `sha256:` and 64, or `sha512:` and 128 lower-case hex digits.
///
/// ```
/// use kargo_core::port::is_digest;
/// assert!(is_digest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
/// assert!(!is_digest("sha256:e3b0c442"));
/// ```
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let hex = |digits: &str, count: usize| {
        digits.len() == count && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    match text.split_once(':') {
        Some(("sha256", digits)) => hex(digits, 64),
        Some(("sha512", digits)) => hex(digits, 128),
        _ => false,
    }
}

/// The SHA-256 digest of some bytes: what a registry calls a manifest with exactly these bytes.
///
/// ```
/// use kargo_core::port::digest_of;
/// assert_eq!(digest_of(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// ```
#[must_use]
pub fn digest_of(bytes: &[u8]) -> Digest {
    Digest::from(format!("sha256:{}", hex(&Sha256::digest(bytes))))
}

/// Whether the bytes are those that the digest names (discovery 2.6: a fetch by digest verifies that they match).
///
/// # Errors
///
/// Of class [`Rejected`](crate::report::PortClass::Rejected) if they are others, or if the text is not a digest.
pub fn verify_digest(bytes: &[u8], digest: &Digest) -> Result<(), PortError> {
    if !is_digest(digest) {
        return Err(PortError::rejected(format!("{digest:?} is not a digest: sha256: and 64 hex digits are expected")));
    }
    let actual = match digest.split_once(':') {
        Some(("sha512", _)) => Digest::from(format!("sha512:{}", hex(&Sha512::digest(bytes)))),
        _ => digest_of(bytes),
    };
    if actual == *digest {
        return Ok(());
    }
    Err(PortError::rejected(format!("the content is not what {digest} names: its digest is {actual}")))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PortClass;

    #[test]
    fn discovery_2_6_digests_are_whole_and_known() {
        let good = digest_of(b"x");
        assert!(is_digest(&good));
        for bad in ["", "sha256", "sha256:", "md5:00", &good[..70], &format!("{good}0"), &good.to_uppercase()] {
            assert!(!is_digest(bad), "{bad}");
        }
        assert!(is_digest(&format!("sha512:{}", "a".repeat(128))));
    }

    #[test]
    fn discovery_2_6_bytes_must_match() {
        assert_eq!(verify_digest(b"x", &digest_of(b"x")), Ok(()));
        let wrong = verify_digest(b"y", &digest_of(b"x")).unwrap_err();
        assert_eq!(wrong.class(), PortClass::Rejected);
        assert!(wrong.to_string().contains(digest_of(b"y").as_str()), "{wrong}");
        assert_eq!(verify_digest(b"", &"sha256:0".into()).unwrap_err().class(), PortClass::Rejected);
        let long = Digest::from(format!("sha512:{}", hex(&Sha512::digest(b"x"))));
        assert_eq!(verify_digest(b"x", &long), Ok(()));
        assert!(verify_digest(b"y", &long).is_err());
    }
}
