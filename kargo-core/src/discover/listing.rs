//! The walk over the pages of a tag list.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    discovery::Shared,
    memory::{recall, remember},
};
use crate::{
    model::Tag,
    port::{Account, CacheKey, ImageRepo, Page, PortError, TagPage},
};

/// Most pages of one list. A registry that names more is not believed.
const MAX_PAGES: usize = 100_000;

/// The tags of a repository, and how many pages they took.
#[derive(Debug)]
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

/// All tags of a repository, each once. Pages with an ETag are asked for only if they changed.
pub(super) async fn list(shared: Arc<Shared>, account: Account, repo: ImageRepo) -> Result<Arc<Listed>, PortError> {
    let (mut tags, mut cursors, mut cursor) = (BTreeSet::new(), BTreeSet::new(), None::<String>);
    loop {
        let page = page(&shared, &account, &repo, cursor.as_deref()).await?;
        tags.extend(page.tags);
        let Some(next) = page.next else {
            let pages = cursors.len() as u64 + 1;
            return Ok(Arc::new(Listed { tags, pages }));
        };
        if cursors.len() >= MAX_PAGES || !cursors.insert(next.clone()) {
            let error = PortError::rejected("the pages of the tag list go in a circle");
            return Err(error.at(repo.host()).asking(&format!("list the tags of {}", repo.path())));
        }
        cursor = Some(next);
    }
}

/// The tags as they were at the last look, if all of its pages are still known. Nobody is asked.
pub(super) async fn listed_before(shared: &Shared, account: &Account, repo: &ImageRepo) -> Option<Listed> {
    let (mut tags, mut cursors, mut cursor) = (BTreeSet::new(), BTreeSet::new(), None::<String>);
    loop {
        let known: KnownPage = recall(&*shared.cache, &page_key(account, repo, cursor.as_deref())).await?;
        tags.extend(known.tags);
        let Some(next) = known.next else { return Some(Listed { tags, pages: cursors.len() as u64 + 1 }) };
        // Pages of different looks may go in a circle.
        if cursors.len() >= MAX_PAGES || !cursors.insert(next.clone()) {
            return None;
        }
        cursor = Some(next);
    }
}

fn page_key(account: &Account, repo: &ImageRepo, cursor: Option<&str>) -> CacheKey {
    CacheKey::of("tag-page", account, &format!("{} {}", repo.path(), cursor.unwrap_or_default()))
}

async fn page(
    shared: &Shared,
    account: &Account,
    repo: &ImageRepo,
    cursor: Option<&str>,
) -> Result<TagPage, PortError> {
    let key = page_key(account, repo, cursor);
    let known: Option<KnownPage> = recall(&*shared.cache, &key).await;
    let mut wanted = cursor.map_or_else(Page::first, Page::at);
    if let Some(etag) = known.as_ref().and_then(|known| known.etag.as_deref()) {
        wanted = wanted.if_changed_from(etag);
    }
    let answer = shared.budgets.call(account, || shared.images.tags(repo, wanted.clone())).await?;
    let etag = answer.etag().map(str::to_owned);
    match (answer.into_changed(), known) {
        (None, Some(known)) if known.etag.is_some() => Ok(TagPage { tags: known.tags, next: known.next }),
        (None, _) => Err(PortError::bug("a page is \"unchanged\", but no ETag was named").at(repo.host())),
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
