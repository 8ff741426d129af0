//! Forecasts: what looks will cost at most, and on which assumptions (requirements A9).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{Calls, Candidates, ImageDemand, ImageShape};
use crate::{
    model::Tag,
    port::{Account, ImageRepo},
};

/// What to expect of a registry where nothing is known yet. The default is what most are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Pages of a tag list that was never seen.
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
    /// Whether a login is good for one repository alone, as tokens are: then each begins with a handshake of its own.
    pub repository_logins: bool,
}

impl Default for Expected {
    /// A page of a hundred tags, nothing broken, nothing moved, one hop for each blob, manifests by tag, a token for each
    /// repository.
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
            repository_logins: true,
        }
    }
}

/// Something that a forecast takes for granted. If it is wrong, the look may cost more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Assumption {
    /// No request fails and has to be sent again.
    NoFailures,
    /// The adapter's session still lives.
    SessionLives,
    /// The tag list was never seen; it has so many tags that match, on so many pages.
    TagList {
        /// Tags that match.
        tags: u64,
        /// Pages.
        pages: u64,
    },
    /// The tag list is as it was at the last look.
    ListAsBefore,
    /// At most so many of the known tags moved.
    Moved(u64),
    /// At most so many candidates are of no use.
    PassedOver(u64),
    /// Images that were not looked at yet are like this.
    Shape(ImageShape),
    /// The registry gives manifests by tag.
    ByTag,
    /// Its HEAD tells build dates.
    HeadTellsDates,
}

/// What a look at one subscription costs at most.
///
/// See [`Discovery::forecast_images`](super::Discovery::forecast_images).
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
pub(super) struct Questions {
    pub(super) repo: ImageRepo,
    /// Whether others do not share its login.
    pub(super) has_login: bool,
    pub(super) demand: ImageDemand,
    /// The tags by what is known of them; `None` where they are not known, and nobody can say which these are.
    pub(super) tags: Option<BTreeMap<Tag, Candidate>>,
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

/// What a round over many subscriptions costs at most, by account: lists and equal questions are asked once.
///
/// ```
/// use kargo_core::discover::RoundForecast;
/// let round: RoundForecast = [].into_iter().collect();
/// assert_eq!(round.total().work(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundForecast {
    accounts: BTreeMap<Account, (Calls, BTreeSet<Assumption>)>,
    lists: BTreeSet<ImageRepo>,
    logins: BTreeSet<ImageRepo>,
    asked: BTreeSet<Questions>,
}

impl RoundForecast {
    /// With one more subscription.
    pub fn add(&mut self, forecast: Forecast) {
        let Forecast { account, calls, assumptions, questions, .. } = forecast;
        let (sum, all) = self.accounts.entry(account).or_default();
        all.extend(assumptions);
        if questions.tags.is_some() && self.asked.contains(&questions) {
            return;
        }
        let list = if !questions.demand.lists || self.lists.insert(questions.repo.clone()) { calls.list } else { 0 };
        let handshake = if !questions.has_login {
            // Requests of one account share its session.
            sum.handshake.max(calls.handshake)
        } else if calls.handshake > 0 && self.logins.insert(questions.repo.clone()) {
            sum.handshake.saturating_add(calls.handshake)
        } else {
            sum.handshake
        };
        *sum += Calls { list, ..calls };
        sum.handshake = handshake;
        self.asked.insert(questions);
    }

    /// The requests of each account.
    pub fn accounts(&self) -> impl Iterator<Item = (&Account, Calls)> {
        self.accounts.iter().map(|(account, (calls, _))| (account, *calls))
    }

    /// What is taken for granted of an account's registries.
    pub fn assumptions(&self, account: &Account) -> impl Iterator<Item = Assumption> {
        self.accounts.get(account).into_iter().flat_map(|(_, all)| all.iter().copied())
    }

    /// All requests together.
    #[must_use]
    pub fn total(&self) -> Calls {
        self.accounts().map(|(_, calls)| calls).sum()
    }
}

impl FromIterator<Forecast> for RoundForecast {
    fn from_iter<I: IntoIterator<Item = Forecast>>(all: I) -> Self {
        let mut round = Self::default();
        round.extend(all);
        round
    }
}

impl Extend<Forecast> for RoundForecast {
    fn extend<I: IntoIterator<Item = Forecast>>(&mut self, all: I) {
        all.into_iter().for_each(|forecast| self.add(forecast));
    }
}

/// `3 calls to ghcr.io (1 list, 1 manifest, 1 blob)`, and a line for each assumption.
impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        account_line(f, &self.account, self.calls, &self.assumptions)
    }
}

/// As of a [`Forecast`], for each account.
impl fmt::Display for RoundForecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (account, (calls, assumptions))) in self.accounts.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            account_line(f, account, *calls, assumptions)?;
        }
        Ok(())
    }
}

fn account_line(
    f: &mut fmt::Formatter<'_>,
    account: &Account,
    calls: Calls,
    assumptions: &BTreeSet<Assumption>,
) -> fmt::Result {
    let plural = if calls.work() == 1 { "" } else { "s" };
    write!(f, "{} call{plural} to {account} ({calls})", calls.work())?;
    assumptions.iter().try_for_each(|assumption| write!(f, "\n  if {assumption}"))
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFailures => f.write_str("no request has to be sent again"),
            Self::SessionLives => f.write_str("the session still lives"),
            Self::TagList { tags, pages } => write!(f, "{tags} tags match, on {pages} pages: the list was never seen"),
            Self::ListAsBefore => f.write_str("the tags are those of the last look"),
            Self::Moved(0) => f.write_str("no known tag moved"),
            Self::Moved(n) => write!(f, "no more than {n} known tags moved"),
            Self::PassedOver(0) => f.write_str("every candidate is of use"),
            Self::PassedOver(n) => write!(f, "no more than {n} candidates are of no use"),
            Self::Shape(shape) => write!(f, "images that were never looked at are {shape}"),
            Self::ByTag => f.write_str("the registry gives manifests by tag"),
            Self::HeadTellsDates => f.write_str("its HEAD tells build dates"),
        }
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dated = match self {
            Self::Plain { dated } => {
                f.write_str("plain")?;
                dated
            }
            Self::Index { platforms, dated } => {
                write!(f, "indexes of {platforms} platforms")?;
                dated
            }
        };
        f.write_str(if *dated { ", annotated with their date" } else { "" })
    }
}
