//! What follows from what happens to a promotion: events, as data.

use std::sync::Arc;

use super::{
    backoff::backoff,
    input::Input,
    machine::{End, Phase, PhaseEvent},
    outcome::outcome,
    output::accept,
    prepare::{Considered, Prepared, configure, consider},
    resolve::Resolved,
    run::{Run, RunEvent},
    scene::Scene,
    settle::{finish, returned},
    step::{StepEvent, StepState},
    tree,
};
use crate::{
    expr::Value,
    model::{Duration, OnUnknown, StepStatus, Timestamp},
    report::{EffectId, Outside, Signal, StepOutcome, StepReport, Tree},
};

/// What an input leads to, to the end: after these events nothing is left to decide until something else happens.
///
/// Pure: it changes nothing. [`Run::apply`] does.
#[must_use]
pub fn decide(run: &Run, scene: &Scene<'_>, now: Timestamp, input: &Input) -> Vec<RunEvent> {
    let mut draft = Draft { run: run.clone(), scene, now, events: Vec::new() };
    draft.take(input);
    draft.settle();
    draft.events
}

/// The id of a step's work: the same for all its attempts, looks and wake-ups (rules 1).
#[must_use]
pub fn effect_of(scene: &Scene<'_>, run: &Run, step: usize) -> EffectId {
    let alias = run.plan.steps().get(step).map_or("", |step| &**step.alias());
    EffectId::of(&[scene.world.project(), &scene.promotion.metadata.name, "step", alias])
}

/// The run as it becomes while a decision is made.
struct Draft<'a> {
    run: Run,
    scene: &'a Scene<'a>,
    now: Timestamp,
    events: Vec<RunEvent>,
}

impl Draft<'_> {
    fn take(&mut self, input: &Input) {
        match input {
            Input::Look => self.still_configured(),
            Input::Begin if self.run.phase == Phase::Pending => self.begin(),
            Input::Begin => {}
            Input::Abort { actor } => self.abort(actor),
            Input::Stopped { step } => self.step(*step, StepEvent::Stopped),
            _ if self.run.phase != Phase::Running => {
                if let Input::Returned { step, .. } = input {
                    // Late: what it did is its own story; the promotion stays as it ended (rules 4).
                    self.step(*step, StepEvent::Stopped);
                }
            }
            Input::Prepared { step, prepared } => self.prepared(*step, prepared),
            Input::Returned { step, report, heard } => self.returned(*step, report, heard),
            Input::Signal(signal) => self.signal(signal),
            Input::Unknown { step } => self.unknown(*step),
            Input::TreeLost { checkpoint } => self.tree_lost(*checkpoint),
        }
    }

    /// It begins if its freight exists (promotion-engine 1.8).
    fn begin(&mut self) {
        let world = self.scene.world;
        let missing = self.scene.names().into_iter().find(|name| world.freight_named(name).is_none());
        if let Some(name) = missing {
            let message = format!("Freight {name:?} not found in namespace {:?}", world.project());
            self.push(RunEvent::Phase(PhaseEvent::Begin { at: self.now, collection: None }));
            return self.end(End::Errored, Some(message));
        }
        let collection = Some(Arc::clone(self.scene.collection()));
        self.push(RunEvent::Phase(PhaseEvent::Begin { at: self.now, collection }));
    }

    fn abort(&mut self, actor: &str) {
        if self.run.phase.is_over() {
            return;
        }
        self.stop_steps();
        let who = if actor.is_empty() { "per user request".to_owned() } else { format!("by {actor}") };
        self.end(End::Aborted, Some(format!("Promotion terminated {who}")));
    }

    /// Stops all that is not over.
    fn stop_steps(&mut self) {
        for step in 0..self.run.steps.len() {
            self.step(step, StepEvent::Abort { at: self.now });
        }
    }

    /// It cannot go on, whatever its other steps do.
    fn give_up(&mut self, message: String) {
        self.stop_steps();
        self.end(End::Errored, Some(message));
    }

    /// What was found under way and does not hold its configuration (next, `configure_again`) must have one still.
    fn still_configured(&mut self) {
        for step in 0..self.run.steps.len() {
            let Some(record) = self.run.steps.get(step) else { return };
            if self.run.phase != Phase::Running || !record.state.is_under_way() || record.config().is_some() {
                continue;
            }
            let redoing = record.state == StepState::Redoing;
            match configure(&self.run, self.scene, step, self.now) {
                Ok(_) => {}
                Err(message) if redoing => self.cannot_redo(step, &message),
                Err(message) => self.step(step, StepEvent::Misconfigure { at: self.now, message }),
            }
        }
    }

    fn prepared(&mut self, step: usize, prepared: &Prepared) {
        // Nothing starts while a lost work tree is written again: that may end the promotion (rules 14). It is asked once more.
        if !matches!(self.state(step), Some(StepState::Preparing)) || !self.run.redo().is_empty() {
            return;
        }
        match prepared {
            Prepared::Skip => self.step(step, StepEvent::Skip { message: None }),
            Prepared::Refuse { message } => self.step(step, StepEvent::Refuse { message: message.clone() }),
            Prepared::Misconfigure { message } => self.misconfigure(step, message.clone()),
            // What it said stays to be done: it is still Preparing.
            Prepared::Retry { .. } => {}
            Prepared::Run { resolved } => self.start(step, resolved.without_secrets()),
        }
    }

    /// Starts a step of which everything is resolved.
    fn start(&mut self, step: usize, resolved: Resolved) {
        if let Some(message) = self.unregistered(step) {
            return self.step(step, StepEvent::Refuse { message });
        }
        let asked = self.run.steps.get(step).and_then(|record| record.asked());
        let config = asked.map(|asked| asked.config(&resolved)).unwrap_or_default();
        self.step(step, StepEvent::Start { at: self.now, config, resolved });
    }

    /// Its configuration is wrong; but where nobody knows its kind, that comes first (promotion-engine 1.4).
    fn misconfigure(&mut self, step: usize, message: String) {
        let event = match self.unregistered(step) {
            Some(message) => StepEvent::Refuse { message },
            None => StepEvent::Misconfigure { at: self.now, message },
        };
        self.step(step, event);
    }

    fn unregistered(&self, step: usize) -> Option<String> {
        let planned = self.run.plan.steps().get(step)?;
        planned.spec().is_none().then(|| {
            let known = self.scene.world.step_specs().iter().map(crate::report::StepSpec::name);
            let hint = crate::model::nearest(planned.uses(), known)
                .map_or_else(|| "register it, or correct `uses`".to_owned(), |near| format!("did you mean {near:?}?"));
            format!("step kind {:?} is not registered; {hint}", &**planned.uses())
        })
    }

    fn returned(&mut self, step: usize, report: &StepReport, heard: &[Signal]) {
        let report = &*accept(&self.run, step, report);
        match self.state(step) {
            Some(StepState::Redoing) => self.redone(step, report),
            Some(StepState::Running | StepState::Waiting(_)) => {
                if let Some(event) = returned(&self.run, self.scene, step, report, self.now) {
                    self.step(step, event);
                    self.write_it_again(step);
                }
                // Also those that arrived during a look that found nothing new.
                for signal in heard {
                    self.signal_to(step, signal);
                }
            }
            Some(StepState::Stopping) => self.step(step, StepEvent::Stopped),
            _ => {}
        }
    }

    /// What a step wrote that was under way when the work tree was lost is in none: it writes again, after those before it
    /// (rules 14). One that acted outside has its checkpoint.
    fn write_it_again(&mut self, step: usize) {
        if self.run.redo().is_empty() || !matches!(self.state(step), Some(StepState::Succeeded)) {
            return;
        }
        let Some(spec) = self.run.plan.steps().get(step).and_then(super::plan::PlannedStep::spec) else { return };
        let config = configure(&self.run, self.scene, step, self.now).unwrap_or_default();
        let tree = spec.tree_of(&config).unwrap_or(spec.tree());
        let outside = spec.outside_of(&config).unwrap_or(spec.outside());
        if tree == Tree::Writes && outside != Outside::Acts {
            let mut redo = self.run.redo().to_vec();
            redo.push(step);
            redo.sort_unstable();
            redo.dedup();
            self.push(RunEvent::TreeLost { redo });
        }
    }

    /// What a step says that ran again for the work tree: the same as before, or the promotion ends (rules 14).
    fn redone(&mut self, step: usize, report: &StepReport) {
        let Some(alias) = self.run.plan.steps().get(step).map(|step| Arc::clone(step.alias())) else { return };
        let problem = match &report.outcome {
            StepOutcome::Done | StepOutcome::Skipped => {
                let before = self.run.outputs.get(&alias).cloned().unwrap_or_default();
                let pins = self.run.steps.get(step).map(super::StepRecord::pins).unwrap_or_default();
                if before != report.output {
                    "its output differs from the recorded one".to_owned()
                } else if let Some(moved) = report.pins.iter().find(|pin| tree::is_moved(pin, pins)) {
                    format!("{:?} is {:?} now", moved.of, moved.is)
                } else {
                    return self.step(step, StepEvent::Redone);
                }
            }
            outcome if tree::may_try_again(outcome) => {
                let effect = effect_of(self.scene, &self.run, step);
                let errors = self.run.steps.get(step).map_or(1, |record| record.errors().saturating_add(1));
                let until = self.now + backoff(&effect, errors, tree::asked(outcome)).to_delta();
                let message = report.message.clone().unwrap_or_default();
                let threshold = tree::REDO_ATTEMPTS;
                if errors < threshold {
                    let (status, output) = (StepStatus::Errored, Value::Null);
                    return self.step(step, StepEvent::Retry { until, status, message, output });
                }
                message
            }
            _ => report.message.clone().unwrap_or_else(|| "it failed".to_owned()),
        };
        self.cannot_redo(step, &problem);
    }

    fn cannot_redo(&mut self, step: usize, problem: &str) {
        let alias = self.run.plan.steps().get(step).map_or("", |step| &**step.alias());
        let message = format!("the work tree is lost, and step {alias:?} cannot write it again as it was: {problem}");
        self.step(step, finish(StepStatus::Errored, self.now, Some(message.clone()), None));
        self.give_up(message);
    }

    fn signal(&mut self, signal: &Signal) {
        for step in self.run.first_open..self.run.steps.len() {
            self.signal_to(step, signal);
        }
    }

    fn signal_to(&mut self, step: usize, signal: &Signal) {
        let ends = matches!(self.state(step), Some(StepState::Waiting(waiting)) if waiting.wait.is_ended_by(signal));
        if ends {
            self.wake(step);
        }
    }

    fn unknown(&mut self, step: usize) {
        if !matches!(self.state(step), Some(StepState::Running)) {
            return;
        }
        match self.run.plan.steps().get(step).map(super::plan::PlannedStep::on_unknown) {
            Some(OnUnknown::Retry) => self.wake(step),
            _ => self.step(step, StepEvent::Unknown { at: self.now }),
        }
    }

    fn tree_lost(&mut self, checkpoint: Option<usize>) {
        let config = |step| configure(&self.run, self.scene, step, self.now).ok();
        match tree::lost(&self.run, checkpoint, config) {
            tree::Lost::NotNeeded => {}
            tree::Lost::Redo(redo) => self.write_again(redo),
            tree::Lost::Hopeless(message) => self.give_up(message),
        }
    }

    fn write_again(&mut self, redo: Vec<usize>) {
        for step in 0..self.run.steps.len() {
            match self.state(step) {
                // A newer checkpoint holds what it was writing.
                Some(state) if tree::is_redone(state) && !redo.contains(&step) => self.step(step, StepEvent::Redone),
                // What it was writing is lost as well; it has its turn after those before it.
                Some(StepState::Redoing) => {
                    let (until, status, output) = (self.now, StepStatus::Errored, Value::Null);
                    let message = "the work tree is lost once more".to_owned();
                    self.step(step, StepEvent::Retry { until, status, message, output });
                }
                _ => {}
            }
        }
        if redo != self.run.redo() {
            self.push(RunEvent::TreeLost { redo });
        }
    }

    /// Does whatever is due, until nothing is.
    fn settle(&mut self) {
        while self.run.phase == Phase::Running {
            let before = self.events.len();
            self.timers();
            self.redo();
            if self.run.phase == Phase::Running && self.run.redo().is_empty() {
                self.advance();
            }
            if self.events.len() == before {
                break;
            }
        }
    }

    /// Timeouts, back-offs and instants that have come.
    fn timers(&mut self) {
        for step in 0..self.run.steps.len() {
            let Some(record) = self.run.steps.get(step) else { return };
            let due = match &record.state {
                StepState::Waiting(waiting) => waiting.until(),
                StepState::Retrying(at) => Some(*at),
                StepState::RedoingLater(at) if self.run.redo().first() == Some(&step) => Some(*at),
                _ => continue,
            };
            let overdue = deadline(&self.run, step).is_some_and(|deadline| deadline <= self.now);
            if overdue {
                let message = timed_out(&self.run, step);
                self.step(step, finish(StepStatus::Errored, self.now, Some(message), None));
            } else if due.is_some_and(|due| due <= self.now) {
                self.wake(step);
            }
        }
    }

    /// Begins another attempt of a step that waits.
    fn wake(&mut self, step: usize) {
        let redoing = matches!(self.state(step), Some(StepState::RedoingLater(_)));
        match configure(&self.run, self.scene, step, self.now) {
            Ok(config) => self.step(step, StepEvent::Wake { config }),
            Err(message) if redoing => self.cannot_redo(step, &message),
            Err(message) => self.step(step, StepEvent::Misconfigure { at: self.now, message }),
        }
    }

    /// Runs the next step that the lost work tree needs; one after the other.
    fn redo(&mut self) {
        let Some(&step) = self.run.redo().first() else { return };
        if !matches!(self.state(step), Some(StepState::Succeeded)) {
            return;
        }
        match configure(&self.run, self.scene, step, self.now) {
            Ok(config) => self.step(step, StepEvent::Redo { config }),
            Err(message) => {
                let alias = self.run.plan.steps().get(step).map_or("", |step| &**step.alias());
                let why = "the work tree is lost, and it cannot be written again without";
                self.give_up(format!("{why} step {alias:?}: {message}"));
            }
        }
    }

    /// Reaches the next step of every branch, and ends when there is none.
    fn advance(&mut self) {
        if self.run.first_open >= self.run.steps.len() {
            let (end, message) = outcome(&self.run);
            return self.end(end, message);
        }
        for branch in self.run.plan.branches(self.run.first_open) {
            for step in branch {
                if self.is_to_be_reached(step) {
                    self.reach(step);
                }
                if !self.state(step).is_some_and(StepState::is_over) {
                    break;
                }
                // A parallel loop further on begins when everything before it is over.
                if self.run.plan.begins_parallel(step + 1) {
                    break;
                }
            }
        }
    }

    /// Also one that was being prepared when its promotion was stored: Kargo's records do not hold what it asks.
    fn is_to_be_reached(&self, step: usize) -> bool {
        let Some(record) = self.run.steps.get(step) else { return false };
        record.state == StepState::Fresh || (record.state == StepState::Preparing && record.asked().is_none())
    }

    fn reach(&mut self, step: usize) {
        match consider(&self.run, self.scene, step, self.now) {
            Considered::Skip => self.step(step, StepEvent::Skip { message: None }),
            Considered::Refuse(message) => self.step(step, StepEvent::Refuse { message }),
            Considered::Misconfigure(message) => self.misconfigure(step, message),
            Considered::Ask(asked) => match self.unregistered(step).filter(|_| !asked.decides()) {
                Some(message) => self.step(step, StepEvent::Refuse { message }),
                None => self.step(step, StepEvent::Prepare { asked }),
            },
            Considered::Run(config) => match self.unregistered(step) {
                Some(message) => self.step(step, StepEvent::Refuse { message }),
                None => self.step(step, StepEvent::Start { at: self.now, config, resolved: Resolved::default() }),
            },
        }
    }

    fn end(&mut self, end: End, message: Option<String>) {
        self.push(RunEvent::Phase(PhaseEvent::End { end, at: self.now, message }));
    }

    fn step(&mut self, index: usize, event: StepEvent) {
        let Some(before) = self.state(index).cloned() else { return };
        if event.is_in_place(&before) || before.clone().next(&event) != before {
            self.push(RunEvent::Step { index, event });
        }
    }

    fn push(&mut self, event: RunEvent) {
        self.run.apply(&event);
        self.events.push(event);
    }

    fn state(&self, step: usize) -> Option<&StepState> {
        self.run.steps.get(step).map(|record| &record.state)
    }
}

/// The instant at which a step has taken too long; one that only writes the lost work tree again takes the time it needs.
pub(super) fn deadline(run: &Run, step: usize) -> Option<Timestamp> {
    let (planned, record) = (run.plan.steps().get(step)?, run.steps.get(step)?);
    let timeout = planned.timeout().filter(|_| !tree::is_redone(&record.state))?;
    record.started_at()?.checked_add_signed(timeout.to_delta())
}

/// The next instant at which something is due in a run without anything happening: [`Input::Look`] then does it.
#[must_use]
pub fn wakes_at(run: &Run) -> Option<Timestamp> {
    if run.phase != Phase::Running {
        return None;
    }
    let of_step = |(step, record): (usize, &super::run::StepRecord)| {
        let due = match record.state() {
            StepState::Waiting(waiting) => waiting.until(),
            StepState::RedoingLater(_) if run.redo().first() != Some(&step) => return None,
            StepState::Retrying(at) | StepState::RedoingLater(at) => Some(*at),
            _ => return None,
        };
        due.into_iter().chain(deadline(run, step)).min()
    };
    run.steps().iter().enumerate().filter_map(of_step).min()
}

pub(super) fn timed_out(run: &Run, step: usize) -> String {
    let planned = run.plan.steps().get(step);
    let alias = planned.map_or("", |step| &**step.alias());
    let after = planned.and_then(super::plan::PlannedStep::timeout).unwrap_or(Duration::ZERO);
    format!("step {alias:?} timed out after {after}")
}
