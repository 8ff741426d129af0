//! What one subscription has on offer: the candidates of one discovery result, newest first (requirements A2).

use super::artifact::{Artifact, Key};
use crate::{
    expr::{
        Problem, Value,
        kargo::{Answer, discovered_chart, discovered_commit, discovered_image},
    },
    model::{
        Chart, ChartDiscovery, DiscoveredArtifacts, GitCommit, GitDiscovery, Image, ImageDiscovery, OtherDiscovery,
        url::{normalize_chart, normalize_git, normalize_image},
    },
};

/// The candidates of one discovery result. Rank 0 is the newest, the one that Kargo takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Window<'a> {
    /// Commits.
    Commits(&'a GitDiscovery),
    /// Images.
    Images(&'a ImageDiscovery),
    /// Versions of a chart.
    Charts(&'a ChartDiscovery),
    /// Artifacts of another kind.
    Others(&'a OtherDiscovery),
}

/// The windows of a discovery, in the order in which combinations list their ranks: git, images, charts, others.
///
/// ```
/// use kargo_core::{freight::creation::windows, model::{DiscoveredArtifacts, DiscoveredImage, ImageDiscovery}};
///
/// let image = DiscoveredImage { tag: "1.4.2".into(), ..DiscoveredImage::default() };
/// let cart = ImageDiscovery { repo_url: "ghcr.io/acme/cart".into(), references: vec![image], ..ImageDiscovery::default() };
/// let found = DiscoveredArtifacts { images: vec![cart], ..DiscoveredArtifacts::default() };
/// let windows = windows(&found);
/// assert_eq!((windows.len(), windows[0].len()), (1, 1));
/// assert_eq!(windows[0].artifact(0).unwrap().to_string(), "image ghcr.io/acme/cart:1.4.2");
/// ```
#[must_use]
pub fn windows(found: &DiscoveredArtifacts) -> Vec<Window<'_>> {
    let git = found.git.iter().map(Window::Commits);
    let images = found.images.iter().map(Window::Images);
    let charts = found.charts.iter().map(Window::Charts);
    git.chain(images).chain(charts).chain(found.results.iter().map(Window::Others)).collect()
}

impl Window<'_> {
    /// How many candidates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Commits(result) => result.commits.len(),
            Self::Images(result) => result.references.len(),
            Self::Charts(result) => result.versions.len(),
            Self::Others(result) => result.artifact_references.len(),
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its candidates are, as in "no *image of ghcr.io/acme/cart*".
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Commits(result) => format!("commit of {}", result.repo_url),
            Self::Images(result) => format!("image of {}", result.repo_url),
            Self::Charts(result) => match result.name.as_deref() {
                None | Some("") => format!("version of chart {}", result.repo_url),
                Some(name) => format!("version of chart {name} of {}", result.repo_url),
            },
            Self::Others(result) => format!("artifact of {}", result.subscription_name),
        }
    }

    /// The artifact that a candidate becomes in freight (discovery 1.9); `None` if there is no such candidate.
    #[must_use]
    pub fn artifact(&self, rank: usize) -> Option<Artifact> {
        Some(match self {
            Self::Commits(result) => {
                let commit = result.commits.get(rank)?;
                Artifact::Commit(GitCommit {
                    repo_url: result.repo_url.clone(),
                    id: commit.id.clone().unwrap_or_default(),
                    branch: commit.branch.clone(),
                    tag: commit.tag.clone(),
                    message: commit.subject.clone(),
                    author: commit.author.clone(),
                    committer: commit.committer.clone(),
                    subscription_name: result.subscription_name.clone(),
                })
            }
            Self::Images(result) => {
                let image = result.references.get(rank)?;
                Artifact::Image(Image {
                    repo_url: result.repo_url.clone(),
                    tag: image.tag.clone(),
                    digest: image.digest.clone(),
                    annotations: image.annotations.clone(),
                    subscription_name: result.subscription_name.clone(),
                })
            }
            Self::Charts(result) => Artifact::Chart(Chart {
                repo_url: result.repo_url.clone(),
                name: result.name.clone(),
                version: result.versions.get(rank)?.clone(),
                subscription_name: result.subscription_name.clone(),
            }),
            Self::Others(result) => Artifact::Other(result.artifact_references.get(rank)?.clone()),
        })
    }

    /// To which subscription it belongs.
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Others(result) => Key::Other(result.subscription_name.clone()),
            Self::Commits(result) => Key::Git(normalize_git(&result.repo_url)),
            Self::Images(result) => Key::Image(result.repo_url.clone()),
            Self::Charts(result) => Key::of_chart(&Chart {
                repo_url: result.repo_url.clone(),
                name: result.name.clone(),
                ..Chart::default()
            }),
        }
    }

    /// What criteria find it by: the normal form of the URL, or the subscription's name.
    pub(super) fn lookup_key(&self) -> String {
        match self {
            Self::Commits(result) => normalize_git(&result.repo_url),
            Self::Images(result) => normalize_image(&result.repo_url),
            Self::Charts(result) => normalize_chart(&result.repo_url),
            Self::Others(result) => result.subscription_name.clone(),
        }
    }

    /// What criteria see of a candidate (discovery 1.8); nil if there is none.
    pub(super) fn value(&self, rank: usize) -> Result<Value, Problem> {
        Ok(match self {
            Self::Commits(result) => result.commits.get(rank).map_or(Value::Null, discovered_commit),
            Self::Images(result) => result.references.get(rank).map_or(Value::Null, discovered_image),
            Self::Charts(result) => result.versions.get(rank).map_or(Value::Null, |version| {
                discovered_chart(&normalize_chart(&result.repo_url), result.name.as_deref(), version)
            }),
            Self::Others(result) => match result.artifact_references.get(rank) {
                None => Value::Null,
                Some(artifact) => Answer::Artifact(artifact.clone()).value()?,
            },
        })
    }
}
