//! A pretended chart server: an index with ETag, as a static web server has it, in a mood.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kargo_core::port::{ChartRepo, digest_of};
use kargo_helm::{HelmCharts, HelmSettings, NoCredentials};

/// What the server does.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// Answers with the index, or with 304.
    Fine,
    /// Answers with the index and no ETag.
    NoEtag,
    /// Answers with this.
    Says(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Wants this `Authorization`.
    Locked(&'static str),
}

#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) mood: Mood,
    pub(crate) charts: BTreeMap<String, Vec<String>>,
    /// Status of each answer, in their order.
    pub(crate) answers: Vec<u16>,
}

/// A running server; it ends with the runtime of its test.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shop: Arc<Mutex<Shop>>,
}

impl Server {
    pub(crate) async fn start(mood: Mood) -> Self {
        let (router, shop) = router(mood);
        Self { address: kargo_test_servers::serve(router).await, shop }
    }

    pub(crate) fn repo(&self) -> ChartRepo {
        ChartRepo::parse(&format!("http://{}/stable/", self.address)).unwrap()
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.shop.lock().unwrap().mood = mood;
    }

    pub(crate) fn put(&self, name: &str, version: &str) {
        self.shop.lock().unwrap().charts.entry(name.to_owned()).or_default().insert(0, version.to_owned());
    }

    /// Status of each answer since the last call.
    pub(crate) fn answers(&self) -> Vec<u16> {
        std::mem::take(&mut self.shop.lock().unwrap().answers)
    }
}

pub(crate) fn router(mood: Mood) -> (Router, Arc<Mutex<Shop>>) {
    let shop = Arc::new(Mutex::new(Shop { mood, charts: BTreeMap::new(), answers: Vec::new() }));
    (Router::new().fallback(serve).with_state(shop.clone()), shop)
}

/// Settings that no proxy of the machine disturbs.
pub(crate) fn settings() -> HelmSettings {
    let mut settings = HelmSettings::default();
    settings.http.system_proxy = false;
    settings
}

pub(crate) fn charts() -> HelmCharts {
    HelmCharts::new(settings(), NoCredentials).unwrap()
}

async fn serve(State(shop): State<Arc<Mutex<Shop>>>, request: Request) -> Response {
    let mut shop = shop.lock().unwrap();
    let response = answer(&shop, &request);
    shop.answers.push(response.status().as_u16());
    response
}

fn answer(shop: &Shop, request: &Request) -> Response {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match &shop.mood {
        Mood::Says(status, headers, body) => {
            let mut response = (StatusCode::from_u16(*status).unwrap(), body.clone()).into_response();
            response.headers_mut().clear();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            return response;
        }
        Mood::Locked(wanted) if header("authorization") != *wanted => {
            return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"charts\"")]).into_response();
        }
        _ => {}
    }
    if request.uri().path() != "/stable/index.yaml" {
        return (StatusCode::NOT_FOUND, "<html>there is no such page</html>").into_response();
    }
    let mut index = "apiVersion: v1\nentries:\n".to_owned();
    for (name, versions) in &shop.charts {
        index += &format!("  {name}:\n");
        for version in versions {
            index += &format!("  - apiVersion: v2\n    name: {name}\n    version: {version}\n");
        }
    }
    if matches!(shop.mood, Mood::NoEtag) {
        return index.into_response();
    }
    let etag = format!("\"{}\"", digest_of(index.as_bytes()));
    if header("if-none-match") == etag {
        return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
    }
    ([("etag", etag), ("content-type", "text/yaml".to_owned())], index).into_response()
}
