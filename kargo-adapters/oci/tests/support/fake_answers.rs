//! How the fake registry answers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::State as Extract,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kargo_core::port::digest_of;
use serde_json::json;

use super::{
    USER,
    fake::{Auth, Repo, State},
};

/// The identity token that it knows.
const IDENTITY: &str = "identity-hunter2";

pub(super) async fn answer(
    Extract(shared): Extract<Arc<Mutex<State>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let authorization = field("authorization");
    let kind = authorization.split(' ').next().unwrap_or_default();
    let line = format!("{method} {uri} {kind}").trim_end().to_owned();
    shared.lock().unwrap().log.push(line);
    while shared.lock().unwrap().hangs {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut state = shared.lock().unwrap();
    if let Some(span) = state.limit {
        let after = [("retry-after", span.as_secs().to_string())];
        return (StatusCode::TOO_MANY_REQUESTS, after, error("TOOMANYREQUESTS")).into_response();
    }
    if let Some(scripted) = state.scripted.get(uri.path()) {
        let mut response = (scripted.status, scripted.body.clone()).into_response();
        response.headers_mut().clear();
        for (name, value) in &scripted.headers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        return response;
    }
    if uri.path() == "/token" {
        return token(&state, &method, &uri, &authorization, &body);
    }
    let host = field("host");
    let path = uri.path().trim_start_matches("/v2/").to_owned();
    let repo = ["/tags/list", "/manifests/", "/blobs/"].iter().find_map(|part| path.split_once(part));
    if let Some(refused) = refused(&state, &host, repo.map(|(repo, _)| repo), &authorization) {
        return refused;
    }
    let Some((name, last)) = repo else {
        return if uri.path() == "/v2/" { StatusCode::OK.into_response() } else { not_found("UNSUPPORTED") };
    };
    if let Some(other) = state.blobs_at.as_ref().filter(|_| path.contains("/blobs/")) {
        let there = format!("http://{other}{}?X-Signature=hunter2", uri.path());
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, there)]).into_response();
    }
    let State { page, absolute_links, etags, .. } = *state;
    let Some(repo) = state.repos.get(name) else { return not_found("NAME_UNKNOWN") };
    if path.ends_with("/tags/list") {
        let base = if absolute_links { format!("http://{host}") } else { String::new() };
        let answer = list(repo, name, &uri, page, &base, etags.then(|| field("if-none-match")).as_deref());
        state.unchanged += u64::from(answer.status() == StatusCode::NOT_MODIFIED);
        return answer;
    }
    content(repo, last, path.contains("/blobs/"))
}

/// A page of tags. The cursor is something that only this registry can read.
fn list(repo: &Repo, name: &str, uri: &Uri, page: usize, base: &str, known: Option<&str>) -> Response {
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let from =
        field("token").and_then(|token| STANDARD.decode(token).ok()).and_then(|text| String::from_utf8(text).ok());
    let from: usize = from.and_then(|text| text.strip_prefix("from=")?.parse().ok()).unwrap_or(0);
    let size = field("n").and_then(|n| n.parse().ok()).unwrap_or(page).min(page);
    let tags: Vec<_> = repo.tags.iter().skip(from).take(size).map(|(tag, _)| tag).collect();
    let body = json!({"name": name, "tags": tags}).to_string();
    let etag = format!("\"{}\"", digest_of(body.as_bytes()));
    if known == Some(&etag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    if known.is_some() {
        response.headers_mut().insert(header::ETAG, etag.parse().unwrap());
    }
    if from + size < repo.tags.len() {
        let token: String =
            url::form_urlencoded::byte_serialize(STANDARD.encode(format!("from={}", from + size)).as_bytes()).collect();
        let link = format!("<{base}/v2/{name}/tags/list?token={token}>; rel=\"next\"");
        response.headers_mut().insert(header::LINK, link.parse().unwrap());
    }
    response
}

fn content(repo: &Repo, reference: &str, is_blob: bool) -> Response {
    let pointed = repo.tags.iter().find(|(tag, _)| tag == reference).map(|(_, digest)| digest.clone());
    let digest = pointed.unwrap_or_else(|| reference.into());
    let Some(content) = repo.contents.get(&digest) else {
        return not_found(if is_blob { "BLOB_UNKNOWN" } else { "MANIFEST_UNKNOWN" });
    };
    let kind = if is_blob { "application/octet-stream" } else { &content.media_type };
    let headers = [("content-type", kind.to_owned()), ("docker-content-digest", digest.to_string())];
    (headers, content.bytes.clone()).into_response()
}

/// The refusal of a request without the right authorization.
fn refused(state: &State, host: &str, repo: Option<&str>, authorization: &str) -> Option<Response> {
    let scope = || {
        let usual = format!("repository:{}:pull", repo.unwrap_or_default());
        state.scope.clone().unwrap_or(usual)
    };
    let challenge = match state.auth {
        Auth::Open => return None,
        Auth::LateBearer if repo.is_none() => return None,
        Auth::Basic if authorization == basic() => return None,
        Auth::Basic => "Basic realm=\"fake\"".to_owned(),
        Auth::Bearer | Auth::LateBearer if repo.is_some() => {
            let wanted = format!("Bearer {}", token_text(state.generation, &scope()));
            if authorization == wanted {
                return None;
            }
            format!("Bearer realm=\"http://{host}/token\",service=\"fake\",scope=\"{}\"", scope())
        }
        Auth::Bearer | Auth::LateBearer => format!("Bearer realm=\"http://{host}/token\",service=\"fake\""),
    };
    Some((StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)], error("UNAUTHORIZED")).into_response())
}

fn token(state: &State, method: &Method, uri: &Uri, authorization: &str, body: &[u8]) -> Response {
    let is_post = *method == Method::POST;
    let pairs = url::form_urlencoded::parse(if is_post { body } else { uri.query().unwrap_or_default().as_bytes() });
    let pairs: Vec<_> = pairs.into_owned().collect();
    let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let is_known = if is_post {
        (field("grant_type"), field("refresh_token")) == (Some("refresh_token"), Some(IDENTITY))
    } else {
        authorization == basic() || (authorization.is_empty() && state.anonymous_tokens)
    };
    if !is_known || field("service") != Some("fake") {
        return (StatusCode::UNAUTHORIZED, error("UNAUTHORIZED")).into_response();
    }
    let text = token_text(state.generation, field("scope").unwrap_or_default());
    axum::Json(json!({"access_token": text, "expires_in": state.lifetime})).into_response()
}

/// What a token looks like; it is a secret.
fn token_text(generation: u64, scope: &str) -> String {
    STANDARD.encode(format!("hunter2 {generation} {scope}"))
}

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", USER.0, USER.1)))
}

fn not_found(code: &str) -> Response {
    (StatusCode::NOT_FOUND, error(code)).into_response()
}

fn error(code: &str) -> String {
    json!({"errors": [{"code": code, "message": "said the fake"}]}).to_string()
}
