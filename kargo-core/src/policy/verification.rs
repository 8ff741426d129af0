//! A verification that is stopped because a promotion starts (rules 7, trap 6).

use std::sync::Arc;

use crate::{
    model::{Timestamp, VerificationPhase},
    world::{PlaceState, PromotionView},
};

/// Ends the verifications under way of what is there: Aborted, with who asked for the promotion.
pub(super) fn stop_verification(state: &mut PlaceState, promotion: PromotionView<'_>, now: Timestamp) {
    let Some(held) = state.history.first_mut() else { return };
    for info in &mut Arc::make_mut(held).verifications {
        if info.phase.as_ref().is_some_and(VerificationPhase::is_terminal) {
            continue;
        }
        let by = promotion.actor().map(|actor| format!(" of {actor}")).unwrap_or_default();
        info.phase = Some(VerificationPhase::Aborted);
        info.message = Some(format!("superseded by promotion {}{by}", promotion.name()));
        info.finish_time = Some(now);
    }
}
