//! Which artifacts: version constraints and name patterns.

mod constraint;
mod glob;
mod name_pattern;
mod policy_selector;

pub use crate::model::{
    pattern_error::{GlobProblem, PatternError, RegexProblem},
    re2::compile_regex,
    version::{Version, VersionError, VersionProblem},
};
pub use constraint::{Constraint, ConstraintError, ConstraintProblem};
pub use glob::Glob;
pub use name_pattern::{NamePattern, check_path_pattern};
pub use policy_selector::Selector;
