//! The contract of [`ImageRegistry`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kargo_core::port::{ImageRegistry, ImageRepo};

use super::Cannot;
use crate::fake::FakeImage;

/// How to put things into a registry, so that an adapter can be asked for them.
#[async_trait]
pub trait RegistryRig: Sized + Send + Sync {
    /// An empty registry of its own for one test.
    async fn start() -> Self;

    /// The adapter under test, connected to it.
    fn registry(&self) -> Arc<dyn ImageRegistry>;

    /// Puts an image: its blobs, its manifests, and then the tag.
    async fn put(&self, image: FakeImage);

    /// How the adapter addresses a repository of this registry.
    ///
    /// # Panics
    ///
    /// When the path is not one, which those of the suite are.
    fn repo(&self, path: &str) -> ImageRepo {
        let address = ImageRepo::parse(&format!("registry.example/{path}"));
        assert!(address.is_ok(), "{path} is no path of a repository");
        address.unwrap_or_else(|_| self.repo(path))
    }

    /// How many tags make a walk over several pages. More than two pages of what the adapter asks for make the test a test.
    fn many(&self) -> usize {
        25
    }

    /// Puts an image whose tag is there already.
    async fn move_tag(&self, _image: FakeImage) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// Removes a tag.
    async fn remove(&self, _repo: &str, _tag: &str) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// Puts an image whose manifest's bytes are others than its digest says.
    async fn corrupt(&self, _image: FakeImage) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// From now on every request is answered with 429 and `Retry-After` of this many whole seconds.
    async fn limit(&self, _span: Duration) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// From now on no request is answered, or all are again.
    async fn hang(&self, _hangs: bool) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod registry_checks {
    use std::{collections::BTreeSet, time::Duration};

    use futures::future::join_all;
    use kargo_core::{
        Tag,
        port::{ImageManifest, Page, PortClass, PortError, digest_of, is_digest},
    };

    use super::RegistryRig;
    use crate::{
        conformance::{
            images::{REPO, index, plain},
            part::{assert_class, broken, partly, value},
        },
        fake::FakeImage,
    };

    async fn started<R: RegistryRig>(images: &[FakeImage]) -> R {
        let rig = R::start().await;
        for image in images {
            rig.put(image.clone()).await;
        }
        rig
    }

    async fn walk<R: RegistryRig>(rig: &R) -> Vec<Tag> {
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        let (mut tags, mut page, mut pages) = (Vec::new(), Page::first(), 0);
        loop {
            let answer = value("ImageRegistry::tags", registry.tags(&repo, page).await);
            tags.extend(answer.tags);
            pages += 1;
            assert!(pages < 10_000, "contract (ImageRegistry::tags): the walk ends");
            match answer.next {
                Some(next) => page = Page::at(next),
                None => return tags,
            }
        }
    }

    /// `head` and `manifest` speak of the same bytes.
    pub async fn digest_of_head_equals_digest_of_manifest<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0"), index("2.0.0")]).await;
        for image in [plain("1.0.0"), index("2.0.0")] {
            let head = value("ImageRegistry::head", rig.registry().head(&rig.repo(REPO), &image.tag).await);
            assert!(is_digest(&head.digest), "contract (ImageRegistry::head): {:?} is a digest", head.digest);
            assert_eq!(
                head.digest, image.digest,
                "contract (ImageRegistry::head): the digest is that of the manifest's bytes"
            );
            let read = rig.registry().manifest(&rig.repo(REPO), &head.digest).await;
            let expected = image.parsed();
            assert_eq!(
                Ok(value("ImageRegistry::manifest", read)),
                expected,
                "contract (ImageRegistry::manifest): it is what was put"
            );
        }
    }

    /// Platforms, annotations and order of an index.
    pub async fn an_index_lists_its_platforms<R: RegistryRig>() {
        let rig = started::<R>(&[index("2.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        let read = value("ImageRegistry::manifest", registry.manifest(&repo, &index("2.0.0").digest).await);
        let ImageManifest::Index(read) = read else {
            broken("(ImageRegistry::manifest): an index is an index, and no platform is chosen")
        };
        let platforms: Vec<_> = read.entries.iter().filter_map(|entry| entry.platform.clone()).collect();
        let texts: Vec<_> = platforms.iter().map(|p| format!("{}/{}/{}", p.os, p.architecture, p.variant)).collect();
        assert_eq!(texts, ["linux/amd64/", "linux/arm64/v8"]);
        assert_eq!(read.annotations.len(), 1, "contract (ImageRegistry::manifest): annotations are kept");
        for entry in &read.entries {
            let child = value("ImageRegistry::manifest", registry.manifest(&repo, &entry.digest).await);
            assert!(
                matches!(child, ImageManifest::Image(_)),
                "contract (ImageRegistry::manifest): what an index lists can be read"
            );
        }
    }

    /// Date and labels; or, where there are no configurations, `Unsupported`.
    pub async fn a_config_tells_date_and_labels<R: RegistryRig>() {
        let image = plain("1.0.0");
        let rig = started::<R>(std::slice::from_ref(&image)).await;
        let digest = image.blobs.first().map(crate::fake::Content::digest).unwrap_or_default();
        match rig.registry().config(&rig.repo(REPO), &digest).await {
            Err(error) => {
                assert_eq!(error.class(), PortClass::Unsupported, "contract (ImageRegistry::config): {error}")
            }
            answer => {
                let config = value("ImageRegistry::config", answer);
                assert_eq!(config.created.map(|at| at.timestamp()), Some(1_767_323_045));
                assert_eq!(config.labels().get("kargo-core.rs/conformance").map(String::as_str), Some("1.0.0"));
            }
        }
    }

    /// One request tells what two would; or `Unsupported`.
    pub async fn a_manifest_by_tag_equals_head_and_manifest<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0"), index("2.0.0")]).await;
        for image in [plain("1.0.0"), index("2.0.0")] {
            match rig.registry().tagged(&rig.repo(REPO), &image.tag).await {
                Err(error) => assert_class::<()>("ImageRegistry::tagged", Err(error), "Unsupported"),
                answer => {
                    let tagged = value("ImageRegistry::tagged", answer);
                    assert_eq!(
                        tagged.digest, image.digest,
                        "contract (ImageRegistry::tagged): the digest of the bytes that came"
                    );
                    assert_eq!(Ok(tagged.manifest), image.parsed());
                }
            }
        }
    }

    /// Following `next` yields every tag once.
    pub async fn no_tag_twice_and_none_lost_across_pages<R: RegistryRig>() {
        let rig = R::start().await;
        let names: BTreeSet<Tag> = (0..rig.many()).map(|n| Tag::from(format!("1.0.{n}"))).collect();
        // One content for all: it is the names that count.
        let one = plain("1.0.0");
        for tag in &names {
            let mut image = one.clone();
            image.tag = tag.clone();
            rig.put(image).await;
        }
        let got = walk(&rig).await;
        let distinct: BTreeSet<Tag> = got.iter().cloned().collect();
        let missing: Vec<_> = names.difference(&distinct).take(5).collect();
        let strange: Vec<_> = distinct.difference(&names).take(5).collect();
        assert!(
            missing.is_empty() && strange.is_empty() && got.len() == distinct.len(),
            "contract (ImageRegistry::tags): following `next` until None yields every tag that existed during the whole walk, once.\n\
             put      {} tags\n\
             got      {} tags, {} distinct; missing {missing:?}; never put {strange:?}\n\
             hint     if the first tag of a page is lost: is the cursor exclusive, and `next` the last *seen* tag?",
            names.len(),
            got.len(),
            distinct.len(),
        );
    }

    /// `NotFound`, with host and request.
    pub async fn a_repository_that_is_not_there_is_not_found<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo("kargo/never-put"));
        assert_class("ImageRegistry::tags", registry.tags(&repo, Page::first()).await, "NotFound");
        assert_class("ImageRegistry::head", registry.head(&repo, &"1.0.0".into()).await, "NotFound");
    }

    /// `NotFound`, with host and request.
    pub async fn a_tag_that_is_not_there_is_not_found<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        assert_class("ImageRegistry::head", registry.head(&repo, &"never-put".into()).await, "NotFound");
        match registry.tagged(&repo, &"never-put".into()).await {
            Err(error) if error.class() == PortClass::Unsupported => {}
            answer => assert_class("ImageRegistry::tagged", answer, "NotFound"),
        }
    }

    /// `NotFound`, with host and request.
    pub async fn a_digest_that_is_not_there_is_not_found<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo, digest) = (rig.registry(), rig.repo(REPO), digest_of(b"never put"));
        assert_class("ImageRegistry::manifest", registry.manifest(&repo, &digest).await, "NotFound");
        match registry.config(&repo, &digest).await {
            Err(error) if error.class() == PortClass::Unsupported => {}
            answer => assert_class("ImageRegistry::config", answer, "NotFound"),
        }
    }

    /// A page with a known ETag is "unchanged" only if it is.
    pub async fn an_unchanged_page_is_unchanged_or_whole<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        let first = registry.tags(&repo, Page::first()).await;
        let etag = first.as_ref().ok().and_then(|reply| reply.etag().map(str::to_owned));
        let first = value("ImageRegistry::tags", first);
        // Whatever the peer makes of an ETag that it never gave, it is not "unchanged".
        let other = registry.tags(&repo, Page::first().if_changed_from("\"never-given\"")).await;
        assert_eq!(value("ImageRegistry::tags", other), first);
        let Some(etag) = etag else { return };
        match registry.tags(&repo, Page::first().if_changed_from(etag.clone())).await {
            Ok(same) if same.is_unchanged() => {}
            same => assert_eq!(value("ImageRegistry::tags", same), first),
        }
        rig.put(plain("1.0.1")).await;
        let changed = registry.tags(&repo, Page::first().if_changed_from(etag)).await;
        let changed = value("ImageRegistry::tags, after a tag was put", changed);
        assert!(changed.tags.iter().any(|tag| *tag == *"1.0.1"), "contract (ImageRegistry::tags): got {changed:?}");
    }

    /// Every call only reads.
    pub async fn asking_again_answers_the_same<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0"), index("2.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        assert_eq!(walk(&rig).await, walk(&rig).await);
        let tag = index("2.0.0").tag;
        let (a, b) = (registry.head(&repo, &tag).await, registry.head(&repo, &tag).await);
        assert_eq!(value("ImageRegistry::head", a), value("ImageRegistry::head", b));
    }

    /// Calls may run side by side.
    pub async fn calls_side_by_side_do_not_disturb_each_other<R: RegistryRig>() {
        let images: Vec<_> = (0..8).map(|n| plain(&format!("1.0.{n}"))).collect();
        let rig = started::<R>(&images).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        let heads = join_all(images.iter().map(|image| registry.head(&repo, &image.tag))).await;
        for (image, head) in images.iter().zip(heads) {
            assert_eq!(
                value("ImageRegistry::head", head).digest,
                image.digest,
                "contract (ImageRegistry): answers are not mixed up"
            );
        }
    }

    /// Dropping a future midway is harmless.
    pub async fn dropping_the_future_midway_is_harmless<R: RegistryRig>() {
        let image = plain("1.0.0");
        let rig = started::<R>(std::slice::from_ref(&image)).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        for polls in 1..20 {
            partly(registry.tags(&repo, Page::first()), polls).await;
            partly(registry.head(&repo, &image.tag), polls).await;
            partly(registry.manifest(&repo, &image.digest), polls).await;
            let head = value("ImageRegistry::head, after others were dropped", registry.head(&repo, &image.tag).await);
            assert_eq!(head.digest, image.digest);
        }
    }

    /// An account is a name that stays.
    pub async fn the_account_of_a_repository_stays<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        let account = registry.account(&repo);
        assert_eq!(
            account.host(),
            repo.host(),
            "contract (ImageRegistry::account): it is an account at the repository's host"
        );
        value("ImageRegistry::head", registry.head(&repo, &"1.0.0".into()).await);
        assert_eq!(registry.account(&repo), account);
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: RegistryRig>(told: &[&str]) {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let can = [
            ("move_tag", rig.move_tag(plain("1.0.0").rebuilt()).await.is_ok()),
            ("remove", rig.remove(REPO, "1.0.0").await.is_ok()),
            ("corrupt", rig.corrupt(plain("1.0.0")).await.is_ok()),
            ("hang", rig.hang(false).await.is_ok()),
            ("limit", rig.limit(Duration::from_secs(1)).await.is_ok()),
        ];
        let can: BTreeSet<_> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
        assert_eq!(
            can,
            told.iter().copied().collect(),
            "the rig can the left; write that into the macro's `can: [...]`"
        );
    }

    /// What moves is seen.
    pub async fn a_moved_tag_is_seen_at_once<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        let (registry, repo, moved) = (rig.registry(), rig.repo(REPO), plain("1.0.0").rebuilt());
        value("ImageRegistry::head", registry.head(&repo, &moved.tag).await);
        assert_eq!(rig.move_tag(moved.clone()).await, Ok(()));
        let head = value("ImageRegistry::head", registry.head(&repo, &moved.tag).await);
        assert_eq!(
            head.digest, moved.digest,
            "contract (ImageRegistry::head): what a tag points at *now*; an adapter keeps nothing"
        );
    }

    /// What is removed is gone.
    pub async fn a_removed_tag_is_gone_at_once<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0"), plain("1.0.1")]).await;
        walk(&rig).await;
        assert_eq!(rig.remove(REPO, "1.0.0").await, Ok(()));
        assert_eq!(walk(&rig).await, ["1.0.1"], "contract (ImageRegistry::tags): an adapter keeps nothing");
        assert_class("ImageRegistry::head", rig.registry().head(&rig.repo(REPO), &"1.0.0".into()).await, "NotFound");
    }

    /// Bytes are checked.
    pub async fn bytes_that_do_not_match_their_digest_are_rejected<R: RegistryRig>() {
        let rig = R::start().await;
        assert_eq!(rig.corrupt(plain("1.0.0")).await, Ok(()));
        let answer = rig.registry().manifest(&rig.repo(REPO), &plain("1.0.0").digest).await;
        assert_class("ImageRegistry::manifest", answer, "Rejected");
    }

    /// Limits are told, not slept.
    pub async fn retry_after_is_reported_not_slept<R: RegistryRig>() {
        let rig = started::<R>(&[plain("1.0.0")]).await;
        assert_eq!(rig.limit(Duration::from_hours(1)).await, Ok(()));
        let answer = rig.registry().head(&rig.repo(REPO), &"1.0.0".into()).await;
        let class = answer.as_ref().map_err(PortError::class).err();
        let now = kargo_core::Timestamp::from_timestamp(0, 0).unwrap_or_default();
        let told = class.and_then(PortClass::not_before).map(|moment| moment.instant(now) - now);
        assert_class("ImageRegistry", answer, "RateLimited");
        let told = told.unwrap_or_default();
        assert!(
            told.num_seconds() >= 3_590,
            "contract (ImageRegistry): the moment of Retry-After (1h) is told; got {told}"
        );
    }

    /// Giving up on what never answers.
    pub async fn giving_up_on_a_silent_peer_is_harmless<R: RegistryRig>() {
        let image = plain("1.0.0");
        let rig = started::<R>(std::slice::from_ref(&image)).await;
        let (registry, repo) = (rig.registry(), rig.repo(REPO));
        assert_eq!(rig.hang(true).await, Ok(()));
        for _ in 0..3 {
            let ended = partly(registry.head(&repo, &image.tag), 50).await;
            assert!(!ended, "contract (ImageRegistry): silence is not an answer");
        }
        assert_eq!(rig.hang(false).await, Ok(()));
        assert_eq!(value("ImageRegistry::head", registry.head(&repo, &image.tag).await).digest, image.digest);
    }
}
