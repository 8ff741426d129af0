//! What follows from what the world says.

use super::{
    Event, Report,
    draft::{Cause, Draft},
    heard::Heard,
    normal::normal,
    report::Reported,
    settle::has_succeeded,
};
use crate::{
    model::{DiscoveredArtifacts, Health, PromotionName, WarehouseName},
    promotion::{Input, StepState},
    report::{EffectId, Fact, PortError, Signal, StepError, StepReport},
    select::has_same_windows,
    world::{Place, World},
};

/// What a step came back with: its attempt, and what it says.
struct Return<'a> {
    effect: Option<&'a EffectId>,
    promotion: &'a PromotionName,
    step: usize,
    attempt: u32,
    said: &'a StepReport,
}

impl Draft<'_> {
    /// What follows from a report.
    pub(super) fn report(&mut self, report: &Report, heard: &Heard) {
        match &report.said {
            Reported::Prepared { promotion, step, prepared } => {
                self.drive(promotion, &Input::Prepared { step: *step, prepared: prepared.clone() }, None);
            }
            Reported::Returned { promotion, step, attempt, report: said } => {
                let effect = report.effect.as_ref();
                self.returned(&Return { effect, promotion, step: *step, attempt: *attempt, said }, heard);
            }
            Reported::Stopped { promotion, step } => {
                self.drive(promotion, &Input::Stopped { step: *step }, None);
            }
            Reported::TreeLost { promotion, checkpoint } => {
                self.drive(promotion, &Input::TreeLost { checkpoint: *checkpoint }, None);
            }
            Reported::Discovered { warehouse, found } => {
                // What was found by other subscriptions is not what is looked for now.
                let now = self.state.discovery_look(warehouse);
                if report.effect.is_none() || report.effect == now {
                    self.discovered(warehouse, found);
                }
            }
            Reported::Health { place, health } if self.is_of_now(place, report.effect.as_ref()) => {
                self.health(place, health);
            }
            Reported::Health { .. } => {}
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

    /// What an attempt came to. What was answered before changes nothing; what was given up meanwhile is noted (rules 4).
    fn returned(&mut self, back: &Return<'_>, heard: &Heard) {
        let Return { promotion, step, .. } = *back;
        let record = self.state.runs.get(promotion).and_then(|run| run.steps().get(step));
        let attempts = record.map(crate::promotion::StepRecord::attempts);
        match record.map(crate::promotion::StepRecord::state) {
            // Also what a look of a step that waits found: it has the number of the last attempt.
            Some(StepState::Running | StepState::Redoing | StepState::Waiting(_)) => {
                if attempts == Some(back.attempt) {
                    let opened = self.state.opened.get(&(promotion.clone(), step)).copied().unwrap_or_default();
                    let heard = heard.since(opened, back.said);
                    let report = possible(&self.state.world, back.said);
                    self.drive(promotion, &Input::Returned { step, report, heard }, None);
                }
            }
            Some(StepState::Stopping) => {
                let stopped = self.drive(promotion, &Input::Stopped { step }, None);
                self.late(back, stopped);
            }
            _ => self.late(back, None),
        }
    }

    /// Work that was given up came to something all the same: that stays on record, once.
    fn late(&mut self, back: &Return<'_>, cause: Cause) {
        let Some(effect) = back.effect.cloned() else { return };
        if self.state.unanswered.contains(&(back.promotion.clone(), back.step)) {
            let (outcome, message) = (back.said.outcome.clone(), back.said.message.clone());
            let (promotion, step) = (back.promotion.clone(), back.step);
            self.push_after(cause, Event::LateOutcome { effect, promotion, step, outcome, message });
        }
    }

    /// Only what waits for the key is told.
    fn signal(&mut self, signal: &Signal) {
        let waiting = self.state.waits.of(&signal.key).cloned().collect::<Vec<_>>();
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

    /// Whether health was seen of what a place holds now. What a look found that was handed out before the last promotion
    /// says nothing of it (requirements E9).
    fn is_of_now(&self, place: &Place, look: Option<&EffectId>) -> bool {
        look.is_none_or(|look| self.state.health_look(&place.stage).as_ref() == Some(look))
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

/// What a step says, or that what it wants recorded cannot be: it concerns what does not exist, or an alias that other freight
/// has (steps 1.27).
fn possible(world: &World, said: &StepReport) -> StepReport {
    let problem = said.facts.iter().find_map(|fact| match fact {
        Fact::FreightMetadata { freight, .. } => world.freight(freight).err().map(|missing| missing.to_string()),
        Fact::StageMetadata { stage, .. } => world.stage(stage).err().map(|missing| missing.to_string()),
        Fact::FreightAlias { freight, alias } => match world.freight(alias.as_str()) {
            Ok(other) if other.name() != freight => {
                Some(format!("alias {alias:?} belongs to Freight {:?}: choose another", &**other.name()))
            }
            _ => world.freight(freight).err().map(|missing| missing.to_string()),
        },
    });
    problem.map_or_else(|| said.clone(), |problem| StepReport::of(Err(StepError::terminal(problem))))
}
