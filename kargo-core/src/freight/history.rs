//! Histories, newest first and bounded: of the freight of a Stage, and of verifications of a collection (resources 19.6).

use crate::model::{FreightCollection, VerificationInfo};

/// How many entries a history keeps (control 0.6).
pub const LIMIT: usize = 10;

/// Puts collections at the head of a Stage's freight history, in the order given, and drops the oldest beyond
/// [`LIMIT`] (resources 19.6).
///
/// A collection equal to the current one is recorded again (resources 23, trap 22).
///
/// ```
/// use kargo_core::freight::history;
/// use kargo_core::model::FreightCollection;
/// let mut past = Vec::new();
/// history::record(&mut past, [FreightCollection { id: "first".into(), ..Default::default() }]);
/// history::record(&mut past, [FreightCollection { id: "second".into(), ..Default::default() }]);
/// assert_eq!(history::current(&past).map(|collection| collection.id.as_str()), Some("second"));
/// ```
pub fn record(history: &mut Vec<FreightCollection>, collections: impl IntoIterator<Item = FreightCollection>) {
    prepend(history, collections);
}

/// What the Stage holds: the newest collection of its history, if there is any.
#[must_use]
pub fn current(history: &[FreightCollection]) -> Option<&FreightCollection> {
    history.first()
}

/// Takes verifications into a collection's history: one whose id is known takes the place of its earlier state, the
/// others come to the head in the order given; then the oldest beyond [`LIMIT`] are dropped (resources 19.6).
///
/// No id and an empty one are the same, as they are in manifests. Of two new ones with the same id the later counts.
pub fn update_or_push(history: &mut Vec<VerificationInfo>, infos: impl IntoIterator<Item = VerificationInfo>) {
    let mut new: Vec<VerificationInfo> = Vec::new();
    for info in infos {
        match history.iter_mut().chain(&mut new).find(|known| id(known) == id(&info)) {
            Some(known) => *known = info,
            None => new.push(info),
        }
    }
    prepend(history, new);
}

/// The newest verification, if there is any.
#[must_use]
pub fn current_verification(history: &[VerificationInfo]) -> Option<&VerificationInfo> {
    history.first()
}

fn id(info: &VerificationInfo) -> &str {
    info.id.as_deref().unwrap_or_default()
}

fn prepend<T>(history: &mut Vec<T>, entries: impl IntoIterator<Item = T>) {
    history.splice(..0, entries.into_iter().take(LIMIT));
    history.truncate(LIMIT);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::VerificationPhase;

    fn collection(id: impl Into<String>) -> FreightCollection {
        FreightCollection { id: id.into(), ..FreightCollection::default() }
    }

    fn verification(id: &str, phase: VerificationPhase) -> VerificationInfo {
        VerificationInfo { id: Some(id.into()), phase: Some(phase), ..VerificationInfo::default() }
    }

    fn ids(history: &[VerificationInfo]) -> Vec<&str> {
        history.iter().map(id).collect()
    }

    #[test]
    fn resources_19_6_record_prepends_as_given_and_cuts_to_ten() {
        let mut history = Vec::new();
        for n in 0..9 {
            record(&mut history, [collection(n.to_string())]);
        }
        record(&mut history, [collection("a"), collection("b"), collection("c")]);
        let ids: Vec<&str> = history.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c", "8", "7", "6", "5", "4", "3", "2"]);
        assert_eq!(current(&history).map(|c| c.id.as_str()), Some("a"));
        assert_eq!(current(&[]), None);
    }

    #[test]
    fn resources_19_6_more_than_ten_at_once() {
        let mut history = vec![collection("old")];
        record(&mut history, (0..12).map(|n| collection(n.to_string())));
        let ids: Vec<&str> = history.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }

    #[test]
    fn trap_22_equal_collections_are_not_merged() {
        let mut history = Vec::new();
        record(&mut history, [collection("same")]);
        record(&mut history, [collection("same")]);
        assert_eq!(history.len(), 2);
    }

    #[test]
    fn resources_19_6_known_verifications_are_replaced_in_place_and_new_ones_prepended() {
        use VerificationPhase::{Failed, Running, Successful};
        let mut history = Vec::new();
        update_or_push(&mut history, [verification("1", Running)]);
        update_or_push(&mut history, [verification("2", Running)]);
        update_or_push(
            &mut history,
            [verification("3", Failed), verification("1", Successful), verification("4", Running)],
        );
        assert_eq!(ids(&history), ["3", "4", "2", "1"]);
        assert_eq!(history[3].phase, Some(Successful));
        assert_eq!(current_verification(&history).and_then(|info| info.phase.clone()), Some(Failed));
        assert_eq!(current_verification(&[]), None);
    }

    #[test]
    fn resources_19_6_the_eleventh_verification_drops_the_oldest() {
        let mut history = Vec::new();
        for n in 0..11 {
            update_or_push(&mut history, [verification(&n.to_string(), VerificationPhase::Failed)]);
        }
        assert_eq!(ids(&history), ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]);
        // A known one drops nothing.
        update_or_push(&mut history, [verification("1", VerificationPhase::Successful)]);
        assert_eq!(history.len(), 10);
        assert_eq!(history[9].phase, Some(VerificationPhase::Successful));
    }

    #[test]
    fn resources_19_6_the_same_new_id_twice_and_no_id() {
        use VerificationPhase::{Running, Successful};
        let mut history = Vec::new();
        update_or_push(&mut history, [verification("1", Running), verification("1", Successful)]);
        assert_eq!(history, [verification("1", Successful)]);
        update_or_push(&mut history, [VerificationInfo::default()]);
        update_or_push(&mut history, [verification("", Running)]);
        assert_eq!(ids(&history), ["", "1"]);
        assert_eq!(history[0].phase, Some(Running));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn control_0_6_histories_never_exceed_ten(batches in prop::collection::vec(prop::collection::vec(0_u8..30, 0..15), 0..12)) {
            let (mut freight, mut verifications) = (Vec::new(), Vec::new());
            for batch in batches {
                record(&mut freight, batch.iter().map(|n| collection(n.to_string())));
                update_or_push(&mut verifications, batch.iter().map(|n| verification(&n.to_string(), VerificationPhase::Pending)));
                prop_assert!(freight.len() <= LIMIT && verifications.len() <= LIMIT);
                if let Some(first) = batch.first() {
                    prop_assert_eq!(current(&freight), Some(&collection(first.to_string())));
                }
                let mut unique = ids(&verifications);
                unique.sort_unstable();
                unique.dedup();
                prop_assert_eq!(unique.len(), verifications.len());
            }
        }
    }
}
