//! What projects and clusters configure about Stages: promotion policies, windows, links (resources 6).

use serde::{Deserialize, Serialize};

use super::{PolicySelector, skip::is_default};

/// Promotion policy of the Stages that a selector covers (resources 6.1).
///
/// The deprecated field `stage` is read as `stageSelector: {name: …}` and never written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionPolicy {
    /// The Stages covered.
    #[serde(default)]
    pub stage_selector: PolicySelector,
    /// Permits promotions that nobody asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auto_promotion_enabled: bool,
    /// Whether a failure brings back the freight before. Kargo's open edition stores it and does not act on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_rollback: Option<AutoRollback>,
}

/// When to roll back by itself (resources 6.3). Present but empty means: after a failed verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoRollback {
    /// Promotion phases that cause it: `Failed`, `Errored`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_promotion: Vec<RollbackPromotionPhase>,
    /// Verification phases that cause it: `Failed`, `Error`; none means `Failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_verification: Vec<RollbackVerificationPhase>,
}

/// A promotion phase that may cause a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RollbackPromotionPhase {
    /// The promotion failed.
    Failed,
    /// The promotion had a technical failure.
    Errored,
}

/// A verification phase that may cause a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RollbackVerificationPhase {
    /// The verification failed.
    Failed,
    /// The verification had a technical failure.
    Error,
}

/// A time gate (resources 6.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionWindow {
    /// Name shown in denials.
    pub name: String,
    /// Whether the window permits or forbids while it is active.
    pub kind: WindowKind,
    /// The Stages covered; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_selector: Option<PolicySelector>,
    /// The projects covered; meaningful in a ClusterConfig.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_selector: Option<PolicySelector>,
    /// Recurrence, an RFC 5545 rule; absent means once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rrule: Option<String>,
    /// Start, an iCalendar date-time with an optional `TZID=<zone>:` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtstart: Option<String>,
    /// End, spelled as the start; with a rule, each occurrence is as long as from `dtstart` to `dtend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtend: Option<String>,
}

/// What a [`PromotionWindow`] does while it is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WindowKind {
    /// Promotions may start only in windows of this kind.
    Allow,
    /// No promotion may start.
    Deny,
}

/// A link that a user interface shows (resources 6.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeepLink {
    /// Label.
    pub title: String,
    /// Expression giving the address.
    pub url: String,
    /// Summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Expression; the link is shown only when it is true.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub if_: Option<String>,
}
