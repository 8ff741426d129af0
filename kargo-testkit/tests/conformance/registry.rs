//! The pretended registry.

use std::{sync::Arc, time::Duration};

use kargo_core::port::ImageRegistry;
use kargo_testkit::{
    FakeImage,
    conformance::{Cannot, RegistryRig},
    fake::{Breakage, FakeRegistry, VirtualClock},
    registry_conformance,
};

struct Rig(Arc<FakeRegistry>);

#[async_trait::async_trait]
impl RegistryRig for Rig {
    async fn start() -> Self {
        Self(Arc::new(FakeRegistry::new(&VirtualClock::default())))
    }

    fn registry(&self) -> Arc<dyn ImageRegistry> {
        self.0.clone()
    }

    async fn put(&self, image: FakeImage) {
        self.0.put(&image);
    }

    async fn move_tag(&self, image: FakeImage) -> Result<(), Cannot> {
        self.0.put(&image);
        Ok(())
    }

    async fn remove(&self, repo: &str, tag: &str) -> Result<(), Cannot> {
        self.0.remove(repo, tag);
        Ok(())
    }

    async fn corrupt(&self, image: FakeImage) -> Result<(), Cannot> {
        self.0.put_broken(&image, Breakage::WrongDigest);
        Ok(())
    }

    async fn limit(&self, span: Duration) -> Result<(), Cannot> {
        self.0.peer().limit_after(0, span);
        Ok(())
    }

    async fn hang(&self, hangs: bool) -> Result<(), Cannot> {
        self.0.peer().set_hanging(hangs);
        Ok(())
    }
}

registry_conformance!(block_on: Rig, can: [move_tag, remove, corrupt, limit, hang]);
