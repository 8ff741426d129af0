//! Collections of freight, one piece per origin, and what verification said of them (resources 8.4 to 8.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ArtifactReference, Chart, FreightName, GitCommit, Image, Origin, Timestamp, VerificationPhase, origin,
    skip::is_default, time,
};

/// A copy of what a piece of freight is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FreightReference {
    /// The freight's id.
    #[serde(skip_serializing_if = "is_default")]
    pub name: FreightName,
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
}

/// Freight of several origins that is in a Stage together, at most one piece of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FreightCollection {
    /// The collection's id (resources 16.6).
    pub id: String,
    /// The freight, by origin. (Kargo spells this field `items`.)
    #[serde(with = "origin::keyed", rename = "items", skip_serializing_if = "BTreeMap::is_empty")]
    pub freight: BTreeMap<Origin, FreightReference>,
    /// What verification said, newest first, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verification_history: Vec<VerificationInfo>,
}

/// One verification of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerificationInfo {
    /// The verification's id, a UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who asked for it again, or stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// When it started.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<VerificationPhase>,
    /// An explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The Argo Rollouts run, where one was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis_run: Option<AnalysisRunReference>,
    /// When it ended. Set provisionally at the start (resources 23, trap 13).
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finish_time: Option<Timestamp>,
}

/// An Argo Rollouts run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisRunReference {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its last known phase, in Argo Rollouts' words.
    pub phase: String,
}
