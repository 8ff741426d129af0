//! The pretended world of a simulation: it answers work by numbers that follow from the seed and the work's own id, and notes
//! what an engine must not do.

use std::{collections::BTreeMap, sync::Arc};

use kargo_core::{
    Effect, EffectKind, Report, Timestamp,
    engine::{Discover, ObserveHealth, Prepare, RunStep, Verify},
    model::{DiscoveredArtifacts, Health, HealthCheckStep, HealthState},
    promotion::{Prepared, Resolved},
    report::{EffectId, Fact, NotBefore, PortError, Signal, StepError, StepProgress, WakeKey},
    verification::{Asked, Verdict, aggregate},
};
use serde_json::json;

use super::{
    dice::Dice,
    fault::{Fault, Kind, Rate},
};

/// What the world answers, and when.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Reports, each so many milliseconds later.
    pub(crate) reports: Vec<(u64, Report)>,
    /// Faults that were drawn on the way.
    pub(crate) faults: Vec<&'static str>,
}

/// The world outside.
#[derive(Debug)]
pub(crate) struct Outside {
    seed: u64,
    faults: Vec<(Fault, Timestamp, Timestamp)>,
    /// Nothing goes wrong any more, and everything is answered.
    pub(crate) healed: bool,
    /// The world answers well, if late; only what was told to goes wrong.
    pub(crate) gentle: bool,
    /// Images by repository, as the numbers of their patches, with the instants of their pushes.
    images: BTreeMap<String, Vec<(u64, Timestamp)>>,
    /// How often each piece of work was handed out.
    asked: BTreeMap<EffectId, u64>,
    /// Attempts that nobody may repeat, as often as they were sent.
    sent: BTreeMap<(EffectId, u32), u64>,
    runs: BTreeMap<Arc<str>, Life>,
    /// Health as single checks and as it was put together, of the last look.
    pub(crate) checked: Option<(Vec<Health>, Health)>,
    /// What the engine did that no engine may.
    pub(crate) broken: Vec<String>,
}

/// The run of a verification.
#[derive(Clone, Debug)]
struct Life {
    ends: Timestamp,
    phase: &'static str,
    stopped: bool,
}

impl Outside {
    pub(crate) fn new(seed: u64, faults: Vec<(Fault, Timestamp, Timestamp)>) -> Self {
        Self {
            seed,
            faults,
            healed: false,
            gentle: false,
            images: BTreeMap::new(),
            asked: BTreeMap::new(),
            sent: BTreeMap::new(),
            runs: BTreeMap::new(),
            checked: None,
            broken: Vec::new(),
        }
    }

    /// Somebody pushes an image; its tag.
    pub(crate) fn push(&mut self, repository: &str, now: Timestamp) -> String {
        let images = self.images.entry(repository.to_owned()).or_default();
        let next = images.last().map_or(0, |(newest, _)| newest + 1);
        images.push((next, now));
        format!("1.0.{next}")
    }

    /// When the images of a repository were pushed, by tag.
    pub(crate) fn pushes(&self, repository: &str) -> impl Iterator<Item = (String, Timestamp)> + '_ {
        self.images.get(repository).into_iter().flatten().map(|(patch, at)| (format!("1.0.{patch}"), *at))
    }

    /// What a registry tells of a repository, perhaps without the newest.
    pub(crate) fn page(&self, repository: &str, without: usize) -> DiscoveredArtifacts {
        let images = self.images.get(repository).map(Vec::as_slice).unwrap_or_default();
        let seen = images.get(..images.len().saturating_sub(without)).unwrap_or_default();
        let references: Vec<_> = seen
            .iter()
            .rev()
            .take(20)
            .map(|(patch, _)| {
                let digest = Dice::of(0, repository, *patch).number();
                json!({"tag": format!("1.0.{patch}"), "digest": format!("sha256:{digest:064x}")})
            })
            .collect();
        let found = json!({"discoveredAt": null, "images": [{"repoURL": repository, "references": references}]});
        serde_json::from_value(found).unwrap_or_default()
    }

    /// Attempts that nobody may repeat and that were sent more than once.
    pub(crate) fn repeated(&self) -> usize {
        self.sent.values().filter(|times| **times > 1).count()
    }

    /// How often something of this rate goes wrong now, of a hundred cases.
    pub(crate) fn percent(&self, rate: Rate, now: Timestamp) -> u64 {
        if self.healed {
            return 0;
        }
        let active = self.faults.iter().filter(|(_, from, until)| *from <= now && now < *until);
        active
            .map(|(fault, ..)| {
                if let Kind::Rate(of, percent) = fault.kind
                    && of == rate
                {
                    percent
                } else {
                    0
                }
            })
            .max()
            .unwrap_or(0)
    }

    fn is_good(&self) -> bool {
        self.healed || self.gentle
    }

    /// Whether a host hangs now, and until when.
    fn hangs(&self, host: &str, now: Timestamp) -> Option<Timestamp> {
        let active = self.faults.iter().filter(|(_, from, until)| !self.healed && *from <= now && now < *until);
        active
            .filter_map(|(fault, _, until)| {
                matches!(&fault.kind, Kind::Hangs { host: of } if of == host).then_some(*until)
            })
            .max()
    }

    fn limited(&self, host: &str, now: Timestamp) -> Option<std::time::Duration> {
        let active = self.faults.iter().filter(|(_, from, until)| !self.healed && *from <= now && now < *until);
        active
            .filter_map(|(fault, ..)| match &fault.kind {
                Kind::Limited { host: of, retry_after } if of == host => Some(*retry_after),
                _ => None,
            })
            .max()
    }

    /// The world is asked to do something.
    pub(crate) fn begin(&mut self, effect: &Effect, repository: Option<&str>, now: Timestamp) -> Answers {
        let asked = self.asked.entry(effect.id.clone()).or_default();
        *asked += 1;
        let mut dice = Dice::of(self.seed, effect.id.as_str(), *asked);
        match &effect.kind {
            EffectKind::Prepare(prepare) => self.prepare(prepare, &mut dice),
            EffectKind::RunStep(run) => self.step(effect, run, now, &mut dice),
            EffectKind::Discover(discover) => self.discover(discover, repository.unwrap_or_default(), now, &mut dice),
            EffectKind::ObserveHealth(observe) => self.observe(observe, now, &mut dice),
            EffectKind::Verify(verify) => self.verify(verify, now, &mut dice),
            _ => Answers {
                reports: vec![(0, effect.unsupported("the simulator has no tool for it"))],
                ..Answers::default()
            },
        }
    }

    /// The engine does not want it any more: it may say that it stopped, or go on to its end.
    pub(crate) fn cancel(&mut self, effect: &Effect) -> Answers {
        let mut dice = Dice::of(self.seed, effect.id.as_str(), 1_000_000);
        let mut answers = Answers::default();
        if let EffectKind::RunStep(run) = &effect.kind
            && (self.is_good() || dice.percent(70))
        {
            answers.reports.push((dice.roll(5_000), run.stopped()));
        }
        answers
    }

    fn prepare(&self, prepare: &Prepare, dice: &mut Dice) -> Answers {
        let after = dice.roll(2_000);
        if !self.is_good() && dice.one_in(10) {
            let retry = Prepared::Retry { message: "the secret store is busy".to_owned() };
            return Answers { reports: vec![(after, prepare.report(retry))], ..Answers::default() };
        }
        let on = if dice.one_in(4) { "no" } else { "yes" };
        let entries = [("token".to_owned(), "t0p-secret".to_owned()), ("on".to_owned(), on.to_owned())];
        let mut resolved = Resolved::default();
        // A template names few references; each is fetched once.
        for _ in 0..20 {
            match prepare.decide(&resolved) {
                Ok(prepared) => {
                    return Answers { reports: vec![(after, prepare.report(prepared))], ..Answers::default() };
                }
                Err(next) => resolved.insert(next, entries.iter().cloned().collect()),
            }
        }
        let problem = Prepared::Misconfigure { message: "references without end".to_owned() };
        Answers { reports: vec![(after, prepare.report(problem))], ..Answers::default() }
    }

    fn step(&mut self, effect: &Effect, run: &RunStep, now: Timestamp, dice: &mut Dice) -> Answers {
        if is_unrepeatable(run) {
            let times = self.sent.entry((effect.id.clone(), run.attempt)).or_default();
            *times += 1;
        }
        let mut answers = Answers::default();
        let mut after = 200 + dice.roll(20_000);
        if &*run.uses == "git-push"
            && let Some(until) = self.hangs("github.com", now)
        {
            answers.faults.push("hang");
            after += u64::try_from((until - now).num_milliseconds()).unwrap_or_default();
        }
        let kind = if self.is_good() { 0 } else { dice.roll(100) };
        let answer = self.outcome(run, kind, now, dice);
        if let Ok(Waits { keys: true, .. }) = &answer {
            // Whatever is waited for happens, sooner or later; whether anybody tells is another thing.
            let told = self.percent(Rate::LostSignal, now) == 0 || !dice.percent(self.percent(Rate::LostSignal, now));
            if told {
                answers.reports.push((after + dice.roll(600_000), Report::of_signal(Signal::of(key_of(run)))));
            } else {
                answers.faults.push(Rate::LostSignal.name());
            }
        }
        answers.reports.push((after, run.report(answer.map(|waits| waits.progress))));
        answers
    }

    fn outcome(&self, run: &RunStep, kind: u64, now: Timestamp, dice: &mut Dice) -> Result<Waits, StepError> {
        let plain = |progress| Ok(Waits { progress, keys: false });
        let check = |name: &str| HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({ "app": name })) };
        let output = || json!({ "commit": format!("{:07x}", Dice::of(self.seed, run.promotion.as_ref(), run.step as u64).roll(1 << 28)) });
        match kind {
            0..56 if &*run.uses == "argocd-update" => {
                plain(StepProgress::done(output()).health(check("a")).pin("app", "9c1d77e"))
            }
            0..56 => plain(StepProgress::done(output())),
            56..60 => plain(StepProgress::done(output()).health(check("a")).health(check("b"))),
            60..64 => plain(StepProgress::skipped().message("nothing to do")),
            64..68 => Err(StepError::failed("the desk said no")),
            68..70 => Err(StepError::failing("not yet good")),
            70..76 => Err(StepError::retryable("connection reset")),
            76..78 => Err(StepError::retryable("busy").after(std::time::Duration::from_secs(90).into())),
            78..80 => Err(StepError::terminal("no such repository").output(&output())),
            80..88 => {
                Ok(Waits { progress: StepProgress::waiting_on(key_of(run)).message("waits for somebody"), keys: true })
            }
            88..90 => Ok(Waits {
                progress: StepProgress::waiting_on(key_of(run))
                    .poll_every(std::time::Duration::from_secs(30 + dice.roll(600))),
                keys: true,
            }),
            90..92 => Ok(Waits {
                progress: StepProgress::waiting_on(key_of(run)).until(now + chrono::TimeDelta::seconds(120)),
                keys: false,
            }),
            92..94 => plain(StepProgress::done(output()).fact(Fact::StageMetadata {
                stage: run.facts.stage.as_str().into(),
                key: "ticket".to_owned(),
                value: json!(run.step),
            })),
            94..96 => {
                let freight = run.collection.freight.values().next().map(|reference| reference.name.clone());
                let fact = freight.map(|freight| match dice.one_in(2) {
                    true => Fact::FreightMetadata { freight, key: "seen".to_owned(), value: json!(true) },
                    false => {
                        let alias = format!("train-{}", dice.roll(1_000_000));
                        Fact::FreightAlias { freight, alias }
                    }
                });
                let done = StepProgress::done(output());
                plain(match fact {
                    Some(fact) => done.fact(fact),
                    None => done,
                })
            }
            96..98 => plain(StepProgress::done(json!("no object"))),
            _ => Err(StepError::terminal("this host has no tool for it")),
        }
    }

    fn discover(&mut self, discover: &Discover, repository: &str, now: Timestamp, dice: &mut Dice) -> Answers {
        let mut answers = Answers::default();
        let mut after = 100 + dice.roll(3_000);
        if let Some(until) = self.hangs("ghcr.io", now) {
            answers.faults.push("hang");
            after += u64::try_from((until - now).num_milliseconds()).unwrap_or_default();
        }
        let found = if let Some(retry_after) = self.limited("ghcr.io", now) {
            answers.faults.push("rate limit");
            let not_before = NotBefore::After(retry_after.into());
            Err(PortError::rate_limited("HTTP 429").at("ghcr.io").not_before(not_before))
        } else if !self.is_good() && dice.one_in(12) {
            Err(PortError::retryable("HTTP 503").at("ghcr.io"))
        } else if dice.percent(self.percent(Rate::StalePage, now)) {
            answers.faults.push(Rate::StalePage.name());
            Ok(self.page(repository, 1 + dice.index(3)))
        } else {
            Ok(self.page(repository, 0))
        };
        answers.reports.push((after, discover.report(found)));
        answers
    }

    fn observe(&mut self, observe: &ObserveHealth, now: Timestamp, dice: &mut Dice) -> Answers {
        let after = dice.roll(1_000);
        if !self.is_good() && dice.one_in(15) {
            let down = Err(PortError::retryable("no answer").at("argocd.acme.example"));
            return Answers { reports: vec![(after, observe.report(down))], ..Answers::default() };
        }
        let each: Vec<Health> =
            observe.checks.iter().enumerate().map(|(index, _)| self.health(&observe.place.stage, index, now)).collect();
        let all = aggregate(each.iter().cloned());
        self.checked = Some((each, all.clone()));
        Answers { reports: vec![(after, observe.report(Ok(all)))], ..Answers::default() }
    }

    /// Health changes every ten minutes, and is mostly good.
    pub(crate) fn health(&self, stage: &str, check: usize, now: Timestamp) -> Health {
        let slot = u64::try_from(now.timestamp() / 600).unwrap_or_default();
        let mut dice = Dice::of(self.seed, stage, slot.wrapping_mul(31).wrapping_add(check as u64));
        let state = match dice.roll(12) {
            _ if self.is_good() => HealthState::Healthy,
            0 | 1 => HealthState::Progressing,
            2 => HealthState::Unhealthy,
            3 => HealthState::Unknown,
            4 if dice.one_in(4) => HealthState::NotApplicable,
            _ => HealthState::Healthy,
        };
        let issues = if state == HealthState::Unhealthy { vec![format!("{stage} is down")] } else { Vec::new() };
        Health { status: Some(state), issues, ..Health::default() }
    }

    fn verify(&mut self, verify: &Verify, now: Timestamp, dice: &mut Dice) -> Answers {
        let after = 50 + dice.roll(2_000);
        let id = Arc::clone(&verify.handle.id);
        let fails = !self.is_good() && dice.one_in(6);
        let answer = match verify.asked {
            Asked::Start if fails && dice.one_in(4) => Err(PortError::rejected("no such template")),
            Asked::Start => {
                // A start may act without an answer.
                if !fails || dice.one_in(2) {
                    let seed = self.seed;
                    let good = self.is_good();
                    let run = self.runs.entry(Arc::clone(&id)).or_insert_with(|| life(seed, &id, now));
                    if good {
                        run.phase = "Successful";
                    }
                }
                if fails { Err(PortError::retryable("HTTP 503")) } else { self.run(&id, now) }
            }
            Asked::Look if fails => Err(PortError::retryable("HTTP 503")),
            Asked::Look => {
                // Somebody deletes a run, now and then.
                if !self.is_good() && dice.one_in(25) {
                    self.runs.remove(&id);
                }
                self.run(&id, now)
            }
            Asked::Stop => {
                let Some(run) = self.runs.get_mut(&id) else {
                    let none = Err(PortError::not_found("no such run").at("kargo.acme.example").asking("stop"));
                    return Answers { reports: vec![(after, verify.report(none))], ..Answers::default() };
                };
                if now < run.ends {
                    (run.stopped, run.ends) = (true, now + chrono::TimeDelta::seconds(i64::from(dice.one_in(2)) * 20));
                }
                if fails { Err(PortError::retryable("HTTP 503")) } else { self.run(&id, now) }
            }
        };
        let mut answers = Answers { reports: vec![(after, verify.report(answer))], ..Answers::default() };
        // Somebody may tell of the end without being asked.
        if verify.asked == Asked::Start
            && dice.one_in(2)
            && let Some(run) = self.runs.get(&id)
        {
            let ends = u64::try_from((run.ends - now).num_milliseconds()).unwrap_or_default();
            answers
                .reports
                .push((ends + 1 + dice.roll(1_000), Report::verdict(&id, Verdict::new(run.phase).because("told"))));
        }
        answers
    }

    fn run(&self, id: &Arc<str>, now: Timestamp) -> Result<Verdict, PortError> {
        let missing = || PortError::not_found("no such run").at("kargo.acme.example").asking("look");
        let run = self.runs.get(id).ok_or_else(missing)?;
        let phase = match () {
            () if now < run.ends => "Running",
            () if run.stopped => "Failed",
            () => run.phase,
        };
        Ok(Verdict::new(phase).because("p99").of("shop", format!("run-{id}")))
    }
}

/// How a step's answer waits.
struct Waits {
    progress: StepProgress,
    /// Whether what it waits for will be told.
    keys: bool,
}

/// A run begins: when and how it ends follows from its id.
fn life(seed: u64, id: &str, now: Timestamp) -> Life {
    let mut dice = Dice::of(seed, id, 0);
    let phases = ["Successful", "Successful", "Successful", "Failed", "Error", "Inconclusive", "Aborted"];
    let minutes = dice.roll(20);
    let ends = now + chrono::TimeDelta::seconds(i64::try_from(minutes * 60).unwrap_or_default());
    Life { ends, phase: dice.word(&phases), stopped: false }
}

/// What a step of this simulation waits for.
fn key_of(run: &RunStep) -> WakeKey {
    WakeKey::custom("ticket", format!("{}-{}", run.facts.stage, run.step))
}

/// Whether nobody may do it again where it is not known whether it was done (rules 1).
fn is_unrepeatable(run: &RunStep) -> bool {
    &*run.alias == "call"
}
