//! What to do when the work tree is lost (rules 14).

use super::{run::Run, step::StepState};
use crate::{
    model::Duration,
    report::{Outside, StepOutcome, Tree},
};

/// How many times a step is tried when it has to write the tree again.
pub(super) const REDO_ATTEMPTS: u32 = 5;

/// What the loss of the work tree means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// No step that is left reads it.
    NotNeeded,
    /// These steps have to write it again, in order.
    Redo(Vec<usize>),
    /// It cannot be had again, for this reason.
    Hopeless(String),
}

/// What has to be done when the tree is lost and the newest checkpoint is the one after step `checkpoint`.
pub(super) fn lost(run: &Run, checkpoint: Option<usize>) -> Lost {
    let spec = |step: usize| run.plan.steps().get(step).and_then(|planned| planned.spec());
    let uses_tree = |step: usize| spec(step).is_some_and(|spec| spec.tree() != Tree::None);
    let left = run.steps.iter().enumerate().filter(|(_, record)| !record.state.is_over());
    if !left.map(|(step, _)| step).any(uses_tree) {
        return Lost::NotNeeded;
    }
    let from = checkpoint.map_or(0, |checkpoint| checkpoint.saturating_add(1));
    let mut redo = Vec::new();
    for (step, record) in run.steps.iter().enumerate().skip(from) {
        let Some(spec) = spec(step) else { continue };
        if record.state != StepState::Succeeded || spec.tree() != Tree::Writes {
            continue;
        }
        if spec.outside() == Outside::Acts {
            // After such a step there is always a checkpoint; without it the step would act twice.
            let alias = run.plan.steps().get(step).map_or("", |step| &**step.alias());
            return Lost::Hopeless(format!(
                "the work tree is lost, and so is the checkpoint after step {alias:?}, which has acted outside and cannot run again"
            ));
        }
        redo.push(step);
    }
    Lost::Redo(redo)
}

/// Whether a redone step may be tried once more.
pub(super) fn may_try_again(outcome: &StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Errored { terminal: false, .. } | StepOutcome::Failed { terminal: false })
}

/// How long its peer asked to wait.
pub(super) fn asked(outcome: &StepOutcome) -> Option<Duration> {
    if let StepOutcome::Errored { retry_after, .. } = outcome { *retry_after } else { None }
}
