//! What follows by itself for a Stage or a Warehouse that was touched: health, verification, the queue, automation.

use chrono::SubsecRound as _;

use super::{
    Event,
    apply::{Touched, whole_seconds},
    draft::{Cause, Draft},
    event::Dropped,
};
use crate::{
    admit::is_paused,
    eligible::is_eligible,
    freight::{
        creation::{Creation, Decision, Stock},
        ulid_at,
    },
    model::{Freight, FreightName, Health, HealthState, Noun as _, Promotion, PromotionName, StageName},
    policy::{NextTurn, automation, next_turn, rollback, superseded, tidy_holds, wakes_of, withdrawn},
    promotion::{End, Input, Phase, PhaseEvent, Proposal, Run, RunEvent, propose},
    why::{Reason, Why},
    world::{FreightView, Place, PlaceState, StageView, World},
};

/// More steps than this for one Stage at once are a circle: the batch ends, and time goes on.
const MOST_STEPS: usize = 1_000;

impl Draft<'_> {
    /// Everything that follows for a Stage, to the end.
    pub(super) fn settle_stage(&mut self, name: &StageName, mut cause: Cause) {
        for _ in 0..MOST_STEPS {
            let Ok(stage) = self.state.world.stage(name) else { return };
            if stage.noun().is_control_flow() {
                match self.settle_queue(name, cause).or_else(|| self.clear(name, cause)) {
                    Some(next) => cause = Some(next),
                    None => return self.pass_all(name, cause),
                }
                continue;
            }
            let next = self
                .settle_holds(name, cause)
                .or_else(|| self.settle_health(name, cause))
                .or_else(|| self.settle_verification(name, cause))
                .or_else(|| self.settle_queue(name, cause))
                .or_else(|| self.settle_rollback(name, cause))
                .or_else(|| self.settle_automation(name, cause));
            // What follows next follows from this.
            match next {
                Some(_) => cause = next,
                None => return,
            }
        }
        self.leave(Touched::Stage(name.clone()));
    }

    /// Nothing is in a Stage that has no steps any more, once nothing is promoted there (resources 19.5).
    fn clear(&mut self, name: &StageName, cause: Cause) -> Cause {
        let stage = self.state.world.stage(name).ok()?;
        let state = stage.state()?;
        let is_empty = PlaceState { metadata: state.metadata.clone(), ..PlaceState::default() } == *state;
        if is_empty || stage.open_promotions().next().is_some() {
            return None;
        }
        let cause = self.stop_verifications(name, "", "its Stage has no steps any more", cause);
        self.push_after(cause, Event::PlaceCleared { place: Place::stage(name.clone()) })
    }

    /// Holds end where automation is off, and on origins that are not requested any more (control 13, invariants 28 and 29).
    fn settle_holds(&mut self, name: &StageName, cause: Cause) -> Cause {
        let stage = self.state.world.stage(name).ok()?;
        let state = stage.state().filter(|state| !state.holds.is_empty())?;
        let mut kept = state.clone();
        tidy_holds(stage, &mut kept);
        let gone = state.holds.iter().find(|hold| kept.hold(&hold.origin).is_none())?;
        let (place, origin) = (Place::stage(name.clone()), gone.origin.clone());
        self.push_after(cause, Event::HoldReleased { place, origin })
    }

    /// What follows for a Stage because of one piece of freight.
    pub(super) fn settle_arrival(&mut self, name: &StageName, freight: &FreightName, cause: Cause) {
        let Ok(stage) = self.state.world.stage(name) else { return };
        if stage.noun().is_control_flow() {
            let passes = self.state.world.freight_named(freight).is_some_and(|freight| {
                is_eligible(stage, freight, self.judged_at())
                    && freight.visit(name).and_then(|visit| visit.verified()).is_none()
            });
            if passes {
                self.push_after(cause, Event::Verified { stage: name.clone(), freight: vec![freight.clone()] });
            }
            return;
        }
        self.settle_stage(name, cause);
    }

    /// All freight that a Stage without steps may have and has not verified passes through it (control 1.6).
    fn pass_all(&mut self, name: &StageName, cause: Cause) {
        let now = self.judged_at();
        let Ok(stage) = self.state.world.stage(name) else { return };
        let is_new = |freight: &FreightView<'_>| freight.visit(name).and_then(|visit| visit.verified()).is_none();
        let mut passing = Vec::new();
        for request in stage.requests() {
            let eligible = crate::eligible::list(stage, &request.origin, None, now).filter(is_new);
            passing.extend(eligible.map(|freight| freight.name().clone()));
        }
        if !passing.is_empty() {
            self.push_after(cause, Event::Verified { stage: name.clone(), freight: passing });
        }
    }

    /// Without checks a Stage is healthy as soon as its last promotion succeeded (control 4.2).
    fn settle_health(&mut self, name: &StageName, cause: Cause) -> Cause {
        let Ok(stage) = self.state.world.stage(name) else { return None };
        let is_open = stage.health().is_none() && stage.current_promotion().is_none() && has_succeeded(stage);
        let status = stage.last_promotion().and_then(|last| last.status.as_ref());
        if !is_open || status.is_some_and(|status| !status.health_checks.is_empty()) {
            return None;
        }
        let health = Health { status: Some(HealthState::Healthy), ..Health::default() };
        self.push_after(cause, Event::HealthChanged { place: Place::stage(name.clone()), health: Box::new(health) })
    }

    /// The next promotion of the queue gets its turn, or ends because it cannot have one any more.
    fn settle_queue(&mut self, name: &StageName, cause: Cause) -> Cause {
        self.turn = NextTurn::Nothing;
        let stage = self.state.world.stage(name).ok()?;
        if let Some(old) = superseded(stage).first() {
            let old = PromotionName::from(old.name());
            return self.drop_superseded(&old, cause);
        }
        if let Some((promotion, why)) = withdrawn(stage, self.judged_at()) {
            return self.refuse(&promotion, &why, cause);
        }
        match next_turn(stage, self.judged_at()) {
            turn @ (NextTurn::Nothing | NextTurn::Wait { .. }) => {
                let way = match &turn {
                    NextTurn::Wait { promotion, reason: Reason::Occupied { promotion: current }, .. } => {
                        self.make_way(promotion, current, cause)
                    }
                    _ => None,
                };
                self.turn = turn;
                way
            }
            NextTurn::Start { promotion, supersedes_verification } => {
                let mut cause = cause;
                if supersedes_verification {
                    cause = self.supersede_verification(name, &promotion, cause).or(cause);
                }
                let place = Place::stage(name.clone());
                let current = self.push_after(cause, Event::PromotionCurrent { place, promotion: promotion.clone() });
                self.drive(&promotion, &Input::Begin, current)
            }
            NextTurn::Refuse { promotion, why } => self.refuse(&promotion, &why, cause),
        }
    }

    /// A way back that had to wait, since its Stage was paused, does not wait for what is under way there once it may begin
    /// (requirements B9; rules 4).
    fn make_way(&mut self, next: &PromotionName, current: &PromotionName, cause: Cause) -> Cause {
        let next = self.state.world.promotion(next).ok()?;
        let there = self.state.world.promotion(current).ok()?;
        let may_begin = !is_paused(next.stage().ok()?, self.judged_at());
        if !may_begin || !next.is_rollback() || there.is_rollback() {
            return None;
        }
        let actor = next.actor().unwrap_or_default().to_owned();
        self.drive(current, &Input::Abort { actor }, cause)
    }

    /// A queued promotion cannot start any more: a person's ends Errored, automation's is withdrawn (rules 7, trap 12).
    fn refuse(&mut self, name: &PromotionName, why: &Why, cause: Cause) -> Cause {
        let Ok(view) = self.state.world.promotion(name) else { return None };
        let message: Vec<_> = why.obstacles().map(ToString::to_string).collect();
        let message = Some(format!("it cannot start any more: {}", message.join("; ")));
        let promotion = name.clone();
        let (end, cause) = if view.is_automatic() && !view.is_rollback() {
            (End::Aborted, self.push_after(cause, Event::PromotionDropped { promotion, reason: Dropped::Withdrawn }))
        } else {
            // Its start is what failed: what never ran can only have been stopped (control 13, invariant 6).
            let reason = Dropped::Refused;
            let dropped = self.push_after(cause, Event::PromotionDropped { promotion: promotion.clone(), reason });
            let happened = RunEvent::Phase(PhaseEvent::Begin { at: self.now, collection: None });
            (End::Errored, self.push_after(dropped, Event::Promotion { promotion, happened }))
        };
        self.end(name, end, message, cause)
    }

    /// Ends a promotion that has not begun.
    fn end(&mut self, name: &PromotionName, end: End, message: Option<String>, cause: Cause) -> Cause {
        let happened = RunEvent::Phase(PhaseEvent::End { end, at: self.now, message });
        let ended = self.push_after(cause, Event::Promotion { promotion: name.clone(), happened });
        self.settled(name, ended)
    }

    /// A Stage goes back by itself after what its policy names; that and its hold are one event (requirements B7).
    fn settle_rollback(&mut self, name: &StageName, cause: Cause) -> Cause {
        let stage = self.state.world.stage(name).ok()?;
        let back = rollback(stage, self.judged_at()).filter(|back| back.blocked.is_none())?;
        let promotion = self.propose(name, |ulid| back.proposal(stage, ulid)).ok()?;
        self.create(promotion, cause).1
    }

    /// Automation promotes what it may, one after the other (control 2.3).
    fn settle_automation(&mut self, name: &StageName, cause: Cause) -> Cause {
        let Ok(stage) = self.state.world.stage(name) else { return None };
        let wishes = automation(stage, self.judged_at());
        let wanted = wishes.iter().filter(|wish| wish.blocked.is_none()).find_map(|wish| wish.candidate);
        let freight = wanted.map(FreightView::name);
        let proposal = |freight| self.propose(name, |ulid| Proposal::new(name.clone(), [freight], ulid)).ok();
        let Some(promotion) = freight.and_then(proposal) else {
            // Nothing is left to follow: the others found nothing either.
            let wakes = wakes_of(stage, self.judged_at(), &self.turn, &wishes);
            self.settled.insert(name.clone(), wakes);
            return None;
        };
        let (_, created) = self.create(promotion, cause);
        created
    }

    /// A queued promotion of automation that a later one replaces ends (rules 7).
    fn drop_superseded(&mut self, old: &PromotionName, cause: Cause) -> Cause {
        let reason = Dropped::Superseded;
        let dropped = self.push_after(cause, Event::PromotionDropped { promotion: old.clone(), reason });
        let message = Some("a later promotion covers the same".to_owned());
        self.end(old, End::Aborted, message, dropped)
    }

    /// A promotion with a name of its own, which is in no world yet.
    pub(super) fn propose(
        &self,
        stage: &StageName,
        proposal: impl FnOnce(ulid::Ulid) -> Proposal,
    ) -> Result<Promotion, crate::promotion::ProposeError> {
        let counter = self.state.made_for.get(stage).copied().unwrap_or_default();
        let bits = self.state.genesis.bits("promotion", stage, counter);
        let newest = self.state.world.stage(stage).ok().and_then(|stage| stage.promotions().next_back());
        let previous = newest.and_then(|newest| ulid_of(newest.name()));
        let ulid = ulid_at(self.now, bits, previous);
        let mut promotion = propose(&self.state.world, &proposal(ulid), self.judged_at())?;
        promotion.metadata.creation_timestamp = Some(whole_seconds(self.now));
        // What it is made of is normal already, and so is what is added.
        Ok(promotion)
    }

    /// A promotion is made and queued.
    pub(super) fn create(&mut self, promotion: Promotion, cause: Cause) -> (PromotionName, Cause) {
        let name = PromotionName::from(promotion.name());
        let number = self.state.made.saturating_add(1);
        let created = Event::PromotionCreated { promotion: Box::new(promotion), number };
        (name, self.push_after(cause, created))
    }

    /// An input of a promotion, and all that follows from it for it.
    pub(super) fn drive(&mut self, name: &PromotionName, input: &Input, cause: Cause) -> Cause {
        let run = self.state.runs.get(name).cloned()?;
        let view = self.state.world.promotion(name).ok()?;
        let scene = match crate::promotion::Scene::new(view, "") {
            Ok(scene) => scene,
            Err(problem) => return self.give_up(name, &run, &problem.to_string(), cause),
        };
        let mut last = cause;
        let decided = crate::promotion::decide(&run, &scene, self.now, input);
        // So that what happens changes the run itself, and not a copy.
        drop(run);
        for happened in decided {
            let ends = matches!(happened, RunEvent::Phase(PhaseEvent::End { .. }));
            let opens = happened.clone();
            last = self.push_after(last, Event::Promotion { promotion: name.clone(), happened });
            last = self.count_as_started(name, &opens, last);
            if ends {
                last = self.settled(name, last);
            }
        }
        last
    }

    /// Nothing about a promotion can be decided: its Target cannot be read.
    fn give_up(&mut self, name: &PromotionName, run: &Run, problem: &str, cause: Cause) -> Cause {
        let mut last = cause;
        if run.phase() == Phase::Pending {
            let happened = RunEvent::Phase(PhaseEvent::Begin { at: self.now, collection: None });
            last = self.push_after(last, Event::Promotion { promotion: name.clone(), happened });
        }
        if run.phase().is_over() {
            return last;
        }
        self.end(name, End::Errored, Some(problem.to_owned()), last)
    }

    /// The place takes over what an ended promotion leaves.
    pub(super) fn settled(&mut self, name: &PromotionName, cause: Cause) -> Cause {
        let Ok(promotion) = self.state.world.promotion(name) else { return cause };
        let Ok(stage) = promotion.stage() else { return cause };
        let place = Place { stage: stage.name().into(), target: promotion.noun().spec.target.clone() };
        let before = stage.state().map(|state| state.holds.as_slice()).unwrap_or_default();
        let after = crate::policy::holds_after(stage, promotion);
        let established = after.iter().filter(|hold| !before.contains(hold));
        let holds: Vec<_> = established.map(|hold| hold.origin.clone()).collect();
        let gone = before.iter().filter(|hold| after.iter().all(|other| other.origin != hold.origin));
        let released = gone.map(|hold| hold.origin.clone()).collect();
        let succeeded = *promotion.phase() == crate::model::PromotionPhase::Succeeded;
        let holds_freight = succeeded.then(|| crate::policy::held_after(stage, promotion));
        let event = Event::PromotionSettled { place, promotion: name.clone(), holds, released, holds_freight };
        self.push_after(cause, event)
    }

    /// New artifacts of a Warehouse become freight, if it makes freight by itself (control 0; resources 20.7).
    pub(super) fn settle_warehouse(&mut self, name: &str, cause: Cause) {
        let Ok(warehouse) = self.state.world.warehouse(name) else { return };
        let policy = self.state.world.warehouse_policy(name).map(|policy| &policy.spec);
        let found = warehouse.status.discovered_artifacts.as_ref();
        let bits = self.state.genesis.bits("alias", name, 0).to_be_bytes();
        let creation = Creation::new(warehouse, policy);
        if let Decision::Create(created) = creation.decide(found, &self.state.world, &bits, self.now) {
            let found_at = created.freight.discovered_at.unwrap_or(self.now).trunc_subsecs(3);
            let freight = Box::new(in_whole_seconds(created.freight));
            self.push_after(cause, Event::FreightCreated { freight, found_at });
        }
    }
}

/// Freight that was made of recorded artifacts, as its manifest has it.
fn in_whole_seconds(mut freight: Freight) -> Freight {
    freight.discovered_at = freight.discovered_at.map(whole_seconds);
    freight.metadata.creation_timestamp = freight.metadata.creation_timestamp.map(whole_seconds);
    freight
}

/// Whether the promotion that ended last in a Stage succeeded.
pub(super) fn has_succeeded(stage: StageView<'_>) -> bool {
    let status = stage.last_promotion().and_then(|last| last.status.as_ref());
    status.and_then(|status| status.phase.as_ref()) == Some(&crate::model::PromotionPhase::Succeeded)
}

/// The ULID in the name of a promotion.
fn ulid_of(name: &str) -> Option<ulid::Ulid> {
    let mut parts = name.rsplit('.');
    parts.next()?;
    ulid::Ulid::from_string(&parts.next()?.to_uppercase()).ok()
}

impl Stock for World {
    fn has(&self, name: &FreightName) -> bool {
        self.freight_named(name).is_some()
    }

    fn has_alias(&self, alias: &str) -> bool {
        self.has_freight_called(alias)
    }
}
