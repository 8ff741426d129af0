//! Keys of labels and annotations (resources 15.1 to 15.3; rules 11 and 13 for ours).

/// Label on Freight: its alias.
pub const ALIAS: &str = "kargo.akuity.io/alias";
/// Label on Warehouses, Stages, Promotions, PromotionRequests: the controller shard.
pub const SHARD: &str = "kargo.akuity.io/shard";
/// Label and annotation on Promotions: the Stage, shortened in the label.
pub const STAGE: &str = "kargo.akuity.io/stage";
/// Label on AnalysisRuns: the collection they verify.
pub const FREIGHT_COLLECTION: &str = "kargo.akuity.io/freight-collection";
/// Label on Namespaces: `true` when a Project may adopt them.
pub const PROJECT: &str = "kargo.akuity.io/project";
/// Label on Secrets: what they are credentials for.
pub const CRED_TYPE: &str = "kargo.akuity.io/cred-type";

/// Annotation that asks for processing now; a new value is a new request.
pub const REFRESH: &str = "kargo.akuity.io/refresh";
/// Annotation on Stages that asks for a new verification.
pub const REVERIFY: &str = "kargo.akuity.io/reverify";
/// Annotation that stops a verification (on a Stage) or a promotion.
pub const ABORT: &str = "kargo.akuity.io/abort";
/// Annotation on Promotions: who created them.
pub const CREATE_ACTOR: &str = "kargo.akuity.io/create-actor";
/// Annotation on Promotions: the origin that is held when they end.
pub const AUTO_PROMOTION_HOLD: &str = "kargo.akuity.io/auto-promotion-hold";
/// Annotation on Promotions: the origin that is released when they end.
pub const AUTO_PROMOTION_RESUME: &str = "kargo.akuity.io/auto-promotion-resume";
/// Annotation on Promotions: `true` on a rollback.
pub const ROLLBACK: &str = "kargo.akuity.io/rollback";
/// Annotation on AnalysisRuns: the promotion that led to them.
pub const PROMOTION: &str = "kargo.akuity.io/promotion";
/// Annotation on Stages: the Argo CD applications of the last successful promotion.
pub const ARGOCD_CONTEXT: &str = "kargo.akuity.io/argocd-context";
/// Annotation on Argo CD applications: the Stages that may manage them.
pub const AUTHORIZED_STAGE: &str = "kargo.akuity.io/authorized-stage";
/// Annotation with text for a user interface.
pub const DESCRIPTION: &str = "kargo.akuity.io/description";
/// Annotation with a colour for a user interface.
pub const COLOR: &str = "kargo.akuity.io/color";
/// Annotation that keeps the namespace when its Project is deleted.
pub const KEEP_NAMESPACE: &str = "kargo.akuity.io/keep-namespace";
/// Finalizer on Stages, Projects and their namespaces.
pub const FINALIZER: &str = "kargo.akuity.io/finalizer";

/// Ours, on Promotions: JSON map from origin to freight, where there are several (rules 13).
pub const EXT_FREIGHT: &str = "kargo-core.rs/freight";
/// Ours, on Promotions: JSON map from origin to hold intent, where there are several (rules 13).
pub const EXT_HOLDS: &str = "kargo-core.rs/holds";
/// Ours, on Promotions: JSON list of the loops among their steps (rules 15).
pub const EXT_LOOPS: &str = "kargo-core.rs/loops";
/// Ours, on Promotions: JSON map from alias to what Kargo's record of a step cannot hold (rules 3 and 14).
pub const EXT_STEPS: &str = "kargo-core.rs/steps";
/// Ours, on Freight of Junctions: JSON list of what it is made of (rules 9).
pub const EXT_MEMBERS: &str = "kargo-core.rs/members";
/// Ours, on Freight: what it is meant for (`Auto`, `Manual`, `Hotfix`; rules 11).
pub const EXT_INTENT: &str = "kargo-core.rs/intent";

/// Ours, on Promotions: why it ended though nobody stopped it and nothing failed (`Superseded`, `Withdrawn`; rules 6 and 7).
pub const EXT_END: &str = "kargo-core.rs/end";

/// Annotations of ours; any other with our prefix is refused, never ignored (rules 11).
pub const EXTENSION_ANNOTATIONS: &[&str] =
    &[EXT_FREIGHT, EXT_HOLDS, EXT_LOOPS, EXT_STEPS, EXT_MEMBERS, EXT_INTENT, EXT_END];
