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
    let mut queued: Vec<_> = waiting(stage).collect();
    queued.sort_by_cached_key(|promotion| rank(*promotion));
    queued
}

/// The first of the queue.
pub(super) fn first(stage: StageView<'_>) -> Option<PromotionView<'_>> {
    waiting(stage).min_by_key(|promotion| rank(*promotion))
}

fn waiting(stage: StageView<'_>) -> impl Iterator<Item = PromotionView<'_>> {
    let current = stage.current_promotion();
    let waits = |promotion: &PromotionView<'_>| *promotion.phase() != PromotionPhase::Running;
    stage.open_promotions().filter(move |promotion| waits(promotion) && current != Some(promotion.name()))
}

/// The queued promotions that a new automatic promotion replaces: automatic ones alone that cover the same origins. One that
/// bears a hold, takes back or was asked for by a person is never dropped.
#[must_use]
pub fn superseded_by(stage: StageView<'_>, newer: PromotionView<'_>) -> Vec<PromotionName> {
    let policy = policy(stage);
    let replaced = queue(stage).into_iter().filter(|old| replaces(policy, *old, newer));
    replaced.map(|old| old.name().into()).collect()
}

/// The queued promotions that others in the queue replace.
pub(crate) fn superseded(stage: StageView<'_>) -> Vec<PromotionView<'_>> {
    let policy = policy(stage);
    if policy == QueuePolicy::All {
        return Vec::new();
    }
    let mut kept: Vec<PromotionView<'_>> = Vec::new();
    let mut dropped = Vec::new();
    for promotion in queue(stage).into_iter().rev() {
        if kept.iter().any(|newer| replaces(policy, promotion, *newer)) {
            dropped.push(promotion);
        } else {
            kept.push(promotion);
        }
    }
    dropped.reverse();
    dropped
}

fn policy(stage: StageView<'_>) -> QueuePolicy {
    stage.policy().map(|policy| policy.spec.queue).unwrap_or_default()
}

/// Whether the newer one takes the place of the older.
fn replaces(policy: QueuePolicy, old: PromotionView<'_>, newer: PromotionView<'_>) -> bool {
    let by_automation = |one: PromotionView<'_>| one.is_automatic() && !one.is_rollback();
    if !by_automation(old) || !by_automation(newer) || !old.intents().is_empty() || old.turn() >= newer.turn() {
        return false;
    }
    let (covered, by) = (old.freight(), newer.freight());
    match policy {
        QueuePolicy::All => false,
        _ if covered.is_empty() => false,
        QueuePolicy::Latest => covered.keys().eq(by.keys()),
        QueuePolicy::LatestPerOrigin => covered.keys().all(|origin| by.contains_key(origin)),
    }
}
