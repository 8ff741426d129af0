//! The machine of one verification: its states, its events, and the one function that leads from state to state.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::verdict::RunReference;
use crate::model::{PromotionName, Timestamp, VerificationPhase};

/// Where one verification is (control 12.3; rules 1, 4, 6).
///
/// | state | event | next state | why |
/// | --- | --- | --- | --- |
/// | Starting | Progress | Running | the run is there |
/// | Starting | Retry | Retrying | the start failed for a reason that may go away (trap 27) |
/// | Starting | Finish | Done | the run was over when its start was answered |
/// | Starting | Fail | Done | there is nothing to start, or the other side refuses |
/// | Starting | Abort | Stopping | the start may have acted, whatever is known of it |
/// | Retrying | Again | Starting | the back-off is over |
/// | Retrying | Progress | Running | an answer that came late: the run is there after all |
/// | Retrying | Finish | Done | the same, and the run is over |
/// | Retrying | Abort | Stopping | a failed start may have acted |
/// | Running | Progress | Running | |
/// | Running | Miss | Lost | a look did not find the run, or may not see it |
/// | Running | Finish | Done | |
/// | Running | Fail | Done | nobody can look |
/// | Running | Abort | Stopping | the phase is Aborted at once; what is outside stays so until it says how it ended |
/// | Lost | Progress | Running | it is there again |
/// | Lost | Miss | Lost | |
/// | Lost | Finish | Done | |
/// | Lost | Fail | Done | it was looked for long enough |
/// | Lost | Abort | Stopping | |
/// | Stopping | Progress | Stopping | a start that was under way has made a run |
/// | Stopping | Late | Stopping | the run came to an end of its own: noted |
/// | Stopping | Stopped | Done | nothing is left outside |
/// | Done | Late | Done | the run went on all the same: noted |
///
/// Any other event changes nothing. Nothing follows `Done`, and its end stays what it is (control 13, invariants 38 and 53).
///
/// How often a start is retried has no limit: rules 6 names none, a run that never started says nothing of the freight, and a
/// limit would leave every verification of an outage to be asked for again by hand, which is trap 27. It has an instant at
/// which it goes on, can be aborted, and a manual promotion does so (rules 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// The start of a run is under way or owed.
    Starting {
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The start is tried again at this instant.
    Retrying {
        /// How many attempts have failed.
        attempt: u32,
        /// When the next one begins.
        until: Timestamp,
    },
    /// There is a run, and it has not ended.
    Running,
    /// There was a run, but the last looks did not see it.
    Lost {
        /// How many looks in a row.
        looks: u32,
        /// The next look is not before.
        until: Timestamp,
    },
    /// It is aborted; what is under way outside has not said that it has stopped.
    Stopping,
    /// It is over.
    Done(End),
}

/// How a verification may end (resources 14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum End {
    /// It passed.
    Successful,
    /// It did not pass.
    Failed,
    /// It could not be carried out.
    Error,
    /// Somebody stopped it.
    Aborted,
    /// It ended without an answer.
    Inconclusive,
}

impl End {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Successful, Self::Failed, Self::Error, Self::Aborted, Self::Inconclusive];

    /// The end that a phase is; `None` of one that is not terminal, unknown ones included (resources 14.1).
    ///
    /// ```
    /// use kargo_core::verification::End;
    /// assert_eq!(End::of(&"Inconclusive".into()), Some(End::Inconclusive));
    /// assert_eq!(End::of(&"Measuring".into()), None);
    /// ```
    #[must_use]
    pub fn of(phase: &VerificationPhase) -> Option<Self> {
        Self::ALL.into_iter().find(|end| VerificationPhase::from(*end) == *phase)
    }
}

impl From<End> for VerificationPhase {
    fn from(end: End) -> Self {
        match end {
            End::Successful => Self::Successful,
            End::Failed => Self::Failed,
            End::Error => Self::Error,
            End::Aborted => Self::Aborted,
            End::Inconclusive => Self::Inconclusive,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(VerificationPhase::from(*self).as_str())
    }
}

/// Why a verification is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AbortReason {
    /// Somebody wants it.
    Requested {
        /// What they said about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A promotion by hand, or a rollback, starts (rules 7, trap 6).
    Superseded {
        /// Which.
        promotion: PromotionName,
    },
}

/// Something that happens to a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// The run is there, or something about it changed.
    Progress {
        /// What it says: no terminal phase; one that this version does not know is kept as it is.
        phase: VerificationPhase,
        /// What there is to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Where it is, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunReference>,
    },
    /// A start failed, and there will be another.
    Retry {
        /// When.
        until: Timestamp,
        /// Why.
        message: String,
    },
    /// The back-off is over.
    Again,
    /// A look did not see the run.
    Miss {
        /// The next look is not before.
        until: Timestamp,
        /// Why.
        message: String,
    },
    /// The run ended.
    Finish {
        /// When, in engine time.
        at: Timestamp,
        /// How.
        end: End,
        /// What there is to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Where it is, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunReference>,
    },
    /// It cannot be carried out: it ends in Error, whatever the run outside does.
    Fail {
        /// When.
        at: Timestamp,
        /// Why, and the way out.
        message: String,
    },
    /// It is aborted.
    Abort {
        /// When.
        at: Timestamp,
        /// Who does it; empty if nobody said.
        actor: String,
        /// Why.
        why: AbortReason,
    },
    /// A run that no longer counts came to an end of its own (rules 4).
    Late {
        /// When that was heard.
        at: Timestamp,
        /// How the run ended.
        end: End,
        /// What there is to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Where it is, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunReference>,
    },
    /// What was aborted has nothing under way outside any more, or nobody can stop it.
    Stopped {
        /// Why it cannot be stopped, in that case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
}

impl State {
    /// The state after an event: total, and the only way from state to state.
    #[must_use]
    pub fn next(self, event: &Event) -> Self {
        self.after(event).unwrap_or(self)
    }

    /// The same; `None` where the event changes nothing.
    pub(super) fn after(self, event: &Event) -> Option<Self> {
        use Event as E;
        let is_open = !self.is_over();
        let next = match (self, event) {
            (_, E::Progress { .. }) if is_open => Self::Running,
            (_, E::Finish { end, .. }) if is_open => Self::Done(*end),
            (_, E::Abort { .. }) if is_open => Self::Stopping,
            (Self::Starting { .. } | Self::Running | Self::Lost { .. }, E::Fail { .. }) => Self::Done(End::Error),
            (Self::Starting { attempt }, E::Retry { until, .. }) => Self::Retrying { attempt, until: *until },
            (Self::Retrying { attempt, .. }, E::Again) => Self::Starting { attempt: attempt.saturating_add(1) },
            (Self::Running, E::Miss { until, .. }) => Self::Lost { looks: 1, until: *until },
            (Self::Lost { looks, .. }, E::Miss { until, .. }) => {
                Self::Lost { looks: looks.saturating_add(1), until: *until }
            }
            (Self::Stopping, E::Progress { .. } | E::Late { .. }) | (Self::Done(_), E::Late { .. }) => self,
            (Self::Stopping, E::Stopped { .. }) => Self::Done(End::Aborted),
            _ => return None,
        };
        Some(next)
    }

    /// Whether its phase is terminal: nothing changes it any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Stopping | Self::Done(_))
    }

    /// The state's name, as in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting { .. } => "Starting",
            Self::Retrying { .. } => "Retrying",
            Self::Running => "Running",
            Self::Lost { .. } => "Lost",
            Self::Stopping => "Stopping",
            Self::Done(_) => "Done",
        }
    }
}

impl Event {
    /// The event's name, as in the table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Progress { .. } => "Progress",
            Self::Retry { .. } => "Retry",
            Self::Again => "Again",
            Self::Miss { .. } => "Miss",
            Self::Finish { .. } => "Finish",
            Self::Fail { .. } => "Fail",
            Self::Abort { .. } => "Abort",
            Self::Late { .. } => "Late",
            Self::Stopped { .. } => "Stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn states() -> Vec<State> {
        let until = Timestamp::default();
        let mut states = vec![
            State::Starting { attempt: 1 },
            State::Retrying { attempt: 1, until },
            State::Running,
            State::Lost { looks: 1, until },
            State::Stopping,
        ];
        states.extend(End::ALL.map(State::Done));
        states
    }

    fn events(end: End) -> Vec<Event> {
        let (at, message) = (Timestamp::default(), String::new());
        vec![
            Event::Progress { phase: VerificationPhase::Running, message: None, run: None },
            Event::Retry { until: at, message: message.clone() },
            Event::Again,
            Event::Miss { until: at, message: message.clone() },
            Event::Finish { at, end, message: None, run: None },
            Event::Fail { at, message },
            Event::Abort { at, actor: String::new(), why: AbortReason::Requested { reason: None } },
            Event::Late { at, end, message: None, run: None },
            Event::Stopped { problem: None },
        ]
    }

    /// The table of the doc comment.
    fn table() -> BTreeMap<(String, String), String> {
        let rows = include_str!("machine.rs").lines().filter_map(|line| line.strip_prefix("/// | ")).skip(2);
        rows.map(|row| {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
            ((cells[0].clone(), cells[1].clone()), cells[2].clone())
        })
        .collect()
    }

    #[test]
    fn control_12_3_the_table_equals_the_code() {
        let table = table();
        let mut seen = std::collections::BTreeSet::new();
        for state in states() {
            for event in End::ALL.into_iter().flat_map(events) {
                let next = state.next(&event);
                let key = (state.name().to_owned(), event.name().to_owned());
                assert_eq!(state.after(&event).is_some(), table.contains_key(&key), "{key:?}: the table or the code");
                match table.get(&key) {
                    Some(expected) => assert_eq!(next.name(), expected, "{key:?}"),
                    None => assert_eq!(next, state, "{key:?} is not in the table"),
                }
                seen.extend(table.contains_key(&key).then_some(key));
            }
        }
        assert_eq!(seen.len(), table.len(), "a row names a state or an event that does not exist");
    }

    #[test]
    fn control_12_3_it_ends_as_the_event_says() {
        for end in End::ALL {
            for event in events(end) {
                let expected = match event {
                    Event::Finish { .. } => State::Done(end),
                    Event::Fail { .. } => State::Done(End::Error),
                    _ => continue,
                };
                assert_eq!(State::Running.next(&event), expected);
            }
        }
        assert_eq!(State::Stopping.next(&Event::Stopped { problem: None }), State::Done(End::Aborted));
    }

    /// Invariants 2 (of promotions), 38 and 53: whatever happens, what is terminal stays what it is.
    #[test]
    fn control_13_what_is_over_stays_so() {
        for state in states().into_iter().filter(|state| state.is_over()) {
            for event in End::ALL.into_iter().flat_map(events) {
                let next = state.next(&event);
                match state {
                    State::Done(_) => assert_eq!(next, state, "{}", event.name()),
                    _ => assert!(matches!(next, State::Stopping | State::Done(End::Aborted)), "{}", event.name()),
                }
            }
        }
    }

    #[test]
    fn resources_14_2_ends_are_the_terminal_phases() {
        for phase in VerificationPhase::KNOWN {
            assert_eq!(End::of(phase).is_some(), phase.is_terminal());
            assert_eq!(End::of(phase).map_or(phase.clone(), VerificationPhase::from), *phase);
        }
        assert_eq!((End::of(&"".into()), End::of(&"Measuring".into())), (None, None));
    }

    #[test]
    fn attempts_and_looks_are_counted() {
        let until = Timestamp::default();
        let retry = Event::Retry { until, message: String::new() };
        let miss = Event::Miss { until, message: String::new() };
        let state = State::Starting { attempt: 3 }.next(&retry);
        assert_eq!(state, State::Retrying { attempt: 3, until });
        assert_eq!(state.next(&Event::Again), State::Starting { attempt: 4 });
        assert_eq!(State::Running.next(&miss).next(&miss), State::Lost { looks: 2, until });
    }
}
