//! When a Stage has to be looked at again although nothing happens: exact instants (control 1.5; rules 3).

use super::{
    automation::automation,
    guard,
    turn::{NextTurn, next_turn},
};
use crate::{
    admit::{WindowState, is_automatic, pauses, window},
    eligible::{Availability, Claim},
    model::Timestamp,
    world::{Mark, StageView},
};

/// The next instant at which something may change in a Stage by time alone; none if nothing may.
///
/// These are: the end of a soak that makes freight available, of a pause, of a guard, of waiting for health; and the edges of
/// windows.
#[must_use]
pub fn wakes_at(stage: StageView<'_>, now: Timestamp) -> Option<Timestamp> {
    let mut instants = Vec::new();
    if let NextTurn::Wait { until, .. } = next_turn(stage, now) {
        instants.extend(until);
    }
    if stage.noun().is_control_flow() || is_automatic(stage) {
        instants.extend(soaks(stage, now));
        instants.extend(pauses(stage, now).filter_map(|pause| pause.spec.until));
        instants.extend(automation(stage, now).iter().filter_map(|wish| guard::ends(wish.blocked.as_ref()?)));
    }
    instants.extend(match window(stage, now) {
        WindowState::Open { closes } => closes,
        WindowState::Closed { opens, .. } => opens,
        WindowState::Unreadable { .. } => None,
    });
    instants.into_iter().filter(|at| *at > now).min()
}

/// The instants at which what upstream Stages hold now becomes available: only what is still there soaks.
fn soaks(stage: StageView<'_>, now: Timestamp) -> Vec<Timestamp> {
    let mut instants = Vec::new();
    for request in stage.requests() {
        let claim = Claim { request, claimant: stage.name() };
        for upstream in &request.sources.stages {
            for freight in stage.world().freight_marked(Mark::Current, upstream, &request.origin, None) {
                if let Availability::At(at) = claim.availability(freight, now) {
                    instants.push(at);
                }
            }
        }
    }
    instants
}
