//! Who we are to a registry. Secrets are never shown.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use kargo_core::{
    Timestamp,
    port::{ImageRepo, PortError},
};
use secrecy::SecretString;

/// A credential for a registry. `Debug` shows its kind and the user, never a secret.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credential {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// User name and password. Most registries take a token as the password.
    Basic {
        /// The user name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// What `docker login` calls an identity token: it is exchanged for tokens (OAuth 2, `refresh_token`).
    IdentityToken(SecretString),
    /// A token that the registry itself takes, as it is.
    RegistryToken(SecretString),
}

impl Credential {
    /// User name and password.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic { username: username.into(), password: SecretString::from(password.into()) }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Basic { username, .. } => write!(f, "Basic({username:?}, ***)"),
            Self::IdentityToken(_) => f.write_str("IdentityToken(***)"),
            Self::RegistryToken(_) => f.write_str("RegistryToken(***)"),
        }
    }
}

/// A credential as it is now, and how long that is so.
///
/// ```
/// use kargo_oci::{Credential, Issued};
/// let lasting = Issued::from(Credential::basic("bot", "hunter2"));
/// assert_eq!(format!("{lasting:?}"), r#"Issued { credential: Basic("bot", ***), expires: None }"#);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Issued {
    /// The credential.
    pub credential: Credential,
    /// When it ends; the provider is asked again shortly before. `None`: it is used until a registry refuses it.
    pub expires: Option<Timestamp>,
}

impl From<Credential> for Issued {
    fn from(credential: Credential) -> Self {
        Self { credential, expires: None }
    }
}

/// What a credential is for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialQuery<'a> {
    /// The repository, and on whose behalf it is asked.
    pub repo: &'a ImageRepo,
    /// What is kept there: credentials of the one kind are not used for the other (discovery 8).
    pub kind: CredentialKind,
}

impl<'a> CredentialQuery<'a> {
    /// For images in a repository.
    #[must_use]
    pub fn image(repo: &'a ImageRepo) -> Self {
        Self { repo, kind: CredentialKind::Image }
    }

    /// For a chart.
    #[must_use]
    pub fn chart(repo: &'a ImageRepo) -> Self {
        Self { repo, kind: CredentialKind::Chart }
    }
}

/// What a repository keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKind {
    /// Images.
    Image,
    /// A Helm chart.
    Chart,
}

/// Where credentials come from: a vault, a table, a cloud's service that issues tokens.
///
/// ```
/// use async_trait::async_trait;
/// use kargo_core::{Timestamp, port::PortError};
/// use kargo_oci::{Credential, CredentialProvider, CredentialQuery, Issued};
///
/// #[derive(Debug)]
/// struct Cloud;
///
/// #[async_trait]
/// impl CredentialProvider for Cloud {
///     fn name(&self, query: CredentialQuery<'_>) -> Option<String> {
///         query.repo.host().ends_with(".cloud.example").then(|| "instance-role".to_owned())
///     }
///     async fn issue(&self, query: CredentialQuery<'_>) -> Result<Issued, PortError> {
///         let (token, expires) = ask_the_cloud(query.repo.host()).await?;
///         Ok(Issued { credential: Credential::basic("oauth2accesstoken", token), expires: Some(expires) })
///     }
/// }
/// # async fn ask_the_cloud(_: &str) -> Result<(String, Timestamp), PortError> { Err(PortError::unauthorized("no")) }
/// ```
#[async_trait]
pub trait CredentialProvider: fmt::Debug + Send + Sync {
    /// The name of the credential for a repository; `None` for none. It names a session and a quota: the same name at one host means
    /// the same credential, and it stays when that is renewed. It must hold no secret. Never talks to anybody.
    fn name(&self, query: CredentialQuery<'_>) -> Option<String>;

    /// The credential as it is now. Asked once for a session, and again when it ends or was refused; not asked where there is no name.
    ///
    /// # Errors
    ///
    /// What kept the provider from answering. No error may hold a secret.
    async fn issue(&self, query: CredentialQuery<'_>) -> Result<Issued, PortError>;
}

#[async_trait]
impl<P: CredentialProvider + ?Sized> CredentialProvider for Arc<P> {
    fn name(&self, query: CredentialQuery<'_>) -> Option<String> {
        (**self).name(query)
    }

    async fn issue(&self, query: CredentialQuery<'_>) -> Result<Issued, PortError> {
        (**self).issue(query).await
    }
}

/// No credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCredentials;

#[async_trait]
impl CredentialProvider for NoCredentials {
    fn name(&self, _query: CredentialQuery<'_>) -> Option<String> {
        None
    }

    async fn issue(&self, _query: CredentialQuery<'_>) -> Result<Issued, PortError> {
        Ok(Issued::default())
    }
}

/// A table: one credential for each host, for images and charts alike.
///
/// ```
/// use kargo_oci::{Credential, StaticCredentials};
/// let table = StaticCredentials::default().at("ghcr.io", "ghcr-read", Credential::basic("bot", "hunter2"));
/// assert!(!format!("{table:?}").contains("hunter2"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct StaticCredentials {
    hosts: BTreeMap<String, (String, Credential)>,
}

impl StaticCredentials {
    /// With a credential of this name at a host, written as in the addresses of repositories.
    #[must_use]
    pub fn at(mut self, host: impl Into<String>, name: impl Into<String>, credential: Credential) -> Self {
        self.hosts.insert(host.into(), (name.into(), credential));
        self
    }
}

#[async_trait]
impl CredentialProvider for StaticCredentials {
    fn name(&self, query: CredentialQuery<'_>) -> Option<String> {
        self.hosts.get(query.repo.host()).map(|(name, _)| name.clone())
    }

    async fn issue(&self, query: CredentialQuery<'_>) -> Result<Issued, PortError> {
        Ok(self.hosts.get(query.repo.host()).map(|(_, credential)| credential.clone()).unwrap_or_default().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_2_law_10_debug_shows_no_secret() {
        let secret = || SecretString::from("hunter2");
        for credential in [
            Credential::basic("eve", "hunter2"),
            Credential::IdentityToken(secret()),
            Credential::RegistryToken(secret()),
            Credential::Anonymous,
        ] {
            let text = format!("{:?}", Issued::from(credential));
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
