//! Verification in the engine: when one begins, what is told to it, when its verdict counts (control 4; rules 6 and 7).

use std::sync::Arc;

use super::{
    Event, Refusal,
    draft::{Cause, Draft},
};
use crate::{
    command,
    freight::verification_id,
    model::{
        FreightCollection, FreightName, HealthState, PromotionName, PromotionPhase, StageName, VerdictPolicy,
        VerdictReuse, VerificationPhase,
    },
    verification::{
        AbortReason, End, Facts, Input, Judgement, Latest, LatestVerdict, Occasion, Reverify, Verdicts, Verification,
        VerifyRun, counts, decide, judge,
    },
    why::Reason,
    world::{Place, PromotionView, StageView},
};

impl Draft<'_> {
    /// A verification begins, or the verdict of the newest one counts.
    pub(super) fn settle_verification(&mut self, name: &StageName, cause: Cause) -> Cause {
        let stage = self.state.world.stage(name).ok()?;
        let wanted = self.state.reverify.get(name);
        let facts = Facts { reusable: self.reusable(stage), ..facts(stage, wanted) };
        let counter = self.state.verified_for.get(name).copied().unwrap_or_default();
        let id = verification_id(self.state.genesis.bits("verification", name, counter));
        if let Some(begun) = judge(&facts).begin(&id, self.now) {
            let starts = matches!(judge(&facts), Judgement::Start { .. });
            let place = Place::stage(name.clone());
            let id = Arc::clone(begun.id());
            let event = Event::VerificationBegun { place, verification: Box::new(begun) };
            let begun = self.push_after(cause, event);
            // What cannot be started is said at once (control 4.3).
            if starts && let Some(Err(error)) = self.run_of(&id) {
                return self.tell(&id, &Input::Unbuildable { error }, begun).or(begun);
            }
            return begun;
        }
        self.count(name, cause)
    }

    /// The success of what is there that may stand for a new verification, if a policy permits it and the latest verdict on it
    /// is one (rules 6, trap 17).
    fn reusable<'s>(&'s self, stage: StageView<'s>) -> Option<&'s str> {
        let policy = stage.policy().filter(|policy| policy.spec.verification.reuse == VerdictReuse::SameContent);
        let verdicts = self.state.verdicts.get(stage.name()).filter(|_| policy.is_some())?;
        let latest = verdicts.latest(&stage.current()?.id)?;
        (latest.end == End::Successful).then_some(&*latest.id)
    }

    /// The verdict of the newest verification counts, once.
    fn count(&mut self, name: &StageName, cause: Cause) -> Cause {
        let stage = self.state.world.stage(name).ok()?;
        if !counts(&facts(stage, None)) {
            return None;
        }
        let held = stage.current()?;
        let newest = held.verifications.first()?;
        let id: Arc<str> = newest.id.as_deref()?.into();
        let verdicts = self.state.verdicts.get(name).map(AsRef::as_ref);
        if verdicts.and_then(|verdicts| verdicts.latest(&held.id)).is_some_and(|known| known.id == id) {
            return None;
        }
        let end = End::of(newest.phase.as_ref()?)?;
        let members: Vec<FreightName> = held.names().cloned().collect();
        let policy = stage.policy().map_or(VerdictPolicy::Latest, |policy| policy.spec.verdicts);
        let is_verified = |freight: &FreightName| {
            let freight = self.state.world.freight_named(freight);
            freight.and_then(|freight| freight.visit(name)).is_some_and(|visit| visit.verified().is_some())
        };
        let none = Verdicts::default();
        let change = verdicts.unwrap_or(&none).foresee_of(&held.id, &members, end, policy, is_verified);
        // Freight is verified since its verification ended, also if health said so later (control 6.2).
        let at = newest.finish_time.filter(|at| *at <= self.now).unwrap_or(self.now);
        let verdict = LatestVerdict { id, end, at };
        let event = Event::VerdictCounted {
            stage: name.clone(),
            collection: held.id.to_string(),
            members,
            verdict,
            credited: change.credited,
            withdrawn: change.withdrawn,
        };
        self.push_after(cause, event)
    }

    /// An input of a verification, and what follows from it.
    pub(super) fn tell(&mut self, id: &Arc<str>, input: &Input, cause: Cause) -> Cause {
        let (_, verification) = self.state.verifications.get(id)?.clone();
        let mut last = None;
        for happened in decide(&verification, self.now, input) {
            last = self.push_after(last.or(cause), Event::Verification { id: Arc::clone(id), happened });
        }
        last
    }

    /// A promotion that does not wait stops the verification that is under way (rules 7).
    pub(super) fn supersede_verification(
        &mut self,
        name: &StageName,
        promotion: &PromotionName,
        cause: Cause,
    ) -> Cause {
        let actor =
            self.state.world.promotion(promotion).ok().and_then(PromotionView::actor).unwrap_or_default().to_owned();
        let id = open_verification(self.state.world.stage(name).ok()?)?;
        let why = AbortReason::Superseded { promotion: promotion.clone() };
        self.tell(&id, &Input::Abort { actor, why }, cause)
    }

    /// Somebody wants what a Stage holds verified again (control 4.6 and 4.7).
    pub(super) fn reverify(&mut self, reverify: &command::Reverify, asked: &command::Asked) -> Result<(), Refusal> {
        let what = || format!("verify {} again", reverify.stage);
        let stage = self.state.world.stage(&reverify.stage);
        let stage = stage.map_err(|missing| Refusal::because(what(), Reason::NoSuch(missing)))?;
        let newest = stage.current().and_then(|held| held.verifications.first()).and_then(|info| info.id.clone());
        let Some(verification) = newest else {
            let text =
                "nothing was verified there yet: what it holds is verified by itself once it is healthy".to_owned();
            return Err(Refusal::because(what(), Reason::Fact { text }));
        };
        let wanted = self.state.reverify.get(&reverify.stage).is_some_and(|(known, _)| *known == verification);
        if !wanted {
            let (stage, actor) = (reverify.stage.clone(), asked.by.clone().unwrap_or_default());
            self.push(Event::ReverifyAsked { stage, verification, actor });
        }
        Ok(())
    }

    /// Somebody stops the verification of what a Stage holds (control 4.5 and 4.7).
    pub(super) fn abort_verification(
        &mut self,
        abort: &command::AbortVerification,
        asked: &command::Asked,
    ) -> Result<(), Refusal> {
        let what = || format!("stop the verification in {}", abort.stage);
        let stage = self.state.world.stage(&abort.stage);
        let stage = stage.map_err(|missing| Refusal::because(what(), Reason::NoSuch(missing)))?;
        if let Some(id) = open_verification(stage) {
            let why = AbortReason::Requested { reason: asked.because.clone() };
            self.tell(&id, &Input::Abort { actor: asked.by.clone().unwrap_or_default(), why }, None);
        }
        Ok(())
    }

    /// The run of a verification, as the Stage asks for it now; none if there is no such verification.
    fn run_of(&self, id: &Arc<str>) -> Option<Result<VerifyRun, crate::verification::ArgumentError>> {
        self.state.run_of(id)
    }
}

impl super::state::State {
    /// The run of a verification, as the Stage asks for it now; none if there is no such verification.
    pub(super) fn run_of(&self, id: &Arc<str>) -> Option<Result<VerifyRun, crate::verification::ArgumentError>> {
        let (place, verification) = self.verifications.get(id)?;
        let stage = self.world.stage(&place.stage).ok()?;
        let collection = collection_of(stage, verification).unwrap_or_default();
        let last = stage.last_promotion().map(|last| &last.name);
        // The first one names the promotion, and so does one that somebody asked for (control 4.3).
        let is_first = collection.verification_history.len() <= 1;
        let occasion = Occasion {
            id,
            stage: &place.stage,
            target: place.target.as_ref(),
            collection: &collection,
            promotion: last.filter(|_| is_first || verification.actor().is_some()),
            at: verification.started_at().unwrap_or(self.now),
        };
        Some(VerifyRun::of(&self.world, &occasion))
    }
}

/// The collection that a verification is about.
fn collection_of(stage: StageView<'_>, verification: &Verification) -> Option<FreightCollection> {
    let id = Some(&**verification.id());
    let held = stage.history().find(|held| held.verifications.iter().any(|info| info.id.as_deref() == id))?;
    Some(held.to_collection())
}

/// What judges whether a verification begins or counts.
fn facts<'a>(stage: StageView<'a>, wanted: Option<&'a (String, String)>) -> Facts<'a> {
    let newest = stage.current().and_then(|held| held.verifications.first());
    let latest = newest.and_then(|info| Some(Latest { id: info.id.as_deref()?, phase: info.phase.as_ref()? }));
    Facts {
        has_collection: stage.current().is_some(),
        promotion_current: stage.current_promotion().is_some(),
        health: known_health(stage),
        latest,
        configured: stage.noun().spec.verification.is_some(),
        reverify: wanted.map(|(id, actor)| Reverify { id, actor }),
        reusable: None,
    }
}

/// How healthy what a Stage holds is: nobody knows where the last promotion did not succeed, whatever was seen before it
/// (control 5.1 and 13, invariant 39).
fn known_health(stage: StageView<'_>) -> Option<&HealthState> {
    let last = stage.last_promotion().and_then(|last| last.status.as_ref()?.phase.as_ref());
    let has_failed = last.is_some_and(|phase| *phase != PromotionPhase::Succeeded);
    stage.health().filter(|_| !has_failed).and_then(|health| health.status.as_ref())
}

/// The verification of what a Stage holds that has not ended.
fn open_verification(stage: StageView<'_>) -> Option<Arc<str>> {
    let newest = stage.current()?.verifications.first()?;
    let is_over = newest.phase.as_ref().is_some_and(VerificationPhase::is_terminal);
    newest.id.as_deref().filter(|_| !is_over).map(Arc::from)
}
