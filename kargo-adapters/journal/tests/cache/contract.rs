//! The contract of the port.

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::port::ArtifactCache;
use kargo_journal::FileCache;
use kargo_testkit::{
    cache_conformance,
    conformance::{CacheRig, Cannot},
};
use tempfile::TempDir;

struct Rig {
    folder: TempDir,
    cache: Option<Arc<FileCache>>,
}

#[async_trait]
impl CacheRig for Rig {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Some(Arc::new(FileCache::open(folder.path()).unwrap()));
        Self { folder, cache }
    }

    fn cache(&self) -> Arc<dyn ArtifactCache> {
        self.cache.clone().unwrap()
    }

    async fn reopen(&mut self) -> Result<(), Cannot> {
        self.cache = None;
        self.cache = Some(Arc::new(FileCache::open(self.folder.path()).unwrap()));
        Ok(())
    }
}

cache_conformance!(block_on: Rig, can: [reopen]);
