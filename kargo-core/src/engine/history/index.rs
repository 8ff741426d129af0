//! Where in a log things are told of.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    engine::{Event, Position, Recorded},
    model::{FreightName, Kind, Noun as _, Origin, PromotionName, StageName},
    promotion::{PhaseEvent, RunEvent},
    why::Told,
};

/// Where in a log things are told of: positions in order.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// What a Stage took over of ended promotions.
    settled: BTreeMap<StageName, Vec<Position>>,
    created: BTreeMap<PromotionName, Position>,
    ended: BTreeMap<PromotionName, Position>,
    settled_of: BTreeMap<PromotionName, Position>,
    freight: BTreeMap<FreightName, Position>,
    /// Verdicts that counted, and freight that passed through.
    verdicts: BTreeMap<StageName, Vec<Position>>,
    begun: BTreeMap<Arc<str>, Position>,
    approved: BTreeMap<(FreightName, StageName), Vec<Position>>,
    /// Definitions of Stages that were taken away, or that have no steps any more.
    removed: BTreeMap<StageName, Vec<Position>>,
    rejected: BTreeMap<String, Position>,
    paused: BTreeMap<String, Position>,
    suspected: Vec<Position>,
    /// Holds by hand.
    held: BTreeMap<(StageName, Origin), Vec<Position>>,
}

impl Index {
    pub(super) fn note(&mut self, recorded: &Recorded) {
        let at = recorded.position;
        match &recorded.event {
            Event::PromotionCreated { promotion, .. } => drop(self.created.insert(promotion.name().into(), at)),
            Event::PromotionSettled { place, promotion, .. } => {
                self.settled.entry(place.stage.clone()).or_default().push(at);
                self.settled_of.insert(promotion.clone(), at);
            }
            Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::End { .. }) } => {
                self.ended.insert(promotion.clone(), at);
            }
            Event::FreightCreated { freight, .. } => drop(self.freight.insert(freight.name().into(), at)),
            Event::VerdictCounted { stage, .. } | Event::Verified { stage, .. } => {
                self.verdicts.entry(stage.clone()).or_default().push(at);
            }
            Event::VerificationBegun { verification, .. } => {
                self.begun.insert(Arc::clone(verification.id()), at);
            }
            Event::Approved { approval } => {
                let key = (approval.spec.freight.clone(), approval.spec.stage.clone());
                self.approved.entry(key).or_default().push(at);
            }
            Event::Removed { kind: Kind::Stage, name } => {
                self.removed.entry(name.as_str().into()).or_default().push(at);
            }
            Event::PlaceCleared { place } => self.removed.entry(place.stage.clone()).or_default().push(at),
            Event::Rejected { rejection } => drop(self.rejected.insert(rejection.metadata.name.clone(), at)),
            Event::Paused { pause } => drop(self.paused.insert(pause.metadata.name.clone(), at)),
            Event::HoldEstablished { place, hold } => {
                self.held.entry((place.stage.clone(), hold.origin.clone())).or_default().push(at);
            }
            Event::ClockSuspected { .. } => self.suspected.push(at),
            _ => {}
        }
    }

    /// When a promotion was made.
    pub(super) fn created(&self, promotion: &str) -> Option<Position> {
        self.created.get(promotion).copied()
    }

    /// When a promotion ended.
    pub(super) fn ended(&self, promotion: &str) -> Option<Position> {
        self.ended.get(promotion).copied()
    }

    /// When its place took over what a promotion left.
    pub(super) fn settled_of(&self, promotion: &str) -> Option<Position> {
        self.settled_of.get(promotion).copied()
    }

    /// When freight was made.
    pub(super) fn freight(&self, freight: &str) -> Option<Position> {
        self.freight.get(freight).copied()
    }

    /// When a verification began.
    pub(super) fn begun(&self, verification: &str) -> Option<Position> {
        self.begun.get(verification).copied()
    }

    /// When a rejection was made.
    pub(super) fn rejected(&self, rejection: &str) -> Option<Position> {
        self.rejected.get(rejection).copied()
    }

    /// When a pause began.
    pub(super) fn paused(&self, pause: &str) -> Option<Position> {
        self.paused.get(pause).copied()
    }

    /// When somebody last kept automation from an origin of a Stage, up to an event.
    pub(super) fn held(&self, stage: &StageName, origin: &Origin, up_to: Position) -> Option<Position> {
        let known = self.held.get(&(stage.clone(), origin.clone()))?;
        known.iter().rev().copied().find(|at| *at <= up_to)
    }

    /// When the clock was suspected last, up to an event.
    pub(super) fn suspected(&self, up_to: Position) -> Option<Position> {
        self.suspected.iter().rev().copied().find(|at| *at <= up_to)
    }

    /// What a Stage took over, up to an event, newest first, as far back as the Stage was defined without a break.
    pub(super) fn settled(&self, stage: &str, up_to: Position) -> impl Iterator<Item = Position> {
        self.since_defined(&self.settled, stage, up_to)
    }

    /// The verdicts of a Stage, up to an event, newest first, as far back as the Stage was defined without a break.
    pub(super) fn verdicts(&self, stage: &str, up_to: Position) -> impl Iterator<Item = Position> {
        self.since_defined(&self.verdicts, stage, up_to)
    }

    /// The approvals of freight for a Stage, up to an event.
    pub(super) fn approved(&self, freight: &FreightName, stage: &StageName, up_to: Position) -> Vec<Position> {
        let known = self.approved.get(&(freight.clone(), stage.clone()));
        known.into_iter().flatten().copied().filter(|at| *at <= up_to).collect()
    }

    fn since_defined<'i>(
        &'i self,
        positions: &'i BTreeMap<StageName, Vec<Position>>,
        stage: &str,
        up_to: Position,
    ) -> impl Iterator<Item = Position> + use<'i> {
        let removed =
            self.removed.get(stage).and_then(|removed| removed.iter().rev().find(|at| **at <= up_to).copied());
        let known = positions.get(stage).map(Vec::as_slice).unwrap_or_default();
        let known = known.get(..known.partition_point(|at| *at <= up_to)).unwrap_or_default();
        known.iter().rev().copied().take_while(move |at| removed.is_none_or(|removed| *at > removed))
    }
}

impl Recorded {
    /// How an answer names it.
    pub(super) fn told(&self) -> Told {
        Told { position: self.position.get(), at: self.at }
    }
}
