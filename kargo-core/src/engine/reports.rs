//! What follows from what the world says.

use std::collections::BTreeMap;

use super::{Event, Report, draft::Draft, normal::normal, report::Reported, settle::has_succeeded};
use crate::{
    model::{DiscoveredArtifacts, Health, PromotionName, WarehouseName},
    promotion::{Input, StepState},
    report::{EffectId, PortError, Signal, StepReport, WakeKey},
    select::has_same_windows,
    world::Place,
};

/// Signals that arrived while attempts are under way, the latest for each key (rules 3).
pub(super) type Heard = BTreeMap<WakeKey, Signal>;

impl Draft<'_> {
    /// What follows from a report.
    pub(super) fn report(&mut self, report: &Report, heard: &Heard) {
        match &report.said {
            Reported::Prepared { promotion, step, prepared } => {
                self.drive(promotion, &Input::Prepared { step: *step, prepared: prepared.clone() }, None);
            }
            Reported::Returned { promotion, step, report: said } => {
                self.returned(report.effect.as_ref(), promotion, *step, said, heard);
            }
            Reported::Stopped { promotion, step } => {
                self.drive(promotion, &Input::Stopped { step: *step }, None);
            }
            Reported::TreeLost { promotion, checkpoint } => {
                self.drive(promotion, &Input::TreeLost { checkpoint: *checkpoint }, None);
            }
            Reported::Discovered { warehouse, found } => self.discovered(warehouse, found),
            Reported::Health { place, health } => self.health(place, health),
            Reported::Verdict { id, asked, answer } => {
                let answer = (**answer).clone();
                self.tell(id, &crate::verification::Input::Report { asked: *asked, answer }, None);
            }
            Reported::Signal(signal) => self.signal(signal),
            Reported::ClockSuspect => {
                if self.state.suspect_since.is_none() {
                    self.push(Event::ClockSuspected { since: self.state.now });
                }
            }
        }
    }

    fn returned(
        &mut self,
        effect: Option<&EffectId>,
        promotion: &PromotionName,
        step: usize,
        said: &StepReport,
        heard: &Heard,
    ) {
        let state =
            self.state.runs.get(promotion).and_then(|run| run.steps().get(step).map(|record| record.state().clone()));
        let late = match &state {
            Some(StepState::Running | StepState::Redoing | StepState::Waiting(_)) => false,
            // Stopped work that ended all the same: what it did stays on record (rules 4).
            Some(StepState::Stopping) => true,
            _ => return,
        };
        if late && let Some(effect) = effect {
            let outcome = format!("{:?}", said.outcome);
            self.push(Event::LateOutcome { effect: effect.clone(), promotion: promotion.clone(), outcome });
        }
        let heard = heard.values().cloned().collect();
        self.drive(promotion, &Input::Returned { step, report: said.clone(), heard }, None);
    }

    /// Only what waits for the key is told.
    fn signal(&mut self, signal: &Signal) {
        let waiting = self.state.waits.get(&signal.key).cloned().unwrap_or_default();
        for promotion in waiting {
            self.drive(&promotion, &Input::Signal(signal.clone()), None);
        }
    }

    /// Artifacts that are the same as before leave no trace (law 2).
    fn discovered(&mut self, warehouse: &WarehouseName, found: &Result<DiscoveredArtifacts, PortError>) {
        let (Ok(found), Ok(known)) = (found, self.state.world.warehouse(warehouse)) else { return };
        let before = known.status.discovered_artifacts.as_ref();
        if before.is_some_and(|before| has_same_windows(before, found)) {
            return;
        }
        let artifacts = Box::new(normal(found.clone()));
        self.push(Event::Discovered { warehouse: warehouse.clone(), artifacts });
    }

    /// Health that is the same as before leaves no trace. It counts only for what was promoted last with success
    /// (control 5.1).
    fn health(&mut self, place: &Place, health: &Result<Health, PortError>) {
        let Ok(stage) = self.state.world.stage(&place.stage) else { return };
        let seen = match health {
            Ok(health) => health.clone(),
            Err(error) => Health {
                status: Some(crate::model::HealthState::Unknown),
                issues: vec![error.to_string()],
                ..Health::default()
            },
        };
        if stage.current_promotion().is_some() || !has_succeeded(stage) || stage.health() == Some(&seen) {
            return;
        }
        self.push(Event::HealthChanged { place: place.clone(), health: Box::new(seen) });
    }
}
