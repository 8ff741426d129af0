//! Layouts on disk: what is there is read, what is broken is told, and nothing outside is.

use std::path::PathBuf;

use kargo_core::{
    Digest,
    port::{Account, ImageRegistry, ImageRepo, Page, PortClass, PortError, digest_of},
};
use kargo_oci::{NoCredentials, OciRegistry, OciSettings};
use kargo_testkit::FakeImage;
use serde_json::{Value, json};
use tempfile::TempDir;

const HOST: &str = "disk.test";

/// A directory of layouts.
pub(crate) struct Layouts(TempDir);

impl Layouts {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn settings(&self) -> OciSettings {
        OciSettings::default().layouts(HOST, self.0.path())
    }

    pub(crate) fn repo(path: &str) -> ImageRepo {
        ImageRepo::parse(&format!("{HOST}/{path}")).unwrap()
    }

    fn file(&self, repo: &str, name: &str) -> PathBuf {
        let file = self.0.path().join(repo).join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        file
    }

    pub(crate) fn write_blob(&self, repo: &str, digest: &Digest, bytes: &[u8]) {
        let hex = digest.strip_prefix("sha256:").unwrap();
        std::fs::write(self.file(repo, &format!("blobs/sha256/{hex}")), bytes).unwrap();
    }

    fn entries(&self, repo: &str) -> Vec<Value> {
        let bytes = std::fs::read(self.file(repo, "index.json")).unwrap_or_default();
        let index: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        index["manifests"].as_array().cloned().unwrap_or_default()
    }

    fn write_index(&self, repo: &str, entries: &[Value]) {
        let index = json!({"schemaVersion": 2, "manifests": entries});
        std::fs::write(self.file(repo, "oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}").unwrap();
        std::fs::write(self.file(repo, "index.json"), index.to_string()).unwrap();
    }

    pub(crate) fn put(&self, image: &FakeImage) {
        for content in image.blobs.iter().chain(&image.manifests).chain([&image.manifest]) {
            self.write_blob(&image.repo, &content.digest(), &content.bytes);
        }
        let mut entries = self.entries(&image.repo);
        entries.retain(|entry| !is_tag(entry, &image.tag));
        entries.push(json!({
            "mediaType": image.manifest.media_type, "digest": image.digest, "size": image.manifest.bytes.len(),
            "annotations": {"org.opencontainers.image.ref.name": image.tag},
        }));
        self.write_index(&image.repo, &entries);
    }

    pub(crate) fn remove(&self, repo: &str, tag: &str) {
        let mut entries = self.entries(repo);
        entries.retain(|entry| !is_tag(entry, tag));
        self.write_index(repo, &entries);
    }
}

fn is_tag(entry: &Value, tag: &str) -> bool {
    entry["annotations"]["org.opencontainers.image.ref.name"] == tag
}

fn started() -> (Layouts, OciRegistry, FakeImage) {
    let layouts = Layouts::new();
    let image = FakeImage::new("acme/cart", "1.0.0");
    layouts.put(&image);
    let registry = OciRegistry::new(layouts.settings(), NoCredentials).unwrap();
    (layouts, registry, image)
}

fn assert_error<T: std::fmt::Debug>(answer: Result<T, PortError>, class: PortClass, part: &str) {
    let error = answer.unwrap_err();
    assert_eq!((error.class(), error.host()), (class, Some(HOST)), "{error}");
    assert!(error.asked().is_some_and(|asked| asked.contains("acme/cart")), "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[tokio::test]
async fn tags_are_the_named_entries_once_each() {
    let (layouts, registry, image) = started();
    let entry = |name: Option<&str>| match name {
        Some(name) => json!({"digest": image.digest, "annotations": {"org.opencontainers.image.ref.name": name}}),
        None => json!({"digest": image.digest}),
    };
    let names = [Some("1.0.0"), None, Some("1.0.0"), Some("docker.io/acme/cart:2.0.0"), Some("../x"), Some("latest")];
    layouts.write_index("acme/cart", &names.map(entry));
    let repo = Layouts::repo("acme/cart");
    let tags = registry.tags(&repo, Page::first()).await.unwrap().into_value().unwrap();
    assert_eq!(tags.tags, ["1.0.0", "latest"]);
    assert_eq!(tags.next, None);
    assert_eq!(ImageRegistry::account(&registry, &repo), Account::anonymous(HOST));
}

#[tokio::test]
async fn an_index_that_did_not_change_is_unchanged() {
    let (layouts, registry, image) = started();
    let repo = Layouts::repo("acme/cart");
    let etag = registry.tags(&repo, Page::first()).await.unwrap().etag().unwrap().to_owned();
    assert!(registry.tags(&repo, Page::first().if_changed_from(etag.clone())).await.unwrap().is_unchanged());
    layouts.put(&image.rebuilt());
    assert!(!registry.tags(&repo, Page::first().if_changed_from(etag)).await.unwrap().is_unchanged());
}

#[tokio::test]
async fn broken_layouts_have_their_class() {
    let (layouts, registry, image) = started();
    let repo = Layouts::repo("acme/cart");
    assert_error(registry.manifest(&repo, &digest_of(b"?")).await, PortClass::NotFound, "no such file");
    assert_error(registry.tags(&repo, Page::at("1")).await, PortClass::Bug, "one page");
    layouts.write_blob("acme/cart", &image.digest, &vec![b' '; (4 << 20) + 1]);
    assert_error(registry.tagged(&repo, &image.tag).await, PortClass::Rejected, "longer than 4194304 bytes");
    layouts.write_index(
        "acme/cart",
        &[json!({"digest": "sha256:../../x", "annotations": {"org.opencontainers.image.ref.name": "1.0.0"}})],
    );
    assert_error(registry.head(&repo, &image.tag).await, PortClass::Rejected, "is not a digest");
    let index = layouts.file("acme/cart", "index.json");
    for (text, part) in [("{", "cannot be read"), ("[]", "cannot be read"), ("{\"manifests\": 5}", "cannot be read")] {
        std::fs::write(&index, text).unwrap();
        assert_error(registry.tags(&repo, Page::first()).await, PortClass::Rejected, part);
    }
    std::fs::remove_file(&index).unwrap();
    std::fs::create_dir(&index).unwrap();
    assert_error(registry.tags(&repo, Page::first()).await, PortClass::Rejected, "it is not a file");
}

#[tokio::test]
async fn only_directories_of_the_settings_are_read() {
    let (layouts, _, _) = started();
    let elsewhere = OciSettings::default().layouts("other.test", layouts.0.path());
    let registry = OciRegistry::new(elsewhere, NoCredentials).unwrap();
    let repo = ImageRepo::parse("other.test/acme/cart").unwrap();
    registry.tags(&repo, Page::first()).await.unwrap();
    let tag = "../../../acme/cart/index.json".into();
    assert_eq!(registry.head(&repo, &tag).await.unwrap_err().class(), PortClass::Rejected);
}
