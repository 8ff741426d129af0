//! Commits: from refs and history to the commits that a subscription selects (discovery 3). Declarations alone.
//!
//! [`GitRules`] are the subscription, checked and compiled. They say which refs to look at, whether those changed
//! ([`is_unchanged`]), and begin a [`GitSelection`]: a [`BranchSelection`] walks the history of a branch, a [`TagListing`]
//! takes the names of tags and becomes a [`TagSelection`]. Both say what to ask next, one question for many commits at a
//! time, until the commits are known. They do no I/O.
//!
//! ```
//! use kargo_core::model::{CommitSelectionStrategy, GitSubscription};
//! use kargo_core::select::git::{GitRules, GitSelection, TagAsk, TagFacts};
//!
//! let subscription = GitSubscription {
//!     commit_selection_strategy: CommitSelectionStrategy::SemVer,
//!     expression_filter: Some("author endsWith '<eve@example.com>'".into()),
//!     discovery_limit: 1,
//!     ..Default::default()
//! };
//! let rules = GitRules::new(&subscription)?;
//! assert_eq!(rules.ref_pattern(), "refs/tags/*");
//!
//! let GitSelection::Tags(mut listing) = rules.selection(Default::default()) else { unreachable!() };
//! listing.offer(["v1.2.9", "v1.10.0", "nightly"].map(Into::into));
//! let mut selection = listing.listed();
//! assert_eq!(selection.ask(), Some(&TagAsk::Facts(vec!["v1.10.0".into()])));
//! let facts = TagFacts { tag: "v1.10.0".into(), id: "deadbeef".into(), author: "Eve <eve@example.com>".into(), ..Default::default() };
//! selection.facts([facts]);
//! assert_eq!(selection.ask(), None);
//! assert_eq!(selection.finish().commits[0].tag, Some("v1.10.0".into()));
//! # Ok::<(), kargo_core::select::SubscriptionError>(())
//! ```

mod branch;
mod expression;
mod facts;
mod outcome;
mod refs;
mod rules;
mod tags;

pub use branch::{BranchAsk, BranchSelection};
pub use facts::{CommitDate, CommitFacts, TagFacts};
pub use outcome::{CommitSkipReason, GitOutcome, SkippedCommit};
pub use refs::{MAX_OBSERVED_TAGS, is_unchanged};
pub use rules::{GitRules, GitSelection};
pub use tags::{TagAsk, TagListing, TagSelection};
