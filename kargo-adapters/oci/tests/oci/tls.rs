//! Certificates of registries.

use kargo_core::port::{Access, ImageRegistry, PortClass};
use kargo_oci::{NoCredentials, OciRegistry, OciSettings};
use kargo_testkit::FakeImage;

use crate::support::Fake;

#[tokio::test]
async fn a_certificate_is_believed_if_it_is_known_or_nobody_wants_to_know() {
    let (fake, pem) = Fake::start_tls().await;
    let image = FakeImage::new("acme/cart", "1.0.0");
    fake.put(&image);
    let mut plain = OciSettings::default();
    plain.http.system_proxy = false;
    let repo = fake.repo("acme/cart");
    let careless = repo.clone().with_access(Access::default().skipping_tls_verify(true));

    let registry = OciRegistry::new(plain.clone(), NoCredentials).unwrap();
    let error = registry.head(&repo, &image.tag).await.unwrap_err();
    assert_eq!((error.class(), error.host()), (PortClass::Misconfigured, Some(fake.host())));
    assert!(error.to_string().contains("the certificate is not trusted"), "{error}");
    // The subscription's own flag, which counts for it alone.
    registry.head(&careless, &image.tag).await.unwrap();
    assert!(registry.head(&repo, &image.tag).await.is_err());

    let trusting = plain.clone().trust_pem(fake.host(), pem.as_bytes()).unwrap();
    OciRegistry::new(trusting, NoCredentials).unwrap().head(&repo, &image.tag).await.unwrap();
    let other = plain.clone().trust_pem("other.example", pem.as_bytes()).unwrap();
    assert!(OciRegistry::new(other, NoCredentials).unwrap().head(&repo, &image.tag).await.is_err());
    let skipping = plain.skip_tls_verify(fake.host());
    OciRegistry::new(skipping, NoCredentials).unwrap().head(&repo, &image.tag).await.unwrap();
}
