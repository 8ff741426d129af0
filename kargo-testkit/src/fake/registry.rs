//! A pretended registry of images.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kargo_core::{
    Digest, Tag,
    port::{
        Account, Head, ImageConfig, ImageManifest, ImageRegistry, ImageRepo, Page, PortError, Reply, TagPage, Tagged,
        digest_of, verify_digest,
    },
};

use super::{CallClass, Content, FakeImage, Peer, VirtualClock};

/// A registry in memory. Unless told otherwise it has pages of two tags in the order they were put, answers HEAD and GET by tag, knows
/// ETags of lists, and serves blobs without redirect.
///
/// ```
/// use kargo_core::port::{ImageRegistry, ImageRepo, Page};
/// use kargo_testkit::fake::{FakeImage, FakeRegistry, VirtualClock};
///
/// let clock = VirtualClock::default();
/// let registry = FakeRegistry::new(&clock);
/// registry.put(&FakeImage::new("acme/cart", "1.0.0"));
/// let cart = ImageRepo::parse("ghcr.io/acme/cart")?;
/// let page = clock.run(registry.tags(&cart, Page::first()))?.into_value()?;
/// assert_eq!(page.tags, ["1.0.0"]);
/// assert_eq!(registry.peer().calls().to_string(), "1 handshake, 1 list");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FakeRegistry {
    peer: Peer,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    repos: BTreeMap<String, Repo>,
    page_size: usize,
    repeats: bool,
    shuffle: Option<u64>,
    etags: bool,
    by_tag: bool,
    dates: bool,
    redirects: bool,
    repository_logins: bool,
    unchanged_pages: u64,
}

#[derive(Debug, Default)]
struct Repo {
    /// By the order in which they are listed.
    order: BTreeMap<u64, Tag>,
    /// Where they stand in it, and what they point at.
    tags: BTreeMap<Tag, (u64, Digest)>,
    contents: BTreeMap<Digest, Content>,
    next: u64,
}

/// What may be wrong with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Breakage {
    /// The manifest is not JSON.
    NotJson,
    /// The manifest is a Docker schema 1 manifest.
    Schema1,
    /// The manifest is of a type that is no image.
    ForeignType,
    /// The index lists nothing that could run.
    EmptyIndex,
    /// The manifest is gone, but the tag is still listed.
    Gone,
    /// The configuration is gone.
    ConfigGone,
    /// The configuration says that it was built "yesterday".
    BadDate,
    /// What is stored under the digest has another one.
    WrongDigest,
}

impl Breakage {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NotJson,
        Self::Schema1,
        Self::ForeignType,
        Self::EmptyIndex,
        Self::Gone,
        Self::ConfigGone,
        Self::BadDate,
        Self::WrongDigest,
    ];
}

impl FakeRegistry {
    /// An empty registry. It answers for every host.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        let state = State {
            repos: BTreeMap::new(),
            page_size: 2,
            repeats: false,
            shuffle: None,
            etags: true,
            by_tag: true,
            dates: false,
            redirects: false,
            repository_logins: false,
            unchanged_pages: 0,
        };
        Self { peer: Peer::new(clock), state: Mutex::new(state) }
    }

    /// What counts, limits and fails.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Pages have so many tags, at least one.
    pub fn set_page_size(&self, tags: usize) {
        self.lock().page_size = tags.max(1);
    }

    /// The first tag of a page is once more the last of the page before.
    pub fn set_repeating(&self, repeats: bool) {
        self.lock().repeats = repeats;
    }

    /// Tags are listed in an order that follows from this seed, not in that of their putting.
    pub fn shuffle(&self, seed: u64) {
        let mut state = self.lock();
        state.shuffle = Some(seed);
        for repo in state.repos.values_mut() {
            repo.order.clear();
            for (tag, (at, _)) in &mut repo.tags {
                *at = rank(Some(seed), *at, tag);
                repo.order.insert(*at, tag.clone());
            }
        }
    }

    /// Whether lists have ETags.
    pub fn set_etags(&self, has: bool) {
        self.lock().etags = has;
    }

    /// Whether a manifest can be had by its tag.
    pub fn set_by_tag(&self, can: bool) {
        self.lock().by_tag = can;
    }

    /// Whether HEAD tells the build date.
    pub fn set_dates(&self, tells: bool) {
        self.lock().dates = tells;
    }

    /// Whether blobs are somewhere else.
    pub fn set_redirects(&self, redirects: bool) {
        self.lock().redirects = redirects;
    }

    /// Whether a session has a handshake for each repository, as where tokens are for one.
    pub fn set_repository_logins(&self, each: bool) {
        self.lock().repository_logins = each;
    }

    /// Puts an image; a tag that is there already moves to it and keeps its place in the list.
    pub fn put(&self, image: &FakeImage) {
        let mut state = self.lock();
        let shuffle = state.shuffle;
        let repo = state.repos.entry(image.repo.clone()).or_default();
        repo.contents.extend(image.contents().map(|(digest, content)| (digest.clone(), content.clone())));
        repo.point(shuffle, &image.tag, &image.digest);
    }

    /// Puts an image with something wrong with it; the digest that its tag points at.
    pub fn put_broken(&self, image: &FakeImage, breakage: Breakage) -> Digest {
        let image = match breakage {
            Breakage::BadDate => image.clone().built_at("yesterday"),
            _ => image.clone(),
        };
        self.put(&image);
        let mut state = self.lock();
        let shuffle = state.shuffle;
        let Some(repo) = state.repos.get_mut(&image.repo) else { return image.digest };
        let replaced = |media_type: &str, text: &str| Content {
            media_type: media_type.to_owned(),
            bytes: format!("{text}{}", " ".repeat(image.tag.len())).into_bytes(),
        };
        let manifest = match breakage {
            Breakage::NotJson => replaced(&image.manifest.media_type, "{\"schemaVersion\": 2,"),
            Breakage::Schema1 => {
                replaced("application/vnd.docker.distribution.manifest.v1+prettyjws", "{\"schemaVersion\": 1}")
            }
            Breakage::ForeignType => replaced("application/vnd.cncf.helm.chart+json", "{}"),
            Breakage::EmptyIndex => {
                replaced("application/vnd.oci.image.index.v1+json", "{\"schemaVersion\": 2, \"manifests\": []}")
            }
            Breakage::Gone => {
                repo.contents.remove(&image.digest);
                return image.digest;
            }
            Breakage::ConfigGone => {
                for blob in &image.blobs {
                    repo.contents.remove(&blob.digest());
                }
                return image.digest;
            }
            Breakage::BadDate => return image.digest,
            Breakage::WrongDigest => {
                repo.contents.insert(image.digest.clone(), replaced(&image.manifest.media_type, "{}"));
                return image.digest;
            }
        };
        let digest = manifest.digest();
        repo.contents.insert(digest.clone(), manifest);
        repo.point(shuffle, &image.tag, &digest);
        digest
    }

    /// Removes a tag; what it pointed at stays. Whether it was there.
    pub fn remove(&self, repo: &str, tag: &str) -> bool {
        let mut state = self.lock();
        let Some(repo) = state.repos.get_mut(repo) else { return false };
        let Some((at, _)) = repo.tags.remove(tag) else { return false };
        repo.order.remove(&at).is_some()
    }

    /// Tags of a repository, in the order they are listed.
    #[must_use]
    pub fn listed(&self, repo: &str) -> Vec<Tag> {
        self.lock().repos.get(repo).map(|repo| repo.order.values().cloned().collect()).unwrap_or_default()
    }

    /// How many pages were answered with "unchanged", a bodyless 304.
    #[must_use]
    pub fn unchanged_pages(&self) -> u64 {
        self.lock().unchanged_pages
    }

    async fn serve(&self, class: CallClass, repo: &ImageRepo, path: &str) -> Result<(), PortError> {
        let method = if class == CallClass::Head { "HEAD" } else { "GET" };
        let what = format!("{method} /v2/{}/{path}", repo.path());
        let scope = self.lock().repository_logins.then(|| repo.path().to_owned());
        self.peer.serve_in(scope, class, &self.account(repo), what).await
    }

    fn content(&self, repo: &ImageRepo, digest: &Digest) -> Result<Content, PortError> {
        let content = self.lock().repo(repo)?.contents.get(digest).cloned();
        content.ok_or_else(|| missing(repo, digest))
    }

    fn pointed(&self, repo: &ImageRepo, tag: &Tag) -> Result<Digest, PortError> {
        let state = self.lock();
        state.repo(repo)?.tags.get(tag).map(|(_, digest)| digest.clone()).ok_or_else(|| missing(repo, tag))
    }

    fn date(&self, repo: &ImageRepo, digest: &Digest) -> Option<kargo_core::Timestamp> {
        let content = self.content(repo, digest).ok()?;
        let config = match ImageManifest::parse(Some(&content.media_type), &content.bytes).ok()? {
            ImageManifest::Image(image) => image.config,
            _ => return None,
        };
        ImageConfig::parse(&self.content(repo, &config).ok()?.bytes).ok()?.created
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ImageRegistry for FakeRegistry {
    async fn tags(&self, repo: &ImageRepo, page: Page) -> Result<Reply<TagPage>, PortError> {
        self.serve(CallClass::List, repo, &format!("tags/list?last={}", page.cursor().unwrap_or_default())).await?;
        let mut state = self.lock();
        let answer = state.repo(repo)?.page(page.cursor(), state.page_size, state.repeats)?;
        if !state.etags {
            return Ok(Reply::new(answer));
        }
        let etag = format!("\"{}\"", digest_of(format!("{answer:?}").as_bytes()));
        let unchanged = page.known_etag() == Some(&etag);
        state.unchanged_pages += u64::from(unchanged);
        Ok(if unchanged { Reply::unchanged() } else { Reply::new(answer) }.with_etag(etag))
    }

    async fn head(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Head>, PortError> {
        self.serve(CallClass::Head, repo, &format!("manifests/{tag}")).await?;
        let digest = self.pointed(repo, tag)?;
        self.content(repo, &digest)?;
        let head = Head::new(digest);
        let date = if self.lock().dates { self.date(repo, &head.digest) } else { None };
        Ok(Reply::new(match date {
            Some(date) => head.created(date),
            None => head,
        }))
    }

    async fn tagged(&self, repo: &ImageRepo, tag: &Tag) -> Result<Reply<Tagged>, PortError> {
        if !self.lock().by_tag {
            return Err(PortError::unsupported("no manifest by tag").at(repo.host()).asking("manifest by tag"));
        }
        self.serve(CallClass::Manifest, repo, &format!("manifests/{tag}")).await?;
        let content = self.content(repo, &self.pointed(repo, tag)?)?;
        let manifest = read(repo, &content, tag)?;
        Ok(Reply::new(Tagged { digest: content.digest(), manifest }))
    }

    async fn manifest(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
        self.serve(CallClass::Manifest, repo, &format!("manifests/{digest}")).await?;
        let content = self.content(repo, digest)?;
        verify_digest(&content.bytes, digest).map_err(|error| named(error, repo, digest))?;
        read(repo, &content, digest).map(Reply::new)
    }

    async fn config(&self, repo: &ImageRepo, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
        self.serve(CallClass::Blob, repo, &format!("blobs/{digest}")).await?;
        if self.lock().redirects {
            self.peer.hop();
        }
        let content = self.content(repo, digest)?;
        verify_digest(&content.bytes, digest).map_err(|error| named(error, repo, digest))?;
        ImageConfig::parse(&content.bytes).map(Reply::new).map_err(|error| named(error, repo, digest))
    }

    fn account(&self, repo: &ImageRepo) -> Account {
        match &repo.access().project {
            Some(project) => Account::new(repo.host(), project.as_str()),
            None => Account::anonymous(repo.host()),
        }
    }
}

impl State {
    fn repo(&self, repo: &ImageRepo) -> Result<&Repo, PortError> {
        self.repos.get(repo.path()).ok_or_else(|| missing(repo, "tags/list"))
    }
}

impl Repo {
    fn point(&mut self, shuffle: Option<u64>, tag: &Tag, digest: &Digest) {
        if let Some((_, known)) = self.tags.get_mut(tag) {
            *known = digest.clone();
            return;
        }
        self.next += 1;
        let at = rank(shuffle, self.next, tag);
        self.order.insert(at, tag.clone());
        self.tags.insert(tag.clone(), (at, digest.clone()));
    }

    fn page(&self, cursor: Option<&str>, size: usize, repeats: bool) -> Result<TagPage, PortError> {
        let after = match cursor {
            None => None,
            Some(text) => Some(text.parse::<u64>().map_err(PortError::bug)?),
        };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest: Vec<_> = self.order.range((start, Bound::Unbounded)).take(size.saturating_add(1)).collect();
        let shown = if repeats { rest.len() } else { rest.len().min(size) };
        let next = if rest.len() > size { rest.get(size - 1).map(|(at, _)| at.to_string()) } else { None };
        Ok(TagPage { tags: rest.iter().take(shown).map(|(_, tag)| (*tag).clone()).collect(), next })
    }
}

/// Where a tag stands in the list: in the order of putting, or wherever the seed throws it.
fn rank(shuffle: Option<u64>, at: u64, tag: &str) -> u64 {
    let Some(seed) = shuffle else { return at };
    let text = digest_of(format!("{seed} {tag}").as_bytes());
    let digits: String = text.chars().skip("sha256:".len()).take(15).collect();
    u64::from_str_radix(&digits, 16).unwrap_or(at)
}

fn read(repo: &ImageRepo, content: &Content, what: &str) -> Result<ImageManifest, PortError> {
    ImageManifest::parse(Some(&content.media_type), &content.bytes).map_err(|error| named(error, repo, what))
}

fn missing(repo: &ImageRepo, what: &str) -> PortError {
    named(PortError::not_found("HTTP 404").with_status(404), repo, what)
}

fn named(error: PortError, repo: &ImageRepo, what: &str) -> PortError {
    error.at(repo.host()).asking(&format!("/v2/{}/{what}", repo.path()))
}

#[cfg(test)]
mod tests {
    use kargo_core::port::PortClass;

    use super::*;

    fn walk(clock: &VirtualClock, registry: &FakeRegistry, repo: &ImageRepo) -> Vec<Vec<Tag>> {
        let (mut pages, mut page) = (Vec::new(), Page::first());
        loop {
            let answer = clock.run(registry.tags(repo, page)).unwrap().into_value().unwrap();
            pages.push(answer.tags);
            match answer.next {
                Some(next) => page = Page::at(next),
                None => return pages,
            }
        }
    }

    #[test]
    fn pages_shuffled_and_repeated() {
        let clock = VirtualClock::default();
        let registry = FakeRegistry::new(&clock);
        let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
        for n in 0..5 {
            registry.put(&FakeImage::new("acme/cart", &format!("1.0.{n}")));
        }
        assert_eq!(walk(&clock, &registry, &repo), [vec!["1.0.0", "1.0.1"], vec!["1.0.2", "1.0.3"], vec!["1.0.4"]]);
        registry.set_repeating(true);
        let pages = walk(&clock, &registry, &repo);
        assert_eq!(pages[0], ["1.0.0", "1.0.1", "1.0.2"]);
        assert_eq!(pages[2], ["1.0.4"]);
        registry.set_repeating(false);
        registry.shuffle(7);
        let mut tags = walk(&clock, &registry, &repo).concat();
        assert_ne!(tags, ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]);
        tags.sort();
        assert_eq!(tags, ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]);
        assert_eq!(registry.peer().calls().list, 9);
    }

    #[test]
    fn requirements_a_requests_are_counted_by_class() {
        let clock = VirtualClock::default();
        let registry = FakeRegistry::new(&clock);
        let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
        let image = FakeImage::new("acme/cart", "1.0.0");
        registry.put(&image);
        registry.set_redirects(true);
        clock.run(async {
            registry.head(&repo, &image.tag).await.unwrap();
            registry.tagged(&repo, &image.tag).await.unwrap();
            registry.config(&repo, &image.blobs[0].digest()).await.unwrap();
        });
        assert_eq!(registry.peer().take_calls().to_string(), "1 handshake, 1 HEAD, 1 manifest, 1 blob, 1 redirect");
        registry.peer().expire_sessions();
        clock.run(registry.head(&repo, &image.tag)).unwrap();
        assert_eq!(registry.peer().calls().to_string(), "1 handshake, 1 HEAD");
    }

    #[test]
    fn every_breakage_is_an_error_of_its_class() {
        let clock = VirtualClock::default();
        for breakage in Breakage::ALL {
            let registry = FakeRegistry::new(&clock);
            let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
            let image = FakeImage::new("acme/cart", "1.0.0");
            let digest = registry.put_broken(&image, breakage);
            let manifest = clock.run(registry.manifest(&repo, &digest)).and_then(Reply::into_value);
            let class = match manifest {
                Ok(ImageManifest::Image(plain)) => clock.run(registry.config(&repo, &plain.config)).map(|_| ()),
                Ok(ImageManifest::Index(index)) if index.entries.is_empty() => Err(PortError::rejected("empty")),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            let expected = match breakage {
                Breakage::Gone | Breakage::ConfigGone => PortClass::NotFound,
                _ => PortClass::Rejected,
            };
            assert_eq!(class.unwrap_err().class(), expected, "{breakage:?}");
        }
    }

    #[test]
    fn requirements_a7_a_limit_lasts_and_tells_violations() {
        let clock = VirtualClock::default();
        let registry = FakeRegistry::new(&clock);
        let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
        registry.put(&FakeImage::new("acme/cart", "1.0.0"));
        registry.peer().limit_after(1, std::time::Duration::from_secs(30));
        let ask = || clock.run(registry.head(&repo, &"1.0.0".into())).map(|_| ());
        assert_eq!(ask(), Ok(()));
        let limited = ask().unwrap_err();
        assert_eq!(limited.to_string().matches("again in 30s").count(), 1, "{limited}");
        assert!(registry.peer().violations().is_empty());
        assert!(ask().is_err());
        assert_eq!(registry.peer().violations().len(), 1);
        clock.advance(std::time::Duration::from_secs(30));
        assert_eq!(ask(), Ok(()));
    }
}
