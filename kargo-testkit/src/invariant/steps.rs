//! Steps of promotions: control 13, 41 to 45.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    Event, Recorded, Timestamp, World,
    model::{PromotionPhase, PromotionStep, StepStatus},
    promotion::{End, PhaseEvent, RunEvent, StepEvent},
    report::StepSpec,
};

use super::{Looked, Moment};

/// What happened to the steps of one promotion, in order.
type Story<'l> = Vec<(&'l Recorded, &'l RunEvent)>;

fn stories(log: &[Recorded]) -> BTreeMap<&str, Story<'_>> {
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for recorded in log {
        if let Event::Promotion { promotion, happened } = &recorded.event {
            stories.entry(promotion).or_default().push((recorded, happened));
        }
    }
    stories
}

fn steps_of<'w>(world: &'w World, name: &str) -> &'w [PromotionStep] {
    world.promotion(name).map(|promotion| promotion.noun().spec.steps.as_slice()).unwrap_or_default()
}

/// Whether the step may fail without consequence.
fn may_fail(step: &PromotionStep) -> bool {
    step.continue_on_error == Some(true)
}

/// Whether an event ends a step badly.
fn is_bad(event: &StepEvent) -> bool {
    match event {
        StepEvent::Finish { status, .. } => matches!(status, StepStatus::Failed | StepStatus::Errored),
        StepEvent::Refuse { .. } | StepEvent::Misconfigure { .. } | StepEvent::Unknown { .. } => true,
        _ => false,
    }
}

/// Whether an event ends a step.
fn is_end(event: &StepEvent) -> bool {
    is_bad(event)
        || matches!(
            event,
            StepEvent::Finish { .. } | StepEvent::Skip { .. } | StepEvent::Abort { .. } | StepEvent::Stopped
        )
}

/// 41: steps begin in the order of the list, and one that is over does not run again, unless its work tree was lost.
pub(super) fn in_order(log: &[Recorded], _: &World) -> Looked {
    let mut looked = 0;
    for (name, story) in stories(log) {
        let mut newest = None;
        let mut over: BTreeMap<usize, bool> = BTreeMap::new();
        for (recorded, happened) in story {
            let RunEvent::Step { index, event } = happened else { continue };
            let is_over = over.get(index).copied().unwrap_or_default();
            match event {
                StepEvent::Start { .. } => {
                    looked += 1;
                    if newest >= Some(*index) || is_over {
                        return Err(format!(
                            "{}: step {index} of {name} starts after step {newest:?}",
                            recorded.position
                        ));
                    }
                    newest = Some(*index);
                }
                StepEvent::Wake { .. } if is_over => {
                    return Err(format!("{}: step {index} of {name} is over, and runs again", recorded.position));
                }
                StepEvent::Redo { .. } => drop(over.insert(*index, false)),
                _ => {}
            }
            if is_end(event) || matches!(event, StepEvent::Redone) {
                over.insert(*index, true);
            }
        }
    }
    Ok(looked)
}

/// 42: the end is that of the worst step, without those that may fail.
pub(super) fn worst_step_counts(moment: &Moment<'_>) -> Looked {
    let Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::End { end, .. }) } = &moment.recorded.event
    else {
        return Ok(0);
    };
    let began = moment.world.promotion(&**promotion).is_ok_and(|known| *known.phase() == PromotionPhase::Running);
    if !began || *end == End::Aborted {
        return Ok(0);
    }
    let steps = steps_of(moment.after, promotion);
    let mut ends: BTreeMap<usize, StepStatus> = BTreeMap::new();
    for recorded in moment.log.iter().take_while(|recorded| recorded.position < moment.recorded.position) {
        let Event::Promotion { promotion: of, happened: RunEvent::Step { index, event } } = &recorded.event else {
            continue;
        };
        if of != promotion {
            continue;
        }
        match event {
            // What cannot be had again ends all of it (rules 14).
            StepEvent::Abort { .. } if *end == End::Errored => return Ok(0),
            StepEvent::Finish { status, .. } => drop(ends.insert(*index, status.clone())),
            StepEvent::Refuse { .. } | StepEvent::Misconfigure { .. } | StepEvent::Unknown { .. } => {
                ends.insert(*index, StepStatus::Errored);
            }
            _ => {}
        }
    }
    // Where it may not start any more it ends before any step (rules 7, trap 12).
    if ends.is_empty() && *end == End::Errored {
        return Ok(0);
    }
    let counted = ends.iter().filter(|(index, _)| !steps.get(**index).is_some_and(may_fail));
    let counted: Vec<_> = counted.map(|(_, status)| status).collect();
    let expected = match () {
        () if counted.contains(&&StepStatus::Errored) => End::Errored,
        () if counted.contains(&&StepStatus::Failed) => End::Failed,
        () => End::Succeeded,
    };
    if *end == expected {
        Ok(1)
    } else {
        Err(format!("{promotion} ends {end:?}, and its steps {ends:?} come to {expected:?}"))
    }
}

/// 43: a step without a condition does not start after one that failed and counts.
pub(super) fn none_after_a_failure(log: &[Recorded], world: &World) -> Looked {
    let mut looked = 0;
    for (name, story) in stories(log) {
        let steps = steps_of(world, name);
        let mut failed = None;
        for (recorded, happened) in story {
            let RunEvent::Step { index, event } = happened else { continue };
            let Some(step) = steps.get(*index) else { continue };
            if matches!(event, StepEvent::Start { .. } | StepEvent::Prepare { .. }) && step.if_.is_none() {
                looked += 1;
                if let Some(failed) = failed {
                    return Err(format!(
                        "{}: step {index} of {name} starts after step {failed} failed",
                        recorded.position
                    ));
                }
            }
            if is_bad(event) && !may_fail(step) {
                failed = Some(*index);
            }
        }
    }
    Ok(looked)
}

/// 44: no step has more errors than it may have.
pub(super) fn errors_are_bounded(log: &[Recorded], world: &World) -> Looked {
    let mut looked = 0;
    for (name, story) in stories(log) {
        let steps = steps_of(world, name);
        let mut errors: BTreeMap<usize, u32> = BTreeMap::new();
        let mut again: BTreeSet<usize> = BTreeSet::new();
        for (recorded, happened) in story {
            let RunEvent::Step { index, event } = happened else { continue };
            let Some(step) = steps.get(*index) else { continue };
            let count = errors.entry(*index).or_default();
            match event {
                // What writes a lost work tree once more has ended before, and is tried until it comes off (rules 14).
                StepEvent::Redo { .. } => drop(again.insert(*index)),
                StepEvent::Redone => drop(again.remove(index)),
                StepEvent::Retry { .. } if again.contains(index) => continue,
                StepEvent::Retry { .. } => *count += 1,
                StepEvent::Finish { counts: true, .. } => *count += 1,
                // A good attempt ends the row (rules 3).
                StepEvent::Wait { .. } | StepEvent::Finish { .. } => *count = 0,
                _ => continue,
            }
            looked += 1;
            let own = step.retry.as_ref().map(|retry| retry.error_threshold).filter(|threshold| *threshold > 0);
            let of_kind =
                step.uses.as_deref().and_then(|uses| world.step_specs().get(uses)).map(StepSpec::error_threshold);
            let most = own.or(of_kind).unwrap_or(1).max(1);
            // The error that reaches the threshold ends the step, so a step that goes on has fewer.
            let goes_on = matches!(event, StepEvent::Retry { .. });
            if *count > most || (goes_on && *count >= most) {
                return Err(format!(
                    "{}: step {index} of {name} has {count} errors, and may have {most}",
                    recorded.position
                ));
            }
        }
    }
    Ok(looked)
}

/// 45: a step that waits is over when its time is, and nothing is asked of it later. That looks keep their distance is checked where they
/// are handed out.
pub(super) fn deadlines_hold(log: &[Recorded], world: &World) -> Looked {
    let mut looked = 0;
    for (name, story) in stories(log) {
        let steps = steps_of(world, name);
        let mut started: BTreeMap<usize, Timestamp> = BTreeMap::new();
        for (recorded, happened) in story {
            let RunEvent::Step { index, event } = happened else { continue };
            let timeout = steps.get(*index).and_then(|step| step.retry.as_ref()).and_then(|retry| retry.timeout);
            let deadline = timeout.and_then(|timeout| started.get(index)?.checked_add_signed(timeout.to_delta()));
            match event {
                StepEvent::Start { at, .. } => drop(started.insert(*index, *at)),
                StepEvent::Wait { .. } | StepEvent::Wake { .. }
                    if deadline.is_some_and(|deadline| recorded.at > deadline) =>
                {
                    return Err(format!(
                        "{}: step {index} of {name} goes on at {}, after {deadline:?}",
                        recorded.position, recorded.at
                    ));
                }
                StepEvent::Wait { .. } => looked += 1,
                _ => {}
            }
        }
    }
    Ok(looked)
}
