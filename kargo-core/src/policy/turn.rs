//! Which queued promotion starts next, and what it waits for (control 3.3; rules 7, traps 6 and 12).

use super::queue::{first, queue};
use crate::{
    admit::{Gate, WindowState, admission, pauses, window},
    model::{Duration, FreightName, HealthState, PromotionName, PromotionPhase, Timestamp, VerificationPhase},
    why::{Answer, Headline, Node, Reason, Why},
    world::{FreightView, PromotionView, StageView},
};

/// How long automation waits for health that is coming up, unless a policy says otherwise (rules 7).
const PROGRESSING_AT_MOST: Duration = Duration::from_secs(600);

/// How long a Stage's policy lets automation wait for health that is coming up.
pub(super) fn progressing_at_most(stage: StageView<'_>) -> Duration {
    let at_most = stage.policy().and_then(|policy| policy.spec.progressing.at_most);
    at_most.unwrap_or(PROGRESSING_AT_MOST)
}

/// What comes next in a Stage's queue.
#[derive(Clone, Debug, PartialEq)]
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
    first(stage).map_or(NextTurn::Nothing, |next| turn_of(stage, next, now))
}

/// The turn of one promotion: what it waits for, which for all but the first of the queue is the one right before.
#[must_use]
pub fn turn(stage: StageView<'_>, promotion: &str, now: Timestamp) -> NextTurn {
    let queue = queue(stage);
    match queue.iter().position(|queued| *queued.name() == *promotion) {
        None => NextTurn::Nothing,
        Some(place) => match place.checked_sub(1).and_then(|before| queue.get(before)) {
            None => next_turn(stage, now),
            Some(before) => {
                let reason = Reason::Queued { behind: before.name().into() };
                NextTurn::Wait { promotion: promotion.into(), reason, until: None }
            }
        },
    }
}

/// What comes next if it is the turn of this promotion.
pub(super) fn turn_of(stage: StageView<'_>, next: PromotionView<'_>, now: Timestamp) -> NextTurn {
    let promotion = PromotionName::from(next.name());
    if let Some(current) = occupant(stage) {
        return NextTurn::Wait { promotion, reason: Reason::Occupied { promotion: current }, until: None };
    }
    if next.is_automatic() && stage.world().is_clock_suspect() {
        return NextTurn::Wait { promotion, reason: Reason::ClockSuspect, until: None };
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
    queue(stage).into_iter().find_map(|promotion| withdrawal(stage, promotion, now))
}

/// Why a queued promotion ends at once, if it is one of automation and its freight may not go there any more.
pub(super) fn withdrawal(
    stage: StageView<'_>,
    promotion: PromotionView<'_>,
    now: Timestamp,
) -> Option<(PromotionName, Box<Why>)> {
    let of_automation = promotion.is_automatic() && !promotion.is_rollback();
    match of_automation.then(|| admitted(stage, promotion, now))?? {
        NextTurn::Refuse { promotion, why } => Some((promotion, why)),
        _ => None,
    }
}

/// The promotion that has the place, if one has.
pub(super) fn occupant(stage: StageView<'_>) -> Option<PromotionName> {
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
    let name = PromotionName::from(promotion.name());
    let targets = promotion.freight();
    if targets.is_empty() {
        let why = Box::new(Why::missing(gone(promotion, promotion.noun().spec.freight.as_ref())));
        return Some(NextTurn::Refuse { promotion: name, why });
    }
    let mut shut = Vec::new();
    for target in targets.values() {
        let Some(freight) = stage.world().freight_named(target) else {
            let why = Box::new(Why::missing(gone(promotion, Some(target))));
            return Some(NextTurn::Refuse { promotion: name, why });
        };
        let gates: Vec<_> = admission(stage, freight, now).collect();
        if !gates.is_empty() {
            shut.push((freight, gates.iter().copied().all(Gate::is_about_time)));
        }
    }
    let (first, _) = shut.first()?;
    if shut.iter().all(|(_, about_time)| *about_time) {
        let why = crate::admit::of(stage, *first, now);
        let reason = why.obstacles().next().cloned();
        let reason = reason.unwrap_or(Reason::Fact { text: "a gate is shut".to_owned() });
        return Some(NextTurn::Wait { promotion: name, reason, until: opens(stage, now) });
    }
    let refused: Vec<_> = shut.into_iter().filter(|(_, about_time)| !about_time).map(|(freight, _)| freight).collect();
    Some(NextTurn::Refuse { promotion: name, why: Box::new(refusal(stage, promotion, &refused, now)) })
}

/// When pauses have ended and windows are open, if nobody does anything.
fn opens(stage: StageView<'_>, now: Timestamp) -> Option<Timestamp> {
    let mut at = now;
    for pause in pauses(stage, now) {
        at = at.max(pause.spec.until?);
    }
    match window(stage, at) {
        WindowState::Open { .. } => Some(at),
        WindowState::Closed { opens, .. } => opens,
        WindowState::Unreadable { .. } => None,
    }
}

/// Why freight does not go there any more, each piece that does not named (rules 13).
fn refusal(stage: StageView<'_>, promotion: PromotionView<'_>, refused: &[FreightView<'_>], now: Timestamp) -> Why {
    if let [only] = refused {
        return crate::admit::of(stage, *only, now);
    }
    let of_each = refused.iter().map(|freight| {
        let text = format!("{} ({})", freight.called(), freight.origin());
        Node::fails(Reason::Fact { text }).over(crate::admit::of(stage, *freight, now).nodes().to_vec())
    });
    let text = format!("{} does not start, because", promotion.name());
    Why::new(Headline::Text { text }, Answer::No, of_each.collect())
}

/// That freight of a promotion does not exist any more.
fn gone(promotion: PromotionView<'_>, freight: Option<&FreightName>) -> Reason {
    let Some(name) = freight else {
        return Reason::Fact { text: format!("promotion {} names no freight", promotion.name()) };
    };
    let missing = promotion.world().freight(name).err().map(Reason::NoSuch);
    missing.unwrap_or_else(|| Reason::Fact { text: format!("{name:?} is not the name of any freight") })
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
        // Not looked at since the success is not fresh: it is waited for too.
        None | Some(HealthState::Healthy) if held.verifications.is_empty() => {
            Some((Reason::NotVerifiedYet { stage: name() }, None))
        }
        Some(HealthState::Progressing) => {
            let until = last.finished_at?.checked_add_signed(progressing_at_most(stage).to_delta())?;
            (now < until).then(|| (Reason::Progressing { stage: name(), until }, Some(until)))
        }
        _ => None,
    }
}
