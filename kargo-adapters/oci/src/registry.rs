//! The ports of the core to registries, served over the OCI distribution API or from layouts.

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::{
    Digest, Tag,
    port::{
        Account, ChartIndex, ChartRepo, ChartRepository, Clock, Head, ImageConfig, ImageManifest, ImageRegistry,
        ImageRepo, Page, PortError, Reply, TagPage, Tagged,
    },
};
use kargo_http::{Answer, BODY_LIMIT, reqwest::Method};

use crate::{
    CredentialProvider, CredentialQuery, OciSettings, api,
    clock::Time,
    layout::Layout,
    session::{Caller, Sessions},
};

/// Registries of images and charts, read over the OCI distribution API, and layouts on disk. See the [crate] for what it costs
/// and guarantees. Clones share sessions.
///
/// ```
/// use kargo_oci::{Credential, OciRegistry, OciSettings, StaticCredentials};
/// let table = StaticCredentials::default().at("ghcr.io", "ghcr-read", Credential::basic("bot", "hunter2"));
/// let registry = OciRegistry::new(OciSettings::default(), table)?;
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OciRegistry {
    sessions: Arc<Sessions>,
}

impl OciRegistry {
    /// Registries reached as the settings say, with what `credentials` gives for each.
    ///
    /// # Errors
    ///
    /// `Misconfigured` if no client can be made: there is no TLS provider, or no certificate of the system's.
    pub fn new(settings: OciSettings, credentials: impl CredentialProvider + 'static) -> Result<Self, PortError> {
        // Made and dropped: what is wrong with it should be told now.
        settings.http.client()?;
        Ok(Self { sessions: Arc::new(Sessions::new(settings, Arc::new(credentials), Time::machine())) })
    }

    /// With another clock than the machine's for the ends of tokens and credentials. Sessions begin anew.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { sessions: Arc::new(self.sessions.with_time(Time::Given(clock))) }
    }

    fn layout(&self, repo: &ImageRepo) -> Option<Layout> {
        self.sessions.settings().layouts_of(repo.host()).map(|directory| Layout::new(directory, repo))
    }

    async fn tag_page(&self, query: CredentialQuery<'_>, page: &Page) -> Result<Reply<TagPage>, PortError> {
        if let Some(layout) = self.layout(query.repo) {
            return layout.tags(page).await;
        }
        let caller = self.sessions.caller(query).await?;
        let request = api::tag_list(caller.base(), query.repo, page, self.sessions.settings().page)?;
        let asked = request.url().clone();
        api::tag_page(caller.ask(request, BODY_LIMIT).await?, &asked, page)
    }

    async fn by_tag(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        let caller = self.sessions.caller(CredentialQuery::image(repo)).await?;
        api::tagged(manifest_answer(&caller, Method::GET, repo, tag).await?)
    }

    fn account_of(&self, query: CredentialQuery<'_>) -> Account {
        match self.layout(query.repo) {
            Some(_) => Account::anonymous(query.repo.host()),
            None => self.sessions.account(query),
        }
    }
}

async fn manifest_answer(
    caller: &Caller<'_>,
    method: Method,
    repo: &ImageRepo,
    reference: &str,
) -> Result<Answer, PortError> {
    caller.ask(api::manifest_of(caller.base(), method, repo, reference), ImageManifest::MAX_BYTES).await
}

#[async_trait]
impl ImageRegistry for OciRegistry {
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        self.tag_page(CredentialQuery::image(repo), &page).await
    }

    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError> {
        api::check_tag(repo, tag)?;
        if let Some(layout) = self.layout(repo) {
            return layout.head(tag).await;
        }
        let caller = self.sessions.caller(CredentialQuery::image(repo)).await?;
        let answer = manifest_answer(&caller, Method::HEAD, repo, tag).await?;
        match api::head(&answer)? {
            Some(reply) => Ok(reply),
            None => Ok(self.by_tag(repo, tag).await?.map(|tagged| Head::new(tagged.digest))),
        }
    }

    async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        api::check_tag(repo, tag)?;
        match self.layout(repo) {
            Some(layout) => layout.tagged(tag).await,
            None => self.by_tag(repo, tag).await,
        }
    }

    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        api::check_digest(repo, digest)?;
        if let Some(layout) = self.layout(repo) {
            return layout.manifest(digest).await;
        }
        let caller = self.sessions.caller(CredentialQuery::image(repo)).await?;
        api::manifest(manifest_answer(&caller, Method::GET, repo, digest).await?, digest)
    }

    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        api::check_digest(repo, digest)?;
        if let Some(layout) = self.layout(repo) {
            return layout.config(digest).await;
        }
        let caller = self.sessions.caller(CredentialQuery::image(repo)).await?;
        let answer = caller.ask(api::blob(caller.base(), repo, digest), ImageConfig::MAX_BYTES).await?;
        api::config(answer, digest)
    }

    fn account(&self, repo: &ImageRepo) -> Account {
        self.account_of(CredentialQuery::image(repo))
    }
}

/// Charts in registries; classic repositories are `Unsupported` here.
#[async_trait]
impl ChartRepository for OciRegistry {
    async fn index(&self, repo: &ChartRepo, _known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        Err(unsupported("a registry has no index of charts; its tags are the versions", repo, "index"))
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        match repo.oci() {
            Some(oci) => self.tag_page(CredentialQuery::chart(oci), &page).await,
            None => Err(unsupported("a classic repository has an index, and no tags", repo, "tags")),
        }
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        match repo.oci() {
            Some(oci) => self.account_of(CredentialQuery::chart(oci)),
            None => Account::anonymous(repo.host()),
        }
    }
}

fn unsupported(why: &str, repo: &ChartRepo, what: &str) -> PortError {
    PortError::unsupported(why).at(repo.host()).asking(&format!("{what} of {repo}"))
}
