//! What the world says to an engine.

use std::sync::Arc;

use crate::{
    model::{DiscoveredArtifacts, Health, PromotionName, WarehouseName},
    promotion::Prepared,
    report::{EffectId, PortError, Signal, StepReport, WakeKey},
    verification::{Asked, Verdict},
    world::Place,
};

/// Something that the world says. It cannot be refused: said twice or too late, it changes nothing, or is noted.
///
/// ```
/// use kargo_core::{Report, report::WakeKey};
/// let merged = Report::signal(WakeKey::pull_request("https://github.com/acme/env", 812));
/// # let _ = merged;
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) effect: Option<EffectId>,
    /// What brought it about, if more than the clock.
    pub(super) because: Option<String>,
    pub(super) said: Reported,
}

/// What is said.
#[derive(Clone, Debug)]
pub(super) enum Reported {
    Prepared { promotion: PromotionName, step: usize, prepared: Prepared },
    Returned { promotion: PromotionName, step: usize, attempt: u32, report: Box<StepReport> },
    Stopped { promotion: PromotionName, step: usize },
    TreeLost { promotion: PromotionName, checkpoint: Option<usize> },
    Discovered { warehouse: WarehouseName, found: Box<Result<DiscoveredArtifacts, PortError>> },
    Health { place: Place, health: Box<Result<Health, PortError>> },
    Verdict { id: Arc<str>, asked: Asked, answer: Box<Result<Verdict, PortError>> },
    Signal(Signal),
    ClockSuspect,
}

impl Report {
    pub(super) fn new(effect: Option<EffectId>, said: Reported) -> Self {
        Self { effect, because: None, said }
    }

    /// What brought it about, such as `webhook from ghcr`: it stays in the log, and [`History::why`](crate::History::why)
    /// says it.
    ///
    /// ```
    /// use kargo_core::{Report, report::WakeKey};
    /// let merged = WakeKey::pull_request("https://github.com/acme/env", 812);
    /// # let _ =
    /// Report::signal(merged).because("webhook from github");
    /// ```
    #[must_use]
    pub fn because(self, what: impl Into<String>) -> Self {
        Self { because: Some(what.into()), ..self }
    }

    /// Something that may be waited for has changed, as of no known version.
    #[must_use]
    pub fn signal(key: WakeKey) -> Self {
        Self::of_signal(Signal::of(key))
    }

    /// Something that may be waited for has changed.
    #[must_use]
    pub fn of_signal(signal: Signal) -> Self {
        Self::new(None, Reported::Signal(signal))
    }

    /// A look at a Warehouse that nobody asked for found this.
    #[must_use]
    pub fn discovered(warehouse: impl Into<WarehouseName>, found: DiscoveredArtifacts) -> Self {
        Self::new(None, Reported::Discovered { warehouse: warehouse.into(), found: Box::new(Ok(found)) })
    }

    /// A place is as healthy as this.
    #[must_use]
    pub fn health(place: Place, health: Health) -> Self {
        Self::new(None, Reported::Health { place, health: Box::new(Ok(health)) })
    }

    /// The run of a verification is so far, told without having been asked.
    #[must_use]
    pub fn verdict(verification: &str, verdict: Verdict) -> Self {
        let said = Reported::Verdict { id: verification.into(), asked: Asked::Look, answer: Box::new(Ok(verdict)) };
        Self::new(None, said)
    }

    /// The work tree of a promotion is gone; the newest checkpoint is the one after this step (rules 14).
    #[must_use]
    pub fn tree_lost(promotion: impl Into<PromotionName>, checkpoint: Option<usize>) -> Self {
        Self::new(None, Reported::TreeLost { promotion: promotion.into(), checkpoint })
    }

    /// Wall time and running time disagree (rules 5).
    #[must_use]
    pub fn clock_suspect() -> Self {
        Self::new(None, Reported::ClockSuspect)
    }

    /// What it is about, in a word.
    pub(super) fn word(&self) -> &'static str {
        match &self.said {
            Reported::Prepared { .. } => "Prepared",
            Reported::Returned { .. } => "Returned",
            Reported::Stopped { .. } => "Stopped",
            Reported::TreeLost { .. } => "TreeLost",
            Reported::Discovered { .. } => "Discovered",
            Reported::Health { .. } => "Health",
            Reported::Verdict { .. } => "Verdict",
            Reported::Signal(_) => "Signal",
            Reported::ClockSuspect => "ClockSuspect",
        }
    }
}
