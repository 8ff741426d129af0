//! Why a template has no value.

use crate::expr::{
    error::{ExprError, Problem},
    sealed::Unresolved,
};

/// Why a template, or a document of templates, has no value.
///
/// The sentences are those that the users of Kargo know; they name no field (promotion-engine 4.7).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// An opener without its closer (promotion-engine 4.1).
    #[error("unclosed expression: expected {closer:?} but reached end of template")]
    Unclosed {
        /// Bytes of the template before the opener.
        offset: usize,
        /// The closer that is missing.
        closer: &'static str,
    },
    /// An expression that cannot be read, or that failed.
    #[error("{error}")]
    Expression {
        /// Bytes of the template before the expression.
        offset: usize,
        /// What is wrong; its place counts from there.
        error: Box<ExprError>,
    },
    /// The result of an expression that cannot be written as text (promotion-engine 4.2).
    #[error("{problem}")]
    Emission {
        /// Bytes of the template before the expression.
        offset: usize,
        /// What is wrong.
        problem: Problem,
    },
    /// A value that is too deep, or that a configuration cannot hold.
    #[error("{problem}")]
    Value {
        /// What is wrong.
        problem: Problem,
    },
    /// A configuration that is no object (promotion-engine 4.5).
    #[error("a step's config must be an object, found {found}; write it as `config: {{ name: value }}`")]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// A name in the environment of a configuration that belongs to a function (promotion-engine 4.4).
    #[error("{name:?} is a forbidden key in the environment map; it is reserved for internal use")]
    ReservedName {
        /// The name.
        name: &'static str,
    },
}

impl TemplateError {
    /// What would have to be known first, if that is why there is no value (rules 2).
    #[must_use]
    pub fn unresolved(&self) -> Option<&Unresolved> {
        let problem = match self {
            Self::Expression { error, .. } => error.problem(),
            Self::Emission { problem, .. } | Self::Value { problem } => problem,
            _ => return None,
        };
        if let Problem::Unresolved { needs } = problem { Some(needs) } else { None }
    }

    /// Bytes of the template before what is wrong, where that is known: the opener, or the expression.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Unclosed { offset, .. } | Self::Expression { offset, .. } | Self::Emission { offset, .. } => {
                Some(*offset)
            }
            Self::Value { .. } | Self::NotAnObject { .. } | Self::ReservedName { .. } => None,
        }
    }
}
