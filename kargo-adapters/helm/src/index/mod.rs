//! `index.yaml`: what it holds, and what is wrong with it. Declarations alone.

mod collect;
mod error;
mod read;
mod skim;
mod walk;

pub(crate) use collect::reported;
pub use collect::{Reading, SkipReason, Skipped};
pub use error::IndexError;
pub use read::read_index;
