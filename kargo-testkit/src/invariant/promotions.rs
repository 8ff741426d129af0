//! The phases of promotions and their times: control 13, 1 to 6.

use kargo_core::{
    Event, Recorded, World,
    model::PromotionPhase,
    promotion::{End, PhaseEvent, RunEvent},
    world::PromotionView,
};

use super::{Batch, Looked, Moment};

/// 1: one promotion runs in a place, the current one.
pub(super) fn one_runs(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.stages {
        let Ok(stage) = batch.after.stage(name) else { continue };
        let running = stage.open_promotions().filter(|promotion| *promotion.phase() == PromotionPhase::Running);
        let running: Vec<_> = running.map(PromotionView::name).collect();
        match running.as_slice() {
            [] => {}
            [only] if stage.current_promotion() == Some(*only) => looked += 1,
            _ => return Err(format!("{name}: {running:?} run, and {:?} is current", stage.current_promotion())),
        }
    }
    Ok(looked)
}

/// 2: nothing follows an end.
pub(super) fn ends_are_final(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.promotions {
        let Some(before) = batch.before.promotion(&**name).ok().filter(|before| before.is_over()) else { continue };
        let Ok(after) = batch.after.promotion(&**name) else { continue };
        looked += 1;
        if after.phase() != before.phase() || after.noun().status.finished_at != before.noun().status.finished_at {
            return Err(format!("{name} was {} and is {}", before.phase(), after.phase()));
        }
    }
    Ok(looked)
}

/// 3: phases go one way; what has not begun ends Aborted, or Errored where it may not start any more (rules 7, trap 12).
pub(super) fn phases_go_one_way(moment: &Moment<'_>) -> Looked {
    let Event::Promotion { promotion, happened: RunEvent::Phase(event) } = &moment.recorded.event else { return Ok(0) };
    let Ok(known) = moment.world.promotion(&**promotion) else { return Err(format!("{promotion} does not exist")) };
    let fits = match (known.phase(), event) {
        (PromotionPhase::Pending, PhaseEvent::Begin { .. }) | (PromotionPhase::Running, PhaseEvent::End { .. }) => true,
        (PromotionPhase::Pending, PhaseEvent::End { end, .. }) => matches!(end, End::Aborted | End::Errored),
        _ => false,
    };
    if fits { Ok(1) } else { Err(format!("{promotion} is {}, and then: {event:?}", known.phase())) }
}

/// 4: a promotion that ended says when it began if and only if it did, in whole seconds.
pub(super) fn starts_are_told(log: &[Recorded], world: &World) -> Looked {
    let mut looked = 0;
    for recorded in log {
        let Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::Begin { at, .. }) } = &recorded.event
        else {
            continue;
        };
        let Some(known) = world.promotion(&**promotion).ok().filter(|known| known.is_over()) else { continue };
        looked += 1;
        let told = known.noun().status.started_at;
        if told.map(|told| told.timestamp()) != Some(at.timestamp()) {
            return Err(format!("{promotion} began at {at} and says {told:?}"));
        }
    }
    let begun = |name: &str| {
        log.iter().any(|recorded| matches!(&recorded.event, Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::Begin { .. }) } if **promotion == *name))
    };
    let wrong = world.promotions().find(|known| known.noun().status.started_at.is_some() && !begun(known.name()));
    wrong.map_or(Ok(looked), |wrong| Err(format!("{} says that it began, and did not", wrong.name())))
}

/// 5: it says when it ended if and only if it did, and not before it began.
pub(super) fn ends_are_told(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.promotions {
        let Ok(known) = batch.after.promotion(&**name) else { continue };
        let status = &known.noun().status;
        looked += 1;
        let orderly =
            status.started_at.is_none_or(|started| status.finished_at.is_none_or(|finished| started <= finished));
        if status.finished_at.is_some() != known.is_over() || !orderly {
            return Err(format!(
                "{name} is {}, from {:?} to {:?}",
                known.phase(),
                status.started_at,
                status.finished_at
            ));
        }
    }
    Ok(looked)
}

/// 6: what never ran ends Aborted, or Errored where it may not start any more (rules 7, trap 12).
pub(super) fn never_ran(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.promotions {
        let Some(known) = batch.after.promotion(&**name).ok().filter(|known| known.is_over()) else { continue };
        if known.noun().status.started_at.is_none() {
            looked += 1;
            if !matches!(known.phase(), PromotionPhase::Aborted | PromotionPhase::Errored) {
                return Err(format!("{name} never ran and is {}", known.phase()));
            }
        }
    }
    Ok(looked)
}
