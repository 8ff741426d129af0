//! Image discovery over the pretended registry: what it finds, and what that costs (requirements A, discovery 2).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use kargo_core::{
    Tag,
    discover::{AccountLimits, CallClass, Discovery, Found, ImageLook, Promise, Rate},
    model::{DiscoveredImage, ImageSelectionStrategy, ImageSubscription},
    port::{Clock as _, ImageRepo, Monotonic, PortClass, PortError, Ports},
    select::image::{Detail, ImageRules},
};
use kargo_testkit::fake::{Breakage, Calls, FakeImage, FakeRegistry, MemoryCache, VirtualClock};

struct World {
    clock: VirtualClock,
    registry: Arc<FakeRegistry>,
    cache: MemoryCache,
    discovery: Discovery,
}

impl World {
    fn new() -> Self {
        let (clock, cache) = (VirtualClock::default(), MemoryCache::default());
        let registry = Arc::new(FakeRegistry::new(&clock));
        registry.set_page_size(100);
        let discovery = Discovery::new(&ports(&clock, &registry, &cache));
        Self { clock, registry, cache, discovery }
    }

    /// A new process with the same cache: sessions and memory are gone.
    fn restart(&mut self) {
        self.discovery = Discovery::new(&ports(&self.clock, &self.registry, &self.cache));
        self.registry.peer().expire_sessions();
    }

    fn put(&self, repo: &str, count: usize) {
        for n in 0..count {
            self.registry.put(&image(repo, n));
        }
    }

    fn try_look(&self, rules: &ImageRules, promise: Promise) -> Result<ImageLook, PortError> {
        self.clock.run(self.discovery.look().images(&cart(), rules, promise, |_| {}))
    }

    fn look(&self, rules: &ImageRules) -> ImageLook {
        self.try_look(rules, Promise::None).unwrap()
    }

    /// What a look costs.
    fn cost(&self, rules: &ImageRules, promise: Promise) -> Calls {
        self.registry.peer().take_calls();
        self.try_look(rules, promise).unwrap();
        self.registry.peer().take_calls()
    }
}

fn ports(clock: &VirtualClock, registry: &Arc<FakeRegistry>, cache: &MemoryCache) -> Ports {
    Ports::new(Arc::new(clock.clone())).images(registry.clone()).cache(Arc::new(cache.clone()))
}

fn image(repo: &str, n: usize) -> FakeImage {
    let (minute, second) = (n / 60 % 60, n % 60);
    FakeImage::new(repo, &format!("1.{n}.0")).built_at(&format!("2026-01-01T{:02}:{minute:02}:{second:02}Z", n / 3600))
}

fn cart() -> ImageRepo {
    ImageRepo::parse("ghcr.io/acme/cart").unwrap()
}

fn rules(strategy: ImageSelectionStrategy) -> ImageRules {
    let constraint = match strategy {
        ImageSelectionStrategy::SemVer => Some("^1.0.0".to_owned()),
        ImageSelectionStrategy::Digest => Some("latest".to_owned()),
        _ => None,
    };
    ImageRules::new(&ImageSubscription {
        image_selection_strategy: strategy,
        constraint,
        ..ImageSubscription::default()
    })
    .unwrap()
}

fn semver() -> ImageRules {
    rules(ImageSelectionStrategy::SemVer)
}

fn newest_build() -> ImageRules {
    rules(ImageSelectionStrategy::NewestBuild)
}

fn tags(look: &ImageLook) -> Vec<&str> {
    look.outcome.images.iter().map(|image| image.tag.as_str()).collect()
}

fn calls(list: u64, head: u64, manifest: u64, blob: u64) -> Calls {
    Calls { list, head, manifest, blob, ..Calls::default() }
}

fn first(calls: Calls) -> Calls {
    Calls { handshake: 1, ..calls }
}

#[test]
fn requirements_a3_a4_semver_costs_what_the_table_says() {
    let mut world = World::new();
    world.put("acme/cart", 250);
    // L = 3 pages, n = 20, one platform.
    assert_eq!(
        world.cost(&semver().detail(Detail::Digest), Promise::None),
        first(calls(3, 20, 0, 0)),
        "cold, no dates"
    );
    world.cache.clear();
    assert_eq!(world.cost(&semver(), Promise::None), calls(3, 0, 20, 20), "cold");
    assert_eq!(world.cost(&semver(), Promise::None), calls(3, 20, 0, 0), "warm");
    assert_eq!(world.cost(&semver(), Promise::Immutable { sample: 0 }), calls(3, 0, 0, 0), "warm, promised");
    world.restart();
    assert_eq!(world.cost(&semver(), Promise::None), first(calls(3, 20, 0, 0)), "after a restart: as warm");
}

#[test]
fn requirements_a4_newest_build_pays_once_in_the_life_of_the_cache() {
    let mut world = World::new();
    world.put("acme/cart", 300);
    assert_eq!(world.cost(&newest_build(), Promise::None), first(calls(3, 0, 300, 300)), "cold");
    assert_eq!(world.cost(&newest_build(), Promise::None), calls(3, 300, 0, 0), "warm");
    world.restart();
    assert_eq!(world.cost(&newest_build(), Promise::Immutable { sample: 0 }), first(calls(3, 0, 0, 0)));
    // Three new tags, the others promised.
    for n in 300..303 {
        world.registry.put(&image("acme/cart", n));
    }
    assert_eq!(world.cost(&newest_build(), Promise::Immutable { sample: 0 }), calls(4, 0, 3, 3), "L + 2k");
    assert_eq!(tags(&world.look(&newest_build()))[..2], ["1.302.0", "1.301.0"]);
}

#[test]
fn requirements_a2_what_came_between_two_looks_is_all_there() {
    let world = World::new();
    let put = |tag: &str| world.registry.put(&FakeImage::new("acme/cart", tag));
    put("1.0.0");
    assert_eq!(tags(&world.look(&semver())), ["1.0.0"]);
    put("1.0.1");
    put("1.0.2");
    assert_eq!(tags(&world.look(&semver())), ["1.0.2", "1.0.1", "1.0.0"], "1.0.1 is not lost");
}

#[test]
fn requirements_a5_names_are_filtered_before_anything_is_asked_of_them() {
    let world = World::new();
    for n in 0..1000 {
        let tag = if n % 20 == 0 { format!("release-{n}") } else { format!("nightly-{n}") };
        world.registry.put(&FakeImage::new("acme/cart", &tag));
    }
    let newest = ImageRules::new(&ImageSubscription {
        image_selection_strategy: ImageSelectionStrategy::NewestBuild,
        allow_tags_regexes: vec!["^release-".to_owned()],
        ..ImageSubscription::default()
    });
    assert_eq!(world.cost(&newest.unwrap(), Promise::None), first(calls(10, 0, 50, 50)), "50 of 1,000 match");
}

#[test]
fn requirements_a6_only_the_wanted_platform_is_read() {
    let platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];
    let world = World::new();
    world.registry.put(&image("acme/cart", 1).for_platforms(&platforms));
    let wanted = ImageSubscription { platform: Some("linux/arm64".to_owned()), ..ImageSubscription::default() };
    let wanted = ImageRules::new(&wanted).unwrap();
    assert_eq!(world.cost(&wanted, Promise::None), first(calls(1, 0, 2, 1)), "index, its entry, its configuration");
    assert_eq!(world.cost(&wanted, Promise::None), calls(1, 1, 0, 0));
}

#[test]
fn an_annotated_index_costs_one_manifest() {
    let world = World::new();
    let created = "org.opencontainers.image.created";
    let index = image("acme/cart", 1).for_platforms(&["linux/amd64", "linux/arm64"]);
    world.registry.put(&index.annotation(created, "2026-01-01T00:00:00Z"));
    assert_eq!(world.cost(&newest_build(), Promise::None), first(calls(1, 0, 1, 0)));
}

#[test]
fn a_registry_without_manifests_by_tag_costs_a_head_more_and_is_not_asked_twice() {
    let world = World::new();
    world.put("acme/cart", 3);
    world.registry.set_by_tag(false);
    assert_eq!(world.cost(&semver(), Promise::None), first(calls(1, 3, 3, 3)));
    world.registry.set_dates(true);
    world.cache.clear();
    let brief = newest_build().detail(Detail::Digest);
    assert_eq!(world.cost(&brief, Promise::None), calls(1, 3, 0, 0), "dates by HEAD spare manifest and configuration");
}

#[test]
fn requirements_scoreboard_subscriptions_share_what_they_ask() {
    let world = World::new();
    for repo in 0..10 {
        world.put(&format!("acme/app{repo}"), 5);
    }
    let (look, rules) = (world.discovery.look(), semver());
    let repos: Vec<_> = (0..200).map(|n| ImageRepo::parse(&format!("ghcr.io/acme/app{}", n % 10)).unwrap()).collect();
    let looks = repos.iter().map(|repo| look.images(repo, &rules, Promise::None, |_| {}));
    let results = world.clock.run(join_all(looks));
    assert!(results.iter().all(|result| result.as_ref().unwrap().outcome.images.len() == 5));
    assert_eq!(world.registry.peer().take_calls(), first(calls(10, 0, 50, 50)), "10 listings for 200 subscriptions");
    // The next round asks each tag once more, also where subscriptions come one after the other.
    let look = world.discovery.look();
    for repo in &repos {
        world.clock.run(look.images(repo, &rules, Promise::None, |_| {})).unwrap();
    }
    assert_eq!(world.registry.peer().take_calls(), calls(10, 50, 0, 0));
}

#[test]
fn an_unchanged_list_is_taken_from_the_cache() {
    let world = World::new();
    world.put("acme/cart", 250);
    let before = world.look(&semver());
    assert_eq!(world.look(&semver()), before, "law 2: an unchanged discovery finds the same");
    world.registry.put(&image("acme/cart", 999));
    assert_eq!(tags(&world.look(&semver()))[0], "1.999.0");
    assert!(world.registry.remove("acme/cart", "1.999.0"));
    assert_eq!(world.look(&semver()), before);
}

#[test]
fn shuffled_and_repeated_pages_change_nothing() {
    let world = World::new();
    world.put("acme/cart", 250);
    let expected = world.look(&semver());
    world.registry.set_page_size(7);
    world.registry.set_repeating(true);
    world.registry.shuffle(42);
    assert_eq!(world.look(&semver()).outcome, expected.outcome);
}

#[test]
fn one_broken_image_is_reported_and_skipped() {
    for breakage in Breakage::ALL {
        for rules in [semver(), newest_build()] {
            let world = World::new();
            world.put("acme/cart", 4);
            world.registry.put_broken(&image("acme/cart", 9), breakage);
            let look = world.look(&rules);
            assert_eq!(tags(&look), ["1.3.0", "1.2.0", "1.1.0", "1.0.0"], "{breakage:?}");
            let skipped: Vec<&Tag> = look.outcome.skipped.iter().map(|skipped| &skipped.tag).collect();
            let read = breakage == Breakage::WrongDigest && look.failures.is_empty();
            assert!(skipped == ["1.9.0"] || read, "{breakage:?}: {look:?}");
            assert!(look.failures.iter().all(|(_, error)| error.asked().is_some()), "the error names the artifact");
        }
    }
}

#[test]
fn what_cannot_be_asked_ends_the_look_rather_than_hiding_the_newest() {
    let world = World::new();
    world.put("acme/cart", 3);
    world.look(&semver());
    world.registry.peer().fail([PortError::unauthorized("HTTP 401")]);
    assert_eq!(world.try_look(&semver(), Promise::None).unwrap_err().class(), PortClass::Unauthorized);
    // Another repository is not affected, nor the next look.
    assert_eq!(world.look(&semver()).outcome.images.len(), 3);
    let gone = ImageRepo::parse("ghcr.io/acme/gone").unwrap();
    let error = world.clock.run(world.discovery.look().images(&gone, &semver(), Promise::None, |_| {})).unwrap_err();
    assert_eq!(error.class(), PortClass::NotFound);
}

#[test]
fn discovery_2_3_a_missing_tag_under_digest_is_an_empty_result() {
    let world = World::new();
    world.put("acme/cart", 1);
    let digest = rules(ImageSelectionStrategy::Digest);
    let look = world.look(&digest);
    assert!(look.outcome.images.is_empty() && look.outcome.skipped.is_empty());
    world.registry.put(&FakeImage::new("acme/cart", "latest"));
    assert_eq!(world.cost(&digest, Promise::None), calls(0, 0, 1, 1), "no listing");
    assert_eq!(world.cost(&digest, Promise::None), calls(0, 1, 0, 0));
}

#[test]
fn discovery_2_10_a_flaky_network_is_tried_again_three_times() {
    let world = World::new();
    world.put("acme/cart", 30);
    world.registry.peer().fail([PortError::retryable("reset"), PortError::retryable("reset")]);
    assert_eq!(world.look(&semver()).outcome.images.len(), 20, "twice failed, then answered");
    world.registry.peer().set_flaky(1);
    let before = world.clock.monotonic();
    assert!(matches!(world.try_look(&semver(), Promise::None).unwrap_err().class(), PortClass::Retryable { .. }));
    assert_eq!(world.clock.monotonic().since(before), Duration::from_secs(1 + 3));
}

#[test]
fn requirements_a7_nothing_is_sent_inside_a_limit() {
    let world = World::new();
    world.put("acme/cart", 300);
    let peer = world.registry.peer();
    peer.set_service_time(Duration::from_millis(50));
    peer.limit_after(40, Duration::from_secs(90));
    assert_eq!(world.look(&newest_build()).outcome.images.len(), 20);
    assert!(world.clock.monotonic() >= Monotonic::START + Duration::from_secs(90), "it waited");
    let violations = peer.violations();
    // Requests that were already under way when the first 429 came back could not know.
    let late = violations.iter().filter(|request| request.at > Monotonic::at(Duration::from_secs(3))).count();
    assert_eq!((violations.len(), late), (0, 0), "{violations:?}");
}

#[test]
fn requirements_a7_a_limit_longer_than_patience_is_the_answer_at_once() {
    let world = World::new();
    world.put("acme/cart", 3);
    world.registry.peer().limit_after(0, Duration::from_hours(6));
    let error = world.try_look(&semver(), Promise::None).unwrap_err();
    assert!(matches!(error.class(), PortClass::RateLimited { until: Some(_) }), "{error}");
    assert_eq!(world.clock.monotonic(), Monotonic::START);
    world.registry.peer().take_calls();
    assert!(world.try_look(&semver(), Promise::None).is_err());
    assert_eq!(world.registry.peer().take_calls(), Calls::default(), "the account rests");
}

#[test]
fn requirements_a7_a_rate_holds_in_every_span_and_is_used_up() {
    let mut world = World::new();
    let mut limits = AccountLimits::default();
    let (requests, per) = (20, Duration::from_secs(1));
    limits.rate = Some(Rate { requests, per });
    let with = |world: &mut World, limits| {
        world.discovery = Discovery::with_limits(&ports(&world.clock, &world.registry, &world.cache), limits);
    };
    with(&mut world, limits);
    world.put("acme/cart", 90);
    world.registry.peer().set_service_time(Duration::from_millis(50));
    // A limit of the peer's in the middle: what waited for its turn does not come all at once after it.
    world.registry.peer().limit_after(100, Duration::from_secs(30));
    assert_eq!(world.look(&newest_build()).outcome.images.len(), 20);
    let log = world.registry.peer().log();
    let sent: Vec<_> = log.iter().filter(|one| one.class != CallClass::Handshake).map(|one| one.at).collect();
    assert!(sent.len() > 1 + 2 * 90, "a list, and two for each image");
    assert!(sent.windows(requests + 1).all(|span| span[requests].since(span[0]) >= per), "{sent:?}");
    let spans = u32::try_from(sent.len().div_ceil(requests)).unwrap();
    let most = Duration::from_secs(30 + 4) + per * spans;
    assert!(world.clock.monotonic().since(Monotonic::START) <= most, "not slower than it has to be");
    // What would wait longer than anybody has patience for is told at once.
    limits.rate = Some(Rate { requests: 1, per: Duration::from_hours(6) });
    with(&mut world, limits);
    let before = world.clock.monotonic();
    let error = world.try_look(&semver(), Promise::None).unwrap_err();
    assert!(matches!(error.class(), PortClass::RateLimited { until: Some(_) }), "{error}");
    assert_eq!((world.clock.monotonic().since(before), error.host()), (Duration::from_millis(50), Some("ghcr.io")));
}

/// When each of 199 subscriptions is done, beside one that has so many builds to look at.
fn finished(greedy: usize) -> Vec<Duration> {
    let world = World::new();
    world.put("acme/greedy", greedy);
    for n in 0..199 {
        world.put(&format!("acme/app{n}"), 3);
    }
    world.registry.peer().set_service_time(Duration::from_millis(50));
    let (look, newest, rules) = (world.discovery.look(), newest_build(), semver());
    let repo = |name: String| ImageRepo::parse(&format!("ghcr.io/acme/{name}")).unwrap();
    let greedy_repo = repo("greedy".to_owned());
    world.clock.run(async {
        let small = join_all((0..199).map(|n| {
            let (repo, look, rules, clock) = (repo(format!("app{n}")), &look, &rules, &world.clock);
            async move {
                look.images(&repo, rules, Promise::None, |_| {}).await.unwrap();
                clock.monotonic().since(Monotonic::START)
            }
        }));
        if greedy == 0 {
            return small.await;
        }
        let all = Box::pin(look.images(&greedy_repo, &newest, Promise::None, |_| {}));
        match futures::future::select(all, small).await {
            futures::future::Either::Left((_, small)) => small.await,
            futures::future::Either::Right((done, _)) => done,
        }
    })
}

#[test]
fn requirements_a7_a_greedy_subscription_does_not_starve_the_others() {
    for (n, (alone, together)) in finished(0).into_iter().zip(finished(10_000)).enumerate() {
        assert!(together <= 2 * alone, "app{n} alone {alone:?}, beside a greedy one {together:?}");
    }
}

#[test]
fn requirements_a8_a_moved_tag_ends_the_promise() {
    let world = World::new();
    world.put("acme/cart", 5);
    let promise = Promise::Immutable { sample: 1 };
    world.try_look(&semver(), promise).unwrap();
    world.registry.put(&image("acme/cart", 2).rebuilt());
    let mut cycles = 0;
    let moved = loop {
        cycles += 1;
        assert!(cycles <= 5, "five tags, one sampled at each look");
        let look = world.try_look(&semver(), promise).unwrap();
        if let Some(moved) = look.moved.first() {
            break moved.clone();
        }
    };
    let (old, new) = (image("acme/cart", 2), image("acme/cart", 2).rebuilt());
    assert_eq!((moved.tag.as_str(), moved.was, moved.now), ("1.2.0", old.digest, new.digest));
    assert_eq!(world.cost(&semver(), promise), calls(1, 5, 0, 0), "from now on every tag is asked for");
}

#[test]
fn requirements_a10_the_newest_is_told_first_after_three_calls() {
    let world = World::new();
    world.put("acme/cart", 100);
    let mut told: Vec<(String, Duration)> = Vec::new();
    let call = Duration::from_millis(50);
    world.registry.peer().set_service_time(call);
    let look = world.discovery.look();
    let tell =
        |image: &DiscoveredImage| told.push((image.tag.to_string(), world.clock.monotonic().since(Monotonic::START)));
    world.clock.run(look.images(&cart(), &semver(), Promise::None, tell)).unwrap();
    let names: Vec<_> = told.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!((names.len(), &names[..3]), (20, &["1.99.0", "1.98.0", "1.97.0"][..]), "best first");
    assert_eq!(told[0].1, 3 * call, "the first while the others are still asked for");
    assert!(told[19].1 > 3 * call);

    let world = World::new();
    world.put("acme/cart", 100);
    let rules = ImageRules::new(&ImageSubscription { discovery_limit: 1, ..ImageSubscription::default() }).unwrap();
    assert_eq!(world.cost(&rules, Promise::None).work(), 3, "list, manifest, configuration");
}

#[test]
fn requirements_a10_newest_build_has_something_usable_after_one_batch() {
    let world = World::new();
    world.put("acme/cart", 1000);
    let peer = world.registry.peer();
    peer.set_service_time(Duration::from_millis(50));
    let mut told: Vec<(bool, String, u64, Duration)> = Vec::new();
    let look = world.discovery.look();
    let (repo, rules) = (cart(), newest_build());
    let tell = |found: Found<'_>| {
        let (settled, image) = match found {
            Found::Settled(image) => (true, image),
            Found::Provisional(image) => (false, image),
        };
        let at = world.clock.monotonic().since(Monotonic::START);
        told.push((settled, image.tag.to_string(), peer.calls().work(), at));
    };
    let found = world.clock.run(look.images_as_found(&repo, &rules, Promise::None, tell)).unwrap();
    let (settled, _, calls, at) = &told[0];
    let batch = AccountLimits::default().concurrent_per_look as u64;
    assert!(!settled && *calls <= 10 + 2 * batch, "provisional, after {calls} calls");
    assert!(*at <= Duration::from_millis(50) * (10 + 2), "after {at:?}: the list, a manifest, a configuration");
    // At last all that is kept is settled, best first, and nothing provisional comes after it.
    let end: Vec<_> = told.iter().filter(|told| told.0).map(|told| told.1.as_str()).collect();
    assert_eq!(end, tags(&found));
    assert!(told.iter().skip_while(|told| !told.0).all(|told| told.0));
    let mut provisional = told.iter().filter(|told| !told.0).map(|told| told.1.as_str());
    assert_eq!(provisional.next_back(), Some("1.999.0"), "the newest was the last that was told so");
}

#[test]
fn a_broken_cache_costs_requests_and_nothing_else() {
    let world = World::new();
    world.put("acme/cart", 3);
    let good = world.look(&semver());
    world.cache.set_broken(true);
    assert_eq!(world.look(&semver()), good);
    assert_eq!(world.cost(&semver(), Promise::None), calls(1, 0, 3, 3));
}

#[test]
fn concurrency_stays_within_the_account() {
    let world = World::new();
    for n in 0..40 {
        world.put(&format!("acme/app{n}"), 30);
    }
    world.registry.peer().set_service_time(Duration::from_millis(10));
    let (look, rules) = (world.discovery.look(), newest_build());
    let repos: Vec<_> = (0..40).map(|n| ImageRepo::parse(&format!("ghcr.io/acme/app{n}")).unwrap()).collect();
    world.clock.run(join_all(repos.iter().map(|repo| look.images(repo, &rules, Promise::None, |_| {}))));
    assert_eq!(world.registry.peer().most_in_flight(), AccountLimits::default().concurrent);
}

#[test]
fn a_dropped_look_gives_its_turns_back() {
    let world = World::new();
    world.put("acme/cart", 300);
    world.registry.peer().set_hanging(true);
    for _ in 0..20 {
        let look = world.discovery.look();
        let rules = newest_build();
        let repo = cart();
        let hanging = look.images(&repo, &rules, Promise::None, |_| {});
        let alarm = world.clock.sleep_until(world.clock.monotonic() + Duration::from_secs(1));
        world.clock.run(futures::future::select(Box::pin(hanging), Box::pin(alarm)));
    }
    world.registry.peer().set_hanging(false);
    assert_eq!(world.look(&newest_build()).outcome.images.len(), 20);
}

#[test]
fn a_look_can_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    let world = World::new();
    let (look, repo, rules) = (world.discovery.look(), cart(), semver());
    is_send(&look.images(&repo, &rules, Promise::None, |_| {}));
}
