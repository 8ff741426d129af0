//! Taking a project over as it was found, with its status: once, into an empty one (rules 19; control, trap 45).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Event, Refusal,
    apply::{Touched, is_under_way},
    draft::Draft,
    normal::normal,
    state::{State, keys_of},
};
use crate::{
    command::Import,
    model::{FreightName, Noun as _, Object, PromotionName, PromotionPhase, StageName, Timestamp, VerificationPhase},
    promotion::StepState,
    verification::{End, LatestVerdict, Verdicts, Verification},
    why::Reason,
    world::{Place, PromotionView, Visit},
};

/// What becomes of freight in a Stage, at an instant.
type Change = fn(&mut Visit, Timestamp);

impl Draft<'_> {
    /// Takes a project over, if nothing is known yet.
    pub(super) fn import(&mut self, import: &Import) -> Result<(), Refusal> {
        let refuse = |text| Err(Refusal::because("import", Reason::Fact { text }));
        let project = self.state.world.project().clone();
        if self.state.position.get() > 0 {
            let text = format!("project {project:?} has a log already: import into one that begins anew");
            return refuse(text);
        }
        let mut running: BTreeMap<&StageName, &str> = BTreeMap::new();
        for object in &import.objects {
            if let Some(namespace) = object.metadata().namespace.as_deref().filter(|of| **of != *project) {
                let (kind, name) = (object.kind(), object.name());
                return refuse(format!(
                    "{kind}/{name} belongs to project {namespace:?}, and this engine is of {project:?}"
                ));
            }
            if let Object::Promotion(promotion) = object
                && promotion.status.phase == Some(PromotionPhase::Running)
                && let Some(other) = running.insert(&promotion.spec.stage, &promotion.metadata.name)
            {
                let (name, stage) = (&promotion.metadata.name, &promotion.spec.stage);
                return refuse(format!("promotions {other} and {name} both run in {stage}: stop one of them first"));
            }
        }
        let objects: Vec<Object> = import.objects.iter().cloned().map(normal).collect();
        if !objects.is_empty() {
            self.push(Event::Imported { objects });
        }
        Ok(())
    }
}

impl State {
    /// Everything is as it was found.
    pub(super) fn imported(&mut self, objects: &[Object]) -> Vec<Touched> {
        let mut promotions = Vec::new();
        for object in objects {
            match object {
                Object::Promotion(promotion) => promotions.push(promotion),
                other => self.world.put(other.clone()),
            }
        }
        // In the order in which they were made, which names tell where nobody wrote when.
        promotions.sort_by_key(|promotion| (promotion.metadata.creation_timestamp, promotion.metadata.name.clone()));
        for promotion in promotions {
            self.made += 1;
            *self.made_for.entry(promotion.spec.stage.clone()).or_default() += 1;
            self.world.put_promotion((**promotion).clone(), self.made);
            self.take_over(&promotion.name().into());
        }
        let stages: Vec<StageName> = self.world.stages().map(|stage| stage.name().into()).collect();
        for stage in &stages {
            self.verdicts_found(stage);
        }
        self.visits_found();
        let warehouses = self.world.warehouses().map(|warehouse| Touched::Warehouse(warehouse.metadata.name.clone()));
        let warehouses: Vec<_> = warehouses.collect();
        let collections = self.all_collections();
        stages.into_iter().map(Touched::Stage).chain(warehouses).chain(collections).collect()
    }

    /// Freight is where Stages say that they hold it (control 6.1): it leaves the others, and enters these. In a Stage without
    /// steps, or in one that is gone, it never was (rules 7, trap 21).
    fn visits_found(&mut self) {
        let (now, world) = (self.now, &self.world);
        let regular: BTreeMap<&str, _> = world
            .stages()
            .filter(|stage| !stage.noun().is_control_flow())
            .map(|stage| (stage.name(), stage.current()))
            .collect();
        let mut changed: Vec<(FreightName, StageName, Change)> = Vec::new();
        for freight in world.all_freight() {
            let name = freight.name();
            for (stage, _) in freight.visits().iter().filter(|(_, visit)| visit.current.is_some()) {
                match regular.get(&**stage) {
                    None => changed.push((name.clone(), stage.clone(), |visit, _| visit.current = None)),
                    Some(held) if held.is_some_and(|held| held.includes(name)) => {}
                    Some(_) => changed.push((name.clone(), stage.clone(), Visit::leave)),
                }
            }
        }
        for (stage, held) in regular.iter().filter_map(|(stage, held)| Some((*stage, (*held)?))) {
            changed.extend(held.names().map(|name| (name.clone(), stage.into(), Visit::enter as Change)));
        }
        for (freight, stage, change) in changed {
            self.world.edit_freight(&freight, |state| state.visits.edit(&stage, |visit| change(visit, now)));
        }
    }

    /// A promotion that has not ended goes on from where its record says it is.
    fn take_over(&mut self, name: &PromotionName) {
        let Some(run) =
            self.world.promotion(name).ok().filter(|promotion| !promotion.is_over()).map(PromotionView::run)
        else {
            return;
        };
        if !is_under_way(&run) {
            return;
        }
        for (step, record) in run.steps().iter().enumerate() {
            if record.state().is_under_way() || *record.state() == StepState::Preparing {
                self.opened.insert((name.clone(), step), self.position);
            }
        }
        for key in keys_of(&run) {
            self.waits.insert(key, name.clone());
        }
        self.runs.insert(name.clone(), Arc::new(run));
    }

    /// The verdicts that a Stage's history tells, and the verification that has not ended.
    fn verdicts_found(&mut self, stage: &StageName) {
        let Ok(view) = self.world.stage(stage) else { return };
        let mut begun = 0;
        let mut verdicts = Verdicts::default();
        let mut open = None;
        for (age, held) in view.history().enumerate().collect::<Vec<_>>().into_iter().rev() {
            let members: Vec<FreightName> = held.names().cloned().collect();
            for info in held.verifications.iter().rev() {
                begun += 1;
                let Some(id) = info.id.as_deref() else { continue };
                match info.phase.as_ref().map(|phase| (phase, End::of(phase))) {
                    Some((_, Some(end))) => {
                        let at = info.finish_time.or(info.start_time).unwrap_or(self.now);
                        verdicts.record(&held.id, &members, LatestVerdict { id: id.into(), end, at });
                    }
                    Some((VerificationPhase::Aborted, None)) => {}
                    _ if age == 0 => open = Some(Verification::from_info(info, self.now)),
                    _ => {}
                }
            }
        }
        if begun > 0 {
            self.verified_for.insert(stage.clone(), begun);
        }
        if verdicts != Verdicts::default() {
            self.verdicts.insert(stage.clone(), Arc::new(verdicts));
        }
        if let Some(open) = open.filter(|open| !open.state().is_over()) {
            self.verifications.insert(Arc::clone(open.id()), (Place::stage(stage.clone()), Arc::new(open)));
        }
    }
}
