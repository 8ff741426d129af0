//! Inbound webhook receivers (resources 6.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SecretReference;

/// One inbound endpoint. Kargo's schema does not enforce that exactly one provider block is present (resources 17.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookReceiver {
    /// The receiver's name, unique in its list.
    pub name: String,
    /// Bitbucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bitbucket: Option<WebhookProvider>,
    /// Docker Hub. (The key has no capital H.)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerhub: Option<WebhookProvider>,
    /// GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github: Option<WebhookProvider>,
    /// GitLab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gitlab: Option<WebhookProvider>,
    /// Harbor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harbor: Option<WebhookProvider>,
    /// Quay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quay: Option<WebhookProvider>,
    /// Artifactory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifactory: Option<ArtifactoryWebhook>,
    /// Azure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure: Option<WebhookProvider>,
    /// Gitea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gitea: Option<WebhookProvider>,
    /// Any sender, with expressions over its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic: Option<GenericWebhook>,
}

/// A provider that needs a Secret and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookProvider {
    /// The Secret that proves who sends.
    pub secret_ref: SecretReference,
}

/// Artifactory's receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactoryWebhook {
    /// The Secret that proves who sends.
    pub secret_ref: SecretReference,
    /// Replaces the repository key of the payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_repo_name: Option<String>,
}

/// The receiver for any sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenericWebhook {
    /// The Secret that proves who sends.
    pub secret_ref: SecretReference,
    /// What a request causes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<WebhookAction>,
}

/// What a request to a generic receiver causes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAction {
    /// What is done.
    pub action: WebhookActionKind,
    /// Expression over the request that must be true; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_expression: Option<String>,
    /// Values that expressions read as `params.<key>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// What it is done to: the union of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_selection_criteria: Vec<WebhookTarget>,
}

/// What a generic receiver can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookActionKind {
    /// Look for new artifacts now.
    Refresh,
}

/// The kind of object that a generic receiver acts on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookTargetKind {
    /// Warehouses.
    #[default]
    Warehouse,
}

/// Objects that a generic receiver acts on: those that meet all criteria given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Eq)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookTarget {
    /// Their kind.
    pub kind: WebhookTargetKind,
    /// Their name, perhaps an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their labels; values may be expressions.
    #[serde(skip_serializing_if = "is_empty_selector")]
    pub label_selector: super::LabelSelector,
    /// Their entries in an index.
    #[serde(skip_serializing_if = "IndexSelector::is_empty")]
    pub index_selector: IndexSelector,
}

/// Selects by entries of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IndexSelector {
    /// All of these must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_indices: Vec<IndexRequirement>,
}

impl IndexSelector {
    fn is_empty(&self) -> bool {
        self.match_indices.is_empty()
    }
}

/// One requirement on an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRequirement {
    /// The index.
    pub key: IndexKey,
    /// `Equals` or `NotEquals`, checked when used.
    pub operator: String,
    /// The value, perhaps an expression.
    pub value: String,
}

/// An index of Warehouses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexKey {
    /// By the URLs they subscribe to.
    #[serde(rename = "subscribedURLs")]
    SubscribedUrls,
    /// By the paths of webhook receivers.
    #[serde(rename = "receiverPaths")]
    ReceiverPaths,
}

fn is_empty_selector(selector: &super::LabelSelector) -> bool {
    selector.match_labels.is_empty() && selector.match_expressions.is_empty()
}
