//! The port of the core to chart repositories.

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::{
    port::{Account, ChartIndex, ChartRepo, ChartRepository, Page, TagPage},
    report::{PortError, Reply},
};
use kargo_http::reqwest::Url;

use crate::{CredentialSource, HelmSettings, classic::Classic, folder};

/// [`ChartRepository`] over `index.yaml`, and over another adapter for charts in registries.
///
/// Futures must run on a tokio runtime with I/O and time enabled.
///
/// ```
/// use kargo_core::port::{ChartRepo, ChartRepository};
/// use kargo_helm::{HelmCharts, HelmSettings, NoCredentials};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let charts = HelmCharts::new(HelmSettings::default(), NoCredentials)?;
/// let stable = ChartRepo::parse("https://charts.acme.example/stable")?;
/// let index = charts.index(&stable, None).await?.into_value()?;
/// println!("{:?}", index.versions("cart"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct HelmCharts {
    classic: Classic,
    registry: Option<Arc<dyn ChartRepository>>,
}

impl HelmCharts {
    /// Charts of classic repositories alone, asked with these credentials.
    ///
    /// # Errors
    ///
    /// As [`HttpSettings::client`](kargo_http::HttpSettings::client).
    pub fn new(settings: HelmSettings, credentials: impl CredentialSource + 'static) -> Result<Self, PortError> {
        Ok(Self { classic: Classic::new(settings, Arc::new(credentials))?, registry: None })
    }

    /// Charts in registries through this adapter, with its credentials.
    #[must_use]
    pub fn registry(mut self, registry: Arc<dyn ChartRepository>) -> Self {
        self.registry = Some(registry);
        self
    }

    fn registry_for(&self, repo: &ChartRepo) -> Result<&dyn ChartRepository, PortError> {
        self.registry.as_deref().ok_or_else(|| {
            named(PortError::unsupported("no registry is wired for charts; see HelmCharts::registry"), repo)
        })
    }
}

#[async_trait]
impl ChartRepository for HelmCharts {
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        let Some(url) = repo.index_url() else {
            return match self.registry_for(repo) {
                Ok(registry) => registry.index(repo, known_etag).await,
                Err(_) => Err(named(PortError::unsupported("a chart in a registry has no index"), repo)),
            };
        };
        let url = Url::parse(&url).map_err(|error| named(PortError::misconfigured(error), repo))?;
        if url.scheme() == "file" {
            return folder::index(&url, self.classic.settings().index_bytes, known_etag).await;
        }
        self.classic.index(repo, url, known_etag).await
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        if repo.oci().is_none() {
            return Err(named(PortError::unsupported("a classic repository has an index, and no tags"), repo));
        }
        self.registry_for(repo)?.tags(repo, page).await
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        match (repo.oci(), &self.registry) {
            (Some(_), Some(registry)) => registry.account(repo),
            (Some(_), None) => Account::anonymous(repo.host()),
            (None, _) => self.classic.account(repo),
        }
    }
}

fn named(error: PortError, repo: &ChartRepo) -> PortError {
    error.at(repo.host()).asking(&repo.to_string())
}
