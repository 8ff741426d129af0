//! What ended promotions leave behind in a place: history, holds, the last promotion (control 3.7, step 1; rules 7, traps 1,
//! 3, 4 and 5).

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    admit::{has_holds, hold_of, is_kept},
    model::{AutoPromotionHold, FreightName, FreightReference, HoldIntent, PromotionPhase, PromotionReference},
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
    apply_intents(stage, promotion, &mut state.holds);
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
        state.history.insert(0, Arc::new(Held::new(held(stage, promotion))));
        state.history.truncate(PlaceState::REMEMBERED);
        state.health = None;
    }
    state
}

/// Whether a promotion changed nothing where it went: it was stopped before it began, or could not begin when it was its turn,
/// since its freight might not go there any more (rules 7, traps 5 and 12).
pub(crate) fn has_left_no_trace(promotion: PromotionView<'_>) -> bool {
    match promotion.phase() {
        PromotionPhase::Aborted => promotion.noun().status.started_at.is_none(),
        PromotionPhase::Errored => promotion.end_reason() == Some("Refused"),
        _ => false,
    }
}

/// Forgets holds that mean nothing any more: all where automation is off, and those of origins that are not requested
/// (control 2.5).
pub fn tidy_holds(stage: StageView<'_>, state: &mut PlaceState) {
    state.holds.retain(|hold| is_kept(stage, hold));
}

/// What a promotion that has ended does to holds: those of the place, as they are then.
pub(crate) fn holds_after(stage: StageView<'_>, promotion: PromotionView<'_>) -> Vec<Arc<AutoPromotionHold>> {
    let mut holds = stage.state().map(|state| state.holds.clone()).unwrap_or_default();
    holds.retain(|hold| is_kept(stage, hold));
    apply_intents(stage, promotion, &mut holds);
    holds
}

fn apply_intents(stage: StageView<'_>, promotion: PromotionView<'_>, holds: &mut Vec<Arc<AutoPromotionHold>>) {
    if *promotion.phase() == PromotionPhase::Aborted || !has_holds(stage) {
        return;
    }
    for (origin, intent) in promotion.intents() {
        holds.retain(|hold| hold.origin != origin);
        if intent == HoldIntent::Hold && stage.is_requesting(&origin) {
            holds.push(Arc::new(hold_of(promotion, &origin)));
        }
    }
    holds.sort_by(|a, b| a.origin.cmp(&b.origin));
}

/// The names of what the place holds after a success, by origin.
pub(crate) fn held_after(stage: StageView<'_>, promotion: PromotionView<'_>) -> Vec<FreightName> {
    let by_origin: BTreeMap<_, _> =
        held(stage, promotion).into_iter().map(|held| (held.origin.clone(), held.name.clone())).collect();
    by_origin.into_values().collect()
}

/// What the place holds after a success: what the promotion fixed when it began, else what it promoted on top of what is there
/// (resources 20.4; rules 13). Of one origin the last counts.
fn held(stage: StageView<'_>, promotion: PromotionView<'_>) -> Vec<Arc<FreightReference>> {
    let world = stage.world();
    if let Some(collection) = &promotion.noun().status.freight_collection {
        let shared = collection.freight.values().map(|reference| {
            let known = world.freight_named(&reference.name).map(|freight| Arc::clone(freight.reference()));
            known.unwrap_or_else(|| Arc::new(reference.clone()))
        });
        return shared.collect();
    }
    let kept = stage.current().into_iter().flat_map(|held| held.freight.iter());
    let kept = kept.filter(|reference| stage.is_requesting(&reference.origin)).cloned();
    let promoted = promotion.freight().into_values().filter_map(|name| world.freight_named(&name));
    kept.chain(promoted.map(|freight| Arc::clone(freight.reference()))).collect()
}
