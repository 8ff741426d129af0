//! HTTP clients: one for all hosts, and one for each host that is trusted otherwise.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kargo_core::port::{ImageRepo, PortError};
use kargo_http::reqwest::Client;

use crate::OciSettings;

/// The clients made so far, by the host whose trust differs (none for the usual trust), and by whether certificates are checked.
#[derive(Debug, Default)]
pub(super) struct Clients {
    made: Mutex<BTreeMap<(Option<String>, bool), Client>>,
}

impl Clients {
    /// The client for a repository.
    pub(super) fn of(&self, repo: &ImageRepo, settings: &OciSettings) -> Result<Client, PortError> {
        let special = settings.http_of(repo.host());
        let http = special.unwrap_or(&settings.http);
        let skip = skips(repo, settings);
        let key = (special.map(|_| repo.host().to_owned()), skip);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&key) {
            return Ok(client.clone());
        }
        let client = http.clone().skipping_tls_verify(skip).client().map_err(|error| error.at(repo.host()))?;
        made.insert(key, client.clone());
        Ok(client)
    }
}

/// Whether certificates are not checked for a repository.
pub(super) fn skips(repo: &ImageRepo, settings: &OciSettings) -> bool {
    settings.http.skip_tls_verify || settings.skips_tls_verify(repo.host()) || repo.access().skip_tls_verify
}
