use proptest::prelude::*;

use super::*;
use crate::{
    model::{CommitSelectionStrategy as Strategy, GitSubscription},
    select::git::{GitSelection, SkippedCommit},
};

fn facts(tag: &str, year: i32, paths: &[&str]) -> TagFacts {
    TagFacts {
        tag: tag.into(),
        id: format!("c-{tag}"),
        created: format!("{year}-01-01T00:00:00+01:00").parse().unwrap(),
        paths: Some(paths.iter().map(ToString::to_string).collect()),
        ..TagFacts::default()
    }
}

fn subscription(strategy: Strategy, limit: i64) -> GitSubscription {
    GitSubscription { commit_selection_strategy: strategy, discovery_limit: limit, ..GitSubscription::default() }
}

/// Runs a selection over tags, and says what was asked. Tags of year 1 are gone when they are looked at.
fn run(subscription: &GitSubscription, all: &[TagFacts]) -> (GitOutcome, Vec<TagAsk>) {
    let GitSelection::Tags(mut listing) = GitRules::new(subscription).unwrap().selection(Timestamp::default()) else {
        panic!("tags");
    };
    listing.offer(all.iter().map(|facts| facts.tag.clone()));
    let mut selection = listing.listed();
    let mut asked = Vec::new();
    while let Some(ask) = selection.ask().cloned() {
        match &ask {
            TagAsk::Facts(tags) => {
                let known = all.iter().filter(|facts| tags.contains(&facts.tag) && facts.subject != "gone");
                selection.facts(known.map(|facts| TagFacts { paths: None, ..facts.clone() }));
            }
            TagAsk::Paths(ids) => {
                let known = all.iter().filter(|facts| ids.contains(&facts.id));
                selection.paths(&known.filter_map(|facts| Some((facts.id.clone(), facts.paths.clone()?))).collect());
            }
        }
        asked.push(ask);
    }
    (selection.finish(), asked)
}

fn tags(outcome: &GitOutcome) -> Vec<&str> {
    outcome.commits.iter().filter_map(|commit| commit.tag.as_deref()).collect()
}

fn sample() -> Vec<TagFacts> {
    vec![
        facts("v1.0.0", 2024, &["a"]),
        facts("v1.10.0", 2023, &["b"]),
        facts("v1.2.0", 2022, &["a", "b"]),
        facts("1.2.0", 2024, &["b"]),
        facts("nightly", 2025, &[]),
    ]
}

#[test]
fn discovery_3_4_three_strategies() {
    for (strategy, limit, expected) in [
        (Strategy::SemVer, 0, &["v1.10.0", "v1.2.0", "1.2.0", "v1.0.0"][..]),
        (Strategy::SemVer, 2, &["v1.10.0", "v1.2.0"]),
        (Strategy::Lexical, 0, &["v1.2.0", "v1.10.0", "v1.0.0", "nightly", "1.2.0"]),
        (Strategy::NewestTag, 0, &["nightly", "1.2.0", "v1.0.0", "v1.10.0", "v1.2.0"]),
        (Strategy::NewestTag, 2, &["nightly", "1.2.0"]),
    ] {
        assert_eq!(tags(&run(&subscription(strategy, limit), &sample()).0), expected, "{strategy:?}");
    }
    let (outcome, asked) = run(&subscription(Strategy::Lexical, 1), &[]);
    assert_eq!((outcome, asked), (GitOutcome::default(), vec![]));
    assert_eq!(run(&subscription(Strategy::NewestTag, 1), &[]).1, []);
}

/// W3: metadata is asked for only of candidates that can still win.
#[test]
fn only_winners_are_looked_at() {
    let (_, asked) = run(&subscription(Strategy::SemVer, 2), &sample());
    assert_eq!(asked, [TagAsk::Facts(vec!["v1.10.0".into(), "v1.2.0".into()])]);
    let filtered = GitSubscription { include_paths: vec!["a".into()], ..subscription(Strategy::SemVer, 2) };
    let (outcome, asked) = run(&filtered, &sample());
    assert_eq!(tags(&outcome), ["v1.2.0", "v1.0.0"]);
    let expected = [
        TagAsk::Facts(vec!["v1.10.0".into(), "v1.2.0".into()]),
        TagAsk::Paths(vec!["c-v1.10.0".into(), "c-v1.2.0".into()]),
        TagAsk::Facts(vec!["1.2.0".into(), "v1.0.0".into()]),
        TagAsk::Paths(vec!["c-1.2.0".into(), "c-v1.0.0".into()]),
    ];
    assert_eq!(asked, expected);
    let dates = GitSubscription { include_paths: vec!["a".into()], ..subscription(Strategy::NewestTag, 1) };
    let (outcome, asked) = run(&dates, &sample());
    assert_eq!(tags(&outcome), ["v1.0.0"]);
    assert!(matches!(&asked[0], TagAsk::Facts(all) if all.len() == 5));
    assert_eq!(asked[1], TagAsk::Paths(vec!["c-nightly".into()]));
}

#[test]
fn discovery_3_8_an_expression_over_tags() {
    for strategy in [Strategy::Lexical, Strategy::NewestTag] {
        let filtered = GitSubscription {
            expression_filter: Some("creatorDate.Year() == 2024 && tag startsWith 'v'".into()),
            ..subscription(strategy, 1)
        };
        assert_eq!(tags(&run(&filtered, &sample()).0), ["v1.0.0"], "{strategy:?}");
    }
}

#[test]
fn what_cannot_be_judged_is_reported_and_the_next_takes_its_place() {
    let mut all = sample();
    all[1].subject = "gone".into();
    all[2].paths = None;
    for strategy in [Strategy::SemVer, Strategy::NewestTag] {
        let filtered = GitSubscription {
            include_paths: vec![".".into()],
            ignore_tags_regexes: vec!["nightly".into()],
            expression_filter: Some("tag == '1.2.0' ? 7 : true".into()),
            ..subscription(strategy, 4)
        };
        let (outcome, _) = run(&filtered, &all);
        assert_eq!(tags(&outcome), ["v1.0.0"]);
        let skipped = |id: Option<&str>, tag: &str, reason| SkippedCommit {
            id: id.map(str::to_owned),
            tag: Some(tag.into()),
            reason,
        };
        assert_eq!(outcome.skipped.len(), 3);
        for expected in [
            skipped(None, "v1.10.0", CommitSkipReason::Unknown),
            skipped(Some("c-v1.2.0"), "v1.2.0", CommitSkipReason::NoPaths),
            skipped(Some("c-1.2.0"), "1.2.0", CommitSkipReason::NotABool { value: "7".into() }),
        ] {
            assert!(outcome.skipped.contains(&expected), "{expected:?} in {:?}", outcome.skipped);
        }
    }
}

proptest! {
    #[test]
    fn discovery_3_4_the_first_of_a_full_sort_that_pass(
        all in proptest::collection::btree_map("v?[0-2](\\.[0-2]){0,2}|[ab]", (2020_i32..2023, proptest::collection::vec("[a-c]", 0..3)), 0..30),
        strategy in prop::sample::select(vec![Strategy::SemVer, Strategy::Lexical, Strategy::NewestTag]),
        include in proptest::option::of("[a-c]"),
        year in proptest::option::of(2020_i32..2023),
        limit in 1_i64..6,
    ) {
        let subscription = GitSubscription {
            strict_semvers: Some(false),
            include_paths: include.clone().into_iter().collect(),
            expression_filter: year.map(|year| format!("creatorDate.Year() != {year}")),
            ..subscription(strategy, limit)
        };
        let all: Vec<_> = all
            .iter()
            .map(|(tag, (year, paths))| facts(tag, *year, &paths.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let version = |facts: &TagFacts| crate::select::Version::parse_loose(&facts.tag);
        let mut expected: Vec<_> = all.iter().collect();
        match strategy {
            Strategy::SemVer => {
                expected.retain(|facts| version(facts).is_ok());
                expected.sort_by(|left, right| version(right).unwrap().cmp_precedence_then_text(&version(left).unwrap()));
            }
            Strategy::Lexical => expected.reverse(),
            _ => expected.sort_by_key(|facts| std::cmp::Reverse(facts.created)),
        }
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|facts| year.is_none_or(|year| facts.created != facts_of(year)))
            .filter(|facts| include.as_ref().is_none_or(|path| facts.paths.iter().flatten().any(|changed| changed == path)))
            .take(usize::try_from(limit).unwrap())
            .map(|facts| facts.tag.as_str())
            .collect();
        let (outcome, _) = run(&subscription, &all);
        prop_assert_eq!(tags(&outcome), expected);
    }
}

fn facts_of(year: i32) -> crate::select::git::CommitDate {
    facts("x", year, &[]).created
}
