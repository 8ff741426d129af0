//! Why a Stage holds what it holds: the events without which it would not (requirements F4).

use std::collections::{BTreeMap, BTreeSet};

use super::{History, When};
use crate::{
    engine::{Event, Position, Recorded},
    model::{FreightName, Origin, Promotion, PromotionPhase, StageName},
    why::{Answer, Headline, Node, Reason, Why},
    world::{PromotionView, StageView, World},
};

impl History {
    /// Why a Stage held at a moment what it held then: a chain of events, each named by its position ([`Why::events`]).
    ///
    /// Each of them is one without which the Stage would not hold that, or not since then: leaving out the input behind any
    /// one of them, and deciding all others again, leads to another answer. Where several would have done alone, such as two
    /// Stages of which one had to verify it, none of them is named as an event, and that is said.
    #[must_use]
    pub fn why(&self, stage: impl AsRef<str>, when: impl Into<When>) -> Why {
        let up_to = match self.position_of(when.into()) {
            Ok(up_to) => up_to,
            Err(beyond) => return Why::missing(Reason::Fact { text: beyond.to_string() }),
        };
        let state = self.state_at(up_to);
        match state.world.stage(stage) {
            Ok(stage) => self.why_it_holds(stage, up_to),
            Err(missing) => Why::missing(Reason::NoSuch(missing)),
        }
    }

    fn why_it_holds(&self, stage: StageView<'_>, up_to: Position) -> Why {
        let name = StageName::from(stage.name());
        let held: Vec<FreightName> = stage.current().into_iter().flat_map(|held| held.names().cloned()).collect();
        if held.is_empty() {
            return nothing(stage);
        }
        // What came together is told of together.
        let mut arrivals: BTreeMap<Option<Position>, Vec<FreightName>> = BTreeMap::new();
        for freight in &held {
            arrivals.entry(self.arrival(&name, freight, up_to)).or_default().push(freight.clone());
        }
        let since = arrivals.keys().max().copied().flatten().and_then(|at| self.event(at)).map(|recorded| recorded.at);
        let mut nodes = Vec::new();
        let alone = arrivals.len() == 1;
        for (arrival, freight) in arrivals.into_iter().rev() {
            let Some(recorded) = arrival.and_then(|arrival| self.event(arrival)) else {
                let called = called(stage.world(), &freight).join(" + ");
                nodes.push(Node::note(Reason::Fact { text: format!("{called} was there before the log begins") }));
                continue;
            };
            let node = self.of_arrival(&name, &freight, recorded);
            nodes.push(if alone {
                node
            } else {
                node.labelled(format!("{}:", called(stage.world(), &freight).join(" + ")))
            });
            nodes.extend(self.promotion_of(recorded).and_then(|promotion| self.time_of(promotion, recorded)));
        }
        let headline = Headline::Holding { stage: name, called: called(stage.world(), &held), freight: held, since };
        Why::new(headline, Answer::Yes, nodes)
    }

    /// When freight came to a Stage where it is after an event: of a stay without a break, its beginning.
    pub(super) fn arrival(&self, stage: &StageName, freight: &FreightName, up_to: Position) -> Option<Position> {
        let mut found = None;
        for at in self.index.settled(stage, up_to) {
            let Some(Event::PromotionSettled { holds_freight, .. }) = self.event(at).map(|recorded| &recorded.event)
            else {
                continue;
            };
            match holds_freight {
                Some(holds) if holds.contains(freight) => found = Some(at),
                Some(_) => break,
                None => {}
            }
        }
        found
    }

    /// The promotion that brought freight, and why there was one.
    fn of_arrival(&self, stage: &StageName, freight: &[FreightName], settled: &Recorded) -> Node {
        let Some(promotion) = self.promotion_of(settled) else {
            return Node::note(Reason::Fact { text: "it came".to_owned() }).told_by(Some(settled.told()));
        };
        let reason = Reason::Ended { promotion: promotion.into(), phase: PromotionPhase::Succeeded, at: settled.at };
        let node = Node::note(reason).told_by(Some(settled.told()));
        let Some((created, noun)) = self.creation_of(promotion) else { return node };
        let before = self.state_at(Position::new(created.position.get().saturating_sub(1)));
        let mut below = vec![self.asked(&before.world, created, noun)];
        let mut told = BTreeSet::new();
        for freight in freight {
            below.extend(self.allowed(stage, freight, created, &mut told));
        }
        node.over(below)
    }

    /// Who asked for a promotion.
    fn asked(&self, world: &World, created: &Recorded, noun: &Promotion) -> Node {
        let view = PromotionView::new(world, noun);
        let at = created.at;
        let reason = if view.is_automatic() {
            let origins: Vec<Origin> = view.freight().into_keys().collect();
            Reason::Automatic { at, origins }
        } else {
            let because = self.header_of(created).and_then(|header| match &header.event {
                Event::Commanded { because, .. } => because.clone(),
                _ => None,
            });
            Reason::AskedFor { at, by: view.actor().map(str::to_owned), because }
        };
        Node::note(reason).told_by(Some(created.told()))
    }

    /// That a Stage took something over, and who asked for that.
    pub(super) fn got(&self, stage: &StageName, settled: &Recorded) -> Node {
        let created = self.promotion_of(settled).and_then(|promotion| self.creation_of(promotion));
        let before = created.map(|(created, _)| Position::new(created.position.get().saturating_sub(1)));
        let world = before.map(|before| self.state_at(before).world).unwrap_or_default();
        let view = created.map(|(_, noun)| PromotionView::new(&world, noun));
        let by = view.and_then(|view| view.actor().map(str::to_owned));
        let automatic = view.filter(|view| view.is_automatic());
        let origins = automatic.map(|view| view.freight().into_keys().collect()).unwrap_or_default();
        let reason = Reason::Got { stage: stage.clone(), at: settled.at, by, origins };
        Node::note(reason).told_by(Some(settled.told()))
    }

    /// The first event of the batch that an event is in: what was asked, or reported.
    pub(super) fn header_of(&self, recorded: &Recorded) -> Option<&Recorded> {
        let is_header = |recorded: &&Recorded| {
            matches!(recorded.event, Event::Commanded { .. } | Event::Reported { .. } | Event::Ticked)
        };
        self.events(Position::default(), recorded.position).iter().rev().find(is_header)
    }

    /// The promotion that a Stage took something over of.
    pub(super) fn promotion_of<'r>(&self, settled: &'r Recorded) -> Option<&'r str> {
        match &settled.event {
            Event::PromotionSettled { promotion, .. } => Some(promotion),
            _ => None,
        }
    }

    /// The event that made a promotion.
    pub(super) fn creation_of(&self, promotion: &str) -> Option<(&Recorded, &Promotion)> {
        let created = self.event(self.index.created(promotion)?)?;
        match &created.event {
            Event::PromotionCreated { promotion, .. } => Some((created, promotion)),
            _ => None,
        }
    }

    /// Where the time of a promotion went.
    fn time_of(&self, promotion: &str, settled: &Recorded) -> Option<Node> {
        let times = self.times(promotion, settled.position).ok()?;
        Some(Node::note(Reason::Fact { text: times.parts.to_string() }))
    }
}

/// Why a Stage holds nothing.
fn nothing(stage: StageView<'_>) -> Why {
    let reason = if stage.noun().is_control_flow() {
        Reason::ControlFlow { stage: stage.name().into() }
    } else {
        match stage.last_promotion().map(|last| (last, last.status.as_ref())) {
            Some((last, Some(status))) => Reason::Ended {
                promotion: last.name.clone(),
                phase: status.phase.clone().unwrap_or(PromotionPhase::Pending),
                at: last.finished_at.unwrap_or_default(),
            },
            _ => Reason::Fact { text: "no promotion to it has ended yet".to_owned() },
        }
    };
    let headline =
        Headline::Holding { stage: stage.name().into(), freight: Vec::new(), called: Vec::new(), since: None };
    Why::new(headline, Answer::No, vec![Node::note(reason)])
}

/// What people call freight.
pub(super) fn called(world: &World, names: &[FreightName]) -> Vec<String> {
    let called = |name: &FreightName| match world.freight_named(name) {
        Some(freight) => freight.called().to_owned(),
        None => name.get(..7).unwrap_or(name).to_owned(),
    };
    names.iter().map(called).collect()
}
