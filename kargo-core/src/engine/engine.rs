//! One project's deterministic state machine.

use std::sync::Arc;

use chrono::SubsecRound as _;

use super::{
    Effect, EffectKind, Event, Genesis, LookCounts, Outcome, Position, Recorded, Refusal, Report, Snapshot,
    draft::Draft,
    gauges::Gauges,
    heard::{Heard, Tries},
    lanes::{Blocker, Lanes},
    polls::Poll,
    replay::ReplayError,
    report::Reported,
    sources::Sources,
    state::State,
    timers::Timers,
};
use crate::{
    command::Command,
    model::{PromotionName, StageName, Timestamp},
    promotion::{Input, Prepared},
    report::EffectId,
    verification::Looks,
    world::{World, shared::Map},
};

/// One project's engine: commands, reports and time go in; events and work come out.
///
/// It does no I/O and knows no clock. The same inputs at the same instants give the same events, byte for byte.
///
/// ```
/// use kargo_core::{Engine, Genesis, Manifests, command::Apply};
/// let now = "2026-11-24T12:00:00Z".parse().unwrap();
/// let mut engine = Engine::new(Genesis::new("shop", 7));
/// let text = "
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Warehouse
/// metadata: { name: cart, namespace: shop }
/// spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
/// ";
/// let outcome = engine.command(now, Apply::manifests(&Manifests::parse("shop.yaml", text)?).by("admin"))?;
/// assert_eq!(outcome.events().len(), 2);
/// // Only what was appended may begin.
/// let work = outcome.appended();
/// assert_eq!(work.start.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) state: State,
    pub(super) timers: Timers,
    /// Work that is owed, by its id: a projection of the state.
    pub(super) owed: Map<EffectId, Arc<Effect>>,
    /// The ids of the work that is owed for each promotion.
    pub(super) owed_of: Map<PromotionName, Vec<EffectId>>,
    /// Attempts found under way that nobody may repeat: the first tick closes them (rules 19).
    pub(super) unknown: Vec<(PromotionName, Input)>,
    /// When to look at the runs of verifications.
    pub(super) looks: Map<Arc<str>, Looks>,
    /// Signals that arrived while attempts are under way.
    heard: Heard,
    /// Who is in which lane.
    pub(super) lanes: Lanes,
    /// Work that waits for a lane: it is owed, and not handed out.
    pub(super) waiting: Map<EffectId, (PromotionName, Blocker)>,
    /// Preparations that could not be made so far.
    pub(super) tries: Tries,
    /// Wake sources that are heard.
    pub(super) sources: Sources,
    /// Looks at steps that wait.
    pub(super) polls: Map<(PromotionName, usize), Poll>,
    /// When the health of Stages was looked at.
    pub(super) health_looked: Map<StageName, Timestamp>,
    /// Attempts under way that are not owed while a lost work tree is written anew, with their numbers: they are not handed out
    /// again.
    pub(super) kept: Map<EffectId, u32>,
    /// Steps that are being stopped, with their work.
    pub(super) stopping: Map<(PromotionName, usize), EffectId>,
    /// No tick came since the log was folded.
    pub(super) is_folded: bool,
    /// The host tells when attempts begin that nobody may repeat.
    pub(super) tells_starts: bool,
    /// What was handed out and answered: not part of the state, and nothing is decided by it.
    pub(super) gauges: Gauges,
}

impl Engine {
    /// An engine with an empty log.
    #[must_use]
    pub fn new(genesis: Genesis) -> Self {
        Self {
            state: State::new(genesis),
            timers: Timers::default(),
            owed: Map::new(),
            owed_of: Map::new(),
            unknown: Vec::new(),
            looks: Map::new(),
            heard: Heard::default(),
            lanes: Lanes::default(),
            waiting: Map::new(),
            tries: Tries::new(),
            sources: Sources::default(),
            polls: Map::new(),
            health_looked: Map::new(),
            kept: Map::new(),
            stopping: Map::new(),
            is_folded: false,
            tells_starts: false,
            gauges: Gauges::default(),
        }
    }

    /// Folds a log, from its beginning or from a snapshot on; what a snapshot knows already is passed over.
    ///
    /// # Errors
    ///
    /// The log has a gap, begins later than it may, or snapshot or log are of another project or seed than the genesis.
    pub fn replay(
        genesis: Genesis,
        snapshot: Option<Snapshot>,
        log: impl IntoIterator<Item = Recorded>,
    ) -> Result<Self, ReplayError> {
        let mut engine = match snapshot {
            Some(snapshot) if !snapshot.genesis().is_of_log(&genesis) => {
                let (found, expected) = (snapshot.genesis().project().clone(), genesis.project().clone());
                return Err(ReplayError::Foreign { at: snapshot.position(), found, expected });
            }
            // How much is kept is no part of what is known.
            Some(snapshot) => Self::restore(snapshot.of(genesis))?,
            None => Self::new(genesis),
        };
        let known = engine.state.position;
        engine.fold(log.into_iter().skip_while(|recorded| recorded.position <= known))?;
        Ok(engine)
    }

    /// Pure: what a command would append now, or why it is refused.
    ///
    /// # Errors
    ///
    /// The command is refused, and says why.
    pub fn decide(&self, now: Timestamp, command: impl Into<Command>) -> Result<Vec<Recorded>, Refusal> {
        let command = command.into();
        let mut state = self.state.clone();
        let draft = Draft::new(&mut state, self.engine_time(now), header_of(&command), None);
        let mut draft = draft.telling_starts(self.tells_starts);
        draft.command(&command)?;
        draft.settle();
        Ok(draft.recorded)
    }

    /// Somebody wants something.
    ///
    /// # Errors
    ///
    /// The command is refused, and says why; nothing has changed.
    pub fn command(&mut self, now: Timestamp, command: impl Into<Command>) -> Result<Outcome, Refusal> {
        let (command, now, base) = (command.into(), self.engine_time(now), self.state.position);
        let draft = Draft::new(&mut self.state, now, header_of(&command), None);
        let mut draft = draft.telling_starts(self.tells_starts);
        draft.command(&command)?;
        draft.settle();
        let (ignored, warnings) = (std::mem::take(&mut draft.ignored), std::mem::take(&mut draft.warnings));
        let (seen, events) = (draft.seen, draft.recorded);
        let work = self.refresh(&seen, now);
        self.gauges.hand_out(&work, &self.owed, now);
        Ok(Outcome::new(base, events, work).saying(ignored, warnings))
    }

    /// The world says something. Late or twice it changes nothing, or is noted; it is never an error.
    pub fn report(&mut self, now: Timestamp, report: Report) -> Outcome {
        let now = self.engine_time(now);
        let report = self.understood(report);
        self.note(&report);
        self.gauges.hear(&report, now);
        let because = report.because.clone();
        let header = Event::Reported { report: report.word().to_owned(), effect: report.effect.clone(), because };
        let cause = report.effect.as_ref().and_then(|effect| self.opened_by(effect));
        let base = self.state.position;
        let draft = Draft::new(&mut self.state, now, header, cause);
        let mut draft = draft.telling_starts(self.tells_starts);
        draft.report(&report, &self.heard);
        draft.settle();
        let (seen, events) = (draft.seen, draft.recorded);
        let mut work = self.refresh(&seen, now);
        let mut looks = Vec::new();
        match &report.said {
            Reported::Verdict { id, answer, .. } => self.answered(id, answer, !events.is_empty(), now),
            Reported::Prepared { promotion, step, prepared: Prepared::Retry { .. } } => {
                self.prepare_again(promotion, *step, now);
            }
            Reported::Returned { promotion, step, .. } => self.polled(promotion, *step),
            Reported::Health { place, health } => self.health_seen(&place.stage, health.is_ok(), now),
            Reported::Signal(signal) => looks = self.look_told(&signal.key, now),
            Reported::SourceHeard(source) => looks = self.hear(source, now),
            Reported::SourceLost(source) => looks = self.lose(source, now),
            _ => {}
        }
        // After a fold the first tick says when.
        if !self.is_folded {
            work.start.extend(self.looks(&looks, now));
        }
        self.gauges.hand_out(&work, &self.owed, now);
        Outcome::new(base, events, work)
    }

    /// Time has come: what is due is done. May be called at any instant; [`deadline`](Self::deadline) says when it is worth it.
    pub fn tick(&mut self, now: Timestamp) -> Outcome {
        let now = self.engine_time(now);
        if self.is_folded {
            self.spread(now);
        }
        let (base, unknown) = (self.state.position, std::mem::take(&mut self.unknown));
        let mut due = self.timers.due(now);
        let draft = Draft::new(&mut self.state, now, Event::Ticked, None);
        let mut draft = draft.telling_starts(self.tells_starts);
        for (promotion, input) in unknown {
            draft.drive(&promotion, &input, None);
        }
        draft.due(&due);
        draft.settle();
        let (seen, events) = (draft.seen, draft.recorded);
        let mut work = self.refresh(&seen, now);
        due.extend(self.lose_stale(&due, now));
        work.start.extend(self.looks(&due, now));
        work.cancel.extend(self.cancels(&due, now));
        self.gauges.hand_out(&work, &self.owed, now);
        Outcome::new(base, events, work)
    }

    /// When [`tick`](Self::tick) is worth calling, if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.unknown.is_empty() { self.timers.next() } else { Some(self.state.now) }
    }

    /// Work that is owed: begun or to be begun, and not reported yet. Looks are not among it.
    pub fn pending(&self) -> impl Iterator<Item = &Effect> {
        self.owed.values().map(AsRef::as_ref)
    }

    /// Work that waits until other work in the same lane is over, each with the work that it waits for (rules 4). It is not
    /// among what is [pending](Self::pending): nobody has begun it.
    pub fn waiting(&self) -> impl Iterator<Item = (&EffectId, &EffectId)> {
        self.waiting.iter().map(|(effect, (_, other))| (effect, &other.effect))
    }

    /// Work that is being stopped and has not said how it ended: until then it keeps its lanes, and is asked again to stop, by the
    /// first tick after a replay too (rules 4). A host that does none of this id says [`Report::stopped`].
    pub fn stopping(&self) -> impl Iterator<Item = &EffectId> {
        self.stopping.values()
    }

    /// How many looks were handed out since the engine was folded.
    #[must_use]
    pub fn look_counts(&self) -> LookCounts {
        self.gauges.counts()
    }

    /// The project, the seed, and how much is kept.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.state.genesis
    }

    /// The world as it is.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.state.world
    }

    /// How many events there are.
    #[must_use]
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// Engine time: that of the last event.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.state.now
    }

    /// A copy to try things on.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// Engine time never runs backwards, and has milliseconds (rules 5 and 19).
    pub(super) fn engine_time(&self, now: Timestamp) -> Timestamp {
        now.trunc_subsecs(3).max(self.state.now)
    }

    /// A report in the terms of what is known: work by its step, and an attempt that could not begin as one that is to be handed
    /// out.
    fn understood(&mut self, mut report: Report) -> Report {
        match (&report.said, &report.effect) {
            (Reported::WorkStopped, Some(effect)) => {
                if let Some((promotion, step)) = self.stopped_work(effect) {
                    report.said = Reported::Stopped { promotion, step };
                }
            }
            (Reported::TreeLost { .. }, Some(effect)) => {
                self.owed.remove(effect);
                self.kept.remove(effect);
            }
            _ => {}
        }
        report
    }

    /// Keeps signals that may be news for attempts under way.
    fn note(&mut self, report: &Report) {
        match &report.said {
            _ if self.state.runs.is_empty() => self.heard.clear(),
            Reported::Signal(signal) => self.heard.hear(signal, self.state.position),
            _ => {}
        }
    }

    /// The event that opened some work, if it is owed.
    fn opened_by(&self, effect: &EffectId) -> Option<Position> {
        self.owed.get(effect).and_then(|effect| match &effect.kind {
            EffectKind::RunStep(run) => self.state.opened.get(&(run.promotion.clone(), run.step)).copied(),
            EffectKind::Prepare(prepare) => self.state.opened.get(&(prepare.promotion.clone(), prepare.step)).copied(),
            _ => None,
        })
    }
}

/// What the first event of what follows from a command says.
fn header_of(command: &Command) -> Event {
    let asked = command.asked();
    Event::Commanded {
        command: command.kind().to_owned(),
        by: asked.by.clone(),
        because: asked.because.clone(),
        revision: if let Command::Apply(apply) = command { apply.revision.clone() } else { None },
    }
}
