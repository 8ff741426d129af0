//! Queues, and Stages as a whole, that make no progress.

use super::{Standstill, Still, StillBecause, find::Find};
use crate::{
    eligible::{Availability, availability},
    engine::{settle::has_succeeded, timers::Due},
    model::{FreightRequest, HealthState, StageName, Timestamp},
    policy::{self, NextTurn, Wish},
    why::Reason,
    world::{Mark, PromotionView, StageView},
};

impl Find<'_> {
    pub(super) fn queues(&mut self) {
        let world = &self.engine.state.world;
        for stage in world.stages() {
            if stage.open_promotions().next().is_none() {
                continue;
            }
            let NextTurn::Wait { promotion, reason, until } = policy::next_turn(stage, self.judged()) else { continue };
            let since = world.promotion(&promotion).ok().and_then(PromotionView::created_at).unwrap_or(self.now);
            let what = Still::Promotion { promotion: promotion.clone(), stage: stage.name().into() };
            let standstill = match reason {
                Reason::Occupied { promotion: other } => {
                    let roots: Vec<_> = self.found.iter().filter(|found| is_of(&found.what, &other)).collect();
                    // Where all that it is behind ends at a known instant, so does its turn come.
                    let until = roots.iter().map(|root| root.until).min().flatten();
                    let root = roots.iter().any(|root| root.stalled);
                    let is_long = until.is_none() && self.is_over(since, self.limits.queued);
                    let because = StillBecause::Behind { promotion: other.clone() };
                    let standstill = Standstill::new(what, since, because).until(until).stalled(root || is_long);
                    let abort = Some(format!("abort {other}"));
                    if root || is_long {
                        standstill.way(format!("{other} ends, or is aborted"), abort)
                    } else {
                        standstill
                    }
                }
                Reason::Verifying { .. } => {
                    let is_here =
                        |still: &Still| matches!(still, Still::Verification { stage: of, .. } if **of == *stage.name());
                    let root = self.found.iter().any(|found| is_here(&found.what) && found.stalled);
                    let standstill = Standstill::new(what, since, StillBecause::Rule { reason }).stalled(root);
                    let stop = Some(format!("abort the verification in {}", stage.name()));
                    if root { standstill.way("the verification ends, or somebody stops it", stop) } else { standstill }
                }
                // What the clock and health have to do with it is said of the project and of the Stage.
                Reason::ClockSuspect | Reason::NotVerifiedYet { .. } => {
                    Standstill::new(what, since, StillBecause::Rule { reason })
                }
                reason => self.decided(what, since, reason, until),
            };
            self.found.push(standstill);
        }
    }

    pub(super) fn stages(&mut self) {
        let world = &self.engine.state.world;
        for stage in world.stages().filter(|stage| !stage.noun().is_control_flow()) {
            let health = self.health(stage);
            self.found.extend(health);
            for wish in policy::automation(stage, self.judged()) {
                let found = self.wish(stage, &wish);
                self.found.extend(found);
            }
        }
    }

    /// What keeps what the Stage holds from being verified.
    fn health(&self, stage: StageView<'_>) -> Option<Standstill> {
        let what = || Still::Stage { stage: stage.name().into() };
        let looked = self.engine.gauges.looked(&Due::Health(stage.name().into()));
        if stage.current_promotion().is_none()
            && let Some(found) = looked.and_then(|looked| self.of_looks(what(), looked))
        {
            return Some(found.way("look whether the health of its workload can be asked for", None));
        }
        let held = stage.current()?;
        let status = stage.health().and_then(|health| health.status.clone());
        let is_open = stage.current_promotion().is_none() && has_succeeded(stage) && held.verifications.is_empty();
        if !is_open || status == Some(HealthState::Healthy) {
            return None;
        }
        let since = stage.last_promotion()?.finished_at?;
        let issues = stage.health().map(|health| health.issues.clone()).unwrap_or_default();
        let stalled = self.is_over(since, self.limits.unhealthy);
        let standstill = Standstill::new(what(), since, StillBecause::NotHealthy { health: status, issues });
        let standstill = standstill.stalled(stalled);
        Some(if stalled {
            let name = stage.name();
            let standstill = standstill.way("the workload becomes healthy: then it is verified by itself", None);
            standstill.way("or go back", Some(format!("roll {name} back")))
        } else {
            standstill
        })
    }

    /// What keeps automation from what it would take.
    fn wish(&self, stage: StageView<'_>, wish: &Wish<'_>) -> Option<Standstill> {
        let what = Still::Stage { stage: stage.name().into() };
        let reason = wish.blocked.clone()?;
        // It could have moved since there is what it would take.
        let came = wish.candidate.and_then(|freight| freight.age().at).unwrap_or(self.now).min(self.now);
        let world = &self.engine.state.world;
        match &reason {
            Reason::FailedBefore { promotion, .. } => {
                let since = world.promotion(promotion).ok()?.noun().status.finished_at?;
                let stalled = self.is_over(since, self.limits.failed);
                let standstill = Standstill::new(what, since, StillBecause::Rule { reason }).stalled(stalled);
                let called = wish.candidate.map(|freight| freight.called().to_owned()).unwrap_or_default();
                let again = Some(format!("promote {called} to {}", stage.name()));
                let standstill = standstill.way("promote it by hand once the cause is gone", again);
                Some(standstill.way("or newer freight comes", None))
            }
            Reason::Held { origin, since, .. } => {
                let since = (*since)?;
                let origin = origin.clone();
                let found = self.decided(what, since, reason, None);
                let release = Some(format!("release {origin} in {}", stage.name()));
                Some(if found.stalled { found.way("somebody releases it", release) } else { found })
            }
            Reason::SoakGuard { until, .. } => {
                let until = *until;
                Some(self.decided(what, came, reason, until))
            }
            Reason::Sampled { next } => {
                let until = Some(*next);
                Some(self.decided(what, came, reason, until))
            }
            Reason::Paused { until, .. } => {
                let until = *until;
                Some(self.decided(what, came, reason, until))
            }
            Reason::WindowClosed { opens, .. } => {
                let until = *opens;
                Some(self.decided(what, came, reason, until))
            }
            Reason::NothingEligible { origin } => {
                let request = stage.requests().find(|request| request.origin == *origin)?;
                let until = self.soaks_until(stage, request)?;
                Some(self.decided(what, self.now, reason, Some(until)))
            }
            _ => None,
        }
    }

    /// The first end of a soak of what is on its way to the Stage.
    fn soaks_until(&self, stage: StageView<'_>, request: &FreightRequest) -> Option<Timestamp> {
        let upstream = |name: &StageName| stage.world().freight_marked(Mark::Current, name, &request.origin, None);
        let freight = request.sources.stages.iter().flat_map(upstream);
        let at = |freight| match availability(stage, freight, self.judged()) {
            Availability::At(at) => Some(at),
            Availability::Now | Availability::ByFact => None,
        };
        freight.filter_map(at).min()
    }

    /// What somebody decided, or a rule does: by rule where its end is known.
    fn decided(&self, what: Still, since: Timestamp, reason: Reason, until: Option<Timestamp>) -> Standstill {
        let stalled = until.is_none() && self.is_over(since, self.limits.decided);
        let standstill = Standstill::new(what, since, StillBecause::Rule { reason }).until(until).stalled(stalled);
        if stalled { standstill.way("somebody decides anew", None) } else { standstill }
    }

    /// The instant by which rules judge.
    fn judged(&self) -> Timestamp {
        self.engine.state.judged_at(self.now)
    }
}

fn is_of(still: &Still, promotion: &str) -> bool {
    match still {
        Still::Promotion { promotion: of, .. } | Still::Step { promotion: of, .. } => **of == *promotion,
        _ => false,
    }
}
