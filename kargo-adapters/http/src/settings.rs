//! How a client is made.

use std::{fmt, time::Duration};

use kargo_core::port::PortError;
use reqwest::{Certificate, Client};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{provider, redirect};

/// How to talk HTTP: limits of time, redirects, whom to trust.
///
/// ```
/// use std::time::Duration;
/// use kargo_http::HttpSettings;
/// let mut settings = HttpSettings::default();
/// settings.silence = Duration::from_secs(10);
/// let client = settings.client()?;
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpSettings {
    /// Longest time to connect: 10 seconds.
    pub connect: Duration,
    /// Longest silence while an answer is waited for or read: 30 seconds (discovery 2.10).
    pub silence: Duration,
    /// Longest time for a request with its answer and all redirects: 5 minutes.
    pub total: Duration,
    /// Most redirects one after another: 5.
    pub redirects: usize,
    /// Whether the proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`, ...) are used: yes.
    pub system_proxy: bool,
    /// Whether any certificate is believed, and so anybody between here and the peer: no.
    pub skip_tls_verify: bool,
    /// Who we say we are: `kargo-core/` and the version.
    pub user_agent: String,
    authorities: Vec<Certificate>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            total: Duration::from_secs(300),
            redirects: 5,
            system_proxy: true,
            skip_tls_verify: false,
            user_agent: concat!("kargo-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            authorities: Vec::new(),
        }
    }
}

impl HttpSettings {
    /// Trusts what these certificates (PEM, one or many) sign, besides those that the system trusts.
    ///
    /// # Errors
    ///
    /// `Misconfigured` if there is no certificate in it, or one that cannot be read.
    pub fn trust_pem(mut self, pem: &[u8]) -> Result<Self, PortError> {
        let wrong = |why: &dyn fmt::Display| PortError::misconfigured(format!("the CA certificates (PEM): {why}"));
        let before = self.authorities.len();
        for found in CertificateDer::pem_slice_iter(pem) {
            let found = found.map_err(|error| wrong(&error))?;
            // Found now what would otherwise be found when the client is made, without a word about where it came from.
            RootCertStore::empty().add(found.clone()).map_err(|error| wrong(&error))?;
            self.authorities.push(Certificate::from_der(&found).map_err(|error| wrong(&error))?);
        }
        if self.authorities.len() == before {
            return Err(wrong(&"there are none"));
        }
        Ok(self)
    }

    /// Whether any certificate is believed.
    #[must_use]
    pub fn skipping_tls_verify(mut self, skip: bool) -> Self {
        self.skip_tls_verify = skip;
        self
    }

    /// A client. It keeps connections open for the next request, so that one should be made and shared.
    ///
    /// # Errors
    ///
    /// `Misconfigured`: there is no TLS provider, a certificate cannot be used, or the system's certificates cannot be found.
    pub fn client(&self) -> Result<Client, PortError> {
        provider::ensure()?;
        let mut builder = Client::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.silence)
            .timeout(self.total)
            .redirect(redirect::policy(self.redirects))
            .referer(false)
            .user_agent(&self.user_agent)
            .tls_certs_merge(self.authorities.iter().cloned())
            .tls_danger_accept_invalid_certs(self.skip_tls_verify);
        if !self.system_proxy {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| PortError::misconfigured(error.without_url()))
    }
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("connect", &self.connect)
            .field("silence", &self.silence)
            .field("total", &self.total)
            .field("redirects", &self.redirects)
            .field("system_proxy", &self.system_proxy)
            .field("skip_tls_verify", &self.skip_tls_verify)
            .field("user_agent", &self.user_agent)
            .field("authorities", &self.authorities.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use kargo_core::port::PortClass;

    use super::*;

    #[test]
    fn certificates_that_are_none_are_refused() {
        let broken = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        for pem in [String::new(), broken("none"), broken("?"), "-----BEGIN CERTIFICATE-----\n".to_owned()] {
            let class = HttpSettings::default().trust_pem(pem.as_bytes()).map_err(|error| error.class());
            assert_eq!(class.map(|_| ()), Err(PortClass::Misconfigured), "{pem:?}");
        }
    }
}
