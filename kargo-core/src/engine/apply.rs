//! The only way in which state changes, in a live run, a replay and a what-if alike.

use std::{collections::BTreeSet, sync::Arc};

use chrono::SubsecRound as _;

use super::{
    Event, Position, Recorded,
    state::{State, keys_of},
};
use crate::{
    freight::history,
    model::{
        ApprovedStage, AutoPromotionHold, Freight, FreightName, Kind, Noun as _, Object, Origin, Promotion,
        PromotionName, PromotionPhase, PromotionReference, StageName, Timestamp, VerificationInfo, label,
    },
    promotion::{Phase, PhaseEvent, Returned, Run, RunEvent, StepEvent},
    report::Fact,
    verification::{self, Verification},
    world::{Held, Place, PlaceState, PromotionView, StageView, shared::retain},
};

/// What an event may have consequences for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touched {
    /// All of a Stage.
    Stage(StageName),
    /// A Stage, as far as this freight goes.
    Arrival(StageName, FreightName),
    /// A Warehouse has other artifacts to choose from.
    Warehouse(String),
    /// Promotions of a Stage may not be needed any more.
    PromotionsOf(StageName),
    /// Freight of an origin may not be needed any more.
    FreightOf(Origin),
}

impl State {
    /// Takes over an event, and says what may follow from it.
    pub(super) fn apply(&mut self, recorded: &Recorded) -> Vec<Touched> {
        self.reach(recorded.position, recorded.at);
        let at = recorded.at;
        match &recorded.event {
            Event::Commanded { revision, .. } => {
                if revision.is_some() {
                    self.revision.clone_from(revision);
                }
                Vec::new()
            }
            Event::Reported { .. } | Event::Ticked | Event::Checkpoint { .. } => Vec::new(),
            Event::Imported { objects } => self.imported(objects),
            Event::EffectStarted { promotion, step, .. } => {
                self.started.insert((promotion.clone(), *step));
                // So does what is written out say.
                if let Some(run) = self.runs.get_mut(promotion) {
                    Arc::make_mut(run).hand_out(*step);
                }
                Vec::new()
            }
            Event::LateOutcome { promotion, step, .. } => {
                self.unanswered.remove(&(promotion.clone(), *step));
                Vec::new()
            }
            Event::Defined { object } => {
                // What it asked for before counts as well.
                let mut touched = match object.kind() {
                    Kind::Stage | Kind::StagePolicy => self.around(object.name()),
                    _ => Vec::new(),
                };
                self.define(object.clone());
                touched.extend(self.touched_by_definition(object.kind(), object.name()));
                touched
            }
            Event::Removed { kind, name } => self.remove(*kind, name),
            Event::Discovered { warehouse, artifacts } => {
                let is_known = self.world.set_discovered(warehouse, (**artifacts).clone());
                is_known.then(|| Touched::Warehouse(warehouse.to_string())).into_iter().collect()
            }
            Event::FreightCreated { freight, found_at } => {
                self.found((**freight).clone(), *found_at);
                let mut touched = self.arrivals_of(&freight.origin, &freight.name().into());
                touched.push(Touched::FreightOf(freight.origin.clone()));
                touched
            }
            Event::Approved { approval } => {
                let spec = &approval.spec;
                let when = ApprovedStage { approved_at: Some(at) };
                self.world.edit_freight(&spec.freight, |freight| {
                    freight.visits.edit(&spec.stage, |visit| {
                        visit.approved.get_or_insert(when);
                    });
                });
                self.world.put((**approval).clone());
                vec![Touched::Stage(spec.stage.clone())]
            }
            Event::Rejected { rejection } => {
                self.world.put((**rejection).clone());
                self.takers_of(&rejection.spec.freight)
            }
            Event::Unrejected { rejection } => {
                let freight = self.world.rejection(rejection).map(|rejection| rejection.spec.freight.clone());
                self.world.remove(Kind::Rejection, rejection);
                freight.map(|freight| self.takers_of(&freight)).unwrap_or_default()
            }
            Event::Paused { pause } => {
                self.world.put((**pause).clone());
                self.paused(pause.spec.stage.as_ref())
            }
            Event::Resumed { pause } => {
                let stage = self.world.pause(pause).map(|pause| pause.spec.stage.clone());
                self.world.remove(Kind::Pause, pause);
                stage.map(|stage| self.paused(stage.as_ref())).unwrap_or_default()
            }
            Event::Aliased { freight, alias } => {
                self.world.set_alias(freight, Some(alias.clone()));
                Vec::new()
            }
            Event::HoldEstablished { place, hold } => {
                self.world.edit_place(place, |state| {
                    state.holds.retain(|known| known.origin != hold.origin);
                    state.holds.push(Arc::new((**hold).clone()));
                    state.holds.sort_by(|a, b| a.origin.cmp(&b.origin));
                });
                Vec::new()
            }
            Event::HoldReleased { place, origin } => {
                self.world.edit_place(place, |state| state.holds.retain(|hold| hold.origin != *origin));
                vec![Touched::Stage(place.stage.clone())]
            }
            Event::PlaceCleared { place } => self.cleared(place, at),
            Event::PromotionCreated { promotion, number } => {
                self.created((**promotion).clone(), *number);
                vec![Touched::Stage(promotion.spec.stage.clone())]
            }
            Event::PromotionCurrent { place, promotion } => {
                self.world.edit_place(place, |state| state.current_promotion = Some(promotion.clone()));
                Vec::new()
            }
            Event::PromotionDropped { promotion, reason } => {
                self.world.edit_promotion(promotion, |noun| {
                    noun.metadata.annotations.insert(label::EXT_END.to_owned(), reason.as_str().to_owned());
                });
                Vec::new()
            }
            Event::Promotion { promotion, happened } => self.happened(promotion, happened),
            Event::PromotionSettled { place, promotion, holds, released, holds_freight } => {
                self.settled(place, promotion, holds, released, holds_freight.as_deref(), at)
            }
            Event::HealthChanged { place, health } => {
                self.world.edit_place(place, |state| state.health = Some(Arc::new((**health).clone())));
                vec![Touched::Stage(place.stage.clone())]
            }
            Event::ReverifyAsked { stage, verification, actor } => {
                self.reverify.insert(stage.clone(), (verification.clone(), actor.clone()));
                vec![Touched::Stage(stage.clone())]
            }
            Event::VerificationBegun { place, verification } => self.verification_begun(place, verification),
            Event::Verification { id, happened } => self.verification_happened(id, happened),
            Event::VerdictCounted { stage, collection, members, verdict, credited, withdrawn } => {
                let verdicts = self.verdicts.entry(stage.clone()).or_default();
                Arc::make_mut(verdicts).record(collection, members, verdict.clone());
                for name in credited {
                    self.world.edit_freight(name, |state| state.visits.edit(stage, |visit| visit.verify(verdict.at)));
                }
                for name in withdrawn {
                    self.world.edit_freight(name, |state| state.visits.edit(stage, |visit| visit.withdrawn = true));
                }
                let mut touched = self.downstream(stage, credited);
                touched.extend(self.downstream(stage, withdrawn));
                touched
            }
            Event::Verified { stage, freight } => {
                for name in freight {
                    self.world.edit_freight(name, |state| state.visits.edit(stage, |visit| visit.verify(at)));
                }
                self.downstream(stage, freight)
            }
            Event::ClockSuspected { since } => {
                self.suspect_since = Some(*since);
                self.world.set_clock_suspect(true);
                Vec::new()
            }
            Event::ClockAccepted => {
                self.suspect_since = None;
                self.world.set_clock_suspect(false);
                let mut touched = self.all_stages();
                touched.extend(self.all_collections());
                touched
            }
            Event::PromotionsCollected { promotions, .. } => {
                for name in promotions {
                    self.world.remove_promotion(name);
                    let steps = (name.clone(), 0)..=(name.clone(), usize::MAX);
                    let unanswered: Vec<_> = self.unanswered.range(steps).cloned().collect();
                    for step in unanswered {
                        self.unanswered.remove(&step);
                    }
                }
                Vec::new()
            }
            Event::FreightCollected { freight, .. } => {
                for name in freight {
                    // Nothing follows for those that might have taken it: nobody had.
                    drop(self.forget_freight(name));
                    self.world.remove(Kind::Freight, name);
                }
                Vec::new()
            }
        }
    }

    /// All of which something may not be needed any more.
    pub(super) fn all_collections(&self) -> Vec<Touched> {
        let stages = self.world.stages().map(|stage| Touched::PromotionsOf(stage.name().into()));
        let warehouses = self.world.warehouses().map(|warehouse| Origin::warehouse(warehouse.metadata.name.as_str()));
        stages.chain(warehouses.map(Touched::FreightOf)).collect()
    }

    /// The same for an event that nobody else needs, and of which nothing is to follow: what it brings is not copied.
    pub(super) fn apply_all_of(&mut self, recorded: Recorded) {
        let Recorded { position, at, cause, event } = recorded;
        self.reach(position, at);
        match event {
            Event::FreightCreated { freight, found_at } => self.found(*freight, found_at),
            Event::Defined { object } => self.define(object),
            Event::PromotionCreated { promotion, number } => self.created(*promotion, number),
            event => drop(self.apply(&Recorded { position, at, cause, event })),
        }
    }

    fn reach(&mut self, position: Position, at: Timestamp) {
        self.position = position;
        self.now = self.now.max(at);
    }

    fn found(&mut self, mut freight: Freight, found_at: Timestamp) {
        freight.discovered_at = Some(found_at);
        self.world.put_freight(freight);
    }

    fn define(&mut self, object: Object) {
        if let Object::Stage(stage) = &object
            && self.world.stage(stage.name()).is_err()
        {
            // A new Stage begins empty, whatever was found of one of its name (rules 7, trap 21).
            let stage = StageName::from(stage.name());
            for freight in self.world.freight_seen_by(&stage) {
                self.world.edit_freight(&freight, |state| state.visits.edit(&stage, |visit| visit.current = None));
            }
        }
        self.world.define(object);
    }

    fn remove(&mut self, kind: Kind, name: &str) -> Vec<Touched> {
        let mut touched = self.touched_by_definition(kind, name);
        if kind == Kind::Stage {
            // What it verified and approved is not known any more (control 6.4), nor that anything is there (trap 21).
            let stage = StageName::from(name);
            touched.extend(self.world.subscribers_of_stage(name).cloned().map(Touched::Stage));
            for freight in self.world.freight_seen_by(&stage) {
                let origin = self.world.freight_named(&freight).map(|freight| freight.origin().clone());
                touched.extend(origin.map(Touched::FreightOf));
                self.world
                    .edit_freight(&freight, |state| state.visits.edit(&stage, |visit| *visit = Default::default()));
            }
            let approved: Vec<FreightName> =
                self.world.approved_for(name).map(|freight| freight.name().clone()).collect();
            for freight in approved {
                let given = self.world.approvals_of(&freight, name).map(|given| given.metadata.name.clone());
                for approval in given.collect::<Vec<_>>() {
                    self.world.remove(Kind::Approval, &approval);
                }
            }
            // What ended there ends with it: a Stage of the same name has no past (control 6.4).
            let ended = self.world.stage(name).into_iter().flat_map(StageView::promotions);
            let ended = ended.map(|promotion| PromotionName::from(promotion.name()));
            for promotion in ended.filter(|name| !self.runs.contains_key(name)).collect::<Vec<_>>() {
                self.world.remove_promotion(&promotion);
            }
        }
        if kind == Kind::Freight {
            touched.extend(self.forget_freight(&name.into()));
        }
        self.world.remove(kind, name);
        if kind == Kind::Stage {
            self.verdicts.remove(name);
            self.reverify.remove(name);
            // What is being stopped is stopped still (rules 4).
            retain(&mut self.verifications, |_, (place, verification)| {
                *place.stage != *name || is_being_stopped(verification)
            });
        }
        touched
    }

    /// What was decided and found about freight goes with it: found again, it is new.
    fn forget_freight(&mut self, name: &FreightName) -> Vec<Touched> {
        let Some(freight) = self.world.freight_named(name) else { return Vec::new() };
        let touched = self.takers_of(name);
        let stages: Vec<StageName> = freight.visits().iter().map(|(stage, _)| stage.clone()).collect();
        for stage in &stages {
            if let Some(verdicts) = self.verdicts.get_mut(&**stage) {
                Arc::make_mut(verdicts).forget(name);
            }
        }
        let approvals = stages.iter().flat_map(|stage| self.world.approvals_of(name, stage));
        let mut decided: Vec<_> = approvals.map(|given| (Kind::Approval, given.metadata.name.clone())).collect();
        let rejections = self.world.rejections_of(name);
        decided.extend(rejections.map(|rejection| (Kind::Rejection, rejection.metadata.name.clone())));
        for (kind, decision) in decided {
            self.world.remove(kind, &decision);
        }
        touched
    }

    fn touched_by_definition(&self, kind: Kind, name: &str) -> Vec<Touched> {
        match kind {
            Kind::Stage => {
                let mut touched = self.around(name);
                touched.push(Touched::PromotionsOf(name.into()));
                touched
            }
            Kind::StagePolicy => self.around(name),
            Kind::PromotionTask | Kind::ClusterPromotionTask => self.users_of(name),
            Kind::ProjectConfig | Kind::ClusterConfig => self.all_stages(),
            Kind::Warehouse => {
                vec![Touched::Warehouse(name.to_owned()), Touched::FreightOf(Origin::warehouse(name))]
            }
            Kind::WarehousePolicy => vec![Touched::Warehouse(name.to_owned())],
            _ => Vec::new(),
        }
    }

    /// A Stage, those that wait for what comes behind them to have soaked, and those behind it: what it asks for and whether
    /// it has steps concerns them.
    fn around(&self, name: &str) -> Vec<Touched> {
        let stage = self.world.stage(name).ok();
        let before = stage.into_iter().flat_map(StageView::requests).flat_map(|request| &request.sources.stages);
        let behind = self.world.subscribers_of_stage(name);
        let near = before.chain(behind).filter(|near| self.world.stage(near).is_ok()).cloned().map(Touched::Stage);
        std::iter::once(Touched::Stage(name.into())).chain(near).collect()
    }

    /// The Stages with a step that is this task.
    fn users_of(&self, task: &str) -> Vec<Touched> {
        let uses = |stage: &StageView<'_>| {
            let template = stage.noun().spec.promotion_template.as_ref();
            let steps = template.into_iter().flat_map(|template| &template.spec.steps);
            steps.filter_map(|step| step.task.as_ref()).any(|used| used.name == *task)
        };
        self.world.stages().filter(uses).map(|stage| Touched::Stage(stage.name().into())).collect()
    }

    fn all_stages(&self) -> Vec<Touched> {
        self.world.stages().map(|stage| Touched::Stage(stage.name().into())).collect()
    }

    fn paused(&self, stage: Option<&StageName>) -> Vec<Touched> {
        stage.map_or_else(|| self.all_stages(), |stage| vec![Touched::Stage(stage.clone())])
    }

    /// The Stages that request freight of an origin, for this freight.
    fn arrivals_of(&self, origin: &Origin, freight: &FreightName) -> Vec<Touched> {
        let stages = self.world.subscribers_of_origin(origin).cloned();
        stages.map(|stage| Touched::Arrival(stage, freight.clone())).collect()
    }

    fn takers_of(&self, freight: &FreightName) -> Vec<Touched> {
        let origin = self.world.freight_named(freight).map(|freight| freight.origin().clone());
        origin.map(|origin| self.arrivals_of(&origin, freight)).unwrap_or_default()
    }

    /// The Stages behind a Stage, for this freight.
    fn downstream(&self, stage: &StageName, freight: &[FreightName]) -> Vec<Touched> {
        let stages = self.world.subscribers_of_stage(stage);
        let each = stages.flat_map(|stage| freight.iter().map(|name| Touched::Arrival(stage.clone(), name.clone())));
        each.collect()
    }

    fn created(&mut self, promotion: Promotion, number: u64) {
        let name = PromotionName::from(promotion.name());
        self.made = self.made.max(number);
        *self.made_for.entry(promotion.spec.stage.clone()).or_default() += 1;
        self.world.put_promotion(promotion, number);
        if let Ok(view) = self.world.promotion(&name) {
            let run = view.run();
            self.runs.insert(name, Arc::new(run));
        }
    }

    fn happened(&mut self, name: &PromotionName, happened: &RunEvent) -> Vec<Touched> {
        let Some(run) = self.runs.get_mut(name) else { return Vec::new() };
        let before = keys_of(run);
        Arc::make_mut(run).apply(happened);
        let run = Arc::clone(run);
        if keys_of(&run) != before {
            self.index_waits(name, &before);
        }
        match happened {
            RunEvent::Phase(PhaseEvent::Begin { .. }) => {
                self.world.edit_promotion(name, |noun| noun.status.phase = Some(PromotionPhase::Running));
            }
            RunEvent::Phase(PhaseEvent::End { .. }) => {
                self.write_out(name, &run);
                if !is_under_way(&run) {
                    self.forget_run(name);
                }
            }
            RunEvent::Step { index, event } => {
                if !self.started.is_empty() {
                    self.started.remove(&(name.clone(), *index));
                }
                if let StepEvent::Prepare { .. }
                | StepEvent::Start { .. }
                | StepEvent::Wake { .. }
                | StepEvent::Redo { .. } = event
                {
                    self.opened.insert((name.clone(), *index), self.position);
                }
                if let StepEvent::Stopped | StepEvent::Unknown { .. } = event {
                    self.unanswered.insert((name.clone(), *index));
                }
                let mut touched = Vec::new();
                if let StepEvent::Finish { returned: Some(returned), .. } = event {
                    touched = self.facts(returned);
                }
                if run.phase().is_over() && !is_under_way(&run) {
                    self.write_out(name, &run);
                    self.forget_run(name);
                    let stage = self.world.promotion(name).ok().map(|view| view.noun().spec.stage.clone());
                    touched.extend(stage.map(Touched::PromotionsOf));
                }
                return touched;
            }
            RunEvent::TreeLost { .. } => {}
        }
        Vec::new()
    }

    /// What a run came to, in Kargo's record of it.
    fn write_out(&mut self, name: &PromotionName, run: &Run) {
        let Some(first) = self.world.promotion(name).ok().map(PromotionView::first_freight) else { return };
        self.world.edit_promotion(name, |noun| {
            crate::promotion::write_to(run, &first, noun);
            let status = &mut noun.status;
            status.started_at = status.started_at.map(whole_seconds);
            status.finished_at = status.finished_at.map(whole_seconds);
            for step in &mut status.step_execution_metadata {
                step.started_at = step.started_at.map(whole_seconds);
                step.finished_at = step.finished_at.map(whole_seconds);
            }
        });
    }

    fn forget_run(&mut self, name: &PromotionName) {
        if let Some(run) = self.runs.remove(name) {
            self.index_waits(name, &keys_of(&run));
            for step in 0..run.steps().len() {
                self.opened.remove(&(name.clone(), step));
            }
        }
    }

    /// What a step recorded of freight and Stages.
    fn facts(&mut self, returned: &Returned) -> Vec<Touched> {
        for fact in &returned.facts {
            match fact {
                Fact::FreightMetadata { freight, key, value } => self.world.edit_freight(freight, |state| {
                    Arc::make_mut(state.metadata.get_or_insert_default()).insert(key.clone(), value.clone());
                }),
                Fact::StageMetadata { stage, key, value } => {
                    self.world.edit_place(&Place::stage(stage.clone()), |state| {
                        Arc::make_mut(state.metadata.get_or_insert_default()).insert(key.clone(), value.clone());
                    });
                }
                Fact::FreightAlias { freight, alias } => self.world.set_alias(freight, Some(alias.clone())),
            }
        }
        Vec::new()
    }

    fn settled(
        &mut self,
        place: &Place,
        promotion: &PromotionName,
        holds: &[Origin],
        released: &[Origin],
        holds_freight: Option<&[FreightName]>,
        at: Timestamp,
    ) -> Vec<Touched> {
        let Ok(view) = self.world.promotion(promotion) else { return vec![Touched::Stage(place.stage.clone())] };
        let status = view.noun().status.clone();
        let established: Vec<Arc<AutoPromotionHold>> =
            holds.iter().map(|origin| Arc::new(crate::admit::hold_of(view, origin))).collect();
        let references = holds_freight.unwrap_or_default().iter().filter_map(|name| self.world.freight_named(name));
        let held = holds_freight
            .map(|_| Held::new(references.map(|freight| Arc::clone(freight.reference())).collect::<Vec<_>>()));
        let reference = PromotionReference {
            name: promotion.clone(),
            freight: status.freight.clone(),
            finished_at: status.finished_at,
            status: Some(status),
        };
        // One that did not begin leaves no trace (control, traps 4, 5 and 12).
        let began = !crate::policy::has_left_no_trace(view);
        let before: Vec<FreightName> = self
            .world
            .stage(&place.stage)
            .ok()
            .and_then(StageView::current)
            .map(Held::names)
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let mut touched = vec![Touched::Stage(place.stage.clone()), Touched::PromotionsOf(place.stage.clone())];
        // What it brought is needed by it no more.
        touched.extend(view.freight().into_keys().map(Touched::FreightOf));
        if let Some(held) = &held {
            touched.extend(self.moved(place, &before, held, at));
        }
        self.world.edit_place(place, |state| {
            if state.current_promotion.as_ref() == Some(promotion) {
                state.current_promotion = None;
            }
            state.holds.retain(|hold| !released.contains(&hold.origin) && !holds.contains(&hold.origin));
            state.holds.extend(established);
            state.holds.sort_by(|a, b| a.origin.cmp(&b.origin));
            if began {
                state.last_promotion = Some(Arc::new(reference));
            }
            if let Some(held) = held {
                state.history.insert(0, Arc::new(held));
                state.history.truncate(PlaceState::REMEMBERED);
                state.health = None;
            }
        });
        touched
    }

    /// Freight leaves and enters a place, in one breath.
    fn moved(&mut self, place: &Place, before: &[FreightName], held: &Held, at: Timestamp) -> Vec<Touched> {
        let mut changed = Vec::new();
        let mut origins = BTreeSet::new();
        for name in before.iter().filter(|name| !held.includes(name)) {
            origins.extend(self.world.freight_named(name).map(|freight| freight.origin().clone()));
            self.world.edit_freight(name, |state| state.visits.edit(&place.stage, |visit| visit.leave(at)));
            changed.push(name.clone());
        }
        for name in held.names() {
            self.world.edit_freight(name, |state| state.visits.edit(&place.stage, |visit| visit.enter(at)));
            changed.push(name.clone());
        }
        let mut touched = self.downstream(&place.stage, &changed);
        touched.extend(origins.into_iter().map(Touched::FreightOf));
        touched
    }

    /// Nothing is in a place any more, and nothing is known of it but what users noted.
    fn cleared(&mut self, place: &Place, at: Timestamp) -> Vec<Touched> {
        let current = self.world.stage(&place.stage).ok().and_then(StageView::current);
        let before: Vec<FreightName> = current.map(Held::names).into_iter().flatten().cloned().collect();
        let mut touched = self.moved(place, &before, &Held::default(), at);
        touched.push(Touched::Stage(place.stage.clone()));
        // What is being stopped is stopped still (rules 4).
        retain(&mut self.verifications, |_, (known, verification)| known != place || is_being_stopped(verification));
        self.verdicts.remove(&place.stage);
        self.reverify.remove(&place.stage);
        self.world.edit_place(place, |state| {
            *state = PlaceState { metadata: state.metadata.take(), ..PlaceState::default() };
        });
        touched
    }

    fn verification_begun(&mut self, place: &Place, verification: &Verification) -> Vec<Touched> {
        *self.verified_for.entry(place.stage.clone()).or_default() += 1;
        self.reverify.remove(&place.stage);
        self.world.edit_place(place, |state| {
            if let Some(held) = state.history.first_mut() {
                history::update_or_push(&mut Arc::make_mut(held).verifications, [info_of(verification)]);
            }
        });
        self.keep_verification(place, verification);
        vec![Touched::Stage(place.stage.clone())]
    }

    fn verification_happened(&mut self, id: &Arc<str>, happened: &verification::Event) -> Vec<Touched> {
        let Some((place, mut verification)) = self.verifications.remove(id) else { return Vec::new() };
        Arc::make_mut(&mut verification).apply(happened);
        self.note_verification(&place, &verification);
        vec![Touched::Stage(place.stage)]
    }

    /// What is known of a verification, in Kargo's record, and apart from it while something is to come. What its Stage does not
    /// remember any more is not written there.
    fn note_verification(&mut self, place: &Place, verification: &Verification) {
        let info = info_of(verification);
        let is_of = |held: &Arc<Held>| held.verifications.iter().any(|known| known.id == info.id);
        let history = self.world.stage(&place.stage).ok().and_then(StageView::state).map(|state| &state.history);
        if let Some(at) = history.and_then(|history| history.iter().position(is_of)) {
            self.world.edit_place(place, |state| {
                if let Some(held) = state.history.get_mut(at) {
                    history::update_or_push(&mut Arc::make_mut(held).verifications, [info]);
                }
            });
        }
        self.keep_verification(place, verification);
    }

    fn keep_verification(&mut self, place: &Place, verification: &Verification) {
        let may_say_more = verification.owed().is_some() || verification.has_left_its_run();
        if !verification.state().is_over() || may_say_more {
            self.verifications.insert(Arc::clone(verification.id()), (place.clone(), Arc::new(verification.clone())));
        }
    }
}

/// A verification in Kargo's record, which has whole seconds.
fn info_of(verification: &Verification) -> VerificationInfo {
    let mut info = verification.to_info();
    info.start_time = info.start_time.map(whole_seconds);
    info.finish_time = info.finish_time.map(whole_seconds);
    info
}

fn is_being_stopped(verification: &Verification) -> bool {
    verification.state() == verification::State::Stopping
}

/// Whether an attempt of a step is still under way outside.
pub(super) fn is_under_way(run: &Run) -> bool {
    run.steps().iter().any(|record| record.state().is_under_way())
        || run.phase() == Phase::Running
        || run.phase() == Phase::Pending
}

/// Kargo's records have whole seconds.
pub(super) fn whole_seconds(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(0)
}

impl Position {
    /// Whether an event is the next one.
    pub(super) fn is_followed_by(self, recorded: &Recorded) -> bool {
        self.next() == recorded.position
    }
}
