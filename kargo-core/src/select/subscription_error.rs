//! What is wrong with a subscription that cannot be selected from.

use super::{ConstraintError, PatternError};
use crate::expr::ExprError;

/// Why nothing can be selected for a subscription: the field, and the rule it breaks.
///
/// ```
/// use kargo_core::{model::ImageSubscription, select::image::ImageRules};
///
/// let subscription = ImageSubscription { constraint: Some("latest".into()), ..ImageSubscription::default() };
/// let error = ImageRules::new(&subscription).unwrap_err();
/// assert_eq!(error.field(), "constraint");
/// assert_eq!(
///     error.to_string(),
///     r#"constraint: "latest" is not a version range: expected a version such as 1.2.3 or 1.x at byte 0 (discovery 2.11)"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem} ({})", self.rule())]
pub struct SubscriptionError {
    field: String,
    problem: SubscriptionProblem,
}

impl SubscriptionError {
    /// The field, as manifests spell it, with the place in a list: `allowTagsRegexes[1]`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn problem(&self) -> &SubscriptionProblem {
        &self.problem
    }

    /// The rule that is broken: document and section.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self.problem {
            SubscriptionProblem::Removed { .. } => "discovery 2.1 and 3.1",
            SubscriptionProblem::Pattern(_) => "discovery 2.2 and 3.7",
            SubscriptionProblem::Constraint(_) => "discovery 2.11",
            SubscriptionProblem::Expression(_) => "discovery 3.8",
            SubscriptionProblem::Platform { .. } => "discovery 2.6",
            SubscriptionProblem::NoTag => "discovery 2.1",
            SubscriptionProblem::Limit { .. } => "discovery 1.2",
            SubscriptionProblem::ChartUrl { .. }
            | SubscriptionProblem::NoChartName
            | SubscriptionProblem::ChartName => "discovery 4.1",
        }
    }

    pub(super) fn new(field: impl Into<String>, problem: SubscriptionProblem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// What is wrong with a field of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriptionProblem {
    /// The field is no longer understood, and ignoring it would select other artifacts than are meant.
    #[error("is no longer supported: write {instead}")]
    Removed {
        /// The field to use.
        instead: &'static str,
    },
    /// A regular expression or a path pattern is malformed.
    #[error(transparent)]
    Pattern(PatternError),
    /// A version constraint is malformed.
    #[error(transparent)]
    Constraint(ConstraintError),
    /// A filter expression is malformed.
    #[error(transparent)]
    Expression(ExprError),
    /// A platform is not `<os>/<arch>[/<variant>]`.
    #[error("{text:?} is not a platform: write <os>/<arch>[/<variant>], such as linux/amd64")]
    Platform {
        /// The refused text.
        text: String,
    },
    /// The strategy `Digest` without the tag that it follows.
    #[error("the strategy Digest needs the tag that it follows, such as latest")]
    NoTag,
    /// A limit outside of 1 to 100.
    #[error("{limit} is not a limit: write a number from 1 to 100")]
    Limit {
        /// The refused number.
        limit: i64,
    },
    /// A chart's URL has none of the three schemes.
    #[error("{url:?} is no chart repository: write https://, http:// or oci://")]
    ChartUrl {
        /// The refused text.
        url: String,
    },
    /// A chart of a classic repository without a name.
    #[error("a chart in a classic repository needs its name")]
    NoChartName,
    /// A chart of an OCI registry with a name beside its URL.
    #[error("a chart in an OCI registry is named by its URL alone: leave the name out")]
    ChartName,
}
