//! A cache in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kargo_core::port::{ArtifactCache, CacheKey, PortError};

use super::yield_now;

/// An [`ArtifactCache`] in memory. Clones share their entries, as two processes share a file: keep one over a "restart".
#[derive(Clone, Debug, Default)]
pub struct MemoryCache {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<CacheKey, Vec<u8>>,
    broken: bool,
}

impl MemoryCache {
    /// Forgets everything, as a cache may at any time.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    /// Every call fails from now on, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.lock().broken = broken;
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.lock();
        if state.broken { Err(PortError::retryable("the disk is full")) } else { Ok(state) }
    }
}

#[async_trait]
impl ArtifactCache for MemoryCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
        yield_now().await;
        let state = self.working()?;
        Ok(keys.iter().map(|key| state.entries.get(key).cloned()).collect())
    }

    async fn put(&self, entries: Vec<(CacheKey, Vec<u8>)>) -> Result<(), PortError> {
        yield_now().await;
        self.working()?.entries.extend(entries);
        Ok(())
    }
}
