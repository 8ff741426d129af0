//! Stopping a promotion, queued or under way.

use super::Asked;
use crate::model::PromotionName;

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
