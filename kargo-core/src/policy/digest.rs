//! What ended promotions leave behind in a place: history, holds, the last promotion (control 3.7, step 1; rules 7, traps 1,
//! 3, 4 and 5).

use std::sync::Arc;

use crate::{
    admit::{has_holds, hold_of, is_kept},
    model::{HoldIntent, PromotionPhase, PromotionReference},
    world::{Held, PlaceState, PromotionView, StageView},
};

/// What a place becomes when this promotion has ended there.
///
/// A promotion that was stopped before it began leaves no trace: neither its name nor its intent (traps 4 and 5). Succeeded,
/// Failed and Errored ones apply their intent (trap 1); of one that could not begin nothing else is left (trap 12).
#[must_use]
pub fn digest(stage: StageView<'_>, promotion: PromotionView<'_>) -> PlaceState {
    let mut state = stage.state().cloned().unwrap_or_default();
    let status = &promotion.noun().status;
    if state.current_promotion.as_deref() == Some(promotion.name()) {
        state.current_promotion = None;
    }
    tidy_holds(stage, &mut state);
    if *promotion.phase() != PromotionPhase::Aborted && has_holds(stage) {
        for (origin, intent) in promotion.intents() {
            state.holds.retain(|hold| hold.origin != origin);
            if intent == HoldIntent::Hold && stage.is_requesting(&origin) {
                state.holds.push(Arc::new(hold_of(promotion, &origin)));
            }
        }
        state.holds.sort_by(|a, b| a.origin.cmp(&b.origin));
    }
    if has_left_no_trace(promotion) {
        return state;
    }
    // Where nobody knows when it ended, it was not before the one that ended before it.
    let finished_at = status.finished_at.or(stage.last_promotion().and_then(|last| last.finished_at));
    state.last_promotion = Some(Arc::new(PromotionReference {
        name: promotion.name().into(),
        freight: status.freight.clone(),
        status: Some(status.clone()),
        finished_at,
    }));
    if *promotion.phase() == PromotionPhase::Succeeded {
        state.history.insert(0, Arc::new(held(stage, promotion)));
        state.history.truncate(PlaceState::REMEMBERED);
        state.health = None;
    }
    state
}

/// Whether a promotion changed nothing where it went: it was stopped before it began, or could not begin when it was its turn,
/// since its freight might not go there any more (rules 7, traps 5 and 12). What it would have been built on is fixed when it
/// begins.
pub(crate) fn has_left_no_trace(promotion: PromotionView<'_>) -> bool {
    let status = &promotion.noun().status;
    match promotion.phase() {
        PromotionPhase::Aborted => status.started_at.is_none(),
        PromotionPhase::Errored => status.freight_collection.is_none() && status.step_execution_metadata.is_empty(),
        _ => false,
    }
}

/// Forgets holds that mean nothing any more: all where automation is off, and those of origins that are not requested
/// (control 2.5).
pub fn tidy_holds(stage: StageView<'_>, state: &mut PlaceState) {
    state.holds.retain(|hold| is_kept(stage, hold));
}

/// What the place holds after a success: what the promotion fixed when it began, else what it promoted on top of what is there
/// (resources 20.4; rules 13).
fn held(stage: StageView<'_>, promotion: PromotionView<'_>) -> Held {
    let world = stage.world();
    if let Some(collection) = &promotion.noun().status.freight_collection {
        let shared = collection.freight.values().map(|reference| {
            let known = world.freight_named(&reference.name).map(|freight| Arc::clone(freight.reference()));
            known.unwrap_or_else(|| Arc::new(reference.clone()))
        });
        return Held::new(shared);
    }
    let kept = stage.current().into_iter().flat_map(|held| held.freight.iter());
    let kept = kept.filter(|reference| stage.is_requesting(&reference.origin)).cloned();
    let promoted = promotion.freight().into_values().filter_map(|name| world.freight_named(&name));
    Held::new(kept.chain(promoted.map(|freight| Arc::clone(freight.reference()))))
}
