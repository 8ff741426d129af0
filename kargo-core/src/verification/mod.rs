//! Verification: whether what a place holds is good, and what that says of freight. Declarations alone.
//!
//! [`judge`] says whether a verification begins, from a few [`Facts`]. A [`Verification`] is one of them: [`decide`] says what
//! follows from an [`Input`], as [`Event`]s, and [`Verification::apply`] is the only thing that changes it. [`State`] is its
//! machine. What it owes to the outside is [`Verification::owed`]: to start a run ([`VerifyRun`]), to look at it, to stop it;
//! [`Looks`] knows when the next look is due. What came of it enters the [`Verdicts`] of the place, which know what freight is
//! verified there. [`aggregate`] and [`Situation`] are the health of a place, [`Observed`] what its
//! conditions show (control 4 and 5; rules 6).

mod arguments;
mod condition;
mod decide;
mod health;
mod judge;
mod looks;
mod machine;
mod record;
mod verdict;
mod verdicts;

pub use arguments::{ArgumentError, Occasion, OpenError, VerifyArgument, VerifyRun};
pub use condition::Observed;
pub use decide::{Asked, Input, MAX_LOST_LOOKS, decide};
pub use health::{Situation, aggregate, of_check, unregistered};
pub use judge::{Facts, Idle, Judgement, Latest, Reverify, counts, judge};
pub use looks::Looks;
pub use machine::{AbortReason, End, Event, State};
pub use record::{Owed, Verification};
pub use verdict::{MAX_MESSAGE, RunHandle, RunReference, Verdict};
pub use verdicts::{Change, Latest as LatestVerdict, Members, Verdicts};
