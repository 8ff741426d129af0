//! PromotionRequest and Target: fan-out of one promotion over many places (resources 12 and 13).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Condition, FreightName, ObjectMeta, PromotionName, PromotionPhase, PromotionRequestPhase, StageName, TargetName,
    Timestamp, skip::is_default, time,
};

/// A wish to promote freight to every Target of a target-aware Stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PromotionRequest {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is promoted where.
    pub spec: PromotionRequestSpec,
    /// How far it is.
    #[serde(default)]
    pub status: PromotionRequestStatus,
}

/// What is promoted where. Only the Targets may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionRequestSpec {
    /// The Stage.
    pub stage: StageName,
    /// The freight.
    pub freight: FreightName,
    /// The Targets, as they were when the request was made.
    pub targets: Vec<TargetReference>,
}

/// A Target, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetReference {
    /// The Target's name.
    pub name: TargetName,
}

/// How far a promotion request is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionRequestStatus {
    /// Ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PromotionRequestPhase>,
    /// One entry per Target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetProgress>,
    /// Counts of promotions by phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<PromotionRequestSummary>,
    /// The last generation that was handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When it began to run.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// How far the promotion to one Target is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetProgress {
    /// The Target.
    pub name: TargetName,
    /// The child promotion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion: Option<PromotionName>,
    /// The child's phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PromotionPhase>,
}

/// Counts of child promotions by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionRequestSummary {
    /// Queued.
    #[serde(skip_serializing_if = "is_default")]
    pub pending: i32,
    /// Executing.
    #[serde(skip_serializing_if = "is_default")]
    pub running: i32,
    /// Done.
    #[serde(skip_serializing_if = "is_default")]
    pub succeeded: i32,
    /// Failed.
    #[serde(skip_serializing_if = "is_default")]
    pub failed: i32,
    /// Ended by a technical failure.
    #[serde(skip_serializing_if = "is_default")]
    pub errored: i32,
    /// Stopped on request.
    #[serde(skip_serializing_if = "is_default")]
    pub aborted: i32,
}

/// A place of its own within a target-aware Stage, such as a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// Parameters.
    pub spec: TargetSpec,
    /// Always empty.
    pub status: TargetStatus,
}

/// Parameters of a Target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetSpec {
    /// Values that steps read as `target.params.<key>`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Value>,
}

/// Status of a Target: nothing yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {}
