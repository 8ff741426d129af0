//! The least changes after which freight is admitted.
//!
//! Every way to satisfy the source is tried (verified upstream, or approved), and every way past pauses that end by themselves
//! (wait, or end them). What is left has one way each. Waiting counts as one change however long it is, so all that is waited
//! for is waited for together, until an instant at which the windows are open.

use std::collections::BTreeSet;

use super::{
    approvals::{approvals_missing, can_be_given},
    pause::pauses,
    rejection::rejections,
    window::{Passage, passage},
};
use crate::{
    eligible::{Claim, Upstream, is_passage, since as soaks_since, upstream},
    freight::status::soak,
    model::{AvailabilityStrategy, Duration, Timestamp},
    why::Need,
    world::{FreightView, StageView},
};

/// One way to satisfy a part: changes, and an instant to wait for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Way {
    changes: Vec<Need>,
    wait: Option<Timestamp>,
}

impl Way {
    fn change(need: Need) -> Self {
        Self { changes: vec![need], wait: None }
    }

    fn until(at: Timestamp) -> Self {
        Self { changes: Vec::new(), wait: Some(at) }
    }

    fn and(mut self, other: Self) -> Self {
        for change in other.changes {
            if !self.changes.contains(&change) {
                self.changes.push(change);
            }
        }
        Self { wait: self.wait.max(other.wait), ..self }
    }

    /// What is less is better: few changes, waiting being one; then few that somebody has to make; then the sooner instant.
    fn cost(&self) -> (usize, usize, Option<Timestamp>) {
        let changes = self.changes.iter().map(Need::size).sum::<usize>();
        (changes + usize::from(self.wait.is_some()), changes, self.wait)
    }
}

/// The least changes after which the freight is admitted to the Stage; none if it is, or if none of those that are known are
/// enough.
pub(super) fn needs(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Option<Vec<Need>> {
    if stage.noun().is_control_flow() {
        return None;
    }
    let mut fixed = Way::default();
    for rejection in rejections(stage, freight) {
        fixed = fixed.and(Way::change(Need::Unreject { rejection: rejection.metadata.name.clone() }));
    }
    let missing = approvals_missing(stage, freight);
    if missing > 0 {
        if !can_be_given(stage, freight, missing) {
            return None;
        }
        fixed = fixed.and(Way::change(approve(stage, freight, missing)));
    }
    // An approval that is needed anyway is a source too.
    let sources = if missing > 0 && stage.is_requesting(freight.origin()) {
        vec![Way::default()]
    } else {
        ways_of_source(stage, freight, now)
    };
    let pauses = ways_past_pauses(stage, now);
    let past_pauses = |source: Way| pauses.iter().map(move |pause| source.clone().and(pause.clone()));
    let ways = sources.into_iter().flat_map(past_pauses);
    // Of equally good ones the first.
    let best = ways.map(|way| with_window(stage, fixed.clone().and(way), now)).min_by_key(Way::cost)?;
    let mut needs = best.changes;
    needs.extend(best.wait.map(|until| Need::Wait { until }));
    (!needs.is_empty()).then_some(needs)
}

fn approve(stage: StageView<'_>, freight: FreightView<'_>, people: u32) -> Need {
    Need::Approve { freight: freight.name().clone(), stage: stage.name().into(), people }
}

/// The ways in which the Stage may get the freight from somewhere; the first of equally small ones is preferred.
fn ways_of_source(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Vec<Way> {
    let mut ways = Vec::new();
    for request in stage.requests().filter(|request| request.origin == *freight.origin()) {
        let claim = Claim { request, claimant: stage.name() };
        let sources = &request.sources;
        if sources.direct || claim.is_approved(freight) {
            return vec![Way::default()];
        }
        let mut each =
            sources.stages.iter().map(|name| way_of_upstream(freight, name, sources.required_soak_time, now));
        match sources.availability() {
            AvailabilityStrategy::OneOf => ways.extend(each.flatten()),
            AvailabilityStrategy::All => {
                if !sources.stages.is_empty() {
                    ways.extend(each.try_fold(Way::default(), |all, way| Some(all.and(way?))));
                }
                // It has the last word among requests of one origin.
                ways.push(Way::change(approve(stage, freight, 1)));
                return ways;
            }
        }
        ways.push(Way::change(approve(stage, freight, 1)));
    }
    ways
}

/// What one Stage has to do with the freight before it counts as verified and soaked there; none if there is no such Stage, or
/// if the stay would end later than time is counted.
fn way_of_upstream(freight: FreightView<'_>, name: &str, required: Option<Duration>, now: Timestamp) -> Option<Way> {
    let visit = freight.visit(name).cloned().unwrap_or_default();
    let mut changes = Vec::new();
    let mut since = now;
    match upstream(freight, name, required, now) {
        Upstream::Ready => return Some(Way::default()),
        Upstream::Soaking { ends: Some(ends) } => return Some(Way::until(ends)),
        _ if freight.world().stage(name).is_err() => return None,
        // Nobody knows when it passed, and it passes once.
        Upstream::Soaking { ends: None } if is_passage(freight.world(), name) => return None,
        Upstream::Soaking { ends: None } => changes.push(Need::Return { stage: name.into() }),
        Upstream::Unverified => {
            changes.push(Need::Verify { stage: name.into() });
            let known = visit.verified.clone().unwrap_or_default();
            let (entered, passes) = (soaks_since(freight, name, &visit), is_passage(freight.world(), name));
            if required.is_none_or(|required| soak(&known, entered, now) >= required) {
                return Some(Way { changes, wait: None });
            }
            match entered {
                Some(entered) => since = entered,
                None if passes && visit.verified.is_some() => return None,
                // Nobody knows since when it is there, so that stay never gets long.
                None if visit.current.is_some() && !passes => changes.push(Need::Return { stage: name.into() }),
                None => {}
            }
        }
    }
    let wait = since.checked_add_signed(required.unwrap_or_default().to_delta())?;
    Some(Way { changes, wait: Some(wait) })
}

/// The ways past the pauses: those that end by themselves are waited for up to some instant, the others are ended by somebody.
fn ways_past_pauses(stage: StageView<'_>, now: Timestamp) -> Vec<Way> {
    let pauses: Vec<_> = pauses(stage, now).collect();
    let instants: BTreeSet<_> = pauses.iter().filter_map(|pause| pause.spec.until).collect();
    let past = |waited: Option<Timestamp>| {
        let left = pauses.iter().filter(|pause| pause.spec.until.is_none_or(|until| Some(until) > waited));
        let ended = left.map(|pause| Need::Unpause { pause: pause.metadata.name.clone() });
        Way { changes: ended.collect(), wait: waited }
    };
    instants.iter().copied().map(Some).chain([None]).map(past).collect()
}

/// With the windows open at the end of all waiting.
fn with_window(stage: StageView<'_>, way: Way, now: Timestamp) -> Way {
    let from = way.wait.unwrap_or(now).max(now);
    let Passage { lifted, at } = passage(stage, from, way.wait.is_some());
    let wait = if at > now { Some(at) } else { way.wait };
    way.and(Way { changes: lifted, wait })
}
