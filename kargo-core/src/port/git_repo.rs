//! The address of a git repository.

use std::{fmt, sync::Arc};

use super::{Access, RepoError};
use crate::model::url::normalize_git;

/// A git repository: its URL as the subscription spells it, and on whose behalf it is asked.
///
/// ```
/// use kargo_core::port::GitRepo;
/// let cart = GitRepo::parse("git@github.com:acme/cart.git")?;
/// assert_eq!(cart.host(), "github.com");
/// assert_eq!(cart.key(), "ssh://git@github.com/acme/cart");
/// # Ok::<(), kargo_core::port::RepoError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitRepo {
    /// First, so that one repository's spellings sort together.
    key: Arc<str>,
    url: Arc<str>,
    host: Arc<str>,
    access: Access,
}

impl GitRepo {
    /// The repository of a subscription: `https://`, `http://`, `ssh://`, `git@host:path` or `file://`.
    ///
    /// # Errors
    ///
    /// [`RepoError::Git`] for other schemes, and for what git could take for an option or a command: a text or host that
    /// begins with `-`, or one with control characters.
    pub fn parse(url: &str) -> Result<Self, RepoError> {
        let host = host_of(url).ok_or_else(|| RepoError::Git(without_user(url)))?;
        Ok(Self { key: normalize_git(url).into(), url: url.into(), host: host.into(), access: Access::default() })
    }

    /// On this behalf.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The URL to connect to, as the subscription spells it. It may hold a user's name and even a password: not for printing.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One spelling for all URLs that name the same repository (discovery 6.2), for comparison; not for connecting.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The host, with its port where the URL names one; `localhost` for `file://`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// On whose behalf.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }
}

/// The URL without user and password.
impl fmt::Display for GitRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_user(&self.url))
    }
}

impl fmt::Debug for GitRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitRepo").field("url", &without_user(&self.url)).field("access", &self.access).finish()
    }
}

fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let path = path.split(['?', '#']).next().unwrap_or_default();
            format!("{scheme}://{}{path}", authority.rsplit('@').next().unwrap_or_default())
        }
        None => url.to_owned(),
    }
}

fn host_of(url: &str) -> Option<String> {
    if url.starts_with('-') || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    let host = match url.split_once("://") {
        Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" | "ssh" => {
                let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                authority.rsplit('@').next().unwrap_or_default()
            }
            // Only this machine's files: `file://elsewhere/x` would be opened as a local path all the same.
            "file" => return rest.starts_with('/').then(|| "localhost".to_owned()),
            _ => return None,
        },
        // `user@host:path`; git takes `transport::address` for a command to run.
        None => {
            let (host, path) = url.split_once(':')?;
            if path.starts_with(':') || host.contains('/') {
                return None;
            }
            host.rsplit('@').next().unwrap_or_default()
        }
    };
    let is_host = !host.starts_with(['-', ':'])
        && !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
    is_host.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_3_1_urls_and_their_hosts() {
        for (url, host) in [
            ("https://GitHub.com/acme/cart.git", "github.com"),
            ("https://localhost:8443/a", "localhost:8443"),
            ("http://eve:pw@git.corp/a", "git.corp"),
            ("ssh://git@git.corp:2222/a", "git.corp:2222"),
            ("git@github.com:acme/cart", "github.com"),
            ("file:///srv/git/a.git", "localhost"),
        ] {
            assert_eq!(GitRepo::parse(url).unwrap().host(), host, "{url}");
        }
    }

    #[test]
    fn what_git_would_run_or_take_for_an_option_is_refused() {
        for url in [
            "",
            "-uxyz",
            "--upload-pack=touch /x",
            "ext::sh -c x",
            "ssh://-oProxyCommand=x/a",
            "git@-oProxyCommand=x:a",
            "ftp://x/a",
            "https:///a",
            "/srv/git/a",
            "https://a b/c",
            "file://host/a",
            "https://x\n/a",
        ] {
            assert!(GitRepo::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn architecture_2_law_10_passwords_are_not_printed() {
        let repo = GitRepo::parse("https://eve:hunter2@git.corp/a?token=hunter2").unwrap();
        assert_eq!(repo.to_string(), "https://git.corp/a");
        assert!(!format!("{repo:?}").contains("hunter2"));
        assert!(!GitRepo::parse("ftp://eve:hunter2@x/a").unwrap_err().to_string().contains("hunter2"));
    }
}
