//! Forecasts: ten thousand random registries never cost more than was foretold (requirements A9), and how forecasts read.
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::{ops::Range, sync::Arc};

use kargo_core::{
    discover::{
        Assumption, Budget, Calls, Discovery, Expected, ImageShape, PlannedLook, Promise, RoundForecast, check_load,
    },
    model::{ImageSelectionStrategy, ImageSubscription, WarehouseSpec},
    port::{ImageRepo, Ports},
    select::image::{Detail, ImageRules},
};
use kargo_testkit::fake::{Breakage, FakeImage, FakeRegistry, MemoryCache, VirtualClock};

/// Numbers that follow from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// Images of every shape, made once.
struct Pool(Vec<Vec<FakeImage>>);

const TAGS: u64 = 10;

impl Pool {
    fn new() -> Self {
        let dated = |image: FakeImage| image.annotation("org.opencontainers.image.created", "2026-05-01T00:00:00Z");
        let of_tag = |n: u64| {
            let tag = if n.is_multiple_of(5) { format!("nightly-{n}") } else { format!("1.{n}.0") };
            let plain = FakeImage::new("acme/cart", &tag).built_at(&format!("2026-01-01T00:00:{:02}Z", n * 7 % 60));
            let index = plain.clone().for_platforms(&["linux/amd64", "linux/arm64"]);
            let other = plain.clone().for_platforms(&["linux/arm64", "windows/amd64", "linux/riscv64"]);
            vec![
                plain.clone(),
                plain.clone().rebuilt(),
                dated(plain),
                index.clone(),
                index.clone().rebuilt(),
                dated(index),
                other,
            ]
        };
        Self((0..TAGS).map(of_tag).collect())
    }

    fn any(&self, tag: u64, dice: &mut Dice) -> &FakeImage {
        let images = &self.0[usize::try_from(tag).unwrap()];
        &images[usize::try_from(dice.below(images.len() as u64)).unwrap()]
    }
}

struct World {
    clock: VirtualClock,
    registry: Arc<FakeRegistry>,
    cache: MemoryCache,
    discovery: Discovery,
    by_tag: bool,
    /// Tags that may be of no use, and how often a tag came to point at something else.
    doubtful: u64,
    moved: u64,
    session_ended: bool,
}

fn discovery(registry: &Arc<FakeRegistry>, cache: &MemoryCache, clock: &VirtualClock) -> Discovery {
    Discovery::new(&Ports::new(Arc::new(clock.clone())).images(registry.clone()).cache(Arc::new(cache.clone())))
}

impl World {
    fn new(pool: &Pool, dice: &mut Dice) -> Self {
        let (clock, cache) = (VirtualClock::default(), MemoryCache::default());
        let registry = Arc::new(FakeRegistry::new(&clock));
        let by_tag = !dice.chance(3);
        registry.set_page_size(usize::try_from(1 + dice.below(5)).unwrap());
        registry.set_etags(dice.chance(2));
        registry.set_by_tag(by_tag);
        registry.set_dates(dice.chance(3));
        registry.set_redirects(dice.chance(2));
        registry.set_repeating(dice.chance(3));
        if dice.chance(2) {
            registry.shuffle(dice.below(1000));
        }
        let discovery = discovery(&registry, &cache, &clock);
        let mut world = Self { clock, registry, cache, discovery, by_tag, doubtful: 0, moved: 0, session_ended: false };
        world.put(pool, dice, 0);
        for _ in 0..dice.below(6) {
            let tag = dice.below(TAGS);
            world.put(pool, dice, tag);
        }
        world
    }

    fn put(&mut self, pool: &Pool, dice: &mut Dice, tag: u64) {
        let image = pool.any(tag, dice);
        let was = self.registry.listed("acme/cart").contains(&image.tag);
        if dice.chance(6) {
            let breakage = dice.of(&Breakage::ALL);
            self.registry.put_broken(image, breakage);
            // HEAD and GET disagree about the digest, which looks as if the tag had moved in between.
            self.moved += u64::from(breakage == Breakage::WrongDigest);
        } else {
            self.registry.put(image);
        }
        // Whatever it is, it may be broken or without the platform.
        self.doubtful += 1;
        self.moved += u64::from(was);
    }

    /// What happens between two looks.
    fn change(&mut self, pool: &Pool, dice: &mut Dice) {
        for _ in 0..dice.below(3) {
            let tag = dice.below(TAGS);
            self.put(pool, dice, tag);
        }
        if dice.chance(4) {
            let listed = self.registry.listed("acme/cart");
            if listed.len() > 1 {
                self.registry.remove("acme/cart", &listed[0]);
                // One that comes back points at something else, perhaps.
                self.moved += 1;
            }
        }
        self.session_ended = dice.chance(4);
        if self.session_ended {
            self.registry.peer().expire_sessions();
        }
        if dice.chance(4) {
            self.registry.peer().expire_sessions();
            self.discovery = discovery(&self.registry, &self.cache, &self.clock);
        }
    }

    fn expected(&self) -> Expected {
        Expected {
            shape: Some(ImageShape::Index { platforms: 3, dated: false }),
            passed_over: self.doubtful,
            moved: self.moved,
            hops: 1,
            by_tag: self.by_tag,
            tells_dates: false,
            session_ends: self.session_ended,
            ..Expected::default()
        }
    }
}

fn rules(dice: &mut Dice) -> ImageRules {
    let strategy = dice.of(&[
        ImageSelectionStrategy::SemVer,
        ImageSelectionStrategy::Lexical,
        ImageSelectionStrategy::NewestBuild,
        ImageSelectionStrategy::Digest,
    ]);
    let constraint = match strategy {
        ImageSelectionStrategy::SemVer => Some(dice.of(&["^1", "<1.5", ">=1.3"]).to_owned()),
        ImageSelectionStrategy::Digest => Some(format!("1.{}.0", 1 + dice.below(4))),
        _ => None,
    };
    let subscription = ImageSubscription {
        image_selection_strategy: strategy,
        constraint,
        ignore_tags_regexes: if dice.chance(3) { vec!["^nightly".to_owned()] } else { Vec::new() },
        platform: dice.chance(3).then(|| "linux/amd64".to_owned()),
        discovery_limit: i64::try_from(1 + dice.below(4)).unwrap(),
        ..ImageSubscription::default()
    };
    ImageRules::new(&subscription).unwrap().detail(dice.of(&[Detail::Full, Detail::Digest]))
}

fn cart() -> ImageRepo {
    ImageRepo::parse("ghcr.io/acme/cart").unwrap()
}

/// Takes a look at all of these at once; what was foretold of it, and what it cost.
fn round(world: &World, wanted: &[(&ImageRules, Promise)]) -> (RoundForecast, Calls) {
    let (repo, expected) = (cart(), world.expected());
    world.clock.run(async {
        world.registry.peer().take_calls();
        let look = world.discovery.look();
        let mut foretold = RoundForecast::default();
        for (rules, promise) in wanted {
            foretold.add(look.forecast_images(&repo, rules, *promise, &expected).await.unwrap());
        }
        let looks = wanted.iter().map(|(rules, promise)| look.images(&repo, rules, *promise, |_| {}));
        futures::future::try_join_all(looks).await.unwrap();
        (foretold, world.registry.peer().take_calls())
    })
}

#[test]
fn requirements_a9_ten_thousand_random_registries_never_cost_more_than_foretold() {
    random_registries(0..5_000);
}

#[test]
fn requirements_a9_ten_thousand_random_registries_never_cost_more_than_foretold_second_half() {
    random_registries(5_000..10_000);
}

fn random_registries(seeds: Range<u64>) {
    let (pool, mut dice) = (Pool::new(), Dice(seeds.start));
    // Made once: compiling patterns takes longer than all the rest.
    let all_rules: Vec<_> = (0..200).map(|_| rules(&mut dice)).collect();
    let (mut looks, mut exact) = (0, 0);
    for seed in seeds {
        let mut dice = Dice(seed);
        let mut world = World::new(&pool, &mut dice);
        let wanted: Vec<_> = (0..=dice.below(2))
            .map(|_| {
                let sample = u32::try_from(dice.below(3)).unwrap();
                let promise = if dice.chance(2) { Promise::Immutable { sample } } else { Promise::None };
                (&all_rules[usize::try_from(dice.below(200)).unwrap()], promise)
            })
            .collect();
        for at in 0..=dice.below(2) + u64::from(dice.chance(8)) {
            if at > 0 {
                world.change(&pool, &mut dice);
            }
            let (foretold, actual) = round(&world, &wanted);
            let total = foretold.total();
            assert!(total.covers(&actual), "seed {seed}, look {at}: foretold {total}, cost {actual}\n{wanted:?}");
            assert!(total.work() >= actual.work() && total.limited() >= actual.limited());
            looks += 1;
            exact += usize::from(total == actual);
        }
        if !dice.chance(3) {
            continue;
        }
        // Nothing changed: what the cache knows is enough to tell, and telling asks nobody. What moved before may come to light
        // only now, if it was promised not to.
        let (repo, expected) = (cart(), Expected { session_ends: false, ..world.expected() });
        let mut foretold = RoundForecast::default();
        for (rules, promise) in &wanted {
            foretold.add(world.clock.run(world.discovery.forecast_images(&repo, rules, *promise, &expected)));
        }
        assert_eq!(world.registry.peer().take_calls(), Calls::default(), "a forecast asks nobody");
        let (_, actual) = round(&world, &wanted);
        let total = foretold.total();
        assert!(total.covers(&actual), "seed {seed}, again: foretold {total}, cost {actual}\n{wanted:?}");
    }
    // It is no forecast that always tells too much.
    assert!(exact * 8 > looks, "{exact} of {looks} were exact");
}

fn newest_of(world: &FakeRegistry, count: u64) -> ImageRules {
    for n in 0..count {
        let built = format!("2026-01-01T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
        world.put(&FakeImage::new("acme/cart", &format!("1.{n}.0")).built_at(&built));
    }
    let newest = ImageSelectionStrategy::NewestBuild;
    ImageRules::new(&ImageSubscription { image_selection_strategy: newest, ..ImageSubscription::default() }).unwrap()
}

fn quiet() -> (VirtualClock, Arc<FakeRegistry>, Discovery) {
    let clock = VirtualClock::default();
    let registry = Arc::new(FakeRegistry::new(&clock));
    registry.set_page_size(100);
    let discovery = discovery(&registry, &MemoryCache::default(), &clock);
    (clock, registry, discovery)
}

#[test]
fn requirements_a9_a_forecast_says_what_it_takes_for_granted() {
    let (clock, registry, discovery) = quiet();
    let rules =
        ImageRules::new(&ImageSubscription { constraint: Some("^1".to_owned()), ..Default::default() }).unwrap();
    registry.put(&FakeImage::new("acme/cart", "1.4.2"));
    let (expected, cart) = (Expected { hops: 0, ..Expected::default() }, cart());
    let cold = clock.run(discovery.forecast_images(&cart, &rules, Promise::None, &expected));
    assert_eq!(
        cold.to_string(),
        "41 calls to ghcr.io (1 handshake, 1 list, 20 manifest, 20 blob)
  if no request has to be sent again
  if 100 tags match, on 1 pages: the list was never seen
  if every candidate is of use
  if images that were never looked at are plain
  if the registry gives manifests by tag"
    );
    // With the list at hand it is exact: one image, three calls.
    let look = discovery.look();
    let listed = clock.run(look.forecast_images(&cart, &rules, Promise::None, &expected)).unwrap();
    assert_eq!(listed.calls.to_string(), "1 handshake, 1 list, 1 manifest, 1 blob");
    clock.run(look.images(&cart, &rules, Promise::None, |_| {})).unwrap();
    assert_eq!(registry.peer().take_calls(), listed.calls, "3 calls to ghcr.io (forecast 3)");
    let warm = clock.run(discovery.forecast_images(&cart, &rules, Promise::None, &expected));
    assert_eq!(
        warm.to_string(),
        "2 calls to ghcr.io (1 list, 1 HEAD)
  if no request has to be sent again
  if the session still lives
  if the tags are those of the last look
  if no known tag moved"
    );
    let promised = clock.run(discovery.forecast_images(&cart, &rules, Promise::Immutable { sample: 0 }, &expected));
    assert_eq!(promised.calls.to_string(), "1 list");
}

#[test]
fn requirements_a9_images_that_are_new_are_expected_to_be_as_those_that_are_known() {
    let (clock, registry, discovery) = quiet();
    let index =
        |n: u32| FakeImage::new("acme/cart", &format!("1.{n}.0")).for_platforms(&["linux/amd64", "linux/arm64"]);
    registry.put(&index(1));
    let rules = ImageRules::new(&ImageSubscription::default()).unwrap();
    let (expected, cart) = (Expected { hops: 0, ..Expected::default() }, cart());
    clock.run(discovery.look().images(&cart, &rules, Promise::None, |_| {})).unwrap();
    registry.put(&index(2));
    registry.peer().take_calls();
    let look = discovery.look();
    let forecast = clock.run(look.forecast_images(&cart, &rules, Promise::None, &expected)).unwrap();
    assert!(forecast.assumptions.contains(&Assumption::Shape(ImageShape::Index { platforms: 2, dated: false })));
    clock.run(look.images(&cart, &rules, Promise::None, |_| {})).unwrap();
    assert_eq!(registry.peer().take_calls(), forecast.calls);
    assert_eq!(forecast.calls.to_string(), "1 list, 1 HEAD, 3 manifest, 2 blob");
}

#[test]
fn requirements_a9_a_round_counts_once_what_many_ask() {
    let (clock, registry, discovery) = quiet();
    let rules = newest_of(&registry, 30);
    let (expected, cart) = (Expected { hops: 0, ..Expected::default() }, cart());
    let look = discovery.look();
    let foretold: RoundForecast = clock.run(async {
        let mut all = Vec::new();
        for _ in 0..200 {
            all.push(look.forecast_images(&cart, &rules, Promise::None, &expected).await.unwrap());
        }
        all.into_iter().collect()
    });
    assert_eq!(
        foretold.to_string().lines().next(),
        Some("61 calls to ghcr.io (1 handshake, 1 list, 30 manifest, 30 blob)")
    );
}

#[test]
fn requirements_a12_a_greedy_warehouse_is_warned_of_by_its_forecast() {
    let (clock, registry, discovery) = quiet();
    let rules = newest_of(&registry, 1000);
    let cart = cart();
    let look = discovery.look();
    let forecast = clock.run(look.forecast_images(&cart, &rules, Promise::None, &Expected::default())).unwrap();
    let plan = |promise: &str| match promise {
        "none" => PlannedLook::new("cart", &forecast, WarehouseSpec::DEFAULT_INTERVAL),
        _ => {
            let look = discovery.look();
            let promise = Promise::Immutable { sample: 5 };
            let kept = clock.run(look.forecast_images(&cart, &rules, promise, &Expected::default())).unwrap();
            PlannedLook::new("cart", &kept, WarehouseSpec::DEFAULT_INTERVAL)
        }
    };
    let budget = |_: &_| Budget { per_hour: 5000 };
    let warnings = check_load([plan("none")], budget);
    assert_eq!(
        warnings[0].to_string(),
        "Warehouse cart asks ghcr.io for about 12120 requests an hour, budget 5000: raise interval, let fewer tags \
         through, promise immutable tags (which saves 12000)"
    );
    assert!(check_load([plan("immutable")], budget).is_empty(), "15 requests each five minutes");
    assert!(check_load([plan("none")], |_| Budget::default()).is_empty());
}
