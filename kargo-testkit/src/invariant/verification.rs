//! When verification begins and what is verified: control 13, 35, 36, 38.

use kargo_core::{
    Event,
    model::{HealthState, VerificationPhase},
    verification::End,
    world::StageView,
};

use super::{Batch, Looked, Moment};

fn is_healthy(stage: StageView<'_>) -> bool {
    stage.health().and_then(|health| health.status.as_ref()) == Some(&HealthState::Healthy)
}

/// 35: verification begins where all is healthy and no promotion has its turn.
pub(super) fn begins_when_healthy(moment: &Moment<'_>) -> Looked {
    let Event::VerificationBegun { place, verification } = &moment.recorded.event else { return Ok(0) };
    let Ok(stage) = moment.world.stage(&place.stage) else { return Err(format!("{place} does not exist")) };
    if is_healthy(stage) && stage.current_promotion().is_none() && stage.current().is_some() {
        return Ok(1);
    }
    let (health, current) = (stage.health().and_then(|health| health.status.clone()), stage.current_promotion());
    Err(format!(
        "verification {} of {place} begins while health is {health:?} and {current:?} has its turn",
        verification.id()
    ))
}

/// 36: freight becomes verified in a Stage with steps only by a success that counts, and a success counts where all is healthy
/// and it is the newest verdict.
pub(super) fn credit_is_earned(moment: &Moment<'_>) -> Looked {
    let Event::VerdictCounted { stage: name, verdict, credited, .. } = &moment.recorded.event else { return Ok(0) };
    let Ok(stage) = moment.world.stage(name) else { return Err(format!("{name} does not exist")) };
    if credited.is_empty() {
        return Ok(0);
    }
    let newest = stage.current().and_then(|held| held.verifications.first());
    let newest_is_it = newest.is_some_and(|info| {
        info.id.as_deref() == Some(&*verdict.id) && info.phase == Some(VerificationPhase::Successful)
    });
    if verdict.end == End::Successful && is_healthy(stage) && newest_is_it {
        return Ok(1);
    }
    Err(format!("{name} credits {credited:?} with verdict {verdict:?}; health is {:?}", stage.health()))
}

/// 36, the other side: nothing becomes verified without such a verdict.
pub(super) fn only_by_verdict(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.freight {
        let Some(after) = batch.after.freight_named(name) else { continue };
        let before = batch.before.freight_named(name);
        for (stage, _) in after.visits().iter().filter(|(_, visit)| visit.verified().is_some()) {
            let was = before.and_then(|before| before.visit(stage)).is_some_and(|visit| visit.verified().is_some());
            if was {
                continue;
            }
            looked += 1;
            let says = |event: &Event| match event {
                Event::VerdictCounted { stage: of, credited, .. } => of == stage && credited.contains(name),
                Event::Verified { stage: of, freight } => of == stage && freight.contains(name),
                _ => false,
            };
            if !batch.events.iter().any(|recorded| says(&recorded.event)) {
                return Err(format!("{} became verified in {stage} by nothing", after.called()));
            }
            let passed = |event: &Event| matches!(event, Event::Verified { stage: of, freight } if of == stage && freight.contains(name));
            let control_flow = [&batch.before, &batch.after]
                .into_iter()
                .any(|world| world.stage(stage).is_ok_and(|stage| stage.noun().is_control_flow()));
            if batch.events.iter().any(|recorded| passed(&recorded.event)) && !control_flow {
                return Err(format!("{} passed through {stage}, which has steps", after.called()));
            }
        }
    }
    Ok(looked)
}

/// 38: of the verifications of a collection the newest alone may be open.
pub(super) fn newest_alone_is_open(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        for held in stage.history() {
            looked += held.verifications.len() as u64;
            let open = held
                .verifications
                .iter()
                .skip(1)
                .find(|info| !info.phase.as_ref().is_some_and(VerificationPhase::is_terminal));
            if let Some(open) = open {
                return Err(format!(
                    "{}: {:?} is open beside {:?}",
                    stage.name(),
                    open.id,
                    held.verifications.first().map(|info| &info.id)
                ));
            }
        }
    }
    Ok(looked)
}
