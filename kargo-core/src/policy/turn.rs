//! Which queued promotion starts next, and what it waits for (control 3.3; rules 7, traps 6 and 12).

use super::queue::queue;
use crate::{
    admit::{Gate, admission},
    model::{Duration, HealthState, PromotionName, PromotionPhase, Timestamp, VerificationPhase},
    why::{Reason, Why},
    world::{PromotionView, StageView},
};

/// How long automation waits for health that is coming up, unless a policy says otherwise (rules 7).
const PROGRESSING_AT_MOST: Duration = Duration::from_secs(600);

/// What comes next in a Stage's queue.
#[derive(Clone, Debug)]
pub enum NextTurn {
    /// Nothing is queued.
    Nothing,
    /// This promotion starts now.
    Start {
        /// The promotion.
        promotion: PromotionName,
        /// Whether a verification under way is stopped for it.
        supersedes_verification: bool,
    },
    /// This promotion is next, and waits.
    Wait {
        /// The promotion.
        promotion: PromotionName,
        /// For what.
        reason: Reason,
        /// When it may go on at the latest without anything happening.
        until: Option<Timestamp>,
    },
    /// This promotion cannot start any more; it ends.
    Refuse {
        /// The promotion.
        promotion: PromotionName,
        /// Why.
        why: Box<Why>,
    },
}

/// What comes next in a Stage's queue now.
///
/// Only the first of the queue is looked at: what waits keeps its place, and nothing passes it.
#[must_use]
pub fn next_turn(stage: StageView<'_>, now: Timestamp) -> NextTurn {
    let Some(next) = queue(stage).into_iter().next() else { return NextTurn::Nothing };
    let promotion = PromotionName::from(next.name());
    if let Some(current) = occupant(stage) {
        return NextTurn::Wait { promotion, reason: Reason::Occupied { promotion: current }, until: None };
    }
    if let Some(turn) = admitted(stage, next, now) {
        return turn;
    }
    let verifying = is_verifying(stage);
    // A person does not wait for what is there: a verification under way is stopped (rules 7).
    if next.is_automatic()
        && !next.is_rollback()
        && let Some((reason, until)) = unfinished(stage, verifying, now)
    {
        return NextTurn::Wait { promotion, reason, until };
    }
    NextTurn::Start { promotion, supersedes_verification: verifying }
}

/// The first queued promotion of automation whose freight may not go there any more: it ends at once, also if others are
/// before it (rules 6).
#[must_use]
pub fn withdrawn(stage: StageView<'_>, now: Timestamp) -> Option<(PromotionName, Box<Why>)> {
    let of_automation =
        queue(stage).into_iter().filter(|promotion| promotion.is_automatic() && !promotion.is_rollback());
    of_automation.into_iter().find_map(|promotion| match admitted(stage, promotion, now)? {
        NextTurn::Refuse { promotion, why } => Some((promotion, why)),
        _ => None,
    })
}

/// The promotion that has the place, if one has.
fn occupant(stage: StageView<'_>) -> Option<PromotionName> {
    let is_open = |name: &&str| stage.world().promotion(*name).is_ok_and(|promotion| !promotion.is_over());
    let current = stage.current_promotion().filter(is_open).map(PromotionName::from);
    current.or_else(|| {
        // One that runs has the place, whatever the status says (control 3.2).
        let running = stage.open_promotions().find(|promotion| *promotion.phase() == PromotionPhase::Running);
        running.map(|promotion| promotion.name().into())
    })
}

/// Whether all of its freight may still go there: "not yet" waits, "no" ends it (rules 7, trap 12).
fn admitted(stage: StageView<'_>, promotion: PromotionView<'_>, now: Timestamp) -> Option<NextTurn> {
    let name = || PromotionName::from(promotion.name());
    for freight in promotion.freight().values() {
        let Some(freight) = stage.world().freight_named(freight) else {
            let missing = stage.world().freight(freight).err().map(Reason::NoSuch);
            let gone = missing.unwrap_or_else(|| Reason::Fact { text: format!("freight {freight} is gone") });
            return Some(NextTurn::Refuse { promotion: name(), why: Box::new(Why::missing(gone)) });
        };
        let gates: Vec<_> = admission(stage, freight, now).collect();
        if gates.is_empty() {
            continue;
        }
        let why = crate::admit::of(stage, freight, now);
        return Some(if gates.iter().copied().all(Gate::is_about_time) {
            let reason = why.obstacles().next().cloned();
            let reason = reason.unwrap_or(Reason::Fact { text: "a gate is shut".to_owned() });
            NextTurn::Wait { promotion: name(), reason, until: why.opens_at() }
        } else {
            NextTurn::Refuse { promotion: name(), why: Box::new(why) }
        });
    }
    None
}

fn is_verifying(stage: StageView<'_>) -> bool {
    let ended = |phase: Option<&VerificationPhase>| phase.is_some_and(VerificationPhase::is_terminal);
    stage.current().is_some_and(|held| held.verifications.iter().any(|info| !ended(info.phase.as_ref())))
}

/// What automation leaves to be finished before it goes on, judged on fresh health (rules 7, trap 6).
fn unfinished(stage: StageView<'_>, verifying: bool, now: Timestamp) -> Option<(Reason, Option<Timestamp>)> {
    let held = stage.current()?;
    let name = || stage.name().into();
    if verifying {
        return Some((Reason::Verifying { stage: name() }, None));
    }
    // Health is not known after a promotion that did not succeed, and nothing is waited for (control 5.1).
    let last = stage.last_promotion()?;
    let succeeded = last.status.as_ref().and_then(|status| status.phase.as_ref()) == Some(&PromotionPhase::Succeeded);
    if !succeeded {
        return None;
    }
    let health = stage.health().and_then(|health| health.status.as_ref());
    match health {
        None | Some(HealthState::Healthy) if held.verifications.is_empty() => {
            Some((Reason::NotVerifiedYet { stage: name() }, None))
        }
        Some(HealthState::Progressing) => {
            let at_most = stage.policy().and_then(|policy| policy.spec.progressing.at_most);
            let until = last.finished_at?.checked_add_signed(at_most.unwrap_or(PROGRESSING_AT_MOST).to_delta())?;
            (now < until).then(|| (Reason::Progressing { stage: name(), until }, Some(until)))
        }
        _ => None,
    }
}
