//! Which git this is, and whether it is new enough.

use std::fmt;

/// The version of a `git` program: the first three numbers of `git version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number; zero where there is none.
    pub patch: u32,
}

impl GitVersion {
    /// The oldest git that is taken unless [`GitSettings::oldest`](crate::GitSettings::oldest) asks for a newer one: the
    /// [`FLOOR`](Self::FLOOR). Nothing newer is used, and what long-lived distributions ship is a little above it (Debian 12 has
    /// 2.39) with the fixes carried back, which its number does not tell.
    pub const OLDEST: Self = Self::FLOOR;

    /// The oldest git that can ever be allowed. It knows all that this crate uses: configuration through the environment (2.31),
    /// `--diff-merges=first-parent` (2.31), `GIT_CONFIG_GLOBAL` (2.32), `core.fsync` (2.36).
    pub const FLOOR: Self = Self::new(2, 36, 0);

    /// A version of three numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads what `git version` prints; vendors append words and further numbers.
    ///
    /// ```
    /// use kargo_git::GitVersion;
    /// assert_eq!(GitVersion::parse("git version 2.47.1 (Apple Git-154)"), Some(GitVersion::new(2, 47, 1)));
    /// assert_eq!(GitVersion::parse("git version 2.51.0.windows.1"), Some(GitVersion::new(2, 51, 0)));
    /// assert_eq!(GitVersion::parse("git, the stupid content tracker"), None);
    /// ```
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let text = line.strip_prefix("git version ")?.split_whitespace().next()?;
        let mut numbers = text.split('.').map(|part| {
            let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            digits.parse::<u32>()
        });
        let major = numbers.next()?.ok()?;
        let minor = numbers.next()?.ok()?;
        let patch = numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self { major, minor, patch })
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_vendors_are_read() {
        assert_eq!(GitVersion::parse("git version 2.39.5"), Some(GitVersion::new(2, 39, 5)));
        assert_eq!(GitVersion::parse("git version 2.41.0-rc1\n"), Some(GitVersion::new(2, 41, 0)));
        assert_eq!(GitVersion::parse("git version 3.0"), Some(GitVersion::new(3, 0, 0)));
        for bad in ["", "git version ", "git version x.y.z", "git version 2", "2.41.0", "git version 99999999999.1"] {
            assert_eq!(GitVersion::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(GitVersion::new(2, 9, 9) < GitVersion::OLDEST);
        assert!(GitVersion::new(2, 39, 5) >= GitVersion::OLDEST);
        assert!(GitVersion::new(2, 35, 9) < GitVersion::FLOOR);
    }
}
