//! What a runner returns when nothing went wrong.

use super::{Fact, Pin, Seen, StepOutcome, StepReport, Wait, WakeKey};
use crate::{
    expr::Value,
    model::{Duration, HealthCheckStep, Timestamp},
};

/// A step is done, had nothing to do, or waits.
///
/// ```
/// use std::time::Duration;
/// use kargo_core::report::{StepProgress, WakeKey};
/// use serde_json::json;
///
/// let done = StepProgress::done(json!({"ticket": "CHG-1042"})).message("approved");
/// let approved = WakeKey::custom("ticket", "CHG-1042");
/// let waiting = StepProgress::waiting_on(approved).poll_every(Duration::from_hours(6));
/// # let _ = (done, waiting);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct StepProgress {
    report: StepReport,
}

impl StepProgress {
    /// It did what it should; `output` is a JSON object, or null for none. What is nested too deep for a value, or is
    /// neither object nor null, makes the step Errored, as does whatever JSON cannot hold.
    pub fn done(output: serde_json::Value) -> Self {
        Self { report: StepReport::default() }.output(output)
    }

    /// There was nothing to do.
    pub fn skipped() -> Self {
        Self { report: StepReport { outcome: StepOutcome::Skipped, ..StepReport::default() } }
    }

    /// It waits for one thing.
    pub fn waiting_on(key: WakeKey) -> Self {
        Self::waiting(Wait::on(key))
    }

    /// It waits.
    pub fn waiting(wait: Wait) -> Self {
        Self { report: StepReport { outcome: StepOutcome::Waiting(wait), ..StepReport::default() } }
    }

    /// It waits for one more thing, of which it has seen this version.
    pub fn and_on(self, key: WakeKey, seen: Option<Seen>) -> Self {
        self.change_wait(|wait| wait.and_on(key, seen))
    }

    /// Looks at least this often while it waits and nothing tells.
    pub fn poll_every(self, interval: std::time::Duration) -> Self {
        self.change_wait(|wait| Wait { poll: Some(Duration::from(interval)), ..wait })
    }

    /// Looks again at this instant, told or not.
    pub fn until(self, instant: Timestamp) -> Self {
        self.change_wait(|wait| Wait { until: Some(instant), ..wait })
    }

    /// With a sentence for people.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.report.message = Some(message.into());
        self
    }

    /// With an output, as for [`done`](Self::done).
    #[expect(clippy::needless_pass_by_value, reason = "what `json!` makes is given as it is, as to `done`")]
    pub fn output(mut self, output: serde_json::Value) -> Self {
        let problem = match Value::from_json(&output) {
            Ok(value @ (Value::Null | Value::Map(_))) => {
                self.report.output = value;
                return self;
            }
            Ok(value) => format!("its output is no object but {}", value.type_name()),
            Err(problem) => format!("its output cannot be kept: {problem}"),
        };
        self.report.outcome = StepOutcome::Errored { terminal: true, retry_after: None };
        self.report.message = Some(problem);
        self
    }

    /// With an output that may hold seals: what the runner made from a configuration with seals in it (rules 2).
    pub fn value(mut self, output: Value) -> Self {
        self.report.output = output;
        self
    }

    /// With a check that tells the Stage's health after the promotion.
    pub fn health(mut self, check: HealthCheckStep) -> Self {
        self.report.health = Some(check);
        self
    }

    /// With something to record.
    pub fn fact(mut self, fact: Fact) -> Self {
        self.report.facts.push(fact);
        self
    }

    /// With something it resolved.
    pub fn pin(mut self, of: impl Into<String>, is: impl Into<String>) -> Self {
        self.report.pins.push(Pin { of: of.into(), is: is.into() });
        self
    }

    pub(super) fn into_report(self) -> StepReport {
        self.report
    }

    fn change_wait(mut self, change: impl FnOnce(Wait) -> Wait) -> Self {
        self.report.outcome = match self.report.outcome {
            StepOutcome::Waiting(wait) => StepOutcome::Waiting(change(wait)),
            other => other,
        };
        self
    }
}
