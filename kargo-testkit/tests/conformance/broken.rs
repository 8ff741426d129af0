//! Adapters that break the contract are told so, by the test that names the sentence.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use kargo_core::{
    Digest, Tag,
    port::{Head, ImageConfig, ImageManifest, ImageRegistry, ImageRepo, Page, PortError, Reply, TagPage},
};
use kargo_testkit::{
    FakeImage,
    conformance::{Cannot, RegistryRig, block_on, registry_checks},
    fake::{FakeRegistry, VirtualClock},
};

/// What is wrong with the adapter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    /// The cursor is off by one.
    LosesTags,
    /// It answers from memory.
    KeepsHeads,
    /// Silence of the registry is taken for absence.
    GuessesAbsence,
    /// Errors do not say who was asked.
    Anonymous,
}

#[derive(Debug)]
struct Adapter {
    inner: Arc<FakeRegistry>,
    wrong: Wrong,
    kept: Mutex<BTreeMap<Tag, Head>>,
}

#[async_trait::async_trait]
impl ImageRegistry for Adapter {
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        let later = page.cursor().is_some();
        let reply = self.inner.tags(repo, page).await?;
        Ok(reply.map(|page| {
            let lost = usize::from(later && self.wrong == Wrong::LosesTags);
            TagPage { tags: page.tags.into_iter().skip(lost).collect(), next: page.next }
        }))
    }

    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError> {
        let kept = self.kept.lock().unwrap().get(tag).cloned();
        match kept.filter(|_| self.wrong == Wrong::KeepsHeads) {
            Some(head) => Ok(Reply::new(head)),
            None => match self.inner.head(repo, tag).await {
                Ok(reply) => {
                    let head = reply.into_value()?;
                    self.kept.lock().unwrap().insert(tag.clone(), head.clone());
                    Ok(Reply::new(head))
                }
                Err(_) if self.wrong == Wrong::GuessesAbsence => Err(PortError::unauthorized("?").at("x").asking("y")),
                Err(_) => Err(PortError::not_found("HTTP 404")),
            },
        }
    }

    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        self.inner.manifest(repo, digest).await
    }

    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        self.inner.config(repo, digest).await
    }
}

macro_rules! rig {
    ($name:ident, $wrong:expr) => {
        struct $name(Arc<Adapter>);

        #[async_trait::async_trait]
        impl RegistryRig for $name {
            async fn start() -> Self {
                let inner = Arc::new(FakeRegistry::new(&VirtualClock::default()));
                Self(Arc::new(Adapter { inner, wrong: $wrong, kept: Mutex::default() }))
            }

            fn registry(&self) -> Arc<dyn ImageRegistry> {
                self.0.clone()
            }

            async fn put(&self, image: FakeImage) {
                self.0.inner.put(&image);
            }

            async fn move_tag(&self, image: FakeImage) -> Result<(), Cannot> {
                self.0.inner.put(&image);
                Ok(())
            }
        }
    };
}

rig!(Loses, Wrong::LosesTags);
rig!(Keeps, Wrong::KeepsHeads);
rig!(Guesses, Wrong::GuessesAbsence);
rig!(Anonymous, Wrong::Anonymous);

#[test]
#[should_panic(expected = "is the cursor exclusive")]
fn a_lost_tag() {
    block_on(registry_checks::no_tag_twice_and_none_lost_across_pages::<Loses>());
}

#[test]
#[should_panic(expected = "what a tag points at *now*")]
fn a_kept_head() {
    block_on(registry_checks::a_moved_tag_is_seen_at_once::<Keeps>());
}

#[test]
#[should_panic(expected = "the error should be NotFound")]
fn a_wrong_class() {
    block_on(registry_checks::a_tag_that_is_not_there_is_not_found::<Guesses>());
}

#[test]
#[should_panic(expected = "an error names the host")]
fn an_error_without_host() {
    block_on(registry_checks::a_tag_that_is_not_there_is_not_found::<Anonymous>());
}

#[test]
#[should_panic(expected = "write that into the macro")]
fn an_ability_that_was_not_declared() {
    block_on(registry_checks::what_the_rig_can_is_declared::<Loses>(&[]));
}
