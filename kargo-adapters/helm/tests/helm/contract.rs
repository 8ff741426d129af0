//! The contract of the port: over HTTP, and from a folder. Charts in registries are another's: a fake stands in for it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::{ChartRepo, ChartRepository, Page, PortClass};
use kargo_helm::HelmCharts;
use kargo_testkit::{
    charts_conformance,
    conformance::{Cannot, ChartsRig},
    fake::{FakeCharts, VirtualClock},
};

use crate::server::{Mood, Server, charts};

mod over_http {
    use super::*;

    struct Rig {
        server: Server,
        registry: Arc<FakeCharts>,
        charts: Arc<HelmCharts>,
    }

    #[async_trait]
    impl ChartsRig for Rig {
        async fn start() -> Self {
            let server = Server::start(Mood::Fine).await;
            server.put("something-else", "1.0.0");
            let registry = Arc::new(FakeCharts::new(&VirtualClock::default()));
            let charts = Arc::new(charts().registry(registry.clone()));
            Self { server, registry, charts }
        }

        fn charts(&self) -> Arc<dyn ChartRepository> {
            self.charts.clone()
        }

        fn classic(&self) -> ChartRepo {
            self.server.repo()
        }

        fn missing(&self) -> ChartRepo {
            ChartRepo::parse(&format!("http://{}/never-made", self.server.address)).unwrap()
        }

        async fn put(&self, name: &str, version: &str) {
            self.server.put(name, version);
        }

        async fn oci(&self, tags: &[&str]) -> Result<ChartRepo, Cannot> {
            let repo = ChartRepo::parse("oci://registry.example/cart").unwrap();
            for tag in tags {
                self.registry.put(&repo, "", tag);
            }
            Ok(repo)
        }

        async fn limit(&self, span: Duration) -> Result<(), Cannot> {
            let after = vec![("retry-after", span.as_secs().to_string())];
            self.server.set(Mood::Says(429, after, Vec::new()));
            Ok(())
        }
    }

    charts_conformance!(tokio1: Rig, can: [oci, limit]);
}

mod from_a_folder {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    struct Rig {
        folder: TempDir,
        charts: Arc<HelmCharts>,
    }

    #[async_trait]
    impl ChartsRig for Rig {
        async fn start() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("my charts")).unwrap();
            fs::write(folder.path().join("my charts/index.yaml"), "apiVersion: v1\nentries:\n").unwrap();
            Self { folder, charts: Arc::new(charts()) }
        }

        fn charts(&self) -> Arc<dyn ChartRepository> {
            self.charts.clone()
        }

        fn classic(&self) -> ChartRepo {
            ChartRepo::parse(&format!("file://{}/my%20charts/", self.folder.path().display())).unwrap()
        }

        fn missing(&self) -> ChartRepo {
            ChartRepo::parse(&format!("file://{}/never-made", self.folder.path().display())).unwrap()
        }

        async fn put(&self, name: &str, version: &str) {
            let path = self.folder.path().join("my charts/index.yaml");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, format!("{text}  {name}:\n  - version: {version}\n")).unwrap();
        }
    }

    charts_conformance!(tokio1: Rig);
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let server = Server::start(Mood::Fine).await;
    server.put("cart", "1.0.0");
    let charts = charts();
    let first = charts.index(&server.repo(), None).await.unwrap();
    let again = charts.index(&server.repo(), first.etag()).await.unwrap();
    assert!(again.is_unchanged() && again.etag() == first.etag());
    assert_eq!(server.answers(), [200, 304]);
    // Without an ETag it is sent again, but not read again, and whoever asks is told the same.
    server.set(Mood::NoEtag);
    let first = charts.index(&server.repo(), None).await.unwrap();
    assert!(charts.index(&server.repo(), first.etag()).await.unwrap().is_unchanged());
    server.put("cart", "1.0.1");
    let changed = charts.index(&server.repo(), first.etag()).await.unwrap().into_value().unwrap();
    assert_eq!(changed.versions("cart"), ["1.0.1", "1.0.0"]);
}

#[tokio::test]
async fn without_a_registry_its_charts_are_unsupported_and_the_error_says_what_to_wire() {
    let (charts, repo) = (charts(), ChartRepo::parse("oci://ghcr.io/acme/cart").unwrap());
    let error = charts.tags(&repo, Page::first()).await.unwrap_err();
    assert_eq!((error.class(), error.host()), (PortClass::Unsupported, Some("ghcr.io")));
    assert!(error.to_string().contains("oci://ghcr.io/acme/cart") && error.to_string().contains("wired"), "{error}");
    assert_eq!(charts.index(&repo, None).await.unwrap_err().class(), PortClass::Unsupported);
    assert_eq!(charts.account(&repo).to_string(), "ghcr.io");
}
