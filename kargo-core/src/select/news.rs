//! What is new: two discoveries of one Warehouse compared (architecture 2, law 2).

use crate::model::{ArtifactReference, DiscoveredArtifacts, DiscoveredCommit, DiscoveredImage, Source, Subscription};

/// An artifact that a subscription selects.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FoundArtifact {
    /// A commit of a git subscription.
    Commit(DiscoveredCommit),
    /// An image.
    Image(DiscoveredImage),
    /// A version of a chart.
    Chart(String),
    /// An artifact of a generic subscription.
    Other(ArtifactReference),
}

/// An artifact that is in the window of a subscription now, and was not before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewArtifact {
    /// The repository as the subscription spells it; empty for generic subscriptions.
    pub repo_url: String,
    /// The chart's name, for charts of classic repositories.
    pub chart: Option<String>,
    /// The subscription's name.
    pub subscription_name: Option<String>,
    /// Its place in the window: 0 is the best.
    pub rank: usize,
    /// The artifact.
    pub artifact: FoundArtifact,
}

/// The artifacts that are new to the window of their subscription, in the order of the discovery; none where nothing changed.
///
/// An artifact is the same if it is the same in the id of freight (discovery 1.9): a commit by tag and hash, an image by tag
/// and digest, a chart by its version, a generic artifact by kind and version. So none of these is news: another annotation,
/// date, author or branch, another order, an artifact that is gone, a later `discoveredAt`. A window is the same if kind,
/// repository (and chart) as they are spelled, and name of the subscription are: after a change of these, as after a first
/// discovery, all of it is new, for all of it may become other freight.
///
/// What is gone or changes places makes no news, but may change what freight is made next; see [`has_same_windows`].
///
/// ```
/// use kargo_core::model::{ChartDiscovery, DiscoveredArtifacts};
/// use kargo_core::select::news;
///
/// let charts = |versions: &[&str]| DiscoveredArtifacts {
///     charts: vec![ChartDiscovery { versions: versions.iter().map(ToString::to_string).collect(), ..Default::default() }],
///     ..Default::default()
/// };
/// let (before, now) = (charts(&["1.1.0", "1.0.0"]), charts(&["1.2.0", "1.1.0"]));
/// assert_eq!(news(Some(&before), &now).len(), 1);
/// assert_eq!(news(Some(&now), &now), []);
/// ```
#[must_use]
pub fn news(before: Option<&DiscoveredArtifacts>, now: &DiscoveredArtifacts) -> Vec<NewArtifact> {
    let before: Vec<_> = before.map(windows).unwrap_or_default();
    let mut new = Vec::new();
    for window in windows(now) {
        let known: Vec<_> = before.iter().filter(|known| known.is_of_same(&window)).collect();
        for (rank, artifact) in window.artifacts.iter().enumerate() {
            if !known.iter().flat_map(|known| &known.artifacts).any(|known| is_same(known, artifact)) {
                new.push(NewArtifact {
                    repo_url: window.repo_url.to_owned(),
                    chart: window.chart.map(str::to_owned),
                    subscription_name: window.subscription_name.map(str::to_owned),
                    rank,
                    artifact: artifact.clone(),
                });
            }
        }
    }
    new
}

/// Whether two discoveries have the same artifacts in the same windows in the same order: then nothing that is decided from
/// them can differ. Metadata beside the id of freight, and when it was discovered, do not count.
#[must_use]
pub fn has_same_windows(left: &DiscoveredArtifacts, right: &DiscoveredArtifacts) -> bool {
    let (left, right) = (windows(left), windows(right));
    let same = |(left, right): (&Window, &Window)| {
        let mut pairs = left.artifacts.iter().zip(&right.artifacts);
        left.is_of_same(right)
            && left.artifacts.len() == right.artifacts.len()
            && pairs.all(|(left, right)| is_same(left, right))
    };
    left.len() == right.len() && left.iter().zip(&right).all(same)
}

/// Whether an artifact is in the window that a discovery has of a subscription: if not, it is news, as [`news`] has it. For
/// artifacts that are told one by one.
#[must_use]
pub fn is_known(before: &DiscoveredArtifacts, subscription: &Subscription, artifact: &FoundArtifact) -> bool {
    let name = &subscription.name;
    match (&subscription.source, artifact) {
        (Source::Git(git), FoundArtifact::Commit(found)) => before
            .git
            .iter()
            .filter(|result| result.repo_url == git.repo_url && result.subscription_name == *name)
            .any(|result| result.commits.iter().any(|known| is_same_commit(known, found))),
        (Source::Image(image), FoundArtifact::Image(found)) => before
            .images
            .iter()
            .filter(|result| result.repo_url == image.repo_url && result.subscription_name == *name)
            .any(|result| result.references.iter().any(|known| is_same_image(known, found))),
        (Source::Chart(chart), FoundArtifact::Chart(found)) => before
            .charts
            .iter()
            .filter(|result| {
                (&result.repo_url, &result.name, &result.subscription_name) == (&chart.repo_url, &chart.name, name)
            })
            .any(|result| result.versions.contains(found)),
        (Source::Other(_), FoundArtifact::Other(found)) => before
            .results
            .iter()
            .filter(|result| Some(&result.subscription_name) == name.as_ref())
            .any(|result| result.artifact_references.iter().any(|known| is_same_other(known, found))),
        _ => false,
    }
}

/// The result of one subscription.
struct Window<'a> {
    kind: u8,
    repo_url: &'a str,
    chart: Option<&'a str>,
    subscription_name: Option<&'a str>,
    artifacts: Vec<FoundArtifact>,
}

impl Window<'_> {
    fn is_of_same(&self, other: &Self) -> bool {
        (self.kind, self.repo_url, self.chart, self.subscription_name)
            == (other.kind, other.repo_url, other.chart, other.subscription_name)
    }
}

fn windows(found: &DiscoveredArtifacts) -> Vec<Window<'_>> {
    let git = found.git.iter().map(|result| Window {
        kind: 0,
        repo_url: &result.repo_url,
        chart: None,
        subscription_name: result.subscription_name.as_deref(),
        artifacts: result.commits.iter().cloned().map(FoundArtifact::Commit).collect(),
    });
    let images = found.images.iter().map(|result| Window {
        kind: 1,
        repo_url: &result.repo_url,
        chart: None,
        subscription_name: result.subscription_name.as_deref(),
        artifacts: result.references.iter().cloned().map(FoundArtifact::Image).collect(),
    });
    let charts = found.charts.iter().map(|result| Window {
        kind: 2,
        repo_url: &result.repo_url,
        chart: result.name.as_deref(),
        subscription_name: result.subscription_name.as_deref(),
        artifacts: result.versions.iter().cloned().map(FoundArtifact::Chart).collect(),
    });
    let others = found.results.iter().map(|result| Window {
        kind: 3,
        repo_url: "",
        chart: None,
        subscription_name: Some(&result.subscription_name),
        artifacts: result.artifact_references.iter().cloned().map(FoundArtifact::Other).collect(),
    });
    git.chain(images).chain(charts).chain(others).collect()
}

fn is_same(left: &FoundArtifact, right: &FoundArtifact) -> bool {
    match (left, right) {
        (FoundArtifact::Commit(left), FoundArtifact::Commit(right)) => is_same_commit(left, right),
        (FoundArtifact::Image(left), FoundArtifact::Image(right)) => is_same_image(left, right),
        (FoundArtifact::Chart(left), FoundArtifact::Chart(right)) => left == right,
        (FoundArtifact::Other(left), FoundArtifact::Other(right)) => is_same_other(left, right),
        _ => false,
    }
}

fn is_same_commit(left: &DiscoveredCommit, right: &DiscoveredCommit) -> bool {
    (&left.id, &left.tag) == (&right.id, &right.tag)
}

fn is_same_image(left: &DiscoveredImage, right: &DiscoveredImage) -> bool {
    (&left.tag, &left.digest) == (&right.tag, &right.digest)
}

fn is_same_other(left: &ArtifactReference, right: &ArtifactReference) -> bool {
    (&left.artifact_type, &left.version) == (&right.artifact_type, &right.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChartDiscovery, GitDiscovery, ImageDiscovery, OtherDiscovery};

    fn commit(id: &str, tag: Option<&str>) -> DiscoveredCommit {
        DiscoveredCommit { id: Some(id.into()), tag: tag.map(Into::into), ..DiscoveredCommit::default() }
    }

    fn image(tag: &str, digest: &str) -> DiscoveredImage {
        DiscoveredImage { tag: tag.into(), digest: digest.into(), ..DiscoveredImage::default() }
    }

    fn other(version: &str) -> ArtifactReference {
        ArtifactReference { subscription_name: "w".into(), version: version.into(), ..ArtifactReference::default() }
    }

    fn found() -> DiscoveredArtifacts {
        DiscoveredArtifacts {
            discovered_at: "2026-05-01T10:00:00Z".parse().ok(),
            git: vec![GitDiscovery {
                repo_url: "https://git.corp/a".into(),
                commits: vec![commit("c2", Some("v2")), commit("c1", Some("v1"))],
                ..GitDiscovery::default()
            }],
            images: vec![ImageDiscovery {
                repo_url: "ghcr.io/a".into(),
                references: vec![image("2", "d2"), image("1", "d1")],
                ..ImageDiscovery::default()
            }],
            charts: vec![ChartDiscovery {
                repo_url: "https://charts.corp".into(),
                name: Some("a".into()),
                versions: vec!["2.0.0".into(), "1.0.0".into()],
                ..ChartDiscovery::default()
            }],
            results: vec![OtherDiscovery {
                subscription_name: "w".into(),
                artifact_references: vec![other("2"), other("1")],
            }],
        }
    }

    #[test]
    fn law_2_an_unchanged_discovery_has_no_news() {
        let before = found();
        let mut now = found();
        now.discovered_at = None;
        now.git[0].commits[0].author = Some("Eve".into());
        now.git[0].commits[0].branch = Some("main".into());
        now.git[0].observed_refs = Some(crate::model::ObservedRefs::default());
        now.images[0].references[0].annotations.insert("a".into(), "b".into());
        now.images[0].references[0].created_at = before.discovered_at;
        now.results[0].artifact_references[0].metadata = Some(serde_json::json!({}));
        assert_eq!(news(Some(&before), &now), []);
        assert!(has_same_windows(&before, &now), "metadata takes no part in the id of freight");
    }

    #[test]
    fn law_2_order_and_losses_are_no_news_but_change_the_windows() {
        let before = found();
        for change in [
            |now: &mut DiscoveredArtifacts| now.git[0].commits.reverse(),
            |now: &mut DiscoveredArtifacts| drop(now.images[0].references.remove(0)),
            |now: &mut DiscoveredArtifacts| now.charts[0].versions.clear(),
            |now: &mut DiscoveredArtifacts| now.results.clear(),
        ] {
            let mut now = found();
            change(&mut now);
            assert_eq!(news(Some(&before), &now), []);
            assert!(!has_same_windows(&before, &now));
        }
    }

    #[test]
    fn law_2_what_is_new_to_a_window_is_named_with_its_place() {
        let before = found();
        let mut now = found();
        now.git[0].commits[1] = commit("c9", Some("v1"));
        now.images[0].references[0] = image("2", "d9");
        now.charts[0].versions.insert(1, "1.5.0".into());
        now.results[0].artifact_references.insert(0, other("3"));
        let new = news(Some(&before), &now);
        let expected = [
            (1, FoundArtifact::Commit(commit("c9", Some("v1")))),
            (0, FoundArtifact::Image(image("2", "d9"))),
            (1, FoundArtifact::Chart("1.5.0".into())),
            (0, FoundArtifact::Other(other("3"))),
        ];
        assert_eq!(new.iter().map(|new| (new.rank, new.artifact.clone())).collect::<Vec<_>>(), expected);
        assert_eq!((new[2].repo_url.as_str(), new[2].chart.as_deref()), ("https://charts.corp", Some("a")));
        assert_eq!(new[3].subscription_name.as_deref(), Some("w"));
    }

    #[test]
    fn law_2_one_by_one_it_is_as_all_at_once() {
        let subscriptions: Vec<Subscription> = serde_json::from_value(serde_json::json!([
            { "git": { "repoURL": "https://git.corp/a" } },
            { "image": { "repoURL": "ghcr.io/a" } },
            { "chart": { "repoURL": "https://charts.corp", "name": "a" } },
            { "name": "w", "model": {} },
        ]))
        .unwrap();
        let before = found();
        for (subscription, window) in subscriptions.iter().zip(windows(&before)) {
            assert!(window.artifacts.iter().all(|artifact| is_known(&before, subscription, artifact)));
            let renamed = Subscription { name: Some("x".into()), ..subscription.clone() };
            assert!(!window.artifacts.iter().any(|artifact| is_known(&before, &renamed, artifact)));
        }
        for (subscription, artifact) in subscriptions.iter().zip([
            FoundArtifact::Commit(commit("c2", Some("v1"))),
            FoundArtifact::Image(image("2", "d1")),
            FoundArtifact::Chart("2.0.1".into()),
            FoundArtifact::Other(other("3")),
        ]) {
            assert!(!is_known(&before, subscription, &artifact), "{artifact:?}");
        }
        assert!(!is_known(&before, &subscriptions[0], &FoundArtifact::Chart("2.0.0".into())), "another kind");
    }

    #[test]
    fn law_2_windows_are_kept_apart() {
        assert_eq!(news(None, &found()).len(), 8, "the first discovery");
        for change in [
            |now: &mut DiscoveredArtifacts| now.git[0].repo_url.push('/'),
            |now: &mut DiscoveredArtifacts| now.images[0].subscription_name = Some("x".into()),
            |now: &mut DiscoveredArtifacts| now.charts[0].name = Some("b".into()),
        ] {
            let mut now = found();
            change(&mut now);
            assert_eq!(news(Some(&found()), &now).len(), 2);
            assert!(!has_same_windows(&found(), &now));
        }
        let mut twice = found();
        twice.images.push(ImageDiscovery { repo_url: "ghcr.io/b".into(), ..twice.images[0].clone() });
        assert_eq!(news(Some(&found()), &twice).len(), 2, "the same image of another repository is another");
    }
}
