//! Guards of automation that a Stage's policy asks for: leaving what soaks, taking freight only so often (extension `soak`).

use crate::{
    model::{Duration, Origin, Timestamp, VerificationPhase},
    why::Reason,
    world::{Held, StageView},
};

/// What keeps automation from replacing the freight of an origin, if anything does.
pub(super) fn guard(stage: StageView<'_>, origin: &Origin, now: Timestamp) -> Option<Reason> {
    let policy = &stage.policy()?.spec.soak;
    let held = stage.current()?;
    let there = stage.world().freight_named(&held.of(origin)?.name)?;
    let since = there.visit(stage.name())?.since()?;
    if policy.guard
        && may_still_soak(held)
        && let Some(until) = longest_required(stage, origin).and_then(|length| after(since, length))
        && now < until
    {
        return Some(Reason::SoakGuard { freight: there.called().to_owned(), until: Some(until) });
    }
    let next = after(since, policy.sample_every?)?;
    (now < next).then_some(Reason::Sampled { next })
}

/// The instant at which a guard ends.
pub(super) fn ends(reason: &Reason) -> Option<Timestamp> {
    match reason {
        Reason::SoakGuard { until, .. } => *until,
        Reason::Sampled { next } => Some(*next),
        _ => None,
    }
}

/// Whether what is there may still be taken by Stages downstream: its newest verification has not ended badly.
fn may_still_soak(held: &Held) -> bool {
    let newest = held.verifications.first().and_then(|info| info.phase.as_ref());
    newest.is_none_or(|phase| !phase.is_terminal() || *phase == VerificationPhase::Successful)
}

/// The longest stay that a Stage downstream asks for.
fn longest_required(stage: StageView<'_>, origin: &Origin) -> Option<Duration> {
    let world = stage.world();
    let downstream = world.subscribers_of_stage(stage.name()).filter_map(|name| world.stage(name).ok());
    let requests = downstream.flat_map(StageView::requests).filter(|request| request.origin == *origin);
    let from_here = requests.filter(|request| request.sources.stages.iter().any(|name| **name == *stage.name()));
    from_here.filter_map(|request| request.sources.required_soak_time).max()
}

fn after(since: Timestamp, length: Duration) -> Option<Timestamp> {
    since.checked_add_signed(length.to_delta())
}
