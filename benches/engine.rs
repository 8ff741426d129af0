//! The engine: what one input costs in worlds of several sizes, how fast a log is folded, what a fork costs.
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
    command::Apply,
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

/// Freight that was found before anything else happened.
fn old(pipelines: usize, from: Position) -> impl Iterator<Item = Recorded> {
    let mut position = from;
    (0..pipelines * FREIGHT).map(move |number| {
        position = position.next();
        let mixed = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let freight = Freight {
            metadata: ObjectMeta::named(format!("{mixed:032x}{number:08x}")).in_project(PROJECT),
            origin: Origin::warehouse(format!("w{}", number % pipelines)),
            ..Freight::default()
        };
        let found_at = now() - Duration::from_secs(10_000_000 - (number / pipelines) as u64);
        let event = Event::FreightCreated { freight: Box::new(freight), found_at };
        Recorded { position, at: now(), cause: None, event }
    })
}

fn measure(pipelines: usize) -> Result<(), Box<dyn Error>> {
    let mut defined = Engine::new(Genesis::new(PROJECT, 7));
    let outcome = defined.command(now(), Apply::objects(pipelines::objects(pipelines)).by("admin"))?;
    let definitions: Vec<Recorded> = outcome.events().to_vec();
    drop(outcome.appended());
    let position = defined.position();
    drop(defined);
    let events = definitions.len() + pipelines * FREIGHT;
    let begun = Instant::now();
    let mut engine =
        Engine::replay(Genesis::new(PROJECT, 7), None, definitions.into_iter().chain(old(pipelines, position)))?;
    let fold = begun.elapsed();
    let mut taken = Taken::default();
    let mut image = 0_usize;
    let mut reports = Vec::new();
    while taken.all.len() < INPUTS {
        if reports.is_empty() {
            // Far from each other, so that nothing stays in a cache.
            let warehouse = format!("w{}", image.wrapping_mul(7_919) % pipelines);
            reports.push(Report::discovered(warehouse, found(image)?));
            image += 1;
        }
        let Some(report) = reports.pop() else { continue };
        let begun = Instant::now();
        let outcome = engine.report(now(), report);
        taken.all.push(begun.elapsed());
        for effect in outcome.appended().start {
            if let EffectKind::RunStep(run) = &effect.kind {
                reports.push(run.report(Ok(StepProgress::done(json!({"commit": "9c1d77e"})))));
            }
        }
    }
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
    let resident = memory::resident().unwrap_or_default() / (1 << 20);
    println!(
        "| {} | {} | {:.1?} | {:.1?} | {:.1?} | {fork:.1?} | {bytes} | {:.1?} | {:.0} | {resident} |",
        2 * pipelines,
        pipelines * FREIGHT,
        taken.of(1, 2),
        taken.of(99, 100),
        taken.of(1, 1),
        forked.of(1, 2),
        events as f64 / fold.as_secs_f64(),
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(pipelines) = alone::word() {
        return measure(pipelines.parse()?);
    }
    println!(
        "| Stages | freight | {INPUTS} inputs: p50 | p99 | worst | fork then | bytes a fork | fork and first input | folded \
         events/s | resident MiB |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
    for pipelines in SIZES {
        print!("{}", alone::ask(pipelines)?);
    }
    Ok(())
}
