//! StagePolicy: what we add to a Stage that Kargo's kind has no field for (rules 11). It is joined to the Stage by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Duration, ForEach, FreightRequest, LabelSelector, ObjectMeta, OnUnknown, PromotionWindow, RollbackPromotionPhase,
    RollbackVerificationPhase, skip::is_default,
};

/// What we add to the Stage of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StagePolicy {
    /// Name (the Stage's), project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: StagePolicySpec,
}

/// What is wanted of a Stage beside its own spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StagePolicySpec {
    /// Requests of bundles, beside the Stage's own requests: origins of kind Junction (rules 11).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requested_freight: Vec<FreightRequest>,
    /// Which queued automatic promotions are superseded (rules 7).
    pub queue: QueuePolicy,
    /// Whether a later failure withdraws a verification (rules 6).
    pub verdicts: VerdictPolicy,
    /// Whether a bundle's verdict counts for each of its members too (rules 6 and 11).
    #[serde(skip_serializing_if = "is_default")]
    pub credit_members: bool,
    /// Reuse of verdicts.
    pub verification: VerificationPolicy,
    /// How long automation waits for health that is on its way.
    pub progressing: ProgressingPolicy,
    /// How long a pre-empting rollback waits for work in its lane to stop (rules 4); 30 seconds unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_grace: Option<Duration>,
    /// What we add to steps, by alias (`task::step` inside a task).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, StepPolicy>,
    /// How automation treats freight that is soaking here.
    pub soak: SoakPolicy,
    /// Time gates of this Stage alone, beside those of the configs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<PromotionWindow>,
    /// Approvals that a promotion needs.
    pub approvals: ApprovalPolicy,
    /// Which intents of freight automation takes; none means `Auto` only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intents: Vec<FreightIntent>,
    /// Rolling back by itself; absent means never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackPolicy>,
    /// The order in which Targets are promoted to; none means all at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
}

/// Which queued automatic promotions a later one replaces (rules 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum QueuePolicy {
    /// None.
    #[default]
    All,
    /// All that cover the same origins.
    Latest,
    /// Those of the same origin.
    LatestPerOrigin,
}

/// Whether verification may be withdrawn (rules 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VerdictPolicy {
    /// The latest verdict of a collection counts.
    #[default]
    Latest,
    /// Once verified, always verified, as in Kargo.
    Sticky,
}

/// Reuse of verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VerificationPolicy {
    /// When an older successful verdict may stand for a new verification (rules 6 and 16).
    pub reuse: VerdictReuse,
}

/// When an older successful verdict is used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VerdictReuse {
    /// Never.
    #[default]
    Never,
    /// When the content is equal.
    SameContent,
}

/// How long automation waits for health that is on its way (rules 7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProgressingPolicy {
    /// At most this long after the success; 10 minutes unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Duration>,
}

/// What we add to a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepPolicy {
    /// What to do when a crash leaves unknown whether the step acted (rules 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_unknown: Option<OnUnknown>,
    /// Repeats a task for each element of a list (rules 15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
}

/// How automation treats freight that is soaking here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SoakPolicy {
    /// Whether automation leaves freight in place until it soaked as long as the Stages downstream ask for.
    #[serde(skip_serializing_if = "is_default")]
    pub guard: bool,
    /// Automation takes new freight at most once in this time; absent means without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_every: Option<Duration>,
}

/// Approvals that a promotion to the Stage needs beside being eligible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApprovalPolicy {
    /// How many different named actors must approve; 0 to 20.
    #[serde(skip_serializing_if = "is_default")]
    pub required: u32,
    /// Whose approvals count: exact actors, `glob:` or `regex:` patterns; none means everybody's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<String>,
}

/// What a piece of freight is meant for. Written on freight in annotation `kargo-core.rs/intent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FreightIntent {
    /// To move by itself wherever policy permits.
    #[default]
    Auto,
    /// To be moved by people.
    Manual,
    /// To reach production fast, past newer work.
    Hotfix,
}

/// Rolling back by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollbackPolicy {
    /// Promotion phases that cause it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_promotion: Vec<RollbackPromotionPhase>,
    /// Verification phases that cause it; none means `Failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_verification: Vec<RollbackVerificationPhase>,
    /// Whether never becoming healthy within `progressing.atMost` causes it.
    #[serde(skip_serializing_if = "is_default")]
    pub on_unhealthy: bool,
    /// Whether every origin goes back, or only those that changed.
    pub scope: RollbackScope,
}

/// What a rollback brings back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RollbackScope {
    /// The freight of every origin, together.
    #[default]
    AllOrigins,
    /// Only freight that the failed promotion changed.
    Changed,
}

/// Targets that are promoted to together, after the waves before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Wave {
    /// The wave's name, unique in its list.
    pub name: String,
    /// Which Targets; an empty selector takes those that no wave before took.
    pub selector: LabelSelector,
    /// How many at the same time; absent means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallel: Option<u32>,
    /// How many of the wave's Targets may fail, in percent, before `onFailure` applies; 0 unless said otherwise.
    #[serde(skip_serializing_if = "is_default")]
    pub threshold: u32,
    /// What happens when more fail.
    pub on_failure: WaveFailure,
    /// Time between the end of this wave and the start of the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Duration>,
}

/// What happens when more Targets of a wave fail than its threshold allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WaveFailure {
    /// No further wave starts.
    #[default]
    Abort,
    /// The next wave starts all the same.
    Continue,
}
