//! What to do when the work tree is lost (rules 14).

use super::{plan::PlannedStep, run::Run, step::StepState};
use crate::{
    expr::Value,
    model::Duration,
    report::{Outside, Pin, StepOutcome, Tree},
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

/// What has to be done when the tree is lost and the newest checkpoint is the one after step `checkpoint`. `config` tells with
/// which configuration a step that is done has run, where that can be told.
pub(super) fn lost(run: &Run, checkpoint: Option<usize>, config: impl Fn(usize) -> Option<Value>) -> Lost {
    let uses_tree = |step: usize| {
        let spec = run.plan.steps().get(step).and_then(PlannedStep::spec);
        spec.is_some_and(|spec| spec.tree() != Tree::None)
    };
    // A step that is being redone is needed for one of the others, or for none.
    let left = run.steps.iter().enumerate().filter(|(_, record)| !record.state.is_over() && !is_redone(&record.state));
    if !left.map(|(step, _)| step).any(uses_tree) {
        return Lost::NotNeeded;
    }
    let from = checkpoint.map_or(0, |checkpoint| checkpoint.saturating_add(1));
    let mut redo = Vec::new();
    for (step, record) in run.steps.iter().enumerate().skip(from) {
        let Some(spec) = run.plan.steps().get(step).and_then(PlannedStep::spec) else { continue };
        let done = record.state == StepState::Succeeded || is_redone(&record.state);
        if !done || spec.tree() != Tree::Writes {
            continue;
        }
        let config = config(step);
        let config = config.as_ref();
        if config.is_some_and(|config| spec.tree_of(config).is_ok_and(|tree| tree != Tree::Writes)) {
            continue;
        }
        let outside = config.and_then(|config| spec.outside_of(config).ok()).unwrap_or(spec.outside());
        if outside == Outside::Acts {
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

/// Whether it is done, and runs again for the work tree.
pub(super) fn is_redone(state: &StepState) -> bool {
    matches!(state, StepState::Redoing | StepState::RedoingLater(_))
}

/// Whether something is resolved otherwise than it was.
pub(super) fn is_moved(now: &Pin, before: &[Pin]) -> bool {
    before.iter().any(|pin| pin.of == now.of) && !before.contains(now)
}

/// Whether a redone step may be tried once more.
pub(super) fn may_try_again(outcome: &StepOutcome) -> bool {
    matches!(outcome, StepOutcome::Errored { terminal: false, .. } | StepOutcome::Failed { terminal: false })
}

/// How long its peer asked to wait.
pub(super) fn asked(outcome: &StepOutcome) -> Option<Duration> {
    if let StepOutcome::Errored { retry_after, .. } = outcome { *retry_after } else { None }
}
