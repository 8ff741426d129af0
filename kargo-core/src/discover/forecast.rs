//! Forecasts: what looks will cost at most, and on which assumptions (requirements A9).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{Assumption, Calls, Candidates, ImageDemand, ImageShape, count::PortKind, git_round::Place};
use crate::{
    model::Tag,
    port::{Account, ChartRepo, ImageRepo},
};

/// What to expect of registries and remotes where nothing is known yet. The default is what most are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Pages of a tag list that was never seen; that of a chart in a registry, too.
    pub pages: u64,
    /// Tags on it that match.
    pub tags: u64,
    /// What images are like that were never looked at; `None` for "as those that were", and plain where none was.
    pub shape: Option<ImageShape>,
    /// How many candidates will turn out to be of no use (broken, gone, not for the platform), so that others take their places.
    pub passed_over: u64,
    /// How many tags that were seen moved since.
    pub moved: u64,
    /// Hops of a blob.
    pub hops: u64,
    /// Whether the registry gives manifests by tag; one that refused before is not expected to.
    pub by_tag: bool,
    /// Whether its HEAD tells build dates.
    pub tells_dates: bool,
    /// Whether the session will have ended by then.
    pub session_ends: bool,
    /// Whether git repositories that were looked at moved since, each where it matters.
    pub pushed: bool,
    /// Whether a login is good for one repository alone, as tokens are: then each begins with a handshake of its own.
    pub repository_logins: bool,
}

impl Default for Expected {
    /// A page of a hundred tags, nothing broken, nothing moved, nothing pushed, one hop for each blob, manifests by tag, a
    /// token for each repository.
    fn default() -> Self {
        Self {
            pages: 1,
            tags: 100,
            shape: None,
            passed_over: 0,
            moved: 0,
            hops: 1,
            by_tag: true,
            tells_dates: false,
            session_ends: false,
            pushed: false,
            repository_logins: true,
        }
    }
}

/// What a look at one subscription costs at most.
///
/// See [`Discovery::forecast_images`](super::Discovery::forecast_images), and
/// [`Discovery::forecast_warehouses`](super::Discovery::forecast_warehouses) for all kinds of subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// On whose quota.
    pub account: Account,
    /// The requests.
    pub calls: Calls,
    /// The requests of each later look, while nothing changes.
    pub steady: Calls,
    /// And what these would be if tags were promised never to move and none was checked.
    pub promised: Calls,
    /// What is taken for granted.
    pub assumptions: BTreeSet<Assumption>,
    pub(super) questions: Questions,
}

/// What a forecast counted, so that what two subscriptions ask is counted once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Questions {
    /// About images.
    Images {
        repo: ImageRepo,
        /// Whether others do not share its login.
        has_login: bool,
        demand: ImageDemand,
        /// The tags by what is known of them; `None` where they are not known, and nobody can say which these are.
        tags: Option<BTreeMap<Tag, Candidate>>,
    },
    /// A conversation with a git remote.
    Git(Place),
    /// An index of charts, or the tags of one.
    Chart(ChartRepo),
}

impl Questions {
    /// Whether every tag that matches is looked at, whatever the limit.
    pub(super) fn looks_at_all(&self) -> bool {
        matches!(self, Self::Images { demand, .. } if demand.all)
    }

    pub(super) fn port(&self) -> PortKind {
        match self {
            Self::Images { .. } => PortKind::Images,
            Self::Git(_) => PortKind::Git,
            Self::Chart(_) => PortKind::Charts,
        }
    }
}

/// What is known of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Candidate {
    Fresh,
    Known,
    Stale,
}

impl Candidate {
    pub(super) fn count<'a>(all: impl IntoIterator<Item = &'a Self>) -> Candidates {
        let mut counts = Candidates::default();
        for candidate in all {
            let count = match candidate {
                Self::Fresh => &mut counts.fresh,
                Self::Known => &mut counts.known,
                Self::Stale => &mut counts.stale,
            };
            *count = count.saturating_add(1);
        }
        counts
    }
}

/// `3 calls to ghcr.io (1 list, 1 manifest, 1 blob)`, and a line for each assumption.
impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        account_line(f, &self.account, self.calls, &self.assumptions)
    }
}

/// What an account is asked for, and a line for each assumption.
pub(super) fn account_line(
    f: &mut fmt::Formatter<'_>,
    account: &Account,
    calls: Calls,
    assumptions: &BTreeSet<Assumption>,
) -> fmt::Result {
    let plural = if calls.work() == 1 { "" } else { "s" };
    write!(f, "{} call{plural} to {account} ({calls})", calls.work())?;
    assumptions.iter().try_for_each(|assumption| write!(f, "\n  if {assumption}"))
}
