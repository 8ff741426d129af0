//! Lanes: what only one effect at a time may be under way in (rules 4).

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Something outside that only one effect at a time may act on: a branch, an application, a pull request, a repository of a
/// registry. A kind and a name, such as `branch/https://github.com/acme/env main`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(Arc<str>);

/// How lanes follow from a step's configuration: an expression over `config` that yields a text, a list of texts, or nil
/// for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LaneTemplate(Arc<str>);

impl Lane {
    /// A lane by its name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LaneTemplate {
    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.0
    }
}

impl From<&str> for LaneTemplate {
    fn from(expression: &str) -> Self {
        Self(expression.into())
    }
}
