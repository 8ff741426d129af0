//! Images with something wrong with them: what they cost, once and again (requirements A4, discovery 2.6).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::{sync::Arc, time::Duration};

use kargo_core::{
    discover::{Calls, Discovery, ImageLook, Promise},
    model::ImageSubscription,
    port::{ImageRepo, PortClass, PortError, Ports},
    select::image::ImageRules,
};
use kargo_testkit::fake::{Breakage, FakeImage, FakeRegistry, MemoryCache, VirtualClock};

struct World {
    clock: VirtualClock,
    registry: Arc<FakeRegistry>,
    discovery: Discovery,
}

impl World {
    /// Four good images, and a better one with something wrong.
    fn new(breakage: Breakage) -> Self {
        let clock = VirtualClock::default();
        let registry = Arc::new(FakeRegistry::new(&clock));
        registry.set_page_size(100);
        for n in 0..4 {
            registry.put(&FakeImage::new("acme/cart", &format!("1.{n}.0")));
        }
        registry.put_broken(&bad(), breakage);
        let ports =
            Ports::new(Arc::new(clock.clone())).images(registry.clone()).cache(Arc::new(MemoryCache::default()));
        let discovery = Discovery::new(&ports);
        Self { clock, registry, discovery }
    }

    fn try_look(&self, promise: Promise) -> Result<ImageLook, PortError> {
        let rules = ImageRules::new(&ImageSubscription::default()).unwrap();
        let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
        self.clock.run(self.discovery.look().images(&repo, &rules, promise, |_| {}))
    }

    /// Requests, and failures that were reported.
    fn look(&self, promise: Promise) -> (String, usize, usize) {
        self.registry.peer().take_calls();
        let look = self.try_look(promise).unwrap();
        let calls = Calls { handshake: 0, ..self.registry.peer().take_calls() };
        (calls.to_string(), look.outcome.images.len(), look.outcome.skipped.len())
    }
}

fn bad() -> FakeImage {
    FakeImage::new("acme/cart", "1.9.0")
}

#[test]
fn requirements_a4_what_cannot_be_read_under_a_digest_is_not_read_again() {
    for (breakage, looks) in [
        // By tag its digest is not told, so it is asked for at the second look, and what is behind it once more.
        (Breakage::NotJson, ["1 list, 5 manifest, 4 blob", "1 list, 5 HEAD, 1 manifest", "1 list, 5 HEAD"]),
        (Breakage::Schema1, ["1 list, 5 manifest, 4 blob", "1 list, 5 HEAD, 1 manifest", "1 list, 5 HEAD"]),
        (Breakage::ForeignType, ["1 list, 5 manifest, 4 blob", "1 list, 5 HEAD, 1 manifest", "1 list, 5 HEAD"]),
        (Breakage::WrongDigest, ["1 list, 5 manifest, 4 blob", "1 list, 5 HEAD, 1 manifest", "1 list, 5 HEAD"]),
        (Breakage::EmptyIndex, ["1 list, 5 manifest, 4 blob", "1 list, 5 HEAD", "1 list, 5 HEAD"]),
        (Breakage::BadDate, ["1 list, 5 manifest, 5 blob", "1 list, 5 HEAD", "1 list, 5 HEAD"]),
        // What is not there may come: it is asked for each time.
        (Breakage::Gone, ["1 list, 5 manifest, 4 blob", "1 list, 4 HEAD, 1 manifest", "1 list, 4 HEAD, 1 manifest"]),
        (Breakage::ConfigGone, ["1 list, 5 manifest, 5 blob", "1 list, 5 HEAD, 1 blob", "1 list, 5 HEAD, 1 blob"]),
    ] {
        let world = World::new(breakage);
        for expected in looks {
            assert_eq!(world.look(Promise::None), (expected.to_owned(), 4, 1), "{breakage:?}: reported, and skipped");
        }
    }
}

#[test]
fn requirements_a4_under_a_promise_a_broken_image_costs_nothing() {
    let (world, promise) = (World::new(Breakage::NotJson), Promise::Immutable { sample: 0 });
    world.look(promise);
    assert_eq!(world.look(promise).0, "1 list, 1 HEAD, 1 manifest");
    assert_eq!(world.look(promise), ("1 list".to_owned(), 4, 1));
}

#[test]
fn a_refusal_is_believed_for_an_hour_and_then_longer_each_time() {
    let world = World::new(Breakage::WrongDigest);
    world.look(Promise::None);
    world.look(Promise::None);
    let hour = Duration::from_hours(1);
    world.clock.advance(hour);
    assert_eq!(world.look(Promise::None).0, "1 list, 5 HEAD, 1 manifest", "asked again, refused again");
    world.clock.advance(hour);
    assert_eq!(world.look(Promise::None).0, "1 list, 5 HEAD");
    // The copy is repaired.
    world.registry.put(&bad());
    world.clock.advance(hour);
    assert_eq!(world.look(Promise::None), ("1 list, 5 HEAD, 1 manifest, 1 blob".to_owned(), 5, 0));
    world.clock.advance(24 * hour);
    assert_eq!(world.look(Promise::None).0, "1 list, 5 HEAD");
}

#[test]
fn a_failure_of_the_moment_is_not_remembered() {
    let world = World::new(Breakage::EmptyIndex);
    // The list is answered; then nothing is, however often it is tried.
    world.registry.peer().set_flaky(1);
    assert!(matches!(world.try_look(Promise::None).unwrap_err().class(), PortClass::Retryable { .. }));
    world.registry.peer().set_flaky(0);
    assert_eq!(world.look(Promise::None).1, 4);
    let world = World::new(Breakage::EmptyIndex);
    world.registry.peer().limit_after(1, Duration::from_hours(5));
    assert!(matches!(world.try_look(Promise::None).unwrap_err().class(), PortClass::RateLimited { .. }));
    world.clock.advance(Duration::from_hours(5));
    assert_eq!(world.look(Promise::None), ("1 list, 5 manifest, 4 blob".to_owned(), 4, 1));
}
