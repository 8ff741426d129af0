//! What keeps automation away: control 13, 28 to 32.

use std::collections::BTreeMap;

use kargo_core::{
    Event, Timestamp, World,
    admit::{effective_holds, has_holds, is_automatic, is_kept},
    model::{FreightName, HoldIntent, Origin, PromotionPhase},
    world::StageView,
};

use super::{Batch, Looked, Moment, check::agree};

/// 28: without automation there is no hold. A policy that cannot be read ends none.
pub(super) fn none_without_automation(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        if has_holds(stage) {
            continue;
        }
        looked += 1;
        if stage.holds().next().is_some() || !effective_holds(stage).is_empty() {
            return Err(format!("{} has holds, and no automation", stage.name()));
        }
    }
    Ok(looked)
}

/// 29: holds are on origins that are requested.
pub(super) fn of_requested_origins(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        for hold in stage.holds().cloned().chain(effective_holds(stage)) {
            looked += 1;
            if !stage.is_requesting(&hold.origin) {
                return Err(format!("{} has a hold on {}, which it does not request", stage.name(), hold.origin));
            }
        }
    }
    Ok(looked)
}

/// 30: what was aborted leaves holds as they are, but for those that have lost their reason.
pub(super) fn aborted_changes_none(moment: &Moment<'_>) -> Looked {
    let Event::PromotionSettled { place, promotion, holds, released, .. } = &moment.recorded.event else {
        return Ok(0);
    };
    let aborted = moment.world.promotion(&**promotion).is_ok_and(|known| *known.phase() == PromotionPhase::Aborted);
    let Ok(stage) = moment.world.stage(&place.stage) else { return Ok(0) };
    if !aborted {
        return Ok(0);
    }
    let lost = |origin: &Origin| stage.holds().any(|hold| hold.origin == *origin && !is_kept(stage, hold));
    if holds.is_empty() && released.iter().all(lost) {
        return Ok(1);
    }
    Err(format!("{promotion} was aborted, and leaves holds on {holds:?}, releases {released:?}"))
}

/// 31: holds do not hang on promotions that have ended: without those they are the same.
pub(super) fn outlive_promotions(world: &World, _: Timestamp) -> Looked {
    let mut without = world.clone();
    for promotion in world.promotions().filter(|promotion| promotion.is_over()) {
        without.remove_promotion(promotion.name());
    }
    let mut looked = 0;
    for stage in world.stages() {
        let Ok(other) = without.stage(stage.name()) else { return Err(format!("{} is gone", stage.name())) };
        looked += stage.holds().count() as u64;
        let what = format!("the holds of {} with and without promotions that ended", stage.name());
        agree(&what, &stage.holds().collect::<Vec<_>>(), &other.holds().collect())?;
        agree(&what, &effective_holds(stage), &effective_holds(other))?;
    }
    Ok(looked)
}

/// 32: of each origin the newest intent that has not ended counts, else what ended ones left.
pub(super) fn newest_intent_counts(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        let is: BTreeMap<Origin, FreightName> =
            effective_holds(stage).into_iter().map(|hold| (hold.origin, hold.freight_name)).collect();
        let expected = expected_holds(stage);
        looked += expected.len() as u64;
        agree(&format!("what holds {}, and should", stage.name()), &is, &expected)?;
    }
    Ok(looked)
}

/// The holds that count, worked out from the promotions in the order in which they were made.
fn expected_holds(stage: StageView<'_>) -> BTreeMap<Origin, FreightName> {
    if !is_automatic(stage) || stage.noun().is_control_flow() {
        return BTreeMap::new();
    }
    let mut holds: BTreeMap<Origin, FreightName> =
        stage.holds().map(|hold| (hold.origin.clone(), hold.freight_name.clone())).collect();
    let mut open: Vec<_> = stage.open_promotions().collect();
    open.sort_by_key(|promotion| promotion.turn());
    for promotion in open {
        let freight = promotion.freight();
        for (origin, intent) in promotion.intents() {
            match intent {
                HoldIntent::Hold => {
                    holds.insert(origin.clone(), freight.get(&origin).cloned().unwrap_or_default());
                }
                HoldIntent::Resume => drop(holds.remove(&origin)),
            }
        }
    }
    holds.retain(|origin, _| stage.is_requesting(origin));
    holds
}
