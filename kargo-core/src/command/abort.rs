//! Stopping a promotion or a verification, and verifying again.

use super::Asked;
use crate::model::{PromotionName, StageName};

/// Stop a promotion. One that has ended stays as it ended (control 3.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    pub(super) asked: Asked,
    /// The promotion.
    pub promotion: PromotionName,
}

impl Abort {
    /// This promotion.
    #[must_use]
    pub fn promotion(promotion: impl Into<PromotionName>) -> Self {
        Self { asked: Asked::default(), promotion: promotion.into() }
    }
}

/// Verify once more what a Stage holds (control 4.6). It begins as soon as the Stage is healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverify {
    pub(super) asked: Asked,
    /// The Stage.
    pub stage: StageName,
}

impl Reverify {
    /// What this Stage holds.
    #[must_use]
    pub fn stage(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: stage.into() }
    }
}

/// Stop the verification of what a Stage holds. One that has ended stays as it ended (control 4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortVerification {
    pub(super) asked: Asked,
    /// The Stage.
    pub stage: StageName,
}

impl AbortVerification {
    /// That of this Stage.
    #[must_use]
    pub fn stage(stage: impl Into<StageName>) -> Self {
        Self { asked: Asked::default(), stage: stage.into() }
    }
}
