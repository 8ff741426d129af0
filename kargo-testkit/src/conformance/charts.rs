//! The contract of [`ChartRepository`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::{ChartRepo, ChartRepository};

use super::Cannot;

/// How to put charts into repositories, so that an adapter can be asked for them.
#[async_trait]
pub trait ChartsRig: Sized + Send + Sync {
    /// An empty classic repository of its own for one test.
    async fn start() -> Self;

    /// The adapter under test.
    fn charts(&self) -> Arc<dyn ChartRepository>;

    /// The classic repository.
    fn classic(&self) -> ChartRepo;

    /// A classic repository beside it that does not exist.
    fn missing(&self) -> ChartRepo;

    /// Puts a version of a chart into the classic repository.
    async fn put(&self, name: &str, version: &str);

    /// A chart in a registry, with exactly these tags.
    async fn oci(&self, _tags: &[&str]) -> Result<ChartRepo, Cannot> {
        Err(Cannot)
    }

    /// From now on every request is answered with 429 and `Retry-After` of this many whole seconds.
    async fn limit(&self, _span: Duration) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod charts_checks {
    use std::{collections::BTreeSet, time::Duration};

    use kargo_core::port::{ChartIndex, Page, PortClass};

    use super::ChartsRig;
    use crate::conformance::part::{assert_class, partly, value};

    async fn index<R: ChartsRig>(rig: &R) -> ChartIndex {
        value("ChartRepository::index", rig.charts().index(&rig.classic(), None).await)
    }

    /// Versions as they are written, bad ones too.
    pub async fn an_index_has_every_version_as_it_is_written<R: ChartsRig>() {
        let rig = R::start().await;
        for version in ["1.0.0", "v1.1.0", "1.2", "2.0.0-rc.1+b.5"] {
            rig.put("cart", version).await;
        }
        rig.put("shop", "9.9.9").await;
        let index = index(&rig).await;
        let versions: BTreeSet<_> = index.versions("cart").iter().map(String::as_str).collect();
        assert_eq!(versions, BTreeSet::from(["1.0.0", "v1.1.0", "1.2", "2.0.0-rc.1+b.5"]));
        assert_eq!(index.versions("shop"), ["9.9.9"]);
    }

    /// No versions, no error.
    pub async fn a_chart_that_is_not_there_has_no_versions<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        assert!(index(&rig).await.versions("never-put").is_empty());
    }

    /// `NotFound`, with host and request.
    pub async fn a_repository_that_is_not_there_is_not_found<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        assert_class("ChartRepository::index", rig.charts().index(&rig.missing(), None).await, "NotFound");
    }

    /// "Unchanged" only if it is.
    pub async fn an_unchanged_index_is_unchanged_or_whole<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        let (charts, repo) = (rig.charts(), rig.classic());
        let first = charts.index(&repo, None).await;
        let etag = first.as_ref().ok().and_then(|reply| reply.etag().map(str::to_owned));
        let first = value("ChartRepository::index", first);
        let other = charts.index(&repo, Some("\"never-given\"")).await;
        assert_eq!(value("ChartRepository::index", other), first);
        let Some(etag) = etag else { return };
        match charts.index(&repo, Some(&etag)).await {
            Ok(same) if same.is_unchanged() => {}
            same => assert_eq!(value("ChartRepository::index", same), first),
        }
        rig.put("cart", "1.0.1").await;
        let changed = value("ChartRepository::index, after a version was put", charts.index(&repo, Some(&etag)).await);
        assert_eq!(changed.versions("cart").len(), 2);
    }

    /// `Unsupported`.
    pub async fn a_classic_repository_has_no_tags<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        assert_class("ChartRepository::tags", rig.charts().tags(&rig.classic(), Page::first()).await, "Unsupported");
    }

    /// Dropping a future midway is harmless.
    pub async fn dropping_the_future_midway_is_harmless<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        let (charts, repo) = (rig.charts(), rig.classic());
        for polls in 1..20 {
            partly(charts.index(&repo, None), polls).await;
            assert_eq!(index(&rig).await.versions("cart"), ["1.0.0"]);
        }
    }

    /// An account is a name that stays.
    pub async fn the_account_of_a_repository_stays<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        let account = rig.charts().account(&rig.classic());
        assert_eq!(
            account.host(),
            rig.classic().host(),
            "contract (ChartRepository::account): an account at the repository's host"
        );
        index(&rig).await;
        assert_eq!(rig.charts().account(&rig.classic()), account);
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: ChartsRig>(told: &[&str]) {
        let rig = R::start().await;
        let can =
            [("oci", rig.oci(&["1.0.0"]).await.is_ok()), ("limit", rig.limit(Duration::from_secs(1)).await.is_ok())];
        let can: BTreeSet<_> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
        assert_eq!(
            can,
            told.iter().copied().collect(),
            "the rig can the left; write that into the macro's `can: [...]`"
        );
    }

    /// Following `next` yields every tag once, as it is written.
    pub async fn no_tag_twice_and_none_lost_across_pages<R: ChartsRig>() {
        let rig = R::start().await;
        let tags = ["1.0.0", "1.0.1_b.5", "1.0.2", "1.0.3", "latest"];
        let repo = rig.oci(&tags).await;
        assert!(repo.is_ok(), "the rig can `oci`, says the macro");
        let Ok(repo) = repo else { return };
        let (mut got, mut page) = (Vec::new(), Page::first());
        loop {
            let answer = value("ChartRepository::tags", rig.charts().tags(&repo, page).await);
            got.extend(answer.tags.iter().map(ToString::to_string));
            assert!(got.len() < 1_000, "contract (ChartRepository::tags): the walk ends");
            match answer.next {
                Some(next) => page = Page::at(next),
                None => break,
            }
        }
        got.sort();
        assert_eq!(got, tags, "contract (ChartRepository::tags): every tag once; `_` stays");
    }

    /// `Unsupported`.
    pub async fn a_registry_has_no_index<R: ChartsRig>() {
        let rig = R::start().await;
        let repo = rig.oci(&["1.0.0"]).await;
        assert!(repo.is_ok(), "the rig can `oci`, says the macro");
        let Ok(repo) = repo else { return };
        assert_class("ChartRepository::index", rig.charts().index(&repo, None).await, "Unsupported");
    }

    /// Limits are told, not slept.
    pub async fn retry_after_is_reported_not_slept<R: ChartsRig>() {
        let rig = R::start().await;
        rig.put("cart", "1.0.0").await;
        assert_eq!(rig.limit(Duration::from_hours(1)).await, Ok(()));
        let answer = rig.charts().index(&rig.classic(), None).await;
        let told = answer.as_ref().err().and_then(|error| error.class().not_before());
        assert!(told.is_some(), "contract (ChartRepository): the moment of Retry-After is told");
        assert!(matches!(answer.map_err(|error| error.class()), Err(PortClass::RateLimited { .. })));
    }
}
