//! Which records of a promotion a step can see (promotion-engine 1.10; rules 15).

use super::{run::Run, step::StepState};
use crate::model::StepStatus;

/// What a step sees of the steps of its promotion.
///
/// A step in a parallel member of a loop sees what stands before the loop and its own member, not its siblings (rules 15).
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    run: &'a Run,
    /// The step that looks.
    index: usize,
}

impl<'a> Scope<'a> {
    pub(super) fn new(run: &'a Run, index: usize) -> Self {
        Self { run, index }
    }

    /// Whether a step that counts has Failed or Errored, this one included: on another attempt it sees its own failure.
    pub(super) fn has_failure(&self) -> bool {
        self.indices().any(|index| self.has_failed(index))
    }

    /// Whether a step that counts has Failed or Errored, of those before: the condition of a step without `if`.
    pub(super) fn is_blocked(&self) -> bool {
        self.indices().filter(|index| *index != self.index).any(|index| self.has_failed(index))
    }

    /// The status of the step of this alias in the looking step's own task, or outside of tasks if it is in none; `None` if
    /// there is no such step or it was not looked at yet.
    pub(super) fn status_of(&self, alias: &str) -> Option<StepStatus> {
        let steps = self.run.plan.steps();
        let own = steps.get(self.index)?.namespace();
        let found = self.indices().find(|index| {
            steps.get(*index).is_some_and(|step| step.namespace() == own && step.short_alias() == alias)
        })?;
        self.run.steps.get(found)?.status()
    }

    fn has_failed(&self, index: usize) -> bool {
        let counts = self.run.plan.steps().get(index).is_some_and(|step| !step.continue_on_error());
        let status = self.run.steps.get(index).and_then(super::run::StepRecord::status);
        counts && matches!(status, Some(StepStatus::Failed | StepStatus::Errored))
    }

    /// The steps that were looked at, as far as they are seen.
    fn indices(&self) -> impl Iterator<Item = usize> {
        let hidden = self.run.plan.siblings(self.index);
        let visited = |index: &usize| self.run.steps.get(*index).is_some_and(|record| record.state != StepState::Fresh);
        (0..self.run.steps.len()).filter(visited).filter(move |index| !hidden.contains(*index))
    }
}
