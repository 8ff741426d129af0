//! The right to append to a log: who has it, until when, and the token that tells a deposed owner apart.

use crate::model::{ProjectName, Timestamp};

/// The right to append to the log of a project (architecture, law 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The project.
    pub project: ProjectName,
    /// Its fencing token: greater than that of every lease of the project before it.
    pub token: u64,
    /// When it runs out, by the journal's clock.
    pub until: Timestamp,
}

/// Who has a lease, or had it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its name for people.
    pub owner: String,
    /// Its token.
    pub token: u64,
    /// When it acquired the lease.
    pub since: Timestamp,
    /// When it last acquired or renewed it: a sign of life that leaves no trace in the log (rules 5).
    pub renewed: Timestamp,
    /// When the lease runs out or ran out.
    pub until: Timestamp,
    /// Whether it was given back.
    pub released: bool,
}

/// What became of the wish for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Acquired {
    /// Here it is.
    Lease {
        /// The lease.
        lease: Lease,
        /// Who had it before. Where it was not given back, what that owner has under way is waited out (rules 4).
        before: Option<Holder>,
    },
    /// Somebody else has it.
    Held(Holder),
}

/// What became of a lease that was to be kept or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Kept {
    /// It is as it was asked for: it lasts until then, or was given back.
    Lease(Lease),
    /// It does not count any more.
    Stale {
        /// The newest token that was given.
        newest: u64,
    },
}
