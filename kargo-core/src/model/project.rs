//! Project, ProjectConfig and ClusterConfig (resources 3 to 5).

use serde::{Deserialize, Serialize};

use super::{Condition, DeepLink, ObjectMeta, PromotionPolicy, PromotionWindow, WebhookReceiver, skip::is_default};

/// A cluster-scoped object that makes the namespace of the same name a project. It has no spec (resources 3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Name, labels, annotations.
    pub metadata: ObjectMeta,
    /// What the controller observed.
    #[serde(default)]
    pub status: ProjectStatus,
}

/// What the controller observed of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectStatus {
    /// Ready, Reconciling, Stalled, Healthy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Counts of what is in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<ProjectStats>,
}

/// Counts of what is in a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectStats {
    /// Warehouses.
    pub warehouses: KindStats,
    /// Stages that are not control-flow Stages.
    pub stages: KindStats,
}

/// Counts of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KindStats {
    /// How many there are.
    #[serde(skip_serializing_if = "is_default")]
    pub count: i64,
    /// How many of them are healthy.
    pub health: HealthStats,
}

/// Counts of healthy objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthStats {
    /// How many have the condition Healthy=True.
    #[serde(skip_serializing_if = "is_default")]
    pub healthy: i64,
}

/// Configuration of one project; its name equals its namespace (resources 4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectConfig {
    /// Name, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    #[serde(default)]
    pub spec: ProjectConfigSpec,
    /// What the controller observed.
    #[serde(default)]
    pub status: ConfigStatus,
}

/// What is wanted of a project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectConfigSpec {
    /// Promotion policies; the first whose selector matches a Stage decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotion_policies: Vec<PromotionPolicy>,
    /// Inbound webhook endpoints.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhook_receivers: Vec<WebhookReceiver>,
    /// Links shown on Freight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freight_links: Vec<DeepLink>,
    /// Links shown on Stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stage_links: Vec<DeepLink>,
    /// When promotions may start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotion_windows: Vec<PromotionWindow>,
}

/// Configuration of a whole cluster; its name is `cluster` (resources 5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterConfig {
    /// Name, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    #[serde(default)]
    pub spec: ClusterConfigSpec,
    /// What the controller observed.
    #[serde(default)]
    pub status: ConfigStatus,
}

/// What is wanted of a whole cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterConfigSpec {
    /// Inbound webhook endpoints that may serve every project.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhook_receivers: Vec<WebhookReceiver>,
    /// Who commits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_client: Option<GitClient>,
    /// Links shown on Freight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freight_links: Vec<DeepLink>,
    /// Links shown on Stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stage_links: Vec<DeepLink>,
    /// When promotions may start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotion_windows: Vec<PromotionWindow>,
}

/// The identity under which commits are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitClient {
    /// Committer name.
    pub name: String,
    /// Committer e-mail address.
    pub email: String,
    /// Secret whose key `signingKey` holds a GPG private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key_secret: Option<SecretReference>,
}

/// A Secret in the namespace that the context implies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretReference {
    /// The Secret's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// Status of a ProjectConfig or a ClusterConfig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigStatus {
    /// Ready, Reconciling.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The last generation that was reconciled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The last refresh token that was handled (resources 15.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_handled_refresh: Option<String>,
    /// Where the webhook receivers listen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub webhook_receivers: Vec<WebhookEndpoint>,
}

/// Where a webhook receiver listens (resources 16.9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookEndpoint {
    /// The receiver's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The path part of the URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The whole URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}
