//! The aliases of earlier steps, as `outputs`, `task.outputs` and `status()` see them (promotion-engine 1.3, 1.10, 3.4).

use std::sync::Arc;

use super::scope::{Fields, Missing, Shape};
use crate::model::{Code, PromotionStep};

/// Of steps outside of tasks. Nothing but a step that ran before has outputs.
pub(super) const OUTPUTS: Missing =
    Missing { code: Code::ExprAlias, what: "earlier step", reason: "no earlier step has this alias", certain: true };

/// Of a task's own steps.
pub(super) const TASK_OUTPUTS: Missing = Missing {
    code: Code::ExprAlias,
    what: "earlier step",
    reason: "no earlier step of the task has this alias",
    certain: true,
};

/// Of the steps that `status()` finds.
pub(super) const STATUSES: Missing =
    Missing { code: Code::ExprAlias, what: "earlier step", reason: "no earlier step has this alias", certain: false };

/// The aliases of the steps before the one that comes next.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    outputs: Fields,
    statuses: Fields,
}

impl Earlier {
    pub(super) fn new(outputs: Missing) -> Self {
        Self { outputs: Fields::new(outputs), statuses: Fields::new(STATUSES) }
    }

    /// The step itself, which already has a record.
    pub(super) fn statuses_with(&self, alias: &str) -> Arc<Fields> {
        let mut statuses = self.statuses.clone();
        statuses.add(alias, Shape::Text);
        Arc::new(statuses)
    }

    pub(super) fn outputs(&self) -> Shape {
        self.outputs.clone().shape()
    }

    /// The fields of `outputs`, for those who see more beside.
    pub(super) fn fields(&self) -> Fields {
        self.outputs.clone()
    }

    /// Adds a step that has run.
    pub(super) fn add(&mut self, alias: &str) {
        self.outputs.add(alias, Shape::Any);
        self.statuses.add(alias, Shape::Text);
    }

    /// Adds a reference to a task whose steps are known, or not. What its steps compose is an output of its own alias;
    /// `status()` sees none of them.
    pub(super) fn add_task(&mut self, alias: &str, steps: Option<&[PromotionStep]>, repeated: bool) {
        self.outputs.add(alias, Shape::Any);
        if repeated {
            self.outputs.open.push(format!("{alias}-"));
        }
        match steps {
            Some(steps) if !repeated => {
                for (index, step) in steps.iter().enumerate() {
                    self.outputs.add(format!("{alias}::{}", step.effective_alias(index)), Shape::Any);
                }
            }
            _ => self.outputs.open.push(format!("{alias}::")),
        }
    }
}
