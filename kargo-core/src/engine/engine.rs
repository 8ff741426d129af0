//! One project's deterministic state machine.

use std::sync::Arc;

use chrono::SubsecRound as _;

use super::{
    Effect, EffectKind, Event, Genesis, Outcome, Position, Recorded, Refusal, Report,
    draft::Draft,
    gauges::Gauges,
    heard::{Heard, Tries},
    lanes::{Blocker, Lanes},
    replay::ReplayError,
    report::Reported,
    state::State,
    timers::Timers,
};
use crate::{
    command::Command,
    model::{PromotionName, Timestamp},
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
            gauges: Gauges::default(),
        }
    }

    /// Folds a log.
    ///
    /// # Errors
    ///
    /// The log has a gap or does not begin at its beginning.
    pub fn replay(genesis: Genesis, log: impl IntoIterator<Item = Recorded>) -> Result<Self, ReplayError> {
        let mut engine = Self::new(genesis);
        engine.fold(log)?;
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
        let mut draft = Draft::new(&mut state, self.engine_time(now), header_of(&command), None);
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
        let mut draft = Draft::new(&mut self.state, now, header_of(&command), None);
        draft.command(&command)?;
        draft.settle();
        let (seen, events) = (draft.seen, draft.recorded);
        let work = self.refresh(&seen, now);
        self.gauges.hand_out(&work, &self.owed, now);
        Ok(Outcome::new(base, events, work))
    }

    /// The world says something. Late or twice it changes nothing, or is noted; it is never an error.
    #[expect(clippy::needless_pass_by_value, reason = "a report is made to be handed in, and is used up by it")]
    pub fn report(&mut self, now: Timestamp, report: Report) -> Outcome {
        let now = self.engine_time(now);
        self.note(&report);
        self.gauges.hear(&report, now);
        let because = report.because.clone();
        let header = Event::Reported { report: report.word().to_owned(), effect: report.effect.clone(), because };
        let cause = report.effect.as_ref().and_then(|effect| self.opened_by(effect));
        let base = self.state.position;
        let mut draft = Draft::new(&mut self.state, now, header, cause);
        draft.report(&report, &self.heard);
        draft.settle();
        let (seen, events) = (draft.seen, draft.recorded);
        let work = self.refresh(&seen, now);
        match &report.said {
            Reported::Verdict { id, answer, .. } => self.answered(id, answer, !events.is_empty(), now),
            Reported::Prepared { promotion, step, prepared: Prepared::Retry { .. } } => {
                self.prepare_again(promotion, *step, now);
            }
            _ => {}
        }
        self.gauges.hand_out(&work, &self.owed, now);
        Outcome::new(base, events, work)
    }

    /// Time has come: what is due is done. May be called at any instant; [`deadline`](Self::deadline) says when it is worth it.
    pub fn tick(&mut self, now: Timestamp) -> Outcome {
        let now = self.engine_time(now);
        let (base, unknown, due) = (self.state.position, std::mem::take(&mut self.unknown), self.timers.due(now));
        let mut draft = Draft::new(&mut self.state, now, Event::Ticked, None);
        for (promotion, input) in unknown {
            draft.drive(&promotion, &input, None);
        }
        draft.due(&due);
        draft.settle();
        let (seen, events) = (draft.seen, draft.recorded);
        let mut work = self.refresh(&seen, now);
        work.start.extend(self.looks(&due, now));
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

    /// Work that is being stopped and has not said how it ended: until then it keeps its lanes (rules 4).
    pub fn stopping(&self) -> impl Iterator<Item = &EffectId> {
        self.lanes.stopping()
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
