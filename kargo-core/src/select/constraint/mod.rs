//! Version constraints: `^1.2`, `>=1.0.0-0 <2 || 3.x`, `1.2 - 2.0`.

mod hyphen;
mod matches;
mod parse;
mod range;

pub use parse::{ConstraintError, ConstraintProblem};
pub use range::Constraint;
