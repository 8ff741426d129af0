//! Which artifacts: version constraints and name patterns.

mod constraint;
mod glob;
mod name_pattern;
mod pattern_error;
mod policy_selector;
mod re2;
mod version;

pub use constraint::{Constraint, ConstraintError, ConstraintProblem};
pub use glob::Glob;
pub use name_pattern::{NamePattern, check_path_pattern};
pub use pattern_error::{GlobProblem, PatternError, RegexProblem};
pub use policy_selector::Selector;
pub use re2::compile_regex;
pub use version::{Version, VersionError, VersionProblem};
