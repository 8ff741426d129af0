//! The cost table's registries: the fake over HTTP, and a real one in each of its modes.

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use kargo_core::{
    discover::Calls,
    port::{Clock, ImageRegistry, ImageRepo},
};
use kargo_oci::{NoCredentials, OciRegistry};
use kargo_testkit::{
    FakeImage,
    conformance::{Cannot, CostFeatures, CostLogins, CostRig},
    fake::VirtualClock,
};

use crate::support::{Auth, DockerRegistry, Fake, Mode, calls_in, credential, settings};

/// A registry of the table, and why rows cannot run there.
pub(crate) trait Place: CostRig + 'static {
    const NAME: &str;

    /// What the registry lacks, or does otherwise, if rows with these features cannot run there.
    fn why_not(features: &CostFeatures) -> Option<&'static str>;
}

/// After this tokens have ended; both token services say 300 seconds.
const LIFE: Duration = Duration::from_secs(300);

/// The distribution API alone: no registry with it lacks manifests by tag, and its HEAD tells no dates.
fn beyond_the_api(features: &CostFeatures) -> Option<&'static str> {
    match features {
        CostFeatures { head_dates: true, .. } => Some("HEAD tells no dates over HTTP"),
        CostFeatures { only_by_digest: true, .. } => Some("over HTTP, manifests can be had by tag"),
        _ => None,
    }
}

/// The fake over HTTP, with small pages and whatever else a row needs. It has tokens, except where a login has to be good for
/// all repositories.
pub(crate) struct OverFake {
    fake: Fake,
    storage: Fake,
    clock: VirtualClock,
    registry: Arc<OciRegistry>,
}

impl OverFake {
    const PAGE: u32 = 15;

    fn connect(fake: &Fake, clock: &VirtualClock) -> Arc<OciRegistry> {
        let registry = OciRegistry::new(settings(fake.host()), credential(fake.host())).unwrap();
        Arc::new(registry.with_clock(Arc::new(clock.clone())))
    }
}

impl Place for OverFake {
    const NAME: &str = "fake over HTTP";

    fn why_not(features: &CostFeatures) -> Option<&'static str> {
        beyond_the_api(features)
    }
}

#[async_trait]
impl CostRig for OverFake {
    async fn start(features: &CostFeatures) -> Result<Self, Cannot> {
        if Self::why_not(features).is_some() {
            return Err(Cannot);
        }
        let (fake, storage, clock) = (Fake::start().await, Fake::start().await, VirtualClock::default());
        {
            let mut state = fake.state();
            (state.page, state.etags) = (Self::PAGE as usize, features.list_etags);
            state.auth = if features.logins == CostLogins::Registry { Auth::Basic } else { Auth::Bearer };
            state.blobs_at = features.blob_redirects.then(|| storage.host().to_owned());
        }
        let registry = Self::connect(&fake, &clock);
        Ok(Self { fake, storage, clock, registry })
    }

    fn registry(&self) -> Arc<dyn ImageRegistry> {
        self.registry.clone()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn page_size(&self) -> u64 {
        Self::PAGE.into()
    }

    async fn put(&self, image: FakeImage) {
        self.fake.put(&image);
        self.storage.put(&image);
    }

    async fn take_calls(&self) -> Calls {
        let (mut calls, hops) = (self.fake.calls(), self.storage.calls());
        assert_eq!(hops, Calls { blob: hops.blob, ..Calls::default() }, "nothing but blobs is over there");
        let tokens = self.fake.take_log().iter().filter(|line| line.starts_with("GET /token")).count();
        self.storage.take_log();
        calls.handshake = calls.handshake.max(tokens as u64);
        Calls { redirect: hops.blob, ..calls }
    }

    async fn unchanged_pages(&self) -> Option<u64> {
        Some(self.fake.state().unchanged)
    }

    async fn restart(&mut self) -> Result<(), Cannot> {
        self.registry = Self::connect(&self.fake, &self.clock);
        Ok(())
    }

    async fn expire(&self) -> Result<(), Cannot> {
        self.clock.advance(LIFE);
        Ok(())
    }

    fn repo(&self, path: &str) -> Option<ImageRepo> {
        Some(self.fake.repo(path))
    }
}

/// How a real registry wants to be logged in to.
pub(crate) trait Login: Send + Sync + 'static {
    const MODE: Mode;
    const NAME: &str;
}

pub(crate) struct Anonymous;
pub(crate) struct Basic;
pub(crate) struct Token;

impl Login for Anonymous {
    const MODE: Mode = Mode::Open;
    const NAME: &str = "real, anonymous";
}

impl Login for Basic {
    const MODE: Mode = Mode::Basic;
    const NAME: &str = "real, basic";
}

impl Login for Token {
    const MODE: Mode = Mode::Token;
    const NAME: &str = "real, token";
}

/// A real registry. Its lists come on one page.
///
/// A ping with the token after it is one handshake, and each further token is one. A token is for one repository, so that
/// a session over ten of them has ten handshakes; where there are no tokens, it has one.
pub(crate) struct OverReal<L> {
    server: DockerRegistry,
    clock: VirtualClock,
    registry: Arc<OciRegistry>,
    taken: Mutex<Counted>,
    login: PhantomData<L>,
}

/// Requests by the access log, pings for handshakes; and tokens that were issued.
#[derive(Clone, Copy, Default)]
struct Counted {
    calls: Calls,
    tokens: u64,
}

impl<L: Login> OverReal<L> {
    fn connect(server: &DockerRegistry, clock: &VirtualClock) -> Arc<OciRegistry> {
        let host = server.host();
        let registry = match L::MODE {
            Mode::Open => OciRegistry::new(settings(&host), NoCredentials),
            Mode::Basic | Mode::Token => OciRegistry::new(settings(&host), credential(&host)),
        };
        Arc::new(registry.unwrap().with_clock(Arc::new(clock.clone())))
    }
}

impl<L: Login> Place for OverReal<L> {
    const NAME: &str = L::NAME;

    fn why_not(features: &CostFeatures) -> Option<&'static str> {
        let has_tokens = L::MODE == Mode::Token;
        match *features {
            CostFeatures { list_etags: true, .. } => Some("no ETag on tag lists"),
            CostFeatures { blob_redirects: true, .. } => Some("blobs come without redirect"),
            CostFeatures { sessions_end: true, .. } if !has_tokens => Some("no session that ends"),
            CostFeatures { logins: CostLogins::Repository, .. } if !has_tokens => Some("no tokens"),
            CostFeatures { logins: CostLogins::Registry, .. } if has_tokens => Some("a token for each repository"),
            _ => beyond_the_api(features),
        }
    }
}

#[async_trait]
impl<L: Login> CostRig for OverReal<L> {
    async fn start(features: &CostFeatures) -> Result<Self, Cannot> {
        if Self::why_not(features).is_some() {
            return Err(Cannot);
        }
        let (server, clock) = (DockerRegistry::start_in_memory(L::MODE).await, VirtualClock::default());
        let registry = Self::connect(&server, &clock);
        Ok(Self { server, clock, registry, taken: Mutex::default(), login: PhantomData })
    }

    fn registry(&self) -> Arc<dyn ImageRegistry> {
        self.registry.clone()
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    fn page_size(&self) -> u64 {
        kargo_oci::OciSettings::default().page.into()
    }

    async fn put(&self, image: FakeImage) {
        self.server.push(&image).await;
    }

    async fn take_calls(&self) -> Calls {
        self.server.settle().await;
        let calls = calls_in(&self.server.access_log(), "kargo-core/");
        let tokens = self.server.tokens().map_or(0, |tokens| tokens.issued().len() as u64);
        let now = Counted { calls, tokens };
        let before = std::mem::replace(&mut *self.taken.lock().unwrap(), now);
        let since = now.calls - before.calls;
        Calls { handshake: since.handshake.max(now.tokens - before.tokens), ..since }
    }

    async fn restart(&mut self) -> Result<(), Cannot> {
        self.registry = Self::connect(&self.server, &self.clock);
        Ok(())
    }

    async fn expire(&self) -> Result<(), Cannot> {
        let Some(tokens) = self.server.tokens() else { return Err(Cannot) };
        assert!(!tokens.issued().is_empty(), "there is a token to end");
        self.clock.advance(LIFE);
        Ok(())
    }

    fn repo(&self, path: &str) -> Option<ImageRepo> {
        ImageRepo::parse(&format!("{}/{path}", self.server.host())).ok()
    }
}
