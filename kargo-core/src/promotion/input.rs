//! What can happen to a promotion from outside.

use super::prepare::Prepared;
use crate::report::{Signal, StepReport};

/// Something that the outside says or that somebody wants, of one promotion.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// It is its turn.
    Begin,
    /// Time has passed, or something else has changed: whatever is due is done.
    Look,
    /// What a step refers to was resolved.
    Prepared {
        /// The step, counted from 0.
        step: usize,
        /// What came of it.
        prepared: Prepared,
    },
    /// A step has returned, from an attempt or from a look while it waits.
    Returned {
        /// The step, counted from 0.
        step: usize,
        /// What it says.
        report: StepReport,
        /// Signals that arrived while it was under way, the latest for each key (rules 3).
        heard: Vec<Signal>,
    },
    /// Something that may be waited for has changed.
    Signal(Signal),
    /// A step was found under way after a crash, and its kind can neither repeat nor look (rules 1).
    Unknown {
        /// The step, counted from 0.
        step: usize,
    },
    /// Somebody stops it.
    Abort {
        /// Who, such as `email:ana@acme.example`; empty if unknown.
        actor: String,
    },
    /// What was under way when it was aborted has ended (rules 4).
    Stopped {
        /// The step, counted from 0.
        step: usize,
    },
    /// Its work tree is gone (rules 14).
    TreeLost {
        /// The step after which the newest checkpoint was taken, which is restored; `None` if there is none.
        checkpoint: Option<usize>,
    },
}
