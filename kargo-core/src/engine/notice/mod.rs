//! What people hear of a project: notices, folded from its log. Declarations alone.
//!
//! [`Notices`] is the fold: events in, notices out, in order and the same in a live run and after a replay.

mod after;
mod before;
mod fold;
mod happened;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod notice;
mod subject;
mod text;

pub use fold::Notices;
pub use happened::Happened;
pub use notice::Notice;
pub use subject::{Called, Judged, OfPromotion, OfStep};
