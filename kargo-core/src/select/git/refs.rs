//! What a list of refs says: whether anything can have changed since the last look (discovery 3.3).

use super::rules::{Choice, GitRules};
use crate::model::{GitDiscovery, ObservedRefs, ObservedTag};

/// The most tags that are recorded; of more, none are, and the short-cut is not taken.
pub const MAX_OBSERVED_TAGS: usize = 1000;

pub(super) const BRANCHES: &str = "refs/heads/";
pub(super) const TAGS: &str = "refs/tags/";

impl GitRules {
    /// The pattern to list refs by: a branch, `HEAD`, or all tags.
    #[must_use]
    pub fn ref_pattern(&self) -> String {
        match &self.choice {
            Choice::Branch { branch: Some(branch), .. } => format!("{BRANCHES}{branch}"),
            Choice::Branch { branch: None, .. } => "HEAD".to_owned(),
            Choice::Names(_) | Choice::Dates(_) => format!("{TAGS}*"),
        }
    }

    /// What to record of the listed refs, each a full name and an id: the head of the branch, or the tags whose names pass,
    /// sorted. Peeled tags (`^{}`) do not count.
    ///
    /// `None` if the branch is not among them, or more than [`MAX_OBSERVED_TAGS`] pass: then nothing is known of a change.
    #[must_use]
    pub fn observe<'a>(&self, refs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<ObservedRefs> {
        let rule = match &self.choice {
            Choice::Branch { .. } => {
                let wanted = self.ref_pattern();
                let (_, id) = refs.into_iter().find(|(name, _)| *name == wanted)?;
                return Some(ObservedRefs { branch_head: Some(id.to_owned()), ..ObservedRefs::default() });
            }
            Choice::Names(rule) | Choice::Dates(rule) => rule,
        };
        let names = refs.into_iter().filter_map(|(name, id)| Some((name.strip_prefix(TAGS)?, id)));
        let passing = names.filter(|(name, _)| !name.ends_with("^{}") && rule.allows(name));
        let mut tags: Vec<_> = passing
            .take(MAX_OBSERVED_TAGS + 1)
            .map(|(name, id)| ObservedTag { name: name.into(), id: id.to_owned() })
            .collect();
        if tags.len() > MAX_OBSERVED_TAGS {
            return None;
        }
        tags.sort_by(|left, right| left.name.cmp(&right.name));
        Some(ObservedRefs { branch_head: None, tags })
    }
}

/// Whether the previous result still holds, so that no commit need be read: it was recorded for the same repository, as the
/// subscription spells it, and both observations exist and are equal.
///
/// Only a result of the very same subscription may be given as the previous one. Two empty lists of tags are equal. An
/// expression over the time of day is not evaluated again, as in the reference (discovery T16).
#[must_use]
pub fn is_unchanged(previous: Option<&GitDiscovery>, repo_url: &str, observed: Option<&ObservedRefs>) -> bool {
    previous.is_some_and(|previous| {
        previous.repo_url == repo_url && observed.is_some() && previous.observed_refs.as_ref() == observed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CommitSelectionStrategy as Strategy, GitSubscription};

    fn rules(strategy: Strategy, branch: Option<&str>) -> GitRules {
        let subscription = GitSubscription {
            commit_selection_strategy: strategy,
            branch: branch.map(str::to_owned),
            ignore_tags_regexes: vec!["-rc".into()],
            semver_constraint: Some("^1".into()),
            ..GitSubscription::default()
        };
        GitRules::new(&subscription).unwrap()
    }

    const REFS: [(&str, &str); 9] = [
        ("HEAD", "h"),
        ("refs/heads/main", "m"),
        ("refs/heads/main/x", "x"),
        ("refs/tags/v1.1.0", "t11"),
        ("refs/tags/v1.1.0^{}", "c11"),
        ("refs/tags/v1.0.0", "t10"),
        ("refs/tags/v2.0.0", "t20"),
        ("refs/tags/v1.2.0-rc.1", "t12"),
        ("refs/tags/nightly", "n"),
    ];

    fn observed(rules: &GitRules) -> Option<(Option<String>, Vec<String>)> {
        let refs = rules.observe(REFS)?;
        Some((refs.branch_head, refs.tags.iter().map(|tag| format!("{} {}", tag.name, tag.id)).collect()))
    }

    #[test]
    fn discovery_3_3_what_is_listed_and_recorded() {
        for (strategy, branch, pattern, head, tags) in [
            (Strategy::NewestFromBranch, Some("main"), "refs/heads/main", Some("m"), &[][..]),
            (Strategy::NewestFromBranch, None, "HEAD", Some("h"), &[]),
            (Strategy::SemVer, None, "refs/tags/*", None, &["v1.0.0 t10", "v1.1.0 t11"]),
            (Strategy::Lexical, None, "refs/tags/*", None, &["nightly n", "v1.0.0 t10", "v1.1.0 t11", "v2.0.0 t20"]),
            (Strategy::NewestTag, None, "refs/tags/*", None, &["nightly n", "v1.0.0 t10", "v1.1.0 t11", "v2.0.0 t20"]),
        ] {
            let rules = rules(strategy, branch);
            assert_eq!(rules.ref_pattern(), pattern);
            let expected = (head.map(str::to_owned), tags.iter().map(ToString::to_string).collect());
            assert_eq!(observed(&rules), Some(expected), "{strategy:?}");
        }
        assert_eq!(observed(&rules(Strategy::NewestFromBranch, Some("gone"))), None);
    }

    #[test]
    fn discovery_3_3_a_thousand_tags_and_no_more() {
        let names: Vec<String> = (0..1001).map(|at| format!("refs/tags/{at}")).collect();
        let rules = rules(Strategy::Lexical, None);
        let refs = |count: usize| names.iter().take(count).map(|name| (name.as_str(), "id"));
        assert_eq!(rules.observe(refs(1000)).map(|refs| refs.tags.len()), Some(1000));
        assert_eq!(rules.observe(refs(1001)), None);
    }

    #[test]
    fn discovery_3_3_the_short_cut() {
        let head = |id: &str| Some(ObservedRefs { branch_head: Some(id.into()), ..ObservedRefs::default() });
        let empty = || Some(ObservedRefs::default());
        for (before, url, now, expected) in [
            (head("a"), "u", head("a"), true),
            (head("a"), "u", head("b"), false),
            (head("a"), "u/", head("a"), false),
            (empty(), "u", empty(), true),
            (None, "u", None, false),
            (head("a"), "u", None, false),
            (None, "u", head("a"), false),
        ] {
            let previous = GitDiscovery { repo_url: "u".into(), observed_refs: before, ..GitDiscovery::default() };
            assert_eq!(is_unchanged(Some(&previous), url, now.as_ref()), expected);
        }
        assert!(!is_unchanged(None, "u", head("a").as_ref()));
    }
}
