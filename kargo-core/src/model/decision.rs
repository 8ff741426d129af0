//! Decisions of people that are kept as objects: Pause, Rejection, Approval (rules 11). Kinds of ours.

use serde::{Deserialize, Serialize};

use super::{FreightName, ObjectMeta, StageName, Timestamp, time};

/// Nothing starts in a Stage, or in the whole project, until the Pause is gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pause {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is paused.
    pub spec: PauseSpec,
}

/// What is paused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PauseSpec {
    /// The Stage; absent means the whole project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageName>,
    /// When it ends by itself; absent means when somebody ends it.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who decided (resources 15.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Freight that nobody may promote, to one Stage or anywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejection {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is rejected where.
    pub spec: RejectionSpec,
}

/// What is rejected where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RejectionSpec {
    /// The freight.
    pub freight: FreightName,
    /// The Stages it is rejected for; none means everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageName>,
    /// Who decided (resources 15.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Freight that may go to a Stage without having been verified upstream.
///
/// Kargo keeps approvals in the freight's status (resources 8.3), which says neither who nor why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Approval {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is approved for which Stage.
    pub spec: ApprovalSpec,
}

/// What is approved for which Stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalSpec {
    /// The freight.
    pub freight: FreightName,
    /// The Stage.
    pub stage: StageName,
    /// Who decided (resources 15.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
