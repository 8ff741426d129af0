//! How registries are reached.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use kargo_core::port::PortError;
use kargo_http::HttpSettings;

/// How registries are reached: what differs from host to host, and what all share.
///
/// Hosts are written as in the addresses of repositories, in lower case and with their port: `localhost:5000`, `docker.io`.
///
/// ```
/// use kargo_oci::OciSettings;
/// let settings = OciSettings::default().plain_http("registry.lan:5000").layouts("disk.local", "/srv/images");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OciSettings {
    /// Time-outs, redirects, proxy, CAs that are believed at every host.
    pub http: HttpSettings,
    /// How many tags a page of a list should have: 1,000. Registries may give fewer.
    pub page: u32,
    plain_http: BTreeSet<String>,
    skip_tls_verify: BTreeSet<String>,
    authorities: BTreeMap<String, HttpSettings>,
    layouts: BTreeMap<String, PathBuf>,
}

impl Default for OciSettings {
    fn default() -> Self {
        Self {
            http: HttpSettings::default(),
            page: 1_000,
            plain_http: BTreeSet::new(),
            skip_tls_verify: BTreeSet::new(),
            authorities: BTreeMap::new(),
            layouts: BTreeMap::new(),
        }
    }
}

impl OciSettings {
    /// Talks plain HTTP to a host, credentials included.
    #[must_use]
    pub fn plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_http.insert(host.into());
        self
    }

    /// Believes any certificate of a host, as if each subscription there said `insecureSkipTLSVerify`.
    #[must_use]
    pub fn skip_tls_verify(mut self, host: impl Into<String>) -> Self {
        self.skip_tls_verify.insert(host.into());
        self
    }

    /// Believes at a host what these certificates (PEM) sign, besides those that are believed everywhere. Set
    /// [`http`](Self::http) before.
    ///
    /// # Errors
    ///
    /// `Misconfigured` if there is no certificate in it, or one that cannot be read.
    pub fn trust_pem(mut self, host: impl Into<String>, pem: &[u8]) -> Result<Self, PortError> {
        let host = host.into();
        let base = self.authorities.get(&host).unwrap_or(&self.http).clone();
        let trusting = base.trust_pem(pem).map_err(|error| error.at(&host))?;
        self.authorities.insert(host, trusting);
        Ok(self)
    }

    /// Serves a host from layouts on disk: `host/acme/cart` is the layout `directory/acme/cart`.
    #[must_use]
    pub fn layouts(mut self, host: impl Into<String>, directory: impl Into<PathBuf>) -> Self {
        self.layouts.insert(host.into(), directory.into());
        self
    }

    pub(crate) fn is_plain_http(&self, host: &str) -> bool {
        self.plain_http.contains(host)
    }

    pub(crate) fn skips_tls_verify(&self, host: &str) -> bool {
        self.skip_tls_verify.contains(host)
    }

    /// What a host needs beyond what all share.
    pub(crate) fn http_of(&self, host: &str) -> Option<&HttpSettings> {
        self.authorities.get(host)
    }

    pub(crate) fn layouts_of(&self, host: &str) -> Option<&PathBuf> {
        self.layouts.get(host)
    }
}
