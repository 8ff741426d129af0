//! Bad answers have their class, and name host and request.

use std::time::Duration;

use kargo_core::{
    model::Duration as Span,
    port::{ImageRegistry, NotBefore, Page, PortClass, PortError, digest_of},
};
use kargo_oci::OciRegistry;
use kargo_testkit::FakeImage;

use crate::support::{Auth, Fake, credential, settings};

const MANIFEST: &str = "/v2/acme/cart/manifests/1.0.0";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

async fn fake() -> (Fake, OciRegistry, FakeImage) {
    let fake = Fake::start().await;
    let image = FakeImage::new("acme/cart", "1.0.0").built_at("2026-01-01T00:00:00Z");
    fake.put(&image);
    let registry = OciRegistry::new(settings(fake.host()), credential(fake.host())).unwrap();
    (fake, registry, image)
}

fn assert_rejected<T: std::fmt::Debug>(answer: Result<T, PortError>, fake: &Fake, part: &str) {
    let error = answer.unwrap_err();
    assert_eq!((error.class(), error.host()), (PortClass::Rejected, Some(fake.host())), "{error}");
    assert!(error.asked().is_some_and(|asked| asked.contains("acme/cart")), "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[tokio::test]
async fn requirements_a7_limits_and_quotas_are_told() {
    let (fake, registry, image) = fake().await;
    let repo = fake.repo("acme/cart");
    fake.script(MANIFEST, 200, &[("ratelimit-remaining", "76;w=21600"), ("docker-content-digest", &image.digest)], b"");
    let head = registry.head(&repo, &image.tag).await.unwrap();
    assert_eq!(head.rate_limit().remaining, Some(76));
    fake.state().limit = Some(Duration::from_secs(30));
    let error = registry.head(&repo, &image.tag).await.unwrap_err();
    assert_eq!(error.class(), PortClass::RateLimited { until: Some(NotBefore::After(Span::from_secs(30))) });
    let error = registry.tags(&repo, Page::first()).await.unwrap_err();
    assert!(error.to_string().contains("TOOMANYREQUESTS"), "{error}");
}

#[tokio::test]
async fn bytes_that_are_too_many_or_others_than_named_are_rejected() {
    let (fake, registry, image) = fake().await;
    let (repo, tag) = (fake.repo("acme/cart"), image.tag.clone());
    fake.script(MANIFEST, 200, &[("content-type", OCI)], &vec![b' '; (4 << 20) + 1]);
    assert_rejected(registry.tagged(&repo, &tag).await, &fake, "longer than 4194304 bytes");
    fake.script(&format!("/v2/acme/cart/manifests/{}", image.digest), 200, &[("content-type", OCI)], b"{}");
    assert_rejected(registry.manifest(&repo, &image.digest).await, &fake, "not what sha256:");
    let config = image.blobs[0].digest();
    fake.script(&format!("/v2/acme/cart/blobs/{config}"), 200, &[], b"{}");
    assert_rejected(registry.config(&repo, &config).await, &fake, "not what sha256:");
    fake.script(&format!("/v2/acme/cart/blobs/{config}"), 200, &[], &vec![b' '; (8 << 20) + 1]);
    assert_rejected(registry.config(&repo, &config).await, &fake, "longer than 8388608 bytes");
    fake.script("/v2/acme/cart/tags/list", 200, &[], &vec![b' '; (16 << 20) + 1]);
    assert_rejected(registry.tags(&repo, Page::first()).await, &fake, "longer than 16777216 bytes");
}

#[tokio::test]
async fn what_is_no_image_or_no_list_is_rejected() {
    let (fake, registry, image) = fake().await;
    let repo = fake.repo("acme/cart");
    for (kind, body, part) in [
        ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "{}", "is no image"),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}", "schema 1"),
        ("text/html", "<html>login</html>", "not a JSON object"),
        (OCI, "{\"config\": {\"digest\": \"../../etc/passwd\"}}", "not a digest"),
        (OCI, "", "not a JSON object"),
    ] {
        fake.script(MANIFEST, 200, &[("content-type", kind)], body.as_bytes());
        assert_rejected(registry.tagged(&repo, &image.tag).await, &fake, part);
    }
    for body in ["<html>", "{}", "{\"tags\": {}}", "{\"tags\": [null]}"] {
        fake.script("/v2/acme/cart/tags/list", 200, &[("content-type", "text/html")], body.as_bytes());
        assert_rejected(registry.tags(&repo, Page::first()).await, &fake, "");
    }
}

#[tokio::test]
async fn requirements_a3_where_head_tells_no_digest_the_manifest_is_read() {
    let (fake, registry, image) = fake().await;
    let repo = fake.repo("acme/cart");
    // The same answer to HEAD and GET, without the header that HEAD is for.
    fake.script(MANIFEST, 200, &[("content-type", OCI)], &image.manifest.bytes);
    let head = registry.head(&repo, &image.tag).await.unwrap().into_value().unwrap();
    assert_eq!(head.digest, image.digest);
    let log = fake.take_log();
    assert_eq!(log[1..], [format!("HEAD {MANIFEST}"), format!("GET {MANIFEST}")]);
}

#[tokio::test]
async fn architecture_2_law_10_a_redirect_to_where_blobs_are_loses_the_credential() {
    for auth in [Auth::Basic, Auth::Bearer] {
        let (fake, registry, image) = fake().await;
        let storage = Fake::start().await;
        storage.put(&image);
        (fake.state().auth, fake.state().blobs_at) = (auth, Some(storage.host().to_owned()));
        let config = registry.config(&fake.repo("acme/cart"), &image.blobs[0].digest()).await.unwrap();
        assert!(config.into_value().unwrap().created.is_some());
        let log = storage.take_log();
        assert_eq!(log.len(), 1, "{log:?}");
        let words: Vec<&str> = log[0].split(' ').collect();
        assert!(words.len() == 2 && words[1].contains("/blobs/sha256:"), "no authorization came along: {log:?}");
        // A refusal there is told with both hosts, is no reason for a new token, and shows no signed address.
        fake.take_log();
        storage.script(&format!("/v2/acme/cart/blobs/{}", digest_of(b"x")), 401, &[], b"");
        let error = registry.config(&fake.repo("acme/cart"), &digest_of(b"x")).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(fake.host()) && text.contains(storage.host()) && !text.contains("hunter2"), "{text}");
        assert_eq!(fake.take_log().len(), 1);
    }
}

#[tokio::test]
async fn a_circle_of_redirects_is_rejected() {
    let (fake, registry, image) = fake().await;
    fake.script(MANIFEST, 307, &[("location", MANIFEST)], b"");
    assert_rejected(registry.head(&fake.repo("acme/cart"), &image.tag).await, &fake, "more than 5 redirects");
}

#[tokio::test]
async fn one_bad_image_harms_no_other() {
    let (fake, registry, image) = fake().await;
    let repo = fake.repo("acme/cart");
    fake.put(&FakeImage::new("acme/cart", "1.0.1"));
    fake.script(MANIFEST, 500, &[], b"");
    let error = registry.tagged(&repo, &image.tag).await.unwrap_err();
    assert!(error.class().is_retryable(), "{error}");
    assert_eq!(error.asked(), Some(format!("GET {MANIFEST}").as_str()));
    registry.tagged(&repo, &"1.0.1".into()).await.unwrap();
}
