//! A router is a port itself: each question goes to the port of the repository's host.

use async_trait::async_trait;

use super::{
    Account, ChartIndex, ChartRepo, ChartRepository, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo, Head,
    ImageConfig, ImageManifest, ImageRegistry, ImageRepo, ObjectId, Page, RefQuery, RemoteRefs, TagInfo, TagPage,
    Tagged, routes::Routes,
};
use crate::{
    model::{Digest, Tag},
    report::{PortError, Reply},
};

const IMAGES: (&str, &str) = ("images", "images");
const GIT: (&str, &str) = ("git repositories", "git");
const CHARTS: (&str, &str) = ("charts", "charts");

#[async_trait]
impl ImageRegistry for Routes<dyn ImageRegistry> {
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        self.serve(repo.host(), IMAGES.0, IMAGES.1)?.tags(repo, page).await
    }

    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError> {
        self.serve(repo.host(), IMAGES.0, IMAGES.1)?.head(repo, tag).await
    }

    async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        self.serve(repo.host(), IMAGES.0, IMAGES.1)?.tagged(repo, tag).await
    }

    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        self.serve(repo.host(), IMAGES.0, IMAGES.1)?.manifest(repo, digest).await
    }

    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        self.serve(repo.host(), IMAGES.0, IMAGES.1)?.config(repo, digest).await
    }

    fn account(&self, repo: &ImageRepo) -> Account {
        self.find(repo.host()).map_or_else(|| Account::anonymous(repo.host()), |port| port.account(repo))
    }
}

#[async_trait]
impl GitHost for Routes<dyn GitHost> {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        self.serve(repo.host(), GIT.0, GIT.1)?.refs(repo, query).await
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        self.serve(repo.host(), GIT.0, GIT.1)?.fetch(repo, what).await
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        self.serve(repo.host(), GIT.0, GIT.1)?.commits(repo, query).await
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        self.serve(repo.host(), GIT.0, GIT.1)?.tags(repo, names, paths).await
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        self.serve(repo.host(), GIT.0, GIT.1)?.commit(repo, id, paths).await
    }

    fn account(&self, repo: &GitRepo) -> Account {
        self.find(repo.host()).map_or_else(|| Account::anonymous(repo.host()), |port| port.account(repo))
    }
}

#[async_trait]
impl ChartRepository for Routes<dyn ChartRepository> {
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        self.serve(repo.host(), CHARTS.0, CHARTS.1)?.index(repo, known_etag).await
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        self.serve(repo.host(), CHARTS.0, CHARTS.1)?.tags(repo, page).await
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        self.find(repo.host()).map_or_else(|| Account::anonymous(repo.host()), |port| port.account(repo))
    }
}
