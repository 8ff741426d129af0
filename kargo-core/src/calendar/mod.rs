//! When promotions may start: recurrence rules, windows, schedules, as pure functions of an instant. Declarations alone.
//!
//! A [`Window`] is active or not; a [`Schedule`] of windows is open or not, and knows when that changes next. Rules are
//! those of RFC 5545, in the zones of the compiled-in IANA table: local times that do not exist on a day are no
//! occurrences, of those that exist twice the first counts, and every occurrence lasts as long as the first.

mod days;
mod error;
mod moment;
mod recurrence;
mod rule;
mod schedule;
mod times;
mod window;

pub use error::CalendarError;
pub use moment::Moment;
pub use recurrence::Recurrence;
pub use rule::Rule;
pub use schedule::{Openness, Schedule};
pub use window::Window;
