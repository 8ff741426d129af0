//! The provider of credentials that reads Docker's configuration.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use kargo_core::port::PortError;

use super::{
    file::{File, Found},
    helper::{self, Helpers},
};
use crate::{Credential, CredentialProvider, CredentialQuery, Issued};

/// Longest configuration file that is read, in bytes.
const FILE_LIMIT: u64 = 4 << 20;

/// The credentials of `docker login`: those in `config.json`, and those of the helpers that it names (`credHelpers`, `credsStore`).
///
/// The file is read again whenever a credential is needed, so that a new login counts at the next session or refusal. Entries for a
/// part of a host (`quay.io/acme`), as podman writes them, go before those for all of it. Images and charts share them.
///
/// ```
/// use kargo_oci::DockerConfig;
/// let config = DockerConfig::parse(br#"{"auths": {"ghcr.io": {"auth": "Ym90Omh1bnRlcjI="}}}"#)?;
/// assert!(!format!("{config:?}").contains("hunter2"));
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DockerConfig {
    source: Option<PathBuf>,
    /// As it was when the provider was made: names have to stay.
    file: Arc<File>,
    helpers: Helpers,
}

impl DockerConfig {
    /// What the user of this process has: `config.json` in `$DOCKER_CONFIG`, or in `.docker` in the home directory. Without such a
    /// file, everybody is anonymous.
    ///
    /// # Errors
    ///
    /// `Misconfigured` for a file that cannot be read.
    pub fn load() -> Result<Self, PortError> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        match set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker"))) {
            Some(directory) => Self::from_dir(directory),
            None => Ok(Self::of(None, File::default())),
        }
    }

    /// What `config.json` in a directory has; nothing if there is none.
    ///
    /// # Errors
    ///
    /// `Misconfigured` for a file that cannot be read.
    pub fn from_dir(directory: impl AsRef<Path>) -> Result<Self, PortError> {
        let path = directory.as_ref().join("config.json");
        let file = read(&path)?;
        Ok(Self::of(Some(path), file))
    }

    /// What the contents of a `config.json` have.
    ///
    /// # Errors
    ///
    /// `Misconfigured` if they cannot be read.
    pub fn parse(contents: &[u8]) -> Result<Self, PortError> {
        Ok(Self::of(None, File::parse(contents)?))
    }

    /// Looks for helpers in this directory, and not in `PATH`.
    #[must_use]
    pub fn helpers_in(mut self, directory: impl Into<PathBuf>) -> Self {
        self.helpers.directory = Some(directory.into());
        self
    }

    /// How long a helper may take: 30 seconds.
    #[must_use]
    pub fn helper_time(mut self, most: Duration) -> Self {
        self.helpers.time = most;
        self
    }

    fn of(source: Option<PathBuf>, file: File) -> Self {
        Self { source, file: Arc::new(file), helpers: Helpers::default() }
    }

    async fn current(&self) -> Result<Arc<File>, PortError> {
        let Some(path) = self.source.clone() else { return Ok(self.file.clone()) };
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        read.map_err(PortError::retryable)?.map(Arc::new)
    }
}

#[async_trait]
impl CredentialProvider for DockerConfig {
    fn name(&self, query: CredentialQuery<'_>) -> Option<String> {
        match self.file.find(query.repo) {
            Ok(Found::Nothing) => None,
            Ok(Found::Inline(name, _)) => Some(name),
            Ok(Found::Helper { helper, .. }) => Some(helper),
            // What is wrong is told when the credential is needed.
            Err(_) => Some("docker-config".to_owned()),
        }
    }

    async fn issue(&self, query: CredentialQuery<'_>) -> Result<Issued, PortError> {
        let credential = match self.current().await?.find(query.repo)? {
            Found::Nothing => Credential::Anonymous,
            Found::Inline(_, credential) => credential,
            Found::Helper { helper, server, otherwise } => {
                helper::ask(&self.helpers, &helper, &server).await?.unwrap_or(otherwise)
            }
        };
        Ok(credential.into())
    }
}

fn read(path: &Path) -> Result<File, PortError> {
    let wrong = |error: &io::Error| PortError::misconfigured(format!("reading {}: {error}", path.display()));
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(wrong(&error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    File::parse(&bytes)
}
