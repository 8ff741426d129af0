//! The last strokes of new freight: id, alias, intent (discovery 1.9; resources 16.1, 16.2).

use super::stock::Stock;
use crate::{
    freight::{freight_id, unused_alias},
    model::{Freight, FreightIntent, FreightName, label},
};

/// Names the freight by what it is made of, and gives it an alias that is not used yet unless it has one.
///
/// The bits decide, together with the id, which alias that is.
pub(super) fn name(freight: &mut Freight, stock: &(impl Stock + ?Sized), bits: &[u8]) -> FreightName {
    let id = freight_id(&freight.origin, &*freight);
    freight.metadata.name = id.to_string();
    let seed = [bits, id.as_bytes()].concat();
    let alias = freight.alias.take().unwrap_or_else(|| unused_alias(&seed, |alias| stock.has_alias(alias)));
    freight.metadata.labels.insert(label::ALIAS.to_owned(), alias.clone());
    freight.alias = Some(alias);
    id
}

/// Writes down what the freight is meant for. Freight that says nothing is meant to move by itself (rules 11).
pub(super) fn intend(freight: &mut Freight, intent: FreightIntent) {
    let text = match intent {
        FreightIntent::Auto => return,
        FreightIntent::Manual => "Manual",
        FreightIntent::Hotfix => "Hotfix",
    };
    freight.metadata.annotations.insert(label::EXT_INTENT.to_owned(), text.to_owned());
}
