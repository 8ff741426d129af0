//! Which artifacts: version constraints, name patterns, and what a subscription selects of images, commits and charts.

mod best;
pub mod chart;
mod constraint;
pub mod git;
mod glob;
pub mod image;
mod name_pattern;
mod news;
mod path;
mod policy_selector;
mod subscription_error;
mod tag_filter;
mod tag_order;

pub use crate::model::{
    pattern_error::{GlobProblem, PatternError, RegexProblem},
    re2::compile_regex,
    version::{Version, VersionError, VersionProblem},
};
pub use constraint::{Constraint, ConstraintError, ConstraintProblem};
pub use glob::Glob;
pub use name_pattern::{NamePattern, check_path_pattern};
pub use news::{FoundArtifact, NewArtifact, has_same_windows, is_known, news};
pub use path::{PathFilter, PathPattern};
pub use policy_selector::Selector;
pub use subscription_error::{SubscriptionError, SubscriptionProblem};
