//! Running one bounded process: limits on time and output, and no process left behind.

mod limits;
mod records;
mod run;
mod tail;

pub(crate) use limits::Limits;
pub(crate) use run::{Job, RunError, Stop, run};
