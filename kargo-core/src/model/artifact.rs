//! Artifacts: what freight is made of (resources 8.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Digest, Tag, skip::is_default};

/// A commit of a git repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GitCommit {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL", skip_serializing_if = "String::is_empty")]
    pub repo_url: String,
    /// The commit's hash.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The branch it was found on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The tag it was found by; takes part in the freight's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
    /// First line of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who committed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committer: Option<String>,
    /// The subscription's name; takes part in the freight's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
}

impl GitCommit {
    /// Whether two commits are the same revision: repository and hash, whatever else is recorded.
    #[must_use]
    pub fn is_same_revision(&self, other: &Self) -> bool {
        self.repo_url == other.repo_url && self.id == other.id
    }
}

/// A container image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Image {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL", skip_serializing_if = "String::is_empty")]
    pub repo_url: String,
    /// The tag.
    #[serde(skip_serializing_if = "is_default")]
    pub tag: Tag,
    /// The digest of what the tag pointed at.
    #[serde(skip_serializing_if = "is_default")]
    pub digest: Digest,
    /// Annotations of the image.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The subscription's name; takes part in the freight's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
}

/// A version of a Helm chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Chart {
    /// The repository as the subscription spells it.
    #[serde(rename = "repoURL", skip_serializing_if = "String::is_empty")]
    pub repo_url: String,
    /// The chart's name; absent for charts in OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The subscription's name; takes part in the freight's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_name: Option<String>,
}

/// An artifact of another kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ArtifactReference {
    /// The kind of artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The subscription's name.
    pub subscription_name: String,
    /// The version.
    pub version: String,
    /// Anything the subscriber wants to say, a JSON object. It takes no part in the freight's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_8_2_weak_equality_of_commits() {
        let a =
            GitCommit { repo_url: "https://a".into(), id: "1".into(), tag: Some("v1".into()), ..GitCommit::default() };
        let b = GitCommit { tag: Some("v2".into()), ..a.clone() };
        assert_ne!(a, b);
        assert!(a.is_same_revision(&b));
        assert!(!a.is_same_revision(&GitCommit { id: "2".into(), ..a.clone() }));
    }
}
