//! A repository somewhere, and who asks for it.

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::credentials::Credentials;
use crate::{GitError, RemoteUrl};

/// A repository with the credentials to read it.
#[derive(Clone, Debug)]
pub struct Remote {
    url: RemoteUrl,
    credentials: Credentials,
    account: Option<String>,
    skip_tls_verify: bool,
}

impl Remote {
    /// A repository read without credentials, or with those in its address.
    ///
    /// # Errors
    ///
    /// [`GitError::Url`] when the address is not acceptable.
    pub fn new(url: &str) -> Result<Self, GitError> {
        Ok(Self::at(RemoteUrl::parse(url)?))
    }

    /// A repository at an address that was read before.
    #[must_use]
    pub fn at(url: RemoteUrl) -> Self {
        Self { url, credentials: Credentials::Anonymous, account: None, skip_tls_verify: false }
    }

    /// With these credentials.
    #[must_use]
    pub fn with(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Under this name, which tells the local copies of different credentials apart. Without one, the user's name does, or a
    /// sum of an SSH key.
    #[must_use]
    pub fn account(mut self, name: Option<String>) -> Self {
        self.account = name;
        self
    }

    /// Without checks of the server's certificate (`insecureSkipTLSVerify`, discovery 3.1).
    #[must_use]
    pub fn skip_tls_verify(mut self, skip: bool) -> Self {
        self.skip_tls_verify = skip;
        self
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &RemoteUrl {
        &self.url
    }

    pub(crate) fn skips_tls_verify(&self) -> bool {
        self.skip_tls_verify
    }

    /// The credentials given, or those in the address when none were given.
    pub(crate) fn credentials(&self) -> Credentials {
        match (&self.credentials, self.url.password()) {
            (Credentials::Anonymous, Some(password)) => {
                Credentials::basic(self.url.user().unwrap_or_default(), password.expose_secret())
            }
            (credentials, _) => credentials.clone(),
        }
    }

    /// The name of the local copy: one per address and credential. What was fetched past an unchecked certificate stays apart.
    pub(crate) fn copy_name(&self) -> String {
        let trust = if self.skip_tls_verify { "unverified" } else { "verified" };
        let account = match &self.account {
            Some(name) => format!("account {name}"),
            None => self.credentials().identity(),
        };
        let identity = format!("{}\n{account}\n{trust}", self.url.as_str());
        let sum = crate::mirror::hex(&Sha256::digest(identity.as_bytes()));
        format!("{}.git", sum.get(..40).unwrap_or(&sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_per_address_and_credential() {
        let name = |url: &str, c: Credentials| Remote::new(url).unwrap().with(c).copy_name();
        let anonymous = name("https://h/r", Credentials::Anonymous);
        assert_eq!(anonymous, name("https://h/r", Credentials::Anonymous));
        assert_ne!(anonymous, name("https://h/r2", Credentials::Anonymous));
        assert_ne!(anonymous, name("https://h/r", Credentials::basic("me", "x")));
        assert_eq!(
            name("https://me:a@h/r", Credentials::Anonymous),
            name("https://h/r", Credentials::basic("me", "b"))
        );
        assert_ne!(anonymous, Remote::new("https://h/r").unwrap().skip_tls_verify(true).copy_name());
    }
}
