//! The newest combination that fits together, one candidate per slot (rules 9). Declarations alone.
//!
//! A [`Join`] says how many candidates each slot has, newest first, and which clauses a combination must meet; [`search`]
//! finds the best combination without ever listing them all, and says for each slot why it could not be newer. Warehouses
//! search so among what they discovered, Junctions among the freight of their slots.

mod bits;
mod component;
mod explain;
mod join;
mod memo;
mod run;
mod solve;

pub use join::{Join, by_newness};
pub use run::{Choice, Conflict, DEFAULT_BUDGET, Searched, conflict, search, unmet};
