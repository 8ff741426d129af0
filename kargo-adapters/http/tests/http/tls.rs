//! Certificates: believed are those of the system, those of the settings, and any only where that is asked for.

use std::sync::Arc;

use axum::{Router, response::Redirect, routing::get as route};
use kargo_core::port::PortClass;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

use crate::support::{client, get, serve, settings};

/// Connections over TLS with a certificate that only itself has signed.
struct Tls(TcpListener, TlsAcceptor);

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = self.0.accept().await.unwrap();
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// Serves over TLS; the port, and the certificate as PEM.
async fn serve_tls(router: Router) -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let listener = Tls(listener, TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, made.cert.pem())
}

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
