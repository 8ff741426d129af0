//! What is newer, what is next: orders of freight, promotions and references (resources 18; rules 9).

use std::cmp::{Ordering, Reverse};

use crate::model::{Freight, FreightName, Origin, Promotion, PromotionPhase, StageName, Timestamp};

/// When the freight counts as found: the time of discovery, else the time of creation (resources 18.1).
#[must_use]
pub fn discovery_time(freight: &Freight) -> Option<Timestamp> {
    freight.discovered_at.or(freight.metadata.creation_timestamp)
}

/// Orders freight of a Warehouse from the oldest to the newest; of equally old freight the greater name counts as newer
/// (resources 18.1). Freight without any time is the oldest.
#[must_use]
pub fn by_age(a: &Freight, b: &Freight) -> Ordering {
    discovery_time(a).cmp(&discovery_time(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name))
}

/// The newest of this freight, if there is any (resources 18.1).
///
/// ```
/// use kargo_core::freight::order::newest;
/// use kargo_core::model::{Freight, ObjectMeta, time::from_manifest};
/// let found = |name, at| Freight {
///     metadata: ObjectMeta::named(name),
///     discovered_at: from_manifest(at).ok(),
///     ..Freight::default()
/// };
/// let freight = [found("b", "2026-11-24T14:02:00Z"), found("a", "2026-11-24T14:03:00Z")];
/// assert_eq!(newest(&freight), Some(&freight[1]));
/// ```
pub fn newest<'a>(freight: impl IntoIterator<Item = &'a Freight>) -> Option<&'a Freight> {
    freight.into_iter().max_by(|a, b| by_age(a, b))
}

/// Orders freight of a Junction from the oldest to the newest: by the greatest number under which each was released
/// (rules 9). Freight that was never released is the oldest, and age decides where numbers do not.
#[must_use]
pub fn by_release(a: (Option<u64>, &Freight), b: (Option<u64>, &Freight)) -> Ordering {
    a.0.cmp(&b.0).then_with(|| by_age(a.1, b.1))
}

/// Orders the promotions of a Stage from the first to the last in the queue: the running one, then those that have not
/// ended by ascending name, then those that have by descending name (resources 18.2).
///
/// Names tell the order of creation only while what stands before their ULIDs is equal (resources 23, trap 19).
#[must_use]
pub fn by_queue(a: &Promotion, b: &Promotion) -> Ordering {
    let (rank_a, rank_b) = (queue_rank(a), queue_rank(b));
    rank_a.cmp(&rank_b).then_with(|| {
        let order = a.metadata.name.cmp(&b.metadata.name);
        if rank_a == QueueRank::Ended { order.reverse() } else { order }
    })
}

/// Orders promotions from the newest to the oldest: by time of creation, then by name, both descending (resources 18.3).
#[must_use]
pub fn by_creation_newest_first(a: &Promotion, b: &Promotion) -> Ordering {
    let key = |promotion: &Promotion| Reverse(promotion.metadata.creation_timestamp);
    key(a).cmp(&key(b)).then_with(|| b.metadata.name.cmp(&a.metadata.name))
}

/// The newest promotion of this freight to this Stage that has ended, if there is any (resources 18.3).
pub fn newest_terminal<'a>(
    promotions: impl IntoIterator<Item = &'a Promotion>,
    stage: &StageName,
    freight: &FreightName,
) -> Option<&'a Promotion> {
    promotions
        .into_iter()
        .filter(|promotion| promotion.spec.stage == *stage && promotion.spec.freight.as_ref() == Some(freight))
        .filter(|promotion| queue_rank(promotion) == QueueRank::Ended)
        .min_by(|a, b| by_creation_newest_first(a, b))
}

/// Orders origins as the texts of their keys (resources 18.4): Junctions stand before Warehouses.
#[must_use]
pub fn by_origin_key(a: &Origin, b: &Origin) -> Ordering {
    (a.kind.as_str(), &a.name).cmp(&(b.kind.as_str(), &b.name))
}

/// Sorts by name and keeps the first of each name: how Targets and available freight are listed (resources 18.4).
///
/// ```
/// use kargo_core::freight::order::sort_by_name;
/// let mut names = vec!["b", "a", "b"];
/// sort_by_name(&mut names, |name| name);
/// assert_eq!(names, ["a", "b"]);
/// ```
pub fn sort_by_name<T>(items: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    items.sort_by(|a, b| name(a).cmp(name(b)));
    items.dedup_by(|later, earlier| name(later) == name(earlier));
}

/// The three parts of a queue, first to last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum QueueRank {
    Running,
    Waiting,
    Ended,
}

fn queue_rank(promotion: &Promotion) -> QueueRank {
    match &promotion.status.phase {
        Some(PromotionPhase::Running) => QueueRank::Running,
        Some(phase) if phase.is_terminal() => QueueRank::Ended,
        _ => QueueRank::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::model::ObjectMeta;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn freight(name: &str, discovered: Option<i64>, created: Option<i64>) -> Freight {
        Freight {
            metadata: ObjectMeta { creation_timestamp: created.map(at), ..ObjectMeta::named(name) },
            discovered_at: discovered.map(at),
            ..Freight::default()
        }
    }

    fn promotion(name: &str, phase: Option<&str>, created: Option<i64>) -> Promotion {
        let mut promotion = Promotion {
            metadata: ObjectMeta { creation_timestamp: created.map(at), ..ObjectMeta::named(name) },
            ..Promotion::default()
        };
        promotion.spec.stage = "prod".into();
        promotion.spec.freight = Some("f".into());
        promotion.status.phase = phase.map(PromotionPhase::from);
        promotion
    }

    #[test]
    fn resources_18_1_discovery_beats_creation() {
        assert_eq!(discovery_time(&freight("a", Some(1), Some(9))), Some(at(1)));
        assert_eq!(discovery_time(&freight("a", None, Some(9))), Some(at(9)));
        assert_eq!(discovery_time(&freight("a", None, None)), None);
    }

    #[test]
    fn resources_18_1_newest_is_latest_then_greatest_name() {
        let all = [
            freight("z", None, None),
            freight("b", Some(5), Some(0)),
            freight("a", Some(5), Some(9)),
            freight("c", Some(4), Some(9)),
        ];
        assert_eq!(newest(&all), Some(&all[1]));
        assert_eq!(newest(&all[2..]), Some(&all[2]));
        assert_eq!(newest(&all[..1]), Some(&all[0]));
        assert_eq!(newest(&[]), None);
        let mut names: Vec<_> = all.iter().collect();
        names.sort_by(|a, b| by_age(a, b));
        let names: Vec<_> = names.iter().map(|f| f.metadata.name.as_str()).collect();
        assert_eq!(names, ["z", "c", "a", "b"]);
    }

    #[test]
    fn rules_9_a_release_number_beats_age() {
        let (old, new) = (freight("a", Some(1), None), freight("b", Some(2), None));
        // The old bundle was released again, so it is the newer one.
        assert_eq!(by_release((Some(3), &old), (Some(2), &new)), Ordering::Greater);
        assert_eq!(by_release((Some(1), &old), (Some(2), &new)), Ordering::Less);
        assert_eq!(by_release((Some(10), &old), (Some(9), &new)), Ordering::Greater);
        assert_eq!(by_release((None, &new), (Some(1), &old)), Ordering::Less);
        assert_eq!(by_release((None, &new), (None, &old)), Ordering::Greater);
    }

    #[test]
    fn resources_18_2_queue() {
        let mut queue = [
            promotion("a", Some("Succeeded"), None),
            promotion("b", Some("Pending"), None),
            promotion("c", Some("Aborted"), None),
            promotion("d", None, None),
            promotion("e", Some("Paused"), None),
            promotion("f", Some("Running"), None),
            promotion("g", Some("Errored"), None),
            promotion("h", Some("Failed"), None),
        ];
        queue.reverse();
        queue.sort_by(by_queue);
        let names: Vec<_> = queue.iter().map(|p| p.metadata.name.as_str()).collect();
        assert_eq!(names, ["f", "b", "d", "e", "h", "g", "c", "a"]);
    }

    #[test]
    fn resources_18_3_newest_terminal() {
        let (prod, f) = ("prod".into(), "f".into());
        let mut all = vec![
            promotion("z", Some("Failed"), Some(1)),
            promotion("a", Some("Succeeded"), Some(2)),
            promotion("b", Some("Aborted"), Some(2)),
            promotion("y", Some("Errored"), None),
            promotion("c", Some("Running"), Some(3)),
            promotion("d", None, Some(4)),
        ];
        let name = |all: &[Promotion]| newest_terminal(all, &prod, &f).map(|p| p.metadata.name.clone());
        assert_eq!(name(&all).as_deref(), Some("b"));
        all[2].spec.stage = "test".into();
        assert_eq!(name(&all).as_deref(), Some("a"));
        all[1].spec.freight = Some("g".into());
        assert_eq!(name(&all).as_deref(), Some("z"));
        all.remove(0);
        assert_eq!(name(&all).as_deref(), Some("y"));
        assert_eq!(name(&[]), None);
    }

    #[test]
    fn resources_18_4_names_are_sorted_and_the_first_of_each_is_kept() {
        let mut items = vec![("b", 1), ("a", 2), ("b", 3), ("B", 4), ("a", 5)];
        sort_by_name(&mut items, |item| item.0);
        assert_eq!(items, [("B", 4), ("a", 2), ("b", 1)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn resources_18_4_origins_compare_as_their_keys(
            kinds in any::<[bool; 2]>(), a in "[A-Za-z0-9.-]{0,4}", b in "[A-Za-z0-9.-]{0,4}"
        ) {
            let origin = |junction: bool, name: String| if junction { Origin::junction(name) } else { Origin::warehouse(name) };
            let (a, b) = (origin(kinds[0], a), origin(kinds[1], b));
            prop_assert_eq!(by_origin_key(&a, &b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn resources_18_2_the_queue_is_a_total_order(
            phases in prop::collection::vec(prop::option::of("Pending|Running|Succeeded|Failed|Errored|Aborted"), 1..8)
        ) {
            let promotions: Vec<_> = phases.iter().enumerate()
                .map(|(n, phase)| promotion(&format!("p{n}"), phase.as_deref(), None)).collect();
            let mut sorted = promotions.clone();
            sorted.sort_by(by_queue);
            for (i, a) in sorted.iter().enumerate() {
                for b in &sorted[i + 1..] {
                    prop_assert_eq!(by_queue(a, b), Ordering::Less);
                    prop_assert_eq!(by_queue(b, a), Ordering::Greater);
                }
            }
        }
    }
}
