//! What the host of this library decides about chart repositories.

use kargo_http::HttpSettings;

/// Settings of [`HelmCharts`](crate::HelmCharts).
///
/// ```
/// use kargo_helm::HelmSettings;
/// let mut settings = HelmSettings::default();
/// settings.index_bytes = 128 << 20;
/// # let pem = rcgen::generate_simple_self_signed(["charts.corp".to_owned()])?.cert.pem();
/// settings.http = settings.http.trust_pem(pem.as_bytes())?; // the company's own CA
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HelmSettings {
    /// Limits of time, redirects, proxies, and whom to trust.
    pub http: HttpSettings,
    /// How long an index may be, unpacked, in bytes: 64 MiB. The largest public ones have some 30.
    pub index_bytes: usize,
    /// Whether credentials are sent over plain HTTP, where anybody on the way can read them: no (discovery 8).
    pub credentials_over_http: bool,
}

impl Default for HelmSettings {
    fn default() -> Self {
        Self { http: HttpSettings::default(), index_bytes: 64 << 20, credentials_over_http: false }
    }
}
