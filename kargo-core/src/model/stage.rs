//! Stage: what freight it asks for and what it does with it (resources 9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Duration, LabelSelector, ObjectMeta, Origin, PromotionStep, StageName, StageStatus, skip::is_default};

/// A place that freight is promoted to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: StageSpec,
    /// What is there.
    #[serde(default)]
    pub status: StageStatus,
}

impl Stage {
    /// Whether the Stage has no steps: freight passes through it and is marked verified (resources 19.5).
    #[must_use]
    pub fn is_control_flow(&self) -> bool {
        self.spec.promotion_template.as_ref().is_none_or(|template| template.spec.steps.is_empty())
    }

    /// Whether promotions go to Targets instead of the Stage itself (resources 19.8).
    #[must_use]
    pub fn is_target_aware(&self) -> bool {
        self.spec.targets.is_some()
    }
}

/// What a Stage is asked to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StageSpec {
    /// The controller shard that handles it; absent means the default shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Variables of every promotion and of verification arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<Variable>,
    /// What freight is asked for, one request per origin, at least one.
    pub requested_freight: Vec<FreightRequest>,
    /// How a promotion is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_template: Option<PromotionTemplate>,
    /// What is checked after a promotion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Presence makes the Stage target-aware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<StageTargets>,
}

/// A named value that expressions read as `vars.<name>` (resources 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// The variable's name.
    pub name: String,
    /// Its value, always text, perhaps with `${{ }}`; absent in a task's input that must be supplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A wish for freight of one origin (resources 9.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreightRequest {
    /// Who produces the freight.
    pub origin: Origin,
    /// Where it may come from.
    pub sources: FreightSources,
}

/// Where requested freight may come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FreightSources {
    /// Straight from its origin.
    #[serde(skip_serializing_if = "is_default")]
    pub direct: bool,
    /// Stages that must have verified it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageName>,
    /// How long it must have stayed there without a break, beside being verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_soak_time: Option<Duration>,
    /// Whether all of the Stages must have verified it, or one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_strategy: Option<AvailabilityStrategy>,
    /// How automatic promotion chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_promotion_options: Option<AutoPromotionOptions>,
}

impl FreightSources {
    /// Whether all upstream Stages must have verified the freight, or one; one unless said otherwise.
    #[must_use]
    pub fn availability(&self) -> AvailabilityStrategy {
        self.availability_strategy.unwrap_or_default()
    }

    /// How automatic promotion chooses; the newest unless said otherwise.
    #[must_use]
    pub fn selection(&self) -> SelectionPolicy {
        self.auto_promotion_options.as_ref().map(|options| options.selection_policy).unwrap_or_default()
    }
}

/// Whether all upstream Stages must have verified freight, or one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AvailabilityStrategy {
    /// All of them.
    All,
    /// At least one.
    #[default]
    OneOf,
}

/// How automatic promotion chooses among available freight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoPromotionOptions {
    /// Which freight is taken.
    pub selection_policy: SelectionPolicy,
}

/// Which available freight automatic promotion takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SelectionPolicy {
    /// The newest.
    #[default]
    NewestFreight,
    /// What the only upstream Stage holds now.
    MatchUpstream,
}

/// How a promotion to the Stage is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PromotionTemplate {
    /// Variables and steps.
    pub spec: PromotionTemplateSpec,
}

/// Variables and steps of promotions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionTemplateSpec {
    /// Variables; they win over the Stage's of the same name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<Variable>,
    /// Steps, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PromotionStep>,
}

/// What is checked after a promotion (resources 9.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Verification {
    /// Templates of the analysis.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub analysis_templates: Vec<AnalysisTemplateReference>,
    /// Labels and annotations of the runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis_run_metadata: Option<AnalysisRunMetadata>,
    /// Arguments of the runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<AnalysisArgument>,
}

/// A template of an analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisTemplateReference {
    /// Its name.
    pub name: String,
    /// Its kind; AnalysisTemplate unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AnalysisTemplateKind>,
}

/// The kind of an analysis template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AnalysisTemplateKind {
    /// One of the project's.
    #[default]
    AnalysisTemplate,
    /// One of the cluster's.
    ClusterAnalysisTemplate,
}

/// Labels and annotations that analysis runs get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnalysisRunMetadata {
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// An argument of an analysis run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisArgument {
    /// The argument's name.
    pub name: String,
    /// Its value, perhaps with `${{ }}`.
    #[serde(default)]
    pub value: String,
}

/// Which Targets a target-aware Stage governs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageTargets {
    /// The union of what these select; none selects nothing.
    pub selectors: Vec<LabelSelector>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_19_5_a_stage_without_steps_is_control_flow() {
        let mut stage = Stage::default();
        assert!(stage.is_control_flow());
        stage.spec.promotion_template = Some(PromotionTemplate::default());
        assert!(stage.is_control_flow());
        stage.spec.promotion_template = Some(PromotionTemplate {
            spec: PromotionTemplateSpec { vars: vec![], steps: vec![PromotionStep::default()] },
        });
        assert!(!stage.is_control_flow());
    }

    #[test]
    fn resources_9_1_what_is_implied() {
        let sources = FreightSources::default();
        assert_eq!(sources.availability(), AvailabilityStrategy::OneOf);
        assert_eq!(sources.selection(), SelectionPolicy::NewestFreight);
    }
}
