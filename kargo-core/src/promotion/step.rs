//! The machine of one step: its states, its events, and the one function that leads from state to state.

use serde::{Deserialize, Serialize};

use super::{prepare::Asked, resolve::Resolved};
use crate::{
    expr::Value,
    model::{HealthCheckStep, StepStatus, Timestamp},
    report::{Fact, Pin, StepSpec, Wait},
};

/// Where one step of a promotion is (control 12.2; rules 2, 3, 4, 14).
///
/// | state | event | next state | why |
/// | --- | --- | --- | --- |
/// | Fresh | Skip | Skipped | its condition does not hold; no times (promotion-engine 1.4) |
/// | Fresh | Refuse | Errored | its condition cannot be evaluated, or nobody knows its kind; no times |
/// | Fresh | Prepare | Preparing | it reads what only the outside knows (rules 2) |
/// | Fresh | Start | Running | |
/// | Fresh | Misconfigure | Errored | started, but its configuration cannot be evaluated; no end |
/// | Preparing | Prepare | Preparing | it was stored meanwhile, and is asked once more |
/// | Preparing | Skip | Skipped | |
/// | Preparing | Refuse | Errored | |
/// | Preparing | Start | Running | |
/// | Preparing | Misconfigure | Errored | |
/// | Preparing | Abort | Aborted | |
/// | Running | Wait | Waiting | |
/// | Running | Retry | Retrying | an error that may go away |
/// | Running | Finish | Finished | |
/// | Running | Misconfigure | Errored | it was found under way, and its configuration is no more |
/// | Running | Unknown | Errored | a crash leaves open whether it acted (rules 1) |
/// | Running | Wake | Running | the same after a crash, where it says that it may be repeated |
/// | Running | Abort | Stopping | what is under way outside stays so until it says how it ended (rules 4) |
/// | Waiting | Wake | Running | a signal, or time |
/// | Waiting | Wait | Waiting | a look that found something else to wait for |
/// | Waiting | Retry | Retrying | a look that failed |
/// | Waiting | Finish | Finished | a look that found it done, or the timeout |
/// | Waiting | Misconfigure | Errored | |
/// | Waiting | Abort | Aborted | |
/// | Retrying | Wake | Running | the back-off is over |
/// | Retrying | Finish | Finished | the timeout |
/// | Retrying | Misconfigure | Errored | |
/// | Retrying | Abort | Aborted | |
/// | Succeeded | Redo | Redoing | the work tree is lost, and this step wrote in it (rules 14) |
/// | Redoing | Retry | RedoingLater | |
/// | Redoing | Redone | Succeeded | |
/// | Redoing | Finish | Finished | it cannot be had again |
/// | Redoing | Abort | Stopping | |
/// | RedoingLater | Wake | Redoing | |
/// | RedoingLater | Redone | Succeeded | it is lost once more, and a newer checkpoint holds what it wrote |
/// | RedoingLater | Finish | Finished | |
/// | RedoingLater | Abort | Aborted | |
/// | Stopping | Stopped | Aborted | what was under way has ended |
///
/// `Finished` stands for what the event says: Succeeded, Skipped, Failed or Errored. Any other event changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    /// Not reached yet.
    #[default]
    Fresh,
    /// References that only the outside knows are being resolved.
    Preparing,
    /// An attempt is under way.
    Running,
    /// It waits; nothing is under way.
    Waiting(Box<Waiting>),
    /// It is tried again at this instant.
    Retrying(Timestamp),
    /// It is done.
    Succeeded,
    /// It had nothing to do, or its condition did not hold.
    Skipped,
    /// It came out badly.
    Failed,
    /// It could not be carried out.
    Errored,
    /// It is done, and runs again to write the work tree anew.
    Redoing,
    /// The same, after an error, again at this instant.
    RedoingLater(Timestamp),
    /// The promotion was aborted; an attempt is still under way.
    Stopping,
    /// The promotion was aborted.
    Aborted,
}

/// What a step waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Keys, instant, interval.
    pub wait: Wait,
    /// Since when, without anything having changed.
    pub since: Timestamp,
}

impl Waiting {
    /// The instant at which to look without any signal: what the step asked for, but never so soon after it asked that it
    /// would ask without end (control 13, invariant 45).
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        let soonest = self.since + StepSpec::LEAST_POLL.to_delta();
        self.wait.until.map(|until| until.max(soonest))
    }
}

/// Something that happens to a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum StepEvent {
    /// It does not run.
    Skip {
        /// Why, where the outside decided it.
        message: Option<String>,
    },
    /// It cannot even be considered.
    Refuse {
        /// Why.
        message: String,
    },
    /// What it reads has to be resolved first.
    Prepare {
        /// What has to be resolved, as the world was when the step was reached.
        asked: Box<Asked>,
    },
    /// Its first attempt begins.
    Start {
        /// When.
        at: Timestamp,
        /// Its configuration, evaluated as far as possible.
        config: Value,
        /// The config maps that were read for it; never secrets (rules 2).
        resolved: Resolved,
    },
    /// Its configuration cannot be evaluated.
    Misconfigure {
        /// When.
        at: Timestamp,
        /// Why.
        message: String,
    },
    /// It has to wait.
    Wait {
        /// When it said so.
        at: Timestamp,
        /// For what.
        wait: Wait,
        /// A sentence for people.
        message: Option<String>,
        /// What it has put out so far.
        output: Value,
    },
    /// An attempt failed, and there will be another.
    Retry {
        /// When the next one begins.
        until: Timestamp,
        /// Failed or Errored.
        status: StepStatus,
        /// Why.
        message: String,
        /// What it put out all the same.
        output: Value,
    },
    /// It ends.
    Finish {
        /// When.
        at: Timestamp,
        /// Succeeded, Skipped, Failed or Errored.
        status: StepStatus,
        /// Whether this is an error that counts.
        counts: bool,
        /// A sentence for people.
        message: Option<String>,
        /// What it returned; `None` where time ended it.
        returned: Option<Box<Returned>>,
    },
    /// It was found under way after a crash, and nobody knows whether it acted.
    Unknown {
        /// When that was decided.
        at: Timestamp,
    },
    /// Another attempt begins.
    Wake {
        /// Its configuration, evaluated as far as possible.
        config: Value,
    },
    /// The promotion was aborted.
    Abort {
        /// When.
        at: Timestamp,
    },
    /// What was under way when the promotion was aborted has ended.
    Stopped,
    /// It runs again to write the work tree anew.
    Redo {
        /// The configuration it had.
        config: Value,
    },
    /// It has written the work tree anew, with the same result.
    Redone,
}

/// What a step that ends leaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Returned {
    /// Its output.
    pub output: Value,
    /// A check to run after the promotion succeeded.
    pub health: Option<HealthCheckStep>,
    /// What it wants recorded.
    pub facts: Vec<Fact>,
    /// What it resolved.
    pub pins: Vec<Pin>,
}

impl StepState {
    /// The state after an event: total, and the only way from state to state.
    #[must_use]
    pub fn next(self, event: &StepEvent) -> Self {
        use StepEvent as E;
        match (self, event) {
            (Self::Fresh | Self::Preparing, E::Skip { .. }) => Self::Skipped,
            (Self::Fresh | Self::Preparing, E::Refuse { .. }) => Self::Errored,
            (Self::Fresh, E::Prepare { .. }) => Self::Preparing,
            (Self::Fresh | Self::Preparing, E::Start { .. }) => Self::Running,
            (
                Self::Fresh | Self::Preparing | Self::Running | Self::Waiting(_) | Self::Retrying(_),
                E::Misconfigure { .. },
            ) => Self::Errored,
            (Self::Running | Self::Waiting(_), E::Wait { at, wait, .. }) => {
                Self::Waiting(Box::new(Waiting { wait: wait.clone(), since: *at }))
            }
            (Self::Running | Self::Waiting(_), E::Retry { until, .. }) => Self::Retrying(*until),
            (Self::Redoing, E::Retry { until, .. }) => Self::RedoingLater(*until),
            (
                Self::Running | Self::Waiting(_) | Self::Retrying(_) | Self::Redoing | Self::RedoingLater(_),
                E::Finish { status, .. },
            ) => match status {
                StepStatus::Succeeded => Self::Succeeded,
                StepStatus::Skipped => Self::Skipped,
                StepStatus::Failed => Self::Failed,
                _ => Self::Errored,
            },
            (Self::Running, E::Unknown { .. }) => Self::Errored,
            (Self::Running | Self::Waiting(_) | Self::Retrying(_), E::Wake { .. }) => Self::Running,
            (Self::RedoingLater(_), E::Wake { .. }) | (Self::Succeeded, E::Redo { .. }) => Self::Redoing,
            (Self::Redoing | Self::RedoingLater(_), E::Redone) => Self::Succeeded,
            (Self::Running | Self::Redoing, E::Abort { .. }) => Self::Stopping,
            (Self::Preparing | Self::Waiting(_) | Self::Retrying(_) | Self::RedoingLater(_), E::Abort { .. })
            | (Self::Stopping, E::Stopped) => Self::Aborted,
            (state, _) => state,
        }
    }

    /// Whether nothing will happen to it any more, but for a lost work tree.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped | Self::Failed | Self::Errored | Self::Stopping | Self::Aborted)
    }

    /// Whether an attempt is under way outside.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Running | Self::Redoing | Self::Stopping)
    }

    /// The state's name, as in the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fresh => "Fresh",
            Self::Preparing => "Preparing",
            Self::Running => "Running",
            Self::Waiting(_) => "Waiting",
            Self::Retrying(_) => "Retrying",
            Self::Succeeded => "Succeeded",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
            Self::Errored => "Errored",
            Self::Redoing => "Redoing",
            Self::RedoingLater(_) => "RedoingLater",
            Self::Stopping => "Stopping",
            Self::Aborted => "Aborted",
        }
    }
}

impl StepEvent {
    /// The event's name, as in the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Skip { .. } => "Skip",
            Self::Refuse { .. } => "Refuse",
            Self::Prepare { .. } => "Prepare",
            Self::Start { .. } => "Start",
            Self::Misconfigure { .. } => "Misconfigure",
            Self::Wait { .. } => "Wait",
            Self::Retry { .. } => "Retry",
            Self::Finish { .. } => "Finish",
            Self::Unknown { .. } => "Unknown",
            Self::Wake { .. } => "Wake",
            Self::Abort { .. } => "Abort",
            Self::Stopped => "Stopped",
            Self::Redo { .. } => "Redo",
            Self::Redone => "Redone",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn states() -> Vec<StepState> {
        let now = Timestamp::default();
        vec![
            StepState::Fresh,
            StepState::Preparing,
            StepState::Running,
            StepState::Waiting(Box::new(Waiting { wait: Wait::default(), since: now })),
            StepState::Retrying(now),
            StepState::Succeeded,
            StepState::Skipped,
            StepState::Failed,
            StepState::Errored,
            StepState::Redoing,
            StepState::RedoingLater(now),
            StepState::Stopping,
            StepState::Aborted,
        ]
    }

    fn finish(status: StepStatus) -> StepEvent {
        StepEvent::Finish { at: Timestamp::default(), status, counts: false, message: None, returned: None }
    }

    fn events() -> Vec<StepEvent> {
        let (at, message, output) = (Timestamp::default(), String::new(), Value::Null);
        vec![
            StepEvent::Skip { message: None },
            StepEvent::Refuse { message: message.clone() },
            StepEvent::Prepare { asked: Box::default() },
            StepEvent::Start { at, config: Value::Null, resolved: Resolved::default() },
            StepEvent::Misconfigure { at, message: message.clone() },
            StepEvent::Wait { at, wait: Wait::default(), message: None, output: output.clone() },
            StepEvent::Retry { until: at, status: StepStatus::Errored, message, output },
            finish(StepStatus::Failed),
            StepEvent::Unknown { at },
            StepEvent::Wake { config: Value::Null },
            StepEvent::Abort { at },
            StepEvent::Stopped,
            StepEvent::Redo { config: Value::Null },
            StepEvent::Redone,
        ]
    }

    /// The table of the doc comment.
    fn table() -> BTreeMap<(String, String), String> {
        let rows = include_str!("step.rs").lines().filter_map(|line| line.strip_prefix("/// | ")).skip(2);
        rows.map(|row| {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
            ((cells[0].clone(), cells[1].clone()), cells[2].clone())
        })
        .collect()
    }

    #[test]
    fn control_12_2_the_table_equals_the_code() {
        let table = table();
        let mut seen = 0;
        for state in states() {
            for event in events() {
                let next = state.clone().next(&event);
                let key = (state.name().to_owned(), event.name().to_owned());
                match table.get(&key).map(String::as_str) {
                    Some("Finished") => assert_eq!(next, StepState::Failed, "{key:?}"),
                    Some(expected) => assert_eq!(next.name(), expected, "{key:?}"),
                    None => assert_eq!(next, state, "{key:?} is not in the table"),
                }
                seen += usize::from(table.contains_key(&key));
            }
        }
        assert_eq!(seen, table.len(), "a row names a state or an event that does not exist");
    }

    #[test]
    fn control_12_2_a_step_ends_as_it_says() {
        for (status, expected) in [
            (StepStatus::Succeeded, StepState::Succeeded),
            (StepStatus::Skipped, StepState::Skipped),
            (StepStatus::Failed, StepState::Failed),
            (StepStatus::Errored, StepState::Errored),
        ] {
            assert_eq!(StepState::Running.next(&finish(status)), expected);
        }
    }

    #[test]
    fn control_13_41_what_is_over_stays_so_unless_the_tree_is_lost() {
        for state in states().into_iter().filter(StepState::is_over) {
            for event in events() {
                let next = state.clone().next(&event);
                let redo = matches!((&state, &event), (StepState::Succeeded, StepEvent::Redo { .. }));
                assert!(redo || next.is_over(), "{} {}", state.name(), event.name());
            }
        }
    }
}
