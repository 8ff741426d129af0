//! The cost table against the pretended registry, which has all features.

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::{
    discover::Calls,
    port::{Clock, ImageRegistry},
};

use super::{CostFeatures, CostLogins, CostRig};
use crate::{
    conformance::Cannot,
    fake::{FakeImage, FakeRegistry, VirtualClock},
};

/// How many tags a page has.
const PAGE: u32 = 100;

/// The pretended registry, for the cost table: with each row's features, and a hundred tags on a page.
#[derive(Debug)]
pub struct FakeCostRig {
    registry: Arc<FakeRegistry>,
    clock: VirtualClock,
}

#[async_trait]
impl CostRig for FakeCostRig {
    async fn start(features: &CostFeatures) -> Result<Self, Cannot> {
        let clock = VirtualClock::default();
        let registry = FakeRegistry::new(&clock);
        registry.set_page_size(PAGE as usize);
        registry.set_etags(features.list_etags);
        registry.set_by_tag(!features.only_by_digest);
        registry.set_dates(features.head_dates);
        registry.set_redirects(features.blob_redirects);
        registry.set_repository_logins(features.logins == CostLogins::Repository);
        Ok(Self { registry: Arc::new(registry), clock })
    }

    fn registry(&self) -> Arc<dyn ImageRegistry> {
        self.registry.clone()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn page_size(&self) -> u64 {
        PAGE.into()
    }

    async fn put(&self, image: FakeImage) {
        self.registry.put(&image);
    }

    async fn take_calls(&self) -> Calls {
        self.registry.peer().take_calls()
    }

    async fn unchanged_pages(&self) -> Option<u64> {
        Some(self.registry.unchanged_pages())
    }

    async fn restart(&mut self) -> Result<(), Cannot> {
        self.registry.peer().expire_sessions();
        Ok(())
    }

    async fn expire(&self) -> Result<(), Cannot> {
        self.registry.peer().expire_sessions();
        Ok(())
    }
}
