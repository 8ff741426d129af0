//! A run as the status of a Kargo Promotion, and back (promotion-engine 1.8).
//!
//! Kargo's records hold phase, step records, outputs and health checks. What they cannot hold (what a step waits for, when
//! it is tried again, what it resolved) stands in annotation `kargo-core.rs/steps`.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    machine::Phase,
    outputs::Outputs,
    plan::Plan,
    resolve::{Reference, Resolved},
    run::{Run, Shown, StepRecord, Story},
    scene::Scene,
    step::{StepState, Waiting},
    tree::is_redone,
};
use crate::{
    expr::Value,
    model::{Loops, Promotion, PromotionStatus, StepExecutionMetadata, StepStatus, Timestamp, label, skip::is_default},
    report::{Checkouts, Pin, StepSpecs, Tree, Wait},
};

/// What Kargo's record of a step cannot hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Extra {
    #[serde(skip_serializing_if = "is_default")]
    attempts: u32,
    #[serde(skip_serializing_if = "is_default")]
    begun: u32,
    /// The number of the last attempt, if it was handed out.
    #[serde(skip_serializing_if = "is_default")]
    handed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<Wait>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Timestamp>,
    /// An attempt is under way; without it, one that neither waits nor is tried again has to be looked at.
    #[serde(skip_serializing_if = "is_default")]
    running: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pins: Vec<Pin>,
    #[serde(skip_serializing_if = "is_default")]
    redo: bool,
    /// Config maps, as `function/name` with their entries.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resolved: BTreeMap<String, BTreeMap<String, String>>,
}

/// The promotion with its status as the run says.
pub(super) fn write(run: &Run, scene: &Scene<'_>, promotion: &Promotion) -> Promotion {
    let mut written = promotion.clone();
    write_to(run, scene.names().first().map_or("", String::as_str), &mut written);
    written
}

/// Writes what the run says into the promotion's status; `first` is the freight that counts as the promoted one.
pub(crate) fn write_to(run: &Run, first: &str, written: &mut Promotion) {
    let status = &mut written.status;
    status.phase = Some(run.phase().into());
    status.message = run.message().map(str::to_owned);
    status.started_at = run.started_at();
    status.finished_at = run.finished_at();
    if run.phase() != Phase::Pending && run.started_at().is_some() {
        write_progress(run, first, status);
    }
    write_extras(run, written);
}

fn write_progress(run: &Run, first: &str, status: &mut PromotionStatus) {
    let last = run.steps().len();
    // The least step that is not over; at the end, the last one (promotion-engine 1.4).
    let current = if run.first_open < last { run.first_open } else { last.wrapping_sub(1) };
    status.current_step = i64::try_from(current).unwrap_or(-1);
    status.health_checks = run.health_checks().to_vec();
    if let Some(collection) = &run.collection {
        status.freight = collection.freight.values().find(|reference| reference.name == *first).cloned();
        status.freight_collection = Some((**collection).clone());
    }
    let visited = run.plan().steps().iter().zip(run.steps()).filter(|(_, record)| record.is_visited());
    let record = |(step, record): (&super::PlannedStep, &StepRecord)| StepExecutionMetadata {
        alias: Some(step.alias().to_string()),
        started_at: record.started_at(),
        finished_at: record.finished_at(),
        error_count: record.errors(),
        status: record.status(),
        message: record.message().map(str::to_owned),
        continue_on_error: step.continue_on_error(),
    };
    status.step_execution_metadata = visited.map(record).collect();
    let outputs = run.outputs().iter().map(|(alias, output)| (alias.to_string(), output.clone())).collect();
    status.state = Value::map(outputs).and_then(|outputs| outputs.to_sealed_json()).ok();
}

fn write_extras(run: &Run, written: &mut Promotion) {
    let extras: BTreeMap<_, _> = run
        .plan()
        .steps()
        .iter()
        .zip(run.steps())
        .enumerate()
        .filter(|(_, (_, record))| record.is_visited())
        .map(|(index, (step, record))| (step.alias().to_string(), extra(run, index, record)))
        .filter(|(_, extra)| *extra != Extra::default())
        .collect();
    let annotations = &mut written.metadata.annotations;
    let text = serde_json::to_string(&extras).ok().filter(|_| !extras.is_empty() && !run.phase().is_over());
    match text {
        Some(text) => annotations.insert(label::EXT_STEPS.to_owned(), text),
        None => annotations.remove(label::EXT_STEPS),
    };
}

fn extra(run: &Run, index: usize, record: &StepRecord) -> Extra {
    let (mut waiting, mut since, mut retry) = (None, None, None);
    match record.state() {
        StepState::Waiting(state) => (waiting, since) = (Some(state.wait.clone()), Some(state.since)),
        StepState::Retrying(at) | StepState::RedoingLater(at) => retry = Some(*at),
        _ => {}
    }
    Extra {
        attempts: record.attempts(),
        begun: record.begun(),
        handed: if record.is_handed_out() { record.attempts() } else { 0 },
        waiting,
        since,
        retry,
        running: record.state().is_under_way(),
        pins: record.pins().to_vec(),
        redo: run.redo().contains(&index),
        resolved: resolved(run, index, record),
    }
}

/// The config maps that further attempts of a step read, unless they are too big for an annotation: those are fetched anew.
fn resolved(run: &Run, index: usize, record: &StepRecord) -> BTreeMap<String, BTreeMap<String, String>> {
    const MOST: usize = 64 << 10;
    let writes =
        run.plan().steps().get(index).and_then(|step| step.spec()).is_some_and(|spec| spec.tree() == Tree::Writes);
    let again = !record.state().is_over() || writes;
    let entries = record.resolved().into_iter().flat_map(Resolved::entries).filter(|_| again);
    let all: BTreeMap<_, _> =
        entries.map(|(of, entries)| (format!("{}/{}", of.function, of.name), entries.clone())).collect();
    let bytes: usize = all.values().flatten().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > MOST { BTreeMap::new() } else { all }
}

fn read_resolved(written: BTreeMap<String, BTreeMap<String, String>>) -> Resolved {
    let mut resolved = Resolved::default();
    for (of, entries) in written {
        if let Some((function, name)) = of.split_once('/') {
            resolved.insert(Reference { function: function.to_owned(), name: name.to_owned() }, entries);
        }
    }
    resolved.without_secrets()
}

/// The run that a promotion's status tells of.
pub(super) fn read(promotion: &Promotion, specs: &StepSpecs) -> Run {
    let annotation = |key: &str| promotion.metadata.annotations.get(key);
    let loops: Loops = annotation(label::EXT_LOOPS).and_then(|text| text.parse().ok()).unwrap_or_default();
    let plan = Plan::new(&promotion.spec.vars, &promotion.spec.steps, loops, specs);
    let mut run = Run::new(Arc::new(plan));
    run.checkouts = Arc::new(Checkouts::of_promotion(&promotion.metadata.name));
    let status = &promotion.status;
    run.phase = status.phase.as_ref().map_or(Phase::Pending, Phase::from);
    run.message = status.message.as_deref().map(Box::from);
    run.started_at = status.started_at;
    run.finished_at = status.finished_at;
    run.add_health_checks(&status.health_checks);
    run.collection = status.freight_collection.clone().map(Arc::new);
    let own: Option<BTreeMap<String, Extra>> =
        annotation(label::EXT_STEPS).and_then(|text| serde_json::from_str(text).ok());
    run.outputs = read_outputs(status, own.is_some());
    let extras = own.unwrap_or_default();
    let records: BTreeMap<_, _> = status
        .step_execution_metadata
        .iter()
        .map(|record| (record.alias.as_deref().unwrap_or_default(), record))
        .collect();
    let current = usize::try_from(status.current_step).unwrap_or(0);
    let plan = Arc::clone(&run.plan);
    let mut redo = Vec::new();
    for (index, (step, record)) in plan.steps().iter().zip(&mut run.steps).enumerate() {
        let Some(known) = records.get(&**step.alias()) else { continue };
        let extra = extras.get(&**step.alias()).cloned().unwrap_or_default();
        if extra.redo {
            redo.push(index);
        }
        run.begun = run.begun.max(extra.begun);
        *record = read_record(known, extra, index >= current && run.phase == Phase::Running);
    }
    run.set_redo(redo);
    // What is done stays done while it runs again for the work tree.
    let open = |record: &StepRecord| !record.state.is_over() && !is_redone(&record.state);
    run.first_open = run.steps.iter().position(open).unwrap_or(run.steps.len());
    run
}

/// Outputs by alias. Only what this crate wrote can hold seals; what others wrote is plain data.
fn read_outputs(status: &PromotionStatus, own: bool) -> Outputs {
    let Some(state) = &status.state else { return Outputs::default() };
    let read = if own { Value::from_sealed_json(state) } else { Value::from_json(state) };
    let Ok(Value::Map(read)) = read else { return Outputs::default() };
    read.entries().iter().map(|(alias, output)| (alias.as_str().into(), output.clone())).collect()
}

/// The record of a step; `open` if it may not be over yet.
fn read_record(known: &StepExecutionMetadata, extra: Extra, open: bool) -> StepRecord {
    let ended = known.finished_at.is_some() || !open;
    let state = match &known.status {
        Some(StepStatus::Succeeded) if extra.redo && extra.retry.is_some() => {
            StepState::RedoingLater(extra.retry.unwrap_or_default())
        }
        Some(StepStatus::Succeeded) if extra.redo && extra.running => StepState::Redoing,
        Some(StepStatus::Succeeded) => StepState::Succeeded,
        Some(StepStatus::Skipped) => StepState::Skipped,
        Some(StepStatus::Aborted) => StepState::Aborted,
        Some(StepStatus::Failed) if ended => StepState::Failed,
        // Without an error that counted, or without another attempt to come, it is over: its condition, kind or
        // configuration was wrong (promotion-engine 1.4).
        Some(StepStatus::Errored)
            if ended || ((known.error_count == 0 || extra.attempts > 0) && !extra.running && extra.retry.is_none()) =>
        {
            StepState::Errored
        }
        None if known.started_at.is_none() => StepState::Preparing,
        _ => match extra {
            Extra { waiting: Some(wait), since, .. } => {
                StepState::Waiting(Box::new(Waiting { wait, since: since.unwrap_or_default() }))
            }
            Extra { retry: Some(at), .. } => StepState::Retrying(at),
            _ => StepState::Running,
        },
    };
    let story = Story {
        started_at: known.started_at,
        finished_at: known.finished_at,
        errors: known.error_count,
        attempts: extra.attempts,
        begun: extra.begun,
        is_handed_out: extra.attempts > 0 && extra.handed == extra.attempts,
        shown: known.status.as_ref().map(Shown::from),
        message: known.message.as_deref().map(Box::from),
        ..Story::default()
    };
    StepRecord::reached(state, story, extra.pins, read_resolved(extra.resolved))
}
