//! Chart discovery over the pretended repository: what it finds, and what that costs (discovery 4).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::join_all;
use kargo_core::{
    discover::{ChartTarget, Discovery, LookError},
    model::ChartSubscription,
    port::{
        Access, Account, ChartIndex, ChartRepo, ChartRepository, Page, PortClass, PortError, Ports, Reply, TagPage,
    },
};
use kargo_testkit::fake::{FakeCharts, MemoryCache, VirtualClock};

const CLASSIC: &str = "https://charts.corp/stable";
const OCI: &str = "oci://ghcr.io/acme/cart";

/// The pretended repository, with what was known of each answer.
#[derive(Debug)]
struct Spy {
    charts: FakeCharts,
    unchanged: Mutex<u64>,
}

impl Spy {
    fn count<T>(&self, reply: Reply<T>) -> Reply<T> {
        *self.unchanged.lock().unwrap() += u64::from(reply.is_unchanged());
        reply
    }
}

#[async_trait]
impl ChartRepository for Spy {
    async fn index(&self, repo: &ChartRepo, known_etag: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
        Ok(self.count(self.charts.index(repo, known_etag).await?))
    }

    async fn tags(&self, repo: &ChartRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        Ok(self.count(self.charts.tags(repo, page).await?))
    }

    fn account(&self, repo: &ChartRepo) -> Account {
        self.charts.account(repo)
    }
}

struct World {
    clock: VirtualClock,
    spy: Arc<Spy>,
    cache: MemoryCache,
    discovery: Discovery,
}

impl World {
    fn new() -> Self {
        let (clock, cache) = (VirtualClock::default(), MemoryCache::default());
        let spy = Arc::new(Spy { charts: FakeCharts::new(&clock), unchanged: Mutex::default() });
        let discovery = discovery(&clock, &spy, &cache);
        Self { clock, spy, cache, discovery }
    }

    fn put(&self, url: &str, name: &str, versions: &[&str]) {
        let repo = ChartRepo::parse(url).unwrap();
        versions.iter().for_each(|version| self.spy.charts.put(&repo, name, version));
    }

    fn round(&self, targets: &[ChartTarget]) -> Vec<Result<Vec<String>, PortError>> {
        let look = self.discovery.look();
        self.clock.run(join_all(targets.iter().map(|target| look.chart(target))))
    }

    fn look(&self, target: &ChartTarget) -> Vec<String> {
        self.round(std::slice::from_ref(target)).remove(0).unwrap()
    }

    /// Pages and indexes that were asked for, and how many of them were as before.
    fn calls(&self) -> (u64, u64) {
        let calls = self.spy.charts.peer().take_calls();
        assert_eq!(calls.work(), calls.list, "nothing else is asked");
        (calls.list, std::mem::take(&mut self.spy.unchanged.lock().unwrap()))
    }
}

fn discovery(clock: &VirtualClock, spy: &Arc<Spy>, cache: &MemoryCache) -> Discovery {
    Discovery::new(&Ports::new(Arc::new(clock.clone())).charts(spy.clone()).cache(Arc::new(cache.clone())))
}

fn subscription(url: &str, name: &str, constraint: Option<&str>) -> ChartSubscription {
    ChartSubscription {
        repo_url: url.into(),
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        semver_constraint: constraint.map(str::to_owned),
        ..ChartSubscription::default()
    }
}

fn chart(url: &str, name: &str, constraint: Option<&str>) -> ChartTarget {
    ChartTarget::new(&subscription(url, name, constraint), Access::default()).unwrap()
}

#[test]
fn discovery_4_2_one_index_for_all_charts_of_a_round() {
    let mut world = World::new();
    world.put(CLASSIC, "cart", &["v1.2", "1.10.0", "2.0.0", "x"]);
    world.put(CLASSIC, "shop", &["0.1.0"]);
    let all = [
        chart(CLASSIC, "cart", None),
        chart(CLASSIC, "cart", Some("^1")),
        chart("https://charts.corp/stable/", "shop", None),
        chart(CLASSIC, "none", None),
    ];
    let expected = [vec!["2.0.0", "1.10.0", "v1.2"], vec!["1.10.0", "v1.2"], vec!["0.1.0"], vec![]];
    for (expected_calls, what) in [((1, 0), "cold"), ((1, 1), "its ETag is known"), ((1, 1), "after a restart, too")] {
        let found: Vec<_> = world.round(&all).into_iter().map(Result::unwrap).collect();
        assert_eq!(found, expected, "{what}");
        assert_eq!(world.calls(), expected_calls, "{what}");
        if what != "cold" {
            world.discovery = discovery(&world.clock, &world.spy, &world.cache);
        }
    }
    world.put(CLASSIC, "shop", &["0.2.0"]);
    assert_eq!(world.look(&all[2]), ["0.2.0", "0.1.0"]);
    assert_eq!(world.calls(), (1, 0), "what changed comes whole");
    world.spy.charts.set_etags(false);
    assert_eq!(world.look(&all[2]), ["0.2.0", "0.1.0"]);
    assert_eq!(world.calls(), (1, 0), "a repository without ETags is read each time");
}

#[test]
fn discovery_4_3_tags_of_a_registry_are_read_page_by_page() {
    let world = World::new();
    world.put(OCI, "", &["1.0.0", "1.1.0_build.5", "latest", "v9.0.0", "1.2.0-rc.1"]);
    let both = [chart(OCI, "", None), chart(OCI, "", Some("^1"))];
    let expected = [vec!["1.2.0-rc.1", "1.1.0+build.5", "1.0.0"], vec!["1.1.0+build.5", "1.0.0"]];
    let found: Vec<_> = world.round(&both).into_iter().map(Result::unwrap).collect();
    assert_eq!(found, expected);
    assert_eq!(world.calls(), (3, 0), "five tags in pages of two, once for both");
    assert_eq!(world.look(&both[1]), ["1.1.0+build.5", "1.0.0"]);
    assert_eq!(world.calls(), (3, 3), "pages are as before");
    world.put(OCI, "", &["1.3.0"]);
    assert_eq!(world.look(&both[1]), ["1.3.0", "1.1.0+build.5", "1.0.0"]);
    let (pages, unchanged) = world.calls();
    assert!(pages == 3 && unchanged < 3, "{pages} {unchanged}");
}

#[test]
fn discovery_4_errors_concern_one_repository() {
    let world = World::new();
    world.put(CLASSIC, "cart", &["1.0.0"]);
    let targets = [chart("https://charts.corp/none", "cart", None), chart(CLASSIC, "cart", None)];
    let looks = world.round(&targets);
    assert_eq!(looks[0].as_ref().unwrap_err().class(), PortClass::NotFound);
    assert_eq!(looks[1], Ok(vec!["1.0.0".to_owned()]));
    world.calls();
    world.spy.charts.peer().fail([PortError::retryable("reset"), PortError::retryable("reset")]);
    assert_eq!(world.look(&targets[1]), ["1.0.0"]);
    assert_eq!(world.calls().0, 3, "tried again, three times in all");
    world.cache.set_broken(true);
    assert_eq!(world.look(&targets[1]), ["1.0.0"], "a broken cache costs an index, no result");
    let wrong = subscription("charts.corp", "cart", None);
    assert!(matches!(ChartTarget::new(&wrong, Access::default()), Err(LookError::Subscription(_))));
    let wrong = subscription("https://", "cart", None);
    assert!(matches!(ChartTarget::new(&wrong, Access::default()), Err(LookError::Repo(_))));
}

#[test]
fn what_came_without_checked_certificates_is_not_taken_over() {
    let world = World::new();
    world.put(CLASSIC, "cart", &["1.0.0"]);
    let unchecked = ChartSubscription { insecure_skip_tls_verify: true, ..subscription(CLASSIC, "cart", None) };
    world.look(&ChartTarget::new(&unchecked, Access::default()).unwrap());
    assert_eq!(world.calls(), (1, 0));
    world.look(&chart(CLASSIC, "cart", None));
    assert_eq!(world.calls(), (1, 0), "no ETag of it is known yet");
    world.look(&chart(CLASSIC, "cart", None));
    assert_eq!(world.calls(), (1, 1));
}
