//! The engine: what one input costs in worlds of several sizes, what forks and plans cost after many inputs, how fast a log is
//! folded.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use kargo_benches::{
    alone, memory,
    pipelines::{self, PROJECT, now},
};
use kargo_core::{
    EffectKind, Engine, Event, Genesis, Origin, Position, Recorded, Report,
    command::{Apply, Promote},
    model::{DiscoveredArtifacts, Freight, ObjectMeta},
    report::StepProgress,
};
use serde_json::json;

/// Pipelines: each of a Warehouse and two Stages, both automatic, one step each. Of each there is so much freight, old and
/// rejected by nobody, but older than what is promoted.
const SIZES: [&str; 3] = ["500", "5000", "50000"];
const FREIGHT: usize = 20;
/// So many inputs are taken, spread over the pipelines, before forks are measured.
const INPUTS: usize = 10_000;
/// Plans and forks that are measured.
const FORKS: usize = 500;

fn found(patch: usize) -> Result<DiscoveredArtifacts, serde_json::Error> {
    let reference = json!({"tag": format!("1.0.{patch}"), "digest": format!("sha256:{patch:064x}")});
    serde_json::from_value(json!({"images": [{"repoURL": "ghcr.io/acme/app", "references": [reference]}]}))
}

/// What each of many took.
#[derive(Default)]
struct Taken {
    all: Vec<Duration>,
}

impl Taken {
    fn of(&mut self, part: usize, of: usize) -> Duration {
        self.all.sort_unstable();
        self.all.get((self.all.len() * part / of).min(self.all.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// The name of old freight. The first of each pipeline has the pipeline's number.
fn old_name(number: usize) -> String {
    let mixed = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("{mixed:032x}{number:08x}")
}

/// Freight that was found before anything else happened.
fn old(pipelines: usize, from: Position) -> impl Iterator<Item = Recorded> {
    let mut position = from;
    (0..pipelines * FREIGHT).map(move |number| {
        position = position.next();
        let freight = Freight {
            metadata: ObjectMeta::named(old_name(number)).in_project(PROJECT),
            origin: Origin::warehouse(format!("w{}", number % pipelines)),
            ..Freight::default()
        };
        let found_at = now() - Duration::from_secs(10_000_000 - (number / pipelines) as u64);
        let event = Event::FreightCreated { freight: Box::new(freight), found_at };
        Recorded { position, at: now(), cause: None, event }
    })
}

/// The project before anything is promoted: its definitions, and old freight.
fn beginning(pipelines: usize) -> Result<Vec<Recorded>, Box<dyn Error>> {
    let mut defined = Engine::new(Genesis::new(PROJECT, 7));
    let outcome = defined.command(now(), Apply::objects(pipelines::objects(pipelines)).by("admin"))?;
    let mut log = outcome.events().to_vec();
    drop(outcome.appended());
    log.extend(old(pipelines, defined.position()));
    Ok(log)
}

/// The inputs: new images far from each other, so that nothing stays in a cache, and the answers of the steps that follow.
fn run(engine: &mut Engine, pipelines: usize, mut log: Option<&mut Vec<Recorded>>) -> Result<Taken, Box<dyn Error>> {
    let mut taken = Taken::default();
    let mut image = 0_usize;
    let mut reports = Vec::new();
    while taken.all.len() < INPUTS {
        if reports.is_empty() {
            let warehouse = format!("w{}", image.wrapping_mul(7_919) % pipelines);
            reports.push(Report::discovered(warehouse, found(image)?));
            image += 1;
        }
        let Some(report) = reports.pop() else { continue };
        let begun = Instant::now();
        let outcome = engine.report(now(), report);
        taken.all.push(begun.elapsed());
        if let Some(log) = &mut log {
            log.extend_from_slice(outcome.events());
        }
        for effect in outcome.appended().start {
            if let EffectKind::RunStep(run) = &effect.kind {
                reports.push(run.report(Ok(StepProgress::done(json!({"commit": "9c1d77e"})))));
            }
        }
    }
    Ok(taken)
}

/// How fast the whole log is folded, what came of the inputs included: as events, and as bytes.
fn measure_fold(pipelines: usize) -> Result<(), Box<dyn Error>> {
    let mut log = beginning(pipelines)?;
    let mut engine = Engine::replay(Genesis::new(PROJECT, 7), None, log.clone())?;
    let from = log.len();
    run(&mut engine, pipelines, Some(&mut log))?;
    let written: Vec<Vec<u8>> = log.iter().map(Recorded::to_bytes).collect::<Result<_, _>>()?;
    let (events, bytes) = (log.len() as f64, written.iter().map(Vec::len).sum::<usize>() as f64);
    let begun = Instant::now();
    let folded = Engine::replay(Genesis::new(PROJECT, 7), None, log)?;
    let of_events = begun.elapsed().as_secs_f64();
    drop(folded);
    let mut folded = Engine::new(Genesis::new(PROJECT, 7));
    let begun = Instant::now();
    folded.fold_bytes(written)?;
    let of_bytes = begun.elapsed().as_secs_f64();
    println!(
        "| {} | {events} | {} | {:.0} | {:.0} | {:.0} | {:.0} |",
        2 * pipelines,
        events as usize - from,
        bytes / events,
        events / of_events,
        events / of_bytes,
        bytes / of_bytes / 1e6,
    );
    Ok(())
}

fn measure(pipelines: usize) -> Result<(), Box<dyn Error>> {
    let mut engine = Engine::replay(Genesis::new(PROJECT, 7), None, beginning(pipelines)?)?;
    let mut taken = run(&mut engine, pipelines, None)?;
    let before = memory::resident();
    let mut forks = Vec::with_capacity(FORKS);
    let begun = Instant::now();
    for _ in 0..FORKS {
        forks.push(engine.fork());
    }
    let fork = begun.elapsed() / FORKS as u32;
    let bytes = before.zip(memory::resident()).map_or(0, |(before, after)| after.saturating_sub(before)) / FORKS as u64;
    drop(forks);
    // A fork, and an input to it that finds everything shared.
    let mut forked = Taken::default();
    for number in 0..FORKS {
        let warehouse = format!("w{}", number.wrapping_mul(7_919) % pipelines);
        let report = Report::discovered(warehouse, found(1_000_000 + number)?);
        let begun = Instant::now();
        let mut fork = engine.fork();
        drop(black_box(fork.report(now(), report)).appended());
        forked.all.push(begun.elapsed());
    }
    // What a promotion would lead to, the forks, inputs and dry runs that are needed to tell included.
    let mut planned = Taken::default();
    for number in 0..FORKS {
        let pipeline = number.wrapping_mul(7_919) % pipelines;
        let promote = Promote::to(format!("dev{pipeline}")).freight(old_name(pipeline)).by("ana");
        let begun = Instant::now();
        black_box(engine.plan(now(), promote)?);
        planned.all.push(begun.elapsed());
    }
    let resident = memory::resident().unwrap_or_default() / (1 << 20);
    println!(
        "| {} | {} | {:.1?} | {:.1?} | {:.1?} | {fork:.1?} | {bytes} | {:.1?} | {:.1?} | {:.1?} | {resident} |",
        2 * pipelines,
        pipelines * FREIGHT,
        taken.of(1, 2),
        taken.of(99, 100),
        taken.of(1, 1),
        forked.of(1, 2),
        planned.of(1, 2),
        planned.of(99, 100),
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(word) = alone::word() {
        return match word.strip_prefix("fold ") {
            Some(pipelines) => measure_fold(pipelines.parse()?),
            None => measure(word.parse()?),
        };
    }
    println!(
        "| Stages | freight | {INPUTS} inputs: p50 | p99 | worst | fork then | bytes a fork | fork and first input | plan of a \
         promotion: p50 | p99 | resident MiB |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
    for pipelines in SIZES {
        print!("{}", alone::ask(pipelines)?);
    }
    println!(
        "\n| Stages | events | of them of {INPUTS} inputs | bytes each | folded events/s | of bytes: events/s | MB/s |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: |");
    for pipelines in SIZES {
        print!("{}", alone::ask(&format!("fold {pipelines}"))?);
    }
    Ok(())
}
