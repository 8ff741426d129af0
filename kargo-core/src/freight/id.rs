//! The id of a piece of freight, which is also its name: a checksum of what it is made of (resources 16.1; rules 9).

use crate::model::{
    ArtifactReference, Chart, Freight, FreightName, FreightReference, GitCommit, Image, JunctionName, Origin,
    url::{chart_key, normalize_git},
};

use super::sums::sha1_of_joined;

/// What freight is made of, wherever it is kept.
///
/// ```
/// use kargo_core::freight::Artifacts;
/// use kargo_core::model::{Freight, Image};
/// let freight = Freight { images: vec![Image::default()], ..Freight::default() };
/// assert_eq!(Artifacts::from(&freight).len(), 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Artifacts<'a> {
    /// Commits.
    pub commits: &'a [GitCommit],
    /// Images.
    pub images: &'a [Image],
    /// Charts.
    pub charts: &'a [Chart],
    /// Artifacts of other kinds.
    pub artifacts: &'a [ArtifactReference],
}

impl Artifacts<'_> {
    /// How many artifacts there are, of all kinds together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commits.len() + self.images.len() + self.charts.len() + self.artifacts.len()
    }

    /// Whether there are none. Freight needs at least one (resources 8).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a Freight> for Artifacts<'a> {
    fn from(freight: &'a Freight) -> Self {
        let Freight { commits, images, charts, artifacts, .. } = freight;
        Self { commits, images, charts, artifacts }
    }
}

impl<'a> From<&'a FreightReference> for Artifacts<'a> {
    fn from(freight: &'a FreightReference) -> Self {
        let FreightReference { commits, images, charts, artifacts, .. } = freight;
        Self { commits, images, charts, artifacts }
    }
}

/// The id of freight with this origin and these artifacts: 40 lower-case hex digits (resources 16.1).
///
/// The order of the artifacts takes no part, nor does what merely describes them: branch, message, author, committer,
/// annotations, metadata. The name of a subscription does, so naming one changes the ids of all later freight. Image
/// URLs count as they are written; URLs of git and chart repositories in their normal form (resources 23, trap 3).
///
/// Freight of a Junction has its id from its members instead: [`bundle_id`].
///
/// ```
/// use kargo_core::Origin;
/// use kargo_core::freight::freight_id;
/// use kargo_core::model::{Freight, Image};
/// let freight = Freight {
///     origin: Origin::warehouse("my-warehouse"),
///     images: vec![Image {
///         repo_url: "public.ecr.aws/nginx/nginx".into(),
///         tag: "1.27.0".into(),
///         digest: "sha256:abc".into(),
///         ..Image::default()
///     }],
///     ..Freight::default()
/// };
/// assert_eq!(freight_id(&freight.origin, &freight), "9cb63e7cb3ac2465cb4958883fda69a3de9aa09b");
/// ```
#[must_use]
pub fn freight_id<'a>(origin: &Origin, artifacts: impl Into<Artifacts<'a>>) -> FreightName {
    id_under_key(&origin.to_string(), artifacts.into())
}

/// The id of a bundle that a Junction releases: a checksum of the names of its direct members (rules 9).
///
/// Artifacts take no part, and neither does the order in which the members are given. A bundle that is released again
/// therefore has the same id; the release number tells the releases apart.
///
/// ```
/// use kargo_core::freight::bundle_id;
/// let train = "train".into();
/// assert_eq!(bundle_id(&train, ["b", "a"]), bundle_id(&train, ["a", "b"]));
/// assert_ne!(bundle_id(&train, ["a", "b"]), bundle_id(&"tram".into(), ["a", "b"]));
/// ```
#[must_use]
pub fn bundle_id<T: AsRef<str>>(junction: &JunctionName, members: impl IntoIterator<Item = T>) -> FreightName {
    let mut members: Vec<T> = members.into_iter().collect();
    members.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    sha1_of_joined(&["Junction/", junction, ":"], &members, "|").into()
}

/// The id under an origin key as it is written, which may be one that no [`Origin`] has.
fn id_under_key(origin_key: &str, artifacts: Artifacts<'_>) -> FreightName {
    let mut parts = Vec::with_capacity(artifacts.len());
    parts.extend(artifacts.commits.iter().map(commit_part));
    parts.extend(artifacts.images.iter().map(image_part));
    parts.extend(artifacts.charts.iter().map(chart_part));
    parts.extend(artifacts.artifacts.iter().map(other_part));
    parts.sort_unstable();
    sha1_of_joined(&[origin_key, ":"], &parts, "|").into()
}

fn commit_part(commit: &GitCommit) -> String {
    let repo = normalize_git(&commit.repo_url);
    let part = match commit.tag.as_deref() {
        None | Some("") => [&repo, ":", &commit.id].concat(),
        Some(tag) => [&repo, ":", tag, ":", &commit.id].concat(),
    };
    with_subscription(part, commit.subscription_name.as_deref())
}

fn image_part(image: &Image) -> String {
    let part = [&image.repo_url, ":", &image.tag, "@", &image.digest].concat();
    with_subscription(part, image.subscription_name.as_deref())
}

fn chart_part(chart: &Chart) -> String {
    let key = chart_key(&chart.repo_url, chart.name.as_deref().unwrap_or_default());
    with_subscription([&key, ":", &chart.version].concat(), chart.subscription_name.as_deref())
}

fn other_part(artifact: &ArtifactReference) -> String {
    let kind = artifact.artifact_type.as_deref().unwrap_or_default();
    [kind, ":", &artifact.subscription_name, ":", &artifact.version].concat()
}

fn with_subscription(mut part: String, name: Option<&str>) -> String {
    if let Some(name) = name
        && !name.is_empty()
    {
        part.push(':');
        part.push_str(name);
    }
    part
}

#[cfg(test)]
mod tests;
