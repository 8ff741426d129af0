//! When a Stage has to be looked at again although nothing happens: exact instants (control 1.5; rules 3).

use super::{
    automation::{Wish, automation},
    guard, rollback,
    turn::{NextTurn, next_turn},
};
use crate::{
    admit::{WindowState, is_automatic, pauses, window},
    eligible::{Availability, Claim, is_passage},
    model::{FreightRequest, SelectionPolicy, StageName, Timestamp},
    world::{FreightView, Mark, StageView},
};

/// The next instant at which something may change in a Stage by time alone; none if nothing may.
///
/// These are: the end of a soak that makes freight available, of a pause, of a guard, of waiting for health, also where the Stage
/// then goes back; and the edges of windows.
#[must_use]
pub fn wakes_at(stage: StageView<'_>, now: Timestamp) -> Option<Timestamp> {
    wakes_of(stage, now, &next_turn(stage, now), &automation(stage, now))
}

/// The same, where it is known what is next.
pub(crate) fn wakes_of(
    stage: StageView<'_>,
    now: Timestamp,
    turn: &NextTurn,
    wishes: &[Wish<'_>],
) -> Option<Timestamp> {
    let mut instants = Vec::new();
    let is_automatic = stage.noun().is_control_flow() || is_automatic(stage);
    if let NextTurn::Wait { until, .. } = turn {
        instants.extend(*until);
    }
    // Also what is queued and waits for windows besides: a pause that has ended is no reason to show.
    if is_automatic || matches!(turn, NextTurn::Wait { .. }) {
        instants.extend(pauses(stage, now).filter_map(|pause| pause.spec.until));
    }
    if is_automatic {
        instants.extend(soaking(stage, now).map(|(_, at)| at));
        instants.extend(wishes.iter().filter_map(|wish| guard::ends(wish.blocked.as_ref()?)));
    }
    instants.extend(rollback::wakes(stage, now));
    instants.extend(match window(stage, now) {
        WindowState::Open { closes } => closes,
        WindowState::Closed { opens, .. } => opens,
        WindowState::Unreadable { .. } => None,
    });
    instants.into_iter().filter(|at| *at > now).min()
}

/// What soaks upstream and time alone makes available, and when: only what is still there soaks, and what passed through a Stage
/// without steps (rules 7, trap 11).
pub(super) fn soaking<'w>(
    stage: StageView<'w>,
    now: Timestamp,
) -> impl Iterator<Item = (FreightView<'w>, Timestamp)> + use<'w> {
    stage.requests().flat_map(move |request| {
        let claim = Claim { request, claimant: stage.name() };
        let candidates = request.sources.stages.iter().flat_map(move |upstream| within(stage, request, upstream));
        candidates.filter_map(move |freight| match claim.availability(freight, now) {
            Availability::At(at) => Some((freight, at)),
            Availability::Now | Availability::ByFact => None,
        })
    })
}

/// What may soak in one upstream Stage.
fn within<'w>(
    stage: StageView<'w>,
    request: &'w FreightRequest,
    upstream: &StageName,
) -> impl Iterator<Item = FreightView<'w>> + use<'w> {
    let world = stage.world();
    // MatchUpstream takes what its upstream holds, and that is nothing; through a Stage without steps everything passes.
    let takes = stage.noun().is_control_flow() || request.sources.selection() == SelectionPolicy::NewestFreight;
    let passes = takes && is_passage(world, upstream);
    // All that ever passed is many: nothing older than what is there is taken by itself.
    let there = || world.freight_named(&stage.current()?.of(&request.origin)?.name);
    let oldest = if passes && !stage.noun().is_control_flow() { there().map(FreightView::age) } else { None };
    let mark = if passes { Mark::Verified } else { Mark::Current };
    let marked = world.freight_marked(mark, upstream, &request.origin, None);
    marked.take_while(move |freight| oldest.as_ref().is_none_or(|oldest| freight.age() > *oldest))
}
