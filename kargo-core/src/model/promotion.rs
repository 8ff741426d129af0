//! Promotion: one run of a Stage's steps for one piece of freight (resources 10).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    FreightCollection, FreightName, FreightReference, ObjectMeta, Origin, PromotionPhase, PromotionStep, StageName,
    StepStatus, TargetName, Timestamp, Variable, skip::is_default, time,
};

/// One run of a Stage's steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Promotion {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is promoted where, immutable.
    pub spec: PromotionSpec,
    /// How far it is.
    #[serde(default)]
    pub status: PromotionStatus,
}

/// What is promoted where. Exactly one of `freight` and `origin` is given; admission replaces the origin by its candidate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionSpec {
    /// The Stage.
    pub stage: StageName,
    /// The freight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight: Option<FreightName>,
    /// Instead of freight: the current candidate of this origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The Target, for children of a PromotionRequest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetName>,
    /// Variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<Variable>,
    /// Steps, tasks inflated. Admission writes them; a promotion that is yet to be created has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PromotionStep>,
}

/// How far a promotion is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionStatus {
    /// The last refresh token that was handled (resources 15.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_handled_refresh: Option<String>,
    /// The phase; absent means just created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PromotionPhase>,
    /// An explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What is promoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight: Option<FreightReference>,
    /// What the Stage holds after success: the promoted freight and what it inherits (resources 20.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight_collection: Option<FreightCollection>,
    /// Checks to run after success.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub health_checks: Vec<HealthCheckStep>,
    /// When it began to run.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Index of the step to run or resume.
    #[serde(skip_serializing_if = "is_default")]
    pub current_step: i64,
    /// One record per step looked at, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub step_execution_metadata: Vec<StepExecutionMetadata>,
    /// Outputs by step alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Value>,
}

/// A check to run after a promotion succeeded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthCheckStep {
    /// The checker's name.
    pub uses: String,
    /// The checker's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
}

/// What is remembered of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepExecutionMetadata {
    /// The step's alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// When it was started the first time.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Consecutive errors.
    #[serde(skip_serializing_if = "is_default")]
    pub error_count: u32,
    /// How it ended, or that it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StepStatus>,
    /// An explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether its failure does not count.
    #[serde(skip_serializing_if = "is_default")]
    pub continue_on_error: bool,
}
