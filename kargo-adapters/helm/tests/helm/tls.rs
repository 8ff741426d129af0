//! Certificates: a CA of the company's own, and subscriptions that check none.

use kargo_core::port::{Access, ChartRepo, ChartRepository, PortClass};
use kargo_helm::{Credentials, HelmCharts, HostCredentials, NoCredentials};
use kargo_test_servers::serve_tls;

use crate::server::{Mood, charts, router, settings};

#[tokio::test]
async fn whom_to_trust_is_the_settings_and_the_subscriptions_choice() {
    let (router, shop) = router(Mood::Fine);
    shop.lock().unwrap().charts.insert("cart".to_owned(), vec!["1.0.0".to_owned()]);
    let (port, pem) = serve_tls(router).await;
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
    let (port, pem) = serve_tls(router).await;
    let repo = ChartRepo::parse(&format!("https://localhost:{port}/stable")).unwrap();
    let mut settings = settings();
    settings.http = settings.http.trust_pem(pem.as_bytes()).unwrap();
    let known = HostCredentials::default().with(&format!("localhost:{port}"), "token", Credentials::bearer("t0"));
    let charts = HelmCharts::new(settings, known).unwrap();
    assert!(charts.index(&repo, None).await.is_ok());
    assert_eq!(charts.account(&repo).to_string(), format!("localhost:{port} as token"));
}
