//! What a Warehouse found: its status (resources 7.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ArtifactReference, Condition, Digest, Tag, Timestamp, time};

/// Status of a Warehouse.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WarehouseStatus {
    /// Ready, Reconciling, Healthy, ... (resources 21).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The last refresh token that was handled (resources 15.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_handled_refresh: Option<String>,
    /// The generation of the last successful discovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Name of the newest freight produced. Unreliable: see resources 23, trap 5.
    #[serde(rename = "lastFreightID", skip_serializing_if = "Option::is_none")]
    pub last_freight_id: Option<String>,
    /// What was found last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovered_artifacts: Option<DiscoveredArtifacts>,
}

/// Everything that one discovery found, one result per subscription. In each result the first entry is the best.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiscoveredArtifacts {
    /// When discovery ended; written as null when unset.
    #[serde(with = "time::optional")]
    pub discovered_at: Option<Timestamp>,
    /// Results of git subscriptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub git: Vec<GitDiscovery>,
    /// Results of image subscriptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageDiscovery>,
    /// Results of chart subscriptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<ChartDiscovery>,
    /// Results of other subscriptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<OtherDiscovery>,
}

/// Commits found by one subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GitDiscovery {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// Commits, best first; empty means none was found.
    pub commits: Vec<DiscoveredCommit>,
    /// The subscription's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
    /// What the remote's refs were, to notice a change cheaply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_refs: Option<ObservedRefs>,
}

/// A commit that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiscoveredCommit {
    /// The commit's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The branch, for `NewestFromBranch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The tag, for the tag strategies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
    /// First line of the message, cut to 80 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who committed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committer: Option<String>,
    /// When the commit or the tag was made.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub creator_date: Option<Timestamp>,
}

/// Refs of a remote: the head of a branch, or tags sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObservedRefs {
    /// The commit at the head of the branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_head: Option<String>,
    /// Tags; for an annotated tag the id is the tag object's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<ObservedTag>,
}

/// A tag of a remote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedTag {
    /// The tag's name.
    pub name: Tag,
    /// The object it points at.
    pub id: String,
}

/// Images found by one subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageDiscovery {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// The platform constraint as the subscription spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Images, best first; empty means none was found.
    pub references: Vec<DiscoveredImage>,
    /// The subscription's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
}

/// An image that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiscoveredImage {
    /// The tag.
    pub tag: Tag,
    /// The digest of what the tag points at: the index's, for images of many platforms.
    pub digest: Digest,
    /// Annotations (discovery 2.8).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// When the image was built (discovery 2.7).
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// Chart versions found by one subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChartDiscovery {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// The chart's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The version constraint as the subscription spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semver_constraint: Option<String>,
    /// Versions, best first; empty means none was found.
    pub versions: Vec<String>,
    /// The subscription's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
}

/// Artifacts found by one generic subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OtherDiscovery {
    /// The subscription's name. (Kargo spells this field `name`.)
    #[serde(rename = "name")]
    pub subscription_name: String,
    /// Artifacts, best first.
    pub artifact_references: Vec<ArtifactReference>,
}
