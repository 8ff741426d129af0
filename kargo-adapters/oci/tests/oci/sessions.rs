//! One handshake and one token for all, renewed when it has to be.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::future::join_all;
use kargo_core::port::{Account, ImageRegistry, Page, PortClass, PortError};
use kargo_oci::{
    Credential, CredentialProvider, CredentialQuery, Issued, NoCredentials, OciRegistry, StaticCredentials,
};
use kargo_testkit::{
    FakeImage,
    fake::{Calls, VirtualClock},
};
use secrecy::SecretString;

use crate::support::{Auth, Fake, TokenService, credential, settings};

/// A fake with an image in two repositories.
async fn fake(auth: Auth) -> Fake {
    let fake = Fake::start().await;
    fake.state().auth = auth;
    for repo in ["acme/cart", "acme/shop"] {
        fake.put(&FakeImage::new(repo, "1.0.0"));
    }
    fake
}

fn registry(fake: &Fake) -> OciRegistry {
    OciRegistry::new(settings(fake.host()), credential(fake.host())).unwrap()
}

async fn head(registry: &OciRegistry, fake: &Fake, repo: &str) -> Result<(), PortError> {
    registry.head(&fake.repo(repo), &"1.0.0".into()).await.map(|_| ())
}

fn count(log: &[String], beginning: &str) -> usize {
    log.iter().filter(|line| line.starts_with(beginning)).count()
}

#[tokio::test]
async fn requirements_a3_one_handshake_and_one_token_however_many_ask_at_once() {
    for (auth, tokens) in [(Auth::Open, 0), (Auth::Basic, 0), (Auth::Bearer, 2)] {
        let fake = fake(auth).await;
        let registry = registry(&fake);
        let asked = (0..40).map(|n| head(&registry, &fake, if n % 2 == 0 { "acme/cart" } else { "acme/shop" }));
        for answer in join_all(asked).await {
            answer.unwrap();
        }
        let expected = Calls { handshake: 1, head: 40, ..Calls::default() };
        assert_eq!(fake.calls(), expected, "{auth:?}");
        assert_eq!(count(&fake.take_log(), "GET /token"), tokens, "{auth:?}: one for each of two repositories");
        // Later calls go on with it, and so do clones.
        head(&registry.clone(), &fake, "acme/cart").await.unwrap();
        assert_eq!(fake.take_log().len(), 1);
    }
}

#[tokio::test]
async fn requirements_a_a_token_that_ends_costs_one_more_request_and_no_ping() {
    let fake = fake(Auth::Bearer).await;
    let clock = VirtualClock::default();
    let registry = registry(&fake).with_clock(Arc::new(clock.clone()));
    head(&registry, &fake, "acme/cart").await.unwrap();
    fake.take_log();
    // 300 seconds, less a tenth of it or half a minute.
    clock.advance(Duration::from_secs(269));
    head(&registry, &fake, "acme/cart").await.unwrap();
    assert_eq!(fake.take_log().len(), 1);
    clock.advance(Duration::from_secs(1));
    head(&registry, &fake, "acme/cart").await.unwrap();
    let log = fake.take_log();
    assert_eq!([count(&log, "GET /token"), count(&log, "HEAD "), log.len()], [1, 1, 2], "{log:?}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let fake = fake(Auth::Bearer).await;
    let registry = registry(&fake);
    head(&registry, &fake, "acme/cart").await.unwrap();
    fake.take_log();
    fake.state().generation += 1;
    head(&registry, &fake, "acme/cart").await.unwrap();
    let log = fake.take_log();
    assert_eq!([count(&log, "GET /token"), count(&log, "HEAD "), log.len()], [1, 2, 3], "{log:?}");
    // Those who were refused together renew together.
    fake.state().generation += 1;
    join_all((0..10).map(|_| head(&registry, &fake, "acme/cart"))).await.into_iter().for_each(Result::unwrap);
    assert_eq!(count(&fake.take_log(), "GET /token"), 1);
}

#[tokio::test]
async fn what_is_refused_again_is_unauthorized() {
    let fake = fake(Auth::Bearer).await;
    let registry = registry(&fake);
    head(&registry, &fake, "acme/cart").await.unwrap();
    fake.take_log();
    let challenge = "Bearer realm=\"/token\",service=\"fake\"";
    fake.script("/v2/acme/cart/manifests/1.0.0", 401, &[("www-authenticate", challenge)], b"");
    let error = head(&registry, &fake, "acme/cart").await.unwrap_err();
    assert_eq!((error.class(), error.status()), (PortClass::Unauthorized, Some(401)), "{error}");
    assert_eq!(error.asked(), Some("HEAD /v2/acme/cart/manifests/1.0.0"));
    assert!(fake.take_log().len() <= 3);
}

#[tokio::test]
async fn wrong_or_missing_credentials_are_unauthorized() {
    for auth in [Auth::Basic, Auth::Bearer] {
        let fake = fake(auth).await;
        fake.state().anonymous_tokens = false;
        let wrong = StaticCredentials::default().at(fake.host(), "wrong", Credential::basic("eve", "wrong-hunter2"));
        for registry in [
            OciRegistry::new(settings(fake.host()), wrong).unwrap(),
            OciRegistry::new(settings(fake.host()), NoCredentials).unwrap(),
        ] {
            let error = head(&registry, &fake, "acme/cart").await.unwrap_err();
            assert_eq!(error.class(), PortClass::Unauthorized, "{auth:?}: {error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            assert!(fake.take_log().len() <= 3, "{auth:?}: no storm of attempts");
        }
    }
}

#[tokio::test]
async fn nobody_gets_a_token_where_nobody_may_have_one() {
    let fake = fake(Auth::Bearer).await;
    let registry = OciRegistry::new(settings(fake.host()), NoCredentials).unwrap();
    head(&registry, &fake, "acme/cart").await.unwrap();
    let log = fake.take_log();
    assert_eq!(
        log.iter().filter(|line| line.starts_with("GET /token") && line.ends_with("Basic")).count(),
        0,
        "{log:?}"
    );
}

#[tokio::test]
async fn an_open_ping_does_not_mean_an_open_registry() {
    let fake = fake(Auth::LateBearer).await;
    let registry = registry(&fake);
    for _ in 0..2 {
        head(&registry, &fake, "acme/cart").await.unwrap();
    }
    let log = fake.take_log();
    assert_eq!([count(&log, "GET /v2/"), count(&log, "GET /token"), count(&log, "HEAD ")], [1, 1, 3], "{log:?}");
}

#[tokio::test]
async fn the_scope_that_the_registry_wants_is_asked_for() {
    let fake = fake(Auth::Bearer).await;
    fake.state().scope = Some("repository:acme/cart:pull,metadata".to_owned());
    let registry = registry(&fake);
    for _ in 0..2 {
        head(&registry, &fake, "acme/cart").await.unwrap();
    }
    assert_eq!(count(&fake.take_log(), "GET /token"), 2, "once as usual, once as it said, and then no more");
}

#[tokio::test]
async fn an_identity_token_is_exchanged_by_post() {
    let fake = fake(Auth::Bearer).await;
    let identity = Credential::IdentityToken(SecretString::from(TokenService::IDENTITY));
    let table = StaticCredentials::default().at(fake.host(), "identity", identity);
    let registry = OciRegistry::new(settings(fake.host()), table).unwrap();
    head(&registry, &fake, "acme/cart").await.unwrap();
    let log = fake.take_log();
    assert!(log.contains(&"POST /token".to_owned()), "{log:?}");
}

#[tokio::test]
async fn accounts_have_sessions_of_their_own_and_names_without_secrets() {
    let fake = fake(Auth::Basic).await;
    let mine = registry(&fake);
    let account = ImageRegistry::account(&mine, &fake.repo("acme/cart"));
    assert_eq!(account, Account::new(fake.host(), "test-read"));
    let nobody = OciRegistry::new(settings(fake.host()), NoCredentials).unwrap();
    assert_eq!(ImageRegistry::account(&nobody, &fake.repo("acme/cart")), Account::anonymous(fake.host()));
}

/// Gives the right password from the second time on, and for an hour.
#[derive(Debug, Default)]
struct Rotating {
    issued: AtomicU64,
    clock: VirtualClock,
}

#[async_trait]
impl CredentialProvider for Rotating {
    fn name(&self, _query: CredentialQuery<'_>) -> Option<String> {
        Some("rotating".to_owned())
    }

    async fn issue(&self, _query: CredentialQuery<'_>) -> Result<Issued, PortError> {
        use kargo_core::port::Clock as _;
        let password = if self.issued.fetch_add(1, Ordering::SeqCst) == 0 { "old" } else { "hunter2" };
        let expires = Some(self.clock.now() + Duration::from_secs(3_600));
        Ok(Issued { credential: Credential::basic("eve", password), expires })
    }
}

#[tokio::test]
async fn a_credential_that_was_changed_is_asked_for_again() {
    for auth in [Auth::Basic, Auth::Bearer] {
        let fake = fake(auth).await;
        let rotating = Arc::new(Rotating::default());
        let registry = OciRegistry::new(settings(fake.host()), rotating.clone()).unwrap();
        let registry = registry.with_clock(Arc::new(rotating.clock.clone()));
        let first = head(&registry, &fake, "acme/cart").await;
        let second = head(&registry, &fake, "acme/cart").await;
        // Basic: what was got for this very call is not doubted; the next call asks again. Tokens: asked again at once.
        assert_eq!(first.is_ok(), auth == Auth::Bearer, "{first:?}");
        second.unwrap();
        assert_eq!(rotating.issued.load(Ordering::SeqCst), 2, "{auth:?}");
        // Shortly before the hour is over it is asked for again; in between it is not.
        rotating.clock.advance(Duration::from_secs(3_500));
        head(&registry, &fake, "acme/shop").await.unwrap();
        assert_eq!(rotating.issued.load(Ordering::SeqCst), 2, "{auth:?}");
        rotating.clock.advance(Duration::from_secs(71));
        head(&registry, &fake, "acme/shop").await.unwrap();
        let expected = if auth == Auth::Basic { 3 } else { 2 };
        assert_eq!(
            rotating.issued.load(Ordering::SeqCst),
            expected,
            "{auth:?}: a token that is good needs no credential"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_token_service_is_told_as_that() {
    for (status, class) in [
        (404, PortClass::Misconfigured),
        (403, PortClass::Unauthorized),
        (503, PortClass::Retryable { after: None }),
        (200, PortClass::Rejected),
    ] {
        let fake = fake(Auth::Bearer).await;
        fake.script("/token", status, &[], b"hunter2");
        let error = head(&registry(&fake), &fake, "acme/cart").await.unwrap_err();
        assert_eq!(error.class(), class, "{status}: {error}");
        assert!(error.asked().unwrap().starts_with("GET /token?service=fake&scope="), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn who_waited_for_a_handshake_that_failed_does_not_try_it_again() {
    let fake = fake(Auth::Open).await;
    fake.script("/v2/", 503, &[], b"");
    let registry = registry(&fake);
    for answer in join_all((0..20).map(|_| head(&registry, &fake, "acme/cart"))).await {
        assert!(answer.unwrap_err().class().is_retryable());
    }
    assert_eq!(fake.take_log().len(), 1);
    fake.state().scripted.clear();
    head(&registry, &fake, "acme/cart").await.unwrap();
}

#[tokio::test]
async fn only_the_api_can_say_that_something_is_not_found() {
    let fake = fake(Auth::Open).await;
    fake.script("/v2/", 404, &[], b"<html>");
    let error = registry(&fake).tags(&fake.repo("acme/cart"), Page::first()).await.unwrap_err();
    assert_eq!((error.class(), error.status()), (PortClass::Misconfigured, Some(404)));
    assert!(error.to_string().contains("no registry answers here"), "{error}");
}

#[tokio::test]
async fn discovery_2_10_plain_http_is_found_at_this_machine() {
    let fake = fake(Auth::Open).await;
    let mut settings = kargo_oci::OciSettings::default();
    settings.http.system_proxy = false;
    let registry = OciRegistry::new(settings, NoCredentials).unwrap();
    head(&registry, &fake, "acme/cart").await.unwrap();
    assert_eq!(fake.take_log(), ["GET /v2/", "HEAD /v2/acme/cart/manifests/1.0.0"]);
}
