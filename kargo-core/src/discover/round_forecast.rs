//! What whole rounds will cost: what many ask is counted once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    Assumption, Calls, Forecast,
    count::PortKind,
    forecast::{Questions, account_line},
};
use crate::port::{Account, ImageRepo};

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
    counted: Counted,
}

impl RoundForecast {
    /// With one more subscription.
    pub fn add(&mut self, forecast: Forecast) {
        let calls = self.counted.add(&forecast, forecast.calls);
        let (sum, all) = self.accounts.entry(forecast.account).or_default();
        *sum += calls;
        all.extend(forecast.assumptions);
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

/// What was counted already, each with the most that any asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    sessions: BTreeMap<(Account, PortKind, Option<ImageRepo>), Calls>,
    lists: BTreeMap<ImageRepo, Calls>,
    asked: BTreeMap<Questions, Calls>,
}

impl Counted {
    /// Which of these calls come on top, if they are for what the forecast asks.
    pub(super) fn add(&mut self, forecast: &Forecast, calls: Calls) -> Calls {
        let questions = &forecast.questions;
        let session = Calls { handshake: calls.handshake, ..Calls::default() };
        // Requests of one account share its session with the port, or those of one repository do.
        let login = match questions {
            Questions::Images { repo, has_login: true, .. } => Some(repo.clone()),
            _ => None,
        };
        let key = (forecast.account.clone(), questions.port(), login);
        let begun = self.sessions.entry(key).or_default();
        let mut more = raise(begun, session);
        let mut rest = calls - session;
        if let Questions::Images { repo, demand, tags, .. } = questions {
            let list = Calls { list: rest.list, ..Calls::default() };
            rest = rest - list;
            if demand.lists {
                more += raise(self.lists.entry(repo.clone()).or_default(), list);
            }
            if tags.is_none() {
                // Two that nothing is known of may ask for different tags.
                return more + rest;
            }
        }
        more + raise(self.asked.entry(questions.clone()).or_default(), rest)
    }
}

/// Makes it at least as many; how many came on top.
fn raise(counted: &mut Calls, calls: Calls) -> Calls {
    let more = calls - *counted;
    *counted += more;
    more
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
