//! What is taken out: control 13, 46 and 47, by sorting and counting.

use std::cmp::Reverse;

use kargo_core::{
    Event,
    model::FreightName,
    policy::Keep,
    world::{FreightView, Held, StageView},
};

use super::{Looked, Moment};
use crate::sim;

/// 46: of promotions only what has ended, behind the oldest that has not and behind as many more as are kept, and old enough.
pub(super) fn ended_long_ago(moment: &Moment<'_>) -> Looked {
    let Event::PromotionsCollected { stage, promotions } = &moment.recorded.event else { return Ok(0) };
    let keep = sim::retention().promotions;
    let Ok(stage) = moment.world.stage(stage) else { return Err(format!("{stage} does not exist")) };
    let mut all: Vec<_> = stage.promotions().collect();
    all.sort_by_key(|promotion| Reverse(promotion.turn()));
    let oldest_open = all.iter().rposition(|promotion| !promotion.is_over());
    for name in promotions {
        let Some(at) = all.iter().position(|promotion| *promotion.name() == **name) else {
            return Err(format!("{name} does not exist"));
        };
        let is_old = all.get(at).is_some_and(|one| is_old(one.created_at(), &keep, moment));
        if !is_behind(at, oldest_open, &keep) || !is_old {
            return Err(format!("{name} is number {at}, the oldest open one {oldest_open:?}, old enough: {is_old}"));
        }
    }
    Ok(promotions.len() as u64)
}

/// 47: of freight only what is in no Stage and what no promotion brings, behind the oldest that is in one and behind as much more
/// as is kept, and old enough.
pub(super) fn needed_by_nobody(moment: &Moment<'_>) -> Looked {
    let Event::FreightCollected { origin, freight } = &moment.recorded.event else { return Ok(0) };
    let keep = sim::retention().freight;
    let world = moment.world;
    let is_held = |name: &FreightName| {
        world.stages().filter_map(StageView::current).any(|held: &Held| held.names().any(|known| known == name))
    };
    let mut all: Vec<FreightView<'_>> = world.all_freight().filter(|freight| freight.origin() == origin).collect();
    all.sort_by_key(|freight| Reverse(freight.age()));
    let oldest = all.iter().rposition(|freight| is_held(freight.name()));
    for name in freight {
        let Some(at) = all.iter().position(|freight| freight.name() == name) else {
            return Err(format!("{name} does not exist"));
        };
        let is_old = all.get(at).is_some_and(|one| is_old(one.age().at, &keep, moment));
        if !is_behind(at, oldest, &keep) || !is_old {
            return Err(format!("{name} is number {at}, the oldest held is {oldest:?}, old enough: {is_old}"));
        }
        let mut open = world.promotions().filter(|promotion| !promotion.is_over());
        if let Some(open) = open.find(|promotion| promotion.freight().values().any(|brings| brings == name)) {
            return Err(format!("{name} goes, and {} brings it", open.name()));
        }
    }
    Ok(freight.len() as u64)
}

fn is_behind(at: usize, oldest_needed: Option<usize>, keep: &Keep) -> bool {
    at >= oldest_needed.map_or(0, |oldest| oldest + 1) + keep.retained as usize
}

fn is_old(since: Option<kargo_core::Timestamp>, keep: &Keep, moment: &Moment<'_>) -> bool {
    since.is_none_or(|since| moment.now.signed_duration_since(since) >= keep.minimum_age.to_delta())
}
