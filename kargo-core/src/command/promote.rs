//! Promoting: one piece of freight, several of different origins, the newest of an origin, or what another Stage holds; to one
//! Stage or to all that follow on one; and the way back.

use super::Asked;
use crate::model::{FreightRef, Origin, StageName};

/// Promote freight, to one Stage or to all that take freight from a Stage. Of each Stage it is one promotion, unless
/// [`each`](Self::each) asks for one for each piece of freight. All of it is accepted, or nothing is done.
///
/// ```
/// use kargo_core::{Origin, command::Promote};
/// let one = Promote::to("prod").freight("modest-marlin").by("email:ana@acme.example");
/// let newest = Promote::to("prod").newest(Origin::warehouse("cart"));
/// let all = Promote::to("prod").all_of("uat");
/// let on = Promote::from("uat").everywhere();
/// let on_one = Promote::from("uat").everywhere().freight("modest-marlin");
/// # let _ = (one, newest, all, on, on_one);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promote {
    pub(super) asked: Asked,
    to: To,
    what: Vec<What>,
    rollback: bool,
    each: bool,
}

/// Where something is promoted to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum To {
    /// To this Stage.
    Stage(StageName),
    /// To every Stage with steps that takes such freight from this one (control 8.2).
    DownstreamOf(StageName),
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

/// A promotion that begins with where freight comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "say where to"]
pub struct PromoteFrom(StageName);

impl PromoteFrom {
    /// To every Stage with steps that takes freight from there: all that it holds, unless freight is named.
    #[must_use]
    pub fn everywhere(self) -> Promote {
        Promote { to: To::DownstreamOf(self.0), ..Promote::to("") }
    }

    /// All that it holds, to this Stage.
    #[must_use]
    pub fn to(self, stage: impl Into<StageName>) -> Promote {
        Promote::to(stage).all_of(self.0)
    }
}

impl Promote {
    /// To this Stage.
    #[must_use]
    pub fn to(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), to: To::Stage(stage.into()), what: Vec::new(), rollback: false, each: false }
    }

    /// From this Stage, to one or to all that take freight from it.
    pub fn from(stage: impl Into<StageName>) -> PromoteFrom {
        PromoteFrom(stage.into())
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

    /// As a promotion for each piece of freight, one after the other.
    #[must_use]
    pub fn each(self) -> Self {
        Self { each: true, ..self }
    }

    /// As a way back: before everything else in the queue, and past what is being verified (rules 7).
    #[must_use]
    pub fn rollback(self) -> Self {
        Self { rollback: true, ..self }
    }

    /// Where to.
    #[must_use]
    pub fn destination(&self) -> &To {
        &self.to
    }

    /// What.
    #[must_use]
    pub fn what(&self) -> &[What] {
        &self.what
    }

    /// Whether each piece of freight has a promotion of its own.
    #[must_use]
    pub fn is_each(&self) -> bool {
        self.each
    }

    /// Whether it is a way back.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.rollback
    }
}

/// Bring back what a Stage held before: as one promotion that goes before all others, and with a hold on what it brings, so
/// that automation leaves it alone (requirements B7; control 2.7).
///
/// ```
/// use kargo_core::{Origin, command::Rollback};
/// let all = Rollback::of("prod").by("email:ana@acme.example").because("INC-2231");
/// let one = Rollback::of("prod").only(Origin::warehouse("cart"));
/// let further = Rollback::of("prod").to("modest-marlin");
/// # let _ = (all, one, further);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    pub(super) asked: Asked,
    /// The Stage.
    pub stage: StageName,
    /// Of these origins alone; none means of all that changed last.
    pub only: Vec<Origin>,
    /// To this freight, each of another origin, instead of what was there before.
    pub to: Vec<FreightRef>,
}

impl Rollback {
    /// Of this Stage.
    #[must_use]
    pub fn of(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: stage.into(), only: Vec::new(), to: Vec::new() }
    }

    /// Of this origin alone; said again, of this one too.
    #[must_use]
    pub fn only(mut self, origin: Origin) -> Self {
        self.only.push(origin);
        self
    }

    /// To this freight, which the Stage has held; said again, to this one of another origin too.
    #[must_use]
    pub fn to(mut self, freight: impl Into<FreightRef>) -> Self {
        self.to.push(freight.into());
        self
    }
}
