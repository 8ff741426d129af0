//! On whose behalf a port is asked, and against whose quota that counts.

use std::{fmt, sync::Arc};

use crate::model::ProjectName;

/// What an adapter needs to choose a credential and a connection: who asks, and how strict to be.
///
/// It is part of what identifies a repository here: two projects may see different things under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Access {
    /// The project that asks, whose credentials are looked at first (discovery 8); `None` where there is only one.
    pub project: Option<ProjectName>,
    /// Whether certificates are not checked: `insecureSkipTLSVerify` of the subscription.
    pub skip_tls_verify: bool,
}

impl Access {
    /// On behalf of a project.
    #[must_use]
    pub fn of_project(project: impl Into<ProjectName>) -> Self {
        Self { project: Some(project.into()), skip_tls_verify: false }
    }

    /// Without checking certificates.
    #[must_use]
    pub fn skipping_tls_verify(mut self, skip: bool) -> Self {
        self.skip_tls_verify = skip;
        self
    }
}

/// A quota at a peer: one registry or host with one credential. Requests of one account share a budget, and wait together
/// when the peer asks to wait; what one account may see is not kept for another.
///
/// It is the *name* of a credential (`ghcr-read`), never the credential.
///
/// ```
/// use kargo_core::port::Account;
/// assert_eq!(Account::anonymous("ghcr.io").to_string(), "ghcr.io");
/// assert_eq!(Account::new("ghcr.io", "ghcr-read").to_string(), "ghcr.io as ghcr-read");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    host: Arc<str>,
    credential: Option<Arc<str>>,
}

impl Account {
    /// A host with the credential of this name.
    pub fn new(host: impl Into<Arc<str>>, credential: impl Into<Arc<str>>) -> Self {
        Self { host: host.into(), credential: Some(credential.into()) }
    }

    /// A host without credential.
    pub fn anonymous(host: impl Into<Arc<str>>) -> Self {
        Self { host: host.into(), credential: None }
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name of the credential.
    #[must_use]
    pub fn credential(&self) -> Option<&str> {
        self.credential.as_deref()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match &self.credential {
            Some(name) => write!(f, " as {name}"),
            None => Ok(()),
        }
    }
}
