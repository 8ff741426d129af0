//! Who we are to a chart repository. Secrets are never shown.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use kargo_core::{port::ChartRepo, report::PortError};
use secrecy::SecretString;

/// Credentials for a chart repository. `Debug` shows their kind, never a secret.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nobody in particular, or the user that the address itself names.
    #[default]
    Anonymous,
    /// A user's name and password.
    Basic {
        /// The name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A token, sent as `Authorization: Bearer`.
    Bearer {
        /// The token.
        token: SecretString,
    },
}

impl Credentials {
    /// A user's name and password.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic { username: username.into(), password: SecretString::from(password.into()) }
    }

    /// A token.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::Bearer { token: SecretString::from(token.into()) }
    }
}

/// Where credentials for classic repositories come from: a vault, a table, a service that issues tokens.
#[async_trait]
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// The name of the credential for a repository; `None` for none. It names a quota, so it must stay the same when a token is
    /// renewed. Never talks to anybody.
    fn name(&self, repo: &ChartRepo) -> Option<String>;

    /// The credential as it is now. Asked before each request.
    ///
    /// # Errors
    ///
    /// What kept the source from answering. No error may hold a secret.
    async fn credentials(&self, repo: &ChartRepo) -> Result<Credentials, PortError>;
}

/// No credentials but those that an address is written with.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCredentials;

#[async_trait]
impl CredentialSource for NoCredentials {
    fn name(&self, _repo: &ChartRepo) -> Option<String> {
        None
    }

    async fn credentials(&self, _repo: &ChartRepo) -> Result<Credentials, PortError> {
        Ok(Credentials::Anonymous)
    }
}

/// Credentials by host, each with its name.
///
/// ```
/// use kargo_core::port::ChartRepo;
/// use kargo_helm::{CredentialSource, Credentials, HostCredentials};
/// let known = HostCredentials::default()
///     .with("charts.corp", "charts-read", Credentials::basic("robot", "hunter2"))
///     .with("localhost:8080", "dev", Credentials::bearer("hunter2"));
/// assert_eq!(known.name(&ChartRepo::parse("https://charts.corp/stable")?), Some("charts-read".to_owned()));
/// assert_eq!(known.name(&ChartRepo::parse("https://charts.example")?), None);
/// assert!(!format!("{known:?}").contains("hunter2"));
/// # Ok::<(), kargo_core::port::RepoError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HostCredentials {
    by_host: BTreeMap<String, (String, Credentials)>,
}

impl HostCredentials {
    /// For a host, with its port where addresses name one, the credential of this name.
    #[must_use]
    pub fn with(mut self, host: &str, name: impl Into<String>, credentials: Credentials) -> Self {
        self.by_host.insert(host.to_ascii_lowercase(), (name.into(), credentials));
        self
    }
}

#[async_trait]
impl CredentialSource for HostCredentials {
    fn name(&self, repo: &ChartRepo) -> Option<String> {
        self.by_host.get(repo.host()).map(|(name, _)| name.clone())
    }

    async fn credentials(&self, repo: &ChartRepo) -> Result<Credentials, PortError> {
        Ok(self.by_host.get(repo.host()).map(|(_, credentials)| credentials.clone()).unwrap_or_default())
    }
}
