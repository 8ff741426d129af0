//! The newest commits of a branch (discovery 3.5).

use std::collections::BTreeMap;

use super::{CommitFacts, CommitSkipReason, GitOutcome, GitRules, facts::Facts};
use crate::model::{DiscoveredCommit, Timestamp};

/// The most commits that are asked for at once.
const MAX_PAGE: usize = 1000;

/// A question about the history of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BranchAsk {
    /// Commits of the first-parent line, newest first. Answered by [`BranchSelection::commits`].
    Commits {
        /// How many of the newest to leave out.
        skip: usize,
        /// How many to list; fewer mean that the history ends.
        count: usize,
    },
    /// The paths that these commits changed against their first parents. Answered by [`BranchSelection::paths`].
    Paths(Vec<String>),
}

/// Walks the history of a branch until enough commits passed every filter, or it ends.
///
/// Pages grow: the limit, twice it, four times, up to 1000. Without filters one page is all.
#[derive(Clone, Debug)]
pub struct BranchSelection {
    rules: GitRules,
    now: Timestamp,
    ask: Option<BranchAsk>,
    skip: usize,
    count: usize,
    /// The page whose paths are asked for, and what the expression says of each commit.
    page: Vec<(CommitFacts, Result<bool, CommitSkipReason>)>,
    ends: bool,
    outcome: GitOutcome,
}

impl BranchSelection {
    pub(super) fn new(rules: GitRules, now: Timestamp) -> Self {
        let count = rules.limit;
        Self {
            rules,
            now,
            ask: Some(BranchAsk::Commits { skip: 0, count }),
            skip: 0,
            count,
            page: Vec::new(),
            ends: false,
            outcome: GitOutcome::default(),
        }
    }

    /// What to find out next; `None` if the selection is complete.
    #[must_use]
    pub fn ask(&self) -> Option<&BranchAsk> {
        self.ask.as_ref()
    }

    /// The commits of the page that was asked for.
    pub fn commits(&mut self, page: impl IntoIterator<Item = CommitFacts>) {
        if !matches!(self.ask, Some(BranchAsk::Commits { .. })) {
            return;
        }
        let judged = page.into_iter().map(|commit| {
            let allowed = self.rules.expression.as_ref().map_or(Ok(true), |filter| filter.allows(&commit, self.now));
            (commit, allowed)
        });
        self.page = judged.collect();
        self.ends = self.page.len() < self.count;
        self.skip += self.page.len();
        let unknown = self.page.iter().filter(|(commit, allowed)| *allowed == Ok(true) && commit.paths.is_none());
        let unknown: Vec<String> = unknown.map(|(commit, _)| commit.id.clone()).collect();
        if self.rules.paths.is_empty() || unknown.is_empty() {
            self.judge();
        } else {
            self.ask = Some(BranchAsk::Paths(unknown));
        }
    }

    /// The paths that the commits asked for changed, by id. One that is absent is passed over and reported.
    pub fn paths(&mut self, mut paths: BTreeMap<String, Vec<String>>) {
        if !matches!(self.ask, Some(BranchAsk::Paths(_))) {
            return;
        }
        for (commit, _) in &mut self.page {
            if let Some(paths) = paths.remove(&commit.id) {
                commit.paths = Some(paths);
            }
        }
        self.judge();
    }

    /// The commits so far, newest first: none can come between or before them any more.
    #[must_use]
    pub fn settled(&self) -> &[DiscoveredCommit] {
        &self.outcome.commits
    }

    /// The commits, newest first, and what could not be judged.
    #[must_use]
    pub fn finish(self) -> GitOutcome {
        self.outcome
    }

    /// Takes what passes of the page, in order, and says how to go on.
    fn judge(&mut self) {
        for (commit, allowed) in std::mem::take(&mut self.page) {
            if self.outcome.commits.len() >= self.rules.limit {
                break;
            }
            match allowed.and_then(|allowed| Ok(allowed && passes(&self.rules, &commit)?)) {
                Ok(true) => self.outcome.commits.push(commit.record(self.rules.branch())),
                Ok(false) => {}
                Err(reason) => self.outcome.skip(Some(&commit.id), None, reason),
            }
        }
        let filtered = self.rules.expression.is_some() || !self.rules.paths.is_empty();
        self.ask = if self.ends || !filtered || self.outcome.commits.len() >= self.rules.limit {
            None
        } else {
            self.count = self.count.saturating_mul(2).min(MAX_PAGE);
            Some(BranchAsk::Commits { skip: self.skip, count: self.count })
        };
    }
}

/// Whether the path lists let it pass.
pub(super) fn passes(rules: &GitRules, facts: &impl Facts) -> Result<bool, CommitSkipReason> {
    if rules.paths.is_empty() {
        return Ok(true);
    }
    facts.paths().map(|paths| rules.paths.allows(paths)).ok_or(CommitSkipReason::NoPaths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::GitSubscription,
        select::git::{GitSelection, SkippedCommit},
    };

    fn commit(at: usize, paths: &[&str]) -> CommitFacts {
        CommitFacts {
            id: format!("c{at}"),
            subject: format!("change {at}"),
            paths: Some(paths.iter().map(ToString::to_string).collect()),
            ..CommitFacts::default()
        }
    }

    fn begin(subscription: &GitSubscription) -> BranchSelection {
        match GitRules::new(subscription).unwrap().selection(Timestamp::default()) {
            GitSelection::Branch(selection) => selection,
            GitSelection::Tags(_) => panic!("a branch"),
        }
    }

    /// Runs a selection over a history, newest first, and says what was asked.
    fn run(subscription: &GitSubscription, history: &[CommitFacts]) -> (GitOutcome, Vec<BranchAsk>) {
        let mut selection = begin(subscription);
        let mut asked = Vec::new();
        while let Some(ask) = selection.ask().cloned() {
            match &ask {
                BranchAsk::Commits { skip, count } => {
                    let page = history.iter().skip(*skip).take(*count);
                    selection.commits(page.map(|commit| CommitFacts { paths: None, ..commit.clone() }));
                }
                BranchAsk::Paths(ids) => {
                    let known = history.iter().filter(|commit| ids.contains(&commit.id));
                    selection
                        .paths(known.filter_map(|commit| Some((commit.id.clone(), commit.paths.clone()?))).collect());
                }
            }
            asked.push(ask);
        }
        (selection.finish(), asked)
    }

    fn ids(outcome: &GitOutcome) -> Vec<&str> {
        outcome.commits.iter().filter_map(|commit| commit.id.as_deref()).collect()
    }

    fn subscription(limit: i64) -> GitSubscription {
        GitSubscription { discovery_limit: limit, branch: Some("main".into()), ..GitSubscription::default() }
    }

    #[test]
    fn discovery_3_5_without_filters_one_page_is_all() {
        let history: Vec<_> = (0..50).map(|at| commit(at, &["a"])).collect();
        let (outcome, asked) = run(&subscription(3), &history);
        assert_eq!(ids(&outcome), ["c0", "c1", "c2"]);
        assert_eq!(asked, [BranchAsk::Commits { skip: 0, count: 3 }]);
        assert_eq!(outcome.commits[0].branch.as_deref(), Some("main"));
        let (outcome, _) = run(&subscription(100), &history);
        assert_eq!(outcome.commits.len(), 50);
        assert_eq!(run(&subscription(1), &[]).0, GitOutcome::default());
    }

    #[test]
    fn discovery_3_5_pages_grow_until_enough_match() {
        let history: Vec<_> = (0..4000).map(|at| commit(at, if at == 3500 { &["app/x"] } else { &["docs"] })).collect();
        let filtered = GitSubscription { include_paths: vec!["app".into()], ..subscription(100) };
        let (outcome, asked) = run(&filtered, &history);
        assert_eq!(ids(&outcome), ["c3500"]);
        let pages: Vec<_> = asked
            .iter()
            .filter_map(|ask| match ask {
                BranchAsk::Commits { skip, count } => Some((*skip, *count)),
                BranchAsk::Paths(_) => None,
            })
            .collect();
        assert_eq!(pages, [(0, 100), (100, 200), (300, 400), (700, 800), (1500, 1000), (2500, 1000), (3500, 1000)]);
        assert_eq!(asked.len(), 2 * pages.len(), "one question for the paths of a page");
    }

    #[test]
    fn discovery_3_5_paths_are_asked_of_what_the_expression_allows() {
        let history: Vec<_> = (0..6).map(|at| commit(at, &["app"])).collect();
        let filtered = GitSubscription {
            include_paths: vec!["app".into()],
            expression_filter: Some("subject endsWith '1' || subject endsWith '4'".into()),
            ..subscription(2)
        };
        let (outcome, asked) = run(&filtered, &history);
        assert_eq!(ids(&outcome), ["c1", "c4"]);
        let expected = [
            BranchAsk::Commits { skip: 0, count: 2 },
            BranchAsk::Paths(vec!["c1".into()]),
            BranchAsk::Commits { skip: 2, count: 4 },
            BranchAsk::Paths(vec!["c4".into()]),
        ];
        assert_eq!(asked, expected);
        let mut known = begin(&filtered);
        known.commits(history[..2].iter().cloned());
        assert_eq!(known.ask(), Some(&expected[2]), "known paths are not asked for");
    }

    #[test]
    fn what_cannot_be_judged_is_reported_and_the_next_takes_its_place() {
        let mut history: Vec<_> = (0..4).map(|at| commit(at, &["app"])).collect();
        history[1].paths = None;
        let filtered = GitSubscription {
            include_paths: vec!["app".into()],
            expression_filter: Some("id == 'c0' ? nope.x : true".into()),
            ..subscription(1)
        };
        let (outcome, _) = run(&filtered, &history);
        assert_eq!(ids(&outcome), ["c2"]);
        assert_eq!(outcome.skipped.len(), 2);
        assert!(matches!(outcome.skipped[0].reason, CommitSkipReason::Expression(_)));
        let lost = SkippedCommit { id: Some("c1".into()), tag: None, reason: CommitSkipReason::NoPaths };
        assert_eq!(outcome.skipped[1], lost);
    }

    #[test]
    fn failures_beyond_a_hundred_are_counted() {
        let history: Vec<_> = (0..150).map(|at| commit(at, &[])).collect();
        let failing = GitSubscription { expression_filter: Some("nope.x".into()), ..subscription(1) };
        let (outcome, _) = run(&failing, &history);
        assert_eq!((outcome.commits.len(), outcome.skipped.len(), outcome.more_skipped), (0, 100, 50));
    }

    proptest! {
        #[test]
        fn discovery_3_5_the_first_that_pass(
            paths in proptest::collection::vec(proptest::collection::vec("[a-c](/[a-c])?", 0..3), 0..40),
            include in proptest::option::of("[a-c](/[a-c])?"),
            exclude in proptest::option::of("[a-c]"),
            digit in proptest::option::of(0_usize..10),
            limit in 1_i64..6,
        ) {
            let subscription = GitSubscription {
                include_paths: include.clone().into_iter().collect(),
                exclude_paths: exclude.clone().into_iter().collect(),
                expression_filter: digit.map(|digit| format!("!(id endsWith '{digit}')")),
                ..subscription(limit)
            };
            let history: Vec<_> = paths
                .iter()
                .enumerate()
                .map(|(at, paths)| commit(at, &paths.iter().map(String::as_str).collect::<Vec<_>>()))
                .collect();
            let below = |base: &str, path: &str| path == base || path.starts_with(&format!("{base}/"));
            let expected: Vec<_> = history
                .iter()
                .filter(|commit| digit.is_none_or(|digit| !commit.id.ends_with(&digit.to_string())))
                .filter(|commit| {
                    include.is_none() && exclude.is_none()
                        || commit.paths.iter().flatten().any(|path| {
                            include.as_ref().is_none_or(|base| below(base, path))
                                && !exclude.as_ref().is_some_and(|base| below(base, path))
                        })
                })
                .take(usize::try_from(limit).unwrap())
                .map(|commit| commit.id.as_str())
                .collect();
            let (outcome, _) = run(&subscription, &history);
            prop_assert_eq!(ids(&outcome), expected);
        }
    }
}
