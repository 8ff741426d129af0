//! Admission: explanations, and pages of what is eligible among a million pieces of freight.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group};
use kargo_benches::{
    memory,
    table::{self, Row},
    warehouse::{self, FREIGHT},
};
use kargo_core::{World, admit, eligible, world::FreightView};

const PAGE: usize = 50;
/// A piece that no Stage has verified.
const ASKED: usize = FREIGHT / 2 + 5;

fn page(world: &World, stage: &str, below: Option<usize>) -> usize {
    let below = below.and_then(|number| world.freight_named(&warehouse::name(number))).map(FreightView::age);
    let Ok(stage) = world.stage(stage) else { return 0 };
    eligible::list(stage, &warehouse::origin(), below.as_ref(), warehouse::now()).take(PAGE).count()
}

fn admission(c: &mut Criterion) {
    let before = memory::resident();
    let world = warehouse::world();
    if let (Some(before), Some(after)) = (before, memory::resident()) {
        println!("{FREIGHT} pieces of freight: {} bytes each", after.saturating_sub(before) / FREIGHT as u64);
    }
    let mut group = c.benchmark_group("admission");
    let now = warehouse::now();
    for (id, stage) in [("explain_yes", "uat"), ("explain_no", "prod")] {
        group.bench_function(id, |b| {
            b.iter(|| admit::explain(black_box(&world), stage, warehouse::name(ASKED).as_str(), now));
        });
    }
    for (id, stage) in [("is_admitted_yes", "uat"), ("is_admitted_no", "prod")] {
        let found = (world.stage(stage), world.freight(warehouse::name(ASKED).as_str()));
        let (Ok(stage), Ok(freight)) = found else { continue };
        group.bench_function(id, |b| b.iter(|| admit::is_admitted(black_box(stage), freight, now)));
    }
    let pages = [
        ("page_direct", "uat", None),
        ("page_direct_middle", "uat", Some(FREIGHT / 2)),
        ("page_soaked", "prod", None),
        ("page_soaked_middle", "prod", Some(FREIGHT / 2)),
        ("page_all", "everywhere", None),
        ("page_rare", "rare", None),
    ];
    for (id, stage, below) in pages {
        assert_eq!(page(&world, stage, below), PAGE, "{id}: the page is full");
        group.bench_function(id, |b| b.iter(|| page(black_box(&world), stage, below)));
    }
    group.finish();
}

criterion_group!(benches, admission);

const MILLISECOND: Option<Duration> = Some(Duration::from_millis(1));

const ROWS: [Row; 10] = [
    Row { id: "admission/explain_yes", what: "explain what may go", budget: None },
    Row { id: "admission/explain_no", what: "explain what may not, and what would help", budget: None },
    Row { id: "admission/is_admitted_yes", what: "may it go: yes", budget: None },
    Row { id: "admission/is_admitted_no", what: "may it go: no", budget: None },
    Row { id: "admission/page_direct", what: "page of 50 of 1,000,000, direct", budget: MILLISECOND },
    Row { id: "admission/page_direct_middle", what: "the same, from the middle on", budget: MILLISECOND },
    Row { id: "admission/page_soaked", what: "page of 50, one of two verified and soaked", budget: MILLISECOND },
    Row { id: "admission/page_soaked_middle", what: "the same, from the middle on", budget: MILLISECOND },
    Row { id: "admission/page_all", what: "page of 50, verified in all of three", budget: MILLISECOND },
    Row {
        id: "admission/page_rare",
        what: "page of 50, one of 100 verified soaked for long enough",
        budget: MILLISECOND,
    },
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
}
