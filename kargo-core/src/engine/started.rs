//! Which attempts that nobody may repeat have begun, as the log tells (rules 1 and 19).

use super::{
    Engine, Event,
    draft::{Cause, Draft},
    state::State,
};
use crate::{
    model::{PromotionName, Timestamp},
    promotion::{Input, RunEvent, Scene, StepEvent, StepRecord, StepState, effect_of, is_unknowable},
    report::Repeat,
};

impl Engine {
    /// The host tells when an attempt that nobody may repeat begins, by [`RunStep::started`](super::RunStep::started), and has
    /// that appended before it begins it. After a crash those that have not begun are handed out again.
    ///
    /// Without this, as at first, what was handed out counts as begun (rules 19): the log says so as soon as it may be handed
    /// out. It holds for this engine and its forks, and is not replayed: what an engine opened before is judged by what its own
    /// host had declared.
    ///
    /// ```
    /// use kargo_core::{Engine, Genesis};
    /// let mut engine = Engine::new(Genesis::new("shop", 7));
    /// engine.tells_starts();
    /// ```
    pub fn tells_starts(&mut self) {
        self.tells_starts = true;
    }

    /// Attempts that had begun and that nobody may repeat are closed by the first tick (rules 1 and 19).
    pub(super) fn close_unknown(&mut self, now: Timestamp) {
        let mut unknown = Vec::new();
        for (name, step) in self.state.started.iter().cloned() {
            let Some(run) = self.state.runs.get(&name) else { continue };
            let Some(scene) = self.state.world.promotion(&name).ok().and_then(|view| Scene::new(view, "").ok()) else {
                continue;
            };
            let effect = effect_of(&scene, run, step);
            // What waits for its lane has not been handed out.
            let is_queued = self.waiting.contains_key(&effect);
            if !is_queued && self.state.is_running_unknowable(&name, step, now) {
                unknown.push((name, step, effect));
            }
        }
        for (name, step, effect) in unknown {
            self.owed.remove(&effect);
            self.unknown.push((name, Input::Unknown { step }));
        }
    }
}

impl State {
    /// Whether an attempt is under way that nobody may repeat.
    pub(super) fn is_running_unknowable(&self, name: &PromotionName, step: usize, now: Timestamp) -> bool {
        let Some(run) = self.runs.get(name) else { return false };
        // No configuration makes a kind harder to repeat than it says.
        let spec = run.plan().steps().get(step).and_then(|planned| planned.spec());
        if spec.is_none_or(|spec| spec.repeat() != Repeat::Unknowable)
            || run.steps().get(step).map(StepRecord::state) != Some(&StepState::Running)
        {
            return false;
        }
        let scene = self.world.promotion(name).ok().and_then(|view| Scene::new(view, "").ok());
        scene.is_some_and(|scene| is_unknowable(run, &scene, step, now))
    }
}

impl Draft<'_> {
    /// An attempt began outside: that is noted of what nobody may repeat.
    pub(super) fn started(&mut self, name: &PromotionName, step: usize, attempt: u32) {
        let run = self.state.runs.get(name);
        let is_this = run.and_then(|run| run.steps().get(step)).is_some_and(|record| record.attempts() == attempt);
        if is_this && self.state.is_running_unknowable(name, step, self.now) {
            self.begun(name, step, None);
        }
    }

    /// Where the host does not tell when attempts begin, they count as begun as soon as they may be handed out.
    pub(super) fn count_as_started(&mut self, name: &PromotionName, happened: &RunEvent, cause: Cause) -> Cause {
        let RunEvent::Step { index, event: StepEvent::Start { .. } | StepEvent::Wake { .. } } = happened else {
            return cause;
        };
        if self.tells_starts || !self.state.is_running_unknowable(name, *index, self.now) {
            return cause;
        }
        self.begun(name, *index, cause)
    }

    fn begun(&mut self, name: &PromotionName, step: usize, cause: Cause) -> Cause {
        if self.state.started.contains(&(name.clone(), step)) {
            return cause;
        }
        let effect = {
            let run = self.state.runs.get(name)?;
            let scene = Scene::new(self.state.world.promotion(name).ok()?, "").ok()?;
            effect_of(&scene, run, step)
        };
        self.push_after(cause, Event::EffectStarted { effect, promotion: name.clone(), step })
    }
}
