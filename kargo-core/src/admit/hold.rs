//! Holds: freight that a person chose and automation leaves where it is (control 2.5).

use crate::{
    model::{AutoPromotionHold, HoldIntent, Origin},
    world::{PromotionView, StageView},
};

/// The hold that keeps automation from an origin of a Stage now: what the newest promotion that has not ended intends, else
/// what finished ones left. None where automation is off (control 2.5).
#[must_use]
pub fn hold(stage: StageView<'_>, origin: &Origin) -> Option<AutoPromotionHold> {
    if !is_automatic(stage) || stage.noun().is_control_flow() || !stage.is_requesting(origin) {
        return None;
    }
    // Nothing of a promotion that has ended is left to be applied; one that was stopped intends nothing.
    for promotion in stage.open_promotions().rev() {
        match promotion.intents().get(origin) {
            Some(HoldIntent::Hold) => return Some(hold_of(promotion, origin)),
            Some(HoldIntent::Resume) => return None,
            None => {}
        }
    }
    stage.holds().find(|hold| hold.origin == *origin).cloned()
}

/// The holds that count now, in the order of the Stage's requests (control 2.5, "effective").
#[must_use]
pub fn effective_holds(stage: StageView<'_>) -> Vec<AutoPromotionHold> {
    stage.requests().filter_map(|request| hold(stage, &request.origin)).collect()
}

/// The hold that a promotion establishes on an origin.
#[must_use]
pub fn hold_of(promotion: PromotionView<'_>, origin: &Origin) -> AutoPromotionHold {
    AutoPromotionHold {
        freight_name: promotion.freight().remove(origin).unwrap_or_default(),
        origin: origin.clone(),
        promotion_name: Some(promotion.name().into()),
        actor: promotion.actor().map(str::to_owned),
        created_at: promotion.created_at(),
    }
}

/// Whether a hold that somebody left is kept: until automation is off, its origin is not requested any more, or nothing is
/// promoted to the Stage (control 2.5). A policy that cannot be read does not end holds: who mends it would find them gone.
#[must_use]
pub fn is_kept(stage: StageView<'_>, hold: &AutoPromotionHold) -> bool {
    has_holds(stage) && stage.is_requesting(&hold.origin)
}

/// Whether holds mean anything in the Stage, or may again when its policy can be read.
#[must_use]
pub fn has_holds(stage: StageView<'_>) -> bool {
    let may_be = match stage.promotion_policy() {
        Ok(policy) => policy.is_some_and(|policy| policy.auto_promotion_enabled),
        Err(_) => true,
    };
    may_be && !stage.noun().is_control_flow()
}

/// Whether policy lets automation promote to the Stage. A policy that cannot be read lets it not.
#[must_use]
pub fn is_automatic(stage: StageView<'_>) -> bool {
    matches!(stage.promotion_policy(), Ok(Some(policy)) if policy.auto_promotion_enabled)
}
