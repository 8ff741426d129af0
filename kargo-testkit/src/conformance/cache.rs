//! The contract of [`ArtifactCache`].

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::port::ArtifactCache;

use super::Cannot;

/// A cache to be asked. It has room for what a check puts (a few megabytes, some thousand entries), so that nothing is
/// forgotten on the way: a cache may forget, but one that always does is of no use.
#[async_trait]
pub trait CacheRig: Sized + Send + Sync {
    /// An empty cache of its own for one test.
    async fn start() -> Self;

    /// The adapter under test.
    fn cache(&self) -> Arc<dyn ArtifactCache>;

    /// Closes the cache and opens it again, as a restart does. Nobody uses an earlier [`cache`](Self::cache) then.
    async fn reopen(&mut self) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod cache_checks {
    use std::sync::Arc;

    use futures::future::join_all;
    use kargo_core::port::{Account, ArtifactCache, CacheKey, PortError, digest_of};

    use super::CacheRig;
    use crate::conformance::part::{broken, partly};

    fn key(name: &str) -> CacheKey {
        CacheKey::of_digest("image", &Account::anonymous("ghcr.io"), &digest_of(name.as_bytes()))
    }

    fn done<T>(what: &str, result: Result<T, PortError>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => broken(&format!("(ArtifactCache::{what}): a cache that works answers\ngot      {error}")),
        }
    }

    async fn get(cache: &Arc<dyn ArtifactCache>, keys: &[CacheKey]) -> Vec<Option<Vec<u8>>> {
        let got = done("get", cache.get(keys).await);
        assert_eq!(got.len(), keys.len(), "contract (ArtifactCache::get): one answer for each key, in their order");
        got
    }

    async fn put(cache: &Arc<dyn ArtifactCache>, entries: &[(CacheKey, &[u8])]) {
        let entries = entries.iter().map(|(key, value)| (key.clone(), value.to_vec())).collect();
        done("put", cache.put(entries).await);
    }

    fn text(bytes: &[u8]) -> Option<Vec<u8>> {
        Some(bytes.to_vec())
    }

    /// Whole, whatever it is.
    pub async fn what_was_put_is_found_whole<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        let large: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let values: [&[u8]; 4] = [b"{}", b"", &[0, 255, 0, 10], &large];
        let keys: Vec<_> = (0..values.len()).map(|n| key(&n.to_string())).collect();
        put(&cache, &keys.iter().cloned().zip(values).collect::<Vec<_>>()).await;
        let got = get(&cache, &keys).await;
        for (got, value) in got.into_iter().zip(values) {
            assert!(
                got.as_deref() == Some(value),
                "contract (ArtifactCache): what was put, whole ({} bytes)",
                value.len()
            );
        }
    }

    /// Nothing for what is not there; answers in the order of the keys, as often as they are asked for.
    pub async fn answers_come_in_the_order_of_the_keys<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        assert_eq!(get(&cache, &[]).await, []);
        assert_eq!(get(&cache, &[key("a")]).await, [None]);
        put(&cache, &[]).await;
        put(&cache, &[(key("a"), b"A"), (key("b"), b"B")]).await;
        let got = get(&cache, &[key("b"), key("never"), key("a"), key("b")]).await;
        assert_eq!(got, [text(b"B"), None, text(b"A"), text(b"B")]);
    }

    /// What was put there last, in a later call or later in one.
    pub async fn what_was_put_last_is_found<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        for (first, last) in [(&b"long, long before"[..], &b"now"[..]), (b"", b"more"), (b"same", b"same")] {
            put(&cache, &[(key("a"), first)]).await;
            put(&cache, &[(key("a"), last), (key("b"), first), (key("b"), last)]).await;
            let got = get(&cache, &[key("a"), key("b")]).await;
            assert_eq!(
                got,
                [text(last), text(last)],
                "contract (ArtifactCache): what was put there last under that key"
            );
        }
    }

    /// One account's facts are not another's.
    pub async fn keys_are_told_apart<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        let digest = digest_of(b"{}");
        let long = "k".repeat(4_000);
        let keys = [
            CacheKey::of_digest("image", &Account::anonymous("ghcr.io"), &digest),
            CacheKey::of_digest("image", &Account::new("ghcr.io", "ghcr-read"), &digest),
            CacheKey::of_digest("chart", &Account::anonymous("ghcr.io"), &digest),
            CacheKey::of("tags", &Account::anonymous("ghcr.io"), "acme/cart"),
            CacheKey::of("tags", &Account::anonymous("ghcr.io"), "acme/cart "),
            CacheKey::of("tags", &Account::anonymous("ghcr.io"), "acme/cart\n\u{0}é"),
            CacheKey::of("tags", &Account::anonymous("ghcr.io"), &long),
        ];
        let values: Vec<_> = (0..keys.len()).map(|n| n.to_string()).collect();
        put(&cache, &keys.iter().cloned().zip(values.iter().map(String::as_bytes)).collect::<Vec<_>>()).await;
        let expected: Vec<_> = values.iter().map(|value| text(value.as_bytes())).collect();
        assert_eq!(get(&cache, &keys).await, expected, "contract (ArtifactCache): every key has its own entry");
    }

    /// Calls side by side.
    pub async fn calls_side_by_side_do_not_disturb_each_other<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        let calls = (0..40).map(|n| {
            let cache = cache.clone();
            async move {
                let (mine, ours) = (key(&n.to_string()), key("ours"));
                let value = n.to_string();
                put(&cache, &[(mine.clone(), value.as_bytes()), (ours.clone(), b"ours")]).await;
                assert_eq!(get(&cache, &[mine, ours]).await, [text(value.as_bytes()), text(b"ours")]);
            }
        });
        join_all(calls).await;
    }

    /// A dropped `put` has happened or not, for each entry; a dropped `get` does nothing.
    pub async fn dropping_the_future_midway_is_harmless<R: CacheRig>() {
        let rig = R::start().await;
        let cache = rig.cache();
        put(&cache, &[(key("old"), b"old")]).await;
        for polls in 1..20 {
            let value = format!("value {polls}").into_bytes();
            let name = format!("new {polls}");
            partly(cache.put(vec![(key(&name), value.clone()), (key("old"), b"old".to_vec())]), polls).await;
            partly(cache.get(&[key("old"), key(&name)]), polls).await;
            let got = get(&cache, &[key(&name), key("old")]).await;
            assert!(
                matches!(got.as_slice(), [found, old] if found.as_ref().is_none_or(|found| *found == value) && *old == text(b"old")),
                "contract (ArtifactCache::put): a dropped put has happened or not, for each entry\ngot      {got:?}"
            );
        }
    }

    /// As long as there is a file.
    pub async fn what_was_put_survives_a_restart<R: CacheRig>() {
        let mut rig = R::start().await;
        let entries: Vec<_> = (0..2_000).map(|n| (key(&n.to_string()), format!("value {n}"))).collect();
        for part in entries.chunks(500) {
            put(&rig.cache(), &part.iter().map(|(key, value)| (key.clone(), value.as_bytes())).collect::<Vec<_>>())
                .await;
        }
        for _ in 0..2 {
            assert_eq!(rig.reopen().await, Ok(()), "the rig can `reopen`, says the macro");
            let keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
            let got = get(&rig.cache(), &keys).await;
            let lost =
                got.iter().zip(&entries).filter(|(got, (_, value))| got.as_deref() != Some(value.as_bytes())).count();
            assert_eq!(lost, 0, "contract (ArtifactCache): when `put` returns, a later process will find the entries");
        }
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: CacheRig>(told: &[&str]) {
        let mut rig = R::start().await;
        let can = if rig.reopen().await.is_ok() { vec!["reopen"] } else { vec![] };
        assert_eq!(can, told, "the rig can the left; write that into the macro's `can: [...]`");
    }
}
