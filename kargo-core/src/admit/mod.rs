//! Whether something may start now: the one rule that commands, automation, slots, listing, explanation and plan ask.
//! Declarations alone.
//!
//! Freight is admitted to a Stage if it is [eligible](crate::eligible) there, nobody rejected it, neither the Stage nor the
//! project is paused, the windows are open, and as many people approved it as the Stage's policy asks for. What binds
//! automation alone stands beside it: [`hold`].

mod approvals;
mod explain;
mod gate;
mod hold;
mod needs;
mod pause;
mod rejection;
mod window;

pub use approvals::approvals_missing;
pub use explain::{explain, of};
pub use gate::{Gate, admission, is_admitted};
pub use hold::{effective_holds, has_holds, hold, hold_of, is_automatic, is_kept};
pub use pause::{is_paused, pauses};
pub use rejection::rejections;
pub use window::{WindowState, window};
