//! A driver for random promotions in memory: choices in, answers and signals out, and what must hold after every input
//! (E3; control 13, invariants 2 to 5 and 41 to 45, 49, 56).

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    Timestamp,
    model::{StepStatus, label},
    promotion::{
        Input, Move, Phase, Preparation, Prepared, Resolved, Run, RunEvent, Scene, StepEvent, StepRun, StepState,
        decide, moves,
    },
    report::{Outside, Repeat, Seen, Signal, StepError, StepProgress, Tree, Wait, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Host, NAME},
    live::Taken,
};

/// Choices, one byte each; when they are used up, the simplest one, so that fewer bytes are a simpler case.
pub struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// Less than `count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % count)
    }

    /// True in one of so many cases.
    pub fn one_in(&mut self, count: usize) -> bool {
        count > 1 && self.below(count) == count - 1
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn is_over(&self) -> bool {
        self.bytes.len() == 0
    }
}

/// Random steps, and the loops among them as their annotation.
pub fn steps(choices: &mut Choices<'_>) -> (Vec<Json>, Vec<Json>) {
    let (mut steps, mut loops) = (Vec::new(), Vec::new());
    for part in 0..=choices.below(4) {
        match choices.below(4) {
            1 => {
                let (members, own) = (1 + choices.below(3), 1 + choices.below(2));
                let mode = choices.of(&["Parallel", "Sequential"]);
                let first = steps.len();
                loops.push(json!({"alias": format!("roll{part}"), "mode": mode, "first": first, "steps": own, "members": members}));
                let body: Vec<_> = (0..own).map(|_| step(choices)).collect();
                for member in 0..members {
                    for (index, step) in body.iter().enumerate() {
                        steps.push(named(step, &format!("roll{part}-{member}::s{index}")));
                    }
                }
            }
            2 => {
                for index in 0..=choices.below(2) {
                    steps.push(named(&step(choices), &format!("task{part}::s{index}")));
                }
            }
            _ => steps.push(named(&step(choices), &format!("s{part}"))),
        }
    }
    (steps, loops)
}

fn named(step: &Json, alias: &str) -> Json {
    let mut step = step.clone();
    step["as"] = alias.into();
    step
}

fn step(choices: &mut Choices<'_>) -> Json {
    const KINDS: &[&str] = &[
        "a",
        "a",
        "stubborn",
        "slow",
        "compose-output",
        "page",
        "keyed-page",
        "call",
        "write",
        "read",
        "publish",
        "nope",
    ];
    let mut step = json!({"uses": choices.of(KINDS)});
    match choices.below(12) {
        0..=5 => {}
        6 => step["if"] = "${{ always() }}".into(),
        7 => step["if"] = "${{ failure() }}".into(),
        8 => step["if"] = "${{ status('s0') != 'Failed' }}".into(),
        9 => step["if"] = "${{ secret('reg').token != '' }}".into(),
        10 => step["if"] = choices.of(&["${{ false }}", "${{ 1 }}", "${{ configMap('cfg').nope != '' }}"]).into(),
        _ => step["if"] = "${{ success() }}".into(),
    }
    match choices.below(10) {
        0..=3 => {}
        4 => step["config"] = json!({"n": 1, "method": "GET"}),
        5 => step["config"] = json!({"stage": "${{ ctx.stage }}", "all": "${{ len(outputs) }}"}),
        6 => step["config"] = json!({"token": "Bearer ${{ secret('reg').token }}", "n": [1, "${{ vars.v }}"]}),
        7 => step["config"] = json!({"region": "${{ configMap('cfg').region }}", "was": "${{ status('s0') }}"}),
        8 => step["config"] = json!({"of": "${{ outputs.s0 }}", "task": "${{ len(outputs) > 0 }}"}),
        _ => step["config"] = json!({"broken": "${{ outputs.nope.x }}"}),
    }
    if choices.one_in(4) {
        step["vars"] =
            json!([{"name": "v", "value": choices.of(&["7", "${{ secret('reg').token }}", "${{ ctx.project }}"])}]);
    }
    if choices.one_in(4) {
        step["continueOnError"] = true.into();
    }
    if choices.one_in(3) {
        step["retry"] = json!({"errorThreshold": choices.below(4)});
        if choices.one_in(2) {
            step["retry"]["timeout"] = choices.of(&["1m", "10m", "0s"]).into();
        }
    }
    if choices.one_in(6) {
        step["onUnknown"] = "Retry".into();
    }
    step
}

/// The host of random steps.
pub fn host(template: &Host, choices: &mut Choices<'_>) -> Host {
    let (steps, loops) = steps(choices);
    let mut host = template.clone().steps(Json::from(steps));
    if !loops.is_empty() {
        host = host.annotation(label::EXT_LOOPS, &Json::from(loops).to_string());
    }
    host
}

/// What an attempt has seen when it looked, and what was heard since it began.
struct Attempt {
    run: StepRun,
    seen: Option<u64>,
    heard: Vec<Signal>,
}

/// A promotion with all that is under way.
pub struct Driver<'w> {
    scene: Scene<'w>,
    pub run: Run,
    pub now: Timestamp,
    pub taken: BTreeSet<Taken>,
    /// Every input, in order, with its instant.
    pub inputs: Vec<(Timestamp, Input)>,
    under_way: BTreeMap<usize, Attempt>,
    /// The version of the thing that each step waits for.
    versions: BTreeMap<usize, u64>,
    /// Steps wait for things until these have this version.
    target: u64,
    redoing: bool,
    /// Steps of which the last attempt may neither be repeated nor looked after.
    unknowable: BTreeSet<usize>,
    /// Whether time goes by whole seconds, as in a stored promotion.
    pub whole: bool,
    outside: BTreeMap<String, BTreeMap<String, String>>,
}

/// The version at which everything that is waited for is as it should be.
const TARGET: u64 = 3;

impl<'w> Driver<'w> {
    pub fn new(host: &'w Host) -> Self {
        let view = host.world.promotion(NAME).unwrap();
        Self {
            scene: Scene::new(view, "").unwrap(),
            run: view.run(),
            now: host.now,
            taken: BTreeSet::new(),
            inputs: Vec::new(),
            under_way: BTreeMap::new(),
            versions: BTreeMap::new(),
            target: TARGET,
            redoing: false,
            unknowable: BTreeSet::new(),
            whole: false,
            outside: host.outside.clone(),
        }
    }

    /// The whole story: it begins, things happen, and then everything comes to its end.
    pub fn play(&mut self, choices: &mut Choices<'_>) {
        self.tell(Input::Begin);
        for _ in 0..60 {
            if self.run.phase().is_over() && self.under_way.is_empty() {
                return;
            }
            let later = choices.one_in(8);
            self.start(later);
            self.happen(choices);
            if choices.is_over() {
                break;
            }
        }
        self.finish();
    }

    /// Everything succeeds from here on and every signal is delivered; time passes only to instants that are asked for.
    fn finish(&mut self) {
        for round in 0..400 {
            self.start(false);
            if self.run.phase().is_over() && self.under_way.is_empty() {
                return;
            }
            let steps: Vec<_> = self.under_way.keys().copied().collect();
            for step in &steps {
                self.change(*step, TARGET);
                self.look(*step);
                let answer = self.good(*step);
                self.answer(*step, answer);
            }
            if !steps.is_empty() {
                continue;
            }
            // Nothing is under way: every wait must end by a signal or an instant.
            let waiting: Vec<_> = (0..self.run.steps().len())
                .filter(|step| matches!(self.run.steps()[*step].state(), StepState::Waiting(waiting) if !waiting.wait.on.is_empty()))
                .collect();
            for step in &waiting {
                self.change(*step, 100 + round);
                assert!(
                    !matches!(self.run.steps()[*step].state(), StepState::Waiting(_)),
                    "step {step} missed its wake-up: {:?}",
                    self.run.steps()[*step].state()
                );
            }
            if waiting.is_empty() && !self.run.phase().is_over() {
                if let Some(due) = self.instants().into_iter().min() {
                    self.go_to(due);
                    self.tell(Input::Look);
                } else {
                    let found = self.looked_at();
                    assert!(found.is_some(), "nothing can end this: {:?}", self.run.steps());
                    // A look finds it done.
                    let step = found.unwrap_or_default();
                    let report = Ok(StepProgress::done(Json::Null)).into();
                    self.tell(Input::Returned { step, report, heard: Vec::new() });
                }
            }
        }
        panic!("it does not end: {:?}", self.run.steps());
    }

    /// A step that waits and may be looked at.
    fn looked_at(&self) -> Option<usize> {
        (0..self.run.steps().len())
            .find(|step| self.is(*step, "Waiting") && !self.unknowable.contains(step) && !self.is_held(*step))
    }

    /// The next instants at which something is due; a wait for nothing but the next look is looked at.
    fn instants(&self) -> Vec<Timestamp> {
        let mut all = Vec::new();
        for (step, record) in self.run.steps().iter().enumerate() {
            let timeout = self.run.plan().steps()[step].timeout();
            let deadline = timeout.zip(record.started_at()).map(|(timeout, start)| start + timeout.to_delta());
            match record.state() {
                StepState::Waiting(waiting) => all.extend(waiting.until().into_iter().chain(deadline)),
                StepState::Retrying(at) => all.extend([Some(*at), deadline].into_iter().flatten()),
                // The others have their turns after it.
                StepState::RedoingLater(at) if self.run.redo().first() == Some(&step) => all.push(*at),
                _ => {}
            }
        }
        all
    }

    /// One thing happens.
    fn happen(&mut self, choices: &mut Choices<'_>) {
        let steps = self.run.steps().len();
        match choices.below(16) {
            0..=5 => {
                let under_way: Vec<_> = self.under_way.keys().copied().collect();
                if under_way.is_empty() {
                    return self.pass(choices);
                }
                let step = choices.of(&under_way);
                // Things change before the attempt looks, and after it.
                if choices.one_in(2) {
                    self.change(step, 1 + choices.below(3) as u64);
                }
                self.look(step);
                if choices.one_in(2) {
                    self.change(step, 1 + choices.below(4) as u64);
                }
                let answer = self.any(step, choices);
                self.answer(step, answer);
            }
            6..=8 if steps > 0 => {
                let step = choices.below(steps);
                self.change(step, 1 + choices.below(4) as u64);
            }
            9 => self.pass(choices),
            10 if steps > 0 => {
                let step = choices.below(steps);
                if choices.one_in(2) { self.poll_with(step, choices) } else { self.poll(step) }
            }
            11 => self.tell(Input::Look),
            12 => self.lose_tree(),
            13 if choices.one_in(4) => self.tell(Input::Abort { actor: "ana".into() }),
            14 if steps > 0 => self.crash(choices.below(steps)),
            // Nonsense, which changes nothing.
            15 if steps > 0 => {
                let step = choices.below(steps + 1);
                if !self.is(step, "Stopping") {
                    let before = self.run.clone();
                    let due = self.instants().into_iter().any(|at| at <= self.now);
                    self.tell(Input::Stopped { step });
                    assert!(due || (before.phase(), before.steps()) == (self.run.phase(), self.run.steps()));
                }
            }
            _ => {}
        }
    }

    fn is(&self, step: usize, state: &str) -> bool {
        self.run.steps().get(step).is_some_and(|record| record.state().name() == state)
    }

    /// Time passes, to an instant that is due or to just before it.
    fn pass(&mut self, choices: &mut Choices<'_>) {
        let due = self.instants().into_iter().min().filter(|_| !choices.one_in(3));
        let due = due.map(|due| due - chrono::TimeDelta::seconds(i64::from(choices.one_in(3))));
        self.go_to(due.unwrap_or(self.now + chrono::TimeDelta::seconds(choices.below(90) as i64)));
        self.tell(Input::Look);
    }

    fn go_to(&mut self, at: Timestamp) {
        self.now = self.now.max(if self.whole { up(at) } else { at });
    }

    /// What it owes is begun, preparations perhaps later; no step has two attempts under way.
    fn start(&mut self, later: bool) {
        loop {
            let mut owed = moves(&self.run, &self.scene);
            if !later && let Some(at) = owed.iter().position(|owed| matches!(owed, Move::Prepare(_))) {
                let Move::Prepare(preparation) = owed.swap_remove(at) else { return };
                let prepared = self.prepare(&preparation);
                self.tell(preparation.report(prepared));
                continue;
            }
            for owed in owed {
                let Move::Run(run) = owed else { continue };
                let step = run.step;
                if let Some(known) = self.under_way.get(&step) {
                    assert_eq!(known.run.attempt, run.attempt, "two attempts of step {step}");
                    continue;
                }
                let tree = run.spec.as_ref().is_some_and(|spec| spec.tree() != Tree::None);
                let redoing = self.run.steps().iter().position(|record| matches!(record.state(), StepState::Redoing));
                assert!(!tree || redoing.is_none_or(|redoing| redoing == step), "it uses a tree that is not whole");
                if unknowable(&run) {
                    self.unknowable.insert(step);
                } else {
                    self.unknowable.remove(&step);
                }
                self.under_way.insert(step, Attempt { run, seen: None, heard: Vec::new() });
            }
            return;
        }
    }

    fn prepare(&self, preparation: &Preparation) -> Prepared {
        let mut resolved = Resolved::default();
        loop {
            match preparation.decide(&resolved) {
                Ok(prepared) => return prepared,
                Err(reference) => {
                    let key = format!("{}/{}", reference.function, reference.name);
                    resolved.insert(reference, self.outside.get(&key).cloned().unwrap_or_default());
                }
            }
        }
    }

    fn key(step: usize) -> WakeKey {
        WakeKey::custom("thing", step.to_string())
    }

    /// The thing that a step waits for has a new version, and everybody hears of it.
    fn change(&mut self, step: usize, version: u64) {
        let known = self.versions.entry(step).or_default();
        if version <= *known {
            return;
        }
        *known = version;
        let signal = Signal { key: Self::key(step), version: Some(Seen::Number(version)) };
        if let Some(attempt) = self.under_way.get_mut(&step) {
            attempt.heard.retain(|heard| heard.key != signal.key);
            attempt.heard.push(signal);
        } else {
            self.tell(Input::Signal(signal));
        }
    }

    fn look(&mut self, step: usize) {
        let version = self.versions.get(&step).copied().unwrap_or_default();
        if let Some(attempt) = self.under_way.get_mut(&step) {
            attempt.seen = Some(version);
        }
    }

    /// A look that finds anything, while things go on.
    fn poll_with(&mut self, step: usize, choices: &mut Choices<'_>) {
        if !self.is(step, "Waiting") || self.is_held(step) {
            return;
        }
        let answer = self.any(step, choices);
        let version = self.versions.get(&step).copied().unwrap_or_default() + 1;
        let heard = choices.one_in(2).then(|| {
            self.versions.insert(step, version);
            Signal { key: Self::key(step), version: Some(Seen::Number(version)) }
        });
        self.tell(Input::Returned { step, report: answer.into(), heard: heard.into_iter().collect() });
    }

    /// A look of the driver's at a step that waits: no attempt, and without news no event.
    fn poll(&mut self, step: usize) {
        let Some(StepState::Waiting(waiting)) = self.run.steps().get(step).map(|record| record.state().clone()) else {
            return;
        };
        let record = &self.run.steps()[step];
        let mut progress = StepProgress::waiting(waiting.wait.clone());
        if let Some(message) = record.message() {
            progress = progress.message(message);
        }
        let alias = self.run.plan().steps()[step].alias();
        let mut report = kargo_core::report::StepReport::of(Ok(progress));
        report.output = self.run.outputs().get(alias).cloned().unwrap_or_default();
        let before = self.run.clone();
        let due = self.instants().into_iter().any(|at| at <= self.now);
        self.tell(Input::Returned { step, report, heard: Vec::new() });
        let same = (before.phase(), before.steps()) == (self.run.phase(), self.run.steps());
        assert!(due || same, "a look without news changed something");
    }

    /// An answer that may be anything.
    fn any(&mut self, step: usize, choices: &mut Choices<'_>) -> Result<StepProgress, StepError> {
        if self.is(step, "Redoing") {
            return match choices.below(6) {
                5 => Err(StepError::terminal("gone")),
                3 | 4 => Err(StepError::retryable("network")),
                _ => self.good(step),
            };
        }
        match choices.below(10) {
            0 | 1 => self.good(step),
            2 => Ok(self.output(step, StepProgress::skipped())),
            3 => Err(StepError::retryable("down")),
            4 => Err(StepError::retryable("down").after(kargo_core::model::Duration::from_secs(30))),
            5 => Err(StepError::failing("not yet").output(&json!({"code": 503}))),
            6 => Err(StepError::failed("no")),
            7 => Err(StepError::terminal("broken")),
            _ => Ok(self.waiting(step, choices)),
        }
    }

    /// What an attempt has seen, or a look sees now.
    fn seen(&self, step: usize) -> Option<u64> {
        match self.under_way.get(&step) {
            Some(attempt) => attempt.seen,
            None => self.versions.get(&step).copied(),
        }
    }

    /// Whether it uses a tree that is being written again, so that nobody looks at it.
    fn is_held(&self, step: usize) -> bool {
        let uses = self.run.plan().steps()[step].spec().is_some_and(|spec| spec.tree() != Tree::None);
        uses && self
            .run
            .steps()
            .iter()
            .any(|record| matches!(record.state(), StepState::Redoing | StepState::RedoingLater(_)))
    }

    fn waiting(&self, step: usize, choices: &mut Choices<'_>) -> StepProgress {
        let seen = self.seen(step);
        let mut wait = Wait::default();
        if !choices.one_in(5) {
            wait = wait.and_on(Self::key(step), seen.map(Seen::Number).filter(|_| !choices.one_in(4)));
        }
        let mut progress = StepProgress::waiting(wait);
        if choices.one_in(3) {
            progress = progress.until(self.now + chrono::TimeDelta::seconds(choices.below(100) as i64 - 20));
        }
        if choices.one_in(3) { progress.message("in review") } else { progress }
    }

    /// Done if what it looks at is as it should be; else it waits for that.
    fn good(&self, step: usize) -> Result<StepProgress, StepError> {
        let seen = self.seen(step).unwrap_or_default();
        if seen >= self.target || self.is(step, "Redoing") || step.is_multiple_of(2) {
            return Ok(self.output(step, StepProgress::done(Json::Null)));
        }
        Ok(StepProgress::waiting(Wait::default().and_on(Self::key(step), Some(Seen::Number(seen)))))
    }

    fn output(&self, step: usize, progress: StepProgress) -> StepProgress {
        if step.is_multiple_of(3) {
            progress
        } else {
            progress.output(json!({"step": step, "half": 0.5})).pin("p", step.to_string())
        }
    }

    fn answer(&mut self, step: usize, answer: Result<StepProgress, StepError>) {
        let Some(attempt) = self.under_way.remove(&step) else { return };
        let Input::Returned { mut report, .. } = attempt.run.report(answer) else { return };
        // `compose-output` puts its configuration out, seals and all; others say what they got of it.
        let ended = report.outcome == kargo_core::report::StepOutcome::Done;
        if ended && attempt.run.uses.starts_with("compose") && !self.is(step, "Redoing") {
            report.output = attempt.run.config.clone();
        }
        self.tell(Input::Returned { step, report, heard: attempt.heard });
    }

    /// The tree is gone, with every attempt that uses it. The newest checkpoint is the one after the last that acted and wrote.
    fn lose_tree(&mut self) {
        if self.run.phase() != Phase::Running {
            return;
        }
        let plan = self.run.plan().clone();
        let leaves = |step: &usize| {
            let spec = plan.steps()[*step].spec();
            spec.is_some_and(|spec| spec.tree() == Tree::Writes && spec.outside() == Outside::Acts)
                && self.run.steps()[*step].status() == Some(StepStatus::Succeeded)
        };
        let checkpoint = (0..plan.steps().len()).rev().find(leaves);
        self.under_way.retain(|step, _| plan.steps()[*step].spec().is_none_or(|spec| spec.tree() == Tree::None));
        self.tell(Input::TreeLost { checkpoint });
    }

    /// An attempt was lost; one that may not be repeated is closed.
    fn crash(&mut self, step: usize) {
        let Some(attempt) = self.under_way.remove(&step) else { return };
        if unknowable(&attempt.run) && self.is(step, "Running") {
            self.tell(Input::Unknown { step });
            assert!(
                !matches!(self.run.steps()[step].state(), StepState::Running)
                    || self.run.steps()[step].attempts() > attempt.run.attempt
            );
        }
    }

    pub fn tell(&mut self, input: Input) {
        let before = self.run.clone();
        let events = decide(&self.run, &self.scene, self.now, &input);
        for event in &events {
            self.apply(event);
        }
        assert_eq!(decide(&self.run, &self.scene, self.now, &Input::Look), [], "something is left after {input:?}");
        if let Input::Returned { step, .. } = &input
            && matches!(
                before.steps().get(*step).map(kargo_core::promotion::StepRecord::state),
                Some(StepState::Stopping)
            )
        {
            self.under_way.remove(step);
        }
        self.redoing |= matches!(input, Input::TreeLost { .. });
        self.check_signals(&input);
        self.inputs.push((self.now, input));
        self.check(&before);
    }

    /// E3: nothing waits on that a signal of this input ends, nor for a version that was there before.
    fn check_signals(&self, input: &Input) {
        let (steps, signals) = match input {
            Input::Signal(signal) => (0..self.run.steps().len(), std::slice::from_ref(signal)),
            Input::Returned { step, heard, .. } => (*step..step + 1, heard.as_slice()),
            _ => return,
        };
        for step in steps {
            let Some(StepState::Waiting(waiting)) =
                self.run.steps().get(step).map(kargo_core::promotion::StepRecord::state)
            else {
                continue;
            };
            let missed = signals.iter().find(|signal| waiting.wait.is_ended_by(signal));
            assert_eq!(missed, None, "step {step} missed its wake-up");
            let version = self.versions.get(&step).copied().unwrap_or_default();
            for (key, seen) in &waiting.wait.on {
                let old = matches!(seen, Some(Seen::Number(seen)) if *seen < version);
                assert!(!old || *key != Self::key(step), "step {step} waits for what has come");
            }
        }
    }

    fn apply(&mut self, event: &RunEvent) {
        let RunEvent::Step { index, event: step } = event else { return self.run.apply(event) };
        let state = |run: &Run| run.steps()[*index].state().name().to_owned();
        let before = state(&self.run);
        if let StepEvent::Start { .. } = step {
            self.may_start(*index);
        }
        self.run.apply(event);
        self.taken.insert((before, step.name().to_owned(), state(&self.run)));
    }

    /// Control 13 (41 and 43).
    fn may_start(&self, index: usize) {
        let plan = self.run.plan();
        let member = plan.loops().at(index);
        for (other, record) in self.run.steps().iter().enumerate().take(index) {
            let sibling = member.is_some_and(|(found, own)| {
                found.mode == kargo_core::model::ForEachMode::Parallel
                    && found.member_at(other).is_some_and(|member| member != own)
            });
            assert!(sibling || record.state().is_over(), "step {index} starts before {other} is over");
            let failed = matches!(record.status(), Some(StepStatus::Failed | StepStatus::Errored));
            let counts = failed && !plan.steps()[other].continue_on_error() && !sibling;
            assert!(!counts || plan.steps()[index].has_condition(), "step {index} starts though {other} failed");
        }
    }

    fn check(&self, before: &Run) {
        let run = &self.run;
        assert!(before.phase() <= run.phase() && (!before.phase().is_over() || before.phase() == run.phase()));
        assert_eq!(run.started_at().is_some(), before.started_at().is_some() || run.phase() != Phase::Pending);
        assert_eq!(run.finished_at().is_some(), run.phase().is_over());
        for (index, record) in run.steps().iter().enumerate() {
            let planned = &run.plan().steps()[index];
            let was = &before.steps()[index];
            assert!(was.attempts() <= record.attempts());
            assert!(was.started_at().is_none() || was.started_at() == record.started_at());
            if was.state().is_over() && !matches!(was.state(), StepState::Stopping) {
                let again =
                    matches!(record.state(), StepState::Redoing | StepState::Succeeded | StepState::RedoingLater(_));
                assert!(
                    record.state() == was.state()
                        || (*was.state() == StepState::Succeeded && (again || run.phase().is_over())),
                    "{was:?} {record:?}"
                );
            }
            if record.state().is_over() {
                assert!(record.errors() <= planned.error_threshold(), "{record:?}");
            }
            if run.phase() != Phase::Running {
                assert!(record.state().is_over() || !record.is_visited(), "it is over, and {record:?}");
                continue;
            }
            if let StepState::Waiting(waiting) = record.state() {
                let once = self.unknowable.contains(&index);
                assert!(
                    !waiting.wait.on.is_empty() || waiting.until().is_some() || planned.timeout().is_some() || !once
                );
            }
        }
        if run.phase() == Phase::Running {
            // Something goes on: an attempt, a preparation, or a wait.
            assert!(
                run.steps().iter().any(|record| record.is_visited() && !record.state().is_over()),
                "it stands still: {:?}",
                run.steps()
            );
        }
        if run.phase().is_over()
            && !before.phase().is_over()
            && matches!(self.inputs.last(), Some((_, Input::Returned { .. } | Input::Look)))
            && !self.redoing
        {
            self.check_end();
        }
    }

    /// Control 13 (42): those that may fail do not count.
    fn check_end(&self) {
        let run = &self.run;
        let counted = || run.plan().steps().iter().zip(run.steps()).filter(|(step, _)| !step.continue_on_error());
        let any = |wanted: &StepStatus| counted().any(|(_, record)| record.status().as_ref() == Some(wanted));
        let wanted = if any(&StepStatus::Errored) {
            Phase::Errored
        } else if any(&StepStatus::Failed) {
            Phase::Failed
        } else {
            Phase::Succeeded
        };
        assert_eq!(run.phase(), wanted);
    }
}

fn unknowable(run: &StepRun) -> bool {
    let repeat =
        |spec: &std::sync::Arc<kargo_core::report::StepSpec>| spec.repeat_of(&run.config).unwrap_or(spec.repeat());
    run.spec.as_ref().is_some_and(|spec| repeat(spec) == Repeat::Unknowable)
}

/// The next whole second.
fn up(at: Timestamp) -> Timestamp {
    let over = at.timestamp_subsec_nanos();
    if over == 0 { at } else { at + chrono::TimeDelta::nanoseconds(i64::from(1_000_000_000 - over)) }
}
