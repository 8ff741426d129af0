//! The versions that one chart subscription selects (discovery 4).

use std::{collections::BTreeMap, sync::Arc};

use futures::future::FutureExt as _;
use serde::{Deserialize, Serialize};

use super::{
    Look, LookError,
    discovery::Shared,
    listing::{Listed, Tagged, list, trust},
    memo::Memo,
    memory::{recall, remember},
};
use crate::{
    model::ChartSubscription,
    port::{Access, Account, CacheKey, ChartIndex, ChartRepo, PortError},
    select::chart::{ChartRules, ChartSource},
};

/// Charts in one round: an index, or a list of tags, once for all who ask.
#[derive(Debug, Default)]
pub(super) struct ChartRound {
    indexes: Memo<ChartRepo, Result<Arc<ChartIndex>, PortError>>,
    lists: Memo<ChartRepo, Result<Arc<Listed>, PortError>>,
}

/// A chart subscription, checked, with its repository and its compiled rules.
///
/// ```
/// use kargo_core::{discover::ChartTarget, model::ChartSubscription, port::Access};
///
/// let subscription = ChartSubscription { repo_url: "oci://ghcr.io/acme/cart".into(), ..ChartSubscription::default() };
/// let target = ChartTarget::new(&subscription, Access::of_project("shop"))?;
/// assert_eq!(target.repo().host(), "ghcr.io");
/// # Ok::<(), kargo_core::discover::LookError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChartTarget {
    repo: ChartRepo,
    name: String,
    rules: ChartRules,
}

/// An index as it was when its repository gave this ETag.
#[derive(Serialize, Deserialize)]
struct KnownIndex {
    etag: String,
    charts: BTreeMap<String, Vec<String>>,
}

impl ChartTarget {
    /// Checks and compiles a subscription. `access` is on whose behalf it is asked; whether certificates are checked is
    /// taken from the subscription.
    ///
    /// # Errors
    ///
    /// [`LookError`]: the subscription cannot be read, or its repository is none.
    pub fn new(subscription: &ChartSubscription, access: Access) -> Result<Self, LookError> {
        let rules = ChartRules::new(subscription)?;
        let access = access.skipping_tls_verify(subscription.insecure_skip_tls_verify);
        let repo = ChartRepo::parse(&subscription.repo_url)?.with_access(access);
        Ok(Self { repo, name: subscription.name.clone().unwrap_or_default(), rules })
    }

    /// The repository.
    #[must_use]
    pub fn repo(&self) -> &ChartRepo {
        &self.repo
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &ChartRules {
        &self.rules
    }
}

impl Look {
    /// The versions that a subscription selects, best first. A chart that the index does not have has none.
    ///
    /// An index, or the tags of a chart in a registry, are asked for once in a round; where the answer has an ETag, the next
    /// round asks only for what changed.
    ///
    /// # Errors
    ///
    /// Of the index or the list: without all of it there is no telling which version is the best.
    pub async fn chart(&self, target: &ChartTarget) -> Result<Vec<String>, PortError> {
        let mut selection = target.rules.selection();
        match target.rules.source() {
            ChartSource::Index => selection.offer(self.index(&target.repo).await?.versions(&target.name)),
            ChartSource::Tags => selection.offer(self.chart_tags(&target.repo).await?.tags.iter()),
        }
        Ok(selection.finish())
    }

    async fn index(&self, repo: &ChartRepo) -> Result<Arc<ChartIndex>, PortError> {
        let (shared, of) = (Arc::clone(&self.shared), repo.clone());
        self.charts.indexes.get(repo.clone(), || index(shared, of).boxed()).await
    }

    async fn chart_tags(&self, repo: &ChartRepo) -> Result<Arc<Listed>, PortError> {
        let (shared, of) = (Arc::clone(&self.shared), Tagged::Chart(repo.clone()));
        self.charts.lists.get(repo.clone(), || list(shared, of).boxed()).await
    }
}

async fn index(shared: Arc<Shared>, repo: ChartRepo) -> Result<Arc<ChartIndex>, PortError> {
    let account = shared.charts.account(&repo);
    let key = key(&account, &repo);
    let known: Option<KnownIndex> = recall(&*shared.cache, &key).await;
    let etag = known.as_ref().map(|known| known.etag.as_str());
    let answer = shared.budgets.call(&account, || shared.charts.index(&repo, etag)).await?;
    let etag = answer.etag().map(str::to_owned);
    let index = match (answer.into_changed(), known) {
        (Some(index), _) => index,
        (None, Some(known)) => return Ok(Arc::new(ChartIndex { charts: known.charts })),
        (None, None) => return Err(unasked(&repo)),
    };
    if let Some(etag) = etag {
        remember(&*shared.cache, key, &KnownIndex { etag, charts: index.charts.clone() }).await;
    }
    Ok(Arc::new(index))
}

fn unasked(repo: &ChartRepo) -> PortError {
    PortError::bug("it is \"unchanged\", but no ETag was named").at(repo.host()).asking(&repo.to_string())
}

fn key(account: &Account, repo: &ChartRepo) -> CacheKey {
    CacheKey::of("chart-index", account, &format!("{} {repo} ", trust(repo.access())))
}
