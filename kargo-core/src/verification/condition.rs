//! The conditions Verified and Healthy of a Stage, as its status shows them (resources 21).

use super::health::Situation;
use crate::model::{HealthState, VerificationPhase};

/// Status and reason of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// A word for machines.
    pub reason: String,
}

impl Observed {
    fn new(status: &'static str, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }

    /// The condition Verified of a place, by the phases of its current collection's verifications, newest first; `None` where
    /// it holds nothing.
    ///
    /// It is True while the latest verdict is Successful, also while that is being repeated; not, as in Kargo, while any was
    /// (rules 6, trap 18). Else the newest verification decides.
    ///
    /// ```
    /// use kargo_core::{model::VerificationPhase::{Failed, Running, Successful}, verification::Observed};
    /// assert_eq!(Observed::verified(Some(&[Running, Successful])).status, "True");
    /// assert_eq!(Observed::verified(Some(&[Failed, Successful])).reason, "VerificationFailed");
    /// ```
    #[must_use]
    pub fn verified(phases: Option<&[VerificationPhase]>) -> Self {
        use VerificationPhase as P;
        let Some(phases) = phases else { return Self::new("Unknown", "NoFreight") };
        if phases.iter().find(|phase| phase.is_terminal()) == Some(&P::Successful) {
            return Self::new("True", "Verified");
        }
        let Some(newest) = phases.first() else { return Self::new("Unknown", "WaitingForVerification") };
        match newest {
            P::Failed | P::Error | P::Aborted => Self::new("False", format!("Verification{newest}")),
            P::Pending | P::Running | P::Inconclusive => Self::new("Unknown", format!("Verification{newest}")),
            _ => Self::new("Unknown", "UnknownVerificationPhase"),
        }
    }

    /// The condition Healthy of a place in this situation, with this health; none if it was not looked at yet (control 5.1).
    #[must_use]
    pub fn healthy(situation: Situation<'_>, health: Option<&HealthState>) -> Self {
        match situation {
            Situation::Promoting { .. } => Self::new("Unknown", "ActivePromotion"),
            Situation::NeverPromoted => Self::new("Unknown", "NoFreight"),
            Situation::NotSucceeded { phase, .. } => Self::new("Unknown", format!("LastPromotion{phase}")),
            Situation::Checked => match health {
                None => Self::new("Unknown", "WaitingForHealthCheck"),
                Some(HealthState::Healthy) => Self::new("True", "Healthy"),
                Some(HealthState::Unhealthy) => Self::new("False", "Unhealthy"),
                Some(other) => Self::new("Unknown", other.as_str()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PromotionPhase;

    #[test]
    fn trap_18_verified_follows_the_latest_verdict() {
        for (phases, status, reason) in [
            (None, "Unknown", "NoFreight"),
            (Some(vec![]), "Unknown", "WaitingForVerification"),
            (Some(vec!["Pending"]), "Unknown", "VerificationPending"),
            (Some(vec!["Running", "Failed"]), "Unknown", "VerificationRunning"),
            (Some(vec!["Inconclusive"]), "Unknown", "VerificationInconclusive"),
            (Some(vec!["Measuring"]), "Unknown", "UnknownVerificationPhase"),
            (Some(vec!["Failed"]), "False", "VerificationFailed"),
            (Some(vec!["Error"]), "False", "VerificationError"),
            (Some(vec!["Aborted", "Successful"]), "False", "VerificationAborted"),
            (Some(vec!["Failed", "Successful"]), "False", "VerificationFailed"),
            (Some(vec!["Successful", "Failed"]), "True", "Verified"),
            (Some(vec!["Running", "Successful", "Failed"]), "True", "Verified"),
            (Some(vec!["Running", "Failed", "Successful"]), "Unknown", "VerificationRunning"),
        ] {
            let read = phases.as_ref().map(|phases| phases.iter().map(|phase| (*phase).into()).collect::<Vec<_>>());
            assert_eq!(Observed::verified(read.as_deref()), Observed::new(status, reason), "{phases:?}");
        }
    }

    #[test]
    fn control_5_1_healthy() {
        let last = Some(("p1", &PromotionPhase::Errored));
        let done = Situation::of(None, Some(("p1", &PromotionPhase::Succeeded)));
        for (situation, health, status, reason) in [
            (Situation::of(Some("p2"), last), Some(HealthState::Healthy), "Unknown", "ActivePromotion"),
            (Situation::of(None, None), None, "Unknown", "NoFreight"),
            (Situation::of(None, last), Some(HealthState::Unknown), "Unknown", "LastPromotionErrored"),
            (done, None, "Unknown", "WaitingForHealthCheck"),
            (done, Some(HealthState::Healthy), "True", "Healthy"),
            (done, Some(HealthState::Unhealthy), "False", "Unhealthy"),
            (done, Some(HealthState::Progressing), "Unknown", "Progressing"),
            (done, Some(HealthState::NotApplicable), "Unknown", "NotApplicable"),
        ] {
            assert_eq!(Observed::healthy(situation, health.as_ref()), Observed::new(status, reason), "{situation:?}");
        }
    }
}
