//! The engine: what one input costs in worlds of several sizes, how fast a log is folded, what a fork costs.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use kargo_benches::memory;
use kargo_core::{
    EffectKind, Engine, Genesis, Recorded, Report, Timestamp,
    command::Apply,
    model::{
        DiscoveredArtifacts, FreightRequest, FreightSources, Object, ObjectMeta, Origin, PolicySelector, ProjectConfig,
        ProjectConfigSpec, PromotionPolicy, PromotionStep, PromotionTemplate, PromotionTemplateSpec, Stage, StageSpec,
        Warehouse,
    },
    report::StepProgress,
};
use serde_json::json;

/// Pipelines: each of a Warehouse and two Stages, both automatic, one step each.
const SIZES: [usize; 3] = [500, 5_000, 50_000];
/// New images, spread over the pipelines; each leads to five inputs.
const IMAGES: usize = 2_000;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn stage(name: &str, warehouse: &str, upstream: Option<&str>) -> Stage {
    let sources = FreightSources {
        direct: upstream.is_none(),
        stages: upstream.into_iter().map(Into::into).collect(),
        ..FreightSources::default()
    };
    let push = PromotionStep { uses: Some("git-push".into()), ..PromotionStep::default() };
    let template = PromotionTemplateSpec { steps: vec![push], vars: Vec::new() };
    Stage {
        metadata: ObjectMeta::named(name).in_project("shop"),
        spec: StageSpec {
            requested_freight: vec![FreightRequest { origin: Origin::warehouse(warehouse), sources }],
            promotion_template: Some(PromotionTemplate { spec: template }),
            ..StageSpec::default()
        },
        ..Stage::default()
    }
}

fn objects(pipelines: usize) -> Vec<Object> {
    let policy = PromotionPolicy {
        stage_selector: PolicySelector::default(),
        auto_promotion_enabled: true,
        auto_rollback: None,
    };
    let spec = ProjectConfigSpec { promotion_policies: vec![policy], ..ProjectConfigSpec::default() };
    let config =
        ProjectConfig { metadata: ObjectMeta::named("shop").in_project("shop"), spec, ..ProjectConfig::default() };
    let mut objects: Vec<Object> = vec![config.into()];
    for number in 0..pipelines {
        let (warehouse, dev, prod) = (format!("w{number}"), format!("dev{number}"), format!("prod{number}"));
        let metadata = ObjectMeta::named(&*warehouse).in_project("shop");
        objects.push(Warehouse { metadata, ..Warehouse::default() }.into());
        objects.push(stage(&dev, &warehouse, None).into());
        objects.push(stage(&prod, &warehouse, Some(&dev)).into());
    }
    objects
}

fn found(patch: usize) -> Result<DiscoveredArtifacts, serde_json::Error> {
    let reference = json!({"tag": format!("1.0.{patch}"), "digest": format!("sha256:{patch:064x}")});
    serde_json::from_value(json!({"images": [{"repoURL": "ghcr.io/acme/app", "references": [reference]}]}))
}

/// What one input took.
struct Taken {
    all: Vec<Duration>,
}

impl Taken {
    fn of(&mut self, part: usize, of: usize) -> Duration {
        self.all.sort_unstable();
        self.all.get((self.all.len() * part / of).min(self.all.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

fn measure(pipelines: usize) -> Result<(), Box<dyn Error>> {
    let before = memory::resident();
    let mut engine = Engine::new(Genesis::new("shop", 7));
    let mut log: Vec<Recorded> = Vec::new();
    let outcome = engine.command(now(), Apply::objects(objects(pipelines)).by("admin"))?;
    log.extend_from_slice(outcome.events());
    drop(outcome.appended());
    let stages = 2 * pipelines;
    let held = before.zip(memory::resident()).map(|(before, after)| after.saturating_sub(before) / stages as u64);
    let mut taken = Taken { all: Vec::new() };
    for image in 0..IMAGES {
        // Far from each other, so that nothing stays in a cache.
        let warehouse = format!("w{}", image.wrapping_mul(7_919) % pipelines);
        let mut reports = vec![Report::discovered(warehouse, found(image)?)];
        while let Some(report) = reports.pop() {
            let begun = Instant::now();
            let outcome = engine.report(now(), report);
            taken.all.push(begun.elapsed());
            log.extend_from_slice(outcome.events());
            for effect in outcome.appended().start {
                if let EffectKind::RunStep(run) = &effect.kind {
                    reports.push(run.report(Ok(StepProgress::done(json!({"commit": "9c1d77e"})))));
                }
            }
        }
    }
    let events = log.len();
    let begun = Instant::now();
    let folded = Engine::replay(Genesis::new("shop", 7), log.iter().cloned())?;
    let fold = begun.elapsed();
    assert_eq!(folded.position(), engine.position(), "a fold knows the same");
    let begun = Instant::now();
    black_box(engine.fork());
    let fork = begun.elapsed();
    let inputs = taken.all.len();
    println!(
        "| {stages} | {inputs} | {:.1?} | {:.1?} | {:.1?} | {:.0} | {fork:.1?} | {} |",
        taken.of(1, 2),
        taken.of(99, 100),
        taken.of(1, 1),
        events as f64 / fold.as_secs_f64(),
        held.map_or_else(|| "-".to_owned(), |held| held.to_string()),
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("| Stages | inputs | p50 | p99 | worst | folded events/s | fork | bytes a Stage, manifests included |");
    println!("| --: | --: | --: | --: | --: | --: | --: | --: |");
    for pipelines in SIZES {
        measure(pipelines)?;
    }
    Ok(())
}
