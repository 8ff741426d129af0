//! A place with its verifications, kept as an engine would: a log, a fold of it, effects one at a time, looks beside them.

use std::{collections::BTreeSet, time::Duration};

use kargo_core::{
    Timestamp,
    freight::collection::collection_id,
    model::{FreightName, HealthState, VerdictPolicy, VerificationPhase},
    port::{Clock as _, PortError, Reply, RunHandle, Verdict, Verifier as _},
    verification::{
        Asked, End, Event, Facts, Input, Judgement, Latest, LatestVerdict, Looks, Owed, Reverify, State, Verdicts,
        Verification, counts, decide, judge,
    },
};
use kargo_testkit::fake::{FakeVerifier, VirtualClock, a_run};

/// What is in the log.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A promotion's success was digested: a new collection.
    Digested(Vec<FreightName>),
    /// A verification begins.
    Begun(Verification, &'static str),
    /// Something happens to a verification.
    Happened(String, Event),
    /// A verdict counts, and withdraws so many.
    Counted(LatestVerdict, usize),
}

/// What follows from the log.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    members: Vec<FreightName>,
    /// Of the current collection, newest first.
    stack: Vec<Verification>,
    /// Of earlier ones: their stops may be owed still.
    past: Vec<Verification>,
    counted: BTreeSet<String>,
}

/// The place.
pub(crate) struct Place {
    pub(crate) clock: VirtualClock,
    pub(crate) verifier: FakeVerifier,
    pub(crate) health: HealthState,
    pub(crate) configured: bool,
    pub(crate) verdicts: Verdicts,
    pub(crate) log: Vec<Entry>,
    known: Known,
    request: Option<(String, String)>,
    looks: Vec<(String, Looks)>,
    lost: BTreeSet<String>,
    ids: usize,
}

impl Place {
    pub(crate) fn new() -> Self {
        let clock = VirtualClock::default();
        Self {
            verifier: FakeVerifier::new(&clock),
            clock,
            health: HealthState::Healthy,
            configured: true,
            verdicts: Verdicts::default(),
            log: Vec::new(),
            known: Known::default(),
            request: None,
            looks: Vec::new(),
            lost: BTreeSet::new(),
            ids: 0,
        }
    }

    pub(crate) fn newest(&self) -> Option<&Verification> {
        self.known.stack.first()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Verification> {
        self.known.stack.iter().chain(&self.known.past)
    }

    pub(crate) fn phases(&self) -> Vec<String> {
        self.known.stack.iter().map(|verification| verification.phase().to_string()).collect()
    }

    pub(crate) fn outside(&self) -> Vec<VerificationPhase> {
        self.known.stack.iter().map(|verification| verification.outside().clone()).collect()
    }

    /// A promotion succeeds; a verification that is under way is superseded (rules 7).
    pub(crate) fn digest(&mut self, freight: &[&str]) {
        let why = kargo_core::verification::AbortReason::Superseded { promotion: "uat.01kdn9.4e1f0c9".into() };
        self.tell(&Input::Abort { actor: "admin".into(), why });
        self.append(Entry::Digested(freight.iter().map(|name| FreightName::from(*name)).collect()));
    }

    pub(crate) fn reverify(&mut self, actor: &str) {
        self.request = self.newest().map(|newest| (newest.id().to_string(), actor.to_owned()));
    }

    /// The run of the newest verification is deleted outside.
    pub(crate) fn lose(&mut self) {
        if let Some(id) = self.newest().map(|newest| newest.id().to_string())
            && self.verifier.lose(&id)
        {
            self.lost.insert(id);
        }
    }

    /// The run of the newest verification ends, if there is one.
    pub(crate) fn end(&mut self) {
        if let Some(newest) = self.newest() {
            self.verifier.end(newest.id(), End::Successful);
        }
    }

    /// Everything but the log is lost: it is folded again.
    pub(crate) fn crash(&mut self) {
        let mut again = Known::default();
        let mut verdicts = Verdicts::default();
        self.log.iter().for_each(|entry| apply(&mut again, &mut verdicts, entry));
        assert_eq!((&again, &verdicts), (&self.known, &self.verdicts), "a fold equals the live run");
        let now = self.clock.now();
        self.looks = self.all().map(|found| (found.id().to_string(), Looks::after_fold(found, now))).collect();
    }

    /// Something happens to the newest verification.
    pub(crate) fn tell(&mut self, input: &Input) {
        if let Some(id) = self.newest().map(|newest| newest.id().to_string()) {
            self.tell_one(&id, input);
        }
    }

    fn tell_one(&mut self, id: &str, input: &Input) -> bool {
        let Some(found) = self.all().find(|found| **found.id() == *id) else { return false };
        let was_over = found.state().is_over();
        let events = decide(found, self.clock.now(), input);
        for event in &events {
            self.append(Entry::Happened(id.to_owned(), event.clone()));
        }
        let now = self.clock.now();
        let is_over = self.all().any(|found| **found.id() == *id && found.state().is_over());
        if is_over && !was_over {
            *self.looks_of(id) = Looks::at(now);
        }
        !events.is_empty()
    }

    /// So many seconds go by, each with all that is due in it.
    pub(crate) fn pass(&mut self, seconds: u64) {
        let end = self.clock.now() + Duration::from_secs(seconds);
        loop {
            while self.settle() {}
            let next = self.all().filter_map(|found| found.deadline().max(self.due(found))).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            let pause = (next - self.clock.now()).max(chrono::TimeDelta::milliseconds(1));
            self.clock.advance(pause.to_std().unwrap());
        }
        let rest = end - self.clock.now();
        self.clock.advance(rest.to_std().unwrap_or_default());
        while self.settle() {}
    }

    fn due(&self, verification: &Verification) -> Option<Timestamp> {
        let looks = self.looks.iter().find(|(id, _)| **verification.id() == **id);
        looks.and_then(|(_, looks)| looks.due(verification))
    }

    fn looks_of(&mut self, id: &str) -> &mut Looks {
        let at = match self.looks.iter().position(|(known, _)| known == id) {
            Some(at) => at,
            None => {
                self.looks.push((id.to_owned(), Looks::at(self.clock.now())));
                self.looks.len() - 1
            }
        };
        &mut self.looks[at].1
    }

    /// Does what is owed now. Whether there was anything.
    fn settle(&mut self) -> bool {
        self.judge() | self.count() | self.work()
    }

    fn judge(&mut self) -> bool {
        let phase = self.newest().map(Verification::phase);
        let id = self.newest().map(|newest| newest.id().to_string());
        let facts = self.facts(id.as_deref(), phase.as_ref());
        let judgement = judge(&facts);
        let kind = match judgement {
            Judgement::Nothing(_) => return false,
            Judgement::Implicit { .. } => "implicit",
            Judgement::Start { .. } => "start",
            Judgement::Credit { .. } => "credit",
        };
        assert_eq!(self.health, HealthState::Healthy, "invariant 35");
        let begun = judgement.begin(&format!("v{}", self.ids), self.clock.now()).unwrap();
        self.ids += 1;
        self.append(Entry::Begun(begun, kind));
        true
    }

    fn count(&mut self) -> bool {
        let Some(newest) = self.newest().cloned() else { return false };
        let (id, phase) = (newest.id().to_string(), newest.phase());
        if self.known.counted.contains(&id) || !counts(&self.facts(Some(&id), Some(&phase))) {
            return false;
        }
        let end = newest.end().unwrap();
        assert!(end != End::Successful || self.health == HealthState::Healthy, "invariant 36");
        let verdict = LatestVerdict { id: newest.id().clone(), end, at: newest.finished_at().unwrap() };
        let collection = collection_id(&self.known.members);
        let change = self.verdicts.foresee(&collection, &self.known.members, end, VerdictPolicy::Latest);
        self.append(Entry::Counted(verdict, change.withdrawn.len()));
        true
    }

    fn facts<'a>(&'a self, id: Option<&'a str>, phase: Option<&'a VerificationPhase>) -> Facts<'a> {
        Facts {
            has_collection: !self.known.members.is_empty(),
            health: Some(&self.health),
            latest: id.zip(phase).map(|(id, phase)| Latest { id, phase }),
            configured: self.configured,
            reverify: self.request.as_ref().map(|(id, actor)| Reverify { id, actor }),
            ..Facts::default()
        }
    }

    fn work(&mut self) -> bool {
        let now = self.clock.now();
        let all: Vec<_> = self.all().cloned().collect();
        let mut worked = false;
        for found in all {
            let id = found.id().to_string();
            if found.deadline().is_some_and(|at| at <= now) {
                worked |= self.tell_one(&id, &Input::Tick);
                continue;
            }
            let asked = match found.owed() {
                Some(Owed::Start { .. }) => Asked::Start,
                Some(Owed::Look { .. }) if self.due(&found).is_some_and(|due| due <= now) => Asked::Look,
                Some(Owed::Stop) if self.due(&found).is_none_or(|due| due <= now) => Asked::Stop,
                _ => continue,
            };
            let answer = self.ask(&found, asked);
            let wish = answer.as_ref().map(Reply::retry_after).map_err(Clone::clone);
            let answer = answer.and_then(Reply::into_value);
            let changed = self.tell_one(&id, &Input::Report { asked, answer });
            let after = self.all().find(|after| after.id() == found.id()).cloned();
            if let Some(after) = after {
                self.looks_of(&id).answered(&after, now, wish.as_ref().map(|wish| *wish), changed);
            }
            worked = true;
        }
        worked
    }

    fn ask(&mut self, found: &Verification, asked: Asked) -> Result<Reply<Verdict>, PortError> {
        let handle: RunHandle = found.handle("shop".into(), "uat".into());
        self.looks_of(found.id()).begin();
        match asked {
            Asked::Start => self.clock.run(self.verifier.start(&a_run(found.id(), "uat"), &[])),
            Asked::Look => self.clock.run(self.verifier.look(&handle)),
            Asked::Stop => self.clock.run(self.verifier.stop(&handle)),
        }
    }

    fn append(&mut self, entry: Entry) {
        apply(&mut self.known, &mut self.verdicts, &entry);
        self.log.push(entry);
    }

    /// Invariant 38: at most one verification that is not over, and that is the newest one.
    pub(crate) fn check(&self) {
        let open: Vec<_> = self.all().filter(|found| !found.phase().is_terminal()).collect();
        assert!(open.len() <= 1 && open.first().is_none_or(|open| Some(*open) == self.newest()), "{open:?}");
        let phases = self.known.past.iter().map(Verification::phase);
        assert!(phases.into_iter().all(|phase| phase.is_terminal()));
    }

    /// Aborted verifications whose runs go on outside.
    pub(crate) fn orphans(&self) -> Vec<String> {
        let aborted = self.all().filter(|found| found.state() == State::Done(End::Aborted));
        let running = |id: &str| {
            let handle = RunHandle { id: id.into(), ..RunHandle::default() };
            let seen = self.clock.run(self.verifier.look(&handle)).and_then(Reply::into_value);
            seen.is_ok_and(|verdict| !verdict.phase.is_terminal())
        };
        aborted.map(|found| found.id().to_string()).filter(|id| running(id)).collect()
    }

    /// The kinds of things that occurred.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        let kind = |entry: &Entry| match entry {
            Entry::Digested(_) => "digested",
            Entry::Begun(_, kind) => kind,
            Entry::Happened(_, event) => event.name(),
            Entry::Counted(_, 0) => "counted",
            Entry::Counted(..) => "withdrawn",
        };
        self.log.iter().map(kind).collect()
    }
}

fn apply(known: &mut Known, verdicts: &mut Verdicts, entry: &Entry) {
    match entry {
        Entry::Digested(members) => {
            known.members.clone_from(members);
            known.past.append(&mut known.stack);
        }
        Entry::Begun(verification, _) => known.stack.insert(0, verification.clone()),
        Entry::Happened(id, event) => {
            let all = known.stack.iter_mut().chain(&mut known.past);
            all.filter(|found| **found.id() == **id).for_each(|found| found.apply(event));
        }
        Entry::Counted(verdict, _) => {
            known.counted.insert(verdict.id.to_string());
            verdicts.record(&collection_id(&known.members), &known.members, verdict.clone());
        }
    }
}
