//! What places hold: control 13, 8 to 14, 48 and 55.

use std::collections::BTreeMap;

use kargo_core::{
    Event, Recorded, Timestamp, World,
    freight::collection::collection_id,
    model::{FreightName, PromotionPhase},
    promotion::{End, PhaseEvent, RunEvent},
    world::{FreightView, Held, PromotionView, StageView},
};

use super::{Batch, Looked, Moment};

fn ids(stage: Option<StageView<'_>>) -> Vec<String> {
    stage.into_iter().flat_map(StageView::history).map(|held| held.id.to_string()).collect()
}

/// 8: what a place holds changes when a success is settled, and is what that promotion was to bring.
pub(super) fn moves_by_success(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.stages {
        let (before, after) = (batch.before.stage(name).ok(), batch.after.stage(name).ok());
        let moves = batch.events.iter().filter_map(|recorded| match &recorded.event {
            Event::PromotionSettled { place, promotion, holds_freight: Some(held), .. } if place.stage == *name => {
                Some((promotion, held))
            }
            _ => None,
        });
        let moves: Vec<_> = moves.collect();
        if batch.touched.redefined.contains(name) {
            continue;
        }
        // A place that has no steps any more is emptied, also right after a success.
        let clears =
            |recorded: &Recorded| matches!(&recorded.event, Event::PlaceCleared { place } if place.stage == *name);
        if batch.events.iter().any(clears) {
            looked += 1;
            if after.and_then(StageView::current).is_some() {
                return Err(format!("{name} was cleared, and holds something"));
            }
            continue;
        }
        let Some((promotion, held)) = moves.last() else {
            if ids(before) != ids(after) {
                return Err(format!(
                    "{name}: its history changes from {:?} to {:?} by nothing",
                    ids(before),
                    ids(after)
                ));
            }
            continue;
        };
        looked += 1;
        let is = after.and_then(StageView::current).map(|held| held.names().cloned().collect::<Vec<_>>());
        let ended = batch.after.promotion(&***promotion).ok().map(|promotion| promotion.phase().clone());
        // One that waited for long may be old enough to be taken out as soon as another one has ended after it.
        let is_gone = batch.events.iter().any(|recorded| {
            matches!(&recorded.event, Event::PromotionsCollected { promotions, .. } if promotions.contains(*promotion))
        });
        if is.as_ref() != Some(*held) || (ended != Some(PromotionPhase::Succeeded) && !is_gone) {
            return Err(format!("{name} holds {is:?}; {promotion}, which is {ended:?}, was to bring {held:?}"));
        }
    }
    Ok(looked)
}

/// 9: every success is taken over once, and nothing else is.
pub(super) fn once_each(log: &[Recorded], _: &World) -> Looked {
    let mut taken: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for recorded in log {
        match &recorded.event {
            Event::Promotion { promotion, happened: RunEvent::Phase(PhaseEvent::End { end: End::Succeeded, .. }) } => {
                taken.entry(promotion).or_default().0 += 1;
            }
            Event::PromotionSettled { promotion, holds_freight: Some(_), .. } => {
                taken.entry(promotion).or_default().1 += 1
            }
            _ => {}
        }
    }
    match taken.iter().find(|(_, counts)| **counts != (1, 1)) {
        Some((name, (succeeded, moved))) => {
            Err(format!("{name} succeeded {succeeded} times and was taken over {moved} times"))
        }
        None => Ok(taken.len() as u64),
    }
}

/// 10: ten are remembered.
pub(super) fn ten_at_most(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        looked += u64::from(stage.history().next().is_some());
        if stage.history().count() > 10 || stage.history().any(|held| held.verifications.len() > 10) {
            return Err(format!("{} remembers more than ten", stage.name()));
        }
    }
    Ok(looked)
}

/// 11: freight says that it is in a Stage if and only if the Stage holds it.
pub(super) fn both_sides_agree(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        for freight in batch.after.all_freight() {
            let is_in = freight.visit(stage.name()).is_some_and(|visit| visit.current.is_some());
            let is_held = stage.current().is_some_and(|held| held.includes(freight.name()));
            looked += u64::from(is_held);
            if is_in != is_held {
                let text = format!("{} says {is_in}, and {} says {is_held}", freight.called(), stage.name());
                return Err(text);
            }
        }
    }
    Ok(looked)
}

/// 12: one piece for each origin, and only origins that were requested when the collection was made, at the promotion's
/// beginning.
pub(super) fn one_of_each_origin(moment: &Moment<'_>) -> Looked {
    match &moment.recorded.event {
        Event::Promotion {
            promotion,
            happened: RunEvent::Phase(PhaseEvent::Begin { collection: Some(collection), .. }),
        } => {
            let stage = moment.world.promotion(&**promotion).and_then(PromotionView::stage);
            let Ok(stage) = stage else { return Err(format!("{promotion} begins without a Stage")) };
            let strange = collection.freight.keys().find(|origin| !stage.is_requesting(origin));
            strange.map_or(Ok(1), |origin| {
                Err(format!("{promotion} brings {origin}, which {} does not request", stage.name()))
            })
        }
        Event::PromotionSettled { place, holds_freight: Some(held), .. } => {
            let mut origins: Vec<_> =
                held.iter().filter_map(|name| moment.world.freight_named(name)).map(FreightView::origin).collect();
            let all = origins.len();
            origins.sort();
            origins.dedup();
            if origins.len() == all { Ok(1) } else { Err(format!("{place} gets two pieces of one origin: {held:?}")) }
        }
        _ => Ok(0),
    }
}

/// 13: the id of a collection is that of its members, in whatever order.
pub(super) fn ids_are_of_members(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        for held in stage.history() {
            let names: Vec<&FreightName> = held.names().collect();
            let (there, back) = (collection_id(names.iter()), collection_id(names.iter().rev()));
            looked += 1;
            if *held.id != *there || there != back {
                return Err(format!("{} holds {names:?} as {}, and that is {there} or {back}", stage.name(), held.id));
            }
        }
    }
    Ok(looked)
}

/// 14: freight of other origins is what is deployed: a promotion brings what it promotes, and what is there of other requested
/// origins.
pub(super) fn others_stay(moment: &Moment<'_>) -> Looked {
    let Event::Promotion {
        promotion,
        happened: RunEvent::Phase(PhaseEvent::Begin { collection: Some(collection), .. }),
    } = &moment.recorded.event
    else {
        return Ok(0);
    };
    let Ok(view) = moment.world.promotion(&**promotion) else { return Err(format!("{promotion} does not exist")) };
    let Ok(stage) = view.stage() else { return Err(format!("{promotion} begins without a Stage")) };
    let mut expected = view.freight();
    for reference in stage.current().into_iter().flat_map(|held: &Held| held.freight.iter()) {
        if stage.is_requesting(&reference.origin) {
            expected.entry(reference.origin.clone()).or_insert_with(|| reference.name.clone());
        }
    }
    let brings: BTreeMap<_, _> =
        collection.freight.iter().map(|(origin, reference)| (origin.clone(), reference.name.clone())).collect();
    if brings == expected { Ok(1) } else { Err(format!("{promotion} brings {brings:?} instead of {expected:?}")) }
}

/// 48: what a place holds exists.
pub(super) fn what_is_held_exists(world: &World, _: Timestamp) -> Looked {
    let mut looked = 0;
    for stage in world.stages() {
        for name in stage.current().into_iter().flat_map(Held::names) {
            looked += 1;
            if world.freight_named(name).is_none() {
                return Err(format!("{} holds {name}, which does not exist", stage.name()));
            }
        }
    }
    Ok(looked)
}

/// 55: a Stage without steps has no promotion that has not ended, holds nothing, and no freight is in it; where it lost its steps,
/// as soon as what runs has ended.
pub(super) fn without_steps(world: &World, _: Timestamp) -> Looked {
    let mut looked = 0;
    for stage in world.stages().filter(|stage| stage.noun().is_control_flow()) {
        looked += 1;
        let name = stage.name();
        if stage.open_promotions().any(|open| *open.phase() == PromotionPhase::Running) {
            continue;
        }
        if let Some(open) = stage.open_promotions().next() {
            return Err(format!("{name} has no steps, and promotion {}", open.name()));
        }
        if stage.current().is_some() || stage.current_promotion().is_some() {
            return Err(format!("{name} has no steps, and holds something"));
        }
        let is_in = |freight: &FreightView<'_>| freight.visit(name).is_some_and(|visit| visit.current.is_some());
        if let Some(freight) = world.all_freight().find(is_in) {
            return Err(format!("{name} has no steps, and {} says that it is there", freight.called()));
        }
    }
    Ok(looked)
}
