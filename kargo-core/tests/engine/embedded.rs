//! A host with a table and a queue of its own, as user code writes it (user-code 3): it crashes after every batch, and goes on
//! from its newest snapshot.

use kargo_core::{
    Effect, EffectKind, Engine, Genesis, Manifests, Position, Promote, Recorded, Report, Snapshot, Timestamp,
    command::Apply, engine::Outcome, report::StepProgress,
};
use serde_json::json;

use crate::{host::images, shop::PLAIN};

/// The host's table: events and a snapshot, as bytes.
#[derive(Default)]
struct Db {
    events: Vec<Vec<u8>>,
    snapshot: Option<(Position, Vec<u8>)>,
}

impl Db {
    fn seed(&self) -> u64 {
        7
    }

    fn events(&self) -> Vec<Recorded> {
        self.events.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect()
    }

    fn append(&mut self, base: Position, events: &[Recorded]) {
        assert_eq!(base.get(), self.events.len() as u64, "somebody else wrote");
        self.events.extend(events.iter().map(|recorded| serde_json::to_vec(recorded).unwrap()));
    }

    fn open(&self) -> Engine {
        let snapshot = self.snapshot.as_ref().map(|(_, bytes)| Snapshot::from_bytes(bytes).unwrap());
        Engine::replay(Genesis::new("shop", self.seed()), snapshot, self.events()).unwrap()
    }

    fn snapshot_position(&self) -> Position {
        self.snapshot.as_ref().map(|(position, _)| *position).unwrap_or_default()
    }
}

fn work(effect: &Effect) -> Report {
    match &effect.kind {
        EffectKind::RunStep(run) => run.report(Ok(StepProgress::done(json!({})))),
        EffectKind::Discover(plan) => plan.report(Ok(images(&["1.4.2"]))),
        _ => effect.unsupported("this host has no tool for it"),
    }
}

#[test]
fn user_code_3_a_host_that_crashes_after_every_batch_goes_on_from_its_snapshot() {
    let mut db = Db::default();
    let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let at = |second: i64| start + chrono::TimeDelta::seconds(second);
    let take = |db: &mut Db, engine: &Engine, outcome: Outcome| {
        db.append(outcome.base(), outcome.events());
        let work = outcome.appended();
        if engine.position() >= db.snapshot_position() + 5 {
            db.snapshot = Some((engine.position(), engine.snapshot().to_bytes()));
        }
        work.start
    };
    let manifests = Manifests::parse("shop.yaml", PLAIN).unwrap();
    let mut engine = db.open();
    let outcome = engine.command(at(0), Apply::manifests(&manifests).by("admin")).unwrap();
    let mut jobs = take(&mut db, &engine, outcome);
    for second in 1..8 {
        // The crash: what was in memory is gone, and so are the jobs; what is owed is handed out again.
        engine = db.open();
        if jobs.iter().all(Effect::is_look) && engine.pending().next().is_none() && second > 3 {
            break;
        }
        let owed: Vec<Effect> = engine.pending().cloned().chain(jobs.into_iter().filter(Effect::is_look)).collect();
        let reports: Vec<Report> = owed.iter().map(work).collect();
        jobs = Vec::new();
        for report in reports {
            let outcome = engine.report(at(second), report);
            jobs.extend(take(&mut db, &engine, outcome));
        }
    }
    assert!(db.snapshot.is_some());
    let world = engine.world();
    let held = world.stage("uat").unwrap().current().unwrap().names().next().unwrap().to_string();
    assert_eq!(world.stage("uat").unwrap().promotions().count(), 1, "nothing was done twice");
    let refusal = engine.command(at(9), Promote::to("prod").freight(&*held).by("email:dana@acme.example")).unwrap_err();
    assert!(refusal.to_string().starts_with("refused: prod <- "), "{refusal}");
    // All of the log without the snapshot says the same.
    let whole = Engine::replay(Genesis::new("shop", 7), None, db.events()).unwrap();
    assert_eq!(whole.snapshot().to_bytes(), engine.snapshot().to_bytes());
    // A snapshot of another project is none of this log's.
    let other = Engine::new(Genesis::new("other", 7)).snapshot();
    let error = Engine::replay(Genesis::new("shop", 7), Some(other), db.events()).unwrap_err().to_string();
    assert!(error.contains("\"other\""), "{error}");
}
