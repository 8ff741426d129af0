//! Charts: from the versions of an index, or the tags of a registry, to those that a subscription selects (discovery 4).

use std::collections::BTreeSet;

use super::{
    Constraint, Version,
    subscription_error::{SubscriptionError, SubscriptionProblem},
    tag_filter::limit,
    tag_order::constraint_of,
};
use crate::model::ChartSubscription;

/// A chart subscription, checked and compiled.
///
/// ```
/// use kargo_core::{model::ChartSubscription, select::chart::ChartRules};
///
/// let subscription = ChartSubscription {
///     repo_url: "oci://ghcr.io/acme/cart".into(),
///     semver_constraint: Some("^1".into()),
///     ..ChartSubscription::default()
/// };
/// let mut selection = ChartRules::new(&subscription)?.selection();
/// selection.offer(["1.2.0", "1.10.0_build.5", "2.0.0", "latest", "v1.3.0"]);
/// assert_eq!(selection.finish(), ["1.10.0+build.5", "1.2.0"]);
/// # Ok::<(), kargo_core::select::SubscriptionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ChartRules {
    constraint: Option<Constraint>,
    limit: usize,
    source: ChartSource,
}

/// Where the versions of a chart are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartSource {
    /// In the `index.yaml` of a repository. Versions are read leniently.
    Index,
    /// As the tags of an OCI repository, where `_` stands for `+`. Versions are read strictly.
    Tags,
}

impl ChartRules {
    /// Checks and compiles a subscription. Without a limit, 20 versions are kept, as admission would write.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`] if the URL has no known scheme, a name is missing or superfluous, or the constraint or the
    /// limit cannot be read (discovery 4.1).
    pub fn new(subscription: &ChartSubscription) -> Result<Self, SubscriptionError> {
        let url = subscription.repo_url.as_str();
        let named = subscription.name.as_deref().is_some_and(|name| !name.is_empty());
        let source = if url.starts_with("oci://") {
            ChartSource::Tags
        } else if url.starts_with("http://") || url.starts_with("https://") {
            ChartSource::Index
        } else {
            return Err(SubscriptionError::new("repoURL", SubscriptionProblem::ChartUrl { url: url.to_owned() }));
        };
        match (source, named) {
            (ChartSource::Tags, true) => return Err(SubscriptionError::new("name", SubscriptionProblem::ChartName)),
            (ChartSource::Index, false) => {
                return Err(SubscriptionError::new("name", SubscriptionProblem::NoChartName));
            }
            _ => {}
        }
        Ok(Self {
            constraint: constraint_of("semverConstraint", subscription.semver_constraint.as_deref())?,
            limit: limit(subscription.discovery_limit)?,
            source,
        })
    }

    /// Where the versions are listed.
    #[must_use]
    pub fn source(&self) -> ChartSource {
        self.source
    }

    /// Whether a version, as it is listed, may be selected.
    #[must_use]
    pub fn allows(&self, listed: &str) -> bool {
        self.read(listed).is_some()
    }

    /// Begins a selection.
    #[must_use]
    pub fn selection(&self) -> ChartSelection {
        ChartSelection { rules: self.clone(), best: BTreeSet::new() }
    }

    fn read(&self, listed: &str) -> Option<Version> {
        let version = match self.source {
            ChartSource::Index => Version::parse_loose(listed),
            ChartSource::Tags => Version::parse_strict(&listed.replace('_', "+")),
        }
        .ok()?;
        self.constraint.as_ref().is_none_or(|constraint| constraint.matches(&version)).then_some(version)
    }
}

/// Takes listed versions in any order, and keeps the best.
#[derive(Clone, Debug)]
pub struct ChartSelection {
    rules: ChartRules,
    best: BTreeSet<Ranked>,
}

impl ChartSelection {
    /// Takes versions, or tags, as they are listed. What is no version is passed over; a repeated one counts once.
    pub fn offer<V: AsRef<str>>(&mut self, listed: impl IntoIterator<Item = V>) {
        for listed in listed {
            if let Some(version) = self.rules.read(listed.as_ref()) {
                self.best.insert(Ranked(version));
                if self.best.len() > self.rules.limit {
                    self.best.pop_first();
                }
            }
        }
    }

    /// The versions as they are recorded, best first: as the index spells them, or the tags with `+` for `_`.
    #[must_use]
    pub fn finish(self) -> Vec<String> {
        self.best.into_iter().rev().map(|ranked| ranked.0.as_str().to_owned()).collect()
    }
}

/// By precedence, ties by text; the greatest is the best.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ranked(Version);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp_precedence_then_text(&other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(constraint: Option<&str>, limit: i64) -> ChartSubscription {
        ChartSubscription {
            repo_url: "https://charts.example.com".into(),
            name: Some("cart".into()),
            semver_constraint: constraint.map(str::to_owned),
            discovery_limit: limit,
            ..ChartSubscription::default()
        }
    }

    fn tags() -> ChartSubscription {
        ChartSubscription { repo_url: "oci://ghcr.io/acme/cart".into(), ..ChartSubscription::default() }
    }

    fn select(subscription: &ChartSubscription, listed: &[&str]) -> Vec<String> {
        let mut selection = ChartRules::new(subscription).unwrap().selection();
        selection.offer(listed);
        selection.finish()
    }

    #[test]
    fn discovery_4_2_an_index_is_read_leniently_and_spelled_as_it_is() {
        let listed = ["1.0.0", "v1.2", "1.2.0", "1.10.0", "2024.01.02", "latest", "1.2.0-rc.1", "1.0.0", ""];
        assert_eq!(select(&index(None, 0), &listed), ["2024.01.02", "1.10.0", "v1.2", "1.2.0", "1.2.0-rc.1", "1.0.0"]);
        assert_eq!(select(&index(Some("^1.2"), 2), &listed), ["1.10.0", "v1.2"]);
        assert_eq!(select(&index(Some(""), 1), &listed), ["2024.01.02"], "an empty constraint is none");
    }

    #[test]
    fn discovery_4_3_tags_are_read_strictly_with_plus_for_underscore() {
        let listed = ["1.0.0_a", "1.0.0_b", "v1.0.0", "1.0", "01.0.0", "latest", "sha256-abc.sig", "0.9.0-rc_x_y"];
        assert_eq!(select(&tags(), &listed), ["1.0.0+b", "1.0.0+a"]);
        let rules = ChartRules::new(&tags()).unwrap();
        assert!(rules.allows("1.0.0_a") && !rules.allows("v1.0.0"));
    }

    #[test]
    fn discovery_4_1_what_is_wrong_is_named() {
        let bare = ChartSubscription { name: None, ..index(None, 0) };
        for (subscription, field, problem) in [
            (
                ChartSubscription { repo_url: "ghcr.io/acme".into(), ..tags() },
                "repoURL",
                SubscriptionProblem::ChartUrl { url: "ghcr.io/acme".into() },
            ),
            (
                ChartSubscription { repo_url: "OCI://ghcr.io".into(), ..tags() },
                "repoURL",
                SubscriptionProblem::ChartUrl { url: "OCI://ghcr.io".into() },
            ),
            (bare, "name", SubscriptionProblem::NoChartName),
            (ChartSubscription { name: Some("x".into()), ..tags() }, "name", SubscriptionProblem::ChartName),
            (index(None, 101), "discoveryLimit", SubscriptionProblem::Limit { limit: 101 }),
        ] {
            let error = ChartRules::new(&subscription).unwrap_err();
            assert_eq!((error.field(), error.problem()), (field, &problem));
        }
        assert_eq!(ChartRules::new(&index(Some("new"), 0)).unwrap_err().field(), "semverConstraint");
    }

    proptest! {
        #[test]
        fn discovery_4_2_the_best_are_those_of_a_full_sort(
            listed in proptest::collection::vec("v?[0-3](\\.[0-3]){0,2}(-[ab])?(\\+c)?|x", 0..40),
            limit in 1_i64..8,
        ) {
            let mut all: Vec<_> = listed.iter().filter_map(|text| Version::parse_loose(text).ok()).collect();
            all.sort_by(|left, right| right.cmp_precedence_then_text(left));
            all.dedup();
            all.truncate(usize::try_from(limit).unwrap());
            let mut selection = ChartRules::new(&index(None, limit)).unwrap().selection();
            selection.offer(&listed);
            prop_assert_eq!(selection.finish(), all.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    }
}
