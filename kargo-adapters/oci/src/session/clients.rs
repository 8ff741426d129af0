//! HTTP clients: one for all hosts, and one for each host that is trusted otherwise.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kargo_core::port::{ImageRepo, PortError};
use kargo_http::reqwest::Client;

use crate::OciSettings;

/// The clients made so far, by the host whose trust differs (none for the usual trust), and by whether certificates are
/// checked.
#[derive(Debug)]
pub(crate) struct Clients {
    made: Mutex<BTreeMap<(Option<String>, bool), Client>>,
}

impl Clients {
    /// With the client for most hosts, so that what is wrong with the settings is told at once.
    pub(crate) fn new(settings: &OciSettings) -> Result<Self, PortError> {
        let usual = ((None, settings.http.skip_tls_verify), settings.http.client()?);
        Ok(Self { made: Mutex::new(BTreeMap::from([usual])) })
    }

    /// The client for a repository.
    pub(super) fn of(&self, repo: &ImageRepo, settings: &OciSettings) -> Result<Client, PortError> {
        let skip = skips(repo, settings);
        let key = (settings.is_special(repo.host()).then(|| repo.host().to_owned()), skip);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&key) {
            return Ok(client.clone());
        }
        let http = settings.http_of(repo.host()).map_err(|error| error.at(repo.host()))?;
        let client = http.skipping_tls_verify(skip).client().map_err(|error| error.at(repo.host()))?;
        made.insert(key, client.clone());
        Ok(client)
    }
}

/// Whether certificates are not checked for a repository.
pub(super) fn skips(repo: &ImageRepo, settings: &OciSettings) -> bool {
    settings.http.skip_tls_verify || settings.skips_tls_verify(repo.host()) || repo.access().skip_tls_verify
}
