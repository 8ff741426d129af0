//! What was learnt before: read from and written to the cache. An error there costs requests, never a result.

use serde::{Serialize, de::DeserializeOwned};

use crate::port::{ArtifactCache, CacheKey};

/// What is stored under a key, if it is there and can be read.
pub(super) async fn recall<T: DeserializeOwned>(cache: &dyn ArtifactCache, key: &CacheKey) -> Option<T> {
    let found = cache.get(std::slice::from_ref(key)).await.ok()?;
    serde_json::from_slice(found.into_iter().next()??.as_slice()).ok()
}

/// Stores a value under a key.
pub(super) async fn remember<T: Serialize + Sync>(cache: &dyn ArtifactCache, key: CacheKey, value: &T) {
    if let Ok(bytes) = serde_json::to_vec(value) {
        // A cache that is broken is no reason to fail; the next look pays for it.
        let _ = cache.put(vec![(key, bytes)]).await;
    }
}
