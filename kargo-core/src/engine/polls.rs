//! When the next look is due at what waits outside, and how wake sources that are heard make looks needless (rules 3). Not part
//! of the state: after a replay every look is due at once, spread by the id function (rules 1).

use std::{collections::BTreeSet, sync::Arc};

use super::{Effect, Engine, sources::stale_at, timers::Due};
use crate::{
    model::{Duration, PromotionName, StageName, Timestamp},
    promotion::{Run, Scene, StepState, Waiting, looks_of},
    report::{EffectId, StepSpec, WakeKey, WakeSource},
    verification::{Looks, Owed, Verification},
};

/// Looks come ever more seldom, down to this or to the interval that was asked for (rules 3).
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);

/// The looks at a step that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Poll {
    /// Of which wait: since when nothing has changed.
    since: Timestamp,
    /// When it was looked at last; the attempt itself was the first look.
    looked: Timestamp,
    /// Looks since something changed.
    quiet: u32,
    /// It is to be looked at once, whoever tells of changes.
    once: bool,
    /// A look is not answered yet.
    is_open: bool,
}

impl Poll {
    fn of(waiting: &Waiting, once: bool) -> Self {
        Self { since: waiting.since, looked: waiting.since, quiet: 0, once, is_open: false }
    }

    /// When the next look is due.
    fn at(&self, every: Duration) -> Option<Timestamp> {
        let pause = if self.once { StepSpec::LEAST_POLL } else { pause(every, self.quiet) };
        self.looked.checked_add_signed(pause.to_delta())
    }
}

/// The pause after so many looks that found nothing new: it doubles to five minutes, or stays where it is longer (rules 3).
fn pause(every: Duration, quiet: u32) -> Duration {
    let every = every.max(StepSpec::LEAST_POLL);
    let longest = AT_LEAST_EVERY.max(every).as_nanos();
    Duration::from_nanos(every.as_nanos().saturating_mul(1 << quiet.min(16)).min(longest))
}

impl Engine {
    /// Sets when the steps of a promotion that wait are looked at next.
    pub(super) fn refresh_polls(&mut self, name: &PromotionName, now: Timestamp) {
        let Some(run) = self.state.runs.get(name).cloned() else { return self.forget_polls(name) };
        for (step, record) in run.steps().iter().enumerate() {
            let key = (name.clone(), step);
            let poll = match record.state() {
                StepState::Waiting(waiting) => self.next_poll(&key, waiting, &run, now),
                _ => None,
            };
            let at = poll.as_ref().and_then(|(_, at)| *at);
            match poll {
                Some((poll, _)) => drop(self.polls.insert(key.clone(), poll)),
                None => drop(self.polls.remove(&key)),
            }
            self.timers.set(Due::Poll(key.0, step), at);
        }
    }

    /// What there is to remember of the looks at a step that waits, if anything, and when the next one is due, if ever.
    fn next_poll(
        &self,
        key: &(PromotionName, usize),
        waiting: &Waiting,
        run: &Run,
        now: Timestamp,
    ) -> Option<(Poll, Option<Timestamp>)> {
        let known = self.polls.get(key).filter(|known| known.since == waiting.since).cloned();
        let poll = known.unwrap_or_else(|| {
            let opened = self.state.opened.get(key).copied().unwrap_or_default();
            Poll::of(waiting, self.is_folded || self.sources.missed(&waiting.wait, opened))
        });
        let is_told = self.sources.tells_all(&waiting.wait);
        if is_told && poll == Poll::of(waiting, false) {
            return None;
        }
        let scene = Scene::new(self.state.world.promotion(&key.0).ok()?, "").ok()?;
        let (every, _) = looks_of(run, &scene, key.1, now)?;
        let at = if is_told && !poll.once && !poll.is_open { None } else { poll.at(every) };
        Some((poll, at))
    }

    /// A look at a step that waits is due.
    pub(super) fn poll(&mut self, name: &PromotionName, step: usize, now: Timestamp) -> Option<Effect> {
        let run = Arc::clone(self.state.runs.get(name)?);
        let scene = Scene::new(self.state.world.promotion(name).ok()?, "").ok()?;
        let StepState::Waiting(waiting) = run.steps().get(step)?.state() else { return None };
        let (every, look) = looks_of(&run, &scene, step, now)?;
        let key = (name.clone(), step);
        let known = self.polls.get(&key).filter(|known| known.since == waiting.since);
        // What was asked for once is none of those that come ever more seldom.
        let quiet = known.map_or(0, |known| known.quiet.saturating_add(u32::from(!known.once)));
        let poll = Poll { since: waiting.since, looked: now, quiet, once: false, is_open: true };
        // Also where changes are told: the answer may get lost, and then nobody has looked.
        self.timers.set(Due::Poll(name.clone(), step), poll.at(every));
        self.polls.insert(key, poll);
        Some(Effect::run(name.clone(), look))
    }

    /// A step said something: no look is open any more.
    pub(super) fn polled(&mut self, name: &PromotionName, step: usize) {
        let key = (name.clone(), step);
        let Some(poll) = self.polls.get_mut(&key) else { return };
        poll.is_open = false;
        let once = poll.once;
        if !once && self.wait_of(name, step).is_some_and(|waiting| self.sources.tells_all(&waiting.wait)) {
            self.timers.set(Due::Poll(key.0, step), None);
        }
    }

    fn wait_of(&self, name: &PromotionName, step: usize) -> Option<&Waiting> {
        match self.state.runs.get(name)?.steps().get(step)?.state() {
            StepState::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }

    /// Nothing of a promotion waits any more.
    pub(super) fn forget_polls(&mut self, name: &PromotionName) {
        self.timers.forget_polls(name);
        let of_it = self.polls.range((name.clone(), 0)..=(name.clone(), usize::MAX));
        let steps: Vec<usize> = of_it.map(|((_, step), _)| *step).collect();
        for step in steps {
            self.polls.remove(&(name.clone(), step));
        }
    }

    /// A wake source is heard: what waits for it is not polled. If it was silent, each is looked at once, at once.
    pub(super) fn hear(&mut self, source: &WakeSource, now: Timestamp) -> Vec<Due> {
        let was_silent = self.sources.hear(source, now, self.state.position);
        self.timers.set(Due::Source(source.clone()), Some(stale_at(now)));
        if was_silent { self.ask_once(source, now) } else { Vec::new() }
    }

    /// A wake source is not heard any more: what waits for it is looked at once, at once, and then polled.
    pub(super) fn lose(&mut self, source: &WakeSource, now: Timestamp) -> Vec<Due> {
        self.timers.set(Due::Source(source.clone()), None);
        if self.sources.lose(source) { self.ask_once(source, now) } else { Vec::new() }
    }

    /// Wake sources that were not heard for too long.
    pub(super) fn lose_stale(&mut self, due: &[Due], now: Timestamp) -> Vec<Due> {
        let stale = due.iter().filter_map(|due| if let Due::Source(source) = due { Some(source) } else { None });
        let mut asked = Vec::new();
        for source in stale {
            asked.extend(self.lose(source, now));
        }
        asked
    }

    /// Everything that waits for what a source tells is looked at once, as soon as its last look is long enough ago. Says what
    /// has a look to come.
    fn ask_once(&mut self, source: &WakeSource, now: Timestamp) -> Vec<Due> {
        let mut asked = Vec::new();
        let covered = self.state.waits.iter().filter(|(key, _)| source.covers(key));
        let promotions: BTreeSet<PromotionName> = covered.map(|(_, promotion)| promotion.clone()).collect();
        for name in promotions {
            let Some(run) = self.state.runs.get(&name).cloned() else { continue };
            for (step, record) in run.steps().iter().enumerate() {
                let StepState::Waiting(waiting) = record.state() else { continue };
                if !waiting.wait.on.iter().any(|(key, _)| source.covers(key)) {
                    continue;
                }
                let key = (name.clone(), step);
                let known = self.polls.get(&key).filter(|known| known.since == waiting.since);
                let looked = known.map_or(waiting.since, |known| known.looked);
                self.polls.insert(key, Poll { looked, ..Poll::of(waiting, true) });
                asked.push(Due::Poll(name.clone(), step));
            }
            self.refresh_polls(&name, now);
        }
        let ids: Vec<Arc<str>> = self.state.verifications.keys().cloned().collect();
        for id in ids.into_iter().filter(|id| source.covers(&WakeKey::verification(id))) {
            self.looks.entry(Arc::clone(&id)).or_default().ask(now);
            self.refresh_looks(&id);
            asked.push(Due::Verification(id));
        }
        let stages: Vec<StageName> = self.state.world.stages().map(|stage| stage.name().into()).collect();
        for stage in stages.into_iter().filter(|stage| source.covers(&WakeKey::health(stage))) {
            if self.is_looked_at(&stage) {
                let due = Due::Health(stage.clone());
                let soonest = self.health_looked.get(&stage).and_then(|at| later(*at, StepSpec::LEAST_POLL));
                self.timers.set(due.clone(), Some(soonest.map_or(now, |soonest| soonest.max(now))));
                asked.push(due);
            }
        }
        asked
    }

    /// Something changed that is looked at apart from steps: it is looked at now, or as soon as the look under way has ended.
    pub(super) fn look_told(&mut self, key: &WakeKey, now: Timestamp) -> Vec<Due> {
        let id: Arc<str> = key.id().into();
        if *key == WakeKey::verification(&id) && self.state.verifications.contains_key(&id) {
            self.looks.entry(Arc::clone(&id)).or_default().told(now);
            self.refresh_looks(&id);
            return vec![Due::Verification(id)];
        }
        let stage = StageName::from(key.id());
        if *key == WakeKey::health(&stage) && self.is_looked_at(&stage) {
            let due = Due::Health(stage);
            self.timers.set(due.clone(), Some(now));
            return vec![due];
        }
        Vec::new()
    }

    /// When a verification has something to do, or its run is to be looked at.
    pub(super) fn refresh_looks(&mut self, id: &Arc<str>) {
        let Some((_, verification)) = self.state.verifications.get(id) else { return };
        let at = verification.deadline().into_iter().chain(self.look_due(id, verification)).min();
        self.timers.set(Due::Verification(Arc::clone(id)), at);
    }

    /// When the run of a verification is to be looked at. While its end is told it is not, but for what was asked for and for
    /// looks that fail.
    pub(super) fn look_due(&self, id: &Arc<str>, verification: &Verification) -> Option<Timestamp> {
        let looks = self.looks.get(id)?;
        let is_poll = matches!(verification.owed(), Some(Owed::Look { .. })) && !looks.is_wanted();
        if is_poll && self.sources.tells(&WakeKey::verification(id)) {
            return None;
        }
        looks.due(verification)
    }

    /// What a replay made due at once is due within ten seconds from the first tick on, each at an instant of its own.
    pub(super) fn spread(&mut self, now: Timestamp) {
        self.is_folded = false;
        for due in self.timers.due(now) {
            let id = match &due {
                Due::Warehouse(name) => EffectId::of(&["look", "Warehouse", name]),
                Due::Health(name) => EffectId::of(&["look", "Stage", name]),
                Due::Poll(name, step) => EffectId::of(&["look", "step", name, &step.to_string()]),
                Due::Verification(id) => {
                    let Some((_, verification)) = self.state.verifications.get(id) else { continue };
                    if verification.deadline().is_none_or(|deadline| deadline > now) {
                        self.looks.insert(Arc::clone(id), Looks::after_fold(verification, now));
                        self.refresh_looks(id);
                    }
                    continue;
                }
                Due::Promotion(_)
                | Due::Stage(_)
                | Due::Prepare(..)
                | Due::Source(_)
                | Due::Cancel(..)
                | Due::PromotionsOf(_)
                | Due::FreightOf(_) => continue,
            };
            self.timers.set(due, later(now, id.spread(Looks::SOONEST)));
        }
    }
}

pub(super) fn later(now: Timestamp, span: Duration) -> Option<Timestamp> {
    now.checked_add_signed(span.to_delta())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_3_pauses_double_to_five_minutes_or_stay_where_they_are_longer() {
        let pauses = |every: i64| -> Vec<i64> {
            (0..8).map(|quiet| pause(Duration::from_secs(every), quiet).as_nanos() / 1_000_000_000).collect()
        };
        assert_eq!(pauses(10), [10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pauses(30), [30, 60, 120, 240, 300, 300, 300, 300]);
        assert_eq!(pauses(1), pauses(10), "never more often than every ten seconds");
        assert_eq!(pauses(780), [780; 8]);
        let century = Duration::from_secs(3_155_760_000);
        assert_eq!(pause(century, u32::MAX), century);
    }
}
