//! Names of refs that git could have; others are not let near a conversation that several subscriptions share.

/// A name that git would not give to a branch or a tag (`git check-ref-format`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is no name that git gives to a branch or a tag: no `..`, `//`, `@{{`, no space, control character or one of \
     ~^:?*[\\, no part that begins with a dot or ends with `.lock`, nothing that begins with `-`"
)]
pub struct RefNameError {
    name: String,
}

impl RefNameError {
    /// The name, cut where it is very long.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Longer names are refused; git itself stops at what a file system can hold.
const LONGEST: usize = 1000;

/// Checks the name of a branch or a tag, without `refs/heads/` or `refs/tags/`.
pub(super) fn check(name: &str) -> Result<(), RefNameError> {
    let kept = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    let good = !name.is_empty()
        && name.len() <= LONGEST
        && name != "@"
        && name != "HEAD"
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(kept)
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"));
    if good { Ok(()) } else { Err(RefNameError { name: name.chars().take(100).collect() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_3_1_names_of_refs() {
        for name in ["main", "release/1.2", "v1.0.0-rc.1+b", "é", "a@b", "feature/x.y", "@a"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        let long = "a".repeat(1001);
        for name in [
            "",
            "@",
            "HEAD",
            "-x",
            "--upload-pack=x",
            "a..b",
            "a//b",
            "/a",
            "a/",
            "a.",
            ".a",
            "a/.b",
            "a.lock/b",
            "a b",
            "a\nb",
            "a\u{7f}",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "*",
            "[",
            "a\\b",
            "a@{1}",
            &long,
        ] {
            assert!(check(name).is_err(), "{name}");
        }
        assert_eq!(check(&long).unwrap_err().name().len(), 100);
    }
}
