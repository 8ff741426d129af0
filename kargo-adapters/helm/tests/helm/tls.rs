//! Certificates: a CA of the company's own, and subscriptions that check none.

use std::sync::Arc;

use axum::{Router, serve::Listener};
use kargo_core::port::{Access, ChartRepo, ChartRepository, PortClass};
use kargo_helm::{Credentials, HelmCharts, HostCredentials, NoCredentials};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

use crate::server::{Mood, charts, router, settings};

/// Connections over TLS with a certificate that only itself has signed.
struct Tls(TcpListener, TlsAcceptor);

impl Listener for Tls {
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
async fn serve(router: Router) -> (u16, String) {
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
async fn whom_to_trust_is_the_settings_and_the_subscriptions_choice() {
    let (router, shop) = router(Mood::Fine);
    shop.lock().unwrap().charts.insert("cart".to_owned(), vec!["1.0.0".to_owned()]);
    let (port, pem) = serve(router).await;
    let repo = ChartRepo::parse(&format!("https://localhost:{port}/stable")).unwrap();
    let error = charts().index(&repo, None).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Misconfigured, "{error}");
    assert!(error.to_string().contains("the certificate is not trusted") && error.host().is_some(), "{error}");

    let mut trusting = settings();
    trusting.http = trusting.http.trust_pem(pem.as_bytes()).unwrap();
    let trusting = HelmCharts::new(trusting, NoCredentials).unwrap();
    assert!(trusting.index(&repo, None).await.is_ok());

    let careless = repo.clone().with_access(Access::default().skipping_tls_verify(true));
    let charts = charts();
    assert!(charts.index(&careless, None).await.is_ok());
    assert!(charts.index(&repo, None).await.is_err(), "one subscription's choice is its own");
}

#[tokio::test]
async fn discovery_8_credentials_go_over_https() {
    let (router, _) = router(Mood::Locked("Bearer t0"));
    let (port, pem) = serve(router).await;
    let repo = ChartRepo::parse(&format!("https://localhost:{port}/stable")).unwrap();
    let mut settings = settings();
    settings.http = settings.http.trust_pem(pem.as_bytes()).unwrap();
    let known = HostCredentials::default().with(&format!("localhost:{port}"), "token", Credentials::bearer("t0"));
    let charts = HelmCharts::new(settings, known).unwrap();
    assert!(charts.index(&repo, None).await.is_ok());
    assert_eq!(charts.account(&repo).to_string(), format!("localhost:{port} as token"));
}
