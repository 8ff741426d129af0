//! A simulated run as it goes: one engine over a journal, the world that answers it, virtual time, and the process that dies.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kargo_core::{
    Effect, EffectKind, Engine, Event, Genesis, Outcome, Position, Recorded, Refusal, Report, Timestamp, World,
    command::Command,
    model::{Duration, ProjectName, PromotionPhase},
    policy::{Keep, Retention},
    port::{Acquired, Appended, Journal, Lease},
    report::EffectId,
};

use super::{
    Violation,
    acts::Stagecraft,
    dice::Dice,
    fault::{Rate, Trouble},
    names,
    outside::{Answers, Outside},
    same,
    script::Act,
    tally::{Counted, Tally},
    timeline::Line,
};
use crate::{
    conformance::block_on,
    fake::{MemoryJournal, VirtualClock},
    invariant::{Batch, Watch},
};

/// How long a lease lasts, and so how long a dead owner is waited out.
const LEASE: Duration = Duration::from_secs(10);
/// The clock is off if it leaves what was anchored by more (rules 5), in seconds.
const OFF: i64 = 300;
/// At so many places of a run a replay is compared with it (architecture 8).
const MARKS: usize = 32;
/// Looks at a waiting step keep this distance (control 13, invariant 45), in seconds.
const LOOKS_APART: i64 = 10;
/// More ticks at one instant than this are a circle.
const MOST_TICKS: u32 = 200;

/// What somebody wants to hold of every world of a run; what is wrong, where it does not.
pub(crate) type Property = fn(&World) -> Result<(), String>;

/// Something that is to happen.
#[derive(Debug)]
pub(crate) enum Due {
    /// Something of the script.
    Act(Act),
    /// Somebody pushes an image of this repository.
    Push(String),
    /// A report arrives; it was sent by the process with this number.
    Report { process: u32, report: Box<Report>, of: Option<EffectId>, last: bool },
}

/// What is fed to an engine.
pub(crate) enum Input {
    Command(Command),
    Report(Report),
    Tick,
}

/// How much is kept in random runs: little, so that something is taken out within its hours.
#[must_use]
pub fn retention() -> Retention {
    let keep = |retained, minutes: i64| Keep { retained, minimum_age: Duration::from_secs(minutes * 60) };
    Retention { promotions: keep(3, 60), freight: keep(1, 120) }
}

/// A run as it goes.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) seed: u64,
    pub(crate) project: ProjectName,
    pub(crate) genesis: Genesis,
    pub(crate) engine: Engine,
    journal: MemoryJournal,
    clock: VirtualClock,
    lease: Option<Lease>,
    /// The true time.
    pub(crate) now: Timestamp,
    /// What the time of day is wrong by.
    offset: TimeDelta,
    /// The anchor does not hold: the driver goes on by the true time.
    anchored: bool,
    due: BTreeMap<(Timestamp, u64), Due>,
    next: u64,
    pub(crate) outside: Outside,
    /// Processes that there were.
    process: u32,
    armed: Option<Trouble>,
    /// Work that the process has under way, by id.
    flying: BTreeMap<EffectId, Effect>,
    pub(crate) log: Vec<Recorded>,
    pub(crate) lines: Vec<Line>,
    pub(crate) tally: Tally,
    pub(crate) violations: Vec<Violation>,
    pub(crate) watch: Watch,
    /// What somebody wants to hold beside the invariants.
    pub(crate) always: Vec<(String, Property)>,
    pub(crate) crashes: u32,
    ticks_here: u32,
    /// The engine as it was after some of the batches, with how many there were.
    marks: Vec<Engine>,
    batches: u64,
    /// When each waiting step was looked after last, by which process.
    looked: BTreeMap<EffectId, (Timestamp, u32)>,
}

impl Live {
    pub(crate) fn new(genesis: Genesis, seed: u64, start: Timestamp, outside: Outside) -> Self {
        let project = genesis.project().clone();
        let clock = VirtualClock::starting(start);
        let mut live = Self {
            seed,
            project,
            engine: Engine::new(genesis.clone()),
            genesis,
            journal: MemoryJournal::new(&clock),
            clock,
            lease: None,
            now: start,
            offset: TimeDelta::zero(),
            anchored: false,
            due: BTreeMap::new(),
            next: 0,
            outside,
            process: 0,
            armed: None,
            flying: BTreeMap::new(),
            log: Vec::new(),
            lines: Vec::new(),
            tally: Tally::default(),
            violations: Vec::new(),
            watch: Watch::new(seed),
            always: Vec::new(),
            crashes: 0,
            ticks_here: 0,
            marks: Vec::new(),
            batches: 0,
            looked: BTreeMap::new(),
        };
        live.lead();
        live
    }

    /// What the driver takes for the time.
    pub(crate) fn time(&self) -> Timestamp {
        if self.anchored { self.now } else { self.now.checked_add_signed(self.offset).unwrap_or(self.now) }
    }

    pub(crate) fn line(&mut self, text: String, stage: Option<&str>) {
        self.lines.push(Line { at: self.now, text, stage: stage.map(str::to_owned), position: self.log.len() });
    }

    pub(crate) fn violated(&mut self, name: &str, said: String) {
        self.line(format!("!! {name}: {said}"), None);
        let (at, position) = (self.now, self.engine.position());
        self.violations.push(Violation { name: name.to_owned(), said, at, position });
    }

    pub(crate) fn schedule(&mut self, at: Timestamp, due: Due) {
        self.next += 1;
        self.due.insert((at.max(self.now), self.next), due);
    }

    /// The next thing that is to happen, if it is of the script or a report.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn pop_due(&mut self) -> Option<Due> {
        self.due.pop_first().map(|(_, due)| due)
    }

    /// The deadline of the engine, in true time.
    pub(crate) fn next_tick(&self) -> Option<Timestamp> {
        let deadline = self.engine.deadline()?;
        let at = if self.anchored { deadline } else { deadline.checked_sub_signed(self.offset).unwrap_or(deadline) };
        // Where engine time is ahead of the clock, what is due by it is due.
        if deadline <= self.engine.now() { Some(self.now) } else { Some(at.max(self.now)) }
    }

    pub(crate) fn move_to(&mut self, at: Timestamp) {
        if at > self.now {
            self.clock.advance((at - self.now).to_std().unwrap_or_default());
            self.now = at;
            self.ticks_here = 0;
        }
    }

    /// The time of day jumps. A driver notices a jump that is far.
    pub(crate) fn jump(&mut self, seconds: i64) {
        self.offset += TimeDelta::seconds(seconds);
        if self.offset.num_seconds().abs() > OFF && !self.anchored {
            self.anchored = true;
            drop(self.feed(Input::Report(Report::clock_suspect())));
        }
    }

    /// The clock was accepted: what it says is the time from now on.
    pub(crate) fn accept(&mut self) {
        if self.anchored {
            self.anchored = false;
        }
    }

    pub(crate) fn tick(&mut self) {
        self.ticks_here += 1;
        if self.ticks_here > MOST_TICKS {
            let deadline = self.engine.deadline();
            self.violated(
                "time goes on",
                format!("the deadline {deadline:?} does not move by ticks at {}", self.time()),
            );
            // So that the run ends all the same.
            self.move_to(self.now + TimeDelta::seconds(60));
        }
        drop(self.feed(Input::Tick));
    }

    /// Feeds an input, appends what follows, hands out the work; or dies on the way.
    pub(crate) fn feed(&mut self, input: Input) -> Result<usize, Refusal> {
        let (before, now) = (self.engine.fork(), self.time());
        let outcome = match input {
            Input::Command(command) => {
                self.tally.add(Counted::Input, format!("command {}", command.kind()));
                self.engine.command(now, command).inspect_err(|refusal| {
                    let obstacle = refusal.why().obstacles().next().map(names::reason).unwrap_or_default();
                    self.tally.add(Counted::Refusal, obstacle);
                    refusal.why().reasons().for_each(|reason| self.tally.add(Counted::Reason, names::reason(reason)));
                })?
            }
            Input::Report(report) => self.engine.report(now, report),
            Input::Tick => self.engine.tick(now),
        };
        Ok(self.commit(&before, outcome))
    }

    fn commit(&mut self, before: &Engine, outcome: Outcome) -> usize {
        let number = outcome.events().len();
        if number > 0 {
            let armed = self.armed.take();
            if let Some(trouble) = armed {
                self.tally.add(Counted::Fault, trouble.name());
            }
            if outcome.base() != before.position() {
                self.violated(
                    "law 3",
                    format!("events are to follow {}, and the log ends at {}", outcome.base(), before.position()),
                );
            }
            match armed {
                Some(Trouble::CrashBeforeAppend) => {
                    self.die("before the append", Some(before));
                    return number;
                }
                Some(Trouble::FailedAppend) => self.journal.fail_appends(1),
                Some(Trouble::LostAnswer) => self.journal.lose_answers(1),
                Some(Trouble::Deposed) => self.depose(),
                _ => {}
            }
            if !self.append(before, &outcome) {
                return number;
            }
            if armed == Some(Trouble::CrashAfterAppend) {
                let live = self.engine.fork();
                self.die("between append and hand-out", Some(&live));
                return number;
            }
        }
        let work = outcome.appended();
        for id in work.cancel {
            self.cancel(&id);
        }
        for effect in work.start {
            self.hand_out(effect);
        }
        number
    }

    /// Appends a batch; if that does not come off, the engine is dropped and folded again.
    fn append(&mut self, before: &Engine, outcome: &Outcome) -> bool {
        let mut bytes = Vec::with_capacity(outcome.events().len());
        for recorded in outcome.events() {
            match recorded.to_bytes() {
                Ok(event) => bytes.push(event),
                Err(error) => self.violated("rules 12", format!("an event cannot be written: {error}")),
            }
        }
        let Some(lease) = self.lease.clone() else { return false };
        match block_on(self.journal.append(&lease, outcome.base(), bytes)) {
            Ok(Appended::At(_)) => {
                let events = outcome.events().to_vec();
                let after = self.engine.fork();
                self.observe(before, events, &after);
                true
            }
            Ok(Appended::Stale { newest }) => {
                self.die(&format!("as lease {} gave way to {newest}", lease.token), Some(before));
                false
            }
            Ok(other) => {
                self.violated("law 4", format!("the only owner was told {other:?}"));
                false
            }
            Err(error) => {
                let live = self.engine.fork();
                let acted = self.journal.len(&self.project) > self.log.len();
                self.die(&format!("as an append failed: {error}"), Some(if acted { &live } else { before }));
                false
            }
        }
    }

    /// Events are in the log.
    fn observe(&mut self, before: &Engine, events: Vec<Recorded>, after: &Engine) {
        for recorded in &events {
            self.tally.add(Counted::Event, names::event(&recorded.event));
            if let Event::Reported { report, .. } = &recorded.event {
                self.tally.add(Counted::Input, format!("report {report}"));
            }
        }
        self.mark(after);
        let from = self.log.len();
        self.log.extend(events);
        let checked = self.outside.checked.take();
        let events = self.log.get(from..).unwrap_or_default();
        let batch = Batch::new(before, events, after, checked.as_ref());
        let mut found = self.watch.batch(&batch, &self.log);
        for (name, holds) in &self.always {
            found.extend(holds(after.world()).err().map(|said| (name.clone(), said)));
        }
        self.report_found(found);
    }

    /// Keeps the engine as it is now, for some of all batches, each as likely as any other.
    fn mark(&mut self, engine: &Engine) {
        self.batches += 1;
        if self.marks.len() < MARKS {
            return self.marks.push(engine.fork());
        }
        let place = Dice::of(self.seed, "mark", self.batches).roll(self.batches);
        if let Some(mark) = usize::try_from(place).ok().and_then(|place| self.marks.get_mut(place)) {
            *mark = engine.fork();
        }
    }

    /// A replay knows and owes what the run did, at every mark.
    pub(crate) fn replay_at_marks(&mut self) {
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort_by_key(Engine::position);
        let mut replayed = Engine::new(self.genesis.clone());
        let mut from = 0;
        for mark in marks {
            let to = usize::try_from(mark.position().get()).unwrap_or_default();
            let part = self.log.get(from..to).unwrap_or_default();
            if let Err(error) = replayed.fold_bytes(part.iter().filter_map(|recorded| recorded.to_bytes().ok())) {
                return self.violated("F5", format!("the log cannot be folded: {error}"));
            }
            self.compare("a replay", &mark, &replayed);
            from = to;
        }
        if let Err(error) = replayed.fold(self.log.iter().skip(from).cloned()) {
            return self.violated("F5", format!("the log cannot be folded: {error}"));
        }
        let live = self.engine.fork();
        self.compare("a replay at the end", &live, &replayed);
    }

    pub(crate) fn report_found(&mut self, found: Vec<(String, String)>) {
        for (name, said) in found {
            self.violated(&name, said);
        }
    }

    fn hand_out(&mut self, effect: Effect) {
        let owed = self.engine.pending().any(|owed| owed.id == effect.id);
        // A start and a stop of one verification are one piece of work.
        let verifies = matches!(effect.kind, EffectKind::Verify(_));
        if owed && !verifies && self.flying.contains_key(&effect.id) {
            self.violated("work is handed out once", format!("{} is under way and was handed out again", effect.id));
        }
        let repository = match &effect.kind {
            EffectKind::Discover(discover) => Stagecraft::repository_of(self, &discover.warehouse),
            _ => None,
        };
        if !owed && let EffectKind::RunStep(_) = effect.kind {
            let before = self.looked.insert(effect.id.clone(), (self.engine.now().max(self.time()), self.process));
            let now = self.engine.now().max(self.time());
            // After a fold every look is due at once (rules 1).
            if let Some((at, process)) = before
                && process == self.process
                && (now - at).num_seconds() < LOOKS_APART
            {
                self.violated(
                    "45 deadlines hold",
                    format!("{} was looked after at {at}, and again at {now}", effect.id),
                );
            }
        }
        let answers = self.outside.begin(&effect, repository.as_deref(), self.now);
        let id = effect.id.clone();
        if owed {
            self.flying.insert(id.clone(), effect);
        }
        self.answers(answers, &id);
    }

    fn cancel(&mut self, id: &EffectId) {
        if let Some(effect) = self.flying.get(id) {
            let answers = self.outside.cancel(effect);
            self.answers(answers, id);
        } else {
            // This process does nothing of the kind: it went with the one before.
            let report = Box::new(Report::stopped(id.clone()));
            let process = self.process;
            self.schedule(self.now, Due::Report { process, report, of: None, last: false });
        }
    }

    /// What the world answers is on its way, if nothing goes wrong with it.
    fn answers(&mut self, answers: Answers, of: &EffectId) {
        for fault in answers.faults {
            self.tally.add(Counted::Fault, fault);
        }
        let last = answers.reports.len();
        for (index, (after, report)) in answers.reports.into_iter().enumerate() {
            let mut dice = Dice::of(self.seed, of.as_str(), self.next);
            let mut arrives = self.now + TimeDelta::milliseconds(i64::try_from(after).unwrap_or_default());
            if self.hits(&mut dice, Rate::LostReport) {
                continue;
            }
            if self.hits(&mut dice, Rate::LateReport) {
                arrives += TimeDelta::seconds(i64::try_from(600 + dice.roll(14_400)).unwrap_or_default());
            }
            if self.hits(&mut dice, Rate::ReorderedReport) {
                arrives = self.now;
            }
            let process = self.process;
            if self.hits(&mut dice, Rate::DoubledReport) {
                let again = arrives + TimeDelta::milliseconds(i64::try_from(dice.roll(1_200_000)).unwrap_or_default());
                let report = Box::new(report.clone());
                self.schedule(again, Due::Report { process, report, of: None, last: false });
            }
            let last = index + 1 == last;
            self.schedule(arrives, Due::Report { process, report: Box::new(report), of: Some(of.clone()), last });
        }
    }

    fn hits(&mut self, dice: &mut Dice, rate: Rate) -> bool {
        let percent = self.outside.percent(rate, self.now);
        let hits = percent > 0 && dice.percent(percent);
        if hits {
            self.tally.add(Counted::Fault, rate.name());
        }
        hits
    }

    /// A report arrives. What a dead process had asked for may be lost with it.
    pub(crate) fn arrive(&mut self, process: u32, report: Report, of: Option<&EffectId>, last: bool) {
        if process != self.process {
            let mut dice = Dice::of(self.seed, of.map_or("", EffectId::as_str), u64::from(process));
            if dice.percent(60) {
                return;
            }
            self.tally.add(Counted::Fault, Rate::LateReport.name());
        } else if last && let Some(of) = of {
            self.flying.remove(of);
        }
        drop(self.feed(Input::Report(report)));
    }

    /// Nothing that was armed goes off.
    pub(crate) fn disarm(&mut self) {
        self.armed = None;
    }

    /// Something goes wrong now, or with the next append.
    pub(crate) fn trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Crash => {
                self.tally.add(Counted::Fault, trouble.name());
                let live = self.engine.fork();
                self.die("between two inputs", Some(&live));
            }
            Trouble::ClockJump(seconds) => {
                self.tally.add(Counted::Fault, trouble.name());
                self.line(format!("the clock jumps by {seconds}s"), None);
                self.jump(seconds);
            }
            other => self.armed = Some(other),
        }
    }

    fn depose(&mut self) {
        self.clock.advance(LEASE.to_std().unwrap_or_default());
        self.now += LEASE.to_delta();
        let taken = block_on(self.journal.acquire(&self.project, "somebody else", LEASE));
        if !matches!(taken, Ok(Acquired::Lease { .. })) {
            self.violated("law 4", format!("a lease that ran out was not given: {taken:?}"));
        }
    }

    /// The process dies, and another one takes over. What is folded has to be what was known where the log ends.
    pub(crate) fn die(&mut self, how: &str, expected: Option<&Engine>) {
        self.crashes += 1;
        self.process += 1;
        self.flying.clear();
        let owed = expected.map(|engine| engine.pending().count()).unwrap_or_default();
        let text = format!(
            "✂ crash at position {} {how}; restart in {LEASE}; pending = {owed}",
            self.journal.len(&self.project)
        );
        self.line(text, None);
        let base = self.log.len();
        self.lead();
        let mut engine = Engine::new(self.genesis.clone());
        let mut tail = Vec::new();
        loop {
            match block_on(self.journal.read(&self.project, engine.position(), 64)) {
                Ok(page) if page.events.is_empty() => break,
                Ok(page) => {
                    let decoded = page.events.iter().filter_map(|bytes| Recorded::from_bytes(bytes).ok());
                    tail.extend(decoded.filter(|recorded| recorded.position > Position::new(base as u64)));
                    if let Err(error) = engine.fold_bytes(page.events) {
                        self.violated("F5", format!("the log cannot be folded: {error}"));
                        break;
                    }
                }
                Err(error) => {
                    self.violated("F5", format!("the journal cannot be read: {error}"));
                    break;
                }
            }
        }
        if let Some(expected) = expected {
            self.compare("a replay after a crash", expected, &engine);
        }
        self.engine = engine;
        if !tail.is_empty() {
            // The answer of the append was lost, and what it appended is seen only now.
            let before = self.folded_to(base);
            let after = self.engine.fork();
            self.observe(&before, tail, &after);
        }
        let owed: Vec<Effect> = self.engine.pending().cloned().collect();
        for effect in owed {
            self.hand_out(effect);
        }
        self.tick();
        self.lose_trees();
    }

    /// With a process its work trees may be gone.
    fn lose_trees(&mut self) {
        let mut dice = Dice::of(self.seed, "trees", u64::from(self.process));
        if self.outside.healed || self.outside.gentle || !dice.one_in(2) {
            return;
        }
        let world = self.engine.world();
        let running = world.promotions().filter(|one| *one.phase() == PromotionPhase::Running);
        let running: Vec<String> = running.map(|one| one.name().to_owned()).collect();
        for promotion in running {
            let checkpoint = [None, Some(0), Some(1), Some(2)].get(dice.index(4)).copied().flatten();
            self.lose_tree(&promotion, checkpoint);
        }
    }

    /// The work tree of a promotion is gone, and what worked in it has come to nothing.
    pub(crate) fn lose_tree(&mut self, promotion: &str, checkpoint: Option<usize>) {
        let works = |effect: &Effect| matches!(&effect.kind, EffectKind::RunStep(run) if *run.promotion == *promotion);
        self.flying.retain(|_, effect| !works(effect));
        drop(self.feed(Input::Report(Report::tree_lost(promotion, checkpoint))));
    }

    /// An engine that has folded the log up to a length.
    fn folded_to(&self, length: usize) -> Engine {
        let mut engine = Engine::new(self.genesis.clone());
        // A gap would be found by the comparison that follows.
        drop(engine.fold(self.log.iter().take(length).cloned()));
        engine
    }

    /// A replay knows and owes what the live engine does.
    pub(crate) fn compare(&mut self, what: &str, live: &Engine, replayed: &Engine) {
        if live.position() != replayed.position() {
            let text = format!("{what} is at {}, and the run is at {}", replayed.position(), live.position());
            self.violated("replay", text);
        } else if let Some(difference) = same::difference(live.world(), replayed.world()) {
            self.violated("replay", format!("{what} knows another world: {difference}"));
        } else if same::owed(live) != same::owed(replayed) {
            let text = format!("{what} owes {:?}, and the run owes {:?}", same::owed(replayed), same::owed(live));
            self.violated("replay", text);
        }
    }

    /// A process takes the lease, after it has waited out the one before.
    fn lead(&mut self) {
        for _ in 0..3 {
            match block_on(self.journal.acquire(&self.project, &format!("process {}", self.process), LEASE)) {
                Ok(Acquired::Lease { lease, .. }) => {
                    self.lease = Some(lease);
                    return;
                }
                _ => {
                    self.clock.advance(LEASE.to_std().unwrap_or_default());
                    self.now += LEASE.to_delta();
                }
            }
        }
        self.violated("law 4", "nobody gets the lease".to_owned());
    }
}
