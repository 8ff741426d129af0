//! Names of automatic promotions: they follow from Stage, freight and attempt (rules 13).

use sha1::{Digest as _, Sha1};
use ulid::Ulid;

use crate::{
    freight::ulid_at,
    promotion::Proposal,
    world::{FreightView, PromotionView, StageView},
};

/// The proposal of freight that automation wants, behind `previous`, if another was made at the same instant.
///
/// No clock takes part: two who look at different instants make the same name, of which the second is refused. It comes after
/// the names of what was promoted before, for names are the order of creation where nobody counts.
pub(super) fn proposal(stage: StageView<'_>, freight: FreightView<'_>, previous: Option<Ulid>) -> Proposal {
    Proposal::new(stage.name(), [freight.name()], ulid(stage, freight, previous))
}

/// The ULID of the next promotion of freight, or of several pieces of which this is the first.
pub(super) fn ulid(stage: StageView<'_>, freight: FreightView<'_>, previous: Option<Ulid>) -> Ulid {
    let attempt = stage.promotions_of(freight.name()).count() as u64;
    let sum = Sha1::new()
        .chain_update(stage.name())
        .chain_update([0])
        .chain_update(freight.name().as_bytes())
        .chain_update(attempt.to_be_bytes())
        .finalize();
    let bits = sum.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let newest = || stage.promotions().next_back().and_then(ulid_of);
    ulid_at(freight.age().at.unwrap_or_default(), bits, previous.or_else(newest))
}

/// The ULID in a promotion's name; if it has none, the last of the instant at which it was made.
fn ulid_of(promotion: PromotionView<'_>) -> Option<Ulid> {
    let named = promotion.name().rsplit('.').nth(1).and_then(|text| Ulid::from_string(text).ok());
    named.or_else(|| promotion.created_at().map(|at| ulid_at(at, u128::MAX, None)))
}
