//! Platforms, and which of an index's a subscription wants (discovery 2.6).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::select::subscription_error::{SubscriptionError, SubscriptionProblem};

/// An operating system and architecture. A constraint matches an entry only if all three parts are equal: `linux/arm64` does
/// not match `linux/arm64/v8`.
///
/// ```
/// use kargo_core::select::image::Platform;
///
/// assert_eq!(Platform::parse("linux/arm64/v8")?, Platform::new("linux", "arm64", "v8"));
/// assert_ne!(Platform::parse("linux/arm64")?, Platform::new("linux", "arm64", "v8"));
/// # Ok::<(), kargo_core::select::SubscriptionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// The operating system, such as `linux`.
    pub os: String,
    /// The architecture, such as `amd64`.
    pub arch: String,
    /// The variant, such as `v8`; empty if there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

impl Platform {
    /// A platform from its parts.
    #[must_use]
    pub fn new(os: &str, arch: &str, variant: &str) -> Self {
        Self { os: os.to_owned(), arch: arch.to_owned(), variant: variant.to_owned() }
    }

    /// Reads `<os>/<arch>[/<variant>]`, cut at the first two slashes.
    ///
    /// # Errors
    ///
    /// [`SubscriptionProblem::Platform`] if there is no slash.
    pub fn parse(text: &str) -> Result<Self, SubscriptionError> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next()) {
            (Some(os), Some(arch)) => Ok(Self::new(os, arch, parts.next().unwrap_or_default())),
            _ => Err(SubscriptionError::new("platform", SubscriptionProblem::Platform { text: text.to_owned() })),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_2_6_cut_at_the_first_two_slashes() {
        for (text, parts) in [
            ("linux/amd64", ("linux", "amd64", "")),
            ("linux/arm/v7", ("linux", "arm", "v7")),
            ("linux/arm/v7/x", ("linux", "arm", "v7/x")),
            ("linux/", ("linux", "", "")),
        ] {
            assert_eq!(Platform::parse(text), Ok(Platform::new(parts.0, parts.1, parts.2)), "{text}");
        }
        assert_eq!(Platform::new("linux", "arm", "v7").to_string(), "linux/arm/v7");
        assert_eq!(Platform::new("linux", "amd64", "").to_string(), "linux/amd64");
        let error = Platform::parse("linux").unwrap_err();
        assert_eq!(error.problem(), &SubscriptionProblem::Platform { text: "linux".into() });
    }
}
