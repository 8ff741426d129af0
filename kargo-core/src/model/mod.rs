//! The nouns, spelled as Kargo's manifests spell them, and what is wrong with texts that should hold some.
//!
//! Every kind of `resources 1` is a struct with serde's traits; field names, order and defaults are Kargo's. Kinds of ours
//! (`rules 11`) stand beside them. Nothing here decides anything.

mod artifact;
mod collection;
mod condition;
pub(crate) mod cursor;
mod decision;
mod diagnostic;
mod discovered;
mod duration;
mod freight;
mod hold_intent;
mod junction;
mod kind;
pub mod label;
mod loops;
mod meta;
mod name;
mod nearest;
mod origin;
pub mod pattern;
pub(crate) mod pattern_error;
mod phase;
mod policy;
mod project;
mod promotion;
mod promotion_request;
pub(crate) mod re2;
mod selector;
pub mod short;
pub(crate) mod skip;
mod span;
mod stage;
mod stage_policy;
mod stage_status;
mod step;
mod subscription;
mod task;
pub mod time;
pub mod url;
pub(crate) mod version;
mod warehouse;
mod warehouse_policy;
mod webhook;

pub use artifact::{ArtifactReference, Chart, GitCommit, Image};
pub use collection::{AnalysisRunReference, FreightCollection, FreightReference, VerificationInfo};
pub use condition::Condition;
pub use decision::{Approval, ApprovalSpec, Pause, PauseSpec, Rejection, RejectionSpec};
pub use diagnostic::{Code, Diagnostic, Diagnostics, Mark, NoSuch, Severity};
pub use discovered::{
    ChartDiscovery, DiscoveredArtifacts, DiscoveredCommit, DiscoveredImage, GitDiscovery, ImageDiscovery, ObservedRefs,
    ObservedTag, OtherDiscovery, WarehouseStatus,
};
pub use duration::{Duration, DurationError};
pub use freight::{ApprovedStage, CurrentStage, Freight, FreightStatus, VerifiedStage};
pub use hold_intent::HoldIntent;
pub use junction::{
    Fill, Junction, JunctionSpec, JunctionStatus, Overlap, Release, ReleaseCriteria, ReleasePolicy, ReleaseRecord,
    Slot, SlotStatus,
};
pub use kind::{AsObject, Kind, Noun, Object, document};
pub use loops::{Loop, Loops, LoopsError, STEP_SEPARATOR};
pub use meta::{EXTENSION_API_VERSION, EXTENSION_GROUP, KARGO_API_VERSION, KARGO_GROUP, ObjectMeta, OwnerReference};
pub use name::{
    Digest, FreightName, FreightRef, JunctionName, ProjectName, PromotionName, StageName, Tag, TargetName, TaskName,
    WarehouseName,
};
pub use nearest::nearest;
pub use origin::{Origin, OriginError, OriginKind};
pub use phase::{HealthState, PromotionPhase, PromotionRequestPhase, StepStatus, VerificationPhase};
pub use policy::{
    AutoRollback, DeepLink, PromotionPolicy, PromotionWindow, RollbackPromotionPhase, RollbackVerificationPhase,
    WindowKind,
};
pub use project::{
    ClusterConfig, ClusterConfigSpec, ConfigStatus, GitClient, HealthStats, KindStats, Project, ProjectConfig,
    ProjectConfigSpec, ProjectStats, ProjectStatus, SecretReference, WebhookEndpoint,
};
pub use promotion::{HealthCheckStep, Promotion, PromotionSpec, PromotionStatus, StepExecutionMetadata};
pub use promotion_request::{
    PromotionRequest, PromotionRequestSpec, PromotionRequestStatus, PromotionRequestSummary, Target, TargetProgress,
    TargetReference, TargetSpec, TargetStatus,
};
pub use selector::{LabelRequirement, LabelSelector, PolicySelector, UnknownOperator};
pub use span::{Location, Path, Segment, Snippet, Span};
pub use stage::{
    AnalysisArgument, AnalysisRunMetadata, AnalysisTemplateKind, AnalysisTemplateReference, AutoPromotionOptions,
    AvailabilityStrategy, FreightRequest, FreightSources, PromotionTemplate, PromotionTemplateSpec, SelectionPolicy,
    Stage, StageSpec, StageTargets, Variable, Verification,
};
pub use stage_policy::{
    ApprovalPolicy, FreightIntent, ProgressingPolicy, QueuePolicy, RollbackPolicy, RollbackScope, SoakPolicy,
    StagePolicy, StagePolicySpec, StepPolicy, VerdictPolicy, VerdictReuse, VerificationPolicy, Wave, WaveFailure,
};
pub use stage_status::{
    AutoPromotionHold, FreightNameReference, Health, PromotionReference, PromotionRequestReference,
    PromotionWindowStatus, StageStatus,
};
pub use step::{ForEach, ForEachMode, OnUnknown, PromotionStep, StepRetry, TaskKind, TaskReference};
pub use subscription::{
    ChartSubscription, CommitSelectionStrategy, GitSubscription, ImageSelectionStrategy, ImageSubscription,
    OtherSubscription, Source, Subscription,
};
pub use task::{ClusterPromotionTask, PromotionTask, PromotionTaskSpec};
pub use time::Timestamp;
pub use warehouse::{FreightCreationCriteria, FreightCreationPolicy, Warehouse, WarehouseSpec};
pub use warehouse_policy::{
    Debounce, IntentPolicy, JoinSearch, SubscriptionPolicy, WarehousePolicy, WarehousePolicySpec,
};
pub use webhook::{
    ArtifactoryWebhook, GenericWebhook, IndexKey, IndexRequirement, IndexSelector, WebhookAction, WebhookActionKind,
    WebhookProvider, WebhookReceiver, WebhookTarget, WebhookTargetKind,
};
