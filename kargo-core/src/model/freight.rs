//! Freight: artifacts that move together, and where they have been (resources 8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ArtifactReference, Chart, Duration, GitCommit, Image, ObjectMeta, Origin, StageName, Timestamp, time};

/// Artifacts that move together. Its `metadata.name` is its id (resources 16.1); it has no spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Freight {
    /// Name (the id), project, labels, annotations.
    pub metadata: ObjectMeta,
    /// A name for people, unique in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// When the artifacts were found: what "newest" compares.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub discovered_at: Option<Timestamp>,
    /// Who produced it.
    pub origin: Origin,
    /// Commits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<GitCommit>,
    /// Images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Charts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
    /// Artifacts of other kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<ArtifactReference>,
    /// Where it is and has been.
    pub status: FreightStatus,
}

/// Where freight is and has been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FreightStatus {
    /// Stages that use it now.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub currently_in: BTreeMap<StageName, CurrentStage>,
    /// Stages that verified it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub verified_in: BTreeMap<StageName, VerifiedStage>,
    /// Stages it was approved for by hand.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub approved_for: BTreeMap<StageName, ApprovedStage>,
    /// Data of users.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
}

/// A Stage that uses the freight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CurrentStage {
    /// Since when.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// A Stage that verified the freight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifiedStage {
    /// When, the first time.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// The longest stay that has ended. (Kargo spells this field `longestSoak`.)
    #[serde(rename = "longestSoak", skip_serializing_if = "Option::is_none")]
    pub longest_completed_soak: Option<Duration>,
}

/// A Stage that the freight was approved for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApprovedStage {
    /// When, the first time.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
}
