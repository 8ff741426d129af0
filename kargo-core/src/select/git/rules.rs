//! What a git subscription says, checked and compiled (discovery 3.1).

use super::{
    BranchSelection, TagListing,
    expression::ExpressionFilter,
    refs::{BRANCHES, TAGS},
};
use crate::{
    model::{CommitSelectionStrategy, GitSubscription, Timestamp},
    select::{
        PathFilter,
        subscription_error::SubscriptionError,
        tag_filter::{TagFilter, limit},
        tag_order::{TagOrder, TagRule, VersionRule},
    },
};

/// A git subscription, checked and compiled.
///
/// What admission would have written where the subscription says nothing holds here, too: a limit of 20, strict versions.
#[derive(Clone, Debug)]
pub struct GitRules {
    pub(super) choice: Choice,
    pub(super) expression: Option<ExpressionFilter>,
    pub(super) paths: PathFilter,
    pub(super) limit: usize,
}

/// Which commits are candidates, in which order.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// The newest of a branch, the remote's default one if it is not named.
    Branch { branch: Option<String>, since: Option<Timestamp> },
    /// Those of the best names of tags.
    Names(TagRule),
    /// Those of the newest tags.
    Dates(TagRule),
}

/// A selection that begins.
#[derive(Clone, Debug)]
pub enum GitSelection {
    /// Walks the history of a branch.
    Branch(BranchSelection),
    /// Takes the names of tags first.
    Tags(TagListing),
}

impl GitRules {
    /// Checks and compiles a subscription.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`] names the field and the rule it breaks: a pattern, a path, a constraint, an expression or a limit
    /// that cannot be read, a field that was removed.
    pub fn new(subscription: &GitSubscription) -> Result<Self, SubscriptionError> {
        let tags = |order| TagFilter::of_git(subscription).map(|filter| TagRule { filter, order });
        let choice = match subscription.commit_selection_strategy {
            CommitSelectionStrategy::NewestFromBranch => Choice::Branch {
                branch: subscription.branch.clone().filter(|branch| !branch.is_empty()),
                since: subscription.since,
            },
            CommitSelectionStrategy::SemVer => {
                let constraint = subscription.semver_constraint.as_deref();
                let versions = VersionRule::new("semverConstraint", constraint, subscription.strict_semvers)?;
                Choice::Names(tags(TagOrder::Version(versions))?)
            }
            CommitSelectionStrategy::Lexical => Choice::Names(tags(TagOrder::Text)?),
            CommitSelectionStrategy::NewestTag => Choice::Dates(tags(TagOrder::Text)?),
        };
        Ok(Self {
            choice,
            expression: ExpressionFilter::new(subscription.expression_filter.as_deref())?,
            paths: PathFilter::new(subscription)?,
            limit: limit(subscription.discovery_limit)?,
        })
    }

    /// Whether a change of this ref, by its full name, may change what is selected, as webhooks ask.
    ///
    /// Where no branch is named, that is one called `main` or `master` (discovery T19).
    #[must_use]
    pub fn allows_ref(&self, name: &str) -> bool {
        match &self.choice {
            Choice::Branch { branch, .. } => name.strip_prefix(BRANCHES).is_some_and(|changed| match branch {
                Some(branch) => branch == changed,
                None => matches!(changed, "main" | "master"),
            }),
            Choice::Names(rule) | Choice::Dates(rule) => name.strip_prefix(TAGS).is_some_and(|tag| rule.allows(tag)),
        }
    }

    /// The branch that is named.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        match &self.choice {
            Choice::Branch { branch, .. } => branch.as_deref(),
            Choice::Names(_) | Choice::Dates(_) => None,
        }
    }

    /// Commits before this are not looked at.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match &self.choice {
            Choice::Branch { since, .. } => *since,
            Choice::Names(_) | Choice::Dates(_) => None,
        }
    }

    /// The path lists.
    #[must_use]
    pub fn paths(&self) -> &PathFilter {
        &self.paths
    }

    /// How many commits are kept.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Begins a selection. `now` is the time that expressions see.
    #[must_use]
    pub fn selection(&self, now: Timestamp) -> GitSelection {
        match &self.choice {
            Choice::Branch { .. } => GitSelection::Branch(BranchSelection::new(self.clone(), now)),
            Choice::Names(rule) | Choice::Dates(rule) => {
                GitSelection::Tags(TagListing::new(self.clone(), rule.clone(), now))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CommitSelectionStrategy as Strategy;

    #[test]
    fn discovery_3_1_what_is_wrong_is_named() {
        let good = GitSubscription { commit_selection_strategy: Strategy::SemVer, ..GitSubscription::default() };
        for (subscription, field) in [
            (GitSubscription { semver_constraint: Some("new".into()), ..good.clone() }, "semverConstraint"),
            (GitSubscription { allow_tags_regexes: vec!["(".into()], ..good.clone() }, "allowTagsRegexes[0]"),
            (GitSubscription { allow_tags: Some("x".into()), ..good.clone() }, "allowTags"),
            (GitSubscription { expression_filter: Some("1 +".into()), ..good.clone() }, "expressionFilter"),
            (GitSubscription { include_paths: vec!["glob:[".into()], ..good.clone() }, "includePaths[0]"),
            (GitSubscription { exclude_paths: vec!["regex:(".into()], ..good.clone() }, "excludePaths[0]"),
            (GitSubscription { discovery_limit: -1, ..good.clone() }, "discoveryLimit"),
        ] {
            assert_eq!(GitRules::new(&subscription).unwrap_err().field(), field);
        }
    }

    #[test]
    fn discovery_3_1_a_branch_ignores_what_tags_must_not_have() {
        let subscription = GitSubscription {
            allow_tags: Some("x".into()),
            ignore_tags: vec!["x".into()],
            allow_tags_regexes: vec!["(".into()],
            semver_constraint: Some("new".into()),
            ..GitSubscription::default()
        };
        assert_eq!(GitRules::new(&subscription).unwrap().limit(), 20);
    }

    #[test]
    fn discovery_7_refs_of_webhooks() {
        let rules = |strategy, branch: Option<&str>| {
            let subscription = GitSubscription {
                commit_selection_strategy: strategy,
                branch: branch.map(str::to_owned),
                ..GitSubscription::default()
            };
            GitRules::new(&subscription).unwrap()
        };
        for (strategy, branch, name, expected) in [
            (Strategy::NewestFromBranch, None, "refs/heads/main", true),
            (Strategy::NewestFromBranch, None, "refs/heads/master", true),
            (Strategy::NewestFromBranch, None, "refs/heads/dev", false),
            (Strategy::NewestFromBranch, Some("dev"), "refs/heads/dev", true),
            (Strategy::NewestFromBranch, Some("dev"), "refs/heads/main", false),
            (Strategy::NewestFromBranch, Some("v1.0.0"), "refs/tags/v1.0.0", false),
            (Strategy::SemVer, None, "refs/tags/v1.0.0", true),
            (Strategy::SemVer, None, "refs/tags/x", false),
            (Strategy::Lexical, None, "refs/tags/x", true),
            (Strategy::Lexical, None, "refs/heads/x", false),
        ] {
            assert_eq!(rules(strategy, branch).allows_ref(name), expected, "{strategy:?} {branch:?} {name}");
        }
    }
}
