//! The address of a chart repository.

use std::{fmt, sync::Arc};

use super::{Access, ImageRepo, RepoError};

/// Where charts are kept: a classic repository with an index, or one chart in a registry.
///
/// ```
/// use kargo_core::port::ChartRepo;
/// let stable = ChartRepo::parse("https://charts.acme.example/stable/")?;
/// assert_eq!(stable.index_url(), Some("https://charts.acme.example/stable/index.yaml".to_owned()));
/// let cart = ChartRepo::parse("oci://ghcr.io/acme/charts/cart")?;
/// assert_eq!(cart.oci().map(|repo| repo.path()), Some("acme/charts/cart"));
/// # Ok::<(), kargo_core::port::RepoError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChartRepo {
    place: Place,
    access: Access,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// URL of the folder, without one slash at its end, and its host.
    Classic {
        url: Arc<str>,
        host: Arc<str>,
    },
    Oci(ImageRepo),
}

impl ChartRepo {
    /// The repository of a subscription: `https://`, `http://` or `oci://`; or a folder of this machine, `file:///`, which
    /// manifests cannot name.
    ///
    /// # Errors
    ///
    /// [`RepoError::Chart`] for anything else.
    pub fn parse(url: &str) -> Result<Self, RepoError> {
        let wrong = || RepoError::Chart(without_user(url));
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let place = match scheme {
            "oci" => Place::Oci(ImageRepo::parse(rest).map_err(|_| wrong())?),
            "http" | "https" => {
                let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
                let is_host =
                    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
                if !is_host || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
                    return Err(wrong());
                }
                Place::Classic { url: url.strip_suffix('/').unwrap_or(url).into(), host: host.into() }
            }
            // Only this machine's: `file://elsewhere/x` would be opened here all the same.
            "file" if rest.starts_with('/') && !url.chars().any(char::is_control) => {
                Place::Classic { url: url.strip_suffix('/').unwrap_or(url).into(), host: "localhost".into() }
            }
            _ => return Err(wrong()),
        };
        Ok(Self { place, access: Access::default() })
    }

    /// On this behalf.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        if let Place::Oci(repo) = &mut self.place {
            *repo = repo.clone().with_access(access.clone());
        }
        self.access = access;
        self
    }

    /// The URL of a classic repository's index (discovery 4.2); it may hold a password: not for printing.
    #[must_use]
    pub fn index_url(&self) -> Option<String> {
        match &self.place {
            Place::Classic { url, .. } => Some(format!("{url}/index.yaml")),
            Place::Oci(_) => None,
        }
    }

    /// The registry's repository, for a chart in a registry.
    #[must_use]
    pub fn oci(&self) -> Option<&ImageRepo> {
        match &self.place {
            Place::Classic { .. } => None,
            Place::Oci(repo) => Some(repo),
        }
    }

    /// The host, with its port where the URL names one; `localhost` for `file://`.
    #[must_use]
    pub fn host(&self) -> &str {
        match &self.place {
            Place::Classic { host, .. } => host,
            Place::Oci(repo) => repo.host(),
        }
    }

    /// On whose behalf.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }
}

/// The URL without user and password.
impl fmt::Display for ChartRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Classic { url, .. } => f.write_str(&without_user(url)),
            Place::Oci(repo) => write!(f, "oci://{repo}"),
        }
    }
}

impl fmt::Debug for ChartRepo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChartRepo").field("url", &self.to_string()).field("access", &self.access).finish()
    }
}

fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{}{path}", authority.rsplit('@').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_4_1_schemes() {
        for (url, host, index) in [
            ("https://charts.acme.example", "charts.acme.example", Some("https://charts.acme.example/index.yaml")),
            ("http://Localhost:8080/a//", "localhost:8080", Some("http://Localhost:8080/a//index.yaml")),
            ("file:///srv/charts/", "localhost", Some("file:///srv/charts/index.yaml")),
            ("oci://ghcr.io/acme/cart", "ghcr.io", None),
            ("oci://localhost:5000/cart", "localhost:5000", None),
        ] {
            let repo = ChartRepo::parse(url).unwrap();
            assert_eq!((repo.host(), repo.index_url().as_deref()), (host, index), "{url}");
        }
        for url in [
            "",
            "ghcr.io/acme/cart",
            "ftp://x/y",
            "OCI://ghcr.io/a/b",
            "https://",
            "https://a b/",
            "oci://",
            "file://elsewhere/x",
        ] {
            assert_eq!(ChartRepo::parse(url), Err(RepoError::Chart(url.to_owned())), "{url}");
        }
    }

    #[test]
    fn architecture_2_law_10_passwords_are_not_printed() {
        let repo = ChartRepo::parse("https://eve:hunter2@charts.corp/x").unwrap();
        assert_eq!(format!("{repo}"), "https://charts.corp/x");
        assert!(!format!("{repo:?}").contains("hunter2"));
    }

    #[test]
    fn who_asks_reaches_the_registry() {
        let repo = ChartRepo::parse("oci://ghcr.io/acme/cart").unwrap().with_access(Access::of_project("shop"));
        assert_eq!(repo.oci().unwrap().access(), repo.access());
        assert_eq!(repo.access().project.as_deref(), Some("shop"));
    }
}
