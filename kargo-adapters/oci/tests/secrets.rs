//! Nothing secret in logs and debug texts, with every kind of credential and failure. Alone in its process: who listens
//! to logs is decided once for all threads.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, unused_imports, reason = "this test needs but a part")]
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use kargo_core::port::{ImageRegistry, Page, digest_of};
use kargo_oci::{Credential, OciRegistry, StaticCredentials};
use kargo_testkit::FakeImage;
use secrecy::SecretString;
use tracing_subscriber::fmt::MakeWriter;

use support::{Auth, Fake, TokenService, USER, settings};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn architecture_2_law_10_no_log_and_no_debug_text_shows_a_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let storage = Fake::start().await;
    let mut shown = String::new();
    for auth in [Auth::Basic, Auth::Bearer] {
        for credential in [
            Credential::basic(USER.0, USER.1),
            Credential::IdentityToken(SecretString::from(TokenService::IDENTITY)),
            Credential::RegistryToken(SecretString::from("registry-hunter2")),
        ] {
            let fake = Fake::start().await;
            (fake.state().auth, fake.state().blobs_at) = (auth, Some(storage.host().to_owned()));
            let image = FakeImage::new("acme/cart", "1.0.0");
            fake.put(&image);
            let table = StaticCredentials::default().at(fake.host(), "test-read", credential);
            let registry = OciRegistry::new(settings(fake.host()), table).unwrap();
            let repo = fake.repo("acme/cart");
            shown += &format!("{:?}", registry.tags(&repo, Page::first()).await);
            shown += &format!("{:?}", registry.head(&repo, &image.tag).await);
            shown += &format!("{:?}", registry.config(&repo, &digest_of(b"not there")).await);
            fake.state().generation += 1;
            shown += &format!("{:?}", registry.head(&repo, &image.tag).await);
            shown += &format!("{registry:?}");
        }
    }
    // With USER in it: the texts are those of real calls.
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/v2/acme/cart/tags/list"), "{log}");
    assert!(shown.contains("Unauthorized") && shown.contains("1.0.0"), "{shown}");
    for text in [log, shown] {
        for secret in ["hunter2", "ZXZlOmh1bnRlcjI", "aHVudGVyMi"] {
            assert!(!text.contains(secret), "{secret} is shown: {text}");
        }
    }
}
