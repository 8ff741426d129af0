//! Lists of tags, page by page.

use kargo_core::{
    Tag,
    port::{ImageRegistry, Page, PortClass},
};
use kargo_oci::{NoCredentials, OciRegistry};
use kargo_testkit::FakeImage;

use crate::support::{Auth, Fake, credential, settings};

async fn fake() -> (Fake, OciRegistry) {
    let fake = Fake::start().await;
    for n in 0..5 {
        fake.put(&FakeImage::new("acme/cart", &format!("1.0.{n}")));
    }
    let registry = OciRegistry::new(settings(fake.host()), NoCredentials).unwrap();
    (fake, registry)
}

#[tokio::test]
async fn cursors_are_the_registrys_own_and_links_may_name_the_host() {
    for absolute in [false, true] {
        let (fake, registry) = fake().await;
        (fake.state().page, fake.state().absolute_links) = (2, absolute);
        let (mut tags, mut page) = (Vec::<Tag>::new(), Page::first());
        loop {
            let answer = registry.tags(&fake.repo("acme/cart"), page).await.unwrap().into_value().unwrap();
            tags.extend(answer.tags);
            let Some(next) = answer.next else { break };
            page = Page::at(next);
        }
        assert_eq!(tags, ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]);
        let log = fake.take_log();
        assert_eq!(log.len(), 4, "a ping and three pages: {log:?}");
        assert_eq!(log[1], "GET /v2/acme/cart/tags/list?n=1000");
        assert_eq!(log[2], "GET /v2/acme/cart/tags/list?token=ZnJvbT0y", "sent back as it came");
    }
}

#[tokio::test]
async fn requirements_a_a_list_with_an_etag_is_revalidated() {
    let (fake, registry) = fake().await;
    fake.state().etags = true;
    let repo = fake.repo("acme/cart");
    let etag = registry.tags(&repo, Page::first()).await.unwrap().etag().unwrap().to_owned();
    let same = registry.tags(&repo, Page::first().if_changed_from(etag.clone())).await.unwrap();
    assert!(same.is_unchanged());
    assert_eq!(same.etag(), Some(etag.as_str()));
    fake.put(&FakeImage::new("acme/cart", "1.0.5"));
    let changed = registry.tags(&repo, Page::first().if_changed_from(etag)).await.unwrap();
    assert_eq!(changed.into_value().unwrap().tags.len(), 6);
}

#[tokio::test]
async fn architecture_2_law_10_the_next_page_is_never_at_another_host() {
    let (fake, _) = fake().await;
    let thief = Fake::start().await;
    fake.state().auth = Auth::Basic;
    let link = format!("<http://{}/v2/acme/cart/tags/list>; rel=\"next\"", thief.host());
    fake.script("/v2/acme/cart/tags/list", 200, &[("link", &link)], br#"{"name": "acme/cart", "tags": ["1.0.0"]}"#);
    let registry = OciRegistry::new(settings(fake.host()), credential(fake.host())).unwrap();
    let error = registry.tags(&fake.repo("acme/cart"), Page::first()).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected, "{error}");
    assert!(error.to_string().contains("another host"), "{error}");
    // A cursor that somebody made up does not get there, either.
    let page = Page::at(format!("//{}/v2/", thief.host()));
    assert_eq!(registry.tags(&fake.repo("acme/cart"), page).await.unwrap_err().class(), PortClass::Bug);
    assert!(thief.take_log().is_empty());
}

#[tokio::test]
async fn hostile_names_are_listed_as_they_are_and_never_asked_for() {
    let (fake, registry) = fake().await;
    let names = ["../../../v2/evil/manifests/x", "a?n=1", "a#b", "", "a b", "\u{202e}gnp", "%2e%2e", "x\r\ny"];
    let body = serde_json::json!({"name": "acme/cart", "tags": names}).to_string();
    fake.script("/v2/acme/cart/tags/list", 200, &[("content-type", "application/json")], body.as_bytes());
    let repo = fake.repo("acme/cart");
    let listed = registry.tags(&repo, Page::first()).await.unwrap().into_value().unwrap().tags;
    assert_eq!(listed, names);
    fake.take_log();
    for tag in listed {
        for error in [registry.head(&repo, &tag).await.unwrap_err(), registry.tagged(&repo, &tag).await.unwrap_err()] {
            assert_eq!(error.class(), PortClass::Rejected, "{tag:?}");
            assert!(error.asked().unwrap().contains("of acme/cart"), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
    assert!(fake.take_log().is_empty());
}
