//! A promotion as it runs: what is known of it, and how events change that.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    machine::{Phase, PhaseEvent},
    outputs::Outputs,
    plan::Plan,
    prepare::Asked,
    resolve::Resolved,
    step::{Returned, StepEvent, StepState},
    tree::is_redone,
};
use crate::{
    expr::Value,
    model::{FreightCollection, HealthCheckStep, StepStatus, Timestamp},
    report::{Checkouts, Fact, Pin},
};

/// A promotion as it runs. Only [`apply`](Self::apply) changes it.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) phase: Phase,
    pub(super) message: Option<Box<str>>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    /// One for each step of the plan.
    pub(super) steps: Box<[StepRecord]>,
    /// Outputs by alias, and of tasks by theirs (promotion-engine 1.6).
    pub(super) outputs: Outputs,
    /// Every step before this one is over.
    pub(super) first_open: usize,
    /// The freight that the place holds after success; fixed when the promotion begins (resources 20.4).
    pub(super) collection: Option<Arc<FreightCollection>>,
    /// Attempts that were begun, of all steps.
    pub(super) begun: u32,
    /// What was cloned where, so that later steps in these paths are known to act on those repositories (rules 4).
    pub(super) checkouts: Arc<Checkouts>,
    pub(super) rare: Option<Box<RareOfRun>>,
}

/// What few runs have while they wait, kept apart so that the others are small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RareOfRun {
    health_checks: Vec<HealthCheckStep>,
    /// Steps that have to run again since the work tree is lost, in order (rules 14).
    redo: Vec<usize>,
}

/// What is known of one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepRecord {
    pub(super) state: StepState,
    /// None of a step that was not reached; clones share it.
    story: Option<Arc<Story>>,
}

/// What is known of a step that was reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Story {
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    /// Consecutive errors.
    pub(super) errors: u32,
    /// How many attempts were begun.
    pub(super) attempts: u32,
    /// The place of the attempt under way among all attempts of the run: who began first has a lane first (rules 4).
    pub(super) begun: u32,
    /// The last status it returned, which is what Kargo's records show while it is not over.
    pub(super) shown: Option<Shown>,
    pub(super) message: Option<Box<str>>,
    /// The configuration of the attempt under way; a step that rests has none.
    pub(super) config: Option<Box<Value>>,
    /// Whether the last attempt that was begun was handed out: what was is under way outside, what was not has yet to be
    /// (rules 1).
    pub(super) is_handed_out: bool,
    /// What few steps have.
    pub(super) rare: Option<Box<RareOfStep>>,
}

/// What few steps have, kept apart so that the others are small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RareOfStep {
    /// What has to be resolved before the first attempt, while it is.
    asked: Option<Box<Asked>>,
    /// The config maps that were read before the first attempt (rules 2).
    resolved: Resolved,
    pins: Vec<Pin>,
}

/// The status of a step that is not over, small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shown {
    Running,
    Failed,
    Errored,
}

impl From<&StepStatus> for Shown {
    fn from(status: &StepStatus) -> Self {
        match status {
            StepStatus::Running => Self::Running,
            StepStatus::Failed => Self::Failed,
            _ => Self::Errored,
        }
    }
}

impl From<Shown> for StepStatus {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Running => Self::Running,
            Shown::Failed => Self::Failed,
            Shown::Errored => Self::Errored,
        }
    }
}

/// Something that happens to a promotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RunEvent {
    /// To the promotion as a whole.
    Phase(PhaseEvent),
    /// To one of its steps.
    Step {
        /// Which, from 0.
        index: usize,
        /// What.
        event: StepEvent,
    },
    /// The work tree is lost, and these steps have to run again before any step that reads it (rules 14).
    TreeLost {
        /// The steps, in order.
        redo: Vec<usize>,
    },
}

impl Run {
    /// A promotion that has not begun.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let steps = plan.steps().iter().map(|_| StepRecord::default()).collect();
        let checkouts = Arc::clone(&plan.checkouts);
        Self {
            plan,
            phase: Phase::Pending,
            message: None,
            started_at: None,
            finished_at: None,
            steps,
            outputs: Outputs::default(),
            first_open: 0,
            collection: None,
            begun: 0,
            checkouts,
            rare: None,
        }
    }

    /// The steps that have to run again for a lost work tree, in the order of their turns; empty while it is whole (rules 14).
    #[must_use]
    pub fn redo(&self) -> &[usize] {
        self.rare.as_ref().map(|rare| rare.redo.as_slice()).unwrap_or_default()
    }

    /// What it carries out.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Its phase.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What there is to say about the phase.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// When it began to run.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When it ended.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.finished_at
    }

    /// What is known of each step, in order.
    #[must_use]
    pub fn steps(&self) -> &[StepRecord] {
        &self.steps
    }

    /// Outputs by alias; those of a task by the task's alias (promotion-engine 1.6).
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Checks to run after success, in the order of steps (promotion-engine 1.12).
    #[must_use]
    pub fn health_checks(&self) -> &[HealthCheckStep] {
        self.rare.as_ref().map(|rare| rare.health_checks.as_slice()).unwrap_or_default()
    }

    /// Changes it: the only way it changes, in a live run and in a replay alike.
    pub fn apply(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Phase(event) => self.apply_phase(event),
            RunEvent::Step { index, event } => self.apply_step(*index, event),
            RunEvent::TreeLost { redo } => self.set_redo(redo.clone()),
        }
    }

    /// The attempt of a step that is under way has begun, or may have (rules 1).
    pub(crate) fn hand_out(&mut self, step: usize) {
        if let Some(record) = self.steps.get_mut(step) {
            record.hand_out();
        }
    }

    /// Sets the steps that have to run again for a lost work tree.
    pub(super) fn set_redo(&mut self, redo: Vec<usize>) {
        if self.redo() != redo {
            self.rare.get_or_insert_default().redo = redo;
        }
    }

    /// Adds checks to run after success.
    pub(super) fn add_health_checks(&mut self, checks: &[HealthCheckStep]) {
        if !checks.is_empty() {
            self.rare.get_or_insert_default().health_checks.extend_from_slice(checks);
        }
    }

    fn apply_phase(&mut self, event: &PhaseEvent) {
        let before = self.phase;
        self.phase = before.next(event);
        if self.phase == before {
            return;
        }
        match event {
            PhaseEvent::Begin { at, collection } => {
                self.started_at = Some(*at);
                self.collection.clone_from(collection);
            }
            PhaseEvent::End { at, message, .. } => {
                self.finished_at = Some(*at);
                self.message = message.as_deref().map(Box::from);
            }
        }
    }

    fn apply_step(&mut self, index: usize, event: &StepEvent) {
        let plan = Arc::clone(&self.plan);
        let (Some(planned), Some(record)) = (plan.steps().get(index), self.steps.get_mut(index)) else { return };
        if !record.apply(event) {
            return;
        }
        if let StepEvent::Start { .. } | StepEvent::Wake { .. } | StepEvent::Redo { .. } = event {
            self.begun = self.begun.saturating_add(1);
            record.story_mut().begun = self.begun;
            if &**planned.uses() == CLONE
                && let Some(config) = record.config()
            {
                Arc::make_mut(&mut self.checkouts).note(config);
            }
        }
        if let Some(output) = event.output().filter(|_| !matches!(record.state, StepState::RedoingLater(_))) {
            self.outputs.insert(planned.alias(), output.clone());
            if planned.propagates()
                && let Some(task) = planned.namespace()
            {
                self.outputs.merge(task, output);
            }
        }
        if let StepEvent::Finish { status: StepStatus::Succeeded, returned: Some(returned), .. } = event
            && let Some(check) = &returned.health
        {
            self.add_health_checks(std::slice::from_ref(check));
        }
        while self.steps.get(self.first_open).is_some_and(|record| record.state.is_over()) {
            self.first_open += 1;
        }
        if matches!(event, StepEvent::Redone | StepEvent::Finish { .. } | StepEvent::Abort { .. }) {
            self.set_redo(self.redo().iter().copied().filter(|redo| *redo != index).collect());
        }
    }
}

/// The kind of step that says what is checked out where (steps 1.9).
pub(super) const CLONE: &str = "git-clone";

impl StepRecord {
    /// The record of a step that was reached, with what was resolved before (rules 2 and 14).
    pub(super) fn reached(state: StepState, mut story: Story, pins: Vec<Pin>, resolved: Resolved) -> Self {
        story.set(pins, |rare| &mut rare.pins);
        story.set(resolved, |rare| &mut rare.resolved);
        Self { state, story: Some(Arc::new(story)) }
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> &StepState {
        &self.state
    }

    /// When its first attempt began.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.story.as_ref()?.started_at
    }

    /// When it ended; never for a step that was not run.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.story.as_ref()?.finished_at
    }

    /// Consecutive errors (rules 3).
    #[must_use]
    pub fn errors(&self) -> u32 {
        self.story.as_ref().map_or(0, |story| story.errors)
    }

    /// How many attempts were begun.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.story.as_ref().map_or(0, |story| story.attempts)
    }

    /// What there is to say.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.story.as_ref()?.message.as_deref()
    }

    /// What it resolved (rules 14).
    #[must_use]
    pub fn pins(&self) -> &[Pin] {
        self.rare().map(|rare| rare.pins.as_slice()).unwrap_or_default()
    }

    /// The place of the attempt under way among all attempts of the run (rules 4).
    pub(super) fn begun(&self) -> u32 {
        self.story.as_ref().map_or(0, |story| story.begun)
    }

    /// Whether the last attempt that was begun was handed out (rules 1).
    pub(super) fn is_handed_out(&self) -> bool {
        self.story.as_ref().is_some_and(|story| story.is_handed_out)
    }

    /// Whether an attempt that was read from a record may have been handed out: what others than this crate wrote does not say
    /// (rules 1).
    pub(crate) fn may_be_handed_out(&self) -> bool {
        let is_foreign = self.attempts() == 0 && self.status().is_none();
        is_foreign || self.is_handed_out()
    }

    /// The attempt under way is handed out.
    pub(super) fn hand_out(&mut self) {
        self.story_mut().is_handed_out = true;
    }

    /// The configuration of the attempt under way.
    pub(super) fn config(&self) -> Option<&Value> {
        self.story.as_ref()?.config.as_deref()
    }

    /// Sets the configuration of the attempt under way.
    pub(super) fn configure(&mut self, config: Option<Value>) {
        self.story_mut().config = config.map(Box::new);
    }

    /// What has to be resolved before the first attempt, while it is.
    pub(crate) fn asked(&self) -> Option<&Asked> {
        self.rare()?.asked.as_deref()
    }

    /// The config maps that were read before the first attempt (rules 2).
    pub(super) fn resolved(&self) -> Option<&Resolved> {
        self.rare().map(|rare| &rare.resolved)
    }

    fn rare(&self) -> Option<&RareOfStep> {
        self.story.as_ref()?.rare.as_deref()
    }

    fn story_mut(&mut self) -> &mut Story {
        Arc::make_mut(self.story.get_or_insert_default())
    }

    /// The status that Kargo's records show: the last one returned, or how it ended.
    #[must_use]
    pub fn status(&self) -> Option<StepStatus> {
        match self.state {
            StepState::Succeeded | StepState::Redoing | StepState::RedoingLater(_) => Some(StepStatus::Succeeded),
            StepState::Skipped => Some(StepStatus::Skipped),
            StepState::Failed => Some(StepStatus::Failed),
            StepState::Errored => Some(StepStatus::Errored),
            StepState::Aborted | StepState::Stopping => Some(StepStatus::Aborted),
            StepState::Fresh | StepState::Preparing => None,
            StepState::Running | StepState::Waiting(_) | StepState::Retrying(_) => {
                self.story.as_ref()?.shown.map(StepStatus::from)
            }
        }
    }

    /// Whether the engine has looked at it.
    #[must_use]
    pub fn is_visited(&self) -> bool {
        self.state != StepState::Fresh
    }

    /// Whether anything changed.
    fn apply(&mut self, event: &StepEvent) -> bool {
        let before = std::mem::take(&mut self.state);
        let unchanged = before.clone();
        self.state = before.next(event);
        if self.state == unchanged && !event.is_in_place(&unchanged) {
            return false;
        }
        let state = &self.state;
        let story = Arc::make_mut(self.story.get_or_insert_default());
        match event {
            StepEvent::Skip { message } => story.message = message.as_deref().map(Box::from),
            StepEvent::Refuse { message } => story.message = Some(message.as_str().into()),
            StepEvent::Misconfigure { at, message } => {
                story.started_at.get_or_insert(*at);
                story.message = Some(message.as_str().into());
            }
            StepEvent::Start { at, config, resolved } => {
                story.started_at.get_or_insert(*at);
                story.set(resolved.clone(), |rare| &mut rare.resolved);
                story.begin(config);
            }
            StepEvent::Wake { config } => story.begin(config),
            StepEvent::Redo { config } => {
                story.errors = 0;
                story.begin(config);
            }
            StepEvent::Wait { message, .. } => {
                story.errors = 0;
                story.shown = Some(Shown::Running);
                story.message = message.as_deref().map(Box::from);
            }
            // What it did before stays its record; only the new errors count.
            StepEvent::Retry { .. } if matches!(state, StepState::RedoingLater(_)) => {
                story.errors = story.errors.saturating_add(1);
            }
            StepEvent::Retry { status, message, .. } => {
                story.errors = story.errors.saturating_add(1);
                story.shown = Some(Shown::from(status));
                story.message = Some(message.as_str().into());
            }
            StepEvent::Finish { at, counts, message, returned, .. } => {
                story.errors = story.errors.saturating_add(u32::from(*counts));
                story.finished_at = Some(*at);
                story.message = message.as_deref().map(Box::from);
                if let Some(Returned { pins, .. }) = returned.as_deref() {
                    story.set(pins.clone(), |rare| &mut rare.pins);
                }
            }
            StepEvent::Unknown { at } => {
                story.finished_at = Some(*at);
                story.message = Some("a crash leaves open whether this step acted; it is not repeated".into());
            }
            StepEvent::Abort { at } => story.finished_at = Some(*at),
            StepEvent::Prepare { .. } | StepEvent::Stopped | StepEvent::Redone => {}
        }
        if is_redone(&unchanged) && !is_redone(state) {
            // They were errors of writing the tree again.
            story.errors = 0;
        }
        if !state.is_under_way() {
            story.config = None;
        }
        let asked = if let StepEvent::Prepare { asked } = event { Some(asked.clone()) } else { None };
        story.set(asked, |rare| &mut rare.asked);
        true
    }
}

impl Story {
    /// Sets what few steps have; nothing is kept for the others.
    fn set<T: Default + PartialEq>(&mut self, value: T, of: impl FnOnce(&mut RareOfStep) -> &mut T) {
        if self.rare.is_some() || value != T::default() {
            *of(self.rare.get_or_insert_default()) = value;
        }
    }

    fn begin(&mut self, config: &Value) {
        self.attempts = self.attempts.saturating_add(1);
        self.is_handed_out = false;
        self.config = Some(Box::new(config.clone()));
    }
}

impl StepEvent {
    /// Whether it matters though it leads to the state it comes from.
    pub(super) fn is_in_place(&self, state: &StepState) -> bool {
        matches!(
            (state, self),
            (StepState::Running, Self::Wake { .. })
                | (StepState::Preparing, Self::Prepare { .. })
                // At one and the same instant a look may find another message.
                | (StepState::Waiting(_), Self::Wait { .. })
        )
    }

    /// The output that a run returned with this event; nil counts as one (promotion-engine 1.6).
    fn output(&self) -> Option<&Value> {
        match self {
            Self::Wait { output, .. } | Self::Retry { output, .. } => Some(output),
            Self::Finish { returned, .. } => returned.as_ref().map(|returned| &returned.output),
            _ => None,
        }
    }

    /// What is to be recorded of freight and Stages in the same breath.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        match self {
            Self::Finish { returned: Some(returned), .. } => &returned.facts,
            _ => &[],
        }
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    /// Very many promotions wait at once; what each of them holds is bounded (architecture 8).
    #[test]
    fn what_a_run_consists_of_stays_small() {
        assert_eq!(size_of::<Run>(), 120);
        assert_eq!(size_of::<StepRecord>(), 24, "one for each step, reached or not");
        assert_eq!(size_of::<Story>(), 72, "one for each step that was reached");
    }
}
