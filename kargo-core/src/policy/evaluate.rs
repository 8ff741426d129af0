//! A Stage as a whole, for whoever keeps Kargo's objects: what to create, what its status is, when to look again.

use sha1::{Digest as _, Sha1};

use super::{
    automation::automation,
    digest::digest,
    status::status,
    turn::{NextTurn, next_turn},
    wake::wakes_at,
};
use crate::{
    freight::ulid_at,
    model::{Promotion, StageStatus, Timestamp},
    promotion::{Proposal, propose},
    why::{Reason, Why},
    world::{FreightView, Place, PromotionView, StageView, World},
};

/// What follows for a Stage from the world as it is.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Promotions that automation wants. Their names follow from Stage, freight and attempt, so that of two who create the
    /// same one fails (rules 13).
    pub create: Vec<Promotion>,
    /// What the Stage's status is now.
    pub status: StageStatus,
    /// What it was when the Stage was read.
    before: StageStatus,
    wakes_at: Option<Timestamp>,
    why: Why,
}

impl Evaluation {
    /// The status, if it changed.
    #[must_use]
    pub fn status_patch(&self) -> Option<&StageStatus> {
        (self.status != self.before).then_some(&self.status)
    }

    /// When to look again although nothing happens.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.wakes_at
    }

    /// How long it is until then.
    #[must_use]
    pub fn wakes_in(&self, now: Timestamp) -> Option<std::time::Duration> {
        self.wakes_at.map(|at| at.signed_duration_since(now).to_std().unwrap_or_default())
    }

    /// What the Stage waits for, and why it creates nothing else.
    #[must_use]
    pub fn why(&self) -> &Why {
        &self.why
    }
}

/// What follows for a Stage: what to create, its status, and when to look again. Pure; of a Stage that does not exist, nothing.
///
/// Ended promotions are taken over in the order in which they were made, then the next one gets its turn, then automation says
/// what it wants (control 3.7).
#[must_use]
pub fn evaluate(world: &World, stage: impl AsRef<str>, now: Timestamp) -> Evaluation {
    let name = stage.as_ref();
    let Ok(view) = world.stage(name) else {
        let missing = world.stage(name).err().map(Reason::NoSuch);
        let none = StageStatus::default();
        let why = Why::missing(missing.unwrap_or(Reason::Fact { text: String::new() }));
        return Evaluation { create: Vec::new(), status: none.clone(), before: none, wakes_at: None, why };
    };
    let before = view.noun().status.clone();
    let mut world = world.clone();
    let place = Place::stage(name);
    for ended in ended(view) {
        let Ok(stage) = world.stage(name) else { break };
        let Ok(promotion) = world.promotion(&ended) else { continue };
        let state = digest(stage, promotion);
        world.edit_place(&place, |place| *place = state);
    }
    if let Some(NextTurn::Start { promotion, .. }) = world.stage(name).ok().map(|stage| next_turn(stage, now)) {
        world.edit_place(&place, |place| place.current_promotion = Some(promotion));
    }
    let Ok(stage) = world.stage(name) else {
        let why = Why::missing(Reason::Fact { text: format!("Stage {name} is gone") });
        return Evaluation { create: Vec::new(), status: before.clone(), before, wakes_at: None, why };
    };
    let wanted = automation(stage, now);
    let freight = wanted.iter().filter(|wish| wish.blocked.is_none()).filter_map(|wish| wish.candidate);
    Evaluation {
        create: freight.filter_map(|freight| promotion_of(stage, freight, now)).collect(),
        status: status(stage, now),
        before,
        wakes_at: wakes_at(stage, now),
        why: super::explain::of(stage, now),
    }
}

/// Promotions that have ended and of which the Stage's status does not know yet, in the order in which they were made.
fn ended(stage: StageView<'_>) -> Vec<String> {
    let last = stage.last_promotion().map(|last| last.name.clone());
    let is_new = |promotion: &PromotionView<'_>| promotion.is_over();
    // From the newest back, so that what is long known is not looked at.
    let mut found: Vec<_> = stage
        .promotions()
        .rev()
        .take_while(|promotion| last.as_ref().is_none_or(|last| promotion.name() > &**last))
        .filter(is_new)
        .map(|promotion| promotion.name().to_owned())
        .collect();
    found.reverse();
    found
}

/// The promotion of freight that automation wants; none if none can be made.
fn promotion_of(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Option<Promotion> {
    let attempt = stage.promotions_of(freight.name()).count();
    let sum = Sha1::new()
        .chain_update(stage.name())
        .chain_update([0])
        .chain_update(freight.name().as_bytes())
        .chain_update(attempt.to_be_bytes())
        .finalize();
    let bits = sum.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    // The time is the freight's, not the clock's: two who look at different instants make the same name. It stays behind what
    // was promoted before.
    let found = freight.age().at.unwrap_or(now);
    let newest = stage.promotions().rev().find_map(PromotionView::created_at);
    let ulid = ulid_at(newest.map_or(found, |newest| newest.max(found)), bits, None);
    propose(stage.world(), &Proposal::new(stage.name(), [freight.name()], ulid), now).ok()
}
