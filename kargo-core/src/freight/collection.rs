//! Collections of freight: their id, and what is asked of them and done to them (resources 16.6 and 19.6).

use crate::model::{FreightCollection, FreightName, FreightReference, Origin, VerificationPhase};

use super::{order::by_origin_key, sums::sha1_of_joined};

/// The id of a collection of freight with these names: 40 lower-case hex digits (resources 16.6).
///
/// Only names take part, in any order. Equal collections have equal ids, whenever they were in a Stage and whatever
/// verification said of them.
///
/// ```
/// use kargo_core::freight::collection::collection_id;
/// assert_eq!(
///     collection_id(["84d9a0d81714243ecd236c670da11c7259af9059"]),
///     "957e92575db98f1ea3cd46e13c6e9d3de5e9f58c",
/// );
/// ```
#[must_use]
pub fn collection_id<T: AsRef<str>>(freight: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<T> = freight.into_iter().collect();
    names.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    sha1_of_joined(&[], &names, ",")
}

/// Puts freight into the collection, each in the place of its origin, and recomputes the collection's id (resources 19.6).
pub fn update_or_push(collection: &mut FreightCollection, freight: impl IntoIterator<Item = FreightReference>) {
    for reference in freight {
        collection.freight.insert(reference.origin.clone(), reference);
    }
    collection.id = collection_id(collection.freight.values().map(|reference| &reference.name));
}

/// Whether freight of this name is in the collection, whatever its origin (resources 19.6).
#[must_use]
pub fn includes(collection: &FreightCollection, freight: &FreightName) -> bool {
    collection.freight.values().any(|reference| reference.name == *freight)
}

/// Whether the collection holds this freight for this origin (resources 19.6, "has candidate").
#[must_use]
pub fn holds(collection: &FreightCollection, origin: &Origin, freight: &FreightName) -> bool {
    collection.freight.get(origin).is_some_and(|reference| reference.name == *freight)
}

/// Whether any verification of the collection has not ended, not only the newest (resources 19.6).
///
/// A verification without a phase has not ended.
#[must_use]
pub fn has_non_terminal_verification(collection: &FreightCollection) -> bool {
    let ended = |phase: &Option<VerificationPhase>| phase.as_ref().is_some_and(VerificationPhase::is_terminal);
    !collection.verification_history.iter().all(|info| ended(&info.phase))
}

/// The collection's freight in the byte order of origin keys (resources 18.4), which is not that of [`Origin`] itself.
#[must_use]
pub fn references(collection: &FreightCollection) -> Vec<&FreightReference> {
    let mut entries: Vec<_> = collection.freight.iter().collect();
    entries.sort_by(|(a, _), (b, _)| by_origin_key(a, b));
    entries.into_iter().map(|(_, reference)| reference).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::VerificationInfo;

    const A: &str = "84d9a0d81714243ecd236c670da11c7259af9059";
    const B: &str = "778eda38db6788f9470154adfcc64a364c32af11";

    fn freight(origin: Origin, name: &str) -> FreightReference {
        FreightReference { name: name.into(), origin, ..FreightReference::default() }
    }

    fn verification(phase: Option<&str>) -> VerificationInfo {
        VerificationInfo { phase: phase.map(VerificationPhase::from), ..VerificationInfo::default() }
    }

    #[test]
    fn resources_16_6_examples() {
        assert_eq!(collection_id([A]), "957e92575db98f1ea3cd46e13c6e9d3de5e9f58c");
        assert_eq!(collection_id([A, B]), "74eb22e74d3290f4295ac530fbbb3df9880311d5");
        assert_eq!(collection_id([B, A]), "74eb22e74d3290f4295ac530fbbb3df9880311d5");
    }

    #[test]
    fn resources_19_6_update_or_push_keeps_one_freight_per_origin() {
        let mut collection = FreightCollection::default();
        update_or_push(&mut collection, [freight(Origin::warehouse("a"), "old"), freight(Origin::warehouse("b"), B)]);
        assert_eq!(collection.id, collection_id(["old", B]));
        update_or_push(&mut collection, [freight(Origin::warehouse("a"), A)]);
        assert_eq!(collection.freight.len(), 2);
        assert_eq!(collection.id, "74eb22e74d3290f4295ac530fbbb3df9880311d5");
    }

    #[test]
    fn resources_19_6_the_id_is_recomputed_by_every_update() {
        let mut collection = FreightCollection { id: "stale".into(), ..FreightCollection::default() };
        collection.freight.insert(Origin::warehouse("a"), freight(Origin::warehouse("a"), A));
        update_or_push(&mut collection, []);
        assert_eq!(collection.id, "957e92575db98f1ea3cd46e13c6e9d3de5e9f58c");
    }

    #[test]
    fn resources_16_6_verification_and_origins_take_no_part() {
        let mut first = FreightCollection::default();
        update_or_push(&mut first, [freight(Origin::warehouse("a"), A)]);
        let mut second =
            FreightCollection { verification_history: vec![verification(None)], ..FreightCollection::default() };
        update_or_push(&mut second, [freight(Origin::junction("z"), A)]);
        assert_eq!(first.id, second.id);
    }

    #[test]
    fn resources_19_6_membership() {
        let mut collection = FreightCollection::default();
        let (a, b) = (Origin::warehouse("a"), Origin::warehouse("b"));
        update_or_push(&mut collection, [freight(a.clone(), A), freight(b.clone(), B)]);
        assert!(includes(&collection, &A.into()));
        assert!(includes(&collection, &B.into()));
        assert!(!includes(&collection, &A[..7].into()));
        assert!(holds(&collection, &a, &A.into()));
        assert!(!holds(&collection, &b, &A.into()));
        assert!(!holds(&collection, &Origin::junction("a"), &A.into()));
    }

    #[test]
    fn resources_19_6_any_unended_verification_counts() {
        let with = |phases: &[Option<&str>]| FreightCollection {
            verification_history: phases.iter().copied().map(verification).collect(),
            ..FreightCollection::default()
        };
        assert!(!has_non_terminal_verification(&with(&[])));
        assert!(!has_non_terminal_verification(&with(&[Some("Successful"), Some("Failed"), Some("Error")])));
        assert!(!has_non_terminal_verification(&with(&[Some("Aborted"), Some("Inconclusive")])));
        for unended in [Some("Pending"), Some("Running"), Some("Paused"), None] {
            assert!(has_non_terminal_verification(&with(&[Some("Successful"), unended])), "{unended:?}");
        }
    }

    #[test]
    fn resources_18_4_references_follow_the_text_of_origin_keys() {
        let mut collection = FreightCollection::default();
        let origins = ["Warehouse/a", "Junction/z", "Warehouse/a-b", "Junction/a", "Warehouse/B", "Warehouse/a.b"];
        update_or_push(&mut collection, origins.map(|key| freight(key.parse().unwrap(), key)));
        let order: Vec<&str> = references(&collection).into_iter().map(|reference| reference.name.as_str()).collect();
        let mut sorted = origins;
        sorted.sort_unstable();
        assert_eq!(order, sorted);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn resources_16_6_order_takes_no_part(
            (names, shuffled) in prop::collection::vec("[0-9a-f]{1,6}", 0..8)
                .prop_flat_map(|names| (Just(names.clone()), Just(names).prop_shuffle()))
        ) {
            prop_assert_eq!(collection_id(names), collection_id(shuffled));
        }
    }
}
