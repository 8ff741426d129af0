//! The pretended chart repository.

use std::{sync::Arc, time::Duration};

use kargo_core::port::{ChartRepo, ChartRepository};
use kargo_testkit::{
    charts_conformance,
    conformance::{Cannot, ChartsRig},
    fake::{FakeCharts, VirtualClock},
};

struct Rig(Arc<FakeCharts>);

#[async_trait::async_trait]
impl ChartsRig for Rig {
    async fn start() -> Self {
        let rig = Self(Arc::new(FakeCharts::new(&VirtualClock::default())));
        rig.0.put(&rig.classic(), "something-else", "1.0.0");
        rig
    }

    fn charts(&self) -> Arc<dyn ChartRepository> {
        self.0.clone()
    }

    fn classic(&self) -> ChartRepo {
        ChartRepo::parse("https://charts.example").unwrap()
    }

    fn missing(&self) -> ChartRepo {
        ChartRepo::parse("https://charts.example/never-made").unwrap()
    }

    async fn put(&self, name: &str, version: &str) {
        self.0.put(&self.classic(), name, version);
    }

    async fn oci(&self, tags: &[&str]) -> Result<ChartRepo, Cannot> {
        let repo = ChartRepo::parse("oci://charts.example/cart").unwrap();
        for tag in tags {
            self.0.put(&repo, "", tag);
        }
        Ok(repo)
    }

    async fn limit(&self, span: Duration) -> Result<(), Cannot> {
        self.0.peer().limit_after(0, span);
        Ok(())
    }
}

charts_conformance!(block_on: Rig, can: [oci, limit]);
