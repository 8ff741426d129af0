//! New freight: joining windows of candidates by criteria, and deriving from big freight.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and says what is not as it should be"
)]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group};
use kargo_benches::table::{self, Row};
use kargo_core::{
    Origin, Timestamp,
    freight::{
        creation::{Creation, Decision, Idle, derive},
        search::{DEFAULT_BUDGET, Join, search},
    },
    model::{
        DiscoveredArtifacts, DiscoveredCommit, DiscoveredImage, Freight, FreightCreationCriteria, GitCommit,
        GitDiscovery, GitSubscription, Image, ImageDiscovery, ImageSubscription, JoinSearch, ObjectMeta, Source,
        Subscription, Warehouse, WarehousePolicySpec,
    },
};

const WINDOW: usize = 100;
const REPOSITORY: &str = "https://github.com/acme/shop";
const IMAGES: [&str; 3] = ["ghcr.io/acme/cart", "ghcr.io/acme/web", "ghcr.io/acme/pay"];

/// A window of commits and three of images; candidate `i` of image `at` has the tag of commit `commit(at, i)`.
fn discovered(commit: impl Fn(usize, usize) -> usize) -> DiscoveredArtifacts {
    let id = |at: usize| format!("{at:040x}");
    let commits = (0..WINDOW).map(|at| DiscoveredCommit { id: Some(id(at)), ..DiscoveredCommit::default() });
    let image = |(at, repo): (usize, &&str)| ImageDiscovery {
        repo_url: (*repo).into(),
        references: (0..WINDOW)
            .map(|rank| DiscoveredImage { tag: id(commit(at, rank)).into(), ..DiscoveredImage::default() })
            .collect(),
        ..ImageDiscovery::default()
    };
    DiscoveredArtifacts {
        git: vec![GitDiscovery { repo_url: REPOSITORY.into(), commits: commits.collect(), ..GitDiscovery::default() }],
        images: IMAGES.iter().enumerate().map(image).collect(),
        ..DiscoveredArtifacts::default()
    }
}

fn creation(clause: impl Fn(&str) -> String) -> Creation {
    let mut warehouse = Warehouse { metadata: ObjectMeta::named("shop").in_project("acme"), ..Warehouse::default() };
    let expression = IMAGES.map(clause).join(" && ");
    warehouse.spec.freight_creation_criteria = Some(FreightCreationCriteria { expression: Some(expression) });
    let policy = WarehousePolicySpec { join: Some(JoinSearch::default()), ..WarehousePolicySpec::default() };
    Creation::new(&warehouse, Some(&policy))
}

fn ranks(creation: &Creation, found: &DiscoveredArtifacts) -> Option<Vec<usize>> {
    let none: [Freight; 0] = [];
    match creation.decide(Some(found), &none, b"bits", Timestamp::default()) {
        Decision::Create(created) => Some(created.combination.ranks),
        Decision::Idle(Idle::CriteriaNotMet { cut_off: false, .. }) => None,
        other => panic!("{other}"),
    }
}

fn joins(c: &mut Criterion) {
    let equal = creation(|image| format!("imageFrom('{image}').Tag == commitFrom('{REPOSITORY}').ID"));
    let prefix = creation(|image| format!("commitFrom('{REPOSITORY}').ID startsWith imageFrom('{image}').Tag"));
    let newest = discovered(|_, rank| rank);
    // Each image has its own commits; only the oldest one has all.
    let oldest = discovered(|image, rank| if rank == WINDOW - 1 { WINDOW - 1 } else { 1_000 * (image + 1) + rank });
    let nothing = discovered(|image, rank| 1_000 * (image + 1) + rank);
    let mut group = c.benchmark_group("join");
    for (name, creation, found, wanted) in [
        ("newest", &equal, &newest, Some(0)),
        ("oldest", &equal, &oldest, Some(WINDOW - 1)),
        ("nothing", &equal, &nothing, None),
        ("oldest_prefix", &prefix, &oldest, Some(WINDOW - 1)),
        ("nothing_prefix", &prefix, &nothing, None),
    ] {
        assert_eq!(ranks(creation, found), wanted.map(|rank| vec![rank; 4]), "{name}");
        group.bench_function(name, |b| b.iter(|| ranks(creation, black_box(found))));
    }
}

/// One clause of four slots that is never met: nothing can be taken apart.
struct Never;

impl Join for Never {
    fn windows(&self) -> Vec<usize> {
        vec![WINDOW; 4]
    }

    fn clauses(&self) -> Vec<Vec<usize>> {
        vec![vec![0, 1, 2, 3]]
    }

    fn holds(&self, _: usize, choice: &[usize]) -> bool {
        black_box(choice).is_empty()
    }
}

fn cut_off(c: &mut Criterion) {
    assert!(search(&Never, DEFAULT_BUDGET).cut_off);
    c.benchmark_group("join").sample_size(20).bench_function("cut_off", |b| {
        b.iter(|| search(black_box(&Never), DEFAULT_BUDGET));
    });
}

fn derived(c: &mut Criterion) {
    const ARTIFACTS: usize = 1_000;
    let url = |at: usize| format!("ghcr.io/acme/monorepo/service-{at}");
    let git = |at: usize| format!("https://github.com/acme/service-{at}.git");
    let mut warehouse = Warehouse { metadata: ObjectMeta::named("shop"), ..Warehouse::default() };
    let image = |at: usize| Image {
        repo_url: url(at),
        tag: "1.4.2".into(),
        digest: format!("sha256:{at:064x}").into(),
        ..Image::default()
    };
    let images = Freight {
        origin: Origin::warehouse("shop"),
        images: (0..ARTIFACTS).map(image).collect(),
        ..Freight::default()
    };
    let commit = |at: usize| GitCommit { repo_url: git(at), id: format!("{at:040x}"), ..GitCommit::default() };
    let commits = Freight {
        origin: Origin::warehouse("shop"),
        commits: (0..ARTIFACTS).map(commit).collect(),
        ..Freight::default()
    };
    let subscription = |source| Subscription { name: None, source };
    let mut group = c.benchmark_group("derive");
    for kind in ["images", "commits"] {
        let of_image = |at| Source::Image(ImageSubscription { repo_url: url(at), ..ImageSubscription::default() });
        let of_git = |at| Source::Git(GitSubscription { repo_url: git(at), ..GitSubscription::default() });
        let is_image = kind == "images";
        warehouse.spec.subscriptions =
            (0..ARTIFACTS).map(|at| subscription(if is_image { of_image(at) } else { of_git(at) })).collect();
        let base = if is_image { &images } else { &commits };
        let last = ARTIFACTS - 1;
        let new = if is_image {
            Image { tag: "1.4.3".into(), ..image(last) }.into()
        } else {
            GitCommit { id: "new".into(), ..commit(last) }.into()
        };
        let none: [Freight; 0] = [];
        group.bench_function(kind, |b| {
            b.iter(|| derive(black_box(base), [Clone::clone(&new)], &warehouse, None, &none, b"bits"));
        });
    }
}

criterion_group!(benches, joins, cut_off, derived);

const DERIVE_BUDGET: Option<Duration> = Some(Duration::from_millis(1));

const ROWS: [Row; 8] = [
    Row { id: "join/newest", what: "four windows of 100, three equations, the newest of each fit", budget: None },
    Row { id: "join/oldest", what: "the same, only the oldest fit", budget: None },
    Row { id: "join/nothing", what: "the same, nothing fits", budget: None },
    Row { id: "join/oldest_prefix", what: "the same with `startsWith`, only the oldest fit", budget: None },
    Row { id: "join/nothing_prefix", what: "the same with `startsWith`, nothing fits", budget: None },
    Row { id: "join/cut_off", what: "one clause of all four, never met: cut off, and explained", budget: None },
    Row { id: "derive/images", what: "freight of 1,000 images, one replaced", budget: DERIVE_BUDGET },
    Row { id: "derive/commits", what: "freight of 1,000 commits, one replaced", budget: DERIVE_BUDGET },
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
}
