//! How a promotion ends when all its steps are over (promotion-engine 1.7).

use super::{machine::End, run::Run};
use crate::model::StepStatus;

/// The worst of what its steps came to, without those that may fail, and the message of the first of these.
pub(super) fn outcome(run: &Run) -> (End, Option<String>) {
    let mut worst = (0, None);
    for (step, record) in run.plan.steps().iter().zip(&run.steps) {
        if step.continue_on_error() {
            continue;
        }
        let severity = record.status().map_or(0, |status| severity(&status));
        if severity > worst.0 {
            worst = (severity, record.message().map(str::to_owned));
        }
    }
    let end = match worst.0 {
        0 | 1 => End::Succeeded,
        3 => End::Aborted,
        4 => End::Failed,
        _ => End::Errored,
    };
    (end, worst.1)
}

/// How bad a status is (promotion-engine 1.2).
fn severity(status: &StepStatus) -> u8 {
    match status {
        StepStatus::Succeeded => 0,
        StepStatus::Skipped => 1,
        StepStatus::Running => 2,
        StepStatus::Aborted => 3,
        StepStatus::Failed => 4,
        _ => 5,
    }
}
