//! What happens by itself in a Stage: which freight automation takes, which promotion is next, what ended promotions leave
//! behind. Declarations alone.
//!
//! [`evaluate`] puts it together for whoever keeps Kargo's objects; an engine calls the same functions. Times of evaluation are
//! arguments, and what comes out is data.

mod automation;
mod candidate;
mod collect;
mod digest;
mod end;
mod evaluate;
mod explain;
mod guard;
mod name;
mod queue;
mod rollback;
mod status;
mod turn;
mod verification;
mod wake;

pub use automation::{Wish, automation, intents_of};
pub use candidate::{Candidate, candidate};
pub use collect::{Collectible, Keep, Retention, collectible_freight, collectible_promotions};
pub(crate) use collect::{freight_to_collect, promotions_to_collect};
pub(crate) use digest::has_left_no_trace;
pub use digest::{digest, tidy_holds};
pub(crate) use digest::{held_after, holds_after};
pub(crate) use evaluate::undigested;
pub use evaluate::{Evaluation, evaluate};
pub use explain::explain;
pub(crate) use queue::superseded;
pub use queue::{queue, superseded_by};
pub use rollback::{Setback, WayBack, rollback};
pub use status::status;
pub use turn::{NextTurn, next_turn, turn, withdrawn};
pub use wake::wakes_at;
pub(crate) use wake::wakes_of;
