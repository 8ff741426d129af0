//! Promoting: one piece of freight, several of different origins, the newest of an origin, or what another Stage holds.

use super::Asked;
use crate::model::{FreightRef, Origin, StageName};

/// Promote freight to a Stage, as one promotion.
///
/// ```
/// use kargo_core::{Origin, command::Promote};
/// let one = Promote::to("prod").freight("modest-marlin").by("email:ana@acme.example");
/// let newest = Promote::to("prod").newest(Origin::warehouse("cart"));
/// let all = Promote::to("prod").all_of("uat");
/// # let _ = (one, newest, all);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promote {
    pub(super) asked: Asked,
    stage: StageName,
    what: Vec<What>,
    rollback: bool,
}

/// What is promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// This freight, by alias, id, or the beginning of an id.
    Freight(FreightRef),
    /// The freight that automation would take of this origin, whether or not it is on (control 2.4).
    Newest(Origin),
    /// All that this Stage holds, of origins that are requested.
    HeldBy(StageName),
}

impl Promote {
    /// To this Stage.
    #[must_use]
    pub fn to(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: stage.into(), what: Vec::new(), rollback: false }
    }

    /// This freight; said again, freight of another origin in the same promotion.
    #[must_use]
    pub fn freight(mut self, freight: impl Into<FreightRef>) -> Self {
        self.what.push(What::Freight(freight.into()));
        self
    }

    /// The newest freight of an origin that the Stage may have.
    #[must_use]
    pub fn newest(mut self, origin: Origin) -> Self {
        self.what.push(What::Newest(origin));
        self
    }

    /// All that another Stage holds.
    #[must_use]
    pub fn all_of(mut self, stage: impl Into<StageName>) -> Self {
        self.what.push(What::HeldBy(stage.into()));
        self
    }

    /// As a way back: before everything else in the queue, and past what is being verified (rules 7).
    #[must_use]
    pub fn rollback(self) -> Self {
        Self { rollback: true, ..self }
    }

    /// Where to.
    #[must_use]
    pub fn stage(&self) -> &StageName {
        &self.stage
    }

    /// What.
    #[must_use]
    pub fn what(&self) -> &[What] {
        &self.what
    }

    /// Whether it is a way back.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.rollback
    }
}
