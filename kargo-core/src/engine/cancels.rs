//! Work that is being stopped: it is asked to stop until it says how it ended, also after a crash (rules 4).

use super::{Engine, polls::later, timers::Due};
use crate::{
    model::{Duration, PromotionName, Timestamp},
    promotion::{Run, StepState},
    report::EffectId,
};

/// It is asked again after this long, ever more seldom.
const AGAIN: Duration = Duration::from_secs(30);
/// But no more seldom than this.
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);

impl Engine {
    /// Notes what of a promotion is being stopped, and when it is asked again.
    pub(super) fn refresh_cancels(&mut self, name: &PromotionName, stopping: Vec<(usize, EffectId)>, now: Timestamp) {
        let of_it = self.stopping.range((name.clone(), 0)..=(name.clone(), usize::MAX));
        let known: Vec<usize> = of_it.map(|((_, step), _)| *step).collect();
        for step in known.iter().filter(|step| stopping.iter().all(|(other, _)| other != *step)) {
            self.stopping.remove(&(name.clone(), *step));
            self.timers.set(Due::Cancel(name.clone(), *step), None);
        }
        for (step, effect) in stopping.into_iter().filter(|(step, _)| !known.contains(step)) {
            // Of what a replay found nobody knows whether it was asked: the first tick asks.
            let at = if self.is_folded { Some(now) } else { later(now, AGAIN) };
            self.timers.set(Due::Cancel(name.clone(), step), at);
            self.stopping.insert((name.clone(), step), effect);
        }
    }

    /// The work that is to be asked once more to stop, among what is due.
    pub(super) fn cancels(&mut self, due: &[Due], now: Timestamp) -> Vec<EffectId> {
        let mut asked = Vec::new();
        for due in due {
            let Due::Cancel(name, step) = due else { continue };
            let Some(effect) = self.stopping.get(&(name.clone(), *step)).cloned() else { continue };
            if self.timers.get(due).is_none_or(|at| at > now) {
                continue;
            }
            let since = self.state.runs.get(name).and_then(|run| run.finished_at()).unwrap_or(now);
            let passed = Duration::from(now.signed_duration_since(since).to_std().unwrap_or_default());
            self.timers.set(due.clone(), later(now, passed.clamp(AGAIN, AT_LEAST_EVERY)));
            asked.push(effect);
        }
        asked
    }

    /// What is being stopped, by the id of its work.
    pub(super) fn stopped_work(&self, effect: &EffectId) -> Option<(PromotionName, usize)> {
        let mut stopping = self.stopping.iter();
        stopping.find(|(_, known)| *known == effect).map(|((name, step), _)| (name.clone(), *step))
    }
}

/// The steps of a run that are being stopped.
pub(super) fn stopping_of(run: &Run) -> impl Iterator<Item = usize> + '_ {
    let steps = run.steps().iter().enumerate();
    steps.filter(|(_, record)| *record.state() == StepState::Stopping).map(|(step, _)| step)
}
