//! Counts of requests by class, as the cost table of requirements A counts them.

use std::{fmt, iter, ops};

use serde::{Deserialize, Serialize};

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CallClass {
    /// The beginning of a session: ping and token, counted as one.
    Handshake,
    /// A page of a tag list, or an index of charts.
    List,
    /// A digest by HEAD.
    Head,
    /// A manifest by GET.
    Manifest,
    /// A blob by GET.
    Blob,
    /// A hop to where a blob really is; apart from the others.
    Redirect,
    /// `git ls-remote`.
    LsRemote,
    /// `git fetch`.
    Fetch,
}

/// How many requests of each class: counted, or foretold.
///
/// Sums that are too great stay at the greatest number, and differences stop at zero.
///
/// ```
/// use kargo_core::discover::{CallClass, Calls};
///
/// let mut calls = Calls::default();
/// calls.add(CallClass::List);
/// assert_eq!(calls, Calls { list: 1, ..Calls::default() });
/// let twenty = Calls { manifest: 1, blob: 1, ..Calls::default() } * 20;
/// assert_eq!((calls + twenty).to_string(), "1 list, 20 manifest, 20 blob");
/// assert_eq!((calls + twenty).work(), 41);
/// assert!((calls + twenty).covers(&twenty) && !twenty.covers(&calls));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Calls {
    /// Beginnings of sessions.
    pub handshake: u64,
    /// Pages of lists.
    pub list: u64,
    /// Digests by HEAD.
    pub head: u64,
    /// Manifests.
    pub manifest: u64,
    /// Blobs.
    pub blob: u64,
    /// Hops of redirects.
    pub redirect: u64,
    /// Looks at a git remote.
    pub ls_remote: u64,
    /// Fetches from a git remote.
    pub fetch: u64,
}

impl Calls {
    /// Counts one more.
    pub fn add(&mut self, class: CallClass) {
        let count = match class {
            CallClass::Handshake => &mut self.handshake,
            CallClass::List => &mut self.list,
            CallClass::Head => &mut self.head,
            CallClass::Manifest => &mut self.manifest,
            CallClass::Blob => &mut self.blob,
            CallClass::Redirect => &mut self.redirect,
            CallClass::LsRemote => &mut self.ls_remote,
            CallClass::Fetch => &mut self.fetch,
        };
        *count = count.saturating_add(1);
    }

    /// All of them, but for hops and handshakes: what the cost table's formulas add up.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.each().into_iter().filter(|(class, _)| !class.is_apart()).fold(0, |sum, (_, n)| sum.saturating_add(n))
    }

    /// All that counts against the limits of the account: the work and the handshakes. Hops go to another host.
    #[must_use]
    pub fn limited(&self) -> u64 {
        self.work().saturating_add(self.handshake)
    }

    /// Whether there are at least as many of each class as there.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.each().into_iter().zip(other.each()).all(|((_, here), (_, there))| here >= there)
    }

    /// The numbers with their classes, in the order of the table.
    #[must_use]
    pub fn each(&self) -> [(CallClass, u64); 8] {
        [
            (CallClass::Handshake, self.handshake),
            (CallClass::List, self.list),
            (CallClass::Head, self.head),
            (CallClass::Manifest, self.manifest),
            (CallClass::Blob, self.blob),
            (CallClass::Redirect, self.redirect),
            (CallClass::LsRemote, self.ls_remote),
            (CallClass::Fetch, self.fetch),
        ]
    }

    fn combined(self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            handshake: combine(self.handshake, other.handshake),
            list: combine(self.list, other.list),
            head: combine(self.head, other.head),
            manifest: combine(self.manifest, other.manifest),
            blob: combine(self.blob, other.blob),
            redirect: combine(self.redirect, other.redirect),
            ls_remote: combine(self.ls_remote, other.ls_remote),
            fetch: combine(self.fetch, other.fetch),
        }
    }
}

impl CallClass {
    /// Whether the formulas of the cost table leave it out: handshakes come once a session, hops go elsewhere.
    fn is_apart(self) -> bool {
        matches!(self, Self::Handshake | Self::Redirect)
    }
}

/// As the table's columns say it: "HEAD", "ls-remote".
impl fmt::Display for CallClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handshake => "handshake",
            Self::List => "list",
            Self::Head => "HEAD",
            Self::Manifest => "manifest",
            Self::Blob => "blob",
            Self::Redirect => "redirect",
            Self::LsRemote => "ls-remote",
            Self::Fetch => "fetch",
        })
    }
}

impl ops::Add for Calls {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.combined(other, u64::saturating_add)
    }
}

impl ops::AddAssign for Calls {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What came since an earlier count.
impl ops::Sub for Calls {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        self.combined(earlier, u64::saturating_sub)
    }
}

/// The same so many times.
impl ops::Mul<u64> for Calls {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        self.combined(self, |n, _| n.saturating_mul(times))
    }
}

impl iter::Sum for Calls {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), ops::Add::add)
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.each().into_iter().filter(|(_, n)| *n > 0);
        let Some((class, n)) = rest.next() else { return f.write_str("no calls") };
        write!(f, "{n} {class}")?;
        rest.try_for_each(|(class, n)| write!(f, ", {n} {class}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stop_at_their_ends() {
        let most = Calls { head: u64::MAX, manifest: 1, ..Calls::default() };
        assert_eq!((most + most).head, u64::MAX);
        assert_eq!((most * 2).manifest, 2);
        assert_eq!(most.limited(), u64::MAX);
        assert_eq!((Calls::default() - most).to_string(), "no calls");
    }

    #[test]
    fn requirements_a_handshakes_and_hops_stand_apart() {
        let calls = Calls { handshake: 1, list: 2, head: 3, manifest: 4, blob: 5, redirect: 6, ls_remote: 7, fetch: 8 };
        assert_eq!((calls.work(), calls.limited()), (29, 30));
        assert_eq!([calls, calls].into_iter().sum::<Calls>(), calls * 2);
    }
}
