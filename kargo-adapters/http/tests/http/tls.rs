//! Certificates: believed are those of the system, those of the settings, and any only where that is asked for.

use axum::{Router, response::Redirect, routing::get as route};
use kargo_core::port::PortClass;
use kargo_test_servers::{serve, serve_tls};

use crate::support::{client, get, settings};

#[tokio::test]
async fn a_certificate_is_believed_only_where_it_was_asked_for() {
    let (port, pem) = serve_tls(Router::new().route("/", route(|| async { "1" }))).await;
    let url = format!("https://localhost:{port}/");
    let error = get(&client(), url.clone()).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Misconfigured);
    assert!(error.to_string().contains("the certificate is not trusted"), "{error}");

    let trusting = settings().trust_pem(pem.as_bytes()).unwrap().client().unwrap();
    assert_eq!(get(&trusting, url.clone()).await.unwrap().into_value().unwrap(), 1);
    let other_name = get(&trusting, format!("https://127.0.0.1:{port}/")).await.unwrap_err();
    assert_eq!(other_name.class(), PortClass::Misconfigured, "{other_name}");

    let careless = settings().skipping_tls_verify(true).client().unwrap();
    assert_eq!(get(&careless, format!("https://127.0.0.1:{port}/")).await.unwrap().into_value().unwrap(), 1);
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_is_told() {
    let host = serve(Router::new()).await;
    let error = get(&client(), format!("https://{host}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Misconfigured, "{error}");
    assert!(error.to_string().contains("is it plain HTTP?"), "{error}");
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_not_followed() {
    let plain = serve(Router::new().route("/", route(|| async { "1" }))).await;
    let to_plain = Redirect::temporary(&format!("http://{plain}/"));
    let (port, pem) = serve_tls(Router::new().route("/", route(|| async { to_plain }))).await;
    let trusting = settings().trust_pem(pem.as_bytes()).unwrap().client().unwrap();
    let error = get(&trusting, format!("https://localhost:{port}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected);
    assert!(error.to_string().ends_with("a redirect from https to http"), "{error}");
}
