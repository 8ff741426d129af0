//! What a runner returns when something went wrong.

use super::{StepOutcome, StepReport};
use crate::{expr::Value, model::Duration};

/// A step failed (a business outcome) or could not be carried out (a technical one); for ever, or worth another try.
///
/// ```
/// use kargo_core::report::StepError;
/// assert_eq!(StepError::failed("ticket CHG-1042 declined").to_string(), "ticket CHG-1042 declined");
/// assert!(StepError::retryable("connection reset").is_retryable());
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    outcome: StepOutcome,
    message: String,
    output: Value,
}

impl StepError {
    /// A business refusal; trying again is pointless.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(StepOutcome::Failed { terminal: true }, message.into())
    }

    /// A bad result that may get better: it counts to the step's error threshold and then stays Failed (rules 3).
    pub fn failing(message: impl Into<String>) -> Self {
        Self::new(StepOutcome::Failed { terminal: false }, message.into())
    }

    /// Something technical that may go away.
    #[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which gives the error away")]
    pub fn retryable(cause: impl ToString) -> Self {
        Self::new(StepOutcome::Errored { terminal: false, retry_after: None }, cause.to_string())
    }

    /// Something technical that will not go away.
    #[expect(clippy::needless_pass_by_value, reason = "it stands in map_err, which gives the error away")]
    pub fn terminal(cause: impl ToString) -> Self {
        Self::new(StepOutcome::Errored { terminal: true, retry_after: None }, cause.to_string())
    }

    /// Not before this much time has passed; for what is retryable.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Self {
        if let StepOutcome::Errored { retry_after, .. } = &mut self.outcome {
            *retry_after = Some(pause);
        }
        self
    }

    /// With an output, which is stored all the same: an object, or null.
    #[must_use]
    pub fn output(mut self, output: &serde_json::Value) -> Self {
        self.output = match Value::from_json(output) {
            Ok(value @ Value::Map(_)) => value,
            _ => Value::Null,
        };
        self
    }

    /// Whether another try may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.outcome, StepOutcome::Failed { terminal: false } | StepOutcome::Errored { terminal: false, .. })
    }

    pub(super) fn into_report(self) -> StepReport {
        StepReport { outcome: self.outcome, message: Some(self.message), output: self.output, ..StepReport::default() }
    }

    fn new(outcome: StepOutcome, message: String) -> Self {
        Self { outcome, message, output: Value::Null }
    }
}
