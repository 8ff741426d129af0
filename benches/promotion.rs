//! Promotions: a long one from start to end, and what a waiting one holds.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group};
use kargo_benches::{
    memory, shop,
    table::{self, Row},
};
use kargo_core::{
    Timestamp, World,
    model::Loops,
    promotion::{Input, Move, Plan, Run, Scene, StepRecord, StepState, decide, moves},
    report::{StepProgress, StepReport, Wait, WakeKey},
};

const STEPS: usize = 50;
const WAITING: usize = 100_000;

/// From start to end: every step answers at once.
fn carry_out(plan: &Arc<Plan>, scene: &Scene<'_>) -> usize {
    let now = Timestamp::default();
    let mut run = Run::new(Arc::clone(plan));
    let mut events = 0;
    let mut input = Some(Input::Begin);
    while let Some(next) = input.take() {
        for event in decide(&run, scene, now, &next) {
            run.apply(&event);
            events += 1;
        }
        input = moves(&run, scene).into_iter().next().and_then(|owed| match owed {
            Move::Run(step) => Some(step.report(Ok(StepProgress::done(serde_json::json!({ "commit": "9c1d77e" }))))),
            _ => None,
        });
    }
    events
}

/// A promotion that waits in its second step, after the first put something out or nothing.
fn waiting(plan: &Arc<Plan>, scene: &Scene<'_>, number: usize, output: Option<&str>) -> Run {
    let now = Timestamp::default();
    let mut run = Run::new(Arc::clone(plan));
    let take = |run: &mut Run, input: &Input| {
        for event in decide(run, scene, now, input) {
            run.apply(&event);
        }
    };
    take(&mut run, &Input::Begin);
    let report = match output {
        Some(commit) => StepReport::of(Ok(StepProgress::done(serde_json::json!({ "commit": commit })))),
        None => StepReport::default(),
    };
    take(&mut run, &Input::Returned { step: 0, report, heard: Vec::new() });
    let key = WakeKey::application("argocd", &format!("shop-{number:06}"));
    let wait = StepProgress::waiting(Wait::on(key)).message("waiting for the Application to be healthy");
    take(&mut run, &Input::Returned { step: 1, report: StepReport::of(Ok(wait)), heard: Vec::new() });
    let state = run.steps().get(1).map(StepRecord::state);
    assert!(matches!(state, Some(StepState::Waiting(_))), "it does not wait: {:?}", run.message());
    run
}

fn with_scene(world: &World, then: impl FnOnce(&Scene<'_>)) {
    if let Some(Ok(scene)) = world.promotion(shop::PROMOTION).ok().map(|view| Scene::new(view, "")) {
        then(&scene);
    }
}

fn promotion(c: &mut Criterion) {
    let world = shop::world(STEPS);
    let promotion = shop::promotion(STEPS);
    let read = || Plan::new(&promotion.spec.vars, &promotion.spec.steps, Loops::default(), world.step_specs());
    let plan = Arc::new(read());
    let mut group = c.benchmark_group("promotion");
    group.bench_function("read_50", |b| b.iter(|| black_box(read()).steps().len()));
    with_scene(&world, |scene| {
        println!("promotion/run_50: {} events", carry_out(&plan, scene));
        group.bench_function("run_50", |b| b.iter(|| carry_out(black_box(&plan), scene)));
    });
    group.finish();
}

criterion_group!(benches, promotion);

const ROWS: [Row; 2] = [
    Row { id: "promotion/read_50", what: "read 50 steps with expressions in every config", budget: None },
    Row {
        id: "promotion/run_50",
        what: "carry out 50 steps with expressions in every config",
        budget: Some(Duration::from_millis(1)),
    },
];

/// What promotions that wait hold beside their plan: the slope between two counts, by the process's own accounting.
fn hold(what: &str, output: Option<&str>) -> Vec<Run> {
    let world = shop::world(4);
    let mut promotion = shop::promotion(4);
    if output.is_none() {
        // Nothing reads what is not put out.
        let configs = promotion.spec.steps.iter_mut().filter_map(|step| step.config.as_mut()?.as_object_mut());
        configs.for_each(|config| drop(config.remove("after")));
    }
    let plan = Plan::new(&promotion.spec.vars, &promotion.spec.steps, Loops::default(), world.step_specs());
    let plan = Arc::new(plan);
    let mut held = Vec::with_capacity(WAITING);
    with_scene(&world, |scene| {
        held.extend((0..WAITING / 10).map(|number| waiting(&plan, scene, number, output)));
        let (few, before) = (held.len(), memory::resident());
        held.extend((few..WAITING).map(|number| waiting(&plan, scene, number, output)));
        let (many, after) = (held.len(), memory::resident());
        if let (Some(before), Some(after)) = (before, after) {
            let each = after.saturating_sub(before) / (many - few) as u64;
            println!("{many} promotions of 4 steps waiting, {what}: {each} bytes each (budget 1024)");
        }
    });
    held
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
    // What is freed between two counts would hide what the second needs.
    let _held = hold("nothing put out", None);
    hold("an output of one entry", Some("9c1d77e"));
}
