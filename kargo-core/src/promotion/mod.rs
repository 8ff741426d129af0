//! The promotion process: from a Stage's template to the steps of a promotion, and what their templates see. Declarations
//! alone.

mod context;
mod literal;
mod variables;

pub use context::{Context, Facts, TargetFacts, TargetFreight, short_actor};
pub use literal::{LiteralError, literal};
pub use variables::{Evaluate, VariableError, Variables, with_variables};
