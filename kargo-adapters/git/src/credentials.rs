//! Who we are to a git host. Secrets are never shown.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Credentials for a repository. `Debug` shows their kind and the account, never a secret.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// User name and password over HTTP; most hosts take a token as the password.
    Basic {
        /// The user name.
        username: String,
        /// The password or token.
        password: SecretString,
    },
    /// A token sent as `Authorization: Bearer` over HTTP. Redirects are not followed with it.
    Bearer {
        /// Whose token it is; tokens of one account share one local copy, also after the token is renewed.
        account: String,
        /// The token.
        token: SecretString,
    },
    /// A private key for SSH, without passphrase.
    SshKey {
        /// The key as a PEM or OpenSSH text.
        key: SecretString,
        /// Which hosts are believed to be who they say.
        hosts: KnownHosts,
    },
    /// What the user of this process has set up: their git configuration, credential helpers, SSH agent and keys.
    Ambient,
}

/// Which host keys SSH accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownHosts {
    /// Lines of a `known_hosts` file; any other host or key is refused.
    Lines(String),
    /// Any key. The reference does this (discovery 3.2); somebody between here and the host can then answer in its place.
    #[default]
    Unchecked,
}

impl Credentials {
    /// Basic credentials.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic { username: username.into(), password: SecretString::from(password.into()) }
    }

    /// What keeps the local copies of different credentials apart. Rotating a password or token keeps the copy; a key's copy is
    /// its own, since a key names no account.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Basic { username, .. } => format!("basic {username}"),
            Self::Bearer { account, .. } => format!("bearer {account}"),
            Self::SshKey { key, .. } => {
                let sum = Sha256::digest(key.expose_secret().as_bytes());
                format!("ssh {}", crate::mirror::hex(&sum))
            }
            Self::Ambient => "ambient".to_owned(),
        }
    }

    /// The texts that must not appear in anything shown.
    pub(crate) fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Basic { password, .. } => vec![password],
            Self::Bearer { token, .. } => vec![token],
            Self::SshKey { key, .. } => vec![key],
            Self::Anonymous | Self::Ambient => Vec::new(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Basic { username, .. } => write!(f, "Basic({username:?}, ***)"),
            Self::Bearer { account, .. } => write!(f, "Bearer({account:?}, ***)"),
            Self::SshKey { hosts, .. } => write!(f, "SshKey(***, {hosts:?})"),
            Self::Ambient => f.write_str("Ambient"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let key = Credentials::SshKey { key: SecretString::from("hunter2"), hosts: KnownHosts::Unchecked };
        let bearer = Credentials::Bearer { account: "bot".to_owned(), token: SecretString::from("hunter2") };
        let text = format!("{:?} {key:?} {bearer:?}", Credentials::basic("me", "hunter2"));
        assert!(!text.contains("hunter2") && text.contains("me") && text.contains("bot"), "{text}");
    }

    #[test]
    fn a_renewed_password_keeps_the_identity_and_another_user_does_not() {
        let id = |u: &str, p: &str| Credentials::basic(u, p).identity();
        assert_eq!(id("a", "1"), id("a", "2"));
        assert_ne!(id("a", "1"), id("b", "1"));
        assert_ne!(id("a", "1"), Credentials::Anonymous.identity());
    }
}
