//! The artifact cache in real files: the port's contract, restarts, kills, damage, and a second process.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking, and shows what it saw")]

mod contract;
mod damaged;
mod kill;
mod owned;
mod size;

use kargo_core::port::{Account, ArtifactCache, CacheKey, digest_of};
use kargo_testkit::conformance::block_on;

fn key(name: &str) -> CacheKey {
    CacheKey::of_digest("image", &Account::anonymous("ghcr.io"), &digest_of(name.as_bytes()))
}

fn put(cache: &dyn ArtifactCache, name: &str, value: &[u8]) {
    block_on(cache.put(vec![(key(name), value.to_vec())])).unwrap();
}

fn get(cache: &dyn ArtifactCache, name: &str) -> Option<Vec<u8>> {
    block_on(cache.get(&[key(name)])).unwrap().remove(0)
}
