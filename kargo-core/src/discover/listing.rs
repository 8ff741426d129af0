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

/// A page as it was when the registry gave this ETag.
#[derive(Serialize, Deserialize)]
struct KnownPage {
    etag: String,
    tags: Vec<Tag>,
    next: Option<String>,
}

/// All tags of a repository, each once. Pages with an ETag are asked for only if they changed.
pub(super) async fn list(
    shared: Arc<Shared>,
    account: Account,
    repo: ImageRepo,
) -> Result<Arc<BTreeSet<Tag>>, PortError> {
    let (mut tags, mut cursors, mut cursor) = (BTreeSet::new(), BTreeSet::new(), None::<String>);
    loop {
        let page = page(&shared, &account, &repo, cursor.as_deref()).await?;
        tags.extend(page.tags);
        let Some(next) = page.next else { return Ok(Arc::new(tags)) };
        if cursors.len() >= MAX_PAGES || !cursors.insert(next.clone()) {
            let error = PortError::rejected("the pages of the tag list go in a circle");
            return Err(error.at(repo.host()).asking(&format!("list the tags of {}", repo.path())));
        }
        cursor = Some(next);
    }
}

async fn page(
    shared: &Shared,
    account: &Account,
    repo: &ImageRepo,
    cursor: Option<&str>,
) -> Result<TagPage, PortError> {
    let id = format!("{} {}", repo.path(), cursor.unwrap_or_default());
    let key = CacheKey::of("tag-page", account, &id);
    let known: Option<KnownPage> = recall(&*shared.cache, &key).await;
    let mut wanted = cursor.map_or_else(Page::first, Page::at);
    if let Some(known) = &known {
        wanted = wanted.if_changed_from(known.etag.as_str());
    }
    let answer = shared.budgets.call(account, || shared.images.tags(repo, wanted.clone())).await?;
    let etag = answer.etag().map(str::to_owned);
    match (answer.into_changed(), known) {
        (None, Some(known)) => Ok(TagPage { tags: known.tags, next: known.next }),
        (None, None) => Err(PortError::bug("a page is \"unchanged\", but no ETag was named").at(repo.host())),
        (Some(page), _) => {
            if let Some(etag) = etag {
                let page = KnownPage { etag, tags: page.tags.clone(), next: page.next.clone() };
                remember(&*shared.cache, key, &page).await;
            }
            Ok(page)
        }
    }
}
