//! Asking the outside world as little as possible: what subscriptions select, over the ports. Declarations alone.
//!
//! A [`Discovery`] lives as long as the process: it has the ports, the budgets of accounts, and what was learnt before. A
//! [`Look`] is one round over any number of subscriptions; what two of them ask is asked once.

mod budget;
mod discovery;
mod image_look;
mod limits;
mod listing;
mod look;
mod memo;
mod memory;
mod promise;

pub use discovery::Discovery;
pub use image_look::ImageLook;
pub use limits::AccountLimits;
pub use look::Look;
pub use promise::{Promise, TagMoved};
