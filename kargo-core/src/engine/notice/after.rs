//! What is to be said of an event by what is known after it: what it made, and what follows for others.

use super::{Happened, Judged, Notices, fold::Said};
use crate::{
    admit::is_automatic,
    eligible::{Availability, availability},
    engine::{Event, Recorded},
    model::{FreightName, StageName, Timestamp},
};

impl Notices {
    pub(super) fn after_it(&self, recorded: &Recorded) -> Vec<Said> {
        match &recorded.event {
            Event::PromotionCreated { promotion, .. } => {
                let of = self.of_promotion(&promotion.metadata.name.as_str().into());
                of.map(|(actor, of)| Said::new(actor, Happened::PromotionCreated(of))).into_iter().collect()
            }
            Event::PromotionSettled { place, promotion, holds, released, .. } => {
                let Ok(stage) = self.state.world.stage(&place.stage) else { return Vec::new() };
                let established = stage.holds().filter(|hold| holds.contains(&hold.origin)).map(|hold| {
                    let happened = Happened::HoldEstablished {
                        place: place.clone(),
                        origin: hold.origin.clone(),
                        freight: hold.freight_name.clone(),
                        promotion: Some(promotion.clone()),
                    };
                    Said::new(hold.actor.clone(), happened)
                });
                let actor = self.state.world.promotion(promotion).ok().and_then(|view| view.actor().map(str::to_owned));
                // One that gives way to another on the same origin is not let go of.
                let gone = released.iter().filter(|origin| !holds.contains(origin));
                let released = gone.map(|origin| {
                    let happened = Happened::HoldReleased { place: place.clone(), origin: origin.clone() };
                    Said::new(actor.clone(), happened)
                });
                established.chain(released).collect()
            }
            Event::VerdictCounted { stage, credited, withdrawn, .. } => {
                let withdrawn = withdrawn.iter().map(|name| Said::from(self.withdrawn(stage, name)));
                let mut said: Vec<Said> = withdrawn.collect();
                said.extend(credited.iter().flat_map(|name| self.eligible(stage, name, recorded.at)));
                said
            }
            Event::Verified { stage, freight } => {
                let mut said = Vec::new();
                for name in freight {
                    let judged = Judged {
                        stage: stage.clone(),
                        freight: self.called(name),
                        verification: None,
                        implicit: true,
                        start_time: Some(recorded.at),
                        finish_time: Some(recorded.at),
                        analysis_run: None,
                        message: None,
                    };
                    said.push(Happened::FreightVerificationSucceeded(judged).into());
                    said.extend(self.eligible(stage, name, recorded.at));
                }
                said
            }
            _ => Vec::new(),
        }
    }

    /// Freight that is not verified any more, with the Stages that hold it (rules 6).
    fn withdrawn(&self, stage: &StageName, name: &FreightName) -> Happened {
        let view = self.state.world.freight_named(name);
        let visits = view.into_iter().flat_map(|freight| freight.visits().iter());
        let held_by = visits.filter(|(_, visit)| visit.current.is_some()).map(|(stage, _)| stage.clone()).collect();
        Happened::FreightWithdrawn { freight: self.called(name), stage: stage.clone(), held_by }
    }

    /// The Stages behind one, that may have what it verified.
    fn eligible(&self, by: &StageName, name: &FreightName, at: Timestamp) -> Vec<Said> {
        let world = &self.state.world;
        let Some(freight) = world.freight_named(name) else { return Vec::new() };
        let stages = world.subscribers_of_stage(by).filter_map(|name| world.stage(name).ok());
        let of_each = stages.filter_map(|stage| {
            let from = match availability(stage, freight, self.state.judged_at(at)) {
                Availability::Now => None,
                Availability::At(from) => Some(from),
                Availability::ByFact => return None,
            };
            let automatic = stage.noun().is_control_flow() || is_automatic(stage);
            let (freight, stage) = (self.called(name), StageName::from(stage.name()));
            Some(Said::from(Happened::FreightEligible { freight, stage, by: by.clone(), from, automatic }))
        });
        of_each.collect()
    }
}
