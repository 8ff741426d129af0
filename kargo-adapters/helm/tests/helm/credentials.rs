//! Whose credential goes where.

use kargo_core::port::{ChartRepo, ChartRepository, PortClass};
use kargo_helm::{Credentials, HelmCharts, HostCredentials, NoCredentials};

use crate::server::{Mood, Server, settings};

const ROBOT: &str = "Basic cm9ib3Q6aHVudGVyMg==";

fn with(credentials: HostCredentials, over_http: bool) -> HelmCharts {
    let mut settings = settings();
    settings.credentials_over_http = over_http;
    HelmCharts::new(settings, credentials).unwrap()
}

#[tokio::test]
async fn discovery_8_credentials_by_host() {
    let server = Server::start(Mood::Locked(ROBOT)).await;
    server.put("cart", "1.0.0");
    let host = server.address.to_string();
    let known = HostCredentials::default().with(&host, "charts-read", Credentials::basic("robot", "hunter2"));
    let charts = with(known, true);
    assert!(charts.index(&server.repo(), None).await.is_ok());
    assert_eq!(charts.account(&server.repo()).to_string(), format!("{host} as charts-read"));
    assert!(!format!("{charts:?}").contains("hunter2"));

    let elsewhere = HostCredentials::default().with("other.example", "other", Credentials::basic("robot", "hunter2"));
    let charts = with(elsewhere, true);
    let error = charts.index(&server.repo(), None).await.unwrap_err();
    assert_eq!((error.class(), error.status()), (PortClass::Unauthorized, Some(401)), "{error}");
    assert_eq!(charts.account(&server.repo()).to_string(), host);

    server.set(Mood::Locked("Bearer t0"));
    let token = HostCredentials::default().with(&host, "token", Credentials::bearer("t0"));
    assert!(with(token, true).index(&server.repo(), None).await.is_ok());
}

#[tokio::test]
async fn discovery_8_no_credential_over_plain_http_unless_allowed() {
    let server = Server::start(Mood::Locked(ROBOT)).await;
    let host = server.address.to_string();
    let known = HostCredentials::default().with(&host, "charts-read", Credentials::basic("robot", "hunter2"));
    let charts = with(known, false);
    let error = charts.index(&server.repo(), None).await.unwrap_err();
    assert_eq!((error.class(), error.status()), (PortClass::Unauthorized, Some(401)));
    assert!(error.to_string().contains("none is sent over plain http"), "{error}");
    assert_eq!(charts.account(&server.repo()).to_string(), host, "it counts against nobody's quota");
}

#[tokio::test]
async fn a_user_in_the_address_is_sent_and_not_shown() {
    let server = Server::start(Mood::Locked(ROBOT)).await;
    server.put("cart", "1.0.0");
    let repo = ChartRepo::parse(&format!("http://robot:hunter2@{}/stable", server.address)).unwrap();
    let mut settings = settings();
    settings.credentials_over_http = true;
    let charts = HelmCharts::new(settings, NoCredentials).unwrap();
    assert!(charts.index(&repo, None).await.is_ok());
    assert_eq!(charts.account(&repo).to_string(), format!("{} as user robot", server.address));
    server.set(Mood::Says(404, Vec::new(), Vec::new()));
    let error = charts.index(&repo, None).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[tokio::test]
async fn architecture_2_law_10_a_redirect_elsewhere_takes_no_credential_along() {
    let other = Server::start(Mood::Locked(ROBOT)).await;
    let server = Server::start(Mood::Says(
        302,
        vec![("location", format!("http://{}/stable/index.yaml", other.address))],
        Vec::new(),
    ))
    .await;
    let known =
        HostCredentials::default().with(&server.address.to_string(), "x", Credentials::basic("robot", "hunter2"));
    let error = with(known, true).index(&server.repo(), None).await.unwrap_err();
    assert_eq!((error.class(), other.answers()), (PortClass::Unauthorized, vec![401]), "{error}");
    assert!(error.to_string().contains(&format!("after a redirect to {}", other.address)), "{error}");
}
