//! A host for tests: it keeps the log, answers work by a script, and checks after every batch that a replay knows the same.

use std::collections::BTreeMap;

use kargo_core::{
    Effect, EffectKind, Engine, Event, Genesis, Manifests, Outcome, Recorded, Refusal, Report, Timestamp,
    command::{Apply, Command},
    engine::Snapshot,
    model::DiscoveredArtifacts,
    report::{EffectId, StepError, StepProgress},
    verification::Verdict,
};
use serde_json::json;

/// What a step answers.
pub(crate) type Answer = Result<StepProgress, StepError>;

pub(crate) struct Host {
    pub(crate) engine: Engine,
    pub(crate) log: Vec<Recorded>,
    pub(crate) now: Timestamp,
    /// Work that was given out and not answered.
    pub(crate) open: Vec<Effect>,
    /// Ids of work that the engine wants stopped.
    pub(crate) cancelled: Vec<String>,
    /// The same, of which this host has not said that it stopped.
    pub(crate) to_stop: Vec<EffectId>,
    /// Whether it tells when attempts begin that nobody may repeat.
    pub(crate) tells_starts: bool,
    /// Whether every batch is followed by a replay.
    pub(crate) replays: bool,
    /// Answers of steps by alias; the last one is kept.
    pub(crate) answers: BTreeMap<String, Vec<Answer>>,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Host {
    /// A host whose engine knows nothing yet; noon.
    pub(crate) fn bare() -> Self {
        Self {
            engine: Engine::new(genesis()),
            log: Vec::new(),
            now: at("2026-11-24T12:00:00Z"),
            open: Vec::new(),
            cancelled: Vec::new(),
            to_stop: Vec::new(),
            tells_starts: false,
            replays: true,
            answers: BTreeMap::new(),
        }
    }

    /// A host whose engine has taken over these manifests at noon.
    pub(crate) fn new(manifests: &str) -> Self {
        Self::of(genesis(), manifests)
    }

    /// The same of another genesis.
    pub(crate) fn of(genesis: Genesis, manifests: &str) -> Self {
        let mut host = Self { engine: Engine::new(genesis), ..Self::bare() };
        let manifests = Manifests::parse("shop.yaml", manifests).unwrap();
        host.command(Apply::manifests(&manifests).by("admin")).unwrap();
        host
    }

    pub(crate) fn command(&mut self, command: impl Into<Command>) -> Result<usize, Refusal> {
        let command = command.into();
        let planned = self.engine.plan(self.now, command.clone());
        let decided = self.engine.decide(self.now, command.clone());
        let outcome = match self.engine.command(self.now, command) {
            Ok(outcome) => outcome,
            Err(refusal) => {
                assert_eq!(planned.unwrap_err(), refusal);
                assert_eq!(decided.unwrap_err(), refusal);
                return Err(refusal);
            }
        };
        // What was planned is what is done (requirements F2).
        let planned = planned.unwrap();
        assert_eq!(planned.events(), outcome.events());
        assert_eq!(decided.unwrap(), outcome.events());
        let start: Vec<_> = planned.start().iter().map(|effect| effect.id.clone()).collect();
        let cancel = planned.cancel().to_vec();
        let appended = self.append(outcome);
        let given = self.open.iter().rev().take(start.len()).rev().map(|effect| effect.id.clone());
        assert_eq!(given.collect::<Vec<_>>(), start);
        let cancelled = self.cancelled.iter().rev().take(cancel.len()).rev().cloned();
        assert_eq!(cancelled.collect::<Vec<_>>(), cancel.iter().map(ToString::to_string).collect::<Vec<_>>());
        Ok(appended)
    }

    pub(crate) fn report(&mut self, report: Report) -> usize {
        let outcome = self.engine.report(self.now, report);
        self.append(outcome)
    }

    pub(crate) fn tick(&mut self) -> usize {
        let outcome = self.engine.tick(self.now);
        self.append(outcome)
    }

    /// Goes on to an instant, with a tick at every deadline on the way.
    pub(crate) fn until(&mut self, instant: &str) {
        let end = at(instant);
        while let Some(deadline) = self.engine.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.tick();
        }
        self.now = end;
    }

    /// The process dies: what was handed out is lost, the log is folded again, what is owed is handed out, and the first tick comes.
    pub(crate) fn crash(&mut self) {
        let mut engine = Engine::new(genesis());
        engine.fold(self.log.iter().cloned()).unwrap();
        if self.tells_starts {
            engine.tells_starts();
        }
        self.engine = engine;
        self.open = self.engine.pending().cloned().collect();
        self.tick();
    }

    /// Says of all work that is to be stopped, and that this host does not do, that it has stopped.
    pub(crate) fn stop_what_is_unknown(&mut self) {
        for id in std::mem::take(&mut self.to_stop) {
            if !self.open.iter().any(|effect| effect.id == id) {
                self.report(Report::stopped(id));
            }
        }
    }

    /// Answers all steps that are open, until none is.
    pub(crate) fn work(&mut self) {
        for _ in 0..1_000 {
            let Some(index) = self.open.iter().position(|effect| matches!(effect.kind, EffectKind::RunStep(_))) else {
                return;
            };
            let effect = self.open.remove(index);
            let EffectKind::RunStep(run) = &effect.kind else { return };
            let answers = self.answers.entry(run.alias.to_string()).or_default();
            let answer =
                if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_else(done) };
            self.report(run.report(answer));
        }
        panic!("steps without end");
    }

    /// The run of the open verification answers.
    pub(crate) fn verdict(&mut self, phase: &str) -> usize {
        let is_verify = |effect: &Effect| matches!(effect.kind, EffectKind::Verify(_));
        let index = self.open.iter().position(is_verify).unwrap();
        let effect = self.open.remove(index);
        let EffectKind::Verify(verify) = &effect.kind else { return 0 };
        self.report(verify.report(Ok(Verdict::new(phase).because("p99"))))
    }

    /// A Warehouse has found images of these tags, newest first.
    pub(crate) fn found(&mut self, warehouse: &str, tags: &[&str]) -> usize {
        self.report(Report::discovered(warehouse, images(tags)))
    }

    fn append(&mut self, outcome: Outcome) -> usize {
        assert_eq!(outcome.base().get(), self.log.len() as u64, "appended where the log ends");
        let events = outcome.events().to_vec();
        for recorded in &events {
            let bytes = recorded.to_bytes().unwrap();
            let read = Recorded::from_bytes(&bytes).unwrap();
            assert_eq!(read, *recorded, "{}", String::from_utf8_lossy(&bytes));
            assert_eq!(read.to_bytes().unwrap(), bytes);
        }
        self.log.extend(events.iter().cloned());
        let work = outcome.appended();
        self.cancelled.extend(work.cancel.iter().map(ToString::to_string));
        self.to_stop.extend(work.cancel);
        self.open.extend(work.start);
        if self.replays {
            self.check_replay();
        }
        events.len()
    }

    /// A replay of the log knows what the live engine knows, and owes what it owes; and so does what a snapshot restores.
    pub(crate) fn check_replay(&self) {
        let mut replayed = Engine::new(self.engine.genesis().clone());
        replayed.fold_bytes(self.log.iter().map(|recorded| recorded.to_bytes().unwrap())).unwrap();
        self.check_same(&replayed, "a replay");
        // Every eighth position or so: it costs more than a replay of these short logs.
        if !self.engine.position().get().is_multiple_of(8) {
            return;
        }
        let bytes = self.engine.snapshot().to_bytes();
        let snapshot = Snapshot::from_bytes(&bytes).unwrap();
        assert_eq!(snapshot.to_bytes(), bytes, "a snapshot is what it was written from");
        self.check_same(&Engine::restore(snapshot).unwrap(), "what a snapshot restores");
    }

    /// Another engine knows and owes the same.
    pub(crate) fn check_same(&self, other: &Engine, what: &str) {
        assert_eq!(other.position(), self.engine.position());
        assert_eq!(other.now(), self.engine.now());
        let (replay, live) = (format!("{:?}", other.world()), format!("{:?}", self.engine.world()));
        assert!(replay == live, "{what} knows another world:\n{}", difference(&replay, &live));
        assert_eq!(owed(other), owed(&self.engine), "{what} owes other work");
        // Also what no view shows: verdicts, runs, counters, wishes.
        let known = |engine: &Engine| {
            let mut written: serde_json::Value = serde_json::from_slice(&engine.snapshot().to_bytes()).unwrap();
            // How much is kept is no part of what is known.
            written["parts"]["genesis"].take();
            written.to_string()
        };
        let (replay, live) = (known(other), known(&self.engine));
        assert!(replay == live, "{what} knows something else:\n{}", difference(&replay, &live));
    }

    /// The log in short: one line for each event, without positions.
    pub(crate) fn story(&self) -> String {
        self.log.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn holds(&self, stage: &str) -> Option<String> {
        let held = self.engine.world().stage(stage).unwrap().current()?;
        let name = held.names().next()?;
        let image = &self.engine.world().freight_named(name)?.reference().images.first()?.tag;
        Some(image.to_string())
    }
}

/// Where two texts begin to differ, with what is around it.
fn difference(a: &str, b: &str) -> String {
    let at = a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let around =
        |text: &str| text.get(at.saturating_sub(200)..(at + 100).min(text.len())).unwrap_or_default().to_owned();
    format!("{}\n---\n{}", around(a), around(b))
}

/// The work that is owed. Attempts that nobody may repeat are closed by the first tick after a replay (rules 19).
fn owed(engine: &Engine) -> Vec<String> {
    let short = |effect: &Effect| match &effect.kind {
        EffectKind::RunStep(run) if &*run.uses == "http" => None,
        EffectKind::RunStep(run) => Some(format!("{} {} {}", effect.id, run.promotion, run.attempt)),
        _ => Some(effect.id.to_string()),
    };
    engine.pending().filter_map(short).collect()
}

fn line(recorded: &Recorded) -> String {
    let cause = recorded.cause.map_or_else(|| "-".to_owned(), |cause| cause.to_string());
    let at = recorded.at.format("%H:%M:%S");
    let what = match &recorded.event {
        Event::Commanded { command, by, .. } => format!("{command} by {}", by.as_deref().unwrap_or("?")),
        Event::Reported { report, .. } => format!("reported {report}"),
        Event::Ticked => "tick".to_owned(),
        Event::Defined { object } => format!("defined {}/{}", object.kind(), object.name()),
        Event::Discovered { warehouse, .. } => format!("discovered {warehouse}"),
        Event::FreightCreated { freight, .. } => format!("freight {}", freight.images[0].tag),
        Event::PromotionCreated { promotion, .. } => format!("created for {}", promotion.spec.stage),
        Event::PromotionCurrent { place, .. } => format!("current in {place}"),
        Event::Promotion { happened, .. } => short(happened),
        Event::PromotionSettled { place, holds_freight, .. } => {
            format!("settled in {place}, {}", if holds_freight.is_some() { "moved" } else { "not moved" })
        }
        Event::HealthChanged { place, health } => format!("health of {place}: {}", health.status.as_ref().unwrap()),
        Event::VerificationBegun { place, verification } => {
            format!("verification begins in {place}: {}", verification.phase())
        }
        Event::Verification { happened, .. } => format!("verification: {}", happened.name()),
        Event::VerdictCounted { stage, verdict, credited, withdrawn, .. } => {
            format!("verdict in {stage}: {:?}, +{} -{}", verdict.end, credited.len(), withdrawn.len())
        }
        Event::Verified { stage, freight } => format!("verified in {stage}: {}", freight.len()),
        other => format!("{other:?}"),
    };
    format!("{at} {} <- {cause} {what}", recorded.position)
}

fn short(happened: &kargo_core::promotion::RunEvent) -> String {
    use kargo_core::promotion::{PhaseEvent, RunEvent};
    match happened {
        RunEvent::Phase(PhaseEvent::Begin { .. }) => "begins".to_owned(),
        RunEvent::Phase(PhaseEvent::End { end, .. }) => format!("ends {end:?}"),
        RunEvent::Step { index, event } => {
            let debug = format!("{event:?}");
            format!("step {index}: {}", debug.split([' ', '{', '(']).next().unwrap())
        }
        other => format!("{other:?}"),
    }
}

pub(crate) fn genesis() -> Genesis {
    Genesis::new("shop", 7)
}

pub(crate) fn done() -> Answer {
    Ok(StepProgress::done(json!({})))
}

pub(crate) fn images(tags: &[&str]) -> DiscoveredArtifacts {
    let references: Vec<_> =
        tags.iter().map(|tag| json!({"tag": tag, "digest": format!("sha256:{:064x}", tag.len() * 7 + tag.bytes().map(usize::from).sum::<usize>())})).collect();
    let found = json!({"discoveredAt": null, "images": [{"repoURL": "ghcr.io/acme/cart", "references": references}]});
    serde_json::from_value(found).unwrap()
}
