//! What nothing needs any more: promotions that ended and freight, old enough and behind enough newer ones (control 9).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{automation::last_alone, evaluate::undigested};
use crate::{
    model::{Duration, FreightName, Origin, OriginKind, PromotionName, PromotionPhase, Timestamp},
    world::{Age, FreightView, Held, PromotionView, StageView, World},
};

/// How much is kept: at least as many as this, and all that is younger than this.
///
/// ```
/// use kargo_core::policy::Retention;
/// let kept = Retention::default();
/// assert_eq!((kept.promotions.retained, kept.freight.retained), (20, 20));
/// assert_eq!(kept.freight.minimum_age.to_string(), "336h0m0s");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    /// Promotions, of each Stage.
    pub promotions: Keep,
    /// Freight, of each Warehouse.
    pub freight: Keep,
}

/// How much is kept of one sort. The defaults are Kargo's: 20, and 336 hours (control 0.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Keep {
    /// How many are kept beside those that are needed and those that are newer than the oldest that is needed.
    pub retained: u32,
    /// What is younger is kept, however much there is.
    pub minimum_age: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        Self { retained: 20, minimum_age: Duration::from_secs(336 * 3_600) }
    }
}

/// What may be taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collectible<T> {
    /// What may be taken out now, oldest first.
    pub now: Vec<T>,
    /// When the next one is old enough, if nothing else happens.
    pub next: Option<Timestamp>,
}

impl<T> Collectible<T> {
    pub(crate) fn nothing() -> Self {
        Self { now: Vec::new(), next: None }
    }
}

/// Which promotions of a Stage may be taken out, for whoever keeps Kargo's objects: those that are older than the oldest that
/// has not ended, and older than as many more as are retained, if they are old enough (control 9). Also kept are the one that
/// ended last, those of which the Stage's status does not know yet, and one that failed, while what failed exists and nothing
/// else was heard of it: automation would try it again (control 13, invariant 26).
#[must_use]
pub fn collectible_promotions(stage: StageView<'_>, keep: &Keep, now: Timestamp) -> Collectible<PromotionName> {
    let unseen: BTreeSet<&str> = undigested(stage).into_iter().map(PromotionView::name).collect();
    promotions_to_collect(stage, keep, now, usize::MAX, |promotion| unseen.contains(promotion))
}

/// The same of a Stage whose promotions are in the order in which they were made, without those that are busy. It costs what is
/// retained and what is found, however many there are.
pub(crate) fn promotions_to_collect(
    stage: StageView<'_>,
    keep: &Keep,
    now: Timestamp,
    most: usize,
    is_busy: impl Fn(&str) -> bool,
) -> Collectible<PromotionName> {
    let oldest_open = stage.open_promotions().next().map(PromotionView::turn);
    let older = stage.promotions_before(oldest_open.as_ref());
    let Some(edge) = older.rev().nth(keep.retained as usize) else { return Collectible::nothing() };
    let edge = edge.turn();
    let older = stage.promotions_before(oldest_open.as_ref()).take_while(|promotion| promotion.turn() <= edge);
    let last = stage.last_promotion().map(|last| &*last.name);
    let found = older.map(|promotion| {
        let is_last = last == Some(promotion.name());
        let kept = is_last || is_busy(promotion.name()) || is_barring(stage, promotion);
        (promotion.created_at(), (!kept).then(|| promotion.name().into()))
    });
    old_enough(found, keep, now, most)
}

/// Which freight of a Warehouse may be taken out, for whoever keeps Kargo's objects: what is older than the oldest that is in any
/// Stage, and older than as many more as are retained, if it is old enough and no promotion that has not ended brings it
/// (control 9; rules 7, trap 39). Nothing of a Warehouse that does not exist.
#[must_use]
pub fn collectible_freight(world: &World, origin: &Origin, keep: &Keep, now: Timestamp) -> Collectible<FreightName> {
    // What a Stage says that it holds is held, whatever the freight says of itself.
    let held = world.stages().filter_map(StageView::current).flat_map(Held::names);
    let held: BTreeSet<&FreightName> = held.collect();
    let of_origin = held.iter().filter_map(|name| world.freight_named(name));
    let oldest = of_origin.filter(|freight| freight.origin() == origin).map(FreightView::age).min();
    let oldest = oldest.into_iter().chain(world.oldest_held(origin).map(FreightView::age)).min();
    older_freight(world, origin, keep, now, usize::MAX, oldest.as_ref())
}

/// The same of a world in which freight says rightly where it is. It costs what is retained and what is found, however much
/// there is.
pub(crate) fn freight_to_collect(
    world: &World,
    origin: &Origin,
    keep: &Keep,
    now: Timestamp,
    most: usize,
) -> Collectible<FreightName> {
    let oldest = world.oldest_held(origin).map(FreightView::age);
    older_freight(world, origin, keep, now, most, oldest.as_ref())
}

fn older_freight(
    world: &World,
    origin: &Origin,
    keep: &Keep,
    now: Timestamp,
    most: usize,
    oldest: Option<&Age>,
) -> Collectible<FreightName> {
    if origin.kind != OriginKind::Warehouse || world.warehouse(&origin.name).is_err() {
        return Collectible::nothing();
    }
    let Some(edge) = world.freight_of(origin, oldest).nth(keep.retained as usize) else {
        return Collectible::nothing();
    };
    let edge = edge.age();
    let older = world.freight_of(origin, oldest).rev().take_while(|freight| freight.age() <= edge);
    let found = older.map(|freight| {
        let is_wanted = world.open_promotions_of(freight.name()).next().is_some();
        (freight.age().at, (!is_wanted).then(|| freight.name().clone()))
    });
    old_enough(found, keep, now, most)
}

/// Of what is found, oldest first, that which is old enough; what has no time is as old as can be.
fn old_enough<T>(
    found: impl Iterator<Item = (Option<Timestamp>, Option<T>)>,
    keep: &Keep,
    now: Timestamp,
    most: usize,
) -> Collectible<T> {
    let mut collectible = Collectible::nothing();
    for (since, one) in found {
        let old_at = since.map(|since| since.checked_add_signed(keep.minimum_age.to_delta()));
        match (old_at, one) {
            // Older than time goes.
            (Some(None), _) => break,
            (Some(Some(at)), Some(_)) if at > now => {
                collectible.next = Some(at);
                break;
            }
            (Some(Some(at)), None) if at > now => {}
            (_, Some(_)) if collectible.now.len() >= most => {
                collectible.next = Some(now);
                break;
            }
            (_, one) => collectible.now.extend(one),
        }
    }
    collectible
}

/// Whether it is because of this promotion that automation leaves its freight alone (control 2.3, AP-8).
fn is_barring(stage: StageView<'_>, promotion: PromotionView<'_>) -> bool {
    if *promotion.phase() == PromotionPhase::Succeeded || promotion.end_reason().is_some() {
        return false;
    }
    let targets = promotion.freight();
    let (Some((origin, name)), 1) = (targets.first_key_value(), targets.len()) else { return false };
    let freight = stage.world().freight_named(name).filter(|_| stage.is_requesting(origin));
    let last = freight.and_then(|freight| last_alone(stage, origin, freight));
    last.is_some_and(|last| last.name() == promotion.name())
}
