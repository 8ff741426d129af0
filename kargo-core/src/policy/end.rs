//! Ends of queued promotions that nobody asked for (rules 6 and 7).

use crate::{
    model::{Promotion, PromotionPhase, Timestamp, label},
    why::Why,
    world::PromotionView,
};

/// The promotion as it ends because a later one took its place.
pub(super) fn superseded_by_another(promotion: PromotionView<'_>, now: Timestamp) -> Promotion {
    let mut noun = ended(promotion, PromotionPhase::Aborted, "a later promotion took its place".to_owned(), now);
    noun.metadata.annotations.insert(label::EXT_END.to_owned(), "Superseded".to_owned());
    noun
}

/// The promotion as it ends because it is not admitted any more: what somebody asked for has failed, what automation wanted is
/// withdrawn (rules 7, trap 12).
pub(super) fn refused(promotion: PromotionView<'_>, why: &Why, now: Timestamp) -> Promotion {
    let reasons: Vec<_> = why.obstacles().map(ToString::to_string).collect();
    let message = format!("it cannot start any more: {}", reasons.join("; "));
    if promotion.is_automatic() && !promotion.is_rollback() {
        let mut noun = ended(promotion, PromotionPhase::Aborted, message, now);
        noun.metadata.annotations.insert(label::EXT_END.to_owned(), "Withdrawn".to_owned());
        return noun;
    }
    let mut noun = ended(promotion, PromotionPhase::Errored, message, now);
    // As in Kargo, its start is what failed; one that never ran can only have been stopped (control 13, invariant 6).
    noun.status.started_at.get_or_insert(now);
    noun
}

fn ended(promotion: PromotionView<'_>, phase: PromotionPhase, message: String, now: Timestamp) -> Promotion {
    let mut noun = promotion.noun().clone();
    noun.status.phase = Some(phase);
    noun.status.message = Some(message);
    noun.status.finished_at = Some(now);
    noun
}
