//! A decision in the making: events are applied as they are decided, until nothing is left to follow.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::{Event, Ignored, Position, Recorded, apply::Touched, state::State, timers::Due};
use crate::{
    model::{Diagnostics, Kind, Object, PromotionName, StageName, Timestamp, WarehouseName},
    policy::NextTurn,
};

/// More visits of the same Stage or Warehouse than this in one batch are a circle of rules, not a decision: the batch ends, and
/// time goes on.
const MOST_VISITS: u32 = 1_000;

/// A decision in the making. What is decided is applied at once; a command that is refused has applied nothing, for all is
/// checked before anything is decided.
pub(super) struct Draft<'s> {
    pub(super) state: &'s mut State,
    /// Engine time of this decision.
    pub(super) now: Timestamp,
    pub(super) recorded: Vec<Recorded>,
    /// What the first event says: who asked, or what was reported. It is written only if something follows.
    header: Option<(Event, Option<Position>)>,
    /// The position of the header, once it is written.
    first: Option<Position>,
    open: VecDeque<(Touched, Cause)>,
    known: BTreeSet<Touched>,
    /// Stages for which nothing follows any more, since nothing touched them after that was found out; and when they have to
    /// be looked at again.
    pub(super) settled: BTreeMap<StageName, Option<Timestamp>>,
    /// What the queue of the Stage that is being settled waits for.
    pub(super) turn: NextTurn,
    /// How often those that were touched again were looked at.
    visits: BTreeMap<Touched, u32>,
    /// Everything that anything followed for or may follow for.
    pub(super) seen: Seen,
    /// Whether the host tells when attempts begin that nobody may repeat (rules 19).
    pub(super) tells_starts: bool,
    /// What was handed in and not taken over.
    pub(super) ignored: Vec<Ignored>,
    /// What works from now on, but hardly as meant.
    pub(super) warnings: Diagnostics,
}

/// The event that led to something; none means the input itself.
pub(super) type Cause = Option<Position>;

/// What a decision was about.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) stages: BTreeSet<StageName>,
    pub(super) promotions: BTreeSet<PromotionName>,
    pub(super) warehouses: BTreeSet<String>,
    pub(super) verifications: BTreeSet<Arc<str>>,
    /// Warehouses that somebody wants looked at.
    pub(super) looks: BTreeSet<WarehouseName>,
    /// Stages for which more would follow than a batch may hold: they are looked at again at once.
    pub(super) left: BTreeSet<StageName>,
    /// When something may be collected next.
    pub(super) collections: BTreeMap<Due, Option<Timestamp>>,
    /// When Stages have to be looked at again although nothing happens, where that was found out already.
    pub(super) wakes: BTreeMap<StageName, Option<Timestamp>>,
}

impl<'s> Draft<'s> {
    pub(super) fn new(state: &'s mut State, now: Timestamp, header: Event, cause: Option<Position>) -> Self {
        Self {
            state,
            now,
            recorded: Vec::new(),
            header: Some((header, cause)),
            first: None,
            open: VecDeque::new(),
            known: BTreeSet::new(),
            settled: BTreeMap::new(),
            turn: NextTurn::Nothing,
            visits: BTreeMap::new(),
            seen: Seen::default(),
            tells_starts: false,
            ignored: Vec::new(),
            warnings: Diagnostics::new(),
        }
    }

    /// The same for a host that tells when attempts begin, or not.
    pub(super) fn telling_starts(self, tells_starts: bool) -> Self {
        Self { tells_starts, ..self }
    }

    /// The instant by which rules judge: it stands still while the clock may be wrong.
    pub(super) fn judged_at(&self) -> Timestamp {
        self.state.judged_at(self.now)
    }

    /// Something happens, because of the input itself.
    pub(super) fn push(&mut self, event: Event) -> Cause {
        self.push_after(None, event)
    }

    /// Something happens, because of an earlier event.
    pub(super) fn push_after(&mut self, cause: Cause, event: Event) -> Cause {
        let first = self.write_header();
        Some(self.record(event, Some(cause.unwrap_or(first))))
    }

    /// Something that nothing led to, and that needs no header.
    pub(super) fn push_alone(&mut self, event: Event) {
        self.header = None;
        self.record(event, None);
    }

    fn write_header(&mut self) -> Position {
        if let Some(first) = self.first {
            return first;
        }
        let position = match self.header.take() {
            Some((header, cause)) => self.record(header, cause),
            None => self.state.position,
        };
        self.first = Some(position);
        position
    }

    fn record(&mut self, event: Event, cause: Option<Position>) -> Position {
        let position = self.state.position.next();
        let recorded = Recorded { position, at: self.now, cause, event };
        self.see(&recorded.event);
        for touched in self.state.apply(&recorded) {
            self.touch(touched, Some(position));
        }
        self.recorded.push(recorded);
        position
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::PromotionCreated { promotion, .. } => {
                self.seen.promotions.insert(promotion.metadata.name.as_str().into());
            }
            Event::Promotion { promotion, .. } => drop(self.seen.promotions.insert(promotion.clone())),
            Event::VerificationBegun { verification, .. } => {
                self.seen.verifications.insert(Arc::clone(verification.id()));
            }
            Event::Verification { id, .. } => drop(self.seen.verifications.insert(Arc::clone(id))),
            Event::PromotionCurrent { place, .. } | Event::PromotionSettled { place, .. } => {
                self.seen.stages.insert(place.stage.clone());
            }
            // Other subscriptions, or another interval.
            Event::Defined { object: Object::Warehouse(warehouse) } => {
                self.seen.looks.insert(warehouse.metadata.name.as_str().into());
            }
            // With a Stage, or with its steps, its verifications go, and what they owed.
            Event::Removed { kind: Kind::Stage, name } => self.see_verifications(name),
            Event::PlaceCleared { place } => self.see_verifications(&place.stage),
            _ => {}
        }
    }

    fn see_verifications(&mut self, stage: &str) {
        let of_it = self.state.verifications.iter().filter(|(_, (place, _))| *place.stage == *stage);
        self.seen.verifications.extend(of_it.map(|(id, _)| Arc::clone(id)));
    }

    /// Says that something may follow for this, because of that event.
    pub(super) fn touch(&mut self, touched: Touched, cause: Cause) {
        match &touched {
            Touched::Stage(stage) | Touched::Arrival(stage, _) => {
                self.settled.remove(stage);
                self.seen.stages.insert(stage.clone());
            }
            Touched::Warehouse(warehouse) => drop(self.seen.warehouses.insert(warehouse.clone())),
            Touched::PromotionsOf(_) | Touched::FreightOf(_) => {}
        }
        if self.known.insert(touched.clone()) {
            self.open.push_back((touched, cause));
        }
    }

    /// Lets everything follow that follows, in the order in which it was touched.
    pub(super) fn settle(&mut self) {
        while let Some((touched, cause)) = self.open.pop_front() {
            self.known.remove(&touched);
            if let Touched::Stage(stage) | Touched::Arrival(stage, _) = &touched
                && self.settled.contains_key(stage)
            {
                continue;
            }
            let visits = self.visits.entry(touched.clone()).or_default();
            *visits += 1;
            if *visits > MOST_VISITS {
                self.leave(touched);
                continue;
            }
            match touched {
                Touched::Stage(stage) => self.settle_stage(&stage, cause),
                Touched::Arrival(stage, freight) => self.settle_arrival(&stage, &freight, cause),
                Touched::Warehouse(warehouse) => self.settle_warehouse(&warehouse, cause),
                Touched::PromotionsOf(stage) => self.collect_promotions(&stage, cause),
                Touched::FreightOf(origin) => self.collect_freight(&origin, cause),
            }
        }
        self.seen.wakes = std::mem::take(&mut self.settled);
    }

    /// This is for another batch.
    pub(super) fn leave(&mut self, touched: Touched) {
        if let Touched::Stage(stage) | Touched::Arrival(stage, _) = touched {
            self.seen.left.insert(stage);
        }
    }
}
