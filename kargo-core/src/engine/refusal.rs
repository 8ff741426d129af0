//! Why a command changed nothing.

use std::fmt;

use crate::why::{Reason, Why};

/// Why a command changed nothing: what was asked, and the reasons with what would change them.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    what: String,
    why: Box<Why>,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>, why: Why) -> Self {
        Self { what: what.into(), why: Box::new(why) }
    }

    /// For one reason.
    pub(super) fn because(what: impl Into<String>, reason: Reason) -> Self {
        Self::new(what, Why::missing(reason))
    }

    /// What was asked for.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The reasons.
    #[must_use]
    pub fn why(&self) -> &Why {
        &self.why
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}{}", self.what, self.why.tree())
    }
}
