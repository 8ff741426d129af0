//! The order of a Stage's queue, and which queued promotions a later one replaces (rules 7).

use crate::{
    model::{PromotionName, PromotionPhase, QueuePolicy},
    world::{PromotionView, StageView, Turn},
};

/// What a promotion is queued by: rollbacks first, then what people want, then automation; each in the order of creation.
fn rank(promotion: PromotionView<'_>) -> (u8, Turn) {
    let class = match (promotion.is_rollback(), promotion.is_automatic()) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    };
    (class, promotion.turn())
}

/// The promotions of a Stage that wait, in the order in which they start.
#[must_use]
pub fn queue(stage: StageView<'_>) -> Vec<PromotionView<'_>> {
    let waits = |promotion: &PromotionView<'_>| *promotion.phase() != PromotionPhase::Running;
    let current = stage.current_promotion();
    let mut queued: Vec<_> =
        stage.open_promotions().filter(|promotion| waits(promotion) && current != Some(promotion.name())).collect();
    queued.sort_by_key(|promotion| rank(*promotion));
    queued
}

/// The queued promotions that a new automatic promotion replaces: automatic ones alone that cover the same origins. One that
/// bears a hold, takes back or was asked for by a person is never dropped.
#[must_use]
pub fn superseded_by(stage: StageView<'_>, newer: PromotionView<'_>) -> Vec<PromotionName> {
    let policy = stage.policy().map(|policy| policy.spec.queue).unwrap_or_default();
    if policy == QueuePolicy::All || !newer.is_automatic() || newer.is_rollback() {
        return Vec::new();
    }
    let covered = newer.freight();
    let is_replaced = |old: &PromotionView<'_>| {
        let origins = old.freight();
        let same = match policy {
            QueuePolicy::All => false,
            QueuePolicy::Latest => origins.keys().eq(covered.keys()),
            QueuePolicy::LatestPerOrigin => origins.keys().all(|origin| covered.contains_key(origin)),
        };
        same && old.is_automatic() && !old.is_rollback() && old.intents().is_empty() && old.turn() < newer.turn()
    };
    let replaced = queue(stage).into_iter().filter(is_replaced);
    replaced.map(|old| old.name().into()).collect()
}
