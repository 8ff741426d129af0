//! The port to repositories of Helm charts.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;

use super::{Account, ChartRepo, Page, TagPage};
use crate::report::{PortError, Reply};

/// A repository of charts, read only: an index, or a registry's tags. Which of the two is asked is in the address.
///
/// An adapter does not retry, sleep, cache, filter or sort; see [`ImageRegistry`](super::ImageRegistry) for what holds of
/// cancellation, concurrency and errors. Versions are passed on as they are written; a tag of a registry keeps its `_`.
#[async_trait]
pub trait ChartRepository: fmt::Debug + Send + Sync {
    /// The index of a classic repository; only if it changed, where the ETag of an earlier answer is given.
    ///
    /// `Unsupported` for a chart in a registry. `Rejected`: too long, not YAML, or not an index.
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError>;

    /// One page of the tags of a chart in a registry, as [`ImageRegistry::tags`](super::ImageRegistry::tags).
    ///
    /// `Unsupported` for a classic repository.
    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError>;

    /// Whose quota requests to this repository count against. Never talks to anybody.
    fn account(&self, repo: &ChartRepo) -> Account {
        Account::anonymous(repo.host())
    }
}

/// What a classic repository holds: the versions of each chart, as they are written, in the index's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartIndex {
    /// Charts by name.
    pub charts: BTreeMap<String, Vec<String>>,
}

impl ChartIndex {
    /// The versions of a chart; none for one that is not there (discovery 4.2).
    #[must_use]
    pub fn versions(&self, name: &str) -> &[String] {
        self.charts.get(name).map_or(&[], Vec::as_slice)
    }
}
