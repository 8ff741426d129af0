//! Finding what makes no progress.

use super::{StallLimits, Standstill, Still, StillBecause};
use crate::{
    engine::{Engine, gauges::Looked, timers::Due},
    model::{Duration, Timestamp},
};

impl Engine {
    /// What has stood still for longer than it may, with the cause and the way out (users-ask 2.3: stuck work is what people
    /// complain of most). What waits by rule until a known instant is not among it; see [`standstills`](Self::standstills).
    ///
    /// Pure: nothing changes by asking. It looks at everything that is open and at every Stage and Warehouse, so it is asked
    /// now and then, not at every input. After a replay nothing counts as unanswered before it could have been answered.
    ///
    /// ```
    /// use kargo_core::{Engine, Genesis, engine::StallLimits};
    /// let engine = Engine::new(Genesis::new("shop", 7));
    /// assert_eq!(engine.stalls("2026-11-24T12:00:00Z".parse()?, &StallLimits::default()), []);
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn stalls(&self, now: Timestamp, limits: &StallLimits) -> Vec<Standstill> {
        let mut found = self.standstills(now, limits);
        found.retain(|standstill| standstill.stalled);
        found
    }

    /// All that makes no progress: what is stalled, and what waits, some of it by rule until a known instant, which is said.
    #[must_use]
    pub fn standstills(&self, now: Timestamp, limits: &StallLimits) -> Vec<Standstill> {
        let now = now.max(self.state.now);
        let mut find = Find { engine: self, now, limits, found: Vec::new() };
        find.project();
        find.warehouses();
        find.promotions();
        find.verifications();
        find.queues();
        find.stages();
        find.found
    }
}

/// What was found so far.
pub(super) struct Find<'e> {
    pub(super) engine: &'e Engine,
    pub(super) now: Timestamp,
    pub(super) limits: &'e StallLimits,
    pub(super) found: Vec<Standstill>,
}

impl Find<'_> {
    /// Whether something goes on for longer than it may.
    pub(super) fn is_over(&self, since: Timestamp, limit: Duration) -> bool {
        self.now.signed_duration_since(since) > limit.to_delta()
    }

    fn project(&mut self) {
        if let Some(since) = self.engine.state.suspect_since {
            let standstill = Standstill::new(Still::Project, since, StillBecause::ClockSuspect);
            let way = "somebody says that the clock is right".to_owned();
            self.found.push(standstill.stalled(true).way(way, Some("accept the clock".to_owned())));
        }
        // Nobody ticks an engine that is only read.
        if let (Some(due), Some(began)) = (self.engine.deadline(), self.engine.gauges.began()) {
            let due = due.max(began);
            if self.is_over(due, self.limits.late) {
                let standstill = Standstill::new(Still::Project, due, StillBecause::NotTicked);
                let way =
                    "call Engine::tick at the instant that Engine::deadline names, or look why the driver does not";
                self.found.push(standstill.stalled(true).way(way, None));
            }
        }
    }

    fn warehouses(&mut self) {
        for warehouse in self.engine.state.world.warehouses() {
            let name = crate::model::WarehouseName::from(warehouse.metadata.name.as_str());
            let Some(looked) = self.engine.gauges.looked(&Due::Warehouse(name.clone())) else { continue };
            let what = Still::Warehouse { warehouse: name.clone() };
            if let Some(standstill) = self.of_looks(what, looked) {
                let way = "look why: host, credential, network; freight that is known stays usable";
                self.found.push(standstill.way(way, Some(format!("refresh {name}"))));
            }
        }
    }

    /// Looks that are not answered, or fail. Fewer than may be so are no standstill.
    pub(super) fn of_looks(&self, what: Still, looked: &Looked) -> Option<Standstill> {
        let is_many = |count: u32| count >= self.limits.looks;
        if let Some(asked) = looked.asked
            && (is_many(looked.unanswered) || self.is_over(asked, self.limits.unanswered))
        {
            let because = StillBecause::LooksUnanswered { looks: looked.unanswered };
            return Some(Standstill::new(what, asked, because).stalled(true));
        }
        let since = looked.failing.filter(|_| is_many(looked.errors))?;
        let message = looked.problem.clone().unwrap_or_default();
        let because = StillBecause::LooksFail { errors: looked.errors, message };
        Some(Standstill::new(what, since, because).stalled(true))
    }
}
