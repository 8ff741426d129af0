//! Subscriptions: one source of artifacts each (resources 7.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};
use serde_json::{Map, Value};

use super::{Timestamp, skip::is_default, time};

/// One source of artifacts, perhaps with a name.
///
/// Written as an object with one *type key* (`git`, `image`, `chart`, or any other word for a generic subscription) and the
/// optional sibling key `name`. The name takes part in the id of freight (resources 16.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The subscription's name, unique in its Warehouse; required for generic subscriptions.
    pub name: Option<String>,
    /// What is subscribed to.
    pub source: Source,
}

impl Subscription {
    /// How many artifacts discovery keeps unless the subscription says otherwise.
    pub const DEFAULT_DISCOVERY_LIMIT: i64 = 20;

    /// The type key: `git`, `image`, `chart`, or a generic subscription's own word.
    #[must_use]
    pub fn type_key(&self) -> &str {
        match &self.source {
            Source::Git(_) => "git",
            Source::Image(_) => "image",
            Source::Chart(_) => "chart",
            Source::Other(other) => &other.subscription_type,
        }
    }
}

/// What is subscribed to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// Commits of a git repository.
    Git(GitSubscription),
    /// Images of a container repository.
    Image(ImageSubscription),
    /// Versions of a Helm chart.
    Chart(ChartSubscription),
    /// Artifacts of another kind.
    Other(OtherSubscription),
}

/// Commits of a git repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GitSubscription {
    /// The repository.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// How to select commits.
    pub commit_selection_strategy: CommitSelectionStrategy,
    /// The branch, for `NewestFromBranch`; absent means the remote's default branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Whether tags must have all three numbers, for `SemVer`. Admission writes true where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_semvers: Option<bool>,
    /// A version constraint, for `SemVer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semver_constraint: Option<String>,
    /// Removed: discovery fails if it is set (resources 22). Kept so that a manifest round-trips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_tags: Option<String>,
    /// A tag must match one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_tags_regexes: Vec<String>,
    /// Removed: discovery fails if it is set (resources 22).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_tags: Vec<String>,
    /// A tag must match none of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_tags_regexes: Vec<String>,
    /// Expression over a commit's or tag's metadata that must be true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression_filter: Option<String>,
    /// Skips certificate checks.
    #[serde(rename = "insecureSkipTLSVerify", skip_serializing_if = "is_default")]
    pub insecure_skip_tls_verify: bool,
    /// A change must touch one of these paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include_paths: Vec<String>,
    /// Paths that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_paths: Vec<String>,
    /// How many commits to keep, 1 to 100. Admission writes 20 where nothing is said.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery_limit: i64,
    /// Older commits are not looked at, for `NewestFromBranch`.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether to clone without file contents.
    #[serde(skip_serializing_if = "is_default")]
    pub blobless: bool,
}

/// How commits are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CommitSelectionStrategy {
    /// The newest commits of a branch.
    #[default]
    NewestFromBranch,
    /// Tags that are versions, greatest first.
    SemVer,
    /// Tags, last in byte order first.
    Lexical,
    /// Tags, newest first.
    NewestTag,
}

/// Images of a container repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageSubscription {
    /// The repository, without scheme and tag.
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// How to select images.
    pub image_selection_strategy: ImageSelectionStrategy,
    /// `SemVer`: a version constraint; `Digest`: the moving tag; else without meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// Whether tags must have all three numbers, for `SemVer`. Admission writes true where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_semvers: Option<bool>,
    /// Removed: discovery fails if it is set (resources 22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_tags: Option<String>,
    /// A tag must match one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_tags_regexes: Vec<String>,
    /// Removed: discovery fails if it is set (resources 22).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_tags: Vec<String>,
    /// A tag must match none of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_tags_regexes: Vec<String>,
    /// `<os>/<arch>[/<variant>]`; absent means any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Skips certificate checks.
    #[serde(rename = "insecureSkipTLSVerify", skip_serializing_if = "is_default")]
    pub insecure_skip_tls_verify: bool,
    /// How many images to keep, 1 to 100. Admission writes 20 where nothing is said.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery_limit: i64,
    /// Trusts that a tag never moves.
    #[serde(skip_serializing_if = "is_default")]
    pub cache_by_tag: bool,
}

/// How images are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ImageSelectionStrategy {
    /// Tags that are versions, greatest first.
    #[default]
    SemVer,
    /// Tags, last in byte order first.
    Lexical,
    /// The image built last first.
    NewestBuild,
    /// What one moving tag points at.
    Digest,
}

/// Versions of a Helm chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChartSubscription {
    /// A chart repository (`http://`, `https://`) or a chart in a registry (`oci://`).
    #[serde(rename = "repoURL")]
    pub repo_url: String,
    /// The chart's name in a chart repository; absent for `oci://`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A version constraint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semver_constraint: Option<String>,
    /// How many versions to keep, 1 to 100. Admission writes 20 where nothing is said.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery_limit: i64,
    /// Skips certificate checks.
    #[serde(rename = "insecureSkipTLSVerify", skip_serializing_if = "is_default")]
    pub insecure_skip_tls_verify: bool,
}

/// Artifacts of a kind that a registered subscriber knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OtherSubscription {
    /// The kind of artifact; equals the type key.
    pub subscription_type: String,
    /// What the subscriber needs to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// How many artifacts to keep, 1 to 100. Admission writes 20 where nothing is said.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery_limit: i64,
}

impl Serialize for Subscription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + usize::from(self.name.is_some())))?;
        if let Some(name) = &self.name {
            map.serialize_entry("name", name)?;
        }
        match &self.source {
            Source::Git(git) => map.serialize_entry("git", git)?,
            Source::Image(image) => map.serialize_entry("image", image)?,
            Source::Chart(chart) => map.serialize_entry("chart", chart)?,
            Source::Other(other) => map.serialize_entry(&other.subscription_type, other)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Subscription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let name = match entries.remove("name") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(D::Error::custom("a subscription's name is text")),
        };
        let mut entries = entries.into_iter();
        let (Some((key, body)), None) = (entries.next(), entries.next()) else {
            return Err(D::Error::custom("a subscription has exactly one type key, such as git, image or chart"));
        };
        let source = match key.as_str() {
            "git" => Source::Git(read(body)?),
            "image" => Source::Image(read(body)?),
            "chart" => Source::Chart(read(body)?),
            _ => Source::Other(OtherSubscription { subscription_type: key, ..read(body)? }),
        };
        Ok(Self { name, source })
    }
}

fn read<T: serde::de::DeserializeOwned, E: serde::de::Error>(body: Value) -> Result<T, E> {
    let body = if body.is_null() { Value::Object(Map::new()) } else { body };
    serde_json::from_value(body).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_7_1_exactly_one_type_key() {
        for (value, ok) in [
            (json!({"image": {"repoURL": "ghcr.io/acme/cart"}}), true),
            (json!({"name": "cart", "git": {"repoURL": "https://github.com/acme/cart"}}), true),
            (json!({"name": "weights", "model": {"config": {"a": 1}}}), true),
            (json!({"name": "cart"}), false),
            (json!({"git": {}, "image": {}}), false),
            (json!({}), false),
        ] {
            assert_eq!(serde_json::from_value::<Subscription>(value.clone()).is_ok(), ok, "{value}");
        }
    }

    #[test]
    fn resources_7_1_a_generic_body_repeats_its_type() {
        let read: Subscription =
            serde_json::from_value(json!({"name": "w", "model": {"subscriptionType": "x"}})).unwrap();
        assert_eq!(read.type_key(), "model");
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written, json!({"name": "w", "model": {"subscriptionType": "model"}}));
    }
}
