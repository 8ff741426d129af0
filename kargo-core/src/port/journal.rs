//! The port to the log of a project: append at an expected position, read, snapshots, a lease with a fencing token.

use std::fmt;

use async_trait::async_trait;

use super::lease::{Acquired, Kept, Lease};
use crate::{
    engine::Position,
    model::{Duration, ProjectName},
    report::PortError,
};

/// A store of logs, one for each project (architecture, law 3). It does not look into what it keeps.
///
/// A refusal is an answer, not an error: [`Appended`], [`Saved`], [`Acquired`] and [`Kept`] say a typed "no".
///
/// * **Order.** The events of a project are numbered from 1 without a gap; the number is the event's [`Position`]. What was
///   appended never changes.
/// * **Atomicity.** A batch is in the log whole or not at all, also after a crash in the middle of writing it.
/// * **Durability.** When `append` answers, a later process reads the batch.
/// * **Idempotency.** An append is *not* idempotent, and need not be: said twice, the second is a conflict. After an error
///   or a dropped future nobody knows whether it happened; whoever asked reads on from the position it expected.
/// * **Fencing.** Every lease has a greater token than all before it of its project. What stands under a token that is not the newest, or
///   that was given back, is refused and changes nothing. A lease that ran out counts until somebody else acquires one.
/// * **Cancellation.** A dropped future leaves open whether it acted, never a part of a batch.
/// * **Concurrency.** Calls go side by side, of several processes where the store has them; of two appends at one position one wins.
/// * **Errors.** `Retryable` for a store that is busy, full or out of reach; `Rejected` for one that cannot be read.
#[async_trait]
pub trait Journal: fmt::Debug + Send + Sync {
    /// Appends encoded events right behind the position, all or none. No events: says whether the log ends there.
    async fn append(&self, lease: &Lease, behind: Position, events: Vec<Vec<u8>>) -> Result<Appended, PortError>;

    /// The events behind a position, in order, so many at the most; fewer where they are large, but at least one if there
    /// is any. At most 0 is asked for to learn where the log ends.
    async fn read(&self, project: &ProjectName, behind: Position, at_most: usize) -> Result<LogPage, PortError>;

    /// Keeps a snapshot. It is a cache (rules 12): those of another schema and older ones may be forgotten at any time.
    async fn save_snapshot(&self, lease: &Lease, snapshot: StoredSnapshot) -> Result<Saved, PortError>;

    /// The newest snapshot of this schema that is there.
    async fn newest_snapshot(&self, project: &ProjectName, schema: u32) -> Result<Option<StoredSnapshot>, PortError>;

    /// Makes this owner the only one that may append, for this long by the journal's own clock.
    ///
    /// `owner` is a name for people, such as `process 8121 on build-7`. Two processes may have the same: an owner that died is
    /// waited out, also by its namesake.
    async fn acquire(&self, project: &ProjectName, owner: &str, span: Duration) -> Result<Acquired, PortError>;

    /// Makes a lease last for this long from now.
    async fn renew(&self, lease: &Lease, span: Duration) -> Result<Kept, PortError>;

    /// Gives a lease back, so that the next owner need not wait. Given back twice is given back.
    async fn release(&self, lease: &Lease) -> Result<Kept, PortError>;
}

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Appended {
    /// The events are in the log, which ends here now.
    At(Position),
    /// The log does not end where the events were to follow; nothing was appended.
    Conflict {
        /// Where it ends.
        end: Position,
    },
    /// The lease does not count any more; nothing was appended.
    Stale {
        /// The newest token that was given.
        newest: u64,
    },
}

/// A part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Encoded events, the first right behind the position that was asked for.
    pub events: Vec<Vec<u8>>,
    /// Where the whole log ended when it was read.
    pub end: Position,
}

/// A snapshot as it is stored: an opaque blob, with what decides whether it is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// The schema of the state in it; a reader of another one throws it away (rules 12).
    pub schema: u32,
    /// The position up to which it knows the log.
    pub position: Position,
    /// The state.
    pub bytes: Vec<u8>,
}

/// What became of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Saved {
    /// It is kept, or a newer one of its schema is.
    Kept,
    /// It knows more than the log, which ends here; it is not kept.
    Ahead {
        /// Where the log ends.
        end: Position,
    },
    /// The lease does not count any more; it is not kept.
    Stale {
        /// The newest token that was given.
        newest: u64,
    },
}
