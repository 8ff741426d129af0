//! Selecting among very many names: image tags, commits with path filters, refs.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{collections::BTreeMap, hint::black_box, time::Duration};

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group};
use kargo_benches::table::{self, Row};
use kargo_core::{
    Tag, Timestamp,
    model::{CommitSelectionStrategy, GitSubscription, ImageSelectionStrategy, ImageSubscription},
    select::{
        git::{BranchAsk, CommitFacts, GitRules, GitSelection, TagAsk, TagFacts},
        image::{Ask, ImageRules, Seen},
    },
};

/// Tags of an image: releases, candidates, builds by commit and others.
const TAGS: usize = 100_000;
const COMMITS: usize = 2_000;
const REFS: usize = 41_000;

fn tag(at: usize) -> Tag {
    let (major, minor, patch) = (at / 20_000, at / 200 % 100, at % 200);
    match at % 10 {
        7 => format!("v{major}.{minor}.{patch}-rc.{}", at % 7),
        8 => format!("sha-{:07x}", at.wrapping_mul(2_654_435_761) & 0xfff_ffff),
        9 => format!("main-{at}"),
        _ => format!("v{major}.{minor}.{patch}"),
    }
    .into()
}

/// The tags as registries list them (by their bytes), the other way round, and mixed.
fn orders() -> [(&'static str, Vec<Tag>); 3] {
    let mut ascending: Vec<Tag> = (0..TAGS).map(tag).collect();
    ascending.sort();
    let descending = ascending.iter().rev().cloned().collect();
    let mut mixed = ascending.clone();
    // A step that has no factor in common with the number of tags visits each once. Each text is made anew, since those of a
    // page lie in memory in the order of the page.
    for (at, tag) in mixed.iter_mut().enumerate() {
        *tag = ascending[at * 7_919 % TAGS].as_str().into();
    }
    [("ascending", ascending), ("descending", descending), ("mixed", mixed)]
}

fn image(strategy: ImageSelectionStrategy) -> ImageSubscription {
    ImageSubscription {
        repo_url: "ghcr.io/acme/cart".into(),
        image_selection_strategy: strategy,
        constraint: Some(">=1.2.0 <5.0.0-0 !=3.3.3".into()),
        allow_tags_regexes: vec![r"^v\d+\.\d+\.\d+".into()],
        ignore_tags_regexes: vec!["-rc\\.0$".into()],
        discovery_limit: 20,
        ..ImageSubscription::default()
    }
}

fn images(c: &mut Criterion) {
    let orders = orders();
    for (strategy, name) in [(ImageSelectionStrategy::SemVer, "semver"), (ImageSelectionStrategy::Lexical, "lexical")] {
        let Ok(rules) = ImageRules::new(&image(strategy)) else { return };
        let mut group = c.benchmark_group(format!("tags/{name}"));
        for (order, tags) in &orders {
            group.bench_function(*order, |b| {
                b.iter(|| {
                    let mut listing = rules.listing();
                    for page in tags.chunks(1_000) {
                        listing.offer(black_box(page).iter().cloned());
                    }
                    listing.listed().asks(20, |_| Seen::Never)
                });
            });
        }
    }
    // The worst case: of a hundred thousand, none passes, and the list ascends.
    let none = ImageSubscription { allow_tags_regexes: vec!["^v.*x$".into()], ..image(ImageSelectionStrategy::SemVer) };
    let Ok(rules) = ImageRules::new(&none) else { return };
    c.benchmark_group("tags/semver").bench_function("none", |b| {
        b.iter(|| {
            let mut listing = rules.listing();
            listing.offer(black_box(&orders[0].1).iter().cloned());
            listing.listed().asks(20, |_| Seen::Never)
        });
    });
}

/// How many images are asked for when every platform but the one wanted is there: each is refused, the next takes its place.
fn refused(c: &mut Criterion) {
    let orders = orders();
    let subscription =
        ImageSubscription { platform: Some("linux/amd64".into()), ..image(ImageSelectionStrategy::Lexical) };
    let Ok(rules) = ImageRules::new(&subscription) else { return };
    c.benchmark_group("tags").sample_size(10).bench_function("all_refused", |b| {
        b.iter(|| {
            let mut listing = rules.listing();
            listing.offer(orders[2].1.iter().cloned());
            let mut selection = listing.listed();
            let mut asked = 0;
            loop {
                let asks = selection.asks(20, |_| Seen::Never);
                if asks.is_empty() {
                    break asked;
                }
                asked += asks.len();
                asks.iter().for_each(|ask: &Ask| selection.missing(ask));
            }
        });
    });
}

fn history() -> Vec<CommitFacts> {
    (0..COMMITS)
        .map(|at| CommitFacts {
            id: format!("{at:040x}"),
            subject: format!("change {at}"),
            author: "Eve <eve@example.com>".into(),
            paths: Some((0..12).map(|file| format!("services/s{}/src/part{file}/file{at}.rs", at % 57)).collect()),
            ..CommitFacts::default()
        })
        .collect()
}

fn commits(c: &mut Criterion) {
    let history = history();
    let base = GitSubscription {
        include_paths: vec![
            "services/s99".into(),
            "glob:**/charts/*/values.{yaml,yml}".into(),
            r"regex:\.proto$".into(),
        ],
        exclude_paths: vec!["docs".into(), "glob:**/*.md".into()],
        discovery_limit: 20,
        ..GitSubscription::default()
    };
    let expression = GitSubscription {
        expression_filter: Some("!(author contains 'bot@') && subject startsWith 'change'".into()),
        ..base.clone()
    };
    let mut group = c.benchmark_group("commits");
    for (name, subscription) in [("paths", base), ("paths_and_expression", expression)] {
        let Ok(rules) = GitRules::new(&subscription) else { return };
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter_batched(
                || history.clone(),
                |history| {
                    let GitSelection::Branch(mut selection) = rules.selection(Timestamp::default()) else { return 0 };
                    let mut history = history.into_iter();
                    while let Some(BranchAsk::Commits { count, .. }) = selection.ask() {
                        let page: Vec<_> = history.by_ref().take(*count).collect();
                        selection.commits(page);
                    }
                    selection.finish().commits.len()
                },
                BatchSize::PerIteration,
            );
        });
    }
}

fn refs(c: &mut Criterion) {
    let names: Vec<(String, String)> = (0..REFS)
        .map(|at| match at % 41 {
            0 => (format!("refs/tags/v{}.{}.{}", at / 10_000, at / 100 % 100, at % 100), format!("{at:040x}")),
            _ => (format!("refs/tags/build-{at}"), format!("{at:040x}")),
        })
        .collect();
    let subscription = GitSubscription {
        commit_selection_strategy: CommitSelectionStrategy::SemVer,
        semver_constraint: Some(">=1.0.0".into()),
        allow_tags_regexes: vec!["^v".into()],
        discovery_limit: 20,
        ..GitSubscription::default()
    };
    let newest = GitSubscription {
        commit_selection_strategy: CommitSelectionStrategy::NewestTag,
        allow_tags_regexes: Vec::new(),
        ..subscription.clone()
    };
    let (Ok(semver), Ok(newest)) = (GitRules::new(&subscription), GitRules::new(&newest)) else { return };
    let mut group = c.benchmark_group("refs");
    group.bench_function("observe", |b| {
        b.iter(|| semver.observe(black_box(&names).iter().map(|(name, id)| (name.as_str(), id.as_str()))));
    });
    let tags: Vec<Tag> = names.iter().filter_map(|(name, _)| Some(name.strip_prefix("refs/tags/")?.into())).collect();
    let facts: BTreeMap<&Tag, TagFacts> = tags
        .iter()
        .zip(0_i64..)
        .map(|(tag, at)| {
            let created = chrono_of(at * 7_919 % 41_000);
            (tag, TagFacts { tag: tag.clone(), id: format!("{at:040x}"), created, ..TagFacts::default() })
        })
        .collect();
    for (name, rules) in [("semver", &semver), ("newest_tag", &newest)] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || facts.clone(),
                |mut facts| {
                    let GitSelection::Tags(mut listing) = rules.selection(Timestamp::default()) else { return 0 };
                    listing.offer(tags.iter().cloned());
                    let mut selection = listing.listed();
                    while let Some(TagAsk::Facts(asked)) = selection.ask().cloned() {
                        selection.facts(asked.iter().filter_map(|tag| facts.remove(tag)));
                    }
                    selection.finish().commits.len()
                },
                BatchSize::PerIteration,
            );
        });
    }
}

fn chrono_of(seconds: i64) -> kargo_core::select::git::CommitDate {
    Timestamp::from_timestamp_nanos(seconds * 1_000_000_000).fixed_offset()
}

criterion_group!(benches, images, refused, commits, refs);

const TAG_BUDGET: Option<Duration> = Some(Duration::from_millis(15));

const ROWS: [Row; 13] = [
    Row {
        id: "tags_semver/ascending",
        what: "100,000 tags, SemVer, constraint and patterns, n = 20, as registries list",
        budget: TAG_BUDGET,
    },
    Row { id: "tags_semver/descending", what: "the same, listed the other way round", budget: TAG_BUDGET },
    Row { id: "tags_semver/mixed", what: "the same, mixed", budget: TAG_BUDGET },
    Row { id: "tags_semver/none", what: "the same, none passes", budget: TAG_BUDGET },
    Row { id: "tags_lexical/ascending", what: "the same, Lexical", budget: TAG_BUDGET },
    Row { id: "tags_lexical/descending", what: "the same, Lexical, listed the other way round", budget: TAG_BUDGET },
    Row { id: "tags_lexical/mixed", what: "the same, Lexical, mixed", budget: TAG_BUDGET },
    Row { id: "tags/all_refused", what: "the same, every image refused, down to the last", budget: None },
    Row { id: "commits/paths", what: "2,000 commits of 12 paths, none of which pass 5 path patterns", budget: None },
    Row { id: "commits/paths_and_expression", what: "the same, and an expression", budget: None },
    Row { id: "refs/observe", what: "41,000 refs, what to record of them", budget: None },
    Row { id: "refs/semver", what: "41,000 tags of git, SemVer, n = 20", budget: None },
    Row { id: "refs/newest_tag", what: "41,000 tags of git, NewestTag, n = 20", budget: None },
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
}
