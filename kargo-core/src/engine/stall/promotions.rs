//! Promotions, their steps and verifications that make no progress.

use std::sync::Arc;

use super::{Standstill, Still, StillBecause, find::Find};
use crate::{
    engine::{Effect, EffectKind, timers::Due},
    model::{PromotionName, StageName, Timestamp},
    promotion::{Phase, Run, Scene, StepRecord, StepState, effect_of},
    report::EffectId,
    verification::{State, Verification},
};

impl Find<'_> {
    pub(super) fn promotions(&mut self) {
        for (name, run) in &self.engine.state.runs {
            let Ok(view) = self.engine.state.world.promotion(name) else { continue };
            let stage = view.noun().spec.stage.clone();
            let before = self.found.len();
            if let Ok(scene) = Scene::new(view, "") {
                for (step, record) in run.steps().iter().enumerate() {
                    let effect = effect_of(&scene, run, step);
                    let found = self.step(name, &stage, run, step, record, effect);
                    self.found.extend(found);
                }
            }
            let is_busy = self.engine.owed_of.get(name).is_some_and(|owed| !owed.is_empty());
            if run.phase() == Phase::Running && !is_busy && self.found.len() == before {
                let what = Still::Promotion { promotion: name.clone(), stage };
                let since = run.started_at().unwrap_or(self.now);
                let standstill = Standstill::new(what, since, StillBecause::Nothing).stalled(true);
                self.found.push(standstill.way("abort it and report a defect", Some(format!("abort {name}"))));
            }
        }
    }

    fn step(
        &self,
        name: &PromotionName,
        stage: &StageName,
        run: &Run,
        step: usize,
        record: &StepRecord,
        effect: EffectId,
    ) -> Option<Standstill> {
        let planned = run.plan().steps().get(step)?;
        let what = Still::Step { promotion: name.clone(), stage: stage.clone(), step: Arc::clone(planned.alias()) };
        let started = record.started_at().unwrap_or(self.now);
        let deadline =
            planned.timeout().and_then(|timeout| record.started_at()?.checked_add_signed(timeout.to_delta()));
        let abort = || Some(format!("abort {name}"));
        match record.state() {
            StepState::Preparing | StepState::Running | StepState::Redoing => {
                // What waits for a lane was not handed out.
                let stalled = self.is_over(started, self.limits.queued);
                if let Some((_, blocker)) = self.engine.waiting.get(&effect) {
                    let (effect, promotion) = (blocker.effect.clone(), blocker.promotion.clone());
                    let way = format!("promotion {promotion} comes to its end, or is aborted");
                    let because = StillBecause::Lane { effect, promotion };
                    let standstill = Standstill::new(what, started, because).until(blocker.until);
                    return Some(standstill.stalled(stalled).way(way, None));
                }
                let Some(owed) = self.engine.owed.get(&effect) else {
                    return Some(Standstill::new(what, started, StillBecause::Turn).stalled(stalled));
                };
                if let Some(at) = self.engine.timers.get(&Due::Prepare(name.clone(), step)) {
                    let errors = self.engine.tries.get(&(name.clone(), step)).copied().unwrap_or(1);
                    let message = "what it refers to cannot be resolved".to_owned();
                    let because = StillBecause::Failing { errors, message };
                    return Some(Standstill::new(what, started, because).until(Some(at)));
                }
                let since = self.engine.gauges.since(&owed.id)?;
                // A timeout ends what waits; an attempt that is under way says itself when it has ended.
                let overdue = deadline.is_some_and(|deadline| self.is_over(deadline.max(since), self.limits.late));
                if !overdue && !self.is_over(since, self.limits.unanswered) {
                    return None;
                }
                let because = StillBecause::Unanswered { effect };
                let way = format!("look whether the runner of {:?} still works on it, and report", &**planned.uses());
                let standstill = Standstill::new(what, since, because).stalled(true).way(way, None);
                Some(standstill.way("or abort the promotion", abort()))
            }
            StepState::Stopping => {
                let since = record.finished_at().unwrap_or(self.now).max(self.engine.gauges.began()?);
                if !self.is_over(since, self.limits.unanswered) {
                    return None;
                }
                let standstill = Standstill::new(what, since, StillBecause::NotStopping { effect }).stalled(true);
                Some(standstill.way("stop it outside, and report that it stopped: its lane is not free before", None))
            }
            StepState::Waiting(waiting) => {
                let until = waiting.until().into_iter().chain(deadline).min();
                let stalled = until.is_none() && self.is_over(waiting.since, self.limits.waiting);
                let because = StillBecause::Waiting { on: waiting.wait.to_string() };
                let standstill = Standstill::new(what, waiting.since, because).until(until).stalled(stalled);
                Some(if stalled {
                    let standstill = standstill.way("what it waits for happens, and is signalled", None);
                    standstill.way("or abort the promotion, and give the step a `retry.timeout`", abort())
                } else {
                    standstill
                })
            }
            StepState::Retrying(at) | StepState::RedoingLater(at) => {
                let message = record.message().unwrap_or_default().to_owned();
                let because = StillBecause::Failing { errors: record.errors(), message };
                Some(Standstill::new(what, started, because).until(Some(deadline.map_or(*at, |end| end.min(*at)))))
            }
            StepState::Fresh
            | StepState::Succeeded
            | StepState::Skipped
            | StepState::Failed
            | StepState::Errored
            | StepState::Aborted => None,
        }
    }

    pub(super) fn verifications(&mut self) {
        for (id, (place, verification)) in &self.engine.state.verifications {
            let what = Still::Verification { stage: place.stage.clone(), verification: Arc::clone(id) };
            let found = self.verification(what, &place.stage, verification);
            self.found.extend(found);
        }
    }

    fn verification(&self, what: Still, stage: &StageName, verification: &Verification) -> Option<Standstill> {
        let effect = verification.effect();
        let began: Timestamp = verification.started_at().unwrap_or(self.now);
        let stop = || Some(format!("abort the verification in {stage}"));
        let is_long = self.is_over(began, self.limits.verifying);
        let unanswered = |since: Timestamp, because| {
            self.is_over(since, self.limits.unanswered).then(|| {
                Standstill::new(what.clone(), since, because)
                    .stalled(true)
                    .way("look whether the verifier still works on it, and report", None)
            })
        };
        match verification.state() {
            State::Starting { .. } => {
                let is_owed = |effect: &Effect| matches!(effect.kind, EffectKind::Verify(_));
                let owed = self.engine.owed.get(&effect).filter(|effect| is_owed(effect))?;
                let since = self.engine.gauges.since(&owed.id)?;
                unanswered(since, StillBecause::Unanswered { effect }).map(|found| found.way("or stop it", stop()))
            }
            State::Retrying { attempt, until } => {
                let message = verification.message().unwrap_or_default().to_owned();
                let because = StillBecause::Failing { errors: attempt, message };
                let standstill = Standstill::new(what, began, because).until(Some(until)).stalled(is_long);
                Some(if is_long { standstill.way("mend what it says, or stop it", stop()) } else { standstill })
            }
            State::Running => {
                if let Some(found) = self
                    .engine
                    .gauges
                    .handed(&effect)
                    .and_then(|since| unanswered(since, StillBecause::LooksUnanswered { looks: 1 }))
                {
                    return Some(found);
                }
                is_long.then(|| {
                    let standstill = Standstill::new(what.clone(), began, StillBecause::GoesOn).stalled(true);
                    standstill.way("its run ends, or somebody stops it", stop())
                })
            }
            State::Lost { looks, until } => {
                Some(Standstill::new(what, began, StillBecause::NotSeen { looks }).until(Some(until)))
            }
            State::Stopping => {
                let since = self.engine.gauges.since(&effect)?;
                unanswered(since, StillBecause::NotStopping { effect })
            }
            State::Done(_) => None,
        }
    }
}
