//! A Stage as a whole, for whoever keeps Kargo's objects: what to create, what to end, what its status is, when to look again.

use std::collections::BTreeMap;

use super::{
    automation::{Wish, automation},
    digest::{digest, tidy_holds},
    end::{refused, superseded_by_another},
    explain::tree,
    name::proposal,
    queue::{queue, superseded},
    status::status,
    turn::{NextTurn, occupant, turn_of, withdrawal},
    verification::stop_verification,
    wake::wakes_of,
};
use crate::{
    model::{Origin, Promotion, StageStatus, Timestamp},
    promotion::{ProposeError, propose},
    why::{Reason, Why},
    world::{PlaceState, PromotionView, StageView, World},
};

/// What follows for a Stage from the world as it is.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Promotions that automation wants. Their names follow from Stage, freight and attempt, so that of two who create the
    /// same one fails (rules 13).
    pub create: Vec<Promotion>,
    /// Queued promotions that end without having their turn, as they are to be written: what a later one replaces, and what
    /// is not admitted any more (rules 7).
    pub end: Vec<Promotion>,
    /// What the Stage's status is now.
    pub status: StageStatus,
    /// What it was when the Stage was read.
    before: StageStatus,
    turn: NextTurn,
    wakes_at: Option<Timestamp>,
    why: Why,
}

impl Evaluation {
    /// The status, if it changed.
    #[must_use]
    pub fn status_patch(&self) -> Option<&StageStatus> {
        (self.status != self.before).then_some(&self.status)
    }

    /// What comes next in the queue. One that starts is the current promotion in the status.
    #[must_use]
    pub fn turn(&self) -> &NextTurn {
        &self.turn
    }

    /// When to look again although nothing happens.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.wakes_at
    }

    /// How long it is until then.
    #[must_use]
    pub fn wakes_in(&self, now: Timestamp) -> Option<std::time::Duration> {
        self.wakes_at.map(|at| at.signed_duration_since(now).to_std().unwrap_or_default())
    }

    /// What the Stage waits for, and why it creates nothing else.
    #[must_use]
    pub fn why(&self) -> &Why {
        &self.why
    }
}

/// What follows for a Stage: what to create and to end, its status, and when to look again. Pure; of a Stage that does not
/// exist, nothing.
///
/// Ended promotions are taken over in the order in which they ended, then the next one gets its turn, then automation says
/// what it wants (control 3.7).
#[must_use]
pub fn evaluate(world: &World, stage: impl AsRef<str>, now: Timestamp) -> Evaluation {
    let stage = match world.stage(stage) {
        Ok(stage) => stage,
        Err(missing) => return nothing(Why::missing(Reason::NoSuch(missing))),
    };
    let mut state = digested(stage);
    let Queued { end, refused, turn } = queued(stage.with_state(&state), now);
    if let NextTurn::Start { promotion, supersedes_verification } = &turn {
        if *supersedes_verification && let Ok(promotion) = world.promotion(&**promotion) {
            stop_verification(&mut state, promotion, now);
        }
        state.current_promotion = Some(promotion.clone());
    }
    let view = stage.with_state(&state);
    let wishes = automation(view, now);
    let (create, unmade) = made(view, &wishes, now);
    Evaluation {
        create,
        end,
        status: status(view, now),
        before: stage.noun().status.clone(),
        wakes_at: wakes_of(view, now, &turn, &wishes),
        why: tree(view, now, &refused, &turn, &wishes, &unmade),
        turn,
    }
}

/// What follows for the queue.
struct Queued {
    /// Promotions that end.
    end: Vec<Promotion>,
    /// Those of them that cannot start any more.
    refused: Vec<NextTurn>,
    /// What is next of those that are left.
    turn: NextTurn,
}

fn queued(stage: StageView<'_>, now: Timestamp) -> Queued {
    let replaced = superseded(stage);
    let is_left = |next: &PromotionView<'_>| replaced.iter().all(|replaced| replaced.name() != next.name());
    let end = replaced.iter().map(|promotion| superseded_by_another(*promotion, now)).collect();
    let mut queued = Queued { end, refused: Vec::new(), turn: NextTurn::Nothing };
    let mut left = queue(stage).into_iter().filter(is_left);
    let refuse = |queued: &mut Queued, next, promotion, why: Box<Why>| {
        queued.end.push(refused(next, &why, now));
        queued.refused.push(NextTurn::Refuse { promotion, why });
    };
    for next in left.by_ref() {
        match turn_of(stage, next, now) {
            NextTurn::Refuse { promotion, why } => refuse(&mut queued, next, promotion, why),
            turn => {
                queued.turn = turn;
                break;
            }
        }
    }
    // What automation wanted ends at once, also behind others (rules 6).
    for next in left {
        if let Some((promotion, why)) = withdrawal(stage, next, now) {
            refuse(&mut queued, next, promotion, why);
        }
    }
    queued
}

/// The promotions that automation makes, and why those that cannot be made cannot.
fn made(stage: StageView<'_>, wishes: &[Wish<'_>], now: Timestamp) -> (Vec<Promotion>, BTreeMap<Origin, ProposeError>) {
    let (mut create, mut unmade) = (Vec::<Promotion>::new(), BTreeMap::new());
    let mut previous = None;
    for wish in wishes.iter().filter(|wish| wish.blocked.is_none()) {
        let Some(freight) = wish.candidate else { continue };
        if create.iter().any(|made| made.spec.freight.as_ref() == Some(freight.name())) {
            // A second request of the same origin, which admission refuses.
            continue;
        }
        let proposal = proposal(stage, freight, previous);
        previous = Some(proposal.ulid());
        match propose(stage.world(), &proposal, now) {
            Ok(promotion) => create.push(promotion),
            Err(problem) => drop(unmade.insert(wish.origin.clone(), problem)),
        }
    }
    (create, unmade)
}

fn nothing(why: Why) -> Evaluation {
    let none = StageStatus::default();
    let turn = NextTurn::Nothing;
    Evaluation { create: Vec::new(), end: Vec::new(), status: none.clone(), before: none, turn, wakes_at: None, why }
}

/// What is in the Stage after everything that ended was taken over.
fn digested(stage: StageView<'_>) -> PlaceState {
    let mut state = stage.state().cloned().unwrap_or_default();
    for promotion in undigested(stage) {
        state = digest(stage.with_state(&state), promotion);
    }
    if stage.noun().is_control_flow() {
        // Nothing is in a Stage without steps (resources 19.5).
        state = PlaceState { metadata: state.metadata, ..PlaceState::default() };
    }
    tidy_holds(stage, &mut state);
    state.current_promotion = occupant(stage.with_state(&state));
    state
}

/// Promotions that have ended and of which the Stage's status does not know yet, in the order in which they ended: names do
/// not say in which order that was (control, trap 4).
pub(crate) fn undigested(stage: StageView<'_>) -> Vec<PromotionView<'_>> {
    let last = stage.last_promotion();
    let since = last.and_then(|last| last.finished_at);
    let mut found: Vec<_> = stage.promotions_ended(since).collect();
    if let Some(last) = last.filter(|_| since.is_none()) {
        // Nobody knows when the last one ended: names have to do.
        found.retain(|promotion| promotion.name() > &*last.name);
    }
    // The one that had the place is among them, also if it ended in the same second as the one before, or nobody knows when.
    let had_place = |current: &PromotionView<'_>| {
        let is_last = last.is_some_and(|last| *last.name == *current.name());
        let ended_at = current.noun().status.finished_at;
        current.is_over() && !is_last && (ended_at.is_none() || ended_at >= since)
    };
    let current = stage.current_promotion().and_then(|name| stage.world().promotion(name).ok()).filter(had_place);
    if let Some(current) = current.filter(|current| found.iter().all(|found| found.name() != current.name())) {
        found.insert(0, current);
    }
    found
}
