//! What is to be said of an event by what was known before it: what it ends or takes away.

use std::sync::Arc;

use super::{Called, Happened, Judged, Notices, OfPromotion, OfStep, fold::Said};
use crate::{
    engine::{Event, Recorded},
    model::{FreightName, Noun as _, PromotionName, StageName, StepStatus, Timestamp},
    promotion::{End, PhaseEvent, RunEvent, StepEvent},
    select::{FoundArtifact, NewArtifact, news},
    verification::{self, Verification},
    world::Place,
};

impl Notices {
    pub(super) fn before(&self, recorded: &Recorded) -> Vec<Said> {
        let world = &self.state.world;
        let asker = || self.asker();
        match &recorded.event {
            Event::Defined { object } => {
                let happened = Happened::Defined { kind: object.kind(), object: object.name().to_owned() };
                vec![Said::new(asker(), happened)]
            }
            Event::Removed { kind, name } => {
                vec![Said::new(asker(), Happened::Removed { kind: *kind, object: name.clone() })]
            }
            Event::Imported { objects } => {
                vec![Said::new(asker(), Happened::Imported { objects: objects.len() })]
            }
            Event::Discovered { warehouse, artifacts } => {
                let known =
                    world.warehouse(warehouse).ok().and_then(|known| known.status.discovered_artifacts.as_ref());
                let new = news(known, artifacts).iter().map(describe).collect();
                vec![Happened::ArtifactsDiscovered { warehouse: warehouse.clone(), new }.into()]
            }
            Event::FreightCreated { freight, .. } => {
                let called = freight.alias.clone().filter(|alias| !alias.is_empty());
                let name = FreightName::from(freight.name());
                let called = called.unwrap_or_else(|| name.get(..7).unwrap_or(&name).to_owned());
                let images = freight.images.iter().map(|image| format!("{}:{}", image.repo_url, image.tag));
                let commits = freight.commits.iter().map(|commit| format!("{} {}", commit.repo_url, short(&commit.id)));
                let charts = freight.charts.iter().map(|chart| {
                    let name = chart.name.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
                    format!("{}{name} {}", chart.repo_url, chart.version)
                });
                let others =
                    freight.artifacts.iter().map(|other| format!("{} {}", other.subscription_name, other.version));
                vec![
                    Happened::FreightCreated {
                        freight: Called { name, called },
                        origin: freight.origin.clone(),
                        artifacts: commits.chain(images).chain(charts).chain(others).collect(),
                    }
                    .into(),
                ]
            }
            Event::Aliased { freight, alias } => {
                let happened = Happened::FreightRenamed { freight: self.called(freight), alias: alias.clone() };
                vec![Said::new(asker(), happened)]
            }
            Event::HoldEstablished { place, hold } => {
                let happened = Happened::HoldEstablished {
                    place: place.clone(),
                    origin: hold.origin.clone(),
                    freight: hold.freight_name.clone(),
                    promotion: hold.promotion_name.clone(),
                };
                vec![Said::new(hold.actor.clone(), happened)]
            }
            Event::Approved { approval } => {
                let spec = &approval.spec;
                let (freight, stage) = (self.called(&spec.freight), spec.stage.clone());
                let happened = Happened::FreightApproved { freight, stage, because: spec.reason.clone() };
                vec![Said::new(spec.actor.clone(), happened)]
            }
            Event::Rejected { rejection } => {
                let spec = &rejection.spec;
                let (freight, stages) = (self.called(&spec.freight), spec.stages.clone());
                let happened = Happened::FreightRejected { freight, stages, because: spec.reason.clone() };
                vec![Said::new(spec.actor.clone(), happened)]
            }
            Event::Unrejected { rejection } => {
                let Some(known) = world.rejection(rejection) else { return Vec::new() };
                let (freight, stages) = (self.called(&known.spec.freight), known.spec.stages.clone());
                vec![Said::new(asker(), Happened::FreightUnrejected { freight, stages })]
            }
            Event::Paused { pause } => {
                let spec = &pause.spec;
                let (stage, because) = (spec.stage.clone(), spec.reason.clone());
                vec![Said::new(spec.actor.clone(), Happened::Paused { stage, until: spec.until, because })]
            }
            Event::Resumed { pause } => {
                let Some(known) = world.pause(pause) else { return Vec::new() };
                vec![Said::new(asker(), Happened::Resumed { stage: known.spec.stage.clone() })]
            }
            Event::HoldReleased { place, origin } => {
                let happened = Happened::HoldReleased { place: place.clone(), origin: origin.clone() };
                vec![Said::new(asker(), happened)]
            }
            Event::Promotion { promotion, happened } => self.of_run(promotion, happened, recorded.at),
            Event::HealthChanged { place, health } => {
                let (health, issues) = (health.status.clone(), health.issues.clone());
                vec![Happened::HealthChanged { place: place.clone(), health, issues }.into()]
            }
            Event::ReverifyAsked { stage, verification, actor } => {
                let happened = Happened::VerificationAsked { stage: stage.clone(), verification: verification.clone() };
                vec![Said::new(Some(actor.clone()).filter(|actor| !actor.is_empty()), happened)]
            }
            Event::VerificationBegun { place, verification } => self.begun(place, verification),
            Event::Verification { id, happened } => self.of_verification(id, happened),
            Event::LateOutcome { effect, promotion, step, outcome, message } => {
                let noun = world.promotion(promotion).ok().map(|view| view.noun());
                let alias = noun.and_then(|noun| noun.spec.steps.get(*step)?.alias.clone());
                let alias = alias.map(|alias| Arc::from(&*alias));
                vec![
                    Happened::LateOutcome {
                        effect: effect.clone(),
                        promotion: promotion.clone(),
                        step: alias.unwrap_or_default(),
                        outcome: outcome.clone(),
                        message: message.clone(),
                    }
                    .into(),
                ]
            }
            Event::PlaceCleared { place } => vec![Happened::PlaceCleared { place: place.clone() }.into()],
            Event::ClockSuspected { since } => vec![Happened::ClockSuspect { since: *since }.into()],
            Event::ClockAccepted => vec![Said::new(asker(), Happened::ClockAccepted)],
            // Said by what is known after them.
            Event::PromotionCreated { .. }
            | Event::PromotionSettled { .. }
            | Event::VerdictCounted { .. }
            | Event::Verified { .. } => Vec::new(),
            // Nothing of its own: the events around it tell.
            Event::Checkpoint { .. }
            | Event::Commanded { .. }
            | Event::Reported { .. }
            | Event::Ticked
            | Event::PromotionCurrent { .. }
            | Event::PromotionDropped { .. } => Vec::new(),
        }
    }

    /// Freight, as people call it now.
    pub(super) fn called(&self, name: &FreightName) -> Called {
        let view = self.state.world.freight_named(name);
        let called = view.map_or_else(|| short(name).to_owned(), |freight| freight.called().to_owned());
        Called { name: name.clone(), called }
    }

    /// A promotion, as it is known now.
    pub(super) fn of_promotion(&self, name: &PromotionName) -> Option<(Option<String>, Box<OfPromotion>)> {
        let view = self.state.world.promotion(name).ok()?;
        let noun = view.noun();
        let of = OfPromotion {
            promotion: name.clone(),
            stage: noun.spec.stage.clone(),
            target: noun.spec.target.clone(),
            freight: view.freight().values().map(|freight| self.called(freight)).collect(),
            create_time: view.created_at(),
            automatic: view.is_automatic(),
            rollback: view.is_rollback(),
            ran: None,
            verification_pending: false,
            message: None,
        };
        Some((view.actor().map(str::to_owned), Box::new(of)))
    }

    fn of_run(&self, name: &PromotionName, happened: &RunEvent, at: Timestamp) -> Vec<Said> {
        match happened {
            RunEvent::Phase(PhaseEvent::Begin { .. }) => {
                let of = self.of_promotion(name);
                of.map(|(actor, of)| Said::new(actor, Happened::PromotionStarted(of))).into_iter().collect()
            }
            RunEvent::Phase(PhaseEvent::End { end, message, .. }) => {
                self.ended(name, *end, message.as_deref(), at).into_iter().collect()
            }
            RunEvent::Step { index, event } => self.of_step(name, *index, event).into_iter().collect(),
            RunEvent::TreeLost { redo } if redo.is_empty() => Vec::new(),
            RunEvent::TreeLost { redo } => {
                let run = self.state.runs.get(name);
                let alias = |step: &usize| Some(Arc::clone(run?.plan().steps().get(*step)?.alias()));
                let again = redo.iter().filter_map(alias).collect();
                vec![Happened::WorkTreeLost { promotion: name.clone(), again }.into()]
            }
        }
    }

    fn ended(&self, name: &PromotionName, end: End, message: Option<&str>, at: Timestamp) -> Option<Said> {
        let (actor, mut of) = self.of_promotion(name)?;
        let begun = self.state.runs.get(name).and_then(|run| run.started_at());
        of.ran = begun.and_then(|begun| Some(at.signed_duration_since(begun).to_std().ok()?.into()));
        of.message = message.map(str::to_owned);
        let reason = self.state.world.promotion(name).ok().and_then(|view| view.end_reason().map(str::to_owned));
        Some(match (end, reason.as_deref()) {
            (End::Succeeded, _) => {
                let stage = self.state.world.stage(&of.stage).ok();
                of.verification_pending = stage.is_some_and(|stage| stage.noun().spec.verification.is_some());
                Said::new(actor, Happened::PromotionSucceeded(of))
            }
            (End::Failed, _) => Said::new(actor, Happened::PromotionFailed(of)),
            (End::Errored, _) => Said::new(actor, Happened::PromotionErrored(of)),
            (End::Aborted, Some("Superseded")) => Said::new(None, Happened::PromotionSuperseded(of)),
            (End::Aborted, Some("Withdrawn")) => Said::new(None, Happened::PromotionWithdrawn(of)),
            (End::Aborted, _) => {
                // By whatever was asked for: also a way back stops what is under way (control, trap 23).
                Said::new(self.asker(), Happened::PromotionAborted(of))
            }
        })
    }

    fn of_step(&self, name: &PromotionName, index: usize, event: &StepEvent) -> Option<Said> {
        let run = self.state.runs.get(name)?;
        let (planned, record) = (run.plan().steps().get(index)?, run.steps().get(index)?);
        let step = |message: Option<&str>| {
            Box::new(OfStep {
                promotion: name.clone(),
                stage: self.state.world.promotion(name).map(|view| view.noun().spec.stage.clone()).unwrap_or_default(),
                number: index.saturating_add(1),
                of: run.steps().len(),
                alias: Arc::clone(planned.alias()),
                uses: Arc::clone(planned.uses()),
                attempt: record.attempts(),
                message: message.map(str::to_owned).filter(|message| !message.is_empty()),
            })
        };
        Some(Said::from(match event {
            StepEvent::Skip { message } => Happened::StepSkipped(step(message.as_deref())),
            StepEvent::Refuse { message } | StepEvent::Misconfigure { message, .. } => {
                Happened::StepErrored(step(Some(message)))
            }
            StepEvent::Wait { wait, message, .. } => {
                let started = record.started_at();
                let deadline = planned.timeout().and_then(|timeout| started?.checked_add_signed(timeout.to_delta()));
                Happened::StepWaiting { step: step(message.as_deref()), on: wait.to_string(), deadline }
            }
            StepEvent::Retry { until, message, .. } => Happened::StepRetried {
                step: step(Some(message)),
                errors: record.errors().saturating_add(1),
                threshold: planned.error_threshold(),
                until: *until,
            },
            StepEvent::Finish { status, message, .. } => {
                let step = step(message.as_deref());
                match status {
                    StepStatus::Succeeded => Happened::StepSucceeded(step),
                    StepStatus::Skipped => Happened::StepSkipped(step),
                    StepStatus::Failed => Happened::StepFailed(step),
                    _ => Happened::StepErrored(step),
                }
            }
            StepEvent::Unknown { .. } => Happened::StepOutcomeUnknown(step(None)),
            // Beginnings: what comes of them is heard.
            StepEvent::Prepare { .. }
            | StepEvent::Start { .. }
            | StepEvent::Wake { .. }
            | StepEvent::Redo { .. }
            | StepEvent::Redone
            // The end of the promotion says it.
            | StepEvent::Abort { .. }
            | StepEvent::Stopped => return None,
        }))
    }

    /// A verification that begins, or is over at once.
    fn begun(&self, place: &Place, verification: &Verification) -> Vec<Said> {
        if verification.state().is_over() {
            return self.judged(&place.stage, verification, true);
        }
        let stage = place.stage.clone();
        let freight = self.members(&stage, verification.id(), true).iter().map(|name| self.called(name)).collect();
        let verification_id = Arc::clone(verification.id());
        let happened = Happened::FreightVerificationStarted { stage, freight, verification: verification_id };
        vec![Said::new(verification.actor().map(str::to_owned), happened)]
    }

    fn of_verification(&self, id: &Arc<str>, event: &verification::Event) -> Vec<Said> {
        let Some((place, known)) = self.state.verifications.get(id) else { return Vec::new() };
        let (stage, verification) = (place.stage.clone(), Arc::clone(id));
        let mut after = Verification::clone(known);
        after.apply(event);
        if after.state().is_over() && !known.state().is_over() {
            return self.judged(&stage, &after, false);
        }
        use verification::Event as E;
        let happened = match event {
            E::Retry { until, message } => {
                let attempt = match known.state() {
                    verification::State::Starting { attempt } => attempt,
                    _ => 0,
                };
                let message = message.clone();
                Happened::FreightVerificationRetried { stage, verification, attempt, until: *until, message }
            }
            E::Miss { message, .. } if known.state() == verification::State::Running => {
                Happened::FreightVerificationLost { stage, verification, message: message.clone() }
            }
            E::Late { end, message, .. } => {
                let (phase, message) = (end.to_string(), message.clone());
                Happened::LateVerdict { stage, verification, phase, message }
            }
            E::Stopped { problem: Some(problem) } => {
                Happened::FreightVerificationNotStopped { stage, verification, message: problem.clone() }
            }
            // Progress, and ends that were told of above.
            _ => return Vec::new(),
        };
        vec![happened.into()]
    }

    /// What a verification that is over says, of each piece of freight apart (control 10).
    fn judged(&self, stage: &StageName, verification: &Verification, is_new: bool) -> Vec<Said> {
        let Some(end) = verification.end() else { return Vec::new() };
        let of_each = self.members(stage, verification.id(), is_new).into_iter().map(|name| {
            let judged = Judged {
                stage: stage.clone(),
                freight: self.called(&name),
                verification: Some(Arc::clone(verification.id())),
                implicit: is_new,
                start_time: verification.started_at(),
                finish_time: verification.finished_at(),
                analysis_run: verification.run().map(|run| run.name.clone()),
                message: verification.message().map(str::to_owned),
            };
            use verification::End as E;
            let happened = match end {
                E::Successful => Happened::FreightVerificationSucceeded(judged),
                E::Failed => Happened::FreightVerificationFailed(judged),
                E::Error => Happened::FreightVerificationErrored(judged),
                E::Inconclusive => Happened::FreightVerificationInconclusive(judged),
                E::Aborted => Happened::FreightVerificationAborted(judged),
            };
            Said::new(verification.actor().map(str::to_owned), happened)
        });
        of_each.collect()
    }

    /// The freight that a verification is about; of a new one, what the Stage holds.
    fn members(&self, stage: &StageName, id: &str, is_new: bool) -> Vec<FreightName> {
        let Ok(stage) = self.state.world.stage(stage) else { return Vec::new() };
        let is_of = |held: &&crate::world::Held| held.verifications.iter().any(|info| info.id.as_deref() == Some(id));
        let held = if is_new { stage.current() } else { stage.history().find(is_of) };
        held.map(|held| held.names().cloned().collect()).unwrap_or_default()
    }
}

/// The beginning of an id.
pub(super) fn short(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}

/// A new artifact, in a few words.
fn describe(new: &NewArtifact) -> String {
    let repo = &new.repo_url;
    match &new.artifact {
        FoundArtifact::Commit(commit) => {
            format!("new commit {repo} {}", short(commit.id.as_deref().unwrap_or_default()))
        }
        FoundArtifact::Image(image) => format!("new image {repo}:{}", image.tag),
        FoundArtifact::Chart(version) => {
            let name = new.chart.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
            format!("new chart {repo}{name} {version}")
        }
        FoundArtifact::Other(other) => format!("new {} {}", other.subscription_name, other.version),
    }
}
