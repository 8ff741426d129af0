//! Judging freight: approving it for a Stage, rejecting it, and taking that back.

use super::Asked;
use crate::model::{FreightRef, StageName};

/// Approve freight for a Stage, so that it may go there without having been verified upstream (control 8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    pub(super) asked: Asked,
    /// The freight.
    pub freight: FreightRef,
    /// The Stage.
    pub stage: StageName,
}

impl Approve {
    /// This freight, for this Stage.
    #[must_use]
    pub fn new(freight: impl Into<FreightRef>, stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), freight: freight.into(), stage: stage.into() }
    }
}

/// Reject freight: nobody may promote it, to some Stages or anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub(super) asked: Asked,
    /// The freight.
    pub freight: FreightRef,
    /// The Stages; none means everywhere.
    pub stages: Vec<StageName>,
}

impl Reject {
    /// This freight, everywhere unless Stages are named.
    #[must_use]
    pub fn new(freight: impl Into<FreightRef>) -> Self {
        Self { asked: Asked::default(), freight: freight.into(), stages: Vec::new() }
    }

    /// For this Stage; said again, for this one too.
    #[must_use]
    pub fn in_stage(mut self, stage: impl Into<StageName>) -> Self {
        self.stages.push(stage.into());
        self
    }
}

/// Take the rejections of freight back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreject {
    pub(super) asked: Asked,
    /// The freight.
    pub freight: FreightRef,
}

impl Unreject {
    /// Of this freight, all of them.
    #[must_use]
    pub fn new(freight: impl Into<FreightRef>) -> Self {
        Self { asked: Asked::default(), freight: freight.into() }
    }
}
