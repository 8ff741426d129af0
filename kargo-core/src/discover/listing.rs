//! The walk over the pages of a tag list, of images or of a chart in a registry.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    discovery::Shared,
    memory::{recall, remember},
};
use crate::{
    model::Tag,
    port::{Access, Account, CacheKey, ChartRepo, ImageRepo, Page, PortError, Reply, TagPage},
};

/// Most pages of one list. A registry that names more is not believed.
const MAX_PAGES: usize = 100_000;

/// Whose tags are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tagged {
    /// Of images.
    Images(ImageRepo),
    /// Of a chart in a registry.
    Chart(ChartRepo),
}

/// The tags of a repository, and how many pages they took.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) tags: BTreeSet<Tag>,
    pub(super) pages: u64,
}

/// A page as it was when it was asked for last, with its ETag if the registry gives any.
#[derive(PartialEq, Serialize, Deserialize)]
struct KnownPage {
    etag: Option<String>,
    tags: Vec<Tag>,
    next: Option<String>,
}

/// All tags, each once. Pages with an ETag are asked for only if they changed.
pub(super) async fn list(shared: Arc<Shared>, of: Tagged) -> Result<Arc<Listed>, PortError> {
    let account = of.account(&shared);
    let (mut tags, mut cursors, mut cursor) = (BTreeSet::new(), BTreeSet::new(), None::<String>);
    loop {
        let page = page(&shared, &account, &of, cursor.as_deref()).await?;
        tags.extend(page.tags);
        let Some(next) = page.next else {
            let pages = cursors.len() as u64 + 1;
            return Ok(Arc::new(Listed { tags, pages }));
        };
        if cursors.len() >= MAX_PAGES || !cursors.insert(next.clone()) {
            return Err(of.named(PortError::rejected("the pages of the tag list go in a circle")));
        }
        cursor = Some(next);
    }
}

/// The tags as they were at the last look, if all of its pages are still known. Nobody is asked.
pub(super) async fn listed_before(shared: &Shared, of: &Tagged) -> Option<Listed> {
    let account = of.account(shared);
    let (mut tags, mut cursors, mut cursor) = (BTreeSet::new(), BTreeSet::new(), None::<String>);
    loop {
        let known: KnownPage = recall(&*shared.cache, &of.key(&account, cursor.as_deref())).await?;
        tags.extend(known.tags);
        let Some(next) = known.next else { return Some(Listed { tags, pages: cursors.len() as u64 + 1 }) };
        // Pages of different looks may go in a circle.
        if cursors.len() >= MAX_PAGES || !cursors.insert(next.clone()) {
            return None;
        }
        cursor = Some(next);
    }
}

async fn page(shared: &Shared, account: &Account, of: &Tagged, cursor: Option<&str>) -> Result<TagPage, PortError> {
    let key = of.key(account, cursor);
    let known: Option<KnownPage> = recall(&*shared.cache, &key).await;
    let mut wanted = cursor.map_or_else(Page::first, Page::at);
    if let Some(etag) = known.as_ref().and_then(|known| known.etag.as_deref()) {
        wanted = wanted.if_changed_from(etag);
    }
    let answer = shared.budgets.call(account, || of.ask(shared, wanted.clone())).await?;
    let etag = answer.etag().map(str::to_owned);
    match (answer.into_changed(), known) {
        (None, Some(known)) if known.etag.is_some() => Ok(TagPage { tags: known.tags, next: known.next }),
        (None, _) => Err(of.named(PortError::bug("a page is \"unchanged\", but no ETag was named"))),
        (Some(page), known) => {
            // Without an ETag it spares no request, but forecasts know how much there is.
            let now = KnownPage { etag, tags: page.tags.clone(), next: page.next.clone() };
            if known.as_ref() != Some(&now) {
                remember(&*shared.cache, key, &now).await;
            }
            Ok(page)
        }
    }
}

impl Tagged {
    pub(super) fn account(&self, shared: &Shared) -> Account {
        match self {
            Self::Images(repo) => shared.images.account(repo),
            Self::Chart(repo) => shared.charts.account(repo),
        }
    }

    async fn ask(&self, shared: &Shared, page: Page) -> Result<Reply<TagPage>, PortError> {
        match self {
            Self::Images(repo) => shared.images.tags(repo, page).await,
            Self::Chart(repo) => shared.charts.tags(repo, page).await,
        }
    }

    fn key(&self, account: &Account, cursor: Option<&str>) -> CacheKey {
        let cursor = cursor.unwrap_or_default();
        match self {
            Self::Images(repo) => {
                CacheKey::of("tag-page", account, &format!("{} {} {cursor}", trust(repo.access()), repo.path()))
            }
            Self::Chart(repo) => {
                CacheKey::of("chart-page", account, &format!("{} {repo} {cursor}", trust(repo.access())))
            }
        }
    }

    fn named(&self, error: PortError) -> PortError {
        match self {
            Self::Images(repo) => error.at(repo.host()).asking(&format!("list the tags of {}", repo.path())),
            Self::Chart(repo) => error.at(repo.host()).asking(&format!("list the tags of {repo}")),
        }
    }
}

/// A word for keys: what is not checked against a digest is not taken over from a connection that checked no certificate.
pub(super) fn trust(access: &Access) -> &'static str {
    if access.skip_tls_verify { "unchecked" } else { "checked" }
}
