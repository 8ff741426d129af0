//! Looks at single tags, as webhooks tell of them: what they cost, and that they end where whole looks do (requirements A11).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::sync::Arc;

use kargo_core::{
    discover::{Discovery, Promise, TagEffect, TagLook},
    model::{DiscoveredImage, ImageSelectionStrategy, ImageSubscription},
    port::{ImageRepo, Ports},
    select::image::ImageRules,
};
use kargo_testkit::fake::{Breakage, FakeImage, FakeRegistry, MemoryCache, VirtualClock};
use proptest::prelude::*;

struct World {
    clock: VirtualClock,
    registry: Arc<FakeRegistry>,
    discovery: Discovery,
    rules: ImageRules,
}

impl World {
    fn new(strategy: ImageSelectionStrategy) -> Self {
        let clock = VirtualClock::default();
        let registry = Arc::new(FakeRegistry::new(&clock));
        let discovery = discovery(&clock, &registry);
        let rules = ImageRules::new(&ImageSubscription {
            image_selection_strategy: strategy,
            constraint: (strategy == ImageSelectionStrategy::Digest).then(|| "1.2.0".to_owned()),
            allow_tags_regexes: vec!["^1[.]".to_owned()],
            discovery_limit: 3,
            ..ImageSubscription::default()
        });
        Self { clock, registry, discovery, rules: rules.unwrap() }
    }

    fn put(&self, number: u32, built: u32) {
        self.registry.put(&image(number, built));
    }

    fn whole(&self, promise: Promise) -> Vec<DiscoveredImage> {
        let look = self.discovery.look();
        self.clock.run(look.images(&cart(), &self.rules, promise, |_| {})).unwrap().outcome.images
    }

    /// What somebody finds who never looked before.
    fn stranger(&self) -> Vec<DiscoveredImage> {
        let look = discovery(&self.clock, &self.registry).look();
        self.clock.run(look.images(&cart(), &self.rules, Promise::None, |_| {})).unwrap().outcome.images
    }

    fn tag(&self, tag: &str, promise: Promise, window: Vec<DiscoveredImage>) -> (TagLook, String) {
        self.registry.peer().take_calls();
        let look = self.discovery.look();
        let found = self.clock.run(look.image_tag(&cart(), &self.rules, promise, &tag.into(), window)).unwrap();
        (found, self.registry.peer().take_calls().to_string())
    }
}

/// One that knows nothing yet.
fn discovery(clock: &VirtualClock, registry: &Arc<FakeRegistry>) -> Discovery {
    let ports = Ports::new(Arc::new(clock.clone())).images(registry.clone()).cache(Arc::new(MemoryCache::default()));
    Discovery::new(&ports)
}

fn cart() -> ImageRepo {
    ImageRepo::parse("ghcr.io/acme/cart").unwrap()
}

fn name(number: u32) -> String {
    format!("1.{number}.0")
}

fn image(number: u32, built: u32) -> FakeImage {
    FakeImage::new("acme/cart", &name(number)).built_at(&format!("2026-01-01T00:00:{built:02}Z"))
}

#[test]
fn requirements_a11_a_webhook_costs_two_calls_at_most_and_lists_nothing() {
    let world = World::new(ImageSelectionStrategy::SemVer);
    (0..9).for_each(|n| world.put(n, n));
    let window = world.whole(Promise::None);
    world.put(9, 9);
    let (found, calls) = world.tag("1.9.0", Promise::None, window.clone());
    assert_eq!((calls.as_str(), found.effect), ("1 manifest, 1 blob", TagEffect::Changed));
    assert_eq!(found.window, world.stranger());
    let (again, calls) = world.tag("1.9.0", Promise::None, found.window.clone());
    assert_eq!((calls.as_str(), again.effect, &again.window), ("1 HEAD", TagEffect::Unchanged, &found.window));
    let (foreign, calls) = world.tag("nightly", Promise::None, window.clone());
    assert_eq!((calls.as_str(), foreign.effect, foreign.window), ("no calls", TagEffect::NotWanted, window));
}

#[test]
fn requirements_a11_what_a_webhook_taught_the_next_look_knows() {
    let world = World::new(ImageSelectionStrategy::NewestBuild);
    (0..5).for_each(|n| world.put(n, n));
    let window = world.whole(Promise::None);
    world.put(9, 9);
    world.tag("1.9.0", Promise::None, window);
    world.registry.peer().take_calls();
    world.whole(Promise::None);
    assert_eq!(world.registry.peer().take_calls().to_string(), "3 list, 6 HEAD");
}

#[test]
fn requirements_a8_a11_a_webhook_about_a_promised_tag_shows_that_it_moved() {
    let world = World::new(ImageSelectionStrategy::SemVer);
    (0..3).for_each(|n| world.put(n, n));
    let promise = Promise::Immutable { sample: 0 };
    let window = world.whole(promise);
    assert_eq!(world.tag("1.1.0", promise, window.clone()).0.moved, None);
    world.put(1, 30);
    let (found, calls) = world.tag("1.1.0", promise, window);
    assert_eq!(calls, "1 HEAD, 1 manifest, 1 blob");
    assert_eq!(found.moved.unwrap().tag, "1.1.0");
    assert_eq!(found.window, world.stranger());
    world.registry.peer().take_calls();
    world.whole(promise);
    assert_eq!(world.registry.peer().take_calls().to_string(), "2 list, 3 HEAD", "the promise holds no more");
}

#[test]
fn requirements_a11_a_place_that_only_a_look_can_fill_is_told() {
    let world = World::new(ImageSelectionStrategy::SemVer);
    (0..5).for_each(|n| world.put(n, n));
    let window = world.whole(Promise::None);
    world.registry.put_broken(&image(4, 40), Breakage::NotJson);
    let (found, _) = world.tag("1.4.0", Promise::None, window.clone());
    assert_eq!((found.effect, &found.window), (TagEffect::NeedsLook, &window));
    assert_eq!((found.skipped.unwrap().tag.as_str(), found.failures.len()), ("1.4.0", 1));
    assert_eq!(world.whole(Promise::None), world.stranger());
}

#[test]
fn requirements_a11_under_digest_there_is_one_tag() {
    let world = World::new(ImageSelectionStrategy::Digest);
    let (none, calls) = world.tag("1.2.0", Promise::None, Vec::new());
    assert_eq!((none.effect, none.skipped, calls.as_str()), (TagEffect::Unchanged, None, "1 handshake, 1 manifest"));
    world.put(2, 2);
    let (found, _) = world.tag("1.2.0", Promise::None, Vec::new());
    assert_eq!((found.effect, &found.window), (TagEffect::Changed, &world.stranger()));
    assert!(world.registry.remove("acme/cart", "1.2.0"));
    let (gone, _) = world.tag("1.2.0", Promise::None, found.window);
    assert_eq!((gone.effect, gone.window), (TagEffect::Changed, Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn requirements_a11_duplicate_and_reordered_webhooks_end_where_a_look_does(
        strategy in prop::sample::select(vec![
            ImageSelectionStrategy::SemVer,
            ImageSelectionStrategy::Lexical,
            ImageSelectionStrategy::NewestBuild,
        ]),
        before in prop::collection::btree_map(0_u32..12, 0_u32..20, 0..8),
        changes in prop::collection::btree_map(0_u32..12, (20_u32..60, prop::bool::weighted(0.2), 0_u32..20), 1..5),
        told in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        promised in any::<bool>(),
    ) {
        let promise = if promised { Promise::Immutable { sample: 1 } } else { Promise::None };
        let world = World::new(strategy);
        world.put(99, 1);
        before.iter().for_each(|(number, built)| world.put(*number, *built));
        let mut window = world.whole(promise);
        for (number, (later, broken, earlier)) in &changes {
            match (broken, later % 2) {
                (true, _) => {
                    world.registry.put_broken(&image(*number, *later), Breakage::Schema1);
                }
                (false, 0) => world.put(*number, *later),
                (false, _) => world.put(*number, *earlier),
            }
        }
        // Some in any order, some twice; and then each at least once, backwards.
        let all: Vec<u32> = changes.keys().copied().collect();
        let order: Vec<u32> = told.iter().map(|at| *at.get(&all)).chain(all.iter().rev().copied()).collect();
        for number in order {
            world.registry.peer().take_calls();
            let (found, _) = world.tag(&name(number), promise, window.clone());
            window = match found.effect {
                TagEffect::NeedsLook => {
                    prop_assert_eq!(&found.window, &window);
                    // Promised tags that moved are told by their webhooks alone; whoever needs a look waits for these.
                    continue;
                }
                _ => found.window,
            };
        }
        // A second time nothing changes any more, but for places that a look must fill.
        let mut needs_look = false;
        for number in all {
            let (found, _) = world.tag(&name(number), promise, window.clone());
            prop_assert!(found.effect != TagEffect::Changed, "{:?}", found);
            needs_look |= found.effect == TagEffect::NeedsLook;
        }
        if needs_look {
            window = world.whole(promise);
        }
        prop_assert_eq!(window, world.stranger());
    }
}
