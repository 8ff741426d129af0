//! One round over subscriptions: what is asked in it is asked once.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::FutureExt as _;

use super::{
    chart_look::ChartRound,
    discovery::Shared,
    git_round::GitRound,
    listing::{Listed, Tagged, list, trust},
    memo::Memo,
    memory::{recall, remember},
    promise::KnownTags,
    refused::Documents,
};
use crate::{
    model::{Digest, Tag, Timestamp},
    port::{Account, CacheKey, ImageManifest, ImageRepo, PortClass, PortError, Reply},
    select::image::{Config, ConfigSource, IndexEntry, Manifest, Platform},
};

/// One round of discovery. Subscriptions run side by side on it, or one after the other: what two of them ask is asked once.
///
/// See [`Look::images`], [`Look::git`], [`Look::chart`], and [`Look::warehouses`] for all of them.
#[derive(Debug)]
pub struct Look {
    pub(super) shared: Arc<Shared>,
    lists: Memo<ImageRepo, Result<Arc<Listed>, PortError>>,
    known: Memo<ImageRepo, Arc<Known>>,
    tagged: Memo<(ImageRepo, Tag), Result<Pointed, PortError>>,
    heads: Memo<(ImageRepo, Tag), Result<Pointed, PortError>>,
    manifests: Memo<(ImageRepo, Digest), Result<Arc<Manifest>, PortError>>,
    configs: Memo<(ImageRepo, Digest), Result<Config, PortError>>,
    pub(super) git: GitRound,
    pub(super) charts: ChartRound,
}

/// What is known of a repository's tags: before this look, which is what it goes by, and after it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) before: KnownTags,
    pub(super) after: Mutex<KnownTags>,
}

/// What a tag points at, and the manifest if it came along.
#[derive(Clone, Debug)]
pub(super) struct Pointed {
    pub(super) digest: Digest,
    pub(super) created: Option<Timestamp>,
    pub(super) manifest: Option<Arc<Manifest>>,
}

impl Look {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            lists: Memo::default(),
            known: Memo::default(),
            tagged: Memo::default(),
            heads: Memo::default(),
            manifests: Memo::default(),
            configs: Memo::default(),
            git: GitRound::default(),
            charts: ChartRound::default(),
        }
    }

    pub(super) async fn list(&self, repo: &ImageRepo) -> Result<Arc<Listed>, PortError> {
        let (shared, of) = (Arc::clone(&self.shared), Tagged::Images(repo.clone()));
        self.lists.get(repo.clone(), || list(shared, of).boxed()).await
    }

    /// What earlier looks learnt of a repository's tags.
    pub(super) async fn known(&self, repo: &ImageRepo) -> Arc<Known> {
        let (shared, key) = (Arc::clone(&self.shared), known_key(&self.account(repo), repo));
        let load = async move {
            let before: KnownTags = recall(&*shared.cache, &key).await.unwrap_or_default();
            Arc::new(Known { after: Mutex::new(before.clone()), before })
        };
        self.known.get(repo.clone(), || load.boxed()).await
    }

    pub(super) async fn keep_known(&self, repo: &ImageRepo, known: &Known) {
        let after = known.after.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if after != known.before {
            remember(&*self.shared.cache, known_key(&self.account(repo), repo), &after).await;
        }
    }

    /// What a tag points at, with its manifest where one request can tell both.
    pub(super) async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Pointed, PortError> {
        let account = self.account(repo);
        if !self.shared.gives_tagged(&account) {
            return self.head(repo, tag).await;
        }
        let (shared, of, name) = (Arc::clone(&self.shared), repo.clone(), tag.clone());
        let ask = {
            let account = account.clone();
            async move {
                let answer = shared.budgets.call(&account, || shared.images.tagged(&of, &name)).await?.into_value()?;
                let manifest = read(answer.manifest);
                remember(&*shared.cache, CacheKey::of_digest("manifest", &account, &answer.digest), &manifest).await;
                Ok(Pointed { digest: answer.digest, created: None, manifest: Some(Arc::new(manifest)) })
            }
        };
        match self.tagged.get((repo.clone(), tag.clone()), || ask.boxed()).await {
            Err(error) if error.class() == PortClass::Unsupported => {
                self.shared.gives_no_tagged(&account);
                self.head(repo, tag).await
            }
            answer => answer,
        }
    }

    /// What a tag points at.
    pub(super) async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Pointed, PortError> {
        // Another subscription may have asked for more already.
        if let Some(more) = self.tagged.peek(&(repo.clone(), tag.clone())) {
            match more.await {
                Err(error) if error.class() == PortClass::Unsupported => {}
                answer => return answer,
            }
        }
        let (shared, account, of, name) = (Arc::clone(&self.shared), self.account(repo), repo.clone(), tag.clone());
        let ask = async move {
            let head = shared.budgets.call(&account, || shared.images.head(&of, &name)).await?.into_value()?;
            if !crate::port::is_digest(&head.digest) {
                let error = PortError::rejected(format!("{:?} is not a digest", head.digest));
                return Err(error.at(of.host()).asking(&format!("digest of {of}:{name}")));
            }
            Ok(Pointed { digest: head.digest, created: head.created, manifest: None })
        };
        self.heads.get((repo.clone(), tag.clone()), || ask.boxed()).await
    }

    /// A manifest, from the cache if it is there.
    pub(super) async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Arc<Manifest>, PortError> {
        let (shared, account, of, id) = (Arc::clone(&self.shared), self.account(repo), repo.clone(), digest.clone());
        let ask = async move {
            let documents = Documents::new(&shared, &account, "manifest", &id);
            if let Some(known) = documents.recall().await {
                return known.map(Arc::new);
            }
            let answer = shared.budgets.call(&account, || shared.images.manifest(&of, &id)).await;
            documents.learn(answer.and_then(Reply::into_value).map(read)).await.map(Arc::new)
        };
        self.manifests.get((repo.clone(), digest.clone()), || ask.boxed()).await
    }

    /// A configuration, from the cache if it is there; an empty one where the registry has none.
    pub(super) async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Config, PortError> {
        let (shared, account, of, id) = (Arc::clone(&self.shared), self.account(repo), repo.clone(), digest.clone());
        let ask = async move {
            let documents = Documents::new(&shared, &account, "config", &id);
            if let Some(known) = documents.recall().await {
                return known;
            }
            let answer = match shared.budgets.call(&account, || shared.images.config(&of, &id)).await {
                Err(error) if error.class() == PortClass::Unsupported => return Ok(Config::default()),
                answer => answer.and_then(Reply::into_value),
            };
            documents.learn(answer.map(|config| Config::new(config.created, config.labels()))).await
        };
        self.configs.get((repo.clone(), digest.clone()), || ask.boxed()).await
    }

    /// What the cache has of a manifest; nobody is asked.
    pub(super) async fn cached_manifest(
        &self,
        repo: &ImageRepo,
        digest: &Digest,
    ) -> Option<Result<Manifest, PortError>> {
        Documents::new(&self.shared, &self.account(repo), "manifest", digest).recall().await
    }

    /// What the cache has of a configuration; nobody is asked.
    pub(super) async fn cached_config(&self, repo: &ImageRepo, digest: &Digest) -> Option<Result<Config, PortError>> {
        Documents::new(&self.shared, &self.account(repo), "config", digest).recall().await
    }

    pub(super) fn account(&self, repo: &ImageRepo) -> Account {
        self.shared.images.account(repo)
    }
}

fn known_key(account: &Account, repo: &ImageRepo) -> CacheKey {
    CacheKey::of("known-tags", account, &format!("{} {}", trust(repo.access()), repo.path()))
}

/// A manifest as selection reads it.
fn read(manifest: ImageManifest) -> Manifest {
    match manifest {
        ImageManifest::Image(image) => Manifest::Image {
            annotations: image.annotations,
            config: match image.embedded {
                Some(config) => ConfigSource::Inline(Config::new(config.created, config.labels())),
                None => ConfigSource::Blob(image.config),
            },
        },
        ImageManifest::Index(index) => {
            let entries = index.entries.into_iter().map(|entry| IndexEntry {
                digest: entry.digest,
                platform: entry.platform.map(|p| Platform { os: p.os, arch: p.architecture, variant: p.variant }),
                annotations: entry.annotations,
            });
            Manifest::Index { annotations: index.annotations, entries: entries.collect() }
        }
    }
}
