//! Counts of requests by class, as the cost table of requirements A counts them.

use std::{fmt, ops};

/// What kind of request it was.
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
    /// A hop to where a blob really is; apart from the five.
    Redirect,
    /// `git ls-remote`.
    LsRemote,
    /// `git fetch`.
    Fetch,
}

/// How many requests of each class.
///
/// ```
/// use kargo_testkit::fake::{CallClass, Calls};
/// let mut calls = Calls::default();
/// calls.add(CallClass::List);
/// assert_eq!(calls, Calls { list: 1, ..Calls::default() });
/// assert_eq!(calls.to_string(), "1 list");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
        *match class {
            CallClass::Handshake => &mut self.handshake,
            CallClass::List => &mut self.list,
            CallClass::Head => &mut self.head,
            CallClass::Manifest => &mut self.manifest,
            CallClass::Blob => &mut self.blob,
            CallClass::Redirect => &mut self.redirect,
            CallClass::LsRemote => &mut self.ls_remote,
            CallClass::Fetch => &mut self.fetch,
        } += 1;
    }

    /// All of them, but for hops and handshakes: what the cost table's formulas add up.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.list + self.head + self.manifest + self.blob + self.ls_remote + self.fetch
    }

    fn each(&self) -> [(&'static str, u64); 8] {
        [
            ("handshake", self.handshake),
            ("list", self.list),
            ("HEAD", self.head),
            ("manifest", self.manifest),
            ("blob", self.blob),
            ("redirect", self.redirect),
            ("ls-remote", self.ls_remote),
            ("fetch", self.fetch),
        ]
    }
}

/// What came since an earlier count.
impl ops::Sub for Calls {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            handshake: self.handshake - earlier.handshake,
            list: self.list - earlier.list,
            head: self.head - earlier.head,
            manifest: self.manifest - earlier.manifest,
            blob: self.blob - earlier.blob,
            redirect: self.redirect - earlier.redirect,
            ls_remote: self.ls_remote - earlier.ls_remote,
            fetch: self.fetch - earlier.fetch,
        }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some: Vec<_> =
            self.each().into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{n} {name}")).collect();
        f.write_str(if some.is_empty() { "no calls".to_owned() } else { some.join(", ") }.as_str())
    }
}
