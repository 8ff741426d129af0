//! The pretended cache.

use std::sync::Arc;

use kargo_core::port::ArtifactCache;
use kargo_testkit::{
    cache_conformance,
    conformance::{CacheRig, Cannot},
    fake::MemoryCache,
};

struct Rig(MemoryCache);

#[async_trait::async_trait]
impl CacheRig for Rig {
    async fn start() -> Self {
        Self(MemoryCache::default())
    }

    fn cache(&self) -> Arc<dyn ArtifactCache> {
        Arc::new(self.0.clone())
    }

    async fn reopen(&mut self) -> Result<(), Cannot> {
        self.0 = self.0.clone();
        Ok(())
    }
}

cache_conformance!(block_on: Rig, can: [reopen]);

mod broken {
    use std::sync::Mutex;

    use kargo_core::port::{CacheKey, PortError};
    use kargo_testkit::conformance::{block_on, cache_checks};

    use super::*;

    /// Forgets entries when it is opened again, and answers keys that it does not know with what it put last.
    #[derive(Debug, Default)]
    struct Careless(MemoryCache, Mutex<Option<Vec<u8>>>);

    #[async_trait::async_trait]
    impl ArtifactCache for Careless {
        async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
            let last = self.1.lock().unwrap().clone();
            let got = self.0.get(keys).await?;
            Ok(got.into_iter().map(|value| value.or_else(|| last.clone())).collect())
        }

        async fn put(&self, entries: Vec<(CacheKey, Vec<u8>)>) -> Result<(), PortError> {
            *self.1.lock().unwrap() = entries.last().map(|(_, value)| value.clone());
            self.0.put(entries).await
        }
    }

    struct Bad(Arc<Careless>);

    #[async_trait::async_trait]
    impl CacheRig for Bad {
        async fn start() -> Self {
            Self(Arc::default())
        }

        fn cache(&self) -> Arc<dyn ArtifactCache> {
            self.0.clone()
        }

        async fn reopen(&mut self) -> Result<(), Cannot> {
            *self = Self::start().await;
            Ok(())
        }
    }

    #[test]
    #[should_panic(expected = "a later process will find the entries")]
    fn entries_lost_over_a_restart() {
        block_on(cache_checks::what_was_put_survives_a_restart::<Bad>());
    }

    #[test]
    #[should_panic(expected = "assertion")]
    fn a_value_under_another_key() {
        block_on(cache_checks::answers_come_in_the_order_of_the_keys::<Bad>());
    }
}
