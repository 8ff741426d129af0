//! The address of an image repository.

use std::{fmt, sync::Arc};

use super::Access;
use crate::model::url::normalize_image;

/// Docker Hub as people spell it.
const DOCKER_HUB: &str = "docker.io";

/// An image repository: the registry's host (with port), the path there, and on whose behalf it is asked.
///
/// ```
/// use kargo_core::port::ImageRepo;
/// let cart = ImageRepo::parse("GHCR.io/acme/cart")?;
/// assert_eq!((cart.host(), cart.path()), ("ghcr.io", "acme/cart"));
/// // Docker Hub's short names are spelled out, as its API wants them.
/// let busybox = ImageRepo::parse("busybox")?;
/// assert_eq!((busybox.host(), busybox.path()), ("docker.io", "library/busybox"));
/// # Ok::<(), kargo_core::port::RepoError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRepo {
    host: Arc<str>,
    path: Arc<str>,
    access: Access,
}

/// Why a text is not the address of a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RepoError {
    /// Not `[host[:port]/]path` without tag.
    #[error("{0:?} is not an image repository: write [host/]path in lower case, such as ghcr.io/acme/cart")]
    Image(String),
    /// Not a URL that git can fetch from.
    #[error(
        "{0:?} is not a git repository: write https://host/path, ssh://git@host/path, git@host:path or file:///path"
    )]
    Git(String),
    /// Not a chart repository.
    #[error(
        "{0:?} is not a chart repository: write https://host/path, http://host/path, oci://host/path or file:///path"
    )]
    Chart(String),
}

impl ImageRepo {
    /// The repository of a subscription, normalised first (discovery 2.3, 6.3); a tag or digest behind it is dropped.
    ///
    /// # Errors
    ///
    /// [`RepoError::Image`] if the text names no repository.
    pub fn parse(text: &str) -> Result<Self, RepoError> {
        let wrong = || RepoError::Image(text.to_owned());
        let name = normalize_image(text);
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => (host, path.to_owned()),
            Some(_) => (DOCKER_HUB, name.clone()),
            None => (DOCKER_HUB, format!("library/{name}")),
        };
        // What normalising could not read came back as it was.
        let is_segment = |segment: &str| {
            segment.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
                && segment.starts_with(|c: char| c.is_ascii_alphanumeric())
                && segment.ends_with(|c: char| c.is_ascii_alphanumeric())
        };
        let is_host = !host.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_control() || b"@?#\\%".contains(&b));
        if !is_host || path.len() > 255 || !path.split('/').all(is_segment) {
            return Err(wrong());
        }
        Ok(Self { host: host.into(), path: path.into(), access: Access::default() })
    }

    /// On this behalf.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The registry's host, with its port where the subscription names one: `ghcr.io`, `localhost:5000`. Docker Hub is
    /// always `docker.io`; which host serves its API is for the adapter to know.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path at the registry: `acme/cart`. Segments are lower case and never `.` or `..`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// On whose behalf.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }
}

/// Host and path: `ghcr.io/acme/cart`.
impl fmt::Display for ImageRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_6_3_names_become_addresses() {
        for (text, address) in [
            ("busybox", "docker.io/library/busybox"),
            ("acme/cart", "docker.io/acme/cart"),
            ("docker.io/library/busybox", "docker.io/library/busybox"),
            ("index.docker.io/acme/cart", "docker.io/acme/cart"),
            ("registry-1.docker.io/busybox:1.36", "docker.io/library/busybox"),
            ("localhost/app", "localhost/app"),
            ("localhost:5000/a/b", "localhost:5000/a/b"),
            ("GHCR.io/Acme/Cart", "ghcr.io/acme/cart"),
            ("[::1]:5000/app", "[::1]:5000/app"),
        ] {
            assert_eq!(ImageRepo::parse(text).unwrap().to_string(), address, "{text}");
        }
    }

    #[test]
    fn what_could_leave_the_path_is_no_repository() {
        for text in [
            "",
            "a b",
            "https://ghcr.io/acme/cart",
            "ghcr.io/../etc",
            "ghcr.io/a/./b",
            "ghcr.io//a",
            "ghcr.io/a/",
            "ghcr.io/a?x=1",
            "u@ghcr.io/a",
            "ghcr.io/-a",
            "ghcr.io/acme/café",
            "ghcr.io/a%2fb",
            "ghcr.io/a:x y",
        ] {
            assert_eq!(ImageRepo::parse(text), Err(RepoError::Image(text.to_owned())));
        }
    }
}
