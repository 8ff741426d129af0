//! The promotion process: from a Stage's template to the steps of a promotion, and what their templates see. Declarations
//! alone.
//!
//! [`build()`] makes a promotion, with [`inflate()`] for its steps and [`list()`] for its loops. When a step is looked at,
//! [`Context`] and [`Variables`] give the names that its condition and its configuration see.

mod build;
mod context;
mod inflate;
mod list;
mod literal;
mod loops;
mod variables;

pub use build::{BuildError, HoldIntent, NewPromotion, build};
pub use context::{Context, Facts, TargetFacts, TargetFreight, short_actor};
pub use inflate::{InflateError, Inflated, Inflation, MakeList, TaskProblem, Tasks, inflate};
pub use list::list;
pub use literal::{LiteralError, literal};
pub use loops::{LoopError, MAX_ELEMENT};
pub use variables::{Evaluate, VariableError, Variables, with_variables};
