//! A registry that does as it is told: what it keeps and how it behaves. How it answers is in `fake_answers`.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{Router, http::StatusCode};
use kargo_core::{Digest, port::ImageRepo};
use kargo_test_servers::{serve, serve_tls};
use kargo_testkit::{
    FakeImage,
    fake::{Calls, Content},
};

use super::{access_log::class_of, fake_answers};

/// How the fake wants to be logged in to, with [`super::USER`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Auth {
    #[default]
    Open,
    Basic,
    /// Tokens from `/token` of the same server; anonymous ones, too.
    Bearer,
    /// As `Bearer`, but the ping is open.
    LateBearer,
}

/// A registry that ends with the test's runtime.
#[derive(Clone, Debug)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    host: String,
}

/// What the fake keeps, and how it behaves.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) repos: BTreeMap<String, Repo>,
    pub(crate) auth: Auth,
    /// Whether tokens are given to nobody in particular.
    pub(crate) anonymous_tokens: bool,
    /// The number in the tokens that are taken now; those of before are refused.
    pub(crate) generation: u64,
    /// How long tokens say they live.
    pub(crate) lifetime: u64,
    /// What the token's scope has to be instead of the usual one.
    pub(crate) scope: Option<String>,
    /// Tags on a page at most.
    pub(crate) page: usize,
    /// Whether links name the host.
    pub(crate) absolute_links: bool,
    /// Whether lists have ETags.
    pub(crate) etags: bool,
    /// How many pages were answered with "unchanged".
    pub(crate) unchanged: u64,
    /// Answers 429 with this `Retry-After`.
    pub(crate) limit: Option<Duration>,
    /// Answers nothing.
    pub(crate) hangs: bool,
    /// Sends those who want blobs to this host.
    pub(crate) blobs_at: Option<String>,
    /// Answers to paths, which go before all else but hanging.
    pub(crate) scripted: BTreeMap<String, Scripted>,
    /// `METHOD path?query [kind of authorization]` of each request.
    pub(crate) log: Vec<String>,
}

/// What a repository keeps.
#[derive(Debug, Default)]
pub(crate) struct Repo {
    pub(crate) tags: Vec<(String, Digest)>,
    pub(crate) contents: BTreeMap<Digest, Content>,
}

/// An answer that was thought up.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let state =
            Arc::new(Mutex::new(State { page: 1_000, lifetime: 300, anonymous_tokens: true, ..State::default() }));
        let address: SocketAddr = serve(Self::router(state.clone())).await;
        Self { state, host: address.to_string() }
    }

    /// The same over TLS, at `localhost`; with the certificate.
    pub(crate) async fn start_tls() -> (Self, String) {
        let state = Arc::new(Mutex::new(State { page: 1_000, ..State::default() }));
        let (port, pem) = serve_tls(Self::router(state.clone())).await;
        (Self { state, host: format!("localhost:{port}") }, pem)
    }

    fn router(state: Arc<Mutex<State>>) -> Router {
        Router::new().fallback(fake_answers::answer).with_state(state)
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// What it keeps and does.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn repo(&self, path: &str) -> ImageRepo {
        ImageRepo::parse(&format!("{}/{path}", self.host)).unwrap()
    }

    /// Puts an image; a tag that is there moves to it.
    pub(crate) fn put(&self, image: &FakeImage) {
        let mut state = self.state();
        let repo = state.repos.entry(image.repo.clone()).or_default();
        for content in image.blobs.iter().chain(&image.manifests).chain([&image.manifest]) {
            repo.contents.insert(content.digest(), content.clone());
        }
        repo.tags.retain(|(tag, _)| *image.tag != *tag.as_str());
        repo.tags.push((image.tag.to_string(), image.digest.clone()));
    }

    /// Answers a path this way from now on.
    pub(crate) fn script(&self, path: &str, status: u16, headers: &[(&'static str, &str)], body: &[u8]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = Scripted { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_vec() };
        self.state().scripted.insert(path.to_owned(), answer);
    }

    /// Requests since the last call of this.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }

    /// Requests since the last call of [`Self::take_log`], by class: pings are the handshakes.
    pub(crate) fn calls(&self) -> Calls {
        let mut calls = Calls::default();
        self.state().log.iter().filter_map(|line| class_of(line)).for_each(|class| calls.add(class));
        calls
    }
}
