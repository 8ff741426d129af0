//! Redirects: so many, not to plain HTTP, and without secrets to others.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, Uri},
    response::Redirect,
    routing::get as route,
};
use kargo_core::port::PortClass;
use kargo_http::reqwest;
use kargo_test_servers::serve;
use serde_json::json;

use crate::support::{client, get};

/// Tells which of the secret fields came.
fn echo() -> Router {
    Router::new().route(
        "/echo",
        route(|headers: HeaderMap| async move {
            let has = |name: &str| headers.contains_key(name);
            Json(json!({"authorization": has("authorization"), "cookie": has("cookie"), "referer": has("referer")}))
        }),
    )
}

async fn with_secrets(url: String) -> serde_json::Value {
    let client = client();
    let request: reqwest::Request =
        client.get(url).header("authorization", "Bearer hunter2").header("cookie", "hunter2").build().unwrap();
    kargo_http::reply(kargo_http::send(&client, request).await.unwrap()).await.unwrap().into_value().unwrap()
}

#[tokio::test]
async fn architecture_2_law_10_no_secret_goes_to_another_host() {
    let other = serve(echo()).await;
    let to_other = Redirect::temporary(&format!("http://{other}/echo"));
    let host = serve(
        echo().route("/far", route(|| async { to_other })).route("/near", route(|| async { Redirect::to("/echo") })),
    );
    let host = host.await;
    let far = with_secrets(format!("http://{host}/far")).await;
    assert_eq!(far, json!({"authorization": false, "cookie": false, "referer": false}));
    let near = with_secrets(format!("http://{host}/near")).await;
    assert_eq!(near, json!({"authorization": true, "cookie": true, "referer": false}));
}

#[tokio::test]
async fn a_loop_ends() {
    let app = Router::new().fallback(|uri: Uri| async move { Redirect::temporary(&format!("{uri}x")) });
    let host = serve(app).await;
    let error = get(&client(), format!("http://{host}/a")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host}: GET /a: Rejected: more than 5 redirects one after another"));
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_told() {
    let host = serve(Router::new().route("/", route(|| async { StatusCode::FOUND }))).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!((error.class(), error.status()), (PortClass::Rejected, Some(302)), "{error}");
}

#[tokio::test]
async fn an_error_behind_a_redirect_names_both_hosts_and_no_secret() {
    let other = serve(Router::new().route("/blob", route(|| async { StatusCode::FORBIDDEN }))).await;
    let to_other = Redirect::temporary(&format!("http://{other}/blob?X-Amz-Signature=hunter2"));
    let host = serve(Router::new().route("/a", route(|| async { to_other }))).await;
    let error = get(&client(), format!("http://{host}/a")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host}: GET /a: Unauthorized: HTTP 403 (after a redirect to {other})"));
}
