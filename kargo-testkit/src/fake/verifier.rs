//! A pretended verifier.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kargo_core::{
    Timestamp,
    port::{Clock as _, Monotonic, PortError, Reply, RunHandle, Verdict, Verifier, VerifyRun},
    verification::{Asked, End},
};

use super::{VirtualClock, slow::Slow};

/// Verification runs in memory, by a script for each Stage, on a virtual clock.
///
/// Strict: two starts with one id are one run, a run that is not there is `NotFound`, and two calls for one id at a time are
/// a [violation](Self::violations).
///
/// ```
/// use std::time::Duration;
/// use kargo_core::port::{RunHandle, Verifier, VerifyRun};
/// use kargo_testkit::fake::{FakeVerifier, VirtualClock, a_run};
///
/// let clock = VirtualClock::default();
/// let verifier = FakeVerifier::new(&clock);
/// verifier.script("uat", [(0, "Running"), (60, "Failed")]);
/// let run = a_run("0b7c", "uat");
/// clock.run(verifier.start(&run, &[]))?;
/// clock.advance(Duration::from_secs(60));
/// let handle = RunHandle { id: run.id.clone(), stage: run.stage.clone(), ..RunHandle::default() };
/// let verdict = clock.run(verifier.look(&handle))?.into_value()?;
/// assert_eq!(verdict.phase.as_str(), "Failed");
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Debug)]
pub struct FakeVerifier {
    slow: Slow,
    state: Mutex<State>,
}

/// How often each thing was asked for; answered or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifierCalls {
    /// Starts, those included that found a run.
    pub starts: u64,
    /// Looks.
    pub looks: u64,
    /// Stops.
    pub stops: u64,
}

/// A run that was started.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedRun {
    /// What was asked for.
    pub run: VerifyRun,
    /// The arguments, opened.
    pub args: Vec<(String, String)>,
}

/// Phases by the time since the start.
type Script = Arc<[(Duration, String)]>;

#[derive(Debug, Default)]
struct State {
    scripts: BTreeMap<String, Script>,
    runs: BTreeMap<Arc<str>, Run>,
    calls: VerifierCalls,
    /// What the next requests of a kind end in, before they do anything.
    failures: BTreeMap<Asked, VecDeque<PortError>>,
    /// So many starts act, and their answers are lost.
    lost_answers: u32,
    busy: BTreeSet<Arc<str>>,
    violations: Vec<String>,
}

#[derive(Debug)]
struct Run {
    started: StartedRun,
    script: Script,
    since: (Timestamp, Monotonic),
    /// What ended it otherwise than by the script.
    ended: Option<(End, Timestamp)>,
}

impl FakeVerifier {
    /// No runs. Where a Stage has no script, a run is Running at once and Successful after 30 seconds.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self { slow: Slow::new(clock), state: Mutex::default() }
    }

    /// Runs of this Stage that are started from now on have these phases, each so many seconds after the start.
    pub fn script<'p>(&self, stage: &str, phases: impl IntoIterator<Item = (u64, &'p str)>) {
        let phases = phases.into_iter().map(|(seconds, phase)| (Duration::from_secs(seconds), phase.to_owned()));
        self.lock().scripts.insert(stage.to_owned(), phases.collect());
    }

    /// The run of this verification ends now. Whether there is one that has not ended.
    pub fn end(&self, id: &str, end: End) -> bool {
        let now = self.slow.clock().now();
        let monotonic = self.slow.clock().monotonic();
        let mut state = self.lock();
        let Some(run) = state.runs.get_mut(id).filter(|run| run.verdict(monotonic).1.is_none()) else { return false };
        run.ended = Some((end, now));
        true
    }

    /// The run of this verification is gone, as if somebody had deleted it. Whether there was one.
    pub fn lose(&self, id: &str) -> bool {
        self.lock().runs.remove(id).is_some()
    }

    /// The next requests of this kind end in these errors, one each, and do nothing.
    pub fn fail(&self, asked: Asked, errors: impl IntoIterator<Item = PortError>) {
        self.lock().failures.entry(asked).or_default().extend(errors);
    }

    /// The next so many starts act, but their answers are lost on the way.
    pub fn lose_answers(&self, starts: u32) {
        self.lock().lost_answers = starts;
    }

    /// Every answer takes this long.
    pub fn set_service_time(&self, span: Duration) {
        self.slow.set_service_time(span);
    }

    /// From now on nothing is answered, or all is again. What is asked is done all the same.
    pub fn set_hanging(&self, hangs: bool) {
        self.slow.set_hanging(hangs);
    }

    /// How often it was asked.
    #[must_use]
    pub fn calls(&self) -> VerifierCalls {
        self.lock().calls
    }

    /// How many runs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().runs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the run of this verification was started with.
    #[must_use]
    pub fn started(&self, id: &str) -> Option<StartedRun> {
        self.lock().runs.get(id).map(|run| run.started.clone())
    }

    /// Calls that came while another for the same id was under way.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.lock().violations.clone()
    }

    /// Takes a request: counts it, and does what it asks for. The answer is on its way then.
    fn take(&self, asked: Asked, id: &Arc<str>, act: impl FnOnce(&mut State)) -> Result<Busy<'_>, PortError> {
        let mut state = self.lock();
        match asked {
            Asked::Start => state.calls.starts += 1,
            Asked::Look => state.calls.looks += 1,
            Asked::Stop => state.calls.stops += 1,
        }
        if !state.busy.insert(Arc::clone(id)) {
            state.violations.push(format!("{asked:?} of {id} beside another request"));
        }
        let busy = Busy { verifier: self, id: Arc::clone(id) };
        if let Some(error) = state.failures.get_mut(&asked).and_then(VecDeque::pop_front) {
            drop(state);
            return Err(named(error, asked, id));
        }
        act(&mut state);
        drop(state);
        Ok(busy)
    }

    fn answer(&self, asked: Asked, id: &Arc<str>) -> Result<Reply<Verdict>, PortError> {
        let state = self.lock();
        let missing = || named(PortError::not_found("no such run"), asked, id);
        let run = state.runs.get(id).ok_or_else(missing)?;
        let (phase, finished_at) = run.verdict(self.slow.clock().monotonic());
        let verdict = Verdict { finished_at, ..Verdict::new(phase.as_str()) };
        Ok(Reply::new(verdict.since(run.since.0).of(&*run.started.run.project, format!("run-{id}"))))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Verifier for FakeVerifier {
    async fn start(&self, run: &VerifyRun, args: &[(String, String)]) -> Result<Reply<Verdict>, PortError> {
        let since = (self.slow.clock().now(), self.slow.clock().monotonic());
        let _busy = self.take(Asked::Start, &run.id, |state| {
            let usual = || {
                Script::from([
                    (Duration::ZERO, "Running".to_owned()),
                    (Duration::from_secs(30), "Successful".to_owned()),
                ])
            };
            let script = state.scripts.get(&*run.stage).map_or_else(usual, Arc::clone);
            let started = StartedRun { run: run.clone(), args: args.to_vec() };
            state.runs.entry(Arc::clone(&run.id)).or_insert(Run { started, script, since, ended: None });
        })?;
        self.slow.pass().await;
        let is_lost = {
            let mut state = self.lock();
            let is_lost = state.lost_answers > 0;
            state.lost_answers = state.lost_answers.saturating_sub(1);
            is_lost
        };
        if is_lost {
            return Err(named(PortError::retryable("connection reset"), Asked::Start, &run.id));
        }
        self.answer(Asked::Start, &run.id)
    }

    async fn look(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError> {
        let _busy = self.take(Asked::Look, &run.id, |_| {})?;
        self.slow.pass().await;
        self.answer(Asked::Look, &run.id)
    }

    async fn stop(&self, run: &RunHandle) -> Result<Reply<Verdict>, PortError> {
        let (now, monotonic) = (self.slow.clock().now(), self.slow.clock().monotonic());
        let _busy = self.take(Asked::Stop, &run.id, |state| {
            if let Some(run) = state.runs.get_mut(&run.id).filter(|run| run.verdict(monotonic).1.is_none()) {
                run.ended = Some((End::Aborted, now));
            }
        })?;
        self.slow.pass().await;
        self.answer(Asked::Stop, &run.id)
    }
}

impl Run {
    /// The phase now, and when it ended if it has.
    fn verdict(&self, now: Monotonic) -> (String, Option<Timestamp>) {
        if let Some((end, at)) = self.ended {
            return (end.to_string(), Some(at));
        }
        let age = now.since(self.since.1);
        let mut last = ("Pending".to_owned(), None);
        for (after, phase) in self.script.iter().take_while(|(after, _)| *after <= age) {
            let at = End::of(&phase.as_str().into()).map(|_| self.since.0 + *after);
            last = (phase.clone(), at);
            if at.is_some() {
                break;
            }
        }
        last
    }
}

/// A request under way; dropping its future ends it.
struct Busy<'a> {
    verifier: &'a FakeVerifier,
    id: Arc<str>,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.verifier.lock().busy.remove(&self.id);
    }
}

/// A run to start, with nothing but an id and a Stage.
#[must_use]
pub fn a_run(id: &str, stage: &str) -> VerifyRun {
    VerifyRun {
        id: id.into(),
        project: "shop".into(),
        stage: stage.into(),
        target: None,
        collection: "957e92575db98f1ea3cd46e13c6e9d3de5e9f58c".into(),
        members: vec!["84d9a0d81714243ecd236c670da11c7259af9059".into()],
        templates: Vec::new(),
        args: Vec::new(),
        metadata: kargo_core::model::AnalysisRunMetadata::default(),
        promotion: None,
    }
}

fn named(error: PortError, asked: Asked, id: &str) -> PortError {
    error.at("verifier.example").asking(&format!("{asked:?} {id}"))
}
