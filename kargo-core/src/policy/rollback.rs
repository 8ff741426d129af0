//! Going back by itself: when, to what, and what is in the way (control 2.7; resources 6.3; extension `rollback`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::turn::progressing_at_most;
use crate::{
    admit::{Gate, admission, has_holds, pauses},
    model::{
        Duration, FreightName, HealthState, HoldIntent, Origin, PromotionName, PromotionPhase, RollbackPolicy,
        RollbackPromotionPhase, RollbackScope, RollbackVerificationPhase, StageName, Timestamp, VerificationPhase,
    },
    promotion::Proposal,
    why::Reason,
    world::{FreightView, Held, PromotionView, StageView},
};

/// What failed longer ago than this is left to people (resources 6.3).
const RECENT: Duration = Duration::from_secs(20 * 60);

/// What a Stage goes back to by itself.
#[derive(Clone, Debug)]
pub struct WayBack<'w> {
    /// The freight that is brought back, all by one promotion, in the order of the Stage's requests.
    pub freight: Vec<FreightView<'w>>,
    /// What went wrong.
    pub setback: Setback,
    /// What keeps it waiting; nothing if it goes back now.
    pub blocked: Option<Reason>,
}

/// What went wrong in a Stage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setback {
    /// The last promotion did not succeed, and had begun to act.
    Promotion {
        /// The promotion.
        promotion: PromotionName,
        /// How it ended.
        phase: PromotionPhase,
    },
    /// What is there was found wanting.
    Verification {
        /// The Stage.
        stage: StageName,
        /// How the verification ended.
        phase: VerificationPhase,
    },
    /// What is there did not become healthy in time.
    Unhealthy {
        /// The Stage.
        stage: StageName,
        /// How healthy it is.
        health: HealthState,
    },
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Promotion { promotion, phase } => write!(f, "promotion {promotion} ended {phase}"),
            Self::Verification { stage, phase } => write!(f, "the verification in {stage} ended {phase}"),
            Self::Unhealthy { stage, health } => write!(f, "{stage} did not become healthy in time: it is {health}"),
        }
    }
}

impl WayBack<'_> {
    /// The promotion that goes back: held until somebody lets go of it, where automation is on (requirements B7).
    pub(crate) fn proposal(&self, stage: StageView<'_>, ulid: ulid::Ulid) -> Proposal {
        let proposal = Proposal::new(stage.name(), self.freight.iter().map(|freight| freight.name()), ulid).rollback();
        let held = self.freight.iter().filter(|_| has_holds(stage)).map(|freight| freight.origin().clone());
        held.fold(proposal, |proposal, origin| proposal.intent(origin, HoldIntent::Hold))
    }
}

/// Whether a Stage goes back by itself now, and to what; none if nothing went wrong that its policy names, if that was more than
/// 20 minutes ago, if it is a way back itself that went wrong, or if nothing is remembered that was verified here and may come
/// here.
///
/// The policy is the extension `rollback` of its StagePolicy, else `autoRollback` of its promotion policy. It waits while any
/// promotion of the Stage has not ended, for pauses, and for windows.
#[must_use]
pub fn rollback<'w>(stage: StageView<'w>, now: Timestamp) -> Option<WayBack<'w>> {
    let policy = policy(stage)?;
    let last = last(stage)?;
    let (setback, at) = setback(stage, last, &policy)?;
    if at > now || at.checked_add_signed(RECENT.to_delta()).is_some_and(|until| until < now) {
        return None;
    }
    let freight = stable(stage, last, &setback, policy.scope, now)?;
    let blocked = in_the_way(stage, &freight, now);
    Some(WayBack { freight, setback, blocked })
}

/// When a Stage that is not healthy goes back, and when what keeps it from going back may have ended.
pub(super) fn wakes(stage: StageView<'_>, now: Timestamp) -> Vec<Timestamp> {
    let Some(policy) = policy(stage) else { return Vec::new() };
    let Some((_, at)) = last(stage).and_then(|last| setback(stage, last, &policy)) else { return Vec::new() };
    let ends = pauses(stage, now).filter_map(|pause| pause.spec.until);
    ends.chain([at]).collect()
}

/// What the Stage's policy says; none if it never goes back by itself.
fn policy(stage: StageView<'_>) -> Option<RollbackPolicy> {
    if stage.noun().is_control_flow() || stage.noun().is_target_aware() {
        return None;
    }
    if let Some(own) = stage.policy().and_then(|policy| policy.spec.rollback.as_ref()) {
        return Some(own.clone());
    }
    let of_project = stage.promotion_policy().ok()??.auto_rollback.clone()?;
    let (on_promotion, on_verification) = (of_project.on_promotion, of_project.on_verification);
    Some(RollbackPolicy { on_promotion, on_verification, ..RollbackPolicy::default() })
}

/// The promotion that ended last, unless it was a way back: of that people decide.
fn last(stage: StageView<'_>) -> Option<PromotionView<'_>> {
    let last = stage.world().promotion(&*stage.last_promotion()?.name).ok()?;
    (!last.is_rollback()).then_some(last)
}

/// What went wrong, and when it counts.
fn setback(stage: StageView<'_>, last: PromotionView<'_>, policy: &RollbackPolicy) -> Option<(Setback, Timestamp)> {
    let status = &last.noun().status;
    let finished_at = status.finished_at?;
    let counts = |phase| policy.on_promotion.contains(&phase);
    // One that could not start has changed nothing.
    let acted = || status.step_execution_metadata.iter().any(|step| step.started_at.is_some());
    match last.phase() {
        PromotionPhase::Failed if counts(RollbackPromotionPhase::Failed) && acted() => {}
        PromotionPhase::Errored if counts(RollbackPromotionPhase::Errored) && acted() => {}
        PromotionPhase::Succeeded => return in_place(stage, finished_at, policy),
        _ => return None,
    }
    Some((Setback::Promotion { promotion: last.name().into(), phase: last.phase().clone() }, finished_at))
}

/// What is wrong with what the last promotion brought.
fn in_place(stage: StageView<'_>, since: Timestamp, policy: &RollbackPolicy) -> Option<(Setback, Timestamp)> {
    let held = stage.current()?;
    let Some(newest) = held.verifications.first() else { return unhealthy(stage, since, policy) };
    let phase = newest.phase.clone()?;
    let wanted = match phase {
        VerificationPhase::Failed => RollbackVerificationPhase::Failed,
        VerificationPhase::Error => RollbackVerificationPhase::Error,
        _ => return None,
    };
    let is_usual = policy.on_verification.is_empty() && wanted == RollbackVerificationPhase::Failed;
    let counts = is_usual || policy.on_verification.contains(&wanted);
    let at = newest.finish_time.filter(|_| counts)?;
    Some((Setback::Verification { stage: stage.name().into(), phase }, at))
}

/// It was never healthy, for then it would have been verified. What nobody can tell is not held against it.
fn unhealthy(stage: StageView<'_>, since: Timestamp, policy: &RollbackPolicy) -> Option<(Setback, Timestamp)> {
    let health = stage.health()?.status.clone()?;
    if !policy.on_unhealthy || !matches!(health, HealthState::Unhealthy | HealthState::Progressing) {
        return None;
    }
    let at = since.checked_add_signed(progressing_at_most(stage).to_delta())?;
    Some((Setback::Unhealthy { stage: stage.name().into(), health }, at))
}

/// The newest that was verified here, is not what failed, and may come here but for the time.
fn stable<'w>(
    stage: StageView<'w>,
    last: PromotionView<'w>,
    setback: &Setback,
    scope: RollbackScope,
    now: Timestamp,
) -> Option<Vec<FreightView<'w>>> {
    let brought = last.freight();
    let mut failed: BTreeMap<&Origin, &FreightName> = brought.iter().collect();
    let mut judged = BTreeSet::new();
    if !matches!(setback, Setback::Promotion { .. }) {
        let current = stage.current()?;
        failed = current.freight.iter().map(|reference| (&reference.origin, &reference.name)).collect();
        judged.insert(&*current.id);
    }
    for held in stage.history() {
        let Some(phase) = newest_verdict(held) else { continue };
        // Of a combination that was here more than once the newest verdict counts.
        if !judged.insert(&*held.id) || *phase != VerificationPhase::Successful {
            continue;
        }
        let wanted = |origin: &Origin| scope == RollbackScope::AllOrigins || brought.contains_key(origin);
        let requests = stage.requests().map(|request| &request.origin).filter(|origin| wanted(origin));
        let members: Vec<_> = requests.filter_map(|origin| held.of(origin)).collect();
        let is_other = members.iter().any(|one| failed.get(&one.origin).is_some_and(|failed| **failed != one.name));
        let found = members.iter().filter_map(|one| stage.world().freight_named(&one.name));
        let found: Vec<_> = found.filter(|freight| is_let_in(stage, *freight, now)).collect();
        if is_other && found.len() == members.len() {
            return Some(found);
        }
    }
    None
}

fn newest_verdict(held: &Held) -> Option<&VerificationPhase> {
    held.verifications.iter().find_map(|info| info.phase.as_ref().filter(|phase| phase.is_terminal()))
}

/// Whether nothing but time is in its way.
fn is_let_in(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> bool {
    admission(stage, freight, now).all(Gate::is_about_time)
}

fn in_the_way(stage: StageView<'_>, freight: &[FreightView<'_>], now: Timestamp) -> Option<Reason> {
    if stage.world().is_clock_suspect() {
        return Some(Reason::ClockSuspect);
    }
    if let Some(open) = stage.open_promotions().next() {
        return Some(Reason::UnderWay { promotion: open.name().into(), phase: open.phase().clone() });
    }
    let shut = freight.iter().find(|freight| admission(stage, **freight, now).next().is_some())?;
    let reason = crate::admit::of(stage, *shut, now).obstacles().next().cloned();
    Some(reason.unwrap_or(Reason::Fact { text: "a gate is shut".to_owned() }))
}
