//! A log to travel in: what was when, why a Stage holds what it holds, where time went. Declarations alone.

mod allowed;
mod chain;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod history;
mod index;
mod not_moved;
mod shares;
mod times;

pub use history::{History, HistoryError, When};
pub use shares::Shares;
pub use times::{StepTimes, Times};
