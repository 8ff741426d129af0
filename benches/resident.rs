//! What a Stage and a piece of freight hold of memory: the slope between worlds of two sizes, each in a process of its own.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{error::Error, hint::black_box, sync::Arc};

use kargo_benches::{alone, memory, pipelines, warehouse};
use kargo_core::{Engine, Genesis, World, command::Apply, model::FreightReference};

/// The sizes between which the slope is taken.
const SMALL: usize = 20_000;
const LARGE: usize = 100_000;

/// Builds a world of a kind and says how much this process holds then.
fn build(kind: &str, size: usize) -> Result<u64, Box<dyn Error>> {
    let begun = memory::resident().ok_or("the system does not tell")?;
    let held = || memory::resident().unwrap_or_default().saturating_sub(begun);
    Ok(match kind {
        "manifests" => {
            let nouns: Vec<Arc<_>> = (0..size / 2).flat_map(pipelines::stages).map(Arc::new).collect();
            black_box(&nouns);
            held()
        }
        "world" => {
            let mut world = World::new(pipelines::PROJECT);
            for stage in (0..size / 2).flat_map(pipelines::stages) {
                world.define(stage);
            }
            black_box(&world);
            held()
        }
        "engine" => {
            let mut engine = Engine::new(Genesis::new(pipelines::PROJECT, 7));
            for from in (0..size / 2).step_by(500) {
                let objects = (from..(from + 500).min(size / 2)).flat_map(pipelines::stages).map(Into::into);
                let outcome =
                    engine.command(pipelines::now(), Apply::objects(objects.collect::<Vec<_>>()).by("admin"))?;
                drop(outcome.appended());
            }
            black_box(&engine);
            held()
        }
        "artifacts" => {
            let alone = |number| {
                let freight = warehouse::with_artifacts(number);
                FreightReference { images: freight.images, commits: freight.commits, ..FreightReference::default() }
            };
            let artifacts: Vec<_> =
                (0..size).map(alone).map(|reference| (reference.images, reference.commits)).collect();
            black_box(&artifacts);
            held()
        }
        _ => {
            let mut world = World::new("bench");
            for number in 0..size {
                world.put(warehouse::with_artifacts(number));
            }
            black_box(&world);
            held()
        }
    })
}

fn slope(kind: &str) -> Result<f64, Box<dyn Error>> {
    let held = |size: usize| -> Result<f64, Box<dyn Error>> {
        Ok(alone::ask(&format!("{kind} {size}"))?.trim().parse::<u64>()? as f64)
    };
    Ok((held(LARGE)? - held(SMALL)?) / (LARGE - SMALL) as f64)
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(word) = alone::word() {
        let (kind, size) = word.split_once(' ').ok_or("a kind and a size")?;
        println!("{}", build(kind, size.parse()?)?);
        return Ok(());
    }
    let (manifests, world, engine) = (slope("manifests")?, slope("world")?, slope("engine")?);
    let (artifacts, freight) = (slope("artifacts")?, slope("freight")?);
    println!("| resident, bytes each | all | beyond it | budget |");
    println!("| --- | --: | --: | --: |");
    println!("| idle Stage in a world, its manifest {manifests:.0} | {world:.0} | {:.0} | 1024 |", world - manifests);
    println!("| idle Stage in an engine, the same | {engine:.0} | {:.0} | 1024 |", engine - manifests);
    println!(
        "| freight that three Stages verified, its two artifacts {artifacts:.0} | {freight:.0} | {:.0} | 512 |",
        freight - artifacts
    );
    Ok(())
}
