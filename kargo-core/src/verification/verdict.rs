//! What the outside says of a run, where the run is, and what is needed to ask for it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{ProjectName, StageName, Timestamp, VerificationPhase};

/// Longest message that is kept, in bytes; what is longer is cut.
pub const MAX_MESSAGE: usize = 4 * 1024;

/// Where a run is, in the words of whoever runs it: an Argo Rollouts AnalysisRun, or something like it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunReference {
    /// Its namespace, or whatever it is kept in; may be empty.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// What is known of a run: the answer of every question of a [`Verifier`](crate::port::Verifier).
///
/// ```
/// use kargo_core::verification::Verdict;
/// let verdict = Verdict::new("Failed").because("error rate 4.1 %").of("shop", "prod.01kdn9.4e1f0c9");
/// assert!(verdict.phase.is_terminal());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How far it is. What is not one of the known phases counts as not ended, and is kept as it is (resources 14.1).
    pub phase: VerificationPhase,
    /// What there is to say, without secrets.
    pub message: Option<String>,
    /// When the run began, by the peer's clock. For people: a verification begins when it is decided on.
    pub started_at: Option<Timestamp>,
    /// When the run ended, by the peer's clock. Where it is missing, a run that has ended did so now (trap 28).
    pub finished_at: Option<Timestamp>,
    /// Where the run is, where it can be named.
    pub run: Option<RunReference>,
}

impl Verdict {
    /// A run of this phase, of which nothing else is known.
    #[must_use]
    pub fn new(phase: impl Into<VerificationPhase>) -> Self {
        Self { phase: phase.into(), message: None, started_at: None, finished_at: None, run: None }
    }

    /// With what there is to say.
    #[must_use]
    pub fn because(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }

    /// With where the run is.
    #[must_use]
    pub fn of(self, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        let (namespace, name) = (namespace.into(), name.into());
        Self { run: Some(RunReference { namespace, name }), ..self }
    }

    /// With when it began.
    #[must_use]
    pub fn since(self, instant: Timestamp) -> Self {
        Self { started_at: Some(instant), ..self }
    }

    /// With when it ended.
    #[must_use]
    pub fn until(self, instant: Timestamp) -> Self {
        Self { finished_at: Some(instant), ..self }
    }
}

/// By what a run is asked for after its start: all that looking at it or stopping it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunHandle {
    /// The verification's id: what was started with it is this run.
    pub id: Arc<str>,
    /// The project.
    pub project: ProjectName,
    /// The Stage.
    pub stage: StageName,
    /// Where the run is; absent while no start was answered.
    pub run: Option<RunReference>,
}

/// A message as it is kept: cut between characters where it is too long, and none where it is empty.
pub(super) fn kept(message: &str) -> Option<String> {
    const MARK: &str = "…";
    if message.is_empty() {
        return None;
    }
    if message.len() <= MAX_MESSAGE {
        return Some(message.to_owned());
    }
    let cut = message.floor_char_boundary(MAX_MESSAGE - MARK.len());
    Some(format!("{}{MARK}", message.get(..cut).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_kept_up_to_its_limit() {
        assert_eq!(kept(""), None);
        assert_eq!(kept("fine").as_deref(), Some("fine"));
        let longest = "x".repeat(MAX_MESSAGE);
        assert_eq!(kept(&longest), Some(longest));
        let cut = kept(&"ö".repeat(MAX_MESSAGE)).unwrap();
        assert!(cut.len() <= MAX_MESSAGE && cut.len() > MAX_MESSAGE - 4 && cut.ends_with('…'), "{}", cut.len());
    }

    #[test]
    fn a_verdict_is_put_together() {
        let at: Timestamp = "2026-11-24T14:02:00Z".parse().unwrap();
        let verdict = Verdict::new("Measuring").because("half way").of("shop", "run-1").since(at).until(at);
        assert_eq!(verdict.phase, VerificationPhase::Other("Measuring".into()));
        assert_eq!(verdict.run, Some(RunReference { namespace: "shop".into(), name: "run-1".into() }));
        assert_eq!((verdict.started_at, verdict.finished_at), (Some(at), Some(at)));
        assert_eq!(verdict.message.as_deref(), Some("half way"));
        assert_eq!(Verdict::new(VerificationPhase::Failed).phase, VerificationPhase::Failed);
    }
}
