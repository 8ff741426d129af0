//! Why a Stage does not move.

use super::{History, When};
use crate::{
    admit,
    engine::{Engine, Event, Position, Recorded, StallLimits, Standstill, Still, timers::Due},
    model::{Duration, FreightName, Origin, OriginKind, StageName, Timestamp, WarehouseName},
    policy,
    why::{Answer, Headline, Mark, Node, Reason, Why},
    world::StageView,
};

impl Engine {
    /// Why a Stage has not moved: the newest eligible freight and what is in its way, holds, policy, the queue, what failed
    /// before, verification, the Stages before it, and how discovery goes.
    ///
    /// ```
    /// use kargo_core::{Engine, Genesis};
    /// let engine = Engine::new(Genesis::new("shop", 7));
    /// let why = engine.why_not_moved("uat", "2026-11-24T12:00:00Z".parse()?);
    /// assert_eq!(why.to_string(), "no: there is no Stage \"uat\"");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn why_not_moved(&self, stage: impl AsRef<str>, now: Timestamp) -> Why {
        let now = now.max(self.state.now);
        let stage = match self.state.world.stage(stage) {
            Ok(stage) => stage,
            Err(missing) => return Why::missing(Reason::NoSuch(missing)),
        };
        let judged = self.state.judged_at(now);
        let evaluated = policy::evaluate(&self.state.world, stage.name(), judged);
        let mut nodes: Vec<Node> = evaluated.why().nodes().to_vec();
        for node in &mut nodes {
            self.add_standstills(node, now);
            add_source(node, stage, judged);
        }
        nodes.extend(self.discoveries(stage, now));
        let since = stage.current().and_then(|_| entered(stage));
        let length = since.map(|since| now.signed_duration_since(since).to_std().unwrap_or_default().into());
        let headline = Headline::Unmoved { stage: stage.name().into(), since, length };
        Why::new(headline, evaluated.why().answer(), nodes)
    }

    /// What a promotion stands still for that has the place.
    fn add_standstills(&self, node: &mut Node, now: Timestamp) {
        let Reason::Occupied { promotion } = &node.reason else { return };
        let mut found = self.standstills(now, &StallLimits::default());
        found.retain(|found| {
            matches!(&found.what, Still::Promotion { promotion: of, .. } | Still::Step { promotion: of, .. } if of == promotion)
        });
        node.below.extend(found.into_iter().map(|found| {
            let (ways, stalled) = (found.ways_out.clone(), found.stalled);
            let reason = Reason::Fact { text: Standstill { ways_out: Vec::new(), ..found }.to_string() };
            let node = if stalled { Node::fails(reason) } else { Node::note(reason) };
            Node { remedies: ways, ..node }
        }));
    }

    /// How discovery goes of the Warehouses that the Stage takes freight from.
    fn discoveries(&self, stage: StageView<'_>, now: Timestamp) -> Vec<Node> {
        let is_warehouse = |origin: &&Origin| origin.kind == OriginKind::Warehouse;
        let origins = stage.requests().map(|request| &request.origin).filter(is_warehouse);
        let of = |origin: &Origin| {
            let name = WarehouseName::from(&*origin.name);
            let looked = self.gauges.looked(&Due::Warehouse(name))?;
            let ago =
                looked.answered.map(|at| Duration::from(now.signed_duration_since(at).to_std().unwrap_or_default()));
            let reason = Reason::Discovery {
                warehouse: origin.name.to_string(),
                last: looked.answered,
                ago,
                looks: looked.looks,
                unanswered: looked.unanswered,
                errors: looked.errors,
                problem: looked.problem.clone(),
            };
            Some(if looked.errors > 0 || looked.unanswered > 1 { Node::fails(reason) } else { Node::note(reason) })
        };
        origins.filter_map(of).collect()
    }
}

/// When what a Stage holds came.
fn entered(stage: StageView<'_>) -> Option<Timestamp> {
    let names = stage.current()?.names();
    let since = |name: &FreightName| stage.world().freight_named(name)?.visit(stage.name())?.since();
    names.filter_map(since).max()
}

/// Where nothing of an origin is eligible: why its newest freight is not. Where nobody but people promotes: what they could.
fn add_source(node: &mut Node, stage: StageView<'_>, now: Timestamp) {
    let origin = match (node.below.last().map(|below| &below.reason), &node.reason) {
        (Some(Reason::NothingEligible { origin }), _) => origin.clone(),
        (Some(Reason::AutomationOff { .. }), Reason::Fact { text }) => match text.parse() {
            Ok(origin) => origin,
            Err(_) => return,
        },
        _ => return,
    };
    let request = stage.requests().find(|request| request.origin == origin);
    if let Some(freight) = request.and_then(|request| policy::candidate(stage, request, now).freight()) {
        let there = stage.current().is_some_and(|held| held.includes(freight.name()));
        let called = freight.called().to_owned();
        node.below.push(if there {
            Node::note(Reason::AlreadyThere { stage: stage.name().into(), freight: called })
        } else {
            let command = format!("promote {called} to {}", stage.name());
            let reason = Reason::Candidate { origin, freight: called };
            Node::note(reason).command("somebody promotes it", command)
        });
        return;
    }
    let Some(newest) = stage.world().freight_of(&origin, None).next() else {
        let text = format!("there is no freight of {origin}");
        return node.below.push(Node::note(Reason::Fact { text }));
    };
    let why = admit::of(stage, newest, now);
    let failing: Vec<Node> = why.nodes().iter().filter(|node| node.mark == Mark::Fails).cloned().collect();
    let text = format!("the newest is {}", newest.called());
    node.below.push(Node::note(Reason::Fact { text }).over(failing));
}

impl History {
    /// Why a Stage had not moved at a moment: as [`Engine::why_not_moved`], with the events that are behind it. How discovery
    /// went is not in the log.
    #[must_use]
    pub fn why_not_moved(&self, stage: impl AsRef<str>, when: impl Into<When>) -> Why {
        let when = when.into();
        let engine = match self.at(when) {
            Ok(engine) => engine,
            Err(beyond) => return Why::missing(Reason::Fact { text: beyond.to_string() }),
        };
        let name = StageName::from(stage.as_ref());
        let why = engine.why_not_moved(&name, self.instant_of(when));
        let mut nodes = why.nodes().to_vec();
        for node in &mut nodes {
            self.name_events(node, &engine, &name);
        }
        if let Some(arrival) = self.last_arrival(&engine, &name)
            && why.answer() != Answer::Yes
        {
            nodes.insert(0, self.got(&name, arrival).labelled("last:"));
        }
        Why::new(why.headline().clone(), why.answer(), nodes)
    }

    /// The event by which a Stage moved last.
    fn last_arrival(&self, engine: &Engine, stage: &StageName) -> Option<&Recorded> {
        let held = engine.world().stage(stage).ok()?.current()?.names().cloned().collect::<Vec<_>>();
        let arrivals = held.iter().filter_map(|freight| self.arrival(stage, freight, engine.position()));
        self.event(arrivals.max()?)
    }

    /// Says which event is behind a reason, and those below it.
    fn name_events(&self, node: &mut Node, engine: &Engine, stage: &StageName) {
        let up_to = engine.position();
        let position = match &node.reason {
            Reason::Paused { pause, .. } => self.index.paused(pause),
            Reason::Rejected { rejection, .. } => self.index.rejected(rejection),
            Reason::FailedBefore { promotion, .. } => self.index.ended(promotion),
            Reason::Occupied { promotion }
            | Reason::UnderWay { promotion, .. }
            | Reason::Queued { behind: promotion } => self.index.created(promotion),
            Reason::Held { promotion: Some(promotion), .. } => self.hold_of(promotion),
            Reason::Held { promotion: None, origin, .. } => self.index.held(stage, origin, up_to),
            Reason::ClockSuspect => self.index.suspected(up_to),
            Reason::Verifying { stage } => {
                let newest = engine.world().stage(stage).ok().and_then(StageView::current);
                let newest = newest.and_then(|held| held.verifications.first()?.id.clone());
                newest.and_then(|id| self.index.begun(&id))
            }
            _ => None,
        };
        node.event = position.filter(|position| *position <= up_to).and_then(|at| self.event(at)).map(Recorded::told);
        for below in &mut node.below {
            self.name_events(below, engine, stage);
        }
    }

    /// The event by which a promotion holds an origin: its end, if it has ended, else its beginning.
    fn hold_of(&self, promotion: &str) -> Option<Position> {
        let settled = self.index.settled_of(promotion);
        let holds = settled.and_then(|at| self.event(at)).is_some_and(
            |recorded| matches!(&recorded.event, Event::PromotionSettled { holds, .. } if !holds.is_empty()),
        );
        settled.filter(|_| holds).or_else(|| self.index.created(promotion))
    }
}
