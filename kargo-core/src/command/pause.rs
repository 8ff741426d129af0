//! Stopping and letting go: pauses, holds, a clock that is trusted again.

use super::Asked;
use crate::model::{Origin, StageName, Timestamp};

/// Pause a Stage, or the whole project: nothing starts there, not even what is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    pub(super) asked: Asked,
    /// The Stage; none means the project.
    pub stage: Option<StageName>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

impl Pause {
    /// This Stage.
    #[must_use]
    pub fn stage(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: Some(stage.into()), until: None }
    }

    /// The whole project.
    #[must_use]
    pub fn project() -> Self {
        Self { asked: Asked::default(), stage: None, until: None }
    }

    /// Until this instant.
    #[must_use]
    pub fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }
}

/// End the pauses of a Stage, or those of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    pub(super) asked: Asked,
    /// The Stage; none means the project.
    pub stage: Option<StageName>,
}

impl Resume {
    /// This Stage.
    #[must_use]
    pub fn stage(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: Some(stage.into()) }
    }

    /// The whole project.
    #[must_use]
    pub fn project() -> Self {
        Self { asked: Asked::default(), stage: None }
    }
}

/// Keep automation from replacing what a Stage holds of an origin (control 2.5, which knows holds as consequences of promotions
/// alone).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub(super) asked: Asked,
    /// The Stage.
    pub stage: StageName,
    /// The origin.
    pub origin: Origin,
}

impl Hold {
    /// What this Stage holds of this origin.
    #[must_use]
    pub fn new(stage: impl Into<StageName>, origin: Origin) -> Self {
        Self { asked: Asked::default(), stage: stage.into(), origin }
    }
}

/// Release the hold that keeps automation from an origin of a Stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    pub(super) asked: Asked,
    /// The Stage.
    pub stage: StageName,
    /// The origin.
    pub origin: Origin,
}

impl ReleaseHold {
    /// That of this origin in this Stage.
    #[must_use]
    pub fn new(stage: impl Into<StageName>, origin: Origin) -> Self {
        Self { asked: Asked::default(), stage: stage.into(), origin }
    }
}

/// Trust the clock again after it was suspected (rules 5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptClock {
    pub(super) asked: Asked,
}
