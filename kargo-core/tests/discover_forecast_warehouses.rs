//! Forecasts of whole Warehouses: random mixed rounds never cost more than foretold, and exactly that where what is taken
//! for granted holds (requirements A9); and the warnings made of them (A12).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::sync::Arc;

use kargo_core::{
    discover::{
        Assumption, Budget, CallClass, Calls, Discovery, Expected, ImageShape, LoadAdvice, LookError,
        WarehousesForecast, check_load,
    },
    model::{Warehouse, WarehousePolicy},
    port::{ChartRepo, GitRepo, Ports},
};
use kargo_testkit::fake::{Breakage, FakeCharts, FakeGit, FakeImage, FakeRegistry, MemoryCache, VirtualClock};
use serde_json::{Value, json};

/// Numbers that follow from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Registry, git and charts, on one host too, as a forge has them.
struct World {
    clock: VirtualClock,
    images: Arc<FakeRegistry>,
    git: Arc<FakeGit>,
    charts: Arc<FakeCharts>,
    cache: MemoryCache,
    discovery: Discovery,
    expected: Expected,
}

const IMAGES: [&str; 2] = ["acme/a", "acme/b"];
const REPOS: [&str; 2] = ["https://forge.corp/x", "https://forge.corp/y"];
const OCI: &str = "oci://forge.corp/charts/cart";
const CLASSIC: &str = "https://charts.corp";

impl World {
    /// Four tags in each repository of images, four versions of each chart, two to a page; two commits, one of them a release.
    fn new() -> Self {
        let (clock, cache) = (VirtualClock::default(), MemoryCache::default());
        let (images, git, charts) = (FakeRegistry::new(&clock), FakeGit::new(&clock), FakeCharts::new(&clock));
        let (images, git, charts) = (Arc::new(images), Arc::new(git), Arc::new(charts));
        images.set_page_size(2);
        images.set_redirects(false);
        let ports = Ports::new(Arc::new(clock.clone())).images(images.clone()).git(git.clone());
        let discovery = Discovery::new(&ports.charts(charts.clone()).cache(Arc::new(cache.clone())));
        let expected = Expected { pages: 2, tags: 4, hops: 0, repository_logins: false, ..Expected::default() };
        let world = Self { clock, images, git, charts, cache, discovery, expected };
        for n in 0..4 {
            IMAGES.iter().for_each(|repo| world.images.put(&plain(repo, n)));
            [OCI, CLASSIC].iter().for_each(|url| world.chart(url, &format!("1.{n}.0")));
        }
        for url in REPOS {
            world.push(url, "1.0.0");
        }
        world
    }

    fn chart(&self, url: &str, version: &str) {
        self.charts.put(&ChartRepo::parse(url).unwrap(), "cart", version);
    }

    fn push(&self, url: &str, version: &str) {
        let repo = GitRepo::parse(url).unwrap();
        let commit = self.git.commit(&repo, "main", version, &["src/main.rs"]);
        self.git.tag(&repo, version, &commit, None);
    }

    /// As after a restart of the process.
    fn restart(&mut self) {
        let ports = Ports::new(Arc::new(self.clock.clone())).images(self.images.clone()).git(self.git.clone());
        let ports = ports.charts(self.charts.clone()).cache(Arc::new(self.cache.clone()));
        self.discovery = Discovery::new(&ports);
        self.end_sessions();
    }

    fn end_sessions(&self) {
        [self.images.peer(), self.git.peer(), self.charts.peer()].iter().for_each(|peer| peer.expire_sessions());
    }

    fn take_calls(&self) -> Calls {
        self.images.peer().take_calls() + self.git.peer().take_calls() + self.charts.peer().take_calls()
    }

    fn forecast(&self, all: &[Owned]) -> WarehousesForecast {
        self.take_calls();
        let foretold = self.clock.run(self.discovery.forecast_warehouses(&asks(all), &self.expected));
        assert_eq!(self.take_calls(), Calls::default(), "a forecast asks nobody");
        foretold
    }

    /// What a round was foretold to cost, and what it cost.
    fn round(&self, all: &[Owned]) -> (WarehousesForecast, Calls) {
        let foretold = self.forecast(all);
        let looks = self.clock.run(self.discovery.look().warehouses(&asks(all), |_| {}));
        assert_eq!(looks.len(), all.len());
        (foretold, self.take_calls())
    }
}

type Owned = (Warehouse, Option<WarehousePolicy>);

fn asks(all: &[Owned]) -> Vec<(&Warehouse, Option<&WarehousePolicy>)> {
    all.iter().map(|(warehouse, policy)| (warehouse, policy.as_ref())).collect()
}

fn plain(repo: &str, n: usize) -> FakeImage {
    FakeImage::new(repo, &format!("1.{n}.0")).built_at(&format!("2026-01-01T00:0{n}:00Z"))
}

fn warehouse(project: &str, name: &str, subscriptions: &[Value]) -> Warehouse {
    serde_json::from_value(json!({
        "metadata": { "name": name, "namespace": project },
        "spec": { "subscriptions": subscriptions },
    }))
    .unwrap()
}

fn promises(subscription: &str, sample: usize) -> WarehousePolicy {
    let all = [json!({ "subscription": subscription, "immutableTags": true, "sample": sample })];
    serde_json::from_value(json!({ "metadata": { "name": "w" }, "spec": { "subscriptions": all } })).unwrap()
}

fn any_image(dice: &mut Dice) -> Value {
    let mut image =
        json!({ "repoURL": format!("forge.corp/{}", dice.of(&IMAGES)), "discoveryLimit": 1 + dice.below(4) });
    match dice.below(4) {
        0 => image["constraint"] = json!(dice.of(&["^1", "<1.2.0", ">=1.1"])),
        1 => image["imageSelectionStrategy"] = json!("NewestBuild"),
        2 => image["imageSelectionStrategy"] = json!("Lexical"),
        _ => {
            image["imageSelectionStrategy"] = json!("Digest");
            image["constraint"] = json!(dice.of(&["1.0.0", "1.3.0", "latest"]));
        }
    }
    if dice.chance(4) {
        image["platform"] = json!("linux/amd64");
    }
    if dice.chance(4) {
        image["cacheByTag"] = json!(true);
    }
    json!({ "image": image })
}

fn any_git(dice: &mut Dice) -> Value {
    let mut git = json!({ "repoURL": dice.of(&REPOS), "discoveryLimit": 1 + dice.below(4) });
    match dice.below(5) {
        0 => git["branch"] = json!("main"),
        1 => git["branch"] = json!("missing"),
        2 => git["commitSelectionStrategy"] = json!("SemVer"),
        3 => git["includePaths"] = json!([dice.of(&["src", "docs"])]),
        _ => {}
    }
    json!({ "git": git })
}

fn any_chart(dice: &mut Dice) -> Value {
    let limit = 1 + dice.below(4);
    if dice.chance(2) {
        json!({ "chart": { "repoURL": OCI, "discoveryLimit": limit } })
    } else {
        json!({ "chart": { "repoURL": CLASSIC, "name": dice.of(&["cart", "none"]), "discoveryLimit": limit } })
    }
}

fn any_subscription(dice: &mut Dice) -> Value {
    match dice.below(9) {
        0..=3 => any_image(dice),
        4..=5 => any_git(dice),
        6..=7 => any_chart(dice),
        _ => json!({ "model": { "config": {} }, "name": "weights" }),
    }
}

fn any_warehouses(dice: &mut Dice) -> Vec<Owned> {
    let one = |n: usize, dice: &mut Dice| {
        let subscriptions: Vec<_> = (0..=dice.below(3)).map(|_| any_subscription(dice)).collect();
        let policy = dice.chance(3).then(|| promises(&format!("forge.corp/{}", dice.of(&IMAGES)), dice.below(3)));
        (warehouse(dice.of(&["shop", "pay"]), &format!("w{n}"), &subscriptions), policy)
    };
    (0..=dice.below(4)).map(|n| one(n, dice)).collect()
}

/// Makes a world harder to foretell, and says what to expect of it.
fn trouble(world: &mut World, dice: &mut Dice) {
    let images = &world.images;
    images.set_by_tag(!dice.chance(3));
    images.set_dates(dice.chance(3));
    images.set_etags(dice.chance(2));
    images.set_redirects(dice.chance(2));
    world.charts.set_etags(dice.chance(2));
    let expected = &mut world.expected;
    expected.by_tag = false;
    expected.hops = 1;
    expected.shape = Some(ImageShape::Index { platforms: 3, dated: false });
    // Any of them may be broken, or for another platform.
    expected.passed_over = 4;
    for _ in 0..dice.below(3) {
        put_again(world, dice);
    }
}

fn put_again(world: &mut World, dice: &mut Dice) {
    let image = plain(dice.of(&IMAGES), dice.below(4));
    let image = match dice.below(3) {
        0 => image.rebuilt(),
        1 => image.for_platforms(&["linux/arm64", "windows/amd64", "linux/riscv64"]),
        _ => image.for_platforms(&["linux/amd64"]),
    };
    if dice.chance(4) {
        world.images.put_broken(&image, dice.of(&Breakage::ALL));
    } else {
        world.images.put(&image);
    }
    // Counted generously: what HEAD and GET disagree about moves once more.
    world.expected.moved += 2;
    world.expected.passed_over += 1;
}

#[test]
fn requirements_a9_random_rounds_of_mixed_warehouses_never_cost_more_than_foretold() {
    let (mut looks, mut kinds) = (0, Calls::default());
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut world = World::new();
        trouble(&mut world, &mut dice);
        let all = any_warehouses(&mut dice);
        for at in 0..3 {
            if at > 0 {
                for _ in 0..dice.below(3) {
                    put_again(&mut world, &mut dice);
                }
                world.expected.pushed = dice.chance(2);
                if world.expected.pushed {
                    world.push(dice.of(&REPOS), &format!("1.{at}.0"));
                }
                world.chart(CLASSIC, &format!("2.{at}.0"));
                world.expected.session_ends = dice.chance(4);
                match dice.below(4) {
                    _ if world.expected.session_ends => world.end_sessions(),
                    0 => world.restart(),
                    _ => {}
                }
            }
            let (foretold, actual) = world.round(&all);
            let total = foretold.round.total();
            assert!(total.covers(&actual), "seed {seed}, look {at}: foretold {total}, cost {actual}\n{all:#?}");
            let sum: Calls = foretold.subscriptions.iter().flat_map(|of| &of.forecast).map(|of| of.calls).sum();
            assert!(sum.covers(&total), "what is shared does not cost more");
            looks += 1;
            kinds += actual;
        }
    }
    assert!(kinds.each().iter().all(|(class, n)| *n > looks / 8 || *class == CallClass::Redirect), "{kinds}");
}

#[test]
fn requirements_a9_random_rounds_cost_exactly_what_was_foretold_where_its_assumptions_hold() {
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let mut world = World::new();
        // Different questions about one repository may overlap, and nobody knows how much before the first look.
        let strategies = [json!({ "constraint": "^1" }), json!({ "imageSelectionStrategy": "NewestBuild" })];
        let images: Vec<_> = IMAGES
            .iter()
            .map(|repo| {
                let mut image = dice.of(&strategies);
                image["repoURL"] = json!(format!("forge.corp/{repo}"));
                image["discoveryLimit"] = json!(1 + dice.below(5));
                json!({ "image": image })
            })
            .collect();
        let one = |n: usize, dice: &mut Dice| {
            let subscription = |dice: &mut Dice| match dice.below(4) {
                0 | 1 => dice.of(&images),
                2 => json!({ "git": { "repoURL": dice.of(&REPOS), "discoveryLimit": 1 + dice.below(3) } }),
                _ => any_chart(dice),
            };
            let subscriptions: Vec<_> = (0..=dice.below(3)).map(|_| subscription(dice)).collect();
            (warehouse(dice.of(&["shop", "pay"]), &format!("w{n}"), &subscriptions), None)
        };
        let all: Vec<_> = (0..=dice.below(4)).map(|n| one(n, &mut dice)).collect();
        let (cold, actual) = world.round(&all);
        assert_eq!(cold.round.total(), actual, "seed {seed}, cold\n{all:#?}");
        let (warm, actual) = world.round(&all);
        assert_eq!(warm.round.total(), actual, "seed {seed}, unchanged\n{all:#?}");
        assert_eq!((actual.handshake, actual.fetch), (0, 0));
        REPOS.iter().for_each(|url| world.push(url, "1.1.0"));
        world.expected.pushed = true;
        let (moved, actual) = world.round(&all);
        assert_eq!(moved.round.total(), actual, "seed {seed}, pushed\n{all:#?}");
        world.expected.pushed = false;
        world.restart();
        let (again, actual) = world.round(&all);
        assert_eq!(again.round.total(), actual, "seed {seed}, after a restart\n{all:#?}");
        // What each look costs while nothing changes is what the planned looks say, if the Warehouses come one by one.
        let alone: Calls = all.iter().map(|one| world.round(std::slice::from_ref(one)).1).sum();
        assert_eq!(again.looks.iter().map(|look| look.calls).sum::<Calls>(), alone, "seed {seed}\n{all:#?}");
    }
}

#[test]
fn requirements_a9_the_forecast_of_each_subscription_can_be_told() {
    let world = World::new();
    let all = [
        (
            warehouse(
                "shop",
                "cart",
                &[
                    json!({ "image": { "repoURL": "forge.corp/acme/a", "discoveryLimit": 2 } }),
                    json!({ "model": { "config": {} }, "name": "weights" }),
                    json!({ "git": { "repoURL": REPOS[0] } }),
                    json!({ "git": { "repoURL": "ftp://forge.corp/x" } }),
                ],
            ),
            None,
        ),
        (
            warehouse(
                "shop",
                "pay",
                &[json!({ "git": { "repoURL": REPOS[0], "branch": "main" } }), json!({ "chart": { "repoURL": OCI } })],
            ),
            None,
        ),
    ];
    let forecast = world.forecast(&all);
    let told = |warehouse, subscription| forecast.forecast(warehouse, subscription).map(|of| of.calls.to_string());
    assert_eq!(told(0, 0).as_deref(), Some("1 handshake, 2 list, 2 manifest, 2 blob"));
    assert_eq!((told(0, 1), told(0, 3), told(0, 4), told(2, 0)), (None, None, None, None));
    let alone = Some("1 handshake, 1 ls-remote, 1 fetch");
    assert_eq!((told(0, 2).as_deref(), told(1, 0).as_deref()), (alone, alone));
    assert_eq!(told(1, 1).as_deref(), Some("1 handshake, 2 list"));
    assert!(forecast.forecast(1, 1).unwrap().assumptions.contains(&Assumption::ChartPages(2)));
    let errors: Vec<_> = forecast.errors().map(|(warehouse, at, error)| (warehouse, at, error.clone())).collect();
    assert!(matches!(&errors[..], [(0, 1, LookError::Kind { kind }), (0, 3, LookError::Repo(_))] if kind == "model"));
    let (_, actual) = world.round(&all);
    assert_eq!(forecast.round.total(), actual, "one conversation with git for both");
    assert_eq!(
        world.forecast(&all).round.to_string(),
        "7 calls to forge.corp as shop (4 list, 2 HEAD, 1 ls-remote)
  if no request has to be sent again
  if the session still lives
  if the tags are those of the last look
  if the refs that matter are where they were at the last look
  if no known tag moved"
    );
}

#[test]
fn requirements_a12_warehouses_are_warned_of_by_their_forecasts_and_intervals() {
    let world = World::new();
    for n in 0..400 {
        let built = format!("2026-01-02T{:02}:{:02}:00Z", n / 60, n % 60);
        world.images.put(&FakeImage::new("acme/a", &format!("2.{n}.0")).built_at(&built));
    }
    world.images.set_page_size(100);
    let newest = json!({ "image": { "repoURL": "forge.corp/acme/a", "imageSelectionStrategy": "NewestBuild" } });
    let git = |path: &str| json!({ "git": { "repoURL": REPOS[0], "includePaths": [path] } });
    let mut greedy = warehouse("shop", "cart", &[newest.clone(), newest, git("src"), git("docs")]);
    let modest = warehouse("shop", "pay", &[git("src")]);
    let all = |greedy: &Warehouse, policy: Option<WarehousePolicy>| [(greedy.clone(), policy), (modest.clone(), None)];
    world.round(&all(&greedy, None));
    let check = |greedy: &Warehouse, policy| {
        check_load(world.forecast(&all(greedy, policy)).looks, |_| Budget { per_hour: 3000 })
    };
    // 5 pages, 404 tags and one listing of refs each five minutes, and another for the other Warehouse.
    let warnings = check(&greedy, None);
    assert_eq!(warnings[0].warehouses, [("cart".to_owned(), 12 * 410), ("pay".to_owned(), 12)]);
    let saves = LoadAdvice::PromiseImmutable { saves: 12 * 404 };
    assert_eq!(warnings[0].advice, [LoadAdvice::RaiseInterval, LoadAdvice::NarrowTags, saves].into());
    assert!(check(&greedy, Some(promises("forge.corp/acme/a", 3))).is_empty(), "5 + 3 + 1, and 1");
    greedy.spec.interval = kargo_core::model::Duration::from_secs(600);
    assert!(check(&greedy, None).is_empty(), "half as often");
}
