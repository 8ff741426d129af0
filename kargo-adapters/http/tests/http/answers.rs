//! What comes back gets its class, with host and request.

use axum::{Router, http::StatusCode, routing::get as route};
use kargo_core::{
    model::Duration,
    port::{NotBefore, PortClass},
};
use kargo_http::reqwest;
use kargo_test_servers::serve;

use crate::support::{client, get, serve_bytes, settings};

#[tokio::test]
async fn user_code_5_a_value_comes_with_etag_and_quota() {
    let app = Router::new()
        .route("/v2/", route(|| async { ([("etag", "\"a1\""), ("ratelimit-remaining", "76;w=21600")], "{\"a\": 1}") }));
    let host = serve(app).await;
    let reply = get(&client(), format!("http://{host}/v2/")).await.unwrap();
    assert_eq!((reply.etag(), reply.rate_limit().remaining), (Some("\"a1\""), Some(76)));
    assert_eq!(reply.into_value().unwrap()["a"], 1);
}

#[tokio::test]
async fn user_code_5_an_answer_that_was_not_sent_here_is_read_too() {
    let host = serve(Router::new().route("/x", route(|| async { StatusCode::NOT_FOUND }))).await;
    let response = client().get(format!("http://{host}/x?token=hunter2")).send().await.unwrap();
    let error = kargo_http::reply::<serde_json::Value>(response).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host}: /x: NotFound: HTTP 404"));
}

#[tokio::test]
async fn requirements_a7_a_limit_is_told_and_not_slept() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")], "") };
    let host = serve(Router::new().route("/v2/", route(busy))).await;
    let error = get(&client(), format!("http://{host}/v2/?n=5&secret=hunter2")).await.unwrap_err();
    let until = Some(NotBefore::After(Duration::from_secs(3600)));
    assert_eq!(error.class(), PortClass::RateLimited { until });
    assert_eq!((error.host(), error.asked()), (Some(host.to_string().as_str()), Some("GET /v2/?n=5&secret=***")));
}

#[tokio::test]
async fn nobody_listens_is_retryable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap();
    drop(listener);
    let error = get(&client(), format!("http://eve:hunter2@{host}/v2/?x=hunter2")).await.unwrap_err();
    assert!(error.class().is_retryable(), "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.contains("cannot connect") && text.contains("refused") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn silence_ends() {
    let app = Router::new().route("/", route(|| async { std::future::pending::<&str>().await }));
    let host = serve(app).await;
    let mut settings = settings();
    settings.silence = std::time::Duration::from_millis(50);
    let error = get(&settings.client().unwrap(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host}: GET /: Retryable: no answer in time"));
}

#[tokio::test]
async fn what_is_no_http_is_told() {
    let host = serve_bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert!(error.class().is_retryable(), "{error}");
    assert!(error.to_string().contains("the request failed: "), "{error}");
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_misconfigured() {
    let proxy = serve_bytes(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    // The provider comes with the first client.
    drop(client());
    let proxy = reqwest::Proxy::all(format!("http://eve:hunter2@{proxy}")).unwrap();
    let through = reqwest::Client::builder().proxy(proxy).build().unwrap();
    let error = get(&through, "https://registry.test/".to_owned()).await.unwrap_err();
    assert_eq!((error.class(), error.host()), (PortClass::Misconfigured, Some("registry.test")), "{error}");
    assert!(
        error.to_string().contains("check the proxy settings") && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[test]
fn a_request_that_is_none_is_misconfigured() {
    let error = client().get("http://exa mple/").build().map_err(kargo_http::failed).unwrap_err();
    assert_eq!(error.class(), PortClass::Misconfigured, "{error}");
}
