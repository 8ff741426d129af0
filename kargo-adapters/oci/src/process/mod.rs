//! Processes with limits on time and output, that leave nothing behind. Declarations alone.

mod group;
mod run;

pub(crate) use run::{Ended, Job, RunError, run};
