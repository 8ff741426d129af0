//! Indexes over promotions: which of a Stage have not ended, and which there were of a piece of freight.

use std::collections::{BTreeMap, BTreeSet};

use super::shared::{Index, Map};
use crate::model::{FreightName, Promotion, PromotionName, PromotionPhase, StageName, Timestamp, label};

/// The order in which promotions were made: a number that grows, then the name. Promotions of manifests have no number, so
/// their names decide, as they do in Kargo (resources 18.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Which number it was; 0 if nobody counted.
    pub number: u64,
    /// The promotion.
    pub promotion: PromotionName,
}

/// Promotions in the orders in which rules look for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    all: Index<StageName, Turn>,
    open: Index<StageName, Turn>,
    /// Those that ended, by when they did.
    ended: Index<StageName, (Option<Timestamp>, Turn)>,
    of_freight: Index<(StageName, FreightName), Turn>,
    /// Those that have not ended, by each piece of freight that they bring.
    wanting: Index<FreightName, Turn>,
    numbers: Map<PromotionName, u64>,
}

impl Queues {
    pub(super) fn insert(&mut self, promotion: &Promotion, number: u64) {
        let name = PromotionName::from(promotion.metadata.name.as_str());
        if number > 0 {
            self.numbers.insert(name.clone(), number);
        }
        let turn = Turn { number: self.number(&name), promotion: name };
        let spec = &promotion.spec;
        if let Some(freight) = &spec.freight {
            self.of_freight.insert((spec.stage.clone(), freight.clone()), turn.clone());
        }
        if is_over(promotion) {
            let ended = (promotion.status.finished_at, turn.clone());
            self.ended.insert(spec.stage.clone(), ended);
        } else {
            for freight in freight_of(promotion) {
                self.wanting.insert(freight, turn.clone());
            }
            self.open.insert(spec.stage.clone(), turn.clone());
        }
        self.all.insert(spec.stage.clone(), turn);
    }

    pub(super) fn remove(&mut self, promotion: &Promotion) {
        let name = PromotionName::from(promotion.metadata.name.as_str());
        let turn = Turn { number: self.number(&name), promotion: name };
        let spec = &promotion.spec;
        self.all.remove(&spec.stage, &turn);
        self.open.remove(&spec.stage, &turn);
        if !is_over(promotion) {
            for freight in freight_of(promotion) {
                self.wanting.remove(&freight, &turn);
            }
        }
        self.ended.remove(&spec.stage, &(promotion.status.finished_at, turn.clone()));
        if let Some(freight) = &spec.freight {
            self.of_freight.remove(&(spec.stage.clone(), freight.clone()), &turn);
        }
    }

    /// Whether two states of a promotion stand in the same queues at the same turn: most changes are of other things.
    pub(super) fn is_alike(a: &Promotion, b: &Promotion) -> bool {
        let key = |of: &Promotion| (is_over(of), of.status.finished_at);
        key(a) == key(b) && (&a.spec.stage, &a.spec.freight) == (&b.spec.stage, &b.spec.freight)
    }

    /// Forgets a promotion for good.
    pub(super) fn forget(&mut self, promotion: &Promotion) {
        self.remove(promotion);
        self.numbers.remove(promotion.metadata.name.as_str());
    }

    pub(super) fn number(&self, promotion: &str) -> u64 {
        self.numbers.get(promotion).copied().unwrap_or_default()
    }

    /// The promotions of a Stage, oldest first.
    pub(super) fn all(&self, stage: &str) -> impl DoubleEndedIterator<Item = &Turn> {
        self.all.of(stage)
    }

    /// The promotions of a Stage that were made before a turn, or all, oldest first.
    pub(super) fn before<'q>(
        &'q self,
        stage: &str,
        turn: Option<&Turn>,
    ) -> impl DoubleEndedIterator<Item = &'q Turn> + use<'q> {
        self.all.below(stage, turn)
    }

    /// The promotions that have not ended and bring a piece of freight.
    pub(super) fn wanting(&self, freight: &str) -> impl Iterator<Item = &Turn> {
        self.wanting.of(freight)
    }

    /// The promotions of a Stage that have not ended, oldest first.
    pub(super) fn open(&self, stage: &str) -> impl DoubleEndedIterator<Item = &Turn> {
        self.open.of(stage)
    }

    /// The promotions of a Stage that ended later than an instant, in the order in which they did; all that ended, if none is
    /// given. Of which nobody knows when they ended come first.
    pub(super) fn ended(&self, stage: &str, after: Option<Timestamp>) -> impl DoubleEndedIterator<Item = &Turn> {
        let from = (after, Turn { number: 0, promotion: PromotionName::default() });
        let ended = self.ended.from(stage, &from);
        ended.filter(move |(at, _)| after.is_none() || *at != after).map(|(_, turn)| turn)
    }

    /// The promotions of freight to a Stage, oldest first.
    pub(super) fn of_freight<'q>(
        &'q self,
        stage: &StageName,
        freight: &FreightName,
    ) -> impl DoubleEndedIterator<Item = &'q Turn> + use<'q> {
        self.of_freight.of(&(stage.clone(), freight.clone()))
    }
}

/// All that a promotion brings: of several origins, the map is in an annotation (rules 13).
fn freight_of(promotion: &Promotion) -> BTreeSet<FreightName> {
    let written = promotion.metadata.annotations.get(label::EXT_FREIGHT);
    let written: BTreeMap<String, FreightName> =
        written.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    written.into_values().chain(promotion.spec.freight.clone()).collect()
}

fn is_over(promotion: &Promotion) -> bool {
    promotion.status.phase.as_ref().is_some_and(PromotionPhase::is_terminal)
}
