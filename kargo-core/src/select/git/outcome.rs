//! How a selection of commits ended.

use crate::{
    expr::ExprError,
    model::{DiscoveredCommit, Tag},
};

/// How a selection of commits ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitOutcome {
    /// The commits, best first.
    pub commits: Vec<DiscoveredCommit>,
    /// Candidates that could not be judged, the first [`MAX_SKIPPED`](Self::MAX_SKIPPED) of them. The reference fails as a
    /// whole instead.
    pub skipped: Vec<SkippedCommit>,
    /// How many more there were.
    pub more_skipped: usize,
}

impl GitOutcome {
    /// How many skipped candidates are kept: a history in which an expression fails on every commit can be very long.
    pub const MAX_SKIPPED: usize = 100;

    pub(super) fn skip(&mut self, id: Option<&str>, tag: Option<&Tag>, reason: CommitSkipReason) {
        if self.skipped.len() < Self::MAX_SKIPPED {
            self.skipped.push(SkippedCommit { id: id.map(str::to_owned), tag: tag.cloned(), reason });
        } else {
            self.more_skipped += 1;
        }
    }
}

/// A candidate that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedCommit {
    /// The commit, if it is known.
    pub id: Option<String>,
    /// The tag, for the strategies over tags.
    pub tag: Option<Tag>,
    /// Why.
    pub reason: CommitSkipReason,
}

/// Why a candidate could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitSkipReason {
    /// The filter expression failed on it.
    #[error("the expression filter failed: {0}")]
    Expression(ExprError),
    /// The filter expression gave neither a truth value nor a text of one.
    #[error("the expression filter gave {value:?}, which is neither true nor false")]
    NotABool {
        /// What it gave.
        value: String,
    },
    /// Nothing is known of the tag: it is gone, or points at no commit.
    #[error("it is gone, or points at no commit")]
    Unknown,
    /// The paths that it changed are not known.
    #[error("the paths that it changed could not be listed")]
    NoPaths,
    /// An earlier look could not judge it, and nothing has moved since.
    #[error("{text}")]
    Earlier {
        /// What the earlier look said.
        text: String,
    },
}
