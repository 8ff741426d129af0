//! Names of refs, checked before git sees them.

use std::fmt;

use crate::GitError;

/// Longer names are refused; git itself stops at what a file system can hold.
const LONGEST: usize = 1024;

/// The full name of a ref, such as `refs/heads/main`, that obeys the rules of `git check-ref-format`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName(Box<str>);

/// What is wrong with the name of a ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefProblem {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is longer than 1,024 bytes.
    #[error("it is longer than 1024 bytes")]
    TooLong,
    /// It begins with a hyphen and could be taken for an option.
    #[error("it begins with `-`")]
    Hyphen,
    /// It has a slash at an end, or two in a row.
    #[error("it begins or ends with `/`, or has `//`")]
    Slash,
    /// A part begins with a dot, or the name ends with one, or has two in a row.
    #[error("a part begins with `.`, or it ends with `.`, or has `..`")]
    Dot,
    /// A part ends with `.lock`.
    #[error("a part ends with `.lock`")]
    Lock,
    /// It has a character that git keeps for itself.
    #[error("it has a space, a control character, or one of `~^:?*[\\`")]
    Character,
    /// It is `@`, or has `@{`.
    #[error("it is `@` or has `@{{`")]
    At,
    /// It is not below `refs/`.
    #[error("it is not below `refs/`")]
    NotFull,
    /// `HEAD` is no branch.
    #[error("`HEAD` is not the name of a branch")]
    Head,
}

impl RefName {
    /// The ref of a branch.
    ///
    /// ```
    /// use kargo_git::RefName;
    /// assert_eq!(RefName::branch("release/1.2")?.as_str(), "refs/heads/release/1.2");
    /// assert!(RefName::branch("--upload-pack=touch x").is_err());
    /// # Ok::<(), kargo_git::GitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`GitError::RefName`] when it is not the name of a branch.
    pub fn branch(name: &str) -> Result<Self, GitError> {
        if name == "HEAD" {
            return Err(GitError::RefName { name: name.to_owned(), problem: RefProblem::Head });
        }
        Self::short("refs/heads/", name)
    }

    /// The ref of a tag.
    ///
    /// # Errors
    ///
    /// [`GitError::RefName`] when it is not the name of a tag.
    pub fn tag(name: &str) -> Result<Self, GitError> {
        Self::short("refs/tags/", name)
    }

    /// A full name, as a server lists it.
    ///
    /// # Errors
    ///
    /// [`GitError::RefName`] when it is not a well-formed name below `refs/`.
    pub fn full(name: &str) -> Result<Self, GitError> {
        let problem = match check(name) {
            Some(problem) => Some(problem),
            None if !name.starts_with("refs/") => Some(RefProblem::NotFull),
            None => None,
        };
        match problem {
            Some(problem) => Err(GitError::RefName { name: name.to_owned(), problem }),
            None => Ok(Self(name.into())),
        }
    }

    /// The full name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the branch, if this is one.
    #[must_use]
    pub fn branch_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/heads/")
    }

    /// The name of the tag, if this is one.
    #[must_use]
    pub fn tag_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/tags/")
    }

    fn short(prefix: &str, name: &str) -> Result<Self, GitError> {
        match check(name) {
            Some(problem) => Err(GitError::RefName { name: name.to_owned(), problem }),
            None => Ok(Self(format!("{prefix}{name}").into())),
        }
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rules of `git check-ref-format`, and no hyphen in front.
fn check(name: &str) -> Option<RefProblem> {
    if name.is_empty() {
        return Some(RefProblem::Empty);
    }
    if name.len() > LONGEST {
        return Some(RefProblem::TooLong);
    }
    if name.starts_with('-') {
        return Some(RefProblem::Hyphen);
    }
    if name == "@" || name.contains("@{") {
        return Some(RefProblem::At);
    }
    if name.bytes().any(|b| b <= b' ' || b == 0x7f || b"~^:?*[\\".contains(&b)) {
        return Some(RefProblem::Character);
    }
    if name.ends_with('.') || name.contains("..") {
        return Some(RefProblem::Dot);
    }
    for part in name.split('/') {
        if part.is_empty() {
            return Some(RefProblem::Slash);
        }
        if part.starts_with('.') {
            return Some(RefProblem::Dot);
        }
        if part.ends_with(".lock") {
            return Some(RefProblem::Lock);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(name: &str) -> Option<RefProblem> {
        match RefName::branch(name) {
            Err(GitError::RefName { problem, .. }) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn good_names_pass() {
        for name in
            ["main", "release/1.2", "feature/é", "v1.2.3+build", "a@b", "dependabot/npm-1", "x{y}", "a'b\"c;$(d)"]
        {
            assert_eq!(problem(name), None, "{name}");
        }
        assert_eq!(RefName::tag("v1").unwrap().tag_name(), Some("v1"));
        assert_eq!(RefName::branch("a/b").unwrap().branch_name(), Some("a/b"));
        assert_eq!(RefName::full("refs/pull/1/head").unwrap().branch_name(), None);
    }

    #[test]
    fn hostile_names_are_refused() {
        for (name, expected) in [
            ("", RefProblem::Empty),
            ("-x", RefProblem::Hyphen),
            ("--upload-pack=evil", RefProblem::Hyphen),
            ("a b", RefProblem::Character),
            ("a\nb", RefProblem::Character),
            ("a\0b", RefProblem::Character),
            ("a:refs/heads/b", RefProblem::Character),
            ("a~1", RefProblem::Character),
            ("a^", RefProblem::Character),
            ("*", RefProblem::Character),
            ("a\\b", RefProblem::Character),
            ("a\x7f", RefProblem::Character),
            ("a..b", RefProblem::Dot),
            (".a", RefProblem::Dot),
            ("a/.b", RefProblem::Dot),
            ("a.", RefProblem::Dot),
            ("a.lock", RefProblem::Lock),
            ("a.lock/b", RefProblem::Lock),
            ("/a", RefProblem::Slash),
            ("a/", RefProblem::Slash),
            ("a//b", RefProblem::Slash),
            ("@", RefProblem::At),
            ("a@{1}", RefProblem::At),
            ("HEAD", RefProblem::Head),
        ] {
            assert_eq!(problem(name), Some(expected), "{name:?}");
        }
        assert_eq!(problem(&"x".repeat(1025)), Some(RefProblem::TooLong));
        assert!(matches!(RefName::full("HEAD"), Err(GitError::RefName { problem: RefProblem::NotFull, .. })));
    }
}
