//! Indexes over promotions: which of a Stage have not ended, and which there were of a piece of freight.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FreightName, Promotion, PromotionName, PromotionPhase, StageName, Timestamp};

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
    all: BTreeMap<StageName, BTreeSet<Turn>>,
    open: BTreeMap<StageName, BTreeSet<Turn>>,
    /// Those that ended, by when they did.
    ended: BTreeMap<StageName, BTreeSet<(Option<Timestamp>, Turn)>>,
    of_freight: BTreeMap<(StageName, FreightName), BTreeSet<Turn>>,
    numbers: BTreeMap<PromotionName, u64>,
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
            self.of_freight.entry((spec.stage.clone(), freight.clone())).or_default().insert(turn.clone());
        }
        if is_over(promotion) {
            let ended = (promotion.status.finished_at, turn.clone());
            self.ended.entry(spec.stage.clone()).or_default().insert(ended);
        } else {
            self.open.entry(spec.stage.clone()).or_default().insert(turn.clone());
        }
        self.all.entry(spec.stage.clone()).or_default().insert(turn);
    }

    pub(super) fn remove(&mut self, promotion: &Promotion) {
        let name = PromotionName::from(promotion.metadata.name.as_str());
        let turn = Turn { number: self.number(&name), promotion: name };
        let spec = &promotion.spec;
        take(&mut self.all, &spec.stage, &turn);
        take(&mut self.open, &spec.stage, &turn);
        take(&mut self.ended, &spec.stage, &(promotion.status.finished_at, turn.clone()));
        if let Some(freight) = &spec.freight {
            take(&mut self.of_freight, &(spec.stage.clone(), freight.clone()), &turn);
        }
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
        self.all.get(stage).into_iter().flatten()
    }

    /// The promotions of a Stage that have not ended, oldest first.
    pub(super) fn open(&self, stage: &str) -> impl DoubleEndedIterator<Item = &Turn> {
        self.open.get(stage).into_iter().flatten()
    }

    /// The promotions of a Stage that ended later than an instant, in the order in which they did; all that ended, if none is
    /// given. Of which nobody knows when they ended come first.
    pub(super) fn ended(&self, stage: &str, after: Option<Timestamp>) -> impl DoubleEndedIterator<Item = &Turn> {
        let from = (after, Turn { number: 0, promotion: PromotionName::default() });
        let ended = self.ended.get(stage).into_iter().flat_map(move |ended| ended.range(from.clone()..));
        ended.filter(move |(at, _)| after.is_none() || *at != after).map(|(_, turn)| turn)
    }

    /// The promotions of freight to a Stage, oldest first.
    pub(super) fn of_freight<'q>(
        &'q self,
        stage: &StageName,
        freight: &FreightName,
    ) -> impl DoubleEndedIterator<Item = &'q Turn> + use<'q> {
        self.of_freight.get(&(stage.clone(), freight.clone())).into_iter().flatten()
    }
}

fn is_over(promotion: &Promotion) -> bool {
    promotion.status.phase.as_ref().is_some_and(PromotionPhase::is_terminal)
}

fn take<K: Ord, T: Ord>(sets: &mut BTreeMap<K, BTreeSet<T>>, key: &K, item: &T) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(item);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}
