//! Work that is owed to the world: what to do, under an id that stays the same however often it is done.

use std::ops::Deref;

use super::{Report, report::Reported};
use crate::{
    model::{DiscoveredArtifacts, Health, HealthCheckStep, PromotionName, WarehouseName},
    promotion::{Preparation, Prepared, StepRun},
    report::{EffectId, PortError, StepError, StepProgress},
    verification::{Asked, RunHandle, Verdict, VerifyRun},
    world::Place,
};

/// Work that is owed to the world.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The same for all attempts, looks and wake-ups, and across crashes: a key that deduplicates (rules 1).
    pub id: EffectId,
    /// What to do.
    pub kind: EffectKind,
}

/// What to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EffectKind {
    /// Resolve what a step refers to.
    Prepare(Prepare),
    /// Run an attempt of a step, or look after one that waits.
    RunStep(RunStep),
    /// Look which artifacts there are.
    Discover(Discover),
    /// Look how healthy a place is.
    ObserveHealth(ObserveHealth),
    /// Start, look after or stop the run of a verification.
    Verify(Verify),
}

/// References of a step to resolve.
#[derive(Clone, Debug)]
pub struct Prepare {
    /// The promotion.
    pub promotion: PromotionName,
    preparation: Box<Preparation>,
}

/// An attempt of a step.
#[derive(Clone, Debug)]
pub struct RunStep {
    /// The promotion.
    pub promotion: PromotionName,
    /// Look first what is there, and act only then: this attempt may have been begun before a crash, or what was being stopped in
    /// its lane may act still (rules 1 and 4).
    pub probe: bool,
    run: Box<StepRun>,
}

/// A look at a Warehouse's subscriptions.
#[derive(Clone, Debug)]
pub struct Discover {
    /// The Warehouse.
    pub warehouse: WarehouseName,
    id: EffectId,
}

/// A look at the health of a place.
#[derive(Clone, Debug)]
pub struct ObserveHealth {
    /// The place.
    pub place: Place,
    /// The checks, in order.
    pub checks: Vec<HealthCheckStep>,
    id: EffectId,
}

/// Something to do about the run of a verification.
#[derive(Clone, Debug)]
pub struct Verify {
    /// The place.
    pub place: Place,
    /// What to do.
    pub asked: Asked,
    /// By what the run is asked for.
    pub handle: RunHandle,
    /// The run to start, where it is to be started.
    pub run: Option<Box<VerifyRun>>,
    /// Which attempt to start it this is.
    pub(super) attempt: u32,
    id: EffectId,
}

impl Effect {
    pub(super) fn verify(
        place: Place,
        asked: Asked,
        handle: RunHandle,
        run: Option<VerifyRun>,
        attempt: u32,
        id: EffectId,
    ) -> Self {
        let verify = Verify { place, asked, handle, run: run.map(Box::new), attempt, id: id.clone() };
        Self { id, kind: EffectKind::Verify(verify) }
    }

    pub(super) fn prepare(promotion: PromotionName, preparation: Preparation) -> Self {
        let id = preparation.effect.clone();
        Self { id, kind: EffectKind::Prepare(Prepare { promotion, preparation: Box::new(preparation) }) }
    }

    pub(super) fn run(promotion: PromotionName, run: StepRun) -> Self {
        Self {
            id: run.effect.clone(),
            kind: EffectKind::RunStep(RunStep { promotion, probe: false, run: Box::new(run) }),
        }
    }

    /// The same, with a look first.
    pub(super) fn probing(mut self, probe: bool) -> Self {
        if let EffectKind::RunStep(run) = &mut self.kind {
            run.probe |= probe;
        }
        self
    }

    pub(super) fn discover(warehouse: WarehouseName, id: EffectId) -> Self {
        Self { id: id.clone(), kind: EffectKind::Discover(Discover { warehouse, id }) }
    }

    pub(super) fn observe(place: Place, checks: Vec<HealthCheckStep>, id: EffectId) -> Self {
        Self { id: id.clone(), kind: EffectKind::ObserveHealth(ObserveHealth { place, checks, id }) }
    }

    /// Whether it is a look, which is handed out when due and is not owed (rules 1).
    #[must_use]
    pub fn is_look(&self) -> bool {
        match &self.kind {
            EffectKind::Discover(_) | EffectKind::ObserveHealth(_) => true,
            EffectKind::Verify(verify) => verify.asked == Asked::Look,
            EffectKind::Prepare(_) | EffectKind::RunStep(_) => false,
        }
    }

    /// What to report where no tool is there for it: the step ends Errored with that reason, a look fails.
    #[must_use]
    pub fn unsupported(&self, why: impl Into<String>) -> Report {
        let why = why.into();
        match &self.kind {
            EffectKind::Prepare(prepare) => prepare.report(Prepared::Misconfigure { message: why }),
            EffectKind::RunStep(run) => run.report(Err(StepError::terminal(why))),
            EffectKind::Discover(discover) => discover.report(Err(PortError::unsupported(why))),
            EffectKind::ObserveHealth(observe) => observe.report(Err(PortError::unsupported(why))),
            EffectKind::Verify(verify) => verify.report(Err(PortError::unsupported(why))),
        }
    }
}

impl Prepare {
    /// What came of it.
    #[must_use]
    pub fn report(&self, prepared: Prepared) -> Report {
        let step = self.preparation.step;
        Report::new(
            Some(self.preparation.effect.clone()),
            Reported::Prepared { promotion: self.promotion.clone(), step, prepared },
        )
    }
}

impl Deref for Prepare {
    type Target = Preparation;

    fn deref(&self) -> &Preparation {
        &self.preparation
    }
}

impl RunStep {
    /// What the step answered.
    #[must_use]
    pub fn report(&self, answer: Result<StepProgress, StepError>) -> Report {
        let report = Box::new(crate::report::StepReport::of(answer));
        let (promotion, step, attempt) = (self.promotion.clone(), self.run.step, self.run.attempt);
        Report::new(Some(self.run.effect.clone()), Reported::Returned { promotion, step, attempt, report })
    }

    /// That it is about to begin, where nobody may repeat it (rules 1): append what follows before it begins, and do not begin it if
    /// nothing does. See [`Engine::tells_starts`](super::Engine::tells_starts).
    #[must_use]
    pub fn started(&self) -> Report {
        let (promotion, step, attempt) = (self.promotion.clone(), self.run.step, self.run.attempt);
        Report::new(Some(self.run.effect.clone()), Reported::Started { promotion, step, attempt })
    }

    /// That it could not begin, for its work tree is gone; the newest checkpoint is the one after this step. It is handed out
    /// again once the tree is written anew (rules 14).
    #[must_use]
    pub fn tree_lost(&self, checkpoint: Option<usize>) -> Report {
        let promotion = self.promotion.clone();
        Report::new(Some(self.run.effect.clone()), Reported::TreeLost { promotion, checkpoint })
    }

    /// That it was stopped before it ended, after the engine asked for that.
    #[must_use]
    pub fn stopped(&self) -> Report {
        let (promotion, step) = (self.promotion.clone(), self.run.step);
        Report::new(Some(self.run.effect.clone()), Reported::Stopped { promotion, step })
    }
}

impl Deref for RunStep {
    type Target = StepRun;

    fn deref(&self) -> &StepRun {
        &self.run
    }
}

impl Discover {
    /// What was found.
    #[must_use]
    pub fn report(&self, found: Result<DiscoveredArtifacts, PortError>) -> Report {
        let warehouse = self.warehouse.clone();
        Report::new(Some(self.id.clone()), Reported::Discovered { warehouse, found: Box::new(found) })
    }
}

impl Verify {
    /// What came of it.
    #[must_use]
    pub fn report(&self, answer: Result<Verdict, PortError>) -> Report {
        let (id, asked) = (std::sync::Arc::clone(&self.handle.id), self.asked);
        Report::new(Some(self.id.clone()), Reported::Verdict { id, asked, answer: Box::new(answer) })
    }
}

impl ObserveHealth {
    /// What was seen.
    #[must_use]
    pub fn report(&self, health: Result<Health, PortError>) -> Report {
        let place = self.place.clone();
        Report::new(Some(self.id.clone()), Reported::Health { place, health: Box::new(health) })
    }
}
