//! Bad input, through discovery: the error says which artifact it is about, and nothing else is lost.

use std::{sync::Arc, time::Duration};

use kargo_core::{
    discover::{Discovery, SubscriptionLook, WarehouseLook},
    model::Warehouse,
    port::{PortClass, PortError, Ports},
};
use kargo_oci::{NoCredentials, OciRegistry};
use kargo_testkit::{
    FakeImage,
    fake::{Content, MemoryCache, VirtualClock},
};
use serde_json::json;

use crate::support::{Fake, settings};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const BAD: &str = "/v2/acme/cart/manifests/1.9.0";
const TAGS: &str = "/v2/acme/cart/tags/list";

/// Something bad: what it is, how it gets there, and parts of the request and of the cause that its error names.
struct Bad {
    what: &'static str,
    spoil: fn(&Fake, &FakeImage),
    asked: &'static str,
    cause: &'static str,
}

fn bad(what: &'static str, asked: &'static str, cause: &'static str, spoil: fn(&Fake, &FakeImage)) -> Bad {
    Bad { what, spoil, asked, cause }
}

/// What is wrong with one artifact of a repository.
fn artifacts() -> Vec<Bad> {
    vec![
        bad("a malformed tag", "tag \"9.9.9/../../../shop/manifests/2.0.0\" of acme/cart", "is no tag", |fake, _| {
            let tags = ["1.0.0", "9.9.9/../../../shop/manifests/2.0.0", "1.0.1"];
            fake.script(TAGS, 200, &[], json!({"name": "acme/cart", "tags": tags}).to_string().as_bytes());
        }),
        bad("a malformed manifest", "GET /v2/acme/cart/manifests/1.9.0", "the manifest cannot be read", |fake, _| {
            fake.script(BAD, 200, &[("content-type", MANIFEST)], b"{\"config\"");
        }),
        bad("a manifest with a foreign name for a digest", "GET /v2/acme/cart/manifests/1.9.0", "digest", |fake, _| {
            fake.script(BAD, 200, &[("content-type", MANIFEST)], b"{\"config\": {\"digest\": \"../../etc/passwd\"}}");
        }),
        bad("a malformed index", "GET /v2/acme/cart/manifests/1.9.0", "the manifest cannot be read", |fake, _| {
            fake.script(BAD, 200, &[("content-type", INDEX)], b"{\"manifests\": {\"a\": 1}}");
        }),
        bad(
            "a malformed config",
            "GET /v2/acme/cart/blobs/sha256:",
            "the image configuration is not a JSON object",
            |fake, _| {
                let config = Content { media_type: "text/html".to_owned(), bytes: b"<html>".to_vec() };
                let manifest = json!({
                    "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config.digest(), "size": 6},
                });
                fake.script(BAD, 200, &[("content-type", MANIFEST)], manifest.to_string().as_bytes());
                let mut state = fake.state();
                let contents = &mut state.repos.get_mut("acme/cart").unwrap().contents;
                contents.insert(config.digest(), config);
            },
        ),
        bad("a config of another digest", "GET /v2/acme/cart/blobs/sha256:", "not what sha256:", |fake, image| {
            fake.script(&format!("/v2/acme/cart/blobs/{}", image.blobs[0].digest()), 200, &[], b"{}");
        }),
        bad("a manifest that is too long", "GET /v2/acme/cart/manifests/1.9.0", "longer than", |fake, _| {
            fake.script(BAD, 200, &[("content-type", MANIFEST)], &vec![b' '; (4 << 20) + 1]);
        }),
        bad("a config that is too long", "GET /v2/acme/cart/blobs/sha256:", "longer than", |fake, image| {
            let path = format!("/v2/acme/cart/blobs/{}", image.blobs[0].digest());
            fake.script(&path, 200, &[], &vec![b' '; (8 << 20) + 1]);
        }),
        bad("a circle of redirects", "GET /v2/acme/cart/manifests/1.9.0", "more than 5 redirects", |fake, _| {
            fake.script(BAD, 307, &[("location", BAD)], b"");
        }),
        bad("a web page", "GET /v2/acme/cart/manifests/1.9.0", "not a JSON object", |fake, _| {
            fake.script(BAD, 200, &[("content-type", "text/html")], b"<html>login</html>");
        }),
        bad("a chart", "GET /v2/acme/cart/manifests/1.9.0", "is no image", |fake, _| {
            let kind = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
            fake.script(BAD, 200, &[("content-type", kind)], b"{}");
        }),
    ]
}

/// What is wrong with a repository as a whole.
fn repositories() -> Vec<Bad> {
    let asked = "GET /v2/acme/cart/tags/list";
    vec![
        bad("a malformed list", asked, "cannot be read", |fake, _| fake.script(TAGS, 200, &[], b"{\"tags\": {}}")),
        bad("a list that is a web page", asked, "(text/html) cannot be read", |fake, _| {
            fake.script(TAGS, 200, &[("content-type", "text/html")], b"<html>login</html>");
        }),
        bad("a list that is too long", asked, "longer than", |fake, _| {
            fake.script(TAGS, 200, &[], &vec![b' '; (16 << 20) + 1]);
        }),
        bad("a list that redirects in circles", asked, "more than 5 redirects", |fake, _| {
            fake.script(TAGS, 307, &[("location", TAGS)], b"");
        }),
        bad("a list whose next page is elsewhere", asked, "another host", |fake, _| {
            let link = [("link", "<http://other.example/v2/>; rel=\"next\"")];
            fake.script(TAGS, 200, &link, b"{\"name\": \"acme/cart\", \"tags\": [\"1.0.0\"]}");
        }),
    ]
}

/// A good image and a better one that is bad, beside another repository and a chart.
async fn world() -> (Fake, FakeImage) {
    let fake = Fake::start().await;
    for (repo, tag) in
        [("acme/cart", "1.0.0"), ("acme/cart", "1.0.1"), ("acme/shop", "2.0.0"), ("charts/cart", "3.0.0")]
    {
        fake.put(&FakeImage::new(repo, tag).built_at("2026-01-01T00:00:00Z"));
    }
    let better = FakeImage::new("acme/cart", "1.9.0").built_at("2026-01-02T00:00:00Z");
    fake.put(&better);
    (fake, better)
}

/// A Warehouse of the cart at a host, and of another repository and a chart.
async fn look(fake: &Fake, cart_at: &str) -> WarehouseLook {
    let registry = Arc::new(OciRegistry::new(settings(fake.host()), NoCredentials).unwrap());
    let ports = Ports::new(Arc::new(VirtualClock::default())).images(registry.clone()).charts(registry);
    let discovery = Discovery::new(&ports.cache(Arc::new(MemoryCache::default())));
    let warehouse: Warehouse = serde_json::from_value(json!({
        "metadata": { "name": "cart", "namespace": "shop" },
        "spec": { "subscriptions": [
            { "image": { "repoURL": format!("{cart_at}/acme/cart"), "imageSelectionStrategy": "Lexical", "discoveryLimit": 20 } },
            { "image": { "repoURL": format!("{}/acme/shop", fake.host()), "discoveryLimit": 20 } },
            { "chart": { "repoURL": format!("oci://{}/charts/cart", fake.host()), "discoveryLimit": 20 } },
        ] },
    }))
    .unwrap();
    let (look, policy) = (discovery.look(), None);
    let look = look.warehouse(&warehouse, policy, |_| {});
    tokio::time::timeout(Duration::from_secs(60), look).await.unwrap()
}

fn assert_the_others_are_found(look: &WarehouseLook, what: &str) {
    let images = &look.artifacts.images;
    assert_eq!(images.len(), 2, "{what}");
    let shop: Vec<_> = images[1].references.iter().map(|image| image.tag.as_str()).collect();
    assert_eq!(shop, ["2.0.0"], "{what}");
    assert_eq!(look.artifacts.charts[0].versions, ["3.0.0"], "{what}");
    assert!(look.subscriptions[1].is_ok() && look.subscriptions[2].is_ok(), "{what}");
}

fn assert_named(error: &PortError, fake: &Fake, bad: &Bad) {
    let what = bad.what;
    assert_eq!((error.class(), error.host()), (PortClass::Rejected, Some(fake.host())), "{what}: {error}");
    assert!(error.asked().is_some_and(|asked| asked.contains(bad.asked)), "{what}: {error}");
    assert!(error.to_string().contains(bad.cause), "{what}: {error}");
    assert!(!error.to_string().contains('\n'), "{what}: {error}");
}

#[tokio::test]
async fn discovery_2_6_a_bad_artifact_is_named_and_nothing_else_is_lost() {
    for bad in artifacts() {
        let (fake, better) = world().await;
        (bad.spoil)(&fake, &better);
        let found = look(&fake, fake.host()).await;
        let Ok(SubscriptionLook::Image(cart)) = &found.subscriptions[0] else {
            panic!("{}: {:?}", bad.what, found.subscriptions[0]);
        };
        let tags: Vec<_> = cart.outcome.images.iter().map(|image| image.tag.as_str()).collect();
        assert_eq!(tags, ["1.0.1", "1.0.0"], "{}: what is next best", bad.what);
        assert_eq!((cart.failures.len(), cart.outcome.skipped.len()), (1, 1), "{}: {:?}", bad.what, cart.failures);
        assert_named(&cart.failures[0].1, &fake, &bad);
        assert_the_others_are_found(&found, bad.what);
    }
}

#[tokio::test]
async fn discovery_1_5_a_bad_repository_is_named_and_nothing_else_is_lost() {
    for bad in repositories() {
        let (fake, better) = world().await;
        (bad.spoil)(&fake, &better);
        let found = look(&fake, fake.host()).await;
        let errors: Vec<_> = found.port_errors().collect();
        assert_eq!((errors.len(), errors[0].0), (1, 0), "{}: {errors:?}", bad.what);
        assert_named(errors[0].1, &fake, &bad);
        assert_the_others_are_found(&found, bad.what);
    }
}

#[tokio::test]
async fn discovery_1_5_a_registry_that_is_not_trusted_is_named_and_nothing_else_is_lost() {
    let (fake, better) = world().await;
    let (strange, _) = Fake::start_tls().await;
    strange.put(&better);
    let found = look(&fake, strange.host()).await;
    let errors: Vec<_> = found.port_errors().collect();
    assert_eq!((errors.len(), errors[0].0), (1, 0), "{errors:?}");
    let error = errors[0].1;
    assert_eq!((error.class(), error.host()), (PortClass::Misconfigured, Some(strange.host())), "{error}");
    assert!(error.asked().is_some() && error.to_string().contains("the certificate is not trusted"), "{error}");
    assert!(strange.take_log().is_empty(), "nothing is asked over a line that is not trusted");
    assert_the_others_are_found(&found, "a certificate that is not trusted");
}

/// What is behind a digest is asked for by digest: an index's entry here.
#[tokio::test]
async fn discovery_2_6_an_entry_of_another_digest_is_named_and_nothing_else_is_lost() {
    let (fake, _) = world().await;
    let index = FakeImage::new("acme/cart", "1.9.0").for_platforms(&["linux/amd64"]);
    fake.put(&index);
    let entry = index.manifests[0].digest();
    fake.script(&format!("/v2/acme/cart/manifests/{entry}"), 200, &[("content-type", MANIFEST)], b"{}");
    let found = look(&fake, fake.host()).await;
    let Ok(SubscriptionLook::Image(cart)) = &found.subscriptions[0] else { panic!("{:?}", found.subscriptions[0]) };
    assert_eq!(cart.outcome.images.len(), 2);
    let error = &cart.failures[0].1;
    assert_eq!((error.class(), cart.failures.len()), (PortClass::Rejected, 1), "{error}");
    assert!(error.asked().is_some_and(|asked| asked.contains(entry.as_str())), "{error}");
    assert!(error.to_string().contains("not what sha256:"), "{error}");
    assert_the_others_are_found(&found, "an entry of another digest");
}
