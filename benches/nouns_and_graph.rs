//! Reading manifests, building and querying the graph, ids of freight.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group};
use kargo_benches::{
    table::{self, Row},
    world,
};
use kargo_core::{Manifests, Pipeline, freight, pipeline::Nouns};

/// Edges of the graphs that are built, and what they are called.
const GRAPHS: [(usize, &str); 3] = [(10_000, "10k"), (300_000, "300k"), (1_000_000, "1m")];

fn read(c: &mut Criterion) {
    let text = world::stage_manifests(1_000);
    c.benchmark_group("read").bench_function("1000_stages", |b| {
        b.iter(|| Manifests::parse("stages.yaml", black_box(&text)).map(|manifests| manifests.entries().len()));
    });
}

fn build(c: &mut Criterion) {
    let mut group = c.benchmark_group("build");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5));
    let warehouses = world::warehouses();
    for (edges, name) in GRAPHS {
        let stages = world::stages(edges / world::WAREHOUSES);
        let nouns = Nouns::new("bench").warehouses(&warehouses).stages(&stages);
        group.bench_function(name, |b| {
            b.iter_batched(
                || nouns.clone(),
                |nouns| Pipeline::from_nouns(&nouns).map(|p| p.size()),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn closure(c: &mut Criterion) {
    let warehouses = world::warehouses();
    let stages = world::stages(100_000);
    let nouns = Nouns::new("bench").warehouses(&warehouses).stages(&stages);
    let Ok(pipeline) = Pipeline::from_nouns(&nouns) else { return };
    // Stages of the last layers have little below them, those of the middle much: cost follows the answer.
    for (stage, name) in [("stage-098000", "small"), ("stage-096000", "medium"), ("stage-050000", "large")] {
        let Ok(start) = pipeline.stage(stage) else { continue };
        println!("closure/{name}: {} nodes in the answer", start.downstream().resolve().len());
        c.benchmark_group("closure").bench_function(name, |b| b.iter(|| black_box(start).downstream().resolve().len()));
    }
}

fn id(c: &mut Criterion) {
    let freight = world::freight(1_000);
    c.benchmark_group("id")
        .bench_function("1000_artifacts", |b| b.iter(|| freight::freight_id(&freight.origin, black_box(&freight))));
}

criterion_group!(benches, read, build, closure, id);

const ROWS: [Row; 8] = [
    Row { id: "read/1000_stages", what: "read and check 1,000 Stage manifests", budget: None },
    Row { id: "build/10k", what: "build and check a graph of 10,000 edges", budget: None },
    Row {
        id: "build/300k",
        what: "the same, 100,000 stages and 300,000 requests",
        budget: Some(Duration::from_millis(500)),
    },
    Row { id: "build/1m", what: "the same, 1,000,000 edges", budget: None },
    Row { id: "closure/small", what: "downstream closure, near the end of the graph", budget: None },
    Row { id: "closure/medium", what: "downstream closure, three layers from the end", budget: None },
    Row { id: "closure/large", what: "downstream closure, from the middle", budget: None },
    Row { id: "id/1000_artifacts", what: "id of freight with 1,000 artifacts", budget: Some(Duration::from_millis(1)) },
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
}
