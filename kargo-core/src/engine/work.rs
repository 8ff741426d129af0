//! What is to be done outside, found out after every decision for what it was about, and when something is due next.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Effect, EffectKind, Engine, Work,
    apply::Touched,
    cancels::stopping_of,
    draft::{Draft, Seen},
    settle::has_succeeded,
    timers::Due,
};
use crate::{
    model::{Duration, HealthState, PromotionName, StageName, Timestamp},
    policy,
    promotion::{Input, Move, Run, Scene, StepState, backoff, effect_of, moves, wakes_at},
    report::{EffectId, PortError, WakeKey},
    verification::{Asked, Looks, Owed, Verdict},
    world::{Place, shared::retain},
};

/// How often health is looked at while it is as it should be (control 11.1, T7), and while it is not.
const HEALTH_EVERY: Duration = Duration::from_secs(300);
const HEALTH_SOON: Duration = Duration::from_secs(10);

impl Engine {
    /// Finds out what work there is after a decision, and when the things it was about are due next.
    pub(super) fn refresh(&mut self, seen: &Seen, now: Timestamp) -> Work {
        let mut work = Work::default();
        // Who is in which lane is known before anybody enters one.
        let mut freed = BTreeSet::new();
        for promotion in &seen.promotions {
            freed.extend(self.enter_lanes(promotion));
        }
        for promotion in &seen.promotions {
            self.refresh_promotion(promotion, now, &mut work);
        }
        for promotion in freed.difference(&seen.promotions) {
            self.refresh_promotion(promotion, now, &mut work);
        }
        for stage in &seen.stages {
            self.refresh_stage(stage, seen.wakes.get(stage), now, &mut work);
        }
        for warehouse in &seen.looks {
            work.start.extend(self.look(&Due::Warehouse(warehouse.clone()), now));
        }
        for stage in &seen.left {
            self.timers.set(Due::Stage(stage.clone()), Some(now));
        }
        for (due, at) in &seen.collections {
            // While the clock may be wrong nothing comes by time (rules 5).
            self.timers.set(due.clone(), at.filter(|_| self.state.suspect_since.is_none()));
        }
        for verification in &seen.verifications {
            self.refresh_verification(verification, now, &mut work);
        }
        for warehouse in &seen.warehouses {
            let name = warehouse.as_str().into();
            let due = Due::Warehouse(name);
            let exists = self.state.world.warehouse(warehouse).is_ok();
            if exists && self.timers.get(&due).is_none() {
                work.start.extend(self.look(&due, now));
            } else if !exists {
                self.timers.set(due, None);
            }
        }
        work
    }

    /// Notes which lanes the work of a promotion needs, and says who may have waited for those that it needs no more.
    fn enter_lanes(&mut self, name: &PromotionName) -> BTreeSet<PromotionName> {
        self.lanes.put(name, self.state.in_lanes(name))
    }

    fn refresh_promotion(&mut self, name: &PromotionName, now: Timestamp, work: &mut Work) {
        let known = self.owed_of.remove(name).unwrap_or_default();
        let before: BTreeMap<EffectId, Arc<Effect>> =
            known.into_iter().filter_map(|id| self.owed.remove_with_key(&id)).collect();
        let run = self.state.runs.get(name).cloned();
        self.timers.set(Due::Promotion(name.clone()), run.as_deref().and_then(wakes_at));
        let view = self.state.world.promotion(name).ok();
        let scene = view.and_then(|view| Scene::new(view, "").ok());
        let (Some(run), Some(scene)) = (run, scene) else {
            self.forget_polls(name);
            self.refresh_cancels(name, Vec::new(), now);
            self.forget_tries(name, None);
            retain(&mut self.waiting, |_, (waiting, _)| waiting != name);
            return;
        };
        for owed in moves(&run, &scene) {
            let effect = match owed {
                Move::Prepare(preparation) => Effect::prepare(name.clone(), preparation),
                Move::Run(run) => Effect::run(name.clone(), run),
            };
            let known = before.get(&effect.id).filter(|known| known.is_same_attempt(&effect));
            // It was under way when the work tree was lost, and is still.
            let is_kept =
                matches!(&effect.kind, EffectKind::RunStep(run) if self.kept.get(&effect.id) == Some(&run.attempt));
            let is_new = known.is_none() && !is_kept;
            self.kept.remove(&effect.id);
            if is_new
                && let EffectKind::RunStep(run) = &effect.kind
                && let Some(other) = self.state.lane_taken(&self.lanes, name, run, now)
            {
                let due = Due::Promotion(name.clone());
                let at = self.timers.get(&due).into_iter().chain(other.until).min();
                self.timers.set(due, at);
                self.waiting.insert(effect.id, (name.clone(), other));
                continue;
            }
            self.waiting.remove(&effect.id);
            let probe = known.map_or_else(|| self.is_to_probe(name, &effect, now), |known| known.is_probing());
            let effect = effect.probing(probe);
            if is_new {
                work.start.push(effect.clone());
            }
            self.owed_of.entry(name.clone()).or_default().push(effect.id.clone());
            self.owed.insert(effect.id.clone(), Arc::new(effect));
        }
        let mut stopping = Vec::new();
        for step in stopping_of(&run) {
            let id = effect_of(&scene, &run, step);
            if self.waiting.remove(&id).is_some() {
                // It waited for its lane: nobody has begun it, and so nobody says that it has stopped.
                self.unknown.push((name.clone(), Input::Stopped { step }));
                continue;
            }
            if before.contains_key(&id) || self.kept.remove(&id).is_some() {
                work.cancel.push(id.clone());
            }
            stopping.push((step, id));
        }
        for (id, effect) in before {
            // What is not owed while the tree is written anew is under way all the same.
            if let EffectKind::RunStep(attempt) = &effect.kind
                && let Some(record) = run.steps().get(attempt.step)
                && *record.state() == StepState::Running
                && record.attempts() == attempt.attempt
                && !self.owed.contains_key(&id)
            {
                self.kept.insert(id, attempt.attempt);
            }
        }
        self.refresh_cancels(name, stopping, now);
        self.forget_tries(name, Some(&run));
        self.refresh_polls(name, now);
    }

    /// Whether somebody may have begun this already, or may act still in its lanes (rules 1 and 4).
    fn is_to_probe(&self, name: &PromotionName, effect: &Effect, now: Timestamp) -> bool {
        let EffectKind::RunStep(run) = &effect.kind else { return false };
        let key = (name.clone(), run.step);
        if self.is_folded {
            // What nobody may repeat and had not begun is new.
            return self.state.started.contains(&key) || !self.state.is_running_unknowable(name, run.step, now);
        }
        let opened = self.state.opened.get(&key).copied().unwrap_or_default();
        self.lanes.is_contested(name, &(opened, run.effect.clone()), &run.lanes)
    }

    /// References of a step could not be resolved for a reason that may go away: they are asked for again, ever more seldom.
    pub(super) fn prepare_again(&mut self, name: &PromotionName, step: usize, now: Timestamp) {
        let Some(effect) = self.preparation(name, step).map(|effect| effect.id.clone()) else { return };
        let tries = self.tries.entry((name.clone(), step)).or_default();
        *tries = tries.saturating_add(1);
        let at = now.checked_add_signed(backoff(&effect, *tries, None).to_delta());
        self.timers.set(Due::Prepare(name.clone(), step), at);
    }

    /// The preparation of a step that is owed.
    fn preparation(&self, name: &PromotionName, step: usize) -> Option<&Effect> {
        let owed = self.owed_of.get(name)?.iter().filter_map(|id| self.owed.get(id)).map(AsRef::as_ref);
        owed.into_iter().find(|effect| matches!(&effect.kind, EffectKind::Prepare(prepare) if prepare.step == step))
    }

    /// Steps that are not prepared any more are not tried again.
    fn forget_tries(&mut self, name: &PromotionName, run: Option<&Run>) {
        if self.tries.is_empty() {
            return;
        }
        let of_it = self.tries.range((name.clone(), 0)..=(name.clone(), usize::MAX));
        let record = |step: usize| run.and_then(|run| run.steps().get(step));
        let is_over = |step: usize| record(step).is_none_or(|record| *record.state() != StepState::Preparing);
        let over: Vec<usize> = of_it.map(|((_, step), _)| *step).filter(|step| is_over(*step)).collect();
        for step in over {
            self.tries.remove(&(name.clone(), step));
            self.timers.set(Due::Prepare(name.clone(), step), None);
        }
    }

    /// `wakes` is when it has to be looked at again, where that is known already.
    fn refresh_stage(&mut self, name: &StageName, wakes: Option<&Option<Timestamp>>, now: Timestamp, work: &mut Work) {
        let judged = self.state.judged_at(now);
        let stage = self.state.world.stage(name).ok();
        let found = || stage.and_then(|stage| policy::wakes_at(stage, judged));
        let at = wakes.copied().unwrap_or_else(found);
        // While the clock may be wrong nothing comes by time (rules 5).
        let at = at.filter(|_| self.state.suspect_since.is_none());
        let looks = stage.is_some_and(|stage| stage.current_promotion().is_none() && has_checks(stage));
        self.timers.set(Due::Stage(name.clone()), at);
        let due = Due::Health(name.clone());
        if !looks {
            self.timers.set(due, None);
            self.health_looked.remove(name);
        } else if stage.is_some_and(|stage| stage.health().is_none())
            || (self.timers.get(&due).is_none() && !self.sources.tells(&WakeKey::health(name)))
        {
            work.start.extend(self.look(&due, now));
        }
    }

    /// Whether the health of a Stage is looked at: there are checks of what it holds (control 5).
    pub(super) fn is_looked_at(&self, name: &StageName) -> bool {
        let stage = self.state.world.stage(name).ok();
        stage.is_some_and(|stage| stage.current_promotion().is_none() && has_checks(stage))
    }

    /// The health of a Stage was seen, or was not: where changes are told, it is looked at no more until something changes.
    pub(super) fn health_seen(&mut self, name: &StageName, is_seen: bool, now: Timestamp) {
        let due = Due::Health(name.clone());
        if self.timers.get(&due).is_none_or(|at| at <= now) {
            return;
        }
        if !is_seen {
            let soon = now.checked_add_signed(HEALTH_SOON.to_delta());
            self.timers.set(due, soon);
        } else if self.sources.tells(&WakeKey::health(name)) {
            self.timers.set(due, None);
        }
    }

    fn refresh_verification(&mut self, id: &Arc<str>, now: Timestamp, work: &mut Work) {
        let Some((place, verification)) = self.state.verifications.get(id).cloned() else {
            self.looks.remove(id);
            self.owed.remove(&EffectId::of(&["verification", id]));
            return self.timers.set(Due::Verification(Arc::clone(id)), None);
        };
        let effect = verification.effect();
        let before = self.owed.remove(&effect);
        let asked = match verification.owed() {
            Some(Owed::Start { attempt }) => Some((Asked::Start, attempt)),
            Some(Owed::Stop) => Some((Asked::Stop, 0)),
            Some(Owed::Look { .. }) | None => None,
        };
        let handle = verification.handle(self.state.genesis.project().clone(), place.stage.clone());
        let looks = self.looks.entry(Arc::clone(id)).or_insert_with(|| Looks::at(now));
        if let Some((asked, attempt)) = asked {
            let run = if asked == Asked::Start { self.state.run_of(id).and_then(Result::ok) } else { None };
            let owed = Effect::verify(place, asked, handle, run, attempt, effect.clone());
            if before.is_none_or(|known| !known.is_same_attempt(&owed)) {
                work.start.push(owed.clone());
                // Asked once more only after an answer that says to.
                looks.begin();
            }
            self.owed.insert(effect, Arc::new(owed));
        }
        self.refresh_looks(id);
    }

    /// A look after the run of a verification, if one is due.
    fn look_after(&mut self, id: &Arc<str>, now: Timestamp) -> Option<Effect> {
        let (place, verification) = self.state.verifications.get(id)?.clone();
        let is_due = self.look_due(id, &verification).is_some_and(|due| due <= now);
        if !is_due {
            self.refresh_looks(id);
            return None;
        }
        self.timers.set(Due::Verification(Arc::clone(id)), verification.deadline());
        self.looks.get_mut(id)?.begin();
        if verification.owed() == Some(Owed::Stop) {
            return self.owed.get(&verification.effect()).map(|owed| (**owed).clone());
        }
        let handle = verification.handle(self.state.genesis.project().clone(), place.stage.clone());
        Some(Effect::verify(place, Asked::Look, handle, None, 0, verification.effect()))
    }

    /// What was asked about a run was answered: the next look is due later.
    pub(super) fn answered(
        &mut self,
        id: &Arc<str>,
        answer: &Result<Verdict, PortError>,
        changed: bool,
        now: Timestamp,
    ) {
        let Some((_, verification)) = self.state.verifications.get(id).cloned() else { return };
        let looks = self.looks.entry(Arc::clone(id)).or_insert_with(|| Looks::at(now));
        looks.answered(&verification, now, answer.as_ref().map(|_| None), changed);
        self.refresh_looks(id);
    }

    /// The looks among what is due.
    pub(super) fn looks(&mut self, due: &[Due], now: Timestamp) -> Vec<Effect> {
        let still = |engine: &Self, due: &Due| engine.timers.get(due).is_some_and(|at| at <= now);
        let mut effects = Vec::new();
        for due in due {
            match due {
                Due::Verification(id) => effects.extend(self.look_after(id, now)),
                Due::Prepare(name, step) if still(self, due) => {
                    self.timers.set(Due::Prepare(name.clone(), *step), None);
                    effects.extend(self.preparation(name, *step).cloned());
                }
                _ if still(self, due) => effects.extend(self.look(due, now)),
                _ => {}
            }
        }
        effects
    }

    /// A look, with which the next one is due later.
    fn look(&mut self, due: &Due, now: Timestamp) -> Option<Effect> {
        let (effect, every) = match due {
            Due::Poll(name, step) => return self.poll(name, *step, now),
            Due::Promotion(_)
            | Due::Stage(_)
            | Due::Verification(_)
            | Due::Prepare(..)
            | Due::Source(_)
            | Due::Cancel(..)
            | Due::PromotionsOf(_)
            | Due::FreightOf(_) => return None,
            Due::Warehouse(name) => {
                let interval = self.state.world.warehouse(name).ok()?.spec.interval;
                let id = self.state.discovery_look(name)?;
                (Effect::discover(name.clone(), id), interval)
            }
            Due::Health(name) => {
                let stage = self.state.world.stage(name).ok()?;
                let status = stage.last_promotion()?.status.as_ref()?;
                let id = self.state.health_look(name)?;
                let settled = stage.health().and_then(|health| health.status.as_ref()) == Some(&HealthState::Healthy);
                let every = if settled { HEALTH_EVERY } else { HEALTH_SOON };
                self.health_looked.insert(name.clone(), now);
                (Effect::observe(Place::stage(name.clone()), status.health_checks.clone(), id), every)
            }
        };
        self.timers.set(due.clone(), now.checked_add_signed(every.to_delta()));
        Some(effect)
    }

    /// Finds out everything anew, after a replay.
    pub(super) fn refresh_all(&mut self) {
        let now = self.state.now;
        self.timers.clear();
        self.owed.clear();
        self.lanes.clear();
        self.waiting.clear();
        self.owed_of.clear();
        self.gauges.clear();
        self.sources.clear();
        self.polls.clear();
        self.health_looked.clear();
        self.kept.clear();
        self.stopping.clear();
        self.unknown.clear();
        self.is_folded = true;
        let seen = Seen {
            stages: self.state.world.stages().map(|stage| stage.name().into()).collect(),
            promotions: self.state.runs.keys().cloned().collect(),
            warehouses: self.state.world.warehouses().map(|warehouse| warehouse.metadata.name.clone()).collect(),
            verifications: self.state.verifications.keys().cloned().collect(),
            looks: BTreeSet::new(),
            left: BTreeSet::new(),
            collections: self.state.collections(),
            wakes: BTreeMap::new(),
        };
        self.looks = self
            .state
            .verifications
            .iter()
            .map(|(id, (_, verification))| (Arc::clone(id), Looks::after_fold(verification, now)))
            .collect();
        // What it would begin is owed, or is a look that is due at once.
        drop(self.refresh(&seen, now));
        for stage in &seen.stages {
            let due = Due::Health(stage.clone());
            if self.timers.get(&due).is_some() {
                self.timers.set(due, Some(now));
            }
        }
        for warehouse in &seen.warehouses {
            self.timers.set(Due::Warehouse(warehouse.as_str().into()), Some(now));
        }
        self.close_unknown(now);
    }
}

fn has_checks(stage: crate::world::StageView<'_>) -> bool {
    let status = stage.last_promotion().and_then(|last| last.status.as_ref());
    has_succeeded(stage) && status.is_some_and(|status| !status.health_checks.is_empty())
}

impl Draft<'_> {
    /// What is due by time is done.
    pub(super) fn due(&mut self, due: &[Due]) {
        for due in due {
            match due {
                Due::Promotion(name) => {
                    self.seen.promotions.insert(name.clone());
                    self.drive(name, &Input::Look, None);
                }
                Due::Stage(name) => self.touch(Touched::Stage(name.clone()), None),
                Due::Verification(id) => {
                    self.tell(id, &crate::verification::Input::Tick, None);
                }
                Due::PromotionsOf(stage) => self.touch(Touched::PromotionsOf(stage.clone()), None),
                Due::FreightOf(origin) => self.touch(Touched::FreightOf(origin.clone()), None),
                Due::Warehouse(_)
                | Due::Health(_)
                | Due::Poll(..)
                | Due::Prepare(..)
                | Due::Source(_)
                | Due::Cancel(..) => {}
            }
        }
    }
}

impl Effect {
    fn is_probing(&self) -> bool {
        matches!(&self.kind, EffectKind::RunStep(run) if run.probe)
    }

    /// Whether it is the same attempt of the same step.
    fn is_same_attempt(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (EffectKind::RunStep(a), EffectKind::RunStep(b)) => a.attempt == b.attempt,
            (EffectKind::Verify(a), EffectKind::Verify(b)) => (a.asked, a.attempt) == (b.asked, b.attempt),
            (EffectKind::Prepare(_), EffectKind::Prepare(_)) => true,
            _ => false,
        }
    }
}
