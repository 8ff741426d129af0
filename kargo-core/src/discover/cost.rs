//! What a look costs, by formula: the cost table of requirements A as a pure function.

use super::Calls;
use crate::select::image::{Detail, ImageRules, Platform};

/// What a look at one image subscription costs at most, by what is known before it.
///
/// Where the numbers are those of the registry and nothing fails, it costs exactly that. Not counted is what is asked
/// again after a failure (discovery 2.10).
///
/// ```
/// use kargo_core::discover::{Candidates, ImageCost, ImageDemand, RegistryTraits};
/// use kargo_core::{model::ImageSubscription, select::image::ImageRules};
///
/// let rules = ImageRules::new(&ImageSubscription { constraint: Some("^1".into()), ..Default::default() })?;
/// let registry = RegistryTraits { pages: 3, ..RegistryTraits::default() };
/// let cold = ImageCost::new(ImageDemand::of(&rules), registry, Candidates { fresh: 20, ..Default::default() });
/// assert_eq!(cold.calls().to_string(), "1 handshake, 3 list, 20 manifest, 20 blob");
/// let warm = cold.warm(0);
/// assert_eq!(warm.calls().to_string(), "3 list, 20 HEAD");
/// # Ok::<(), kargo_core::select::SubscriptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageCost {
    /// What the subscription wants.
    pub demand: ImageDemand,
    /// What the registry is like.
    pub registry: RegistryTraits,
    /// How many tags are looked at, and what is known of them.
    pub candidates: Candidates,
}

/// What of a subscription decides what it costs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ImageDemand {
    /// Whether the tags are listed: all strategies but `Digest`.
    pub lists: bool,
    /// Whether dates decide, so that every tag that matches is looked at: `NewestBuild`.
    pub all: bool,
    /// How many images are kept.
    pub limit: u64,
    /// How much must be known of each.
    pub detail: Detail,
    /// The platform that is wanted.
    pub platform: Option<Platform>,
}

/// What of a registry decides what looks cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryTraits {
    /// Pages of the tag list. One that is unchanged, by its ETag, is a request all the same, with no body.
    pub pages: u64,
    /// Whether a manifest can be had by its tag, so that digest and manifest are one request.
    pub by_tag: bool,
    /// Whether HEAD tells the build date.
    pub tells_dates: bool,
    /// Hops that a blob takes to where it really is.
    pub hops: u64,
    /// What its images are like.
    pub shape: ImageShape,
    /// Whether there is a session.
    pub session: Session,
}

/// What an image is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageShape {
    /// One manifest.
    Plain {
        /// Its annotations tell the build date, which spares the configuration.
        dated: bool,
    },
    /// An index.
    Index {
        /// How many platforms, or how many entries of the one that is wanted.
        platforms: u64,
        /// Its annotations, or those of its entries, tell the build date, which spares everything behind it.
        dated: bool,
    },
}

/// Whether there is a session with the registry on the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Session {
    /// None yet.
    #[default]
    New,
    /// There is one.
    Open,
    /// There is one, but its token expired.
    Expired,
}

/// How many tags are looked at, by what is known of each.
///
/// Tags that are promised never to move and are not checked cost nothing and are in none of these numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidates {
    /// Never seen before.
    pub fresh: u64,
    /// Never seen before, and then passed over by what the first document says: the platform is not there.
    pub rejected: u64,
    /// Seen before, with all that is behind them at hand. Sampled tags of a promise are among these.
    pub known: u64,
    /// Seen before, but what is behind them must be read: they moved, or more is wanted of them than was.
    pub stale: u64,
}

impl ImageShape {
    /// By what the price of one ranks among others.
    pub(super) fn price(&self) -> u64 {
        match self {
            Self::Plain { dated: true } | Self::Index { dated: true, .. } => 0,
            Self::Plain { dated: false } => 1,
            Self::Index { platforms, dated: false } => platforms.saturating_add(1),
        }
    }
}

impl Default for RegistryTraits {
    /// One page of plain images that can be had by their tags, blobs as they come, no session.
    fn default() -> Self {
        Self {
            pages: 1,
            by_tag: true,
            tells_dates: false,
            hops: 0,
            shape: ImageShape::Plain { dated: false },
            session: Session::New,
        }
    }
}

impl ImageDemand {
    /// What these rules want.
    #[must_use]
    pub fn of(rules: &ImageRules) -> Self {
        Self {
            lists: rules.needs_listing(),
            all: rules.ranks_by_date(),
            limit: rules.limit() as u64,
            detail: rules.wanted_detail(),
            platform: rules.platform().cloned(),
        }
    }

    /// Whether the digest is all that is wanted.
    fn is_digest_alone(&self) -> bool {
        self.platform.is_none() && !self.wants_date()
    }

    fn wants_date(&self) -> bool {
        self.all || self.detail == Detail::Full
    }
}

impl ImageCost {
    /// From its parts.
    #[must_use]
    pub fn new(demand: ImageDemand, registry: RegistryTraits, candidates: Candidates) -> Self {
        Self { demand, registry, candidates }
    }

    /// The next look in the same process, if so many of the tags are promised never to move and are not checked.
    #[must_use]
    pub fn warm(mut self, promised: u64) -> Self {
        let Candidates { fresh, rejected, known, stale } = self.candidates;
        let all = fresh.saturating_add(rejected).saturating_add(known).saturating_add(stale);
        self.candidates = Candidates { known: all.saturating_sub(promised), ..Candidates::default() };
        self.registry.session = Session::Open;
        self
    }

    /// The requests.
    #[must_use]
    pub fn calls(&self) -> Calls {
        let Candidates { fresh, rejected, known, stale } = self.candidates;
        let head = Calls { head: 1, ..Calls::default() };
        let (registry, demand) = (&self.registry, &self.demand);
        // The date that a HEAD tells stands in for configurations, and where nothing else is wanted for the manifest, too.
        let head_is_all = demand.is_digest_alone()
            || (demand.platform.is_none() && demand.detail == Detail::Digest && registry.tells_dates);
        let manifest = Calls { manifest: 1, ..Calls::default() };
        let (by_tag, documents) = (registry.by_tag && !demand.is_digest_alone(), self.behind(registry.tells_dates));
        let of_fresh = |documents_of_tag: Calls| match (by_tag, head_is_all) {
            (true, _) => manifest + documents_of_tag,
            (false, true) => head,
            (false, false) => head + manifest + documents_of_tag,
        };
        let of_stale = if head_is_all { head } else { head + manifest + documents };
        let mut calls = of_fresh(self.behind(registry.tells_dates && !by_tag)) * fresh
            + of_fresh(Calls::default()) * rejected
            + head * known
            + of_stale * stale;
        calls.list = if demand.lists { registry.pages } else { 0 };
        calls.redirect = calls.blob.saturating_mul(registry.hops);
        registry.session.begun(calls)
    }

    /// What is behind the first manifest.
    fn behind(&self, date_given: bool) -> Calls {
        let one = match (self.registry.shape, &self.demand.platform) {
            (_, _) if date_given || !self.demand.wants_date() => return Calls::default(),
            (ImageShape::Plain { dated: true } | ImageShape::Index { dated: true, .. }, _) => return Calls::default(),
            // An image that is not in an index has no platform (discovery 2.6).
            (ImageShape::Plain { .. }, Some(_)) => return Calls::default(),
            (ImageShape::Plain { .. }, None) => return Calls { blob: 1, ..Calls::default() },
            (ImageShape::Index { .. }, Some(_)) => 1,
            (ImageShape::Index { platforms, .. }, None) => platforms,
        };
        Calls { manifest: 1, blob: 1, ..Calls::default() } * one
    }
}

impl Session {
    /// The requests with the handshake that they begin with, if there are any and there is need of one.
    fn begun(self, calls: Calls) -> Calls {
        let handshake = u64::from(self != Self::Open && calls.work() > 0);
        Calls { handshake, ..calls }
    }
}

/// What a look at git repositories costs: the refs of each in one conversation, and what moved in another.
///
/// ```
/// use kargo_core::discover::{GitCost, Session};
/// let first = GitCost { repositories: 1, changed: 1, session: Session::New };
/// assert_eq!(first.calls().to_string(), "1 handshake, 1 ls-remote, 1 fetch");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GitCost {
    /// How many repositories, of one account.
    pub repositories: u64,
    /// How many of them moved since the last look, or were never looked at.
    pub changed: u64,
    /// Whether there is a session.
    pub session: Session,
}

impl GitCost {
    /// The conversations.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.session.begun(Calls { ls_remote: self.repositories, fetch: self.changed, ..Calls::default() })
    }
}

/// What a look at charts costs: an index, or the pages of a tag list. Versions need nothing more.
///
/// ```
/// use kargo_core::discover::{ChartCost, Session};
/// let index = ChartCost { pages: 1, session: Session::Open };
/// assert_eq!(index.calls().to_string(), "1 list");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartCost {
    /// Pages of the tag list; a classic repository's index is one.
    pub pages: u64,
    /// Whether there is a session.
    pub session: Session,
}

impl ChartCost {
    /// The requests.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.session.begun(Calls { list: self.pages, ..Calls::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ImageSubscription;

    fn cost(change: impl FnOnce(&mut ImageCost)) -> String {
        let demand = ImageDemand::of(&ImageRules::new(&ImageSubscription::default()).unwrap());
        let registry = RegistryTraits { session: Session::Open, ..RegistryTraits::default() };
        let mut cost = ImageCost::new(demand, registry, Candidates { fresh: 1, ..Candidates::default() });
        change(&mut cost);
        cost.calls().to_string()
    }

    #[test]
    fn requirements_a_formulas_for_one_tag() {
        let index = |dated| ImageShape::Index { platforms: 4, dated };
        assert_eq!(cost(|_| {}), "1 list, 1 manifest, 1 blob");
        assert_eq!(cost(|c| c.demand.lists = false), "1 manifest, 1 blob");
        assert_eq!(cost(|c| c.demand.detail = Detail::Digest), "1 list, 1 HEAD");
        assert_eq!(cost(|c| c.registry.hops = 2), "1 list, 1 manifest, 1 blob, 2 redirect");
        assert_eq!(cost(|c| c.registry.shape = ImageShape::Plain { dated: true }), "1 list, 1 manifest");
        assert_eq!(cost(|c| c.registry.shape = index(true)), "1 list, 1 manifest");
        assert_eq!(cost(|c| c.registry.shape = index(false)), "1 list, 5 manifest, 4 blob");
        let wanted = |c: &mut ImageCost| c.demand.platform = Some(Platform::new("linux", "amd64", ""));
        assert_eq!(cost(wanted), "1 list, 1 manifest", "a plain image has no platform");
        assert_eq!(
            cost(|c| {
                wanted(c);
                c.registry.shape = index(false);
            }),
            "1 list, 2 manifest, 1 blob"
        );
        assert_eq!(cost(|c| c.registry.by_tag = false), "1 list, 1 HEAD, 1 manifest, 1 blob");
        assert_eq!(
            cost(|c| {
                c.registry.by_tag = false;
                c.registry.tells_dates = true;
            }),
            "1 list, 1 HEAD, 1 manifest"
        );
    }

    #[test]
    fn requirements_a_what_is_known_costs_a_head_or_nothing() {
        let of = |candidates: Candidates| cost(|c| c.candidates = candidates);
        assert_eq!(of(Candidates { known: 3, ..Candidates::default() }), "1 list, 3 HEAD");
        assert_eq!(of(Candidates { stale: 3, ..Candidates::default() }), "1 list, 3 HEAD, 3 manifest, 3 blob");
        assert_eq!(of(Candidates { rejected: 3, ..Candidates::default() }), "1 list, 3 manifest");
        assert_eq!(of(Candidates::default()), "1 list");
    }

    #[test]
    fn requirements_a3_a_session_begins_with_one_handshake_if_there_is_anything_to_ask() {
        let of = |session, lists| {
            cost(|c| {
                c.registry.session = session;
                c.demand.lists = lists;
                c.candidates = Candidates::default();
            })
        };
        assert_eq!(of(Session::New, true), "1 handshake, 1 list");
        assert_eq!(of(Session::Expired, true), "1 handshake, 1 list");
        assert_eq!(of(Session::Open, true), "1 list");
        assert_eq!(of(Session::New, false), "no calls");
        assert_eq!(GitCost { repositories: 2, changed: 0, session: Session::Open }.calls().to_string(), "2 ls-remote");
    }
}
