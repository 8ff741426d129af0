//! Tasks: steps that Stages share (resources 11).

use serde::{Deserialize, Serialize};

use super::{ObjectMeta, PromotionStep, Variable};

/// Steps that Stages of a project share. It has no status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PromotionTask {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// Inputs and steps.
    pub spec: PromotionTaskSpec,
}

/// Steps that Stages of all projects share. It has no status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterPromotionTask {
    /// Name, labels, annotations.
    pub metadata: ObjectMeta,
    /// Inputs and steps.
    pub spec: PromotionTaskSpec,
}

/// Inputs and steps of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionTaskSpec {
    /// Inputs: a value is the default, no value means that the caller supplies one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<Variable>,
    /// Steps, each with a runner; tasks do not nest.
    pub steps: Vec<PromotionStep>,
}
