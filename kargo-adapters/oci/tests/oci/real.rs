//! Against a real registry: images and indexes, what each mode costs, and a token that ends.

use kargo_core::port::{ChartRepo, ChartRepository, ImageManifest, ImageRegistry, ImageRepo, Page, PortClass};
use kargo_oci::{Credential, NoCredentials, OciRegistry, StaticCredentials};
use kargo_testkit::{FakeImage, conformance::has_real_servers, fake::Calls};
use secrecy::SecretString;

use crate::support::{DockerRegistry, Mode, TokenService, calls_in, credential, settings};

fn repo(server: &DockerRegistry, path: &str) -> ImageRepo {
    ImageRepo::parse(&format!("{}/{path}", server.host())).unwrap()
}

#[tokio::test]
async fn requirements_a3_each_call_is_one_request_and_the_handshake_comes_once() {
    if !has_real_servers() {
        return;
    }
    for mode in [Mode::Open, Mode::Basic, Mode::Token] {
        let server = DockerRegistry::start(mode).await;
        let index = FakeImage::new("acme/cart", "1.0.0").for_platforms(&["linux/amd64", "linux/arm64/v8"]);
        let plain = FakeImage::new("acme/cart", "1.0.1").built_at("2026-01-02T03:04:05Z").label("a", "b");
        for image in [&index, &plain] {
            server.push(image).await;
        }
        let registry = OciRegistry::new(settings(&server.host()), credential(&server.host())).unwrap();
        let cart = repo(&server, "acme/cart");
        let tags = ImageRegistry::tags(&registry, &cart, Page::first()).await.unwrap().into_value().unwrap();
        assert_eq!(tags.tags, ["1.0.0", "1.0.1"]);
        for image in [&index, &plain] {
            let head = registry.head(&cart, &image.tag).await.unwrap().into_value().unwrap();
            assert_eq!(head.digest, image.digest);
            let tagged = registry.tagged(&cart, &image.tag).await.unwrap().into_value().unwrap();
            assert_eq!((tagged.digest, Ok(tagged.manifest)), (image.digest.clone(), image.parsed()));
        }
        for child in &index.manifests {
            let read = registry.manifest(&cart, &child.digest()).await.unwrap().into_value().unwrap();
            assert!(matches!(read, ImageManifest::Image(_)));
        }
        let config = registry.config(&cart, &plain.blobs[0].digest()).await.unwrap().into_value().unwrap();
        assert_eq!(config.labels()["a"], "b");
        let expected = Calls { handshake: 1, list: 1, head: 2, manifest: 4, blob: 1, ..Calls::default() };
        assert_eq!(server.calls(), expected, "{mode:?}:\n{}", server.access_log());
        let issued = server.tokens().map(TokenService::issued);
        assert_eq!(
            issued.unwrap_or_default(),
            if mode == Mode::Token { vec!["repository:acme/cart:pull"] } else { vec![] }
        );
    }
}

#[tokio::test]
async fn wrong_credentials_are_unauthorized_and_what_is_not_there_is_not_found() {
    if !has_real_servers() {
        return;
    }
    for mode in [Mode::Basic, Mode::Token] {
        let server = DockerRegistry::start(mode).await;
        server.push(&FakeImage::new("acme/cart", "1.0.0")).await;
        let cart = repo(&server, "acme/cart");
        let wrong = StaticCredentials::default().at(server.host(), "wrong", Credential::basic("eve", "wrong"));
        let wrong = OciRegistry::new(settings(&server.host()), wrong).unwrap();
        let nobody = OciRegistry::new(settings(&server.host()), NoCredentials).unwrap();
        for registry in [wrong, nobody] {
            let error = registry.head(&cart, &"1.0.0".into()).await.unwrap_err();
            assert_eq!((error.class(), error.status()), (PortClass::Unauthorized, Some(401)), "{mode:?}: {error}");
        }
        let registry = OciRegistry::new(settings(&server.host()), credential(&server.host())).unwrap();
        let error = registry.head(&cart, &"9.9.9".into()).await.unwrap_err();
        assert_eq!((error.class(), error.asked()), (PortClass::NotFound, Some("HEAD /v2/acme/cart/manifests/9.9.9")));
        let error = ImageRegistry::tags(&registry, &repo(&server, "acme/none"), Page::first()).await.unwrap_err();
        assert_eq!(error.class(), PortClass::NotFound, "{error}");
        assert!(error.to_string().contains("NAME_UNKNOWN"), "{error}");
    }
}

#[tokio::test]
async fn a_token_that_the_registry_takes_for_expired_is_renewed() {
    if !has_real_servers() {
        return;
    }
    let server = DockerRegistry::start(Mode::Token).await;
    server.push(&FakeImage::new("acme/cart", "1.0.0")).await;
    let (cart, tokens) = (repo(&server, "acme/cart"), server.tokens().unwrap());
    let registry = OciRegistry::new(settings(&server.host()), credential(&server.host())).unwrap();
    // The registry takes a token for a minute after its end; this one says that it lives much longer.
    tokens.set_lifetime(-57, 3_600);
    registry.head(&cart, &"1.0.0".into()).await.unwrap();
    tokens.set_lifetime(300, 300);
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    registry.head(&cart, &"1.0.0".into()).await.unwrap();
    assert_eq!(tokens.issued().len(), 2);
    let expected = Calls { handshake: 2, head: 3, ..Calls::default() };
    assert_eq!(server.calls(), expected, "one more handshake, and the request once more:\n{}", server.access_log());
    assert_eq!(calls_in(&server.access_log(), "kargo-core/").handshake, 1, "the ping is not repeated");
}

#[tokio::test]
async fn identity_tokens_and_charts() {
    if !has_real_servers() {
        return;
    }
    let server = DockerRegistry::start(Mode::Token).await;
    for tag in ["1.0.0", "1.1.0_b.5"] {
        server.push(&FakeImage::new("charts/cart", tag)).await;
    }
    let identity = Credential::IdentityToken(SecretString::from(TokenService::IDENTITY));
    let table = StaticCredentials::default().at(server.host(), "identity", identity);
    let registry = OciRegistry::new(settings(&server.host()), table).unwrap();
    let chart = ChartRepo::parse(&format!("oci://{}/charts/cart", server.host())).unwrap();
    let tags = ChartRepository::tags(&registry, &chart, Page::first()).await.unwrap().into_value().unwrap();
    assert_eq!(tags.tags, ["1.0.0", "1.1.0_b.5"]);
}
