//! The least changes after which freight is admitted.
//!
//! Every way to satisfy the source is tried (verified upstream, or approved), and every way past a pause that ends by itself
//! (wait, or end it). What is left has one way each. Waiting counts as one change however long it is, so all that is waited
//! for is waited for together, until an instant at which the windows are open.

use super::{
    approvals::approvals_missing,
    pause::pauses,
    rejection::rejections,
    window::{self, window},
};
use crate::{
    eligible::{Claim, Upstream, upstream},
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

    fn size(&self) -> usize {
        self.changes.iter().map(Need::size).sum::<usize>() + usize::from(self.wait.is_some())
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
        fixed = fixed.and(Way::change(approve(stage, freight, missing)));
    }
    // An approval that is needed anyway is a source too.
    let sources = if missing > 0 && stage.is_requesting(freight.origin()) {
        vec![Way::default()]
    } else {
        ways_of_source(stage, freight, now)
    };
    let mut best: Option<Way> = None;
    for source in sources {
        for past_pauses in ways_past_pauses(stage, now) {
            let way = with_window(stage, fixed.clone().and(source.clone()).and(past_pauses), now);
            let is_less = |best: &Way| (way.size(), way.wait) < (best.size(), best.wait);
            if best.as_ref().is_none_or(is_less) {
                best = Some(way);
            }
        }
    }
    let best = best?;
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
        let each = sources.stages.iter().map(|name| way_of_upstream(freight, name, sources.required_soak_time, now));
        match sources.availability() {
            AvailabilityStrategy::OneOf => ways.extend(each),
            AvailabilityStrategy::All => {
                if !sources.stages.is_empty() {
                    ways.push(each.fold(Way::default(), Way::and));
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

/// What one Stage has to do with the freight before it counts as verified and soaked there.
fn way_of_upstream(freight: FreightView<'_>, name: &str, required: Option<Duration>, now: Timestamp) -> Way {
    let visit = freight.visit(name).cloned().unwrap_or_default();
    let stays_until = |since: Timestamp| since.checked_add_signed(required.unwrap_or_default().to_delta());
    let (change, since) = match upstream(freight, name, required, now) {
        Upstream::Ready => return Way::default(),
        Upstream::Soaking { ends: Some(ends) } => return Way::until(ends),
        Upstream::Soaking { ends: None } => (Need::Return { stage: name.into() }, now),
        Upstream::Unverified => {
            let since = if visit.current.is_some() { visit.since() } else { Some(now) };
            let known = visit.verified.clone().unwrap_or_default();
            let is_long = required.is_none_or(|required| soak(&known, since, now) >= required);
            let way = Way::change(Need::Verify { stage: name.into() });
            match since {
                _ if is_long => return way,
                Some(since) => (Need::Verify { stage: name.into() }, since),
                // Nobody knows since when it is there, so its stay never gets long.
                None => (Need::Return { stage: name.into() }, now),
            }
        }
    };
    Way { changes: vec![change], wait: stays_until(since) }
}

/// The ways past the pauses: all are ended by somebody, or those that end by themselves are waited for.
fn ways_past_pauses(stage: StageView<'_>, now: Timestamp) -> Vec<Way> {
    let ended = |pause: &crate::model::Pause| Way::change(Need::Unpause { pause: pause.metadata.name.clone() });
    let mut waits = Way::default();
    let mut ends = Way::default();
    for pause in pauses(stage, now) {
        ends = ends.and(ended(pause));
        waits = waits.and(pause.spec.until.map_or_else(|| ended(pause), Way::until));
    }
    vec![waits, ends]
}

/// With the windows open at the end of all waiting.
fn with_window(stage: StageView<'_>, way: Way, now: Timestamp) -> Way {
    let from = way.wait.unwrap_or(now).max(now);
    match window::opens(stage, from) {
        Some(opens) if opens > now || way.wait.is_some() => way.and(Way::until(opens)),
        Some(_) => way,
        None => match window(stage, from).lift() {
            Some(lift) => way.and(Way::change(lift)),
            None => way,
        },
    }
}
