//! Where a kind of step does less than it may: conditions over its configuration.

use serde::{Deserialize, Serialize};

use super::{Outside, Repeat, Tree, formula::Formula};
use crate::{
    expr::{Env, ExprError, Value},
    model::skip::is_default,
};

/// A condition, and what is less where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Narrowing {
    when: Formula,
    #[serde(default, skip_serializing_if = "is_default")]
    tree: Option<Tree>,
    #[serde(default, skip_serializing_if = "is_default")]
    outside: Option<Outside>,
    #[serde(default, skip_serializing_if = "is_default")]
    repeat: Option<Repeat>,
}

impl Narrowing {
    pub(super) fn tree(tree: Tree, when: &str) -> Self {
        Self { when: when.into(), tree: Some(tree), outside: None, repeat: None }
    }

    pub(super) fn outside(outside: Outside, when: &str) -> Self {
        Self { when: when.into(), tree: None, outside: Some(outside), repeat: None }
    }

    pub(super) fn repeat(repeat: Repeat, when: &str) -> Self {
        Self { when: when.into(), tree: None, outside: None, repeat: Some(repeat) }
    }

    pub(super) fn when(&self) -> &Formula {
        &self.when
    }

    pub(super) fn tree_less(&self) -> Option<Tree> {
        self.tree
    }

    pub(super) fn outside_less(&self) -> Option<Outside> {
        self.outside
    }

    pub(super) fn repeat_less(&self) -> Option<Repeat> {
        self.repeat
    }

    /// Whether it holds; not, if that cannot be told.
    pub(super) fn holds(&self, env: &Env) -> Result<bool, &ExprError> {
        Ok(self.when.run(env)?.as_ref().and_then(Value::as_bool) == Some(true))
    }
}
