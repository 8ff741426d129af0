//! A token service as registries know it: it signs JSON web tokens that say what may be done with a repository.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::{Form, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use kargo_test_servers::serve;
use rcgen::SigningKey;
use serde_json::json;

use super::USER;

/// What it takes for an identity token.
const IDENTITY: &str = "identity-hunter2";

/// The service: its key, and what it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct TokenService {
    inner: Arc<Inner>,
    address: SocketAddr,
}

#[derive(Debug)]
struct Inner {
    key: rcgen::KeyPair,
    certificate: rcgen::Certificate,
    state: Mutex<Asked>,
}

#[derive(Debug)]
struct Asked {
    scopes: Vec<String>,
    lifetime: i64,
    told: u64,
}

impl TokenService {
    pub(crate) const SERVICE: &str = "registry.test";
    pub(crate) const ISSUER: &str = "issuer.test";
    pub(crate) const IDENTITY: &str = IDENTITY;

    pub(crate) async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["token.test".to_owned()]).unwrap();
        let state = Mutex::new(Asked { scopes: Vec::new(), lifetime: 300, told: 300 });
        let inner = Arc::new(Inner { key: made.signing_key, certificate: made.cert, state });
        let app = Router::new().route("/token", get(by_get).post(by_post)).with_state(inner.clone());
        Self { inner, address: serve(app).await }
    }

    pub(crate) fn realm(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// What the registry has to trust, as PEM.
    pub(crate) fn certificate(&self) -> String {
        self.inner.certificate.pem()
    }

    /// The scopes of the tokens it has given, in order.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.inner.state.lock().unwrap().scopes.clone()
    }

    /// From now on tokens live this many seconds (a registry takes them a minute longer), and say that they live that many.
    pub(crate) fn set_lifetime(&self, lifetime: i64, told: u64) {
        let mut state = self.inner.state.lock().unwrap();
        (state.lifetime, state.told) = (lifetime, told);
    }

    /// A token for a repository, without being asked over HTTP.
    pub(crate) fn mint(&self, repo: &str, actions: &[&str], lifetime: i64) -> String {
        self.inner.mint(repo, actions, lifetime)
    }
}

impl Inner {
    fn mint(&self, repo: &str, actions: &[&str], lifetime: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(self.certificate.der())]});
        let claims = json!({
            "iss": TokenService::ISSUER, "sub": USER.0, "aud": TokenService::SERVICE, "jti": format!("{now}"),
            "iat": now, "nbf": now - 60, "exp": i64::try_from(now).unwrap() + lifetime,
            "access": [{"type": "repository", "name": repo, "actions": actions}],
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = fixed(&self.key.sign(signed.as_bytes()).unwrap());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn grant(&self, scopes: &[String]) -> Response {
        let mut state = self.state.lock().unwrap();
        state.scopes.push(scopes.join(" "));
        // repository:<name>:<actions>
        let mut parts = scopes.first().map_or("", String::as_str).split(':');
        let (_, repo, actions) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let actions: Vec<&str> = actions.split(',').filter(|action| *action == "pull").collect();
        let token = self.mint(repo, &actions, state.lifetime);
        Json(json!({"token": token, "expires_in": state.told})).into_response()
    }
}

async fn by_get(State(inner): State<Arc<Inner>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let wanted = format!("Basic {}", STANDARD.encode(format!("{}:{}", USER.0, USER.1)));
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(&wanted) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let query = query.unwrap_or_default();
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let scopes: Vec<_> = pairs.filter(|(name, _)| name == "scope").map(|(_, value)| value.into_owned()).collect();
    inner.grant(&scopes)
}

async fn by_post(State(inner): State<Arc<Inner>>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if (field("grant_type"), field("refresh_token")) != (Some("refresh_token"), Some(IDENTITY)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    inner.grant(&[field("scope").unwrap_or_default().to_owned()])
}

/// An ECDSA signature as JSON web tokens have it (both numbers in 32 bytes), from how X.509 has it.
fn fixed(der: &[u8]) -> Vec<u8> {
    // SEQUENCE, length, and twice: INTEGER, length, bytes. All lengths are below 128.
    let first = usize::from(der[3]);
    let (r, s) = (&der[4..4 + first], &der[6 + first..]);
    let mut both = Vec::new();
    for number in [r, s] {
        let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        both.extend(std::iter::repeat_n(0, 32 - number.len()));
        both.extend(number);
    }
    both
}
