//! One artifact of any kind: what it belongs to, and which revision it is.

use std::fmt;

use crate::model::{
    ArtifactReference, Chart, Freight, GitCommit, Image, Source, Subscription,
    url::{chart_key, has_normal_git, normalize_git},
};

/// An artifact of any kind.
///
/// ```
/// use kargo_core::{freight::creation::Artifact, model::Image};
///
/// let image = Image { repo_url: "ghcr.io/acme/cart".into(), tag: "1.4.2".into(), ..Image::default() };
/// assert_eq!(Artifact::from(image).to_string(), "image ghcr.io/acme/cart:1.4.2");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Artifact {
    /// A commit.
    Commit(GitCommit),
    /// An image.
    Image(Image),
    /// A version of a chart.
    Chart(Chart),
    /// An artifact of another kind.
    Other(ArtifactReference),
}

impl From<GitCommit> for Artifact {
    fn from(commit: GitCommit) -> Self {
        Self::Commit(commit)
    }
}

impl From<Image> for Artifact {
    fn from(image: Image) -> Self {
        Self::Image(image)
    }
}

impl From<Chart> for Artifact {
    fn from(chart: Chart) -> Self {
        Self::Chart(chart)
    }
}

impl From<ArtifactReference> for Artifact {
    fn from(artifact: ArtifactReference) -> Self {
        Self::Other(artifact)
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(commit) => match commit.tag.as_deref() {
                None | Some("") => write!(f, "commit {} of {}", commit.id, commit.repo_url),
                Some(tag) => write!(f, "commit {} ({tag}) of {}", commit.id, commit.repo_url),
            },
            Self::Image(image) if image.tag.is_empty() => write!(f, "image {}@{}", image.repo_url, image.digest),
            Self::Image(image) => write!(f, "image {}:{}", image.repo_url, image.tag),
            Self::Chart(chart) => match chart.name.as_deref() {
                None | Some("") => write!(f, "chart {} {}", chart.repo_url, chart.version),
                Some(name) => write!(f, "chart {name} {} of {}", chart.version, chart.repo_url),
            },
            Self::Other(other) => write!(f, "artifact {} of {}", other.version, other.subscription_name),
        }
    }
}

impl Artifact {
    /// What decides to which subscription it belongs (discovery 1.10).
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Commit(commit) => Key::of_commit(commit),
            Self::Image(image) => Key::of_image(image),
            Self::Chart(chart) => Key::of_chart(chart),
            Self::Other(other) => Key::Other(other.subscription_name.clone()),
        }
    }

    /// Whether it is the same revision, whatever else is recorded of it.
    pub(super) fn is_same_revision(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Commit(one), Self::Commit(other)) => one.id == other.id && one.tag == other.tag,
            (Self::Image(one), Self::Image(other)) => one.tag == other.tag && one.digest == other.digest,
            (Self::Chart(one), Self::Chart(other)) => one.version == other.version,
            (Self::Other(one), Self::Other(other)) => {
                one.version == other.version && one.artifact_type == other.artifact_type
            }
            _ => false,
        }
    }

    /// The name of the subscription it was found by, where its kind may leave that open.
    pub(super) fn subscription_name_mut(&mut self) -> Option<&mut Option<String>> {
        match self {
            Self::Commit(commit) => Some(&mut commit.subscription_name),
            Self::Image(image) => Some(&mut image.subscription_name),
            Self::Chart(chart) => Some(&mut chart.subscription_name),
            Self::Other(_) => None,
        }
    }

    /// Puts it into freight, behind those of its kind.
    pub(super) fn add_to(self, freight: &mut Freight) {
        match self {
            Self::Commit(commit) => freight.commits.push(commit),
            Self::Image(image) => freight.images.push(image),
            Self::Chart(chart) => freight.charts.push(chart),
            Self::Other(other) => freight.artifacts.push(other),
        }
    }
}

/// What a subscription and its artifacts have in common (discovery 1.10): a git repository's URL in normal form, an image's as
/// it is written, a chart's path, the name of another subscription.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Git(String),
    Image(String),
    Chart(String),
    Other(String),
}

impl Key {
    pub(super) fn of_commit(commit: &GitCommit) -> Self {
        Self::Git(normalize_git(&commit.repo_url))
    }

    pub(super) fn of_image(image: &Image) -> Self {
        Self::Image(image.repo_url.clone())
    }

    pub(super) fn of_chart(chart: &Chart) -> Self {
        Self::Chart(chart_key(&chart.repo_url, chart.name.as_deref().unwrap_or_default()))
    }

    pub(super) fn of_subscription(subscription: &Subscription) -> Self {
        match &subscription.source {
            Source::Git(git) => Self::Git(normalize_git(&git.repo_url)),
            Source::Image(image) => Self::Image(image.repo_url.clone()),
            Source::Chart(chart) => Self::Chart(chart_key(&chart.repo_url, chart.name.as_deref().unwrap_or_default())),
            Source::Other(_) => Self::Other(subscription.name.clone().unwrap_or_default()),
        }
    }

    /// Whether it is that of a subscription. There may be a thousand others, so that theirs are made only where it takes that.
    pub(super) fn is_of(&self, subscription: &Subscription) -> bool {
        match (self, &subscription.source) {
            (Self::Git(normal), Source::Git(git)) => has_normal_git(&git.repo_url, normal),
            (Self::Image(url), Source::Image(image)) => image.repo_url == *url,
            (Self::Chart(_), Source::Chart(_)) | (Self::Other(_), Source::Other(_)) => {
                Self::of_subscription(subscription) == *self
            }
            _ => false,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(url) => write!(f, "git repository {url}"),
            Self::Image(url) => write!(f, "image repository {url}"),
            Self::Chart(path) => write!(f, "chart {path}"),
            Self::Other(name) => write!(f, "subscription {name}"),
        }
    }
}
