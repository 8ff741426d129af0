//! The contracts of the ports: over a fake, over layouts on disk, and over a real registry in its three modes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::{ChartRepo, ChartRepository, ImageRegistry, ImageRepo, PortError, Reply};
use kargo_oci::{NoCredentials, OciRegistry};
use kargo_testkit::{
    FakeImage,
    conformance::{Cannot, ChartsRig, RegistryRig, charts_checks},
};

use crate::support::{Auth, DockerRegistry, Fake, Mode, credential, settings};

mod over_a_fake {
    use super::*;

    struct Rig {
        fake: Fake,
        registry: Arc<OciRegistry>,
    }

    #[async_trait]
    impl RegistryRig for Rig {
        async fn start() -> Self {
            let fake = Fake::start().await;
            (fake.state().auth, fake.state().page, fake.state().etags) = (Auth::Bearer, 7, true);
            let registry = OciRegistry::new(settings(fake.host()), credential(fake.host())).unwrap();
            Self { fake, registry: Arc::new(registry) }
        }

        fn registry(&self) -> Arc<dyn ImageRegistry> {
            self.registry.clone()
        }

        fn repo(&self, path: &str) -> ImageRepo {
            self.fake.repo(path)
        }

        async fn put(&self, image: FakeImage) {
            self.fake.put(&image);
        }

        async fn move_tag(&self, image: FakeImage) -> Result<(), Cannot> {
            self.fake.put(&image);
            Ok(())
        }

        async fn remove(&self, repo: &str, tag: &str) -> Result<(), Cannot> {
            let mut state = self.fake.state();
            state.repos.get_mut(repo).unwrap().tags.retain(|(known, _)| known != tag);
            Ok(())
        }

        async fn corrupt(&self, image: FakeImage) -> Result<(), Cannot> {
            self.fake.put(&image);
            let mut state = self.fake.state();
            let content = state.repos.get_mut(&image.repo).unwrap().contents.get_mut(&image.digest).unwrap();
            content.bytes.push(b'\n');
            Ok(())
        }

        async fn limit(&self, span: Duration) -> Result<(), Cannot> {
            self.fake.state().limit = Some(span);
            Ok(())
        }

        async fn hang(&self, hangs: bool) -> Result<(), Cannot> {
            self.fake.state().hangs = hangs;
            Ok(())
        }
    }

    kargo_testkit::registry_conformance!(tokio1: Rig, can: [move_tag, remove, corrupt, limit, hang]);
}

mod over_layouts {
    use super::*;
    use crate::layouts::Layouts;

    struct Rig {
        layouts: Layouts,
        registry: Arc<OciRegistry>,
    }

    #[async_trait]
    impl RegistryRig for Rig {
        async fn start() -> Self {
            let layouts = Layouts::new();
            let registry = OciRegistry::new(layouts.settings(), NoCredentials).unwrap();
            Self { layouts, registry: Arc::new(registry) }
        }

        fn registry(&self) -> Arc<dyn ImageRegistry> {
            self.registry.clone()
        }

        fn repo(&self, path: &str) -> ImageRepo {
            Layouts::repo(path)
        }

        async fn put(&self, image: FakeImage) {
            self.layouts.put(&image);
        }

        async fn move_tag(&self, image: FakeImage) -> Result<(), Cannot> {
            self.layouts.put(&image);
            Ok(())
        }

        async fn remove(&self, repo: &str, tag: &str) -> Result<(), Cannot> {
            self.layouts.remove(repo, tag);
            Ok(())
        }

        async fn corrupt(&self, image: FakeImage) -> Result<(), Cannot> {
            self.layouts.put(&image);
            self.layouts.write_blob(&image.repo, &image.digest, b"{}");
            Ok(())
        }
    }

    kargo_testkit::registry_conformance!(tokio1: Rig, can: [move_tag, remove, corrupt]);
}

/// A real registry in one of its modes.
struct Real {
    server: DockerRegistry,
    registry: Arc<OciRegistry>,
}

impl Real {
    async fn start(mode: Mode) -> Self {
        let server = DockerRegistry::start(mode).await;
        let host = server.host();
        let registry = match mode {
            Mode::Open => OciRegistry::new(settings(&host), NoCredentials),
            Mode::Basic | Mode::Token => OciRegistry::new(settings(&host), credential(&host)),
        };
        Self { server, registry: Arc::new(registry.unwrap()) }
    }
}

macro_rules! over_a_real_registry {
    ($module:ident, $mode:expr) => {
        mod $module {
            use super::*;

            struct Rig(Real);

            #[async_trait]
            impl RegistryRig for Rig {
                async fn start() -> Self {
                    Self(Real::start($mode).await)
                }

                fn registry(&self) -> Arc<dyn ImageRegistry> {
                    self.0.registry.clone()
                }

                fn repo(&self, path: &str) -> ImageRepo {
                    ImageRepo::parse(&format!("{}/{path}", self.0.server.host())).unwrap()
                }

                async fn put(&self, image: FakeImage) {
                    self.0.server.push(&image).await;
                }

                async fn move_tag(&self, image: FakeImage) -> Result<(), Cannot> {
                    self.0.server.push(&image).await;
                    Ok(())
                }

                async fn remove(&self, repo: &str, tag: &str) -> Result<(), Cannot> {
                    self.0.server.remove(repo, tag).await;
                    Ok(())
                }

                async fn corrupt(&self, image: FakeImage) -> Result<(), Cannot> {
                    self.0.server.push(&image).await;
                    self.0.server.corrupt(&image.digest);
                    Ok(())
                }
            }

            kargo_testkit::registry_conformance!(tokio1_real: Rig, can: [move_tag, remove, corrupt]);
        }
    };
}

over_a_real_registry!(over_an_open_registry, Mode::Open);
over_a_real_registry!(over_a_registry_with_passwords, Mode::Basic);
over_a_real_registry!(over_a_registry_with_tokens, Mode::Token);

/// Charts: this adapter serves the part of the contract that is about registries.
struct Charts {
    fake: Fake,
    registry: Arc<OciRegistry>,
}

#[async_trait]
impl ChartsRig for Charts {
    async fn start() -> Self {
        let fake = Fake::start().await;
        fake.state().page = 2;
        let registry = OciRegistry::new(settings(fake.host()), NoCredentials).unwrap();
        Self { fake, registry: Arc::new(registry) }
    }

    fn charts(&self) -> Arc<dyn ChartRepository> {
        self.registry.clone()
    }

    fn classic(&self) -> ChartRepo {
        ChartRepo::parse("https://charts.acme.example/stable").unwrap()
    }

    fn missing(&self) -> ChartRepo {
        self.classic()
    }

    async fn put(&self, _name: &str, _version: &str) {}

    async fn oci(&self, tags: &[&str]) -> Result<ChartRepo, Cannot> {
        for tag in tags {
            self.fake.put(&FakeImage::new("charts/cart", tag));
        }
        Ok(ChartRepo::parse(&format!("oci://{}/charts/cart", self.fake.host())).unwrap())
    }
}

#[tokio::test]
async fn charts_no_tag_twice_and_none_lost_across_pages() {
    charts_checks::no_tag_twice_and_none_lost_across_pages::<Charts>().await;
}

#[tokio::test]
async fn charts_a_registry_has_no_index() {
    charts_checks::a_registry_has_no_index::<Charts>().await;
}

#[tokio::test]
async fn charts_a_classic_repository_has_no_tags() {
    charts_checks::a_classic_repository_has_no_tags::<Charts>().await;
}

#[tokio::test]
async fn charts_dropping_the_future_and_limits_are_as_with_images() {
    let rig = Charts::start().await;
    let repo = rig.oci(&["1.0.0"]).await.unwrap();
    rig.fake.state().limit = Some(Duration::from_secs(60));
    let answer: Result<Reply<_>, PortError> = rig.charts().tags(&repo, kargo_core::port::Page::first()).await;
    assert!(answer.unwrap_err().class().not_before().is_some());
    assert_eq!(rig.charts().account(&repo).host(), repo.host());
}
