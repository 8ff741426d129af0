//! What a row of the cost table is made of.

use kargo_core::{
    discover::{Calls, Candidates, ImageCost, ImageDemand, ImageShape, Promise, RegistryTraits, Session},
    model::{ImageSelectionStrategy, ImageSubscription},
    select::{
        SubscriptionError,
        image::{Detail, ImageRules},
    },
};

use crate::fake::FakeImage;

/// The platform that rows want.
const WANTED: &str = "linux/amd64";

/// A row: what is subscribed to, what the registry is like, what is known before, and the formula.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CostRow {
    /// What it is about.
    pub name: &'static str,
    /// The formula for people.
    pub formula: &'static str,
    /// The formula: the requests of each repository, without handshakes.
    pub expected: fn(CostNumbers) -> Calls,
    /// What the registry can do.
    pub features: CostFeatures,
    /// What images are like.
    pub images: CostImages,
    /// How many tags a repository has at first.
    pub tags: u64,
    /// The strategy.
    pub strategy: ImageSelectionStrategy,
    /// `discoveryLimit`.
    pub limit: u64,
    /// Whether a platform is wanted.
    pub platform: bool,
    /// So many of the best tags do not have it.
    pub rejected: u64,
    /// How much must be known of each.
    pub detail: Detail,
    /// Whether tags are promised not to move.
    pub promise: Promise,
    /// What happened before the look that is counted.
    pub state: CostState,
    /// How many repositories.
    pub repositories: u64,
    /// How many subscribe, to each repository in turn.
    pub subscriptions: u64,
}

/// What a registry can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CostFeatures {
    /// Tag lists have ETags. That spares no request, but the body of a list that did not change; rows that are not about it
    /// are the same with and without.
    pub list_etags: bool,
    /// No manifest can be had by its tag.
    pub only_by_digest: bool,
    /// HEAD tells the build date.
    pub head_dates: bool,
    /// Blobs are somewhere else, one hop away.
    pub blob_redirects: bool,
    /// It can be made to end sessions.
    pub sessions_end: bool,
    /// What a login is good for.
    pub logins: CostLogins,
}

/// What a login is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostLogins {
    /// The row cannot tell: it asks for one repository, or its session is open already.
    #[default]
    Any,
    /// The whole registry: one handshake, however many repositories.
    Registry,
    /// One repository, as where a token is for `repository:acme/cart:pull`: a handshake for each.
    Repository,
}

/// What images are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostImages {
    /// One manifest each.
    Plain,
    /// One manifest each, annotated with a date.
    DatedPlain,
    /// Indexes of two platforms.
    Index,
    /// Indexes of two platforms, annotated with a date.
    DatedIndex,
}

/// What happened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostState {
    /// Nothing.
    Cold,
    /// A look; since then so many tags are new, and so many of the best moved.
    Warm {
        /// New tags, better than all others.
        new: u64,
        /// Moved tags.
        moved: u64,
    },
    /// A look in another process, with the same cache.
    Restarted,
    /// A look, and then the session's token expired.
    Expired,
    /// A look; a webhook tells of a new tag, and that alone is looked at.
    WebhookNew,
    /// A look; a webhook tells of a tag that is known.
    WebhookKnown,
    /// A look; a webhook tells of a tag that the subscription does not let through.
    WebhookForeign,
}

/// The numbers of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostNumbers {
    /// *L*: pages of the tag list.
    pub pages: u64,
    /// *n*: images that are kept.
    pub kept: u64,
    /// *N*: tags that match.
    pub tags: u64,
    /// *k*: new tags.
    pub new: u64,
    /// *m*: moved tags.
    pub moved: u64,
    /// *r*: tags that the platform constraint rejects.
    pub rejected: u64,
    /// *s*: tags that a promise checks.
    pub sample: u64,
}

impl CostRow {
    /// Whether it looks at the whole subscription.
    pub(super) fn is_whole(&self) -> bool {
        !matches!(self.state, CostState::WebhookNew | CostState::WebhookKnown | CostState::WebhookForeign)
    }

    /// The numbers, where the registry's pages have so many tags.
    #[must_use]
    pub fn numbers(&self, page_size: u64) -> CostNumbers {
        let (new, moved) = match self.state {
            CostState::Warm { new, moved } => (new, moved),
            _ => (0, 0),
        };
        let sample = match self.promise {
            Promise::Immutable { sample } => u64::from(sample),
            Promise::None => 0,
        };
        let tags = self.tags + new;
        let pages = tags.div_ceil(page_size.max(1)).max(1);
        CostNumbers { pages, kept: self.limit, tags, new, moved, rejected: self.rejected, sample }
    }

    /// What the look costs by formula.
    #[must_use]
    pub fn expected(&self, page_size: u64) -> Calls {
        let each = (self.expected)(self.numbers(page_size)) * self.repositories;
        let begins = matches!(self.state, CostState::Cold | CostState::Restarted | CostState::Expired);
        Calls { handshake: if begins && each.work() > 0 { self.logins() } else { 0 }, ..each }
    }

    /// How many pages are answered with "unchanged" in the look that is counted.
    #[must_use]
    pub fn unchanged(&self, page_size: u64) -> u64 {
        let is_same = !matches!(self.state, CostState::Cold | CostState::Warm { new: 1.., .. });
        if self.features.list_etags && is_same { self.expected(page_size).list } else { 0 }
    }

    /// How many logins a session over all repositories takes.
    fn logins(&self) -> u64 {
        if self.features.logins == CostLogins::Repository { self.repositories } else { 1 }
    }

    /// What the look costs by the function that forecasts are made with.
    ///
    /// # Errors
    ///
    /// If the row's subscription is none.
    pub fn forecast(&self, page_size: u64) -> Result<Calls, SubscriptionError> {
        let rules = self.rules()?;
        let (mut demand, numbers) = (ImageDemand::of(&rules), self.numbers(page_size));
        demand.lists &= self.is_whole();
        let promised = self.promise != Promise::None;
        let begun = match self.strategy {
            ImageSelectionStrategy::NewestBuild => numbers.tags,
            ImageSelectionStrategy::Digest => 1,
            _ => numbers.tags.min(self.limit + self.rejected),
        };
        let candidates = match self.state {
            CostState::Cold => {
                Candidates { fresh: begun - self.rejected, rejected: self.rejected, ..Candidates::default() }
            }
            CostState::WebhookNew => Candidates { fresh: 1, ..Candidates::default() },
            CostState::WebhookKnown => Candidates { known: 1, ..Candidates::default() },
            CostState::WebhookForeign => Candidates::default(),
            CostState::Warm { new, moved } => Candidates {
                fresh: new,
                stale: moved,
                known: if promised { numbers.sample } else { begun - new - moved },
                ..Candidates::default()
            },
            CostState::Restarted | CostState::Expired => {
                Candidates { known: if promised { numbers.sample } else { begun }, ..Candidates::default() }
            }
        };
        let registry = RegistryTraits {
            pages: numbers.pages,
            by_tag: !self.features.only_by_digest,
            tells_dates: self.features.head_dates,
            hops: u64::from(self.features.blob_redirects),
            shape: self.shape(),
            session: match self.state {
                CostState::Cold | CostState::Restarted => Session::New,
                CostState::Expired => Session::Expired,
                _ => Session::Open,
            },
        };
        let cost = ImageCost::new(demand, registry, candidates).calls();
        Ok(Calls { handshake: cost.handshake * self.logins(), ..cost * self.repositories })
    }

    /// What the images are like.
    pub(super) fn shape(&self) -> ImageShape {
        match self.images {
            CostImages::Plain => ImageShape::Plain { dated: false },
            CostImages::DatedPlain => ImageShape::Plain { dated: true },
            CostImages::Index => ImageShape::Index { platforms: 2, dated: false },
            CostImages::DatedIndex => ImageShape::Index { platforms: 2, dated: true },
        }
    }

    /// The subscription.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn rules(&self) -> Result<ImageRules, SubscriptionError> {
        let constraint = match self.strategy {
            ImageSelectionStrategy::SemVer => Some("^1.0.0".to_owned()),
            ImageSelectionStrategy::Digest => Some(tag(0)),
            _ => None,
        };
        let subscription = ImageSubscription {
            image_selection_strategy: self.strategy,
            constraint,
            allow_tags_regexes: vec!["^1[.]".to_owned()],
            platform: self.platform.then(|| WANTED.to_owned()),
            discovery_limit: i64::try_from(self.limit).unwrap_or(i64::MAX),
            ..ImageSubscription::default()
        };
        Ok(ImageRules::new(&subscription)?.detail(self.detail))
    }

    /// An image of the row; the greater the number, the better.
    #[must_use]
    pub fn image(&self, repo: &str, number: u64) -> FakeImage {
        let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
        let date = format!("2026-01-01T{hour:02}:{minute:02}:{second:02}Z");
        let is_rejected = number + self.rejected >= self.tags && number < self.tags;
        let platforms = if is_rejected { ["windows/amd64", "linux/arm64"] } else { [WANTED, "linux/arm64"] };
        let annotations = [("org.opencontainers.image.created", date.as_str())];
        let (platforms, annotations): (&[&str], &[(&str, &str)]) = match self.images {
            CostImages::Plain => (&[], &[]),
            CostImages::DatedPlain => (&[], &annotations),
            CostImages::Index => (&platforms, &[]),
            CostImages::DatedIndex => (&platforms, &annotations),
        };
        FakeImage::made(repo, &tag(number), &date, platforms, annotations)
    }
}

/// Tags of equal length, so that the order of texts is that of the numbers.
pub(super) fn tag(number: u64) -> String {
    format!("1.{}.0", 10_000 + number)
}
