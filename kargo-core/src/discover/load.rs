//! Whether looks stay within the budgets of their accounts (requirements A12).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{Calls, Forecast};
use crate::{model::Duration, port::Account};

/// A look that is taken again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLook {
    /// The Warehouse.
    pub warehouse: String,
    /// On whose quota.
    pub account: Account,
    /// What each look costs while nothing changes.
    pub calls: Calls,
    /// What it would cost if tags were promised never to move.
    pub promised: Calls,
    /// Whether every tag that matches is looked at, whatever the limit.
    pub all: bool,
    /// Time between two looks; less than a second counts as one.
    pub interval: Duration,
}

/// How much an account may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget {
    /// Requests in an hour, handshakes among them.
    pub per_hour: u64,
}

/// An account is asked for more than its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadWarning {
    /// The account.
    pub account: Account,
    /// Requests in an hour.
    pub per_hour: u64,
    /// The budget.
    pub budget: Budget,
    /// The Warehouses with their requests in an hour, the greediest first.
    pub warehouses: Vec<(String, u64)>,
    /// What can be done.
    pub advice: BTreeSet<LoadAdvice>,
}

/// What makes looks cost less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LoadAdvice {
    /// Look less often.
    RaiseInterval,
    /// Keep fewer candidates.
    LowerLimit,
    /// Let fewer tags through: for `NewestBuild`, each that matches is looked at.
    NarrowTags,
    /// Promise that tags never move.
    PromiseImmutable {
        /// How many requests an hour that saves.
        saves: u64,
    },
}

impl Default for Budget {
    /// Twenty requests a second, the reference's limit for a registry (discovery 2.10).
    fn default() -> Self {
        Self { per_hour: 20 * 3600 }
    }
}

impl PlannedLook {
    /// A Warehouse that takes the foretold look at this interval.
    pub fn new(warehouse: impl Into<String>, forecast: &Forecast, interval: Duration) -> Self {
        Self {
            warehouse: warehouse.into(),
            account: forecast.account.clone(),
            calls: forecast.steady,
            promised: forecast.promised,
            all: forecast.questions.looks_at_all(),
            interval,
        }
    }

    /// These requests, in an hour; rounded up.
    fn per_hour(&self, calls: Calls) -> u64 {
        const HOUR: u128 = 3_600_000_000_000;
        let interval = self.interval.as_nanos().max(1_000_000_000).unsigned_abs();
        let total = u128::from(calls.limited()).saturating_mul(HOUR).div_ceil(u128::from(interval));
        u64::try_from(total).unwrap_or(u64::MAX)
    }
}

/// Warns of accounts that planned looks ask for more than their budgets, in the order of the accounts.
///
/// ```
/// use kargo_core::discover::{Budget, Calls, PlannedLook, check_load};
/// use kargo_core::{model::Duration, port::Account};
///
/// let look = PlannedLook {
///     warehouse: "cart".into(),
///     account: Account::anonymous("ghcr.io"),
///     calls: Calls { list: 10, head: 1000, ..Calls::default() },
///     promised: Calls { list: 10, ..Calls::default() },
///     all: true,
///     interval: Duration::from_secs(300),
/// };
/// let warnings = check_load([look], |_| Budget { per_hour: 5000 });
/// assert_eq!(
///     warnings[0].to_string(),
///     "Warehouse cart asks ghcr.io for about 12120 requests an hour, budget 5000: raise interval, \
///      let fewer tags through, promise immutable tags (which saves 12000)"
/// );
/// ```
pub fn check_load(
    looks: impl IntoIterator<Item = PlannedLook>,
    budget: impl Fn(&Account) -> Budget,
) -> Vec<LoadWarning> {
    let mut accounts: BTreeMap<Account, Vec<PlannedLook>> = BTreeMap::new();
    for look in looks {
        accounts.entry(look.account.clone()).or_default().push(look);
    }
    accounts.into_iter().filter_map(|(account, looks)| warning(account, &looks, &budget)).collect()
}

fn warning(account: Account, looks: &[PlannedLook], budget: impl Fn(&Account) -> Budget) -> Option<LoadWarning> {
    let budget = budget(&account);
    let per_hour = looks.iter().fold(0_u64, |sum, look| sum.saturating_add(look.per_hour(look.calls)));
    if per_hour <= budget.per_hour {
        return None;
    }
    let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
    for look in looks {
        let sum = by_name.entry(&look.warehouse).or_default();
        *sum = sum.saturating_add(look.per_hour(look.calls));
    }
    let mut warehouses: Vec<_> = by_name.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    warehouses.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let promised = looks.iter().fold(0_u64, |sum, look| sum.saturating_add(look.per_hour(look.promised)));
    let mut advice: BTreeSet<_> = [LoadAdvice::RaiseInterval].into();
    // Only what is asked of tags one by one depends on how many there are.
    let mut by_tag = looks.iter().filter(|look| {
        let Calls { head, manifest, blob, .. } = look.calls;
        head > 0 || manifest > 0 || blob > 0
    });
    if by_tag.clone().any(|look| !look.all) {
        advice.insert(LoadAdvice::LowerLimit);
    }
    if by_tag.any(|look| look.all) {
        advice.insert(LoadAdvice::NarrowTags);
    }
    let saves = per_hour.saturating_sub(promised);
    if saves > 0 {
        advice.insert(LoadAdvice::PromiseImmutable { saves });
    }
    Some(LoadWarning { account, per_hour, budget, warehouses, advice })
}

impl fmt::Display for LoadWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.warehouses.as_slice() {
            [] => f.write_str("Nothing asks")?,
            [(name, _)] => write!(f, "Warehouse {name} asks")?,
            [(one, _), (two, _)] => write!(f, "Warehouses {one} and {two} ask")?,
            [(one, _), (two, _), more @ ..] => write!(f, "Warehouses {one}, {two} and {} more ask", more.len())?,
        }
        let Self { account, per_hour, budget, .. } = self;
        write!(f, " {account} for about {per_hour} requests an hour, budget {}: ", budget.per_hour)?;
        for (at, advice) in self.advice.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            write!(f, "{advice}")?;
        }
        Ok(())
    }
}

impl fmt::Display for LoadAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaiseInterval => f.write_str("raise interval"),
            Self::LowerLimit => f.write_str("lower discoveryLimit"),
            Self::NarrowTags => f.write_str("let fewer tags through"),
            Self::PromiseImmutable { saves } => write!(f, "promise immutable tags (which saves {saves})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(warehouse: &str, head: u64, seconds: i64) -> PlannedLook {
        let promised = Calls { list: 1, ..Calls::default() };
        PlannedLook {
            warehouse: warehouse.into(),
            account: Account::anonymous("ghcr.io"),
            calls: Calls { head, ..promised },
            promised,
            all: false,
            interval: Duration::from_secs(seconds),
        }
    }

    fn check(looks: &[PlannedLook], per_hour: u64) -> Vec<String> {
        check_load(looks.to_vec(), |_| Budget { per_hour }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn requirements_a12_only_what_is_over_the_budget_is_warned_of() {
        let cart = look("cart", 20, 300);
        assert_eq!(check(std::slice::from_ref(&cart), 252), Vec::<String>::new());
        assert_eq!(
            check(&[cart], 251),
            ["Warehouse cart asks ghcr.io for about 252 requests an hour, budget 251: raise interval, \
              lower discoveryLimit, promise immutable tags (which saves 240)"]
        );
        assert_eq!(check(&[], 0), Vec::<String>::new());
    }

    #[test]
    fn requirements_a12_warehouses_of_an_account_add_up_and_accounts_do_not() {
        let other = PlannedLook { account: Account::anonymous("quay.io"), ..look("pay", 99, 3600) };
        let looks = [look("a", 9, 3600), look("b", 19, 3600), look("c", 29, 3600), other];
        let warnings = check_load(looks.to_vec(), |_| Budget { per_hour: 59 });
        assert_eq!(warnings.len(), 2);
        assert_eq!((warnings[0].per_hour, warnings[1].per_hour), (60, 100));
        assert!(warnings[0].to_string().starts_with("Warehouses c, b and 1 more ask ghcr.io for about 60 "));
    }

    #[test]
    fn requirements_a12_advice_fits() {
        let listed = PlannedLook { calls: Calls { list: 9, ..Calls::default() }, ..look("oci", 0, 1) };
        let listed = PlannedLook { promised: listed.calls, ..listed };
        assert_eq!(check_load([listed], |_| Budget { per_hour: 1 })[0].advice, [LoadAdvice::RaiseInterval].into());
        let git = Calls { ls_remote: 2, fetch: 1, ..Calls::default() };
        let git = PlannedLook { calls: git, promised: git, ..look("git", 0, 1) };
        assert_eq!(check_load([git], |_| Budget { per_hour: 1 })[0].advice, [LoadAdvice::RaiseInterval].into());
        let now = PlannedLook { all: true, ..look("eager", 1, 0) };
        let warning = &check_load([now], |_| Budget::default())[..];
        assert!(warning.is_empty(), "an interval of nothing counts as a second: 7200 an hour");
    }
}
