//! What a step's report means: done, once more, or over (promotion-engine 1.5; rules 3).

use super::{
    backoff::backoff,
    decide::{deadline, effect_of, timed_out},
    prepare::configure,
    run::{Run, StepRecord},
    scene::Scene,
    step::{Returned, StepEvent, StepState},
};
use crate::{
    model::{Duration, StepStatus, Timestamp},
    report::{StepOutcome, StepReport},
};

/// The event that a report of a step that runs or waits leads to; `None` if it says what is known already.
pub(super) fn returned(
    run: &Run,
    scene: &Scene<'_>,
    step: usize,
    report: &StepReport,
    now: Timestamp,
) -> Option<StepEvent> {
    let planned = run.plan.steps().get(step)?;
    let record = run.steps.get(step)?;
    let alias = &**planned.alias();
    let said = report.message.as_deref();
    let left = || {
        Some(Returned {
            output: report.output.clone(),
            health: None,
            facts: report.facts.clone(),
            pins: report.pins.clone(),
        })
    };
    let overdue = deadline(run, step).is_some_and(|deadline| deadline <= now);
    let (status, message, terminal, asked) = match &report.outcome {
        StepOutcome::Done => {
            let left = left().map(|left| Returned { health: report.health.clone(), ..left });
            return Some(finish(StepStatus::Succeeded, now, report.message.clone(), left));
        }
        StepOutcome::Skipped => return Some(finish(StepStatus::Skipped, now, report.message.clone(), left())),
        StepOutcome::Waiting(_) if overdue => {
            return Some(finish(StepStatus::Errored, now, Some(timed_out(run, step)), left()));
        }
        StepOutcome::Waiting(wait) => {
            let known = match &record.state {
                StepState::Waiting(waiting) => waiting.wait == *wait && record.message() == said,
                _ => false,
            };
            let output = run.outputs.get(planned.alias());
            if known && output == Some(&report.output) {
                return None;
            }
            let running = record.config().cloned();
            let config = running.or_else(|| configure(run, scene, step, now).ok()).unwrap_or_default();
            if wait.on.is_empty()
                && wait.until.is_none()
                && planned.timeout().is_none()
                && planned.is_unknowable(&config)
            {
                // Nobody may look for it, so nothing would ever end this (control 13, invariant 56).
                let message = format!("step {alias:?} waits, but says neither for what nor until when");
                return Some(finish(StepStatus::Errored, now, Some(message), left()));
            }
            let (wait, message, output) = (wait.clone(), report.message.clone(), report.output.clone());
            return Some(StepEvent::Wait { at: now, wait, message, output });
        }
        StepOutcome::Failed { terminal } => {
            let message = format!("step {alias:?}: {}", said.unwrap_or("failed"));
            (StepStatus::Failed, message, *terminal, None)
        }
        StepOutcome::Errored { terminal, retry_after } => {
            let message = match said {
                Some(said) => format!("error running step {alias:?}: {said}"),
                None => format!("step {alias:?} errored: no details provided"),
            };
            (StepStatus::Errored, message, *terminal, *retry_after)
        }
    };
    if terminal {
        let message = match status {
            StepStatus::Failed => message,
            _ => format!("an unrecoverable error occurred: {message}"),
        };
        return Some(finish(status, now, Some(message), left()));
    }
    Some(error(run, scene, step, status, &message, asked, report, now, overdue))
}

/// An error that counts: the last one, or another attempt.
#[expect(clippy::too_many_arguments, reason = "one report, taken apart")]
fn error(
    run: &Run,
    scene: &Scene<'_>,
    step: usize,
    status: StepStatus,
    message: &str,
    asked: Option<Duration>,
    report: &StepReport,
    now: Timestamp,
    overdue: bool,
) -> StepEvent {
    let (planned, record) = (run.plan.steps().get(step), run.steps.get(step));
    let threshold = planned.map_or(1, super::plan::PlannedStep::error_threshold);
    let errors = record.map_or(0, StepRecord::errors).saturating_add(1);
    let alias = planned.map_or("", |step| &**step.alias());
    let left = Some(Box::new(Returned { output: report.output.clone(), ..Returned::default() }));
    if errors >= threshold {
        let message = Some(format!("step {alias:?} met error threshold of {threshold}: {message}"));
        return StepEvent::Finish { at: now, status, counts: true, message, returned: left };
    }
    if overdue {
        let (status, message) = (StepStatus::Errored, Some(timed_out(run, step)));
        return StepEvent::Finish { at: now, status, counts: true, message, returned: left };
    }
    let until = now + backoff(&effect_of(scene, run, step), errors, asked).to_delta();
    let message = format!("{message}; step will be retried");
    StepEvent::Retry { until, status, message, output: report.output.clone() }
}

/// The end of a step.
pub(super) fn finish(
    status: StepStatus,
    at: Timestamp,
    message: Option<String>,
    returned: Option<Returned>,
) -> StepEvent {
    StepEvent::Finish { at, status, counts: false, message, returned: returned.map(Box::new) }
}
