//! A place: a Stage, or one Target of a Stage; and what is there.

use std::{cmp::Ordering, collections::BTreeMap, fmt, sync::Arc};

use equivalent::{Comparable, Equivalent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keyed::Digest;
use crate::{
    freight::collection::collection_id,
    model::{
        AutoPromotionHold, FreightCollection, FreightName, FreightReference, Health, Origin, PromotionName,
        PromotionReference, StageName, StageStatus, TargetName, VerificationInfo,
    },
};

/// Where freight goes: a Stage, or one Target of a target-aware Stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The Stage.
    pub stage: StageName,
    /// The Target, of a target-aware Stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetName>,
}

impl Place {
    /// The Stage itself.
    #[must_use]
    pub fn stage(stage: impl Into<StageName>) -> Self {
        Self { stage: stage.into(), target: None }
    }
}

/// A Stage itself as a place, to be looked up.
pub(super) struct Itself<'a>(pub(super) &'a str);

impl Digest for Itself<'_> {
    fn digest(&self) -> u64 {
        self.0.digest()
    }
}

impl Equivalent<Place> for Itself<'_> {
    fn equivalent(&self, place: &Place) -> bool {
        self.compare(place).is_eq()
    }
}

impl Comparable<Place> for Itself<'_> {
    fn compare(&self, place: &Place) -> Ordering {
        self.0.cmp(&*place.stage).then(None.cmp(&place.target.as_ref()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stage)?;
        self.target.as_ref().map_or(Ok(()), |target| write!(f, "/{target}"))
    }
}

/// What is in a place, and what happens there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceState {
    /// Collections that were here, newest first, at most 10; the first is the current one.
    pub history: Vec<Arc<Held>>,
    /// The promotion that may run now.
    pub current_promotion: Option<PromotionName>,
    /// The promotion that ended last.
    pub last_promotion: Option<Arc<PromotionReference>>,
    /// Health when it was last looked at.
    pub health: Option<Arc<Health>>,
    /// Holds that finished promotions left, by origin.
    pub holds: Vec<Arc<AutoPromotionHold>>,
    /// Data of users.
    pub metadata: Option<Arc<BTreeMap<String, Value>>>,
}

/// A collection of freight that is or was in a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// The collection's id (resources 16.6).
    pub id: Box<str>,
    /// One piece of freight for each origin, by origin.
    pub freight: Box<[Arc<FreightReference>]>,
    /// Its verifications, newest first, at most 10.
    pub verifications: Vec<VerificationInfo>,
}

impl PlaceState {
    /// How many collections a place remembers (control 0.6).
    pub const REMEMBERED: usize = 10;

    /// The collection that is there.
    #[must_use]
    pub fn current(&self) -> Option<&Held> {
        self.history.first().map(AsRef::as_ref)
    }

    /// The hold that finished promotions left on an origin.
    #[must_use]
    pub fn hold(&self, origin: &Origin) -> Option<&AutoPromotionHold> {
        self.holds.iter().map(AsRef::as_ref).find(|hold| hold.origin == *origin)
    }
}

impl Held {
    /// These pieces of freight. Of one origin the last counts.
    #[must_use]
    pub fn new(freight: impl IntoIterator<Item = Arc<FreightReference>>) -> Self {
        let mut by_origin = BTreeMap::new();
        for reference in freight {
            by_origin.insert(reference.origin.clone(), reference);
        }
        let id = collection_id(by_origin.values().map(|reference| &reference.name));
        Self { id: id.into(), freight: by_origin.into_values().collect(), verifications: Vec::new() }
    }

    /// The freight of an origin.
    #[must_use]
    pub fn of(&self, origin: &Origin) -> Option<&FreightReference> {
        self.freight.iter().map(AsRef::as_ref).find(|reference| reference.origin == *origin)
    }

    /// Whether it holds this freight, whatever its origin.
    #[must_use]
    pub fn includes(&self, freight: &str) -> bool {
        self.freight.iter().any(|reference| reference.name == *freight)
    }

    /// The names of its freight, by origin.
    pub fn names(&self) -> impl Iterator<Item = &FreightName> {
        self.freight.iter().map(|reference| &reference.name)
    }

    /// As Kargo writes it.
    #[must_use]
    pub fn to_collection(&self) -> FreightCollection {
        let freight = self.freight.iter().map(|reference| (reference.origin.clone(), (**reference).clone()));
        FreightCollection {
            id: self.id.to_string(),
            freight: freight.collect(),
            verification_history: self.verifications.clone(),
        }
    }
}

impl From<&FreightCollection> for Held {
    fn from(collection: &FreightCollection) -> Self {
        let freight = collection.freight.values().cloned().map(Arc::new).collect();
        Self { id: collection.id.as_str().into(), freight, verifications: collection.verification_history.clone() }
    }
}

impl PlaceState {
    /// As Kargo writes it; what the rules say of it stands in the status that [`policy`](crate::policy::status) makes.
    #[must_use]
    pub fn to_status(&self) -> StageStatus {
        let current = |name: &PromotionName| PromotionReference { name: name.clone(), ..PromotionReference::default() };
        let holds = self.holds.iter().map(|hold| (hold.origin.clone(), (**hold).clone()));
        StageStatus {
            freight_history: self.history.iter().map(|held| held.to_collection()).collect(),
            current_promotion: self.current_promotion.as_ref().map(current),
            last_promotion: self.last_promotion.as_deref().cloned(),
            health: self.health.as_deref().cloned(),
            auto_promotion_holds: holds.collect(),
            metadata: self.metadata.as_deref().cloned().unwrap_or_default(),
            ..StageStatus::default()
        }
    }
}

impl From<&StageStatus> for PlaceState {
    fn from(status: &StageStatus) -> Self {
        Self {
            history: status.freight_history.iter().map(|collection| Arc::new(Held::from(collection))).collect(),
            current_promotion: status.current_promotion.as_ref().map(|promotion| promotion.name.clone()),
            last_promotion: status.last_promotion.clone().map(Arc::new),
            health: status.health.clone().map(Arc::new),
            holds: status.auto_promotion_holds.values().cloned().map(Arc::new).collect(),
            metadata: Some(&status.metadata).filter(|data| !data.is_empty()).cloned().map(Arc::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_16_6_a_collection_has_one_piece_for_each_origin() {
        let freight = |origin: &str, name: &str| {
            let origin = Origin::warehouse(origin);
            Arc::new(FreightReference { name: name.into(), origin, ..FreightReference::default() })
        };
        let held = Held::new([freight("b", "bb"), freight("a", "old"), freight("a", "aa")]);
        assert_eq!(held.names().map(|name| &**name).collect::<Vec<_>>(), ["aa", "bb"]);
        assert_eq!(&*held.id, collection_id(["aa", "bb"]));
        assert_eq!(Held::from(&held.to_collection()), held);
        assert!(held.includes("bb") && !held.includes("old"));
        assert_eq!(held.of(&Origin::warehouse("a")).unwrap().name, "aa");
        assert_eq!(Place { stage: "prod".into(), target: Some("eu".into()) }.to_string(), "prod/eu");
    }
}
