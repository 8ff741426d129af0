//! Whether freight is available to a place, and since or from when; nothing else. Declarations alone.
//!
//! One rule ([`availability`]) is behind every answer: the predicate, the listing, the instants and the explanation
//! (control 1.1; rules 7, traps 7 to 9).

mod explain;
mod list;
mod source;

pub use explain::explain;
pub use list::{Listing, list};
pub use source::{Availability, Claim, Upstream, availability, is_eligible, upstream};
pub(crate) use source::{is_passage, since};
