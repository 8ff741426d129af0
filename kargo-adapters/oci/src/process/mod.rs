//! Processes with limits on time and output, that leave nothing behind. Declarations alone.

mod run;

pub(crate) use run::{Ended, Job, RunError, run};
