//! Indexes over promotions: which of a Stage have not ended, and which there were of a piece of freight.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    keyed::{Ask, Keyed, KeyedIndex, KeyedMap},
    shared::Index,
};
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

/// In which queues a promotion stands: most changes of promotions are of other things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standing {
    stage: StageName,
    freight: Option<FreightName>,
    /// When it ended, as far as that is known; none if it has not.
    ended: Option<Option<Timestamp>>,
}

impl Standing {
    pub(super) fn of(promotion: &Promotion) -> Self {
        let (spec, status) = (&promotion.spec, &promotion.status);
        let ended = is_over(promotion).then_some(status.finished_at);
        Self { stage: spec.stage.clone(), freight: spec.freight.clone(), ended }
    }
}

/// Promotions in the orders in which rules look for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    all: KeyedIndex<StageName, Turn>,
    open: KeyedIndex<StageName, Turn>,
    /// Those that ended, by when they did.
    ended: KeyedIndex<StageName, (Option<Timestamp>, Turn)>,
    of_freight: KeyedIndex<(StageName, FreightName), Turn>,
    /// Those that have not ended, by each piece of freight that they bring.
    wanting: Index<FreightName, Turn>,
    numbers: KeyedMap<PromotionName, u64>,
}

impl Queues {
    pub(super) fn insert(&mut self, promotion: &Promotion, number: u64) {
        let name = PromotionName::from(promotion.metadata.name.as_str());
        if number > 0 {
            self.numbers.insert(name.clone().into(), number);
        }
        let turn = Turn { number: self.number(&name), promotion: name };
        let spec = &promotion.spec;
        if let Some(freight) = &spec.freight {
            self.of_freight.insert((spec.stage.clone(), freight.clone()).into(), turn.clone());
        }
        if is_over(promotion) {
            let ended = (promotion.status.finished_at, turn.clone());
            self.ended.insert(spec.stage.clone().into(), ended);
        } else {
            self.want(promotion, &turn);
            self.open.insert(spec.stage.clone().into(), turn.clone());
        }
        self.all.insert(spec.stage.clone().into(), turn);
    }

    pub(super) fn remove(&mut self, promotion: &Promotion) {
        let name = PromotionName::from(promotion.metadata.name.as_str());
        let turn = Turn { number: self.number(&name), promotion: name };
        self.want_no_more(promotion, &turn);
        self.take(&promotion.metadata.name, &Standing::of(promotion));
    }

    /// A promotion that stood elsewhere before.
    pub(super) fn move_from(&mut self, before: &Standing, promotion: &Promotion) {
        let now = Standing::of(promotion);
        if (&before.stage, &before.freight) != (&now.stage, &now.freight) {
            self.take(&promotion.metadata.name, before);
            return self.insert(promotion, 0);
        }
        let name = PromotionName::from(promotion.metadata.name.as_str());
        let turn = Turn { number: self.number(&name), promotion: name };
        match (before.ended, now.ended) {
            (None, Some(_)) => self.want_no_more(promotion, &turn),
            (Some(_), None) => self.want(promotion, &turn),
            _ => {}
        }
        match before.ended {
            None => self.open.remove(&Ask::of(&now.stage), &turn),
            Some(at) => self.ended.remove(&Ask::of(&now.stage), &(at, turn.clone())),
        }
        match now.ended {
            None => self.open.insert(now.stage.into(), turn),
            Some(at) => self.ended.insert(now.stage.into(), (at, turn)),
        }
    }

    fn want(&mut self, promotion: &Promotion, turn: &Turn) {
        for freight in freight_of(promotion) {
            self.wanting.insert(freight, turn.clone());
        }
    }

    fn want_no_more(&mut self, promotion: &Promotion, turn: &Turn) {
        for freight in freight_of(promotion) {
            self.wanting.remove(&freight, turn);
        }
    }

    fn take(&mut self, name: &str, from: &Standing) {
        let name = PromotionName::from(name);
        let turn = Turn { number: self.number(&name), promotion: name };
        self.all.remove(&Ask::of(&from.stage), &turn);
        match from.ended {
            None => self.open.remove(&Ask::of(&from.stage), &turn),
            Some(at) => self.ended.remove(&Ask::of(&from.stage), &(at, turn.clone())),
        }
        if let Some(freight) = &from.freight {
            self.of_freight.remove(&Keyed::from((from.stage.clone(), freight.clone())), &turn);
        }
    }

    /// Forgets a promotion for good.
    pub(super) fn forget(&mut self, promotion: &Promotion) {
        self.remove(promotion);
        self.numbers.remove(&Ask::of(promotion.metadata.name.as_str()));
    }

    pub(super) fn number(&self, promotion: &str) -> u64 {
        self.numbers.get(&Ask::of(promotion)).copied().unwrap_or_default()
    }

    /// The promotions of a Stage, oldest first.
    pub(super) fn all(&self, stage: &str) -> impl DoubleEndedIterator<Item = &Turn> {
        self.all.of(&Ask::of(stage))
    }

    /// The promotions of a Stage that were made before a turn, or all, oldest first.
    pub(super) fn before<'q>(
        &'q self,
        stage: &'q str,
        turn: Option<&Turn>,
    ) -> impl DoubleEndedIterator<Item = &'q Turn> + use<'q> {
        self.all.below(&Ask::of(stage), turn)
    }

    /// The promotions that have not ended and bring a piece of freight.
    pub(super) fn wanting(&self, freight: &str) -> impl Iterator<Item = &Turn> {
        self.wanting.of(freight)
    }

    /// The promotions of a Stage that have not ended, oldest first.
    pub(super) fn open(&self, stage: &str) -> impl DoubleEndedIterator<Item = &Turn> {
        self.open.of(&Ask::of(stage))
    }

    /// The promotions of a Stage that ended later than an instant, in the order in which they did; all that ended, if none is
    /// given. Of which nobody knows when they ended come first.
    pub(super) fn ended(&self, stage: &str, after: Option<Timestamp>) -> impl DoubleEndedIterator<Item = &Turn> {
        let from = (after, Turn { number: 0, promotion: PromotionName::default() });
        let ended = self.ended.from(&Ask::of(stage), &from);
        ended.filter(move |(at, _)| after.is_none() || *at != after).map(|(_, turn)| turn)
    }

    /// The promotions of freight to a Stage, oldest first.
    pub(super) fn of_freight<'q>(
        &'q self,
        stage: &StageName,
        freight: &FreightName,
    ) -> impl DoubleEndedIterator<Item = &'q Turn> + use<'q> {
        self.of_freight.of(&Keyed::from((stage.clone(), freight.clone())))
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
