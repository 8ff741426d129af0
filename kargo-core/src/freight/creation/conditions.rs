//! What Kargo writes into a Warehouse's conditions for each outcome (discovery 1.6, 1.7).

use super::decision::{Decision, Idle};

/// Status and reason of one condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConditionReason {
    /// Whether its status is `True`; else it is `False`.
    pub is_true: bool,
    /// Kargo's word for why.
    pub reason: &'static str,
}

/// The conditions of a Warehouse after freight was created, or was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conditions {
    /// `Ready`
    pub ready: ConditionReason,
    /// `Healthy`
    pub healthy: ConditionReason,
    /// `FreightCreationCriteriaSatisfied`; absent means that it is dropped.
    pub criteria_satisfied: Option<ConditionReason>,
    /// `FreightCreated`; absent means that it is dropped.
    pub freight_created: Option<ConditionReason>,
}

const CRITERIA_SATISFIED: Option<ConditionReason> = Some(yes("CriteriaSatisfied"));

impl Decision {
    /// The conditions that the outcome leads to. That freight could not be created is not known here.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        let all_well = Conditions {
            ready: yes("ArtifactsDiscovered"),
            healthy: yes("ReconciliationSucceeded"),
            criteria_satisfied: None,
            freight_created: None,
        };
        let ill = |ready, healthy| Conditions { ready: no(ready), healthy: no(healthy), ..all_well };
        let satisfied = Conditions { criteria_satisfied: CRITERIA_SATISFIED, ..all_well };
        match self {
            Self::Create(_) => Conditions { freight_created: Some(yes("NewFreight")), ..satisfied },
            Self::Idle(Idle::Exists { .. }) => Conditions { freight_created: Some(no("AlreadyExists")), ..satisfied },
            Self::Idle(Idle::Manual) => all_well,
            Self::Idle(Idle::CriteriaNotMet { .. }) => {
                Conditions { criteria_satisfied: Some(no("CriteriaNotSatisfied")), ..all_well }
            }
            Self::Idle(Idle::MissingArtifacts) => ill("MissingArtifacts", "MissingArtifacts"),
            Self::Idle(Idle::NoCommits { .. }) => ill("MissingCommits", "NoCommitsDiscovered"),
            Self::Idle(Idle::NoImages { .. }) => ill("MissingImageReferences", "NoImageReferencesDiscovered"),
            Self::Idle(Idle::NoChartVersions { .. }) => ill("MissingChartVersions", "NoChartVersionsDiscovered"),
            Self::Idle(Idle::Criteria(_)) => ill("CriteriaEvaluationFailed", "CriteriaEvaluationFailed"),
            Self::Idle(Idle::NoReferences { .. }) => Conditions {
                criteria_satisfied: CRITERIA_SATISFIED,
                ..ill("FreightBuildFailure", "FreightBuildFailure")
            },
        }
    }
}

const fn yes(reason: &'static str) -> ConditionReason {
    ConditionReason { is_true: true, reason }
}

const fn no(reason: &'static str) -> ConditionReason {
    ConditionReason { is_true: false, reason }
}
