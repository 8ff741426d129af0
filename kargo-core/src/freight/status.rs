//! Where freight is, was verified and may go: reading and writing its status (resources 19.1). Time is an argument.

use crate::model::{ApprovedStage, CurrentStage, Duration, FreightStatus, StageName, Timestamp, VerifiedStage};

/// Whether the Stage uses the freight now.
#[must_use]
pub fn is_in_use(status: &FreightStatus, stage: &StageName) -> bool {
    status.currently_in.contains_key(stage)
}

/// Whether the Stage verified the freight.
#[must_use]
pub fn is_verified(status: &FreightStatus, stage: &StageName) -> bool {
    status.verified_in.contains_key(stage)
}

/// Whether the freight was approved for the Stage by hand.
#[must_use]
pub fn is_approved(status: &FreightStatus, stage: &StageName) -> bool {
    status.approved_for.contains_key(stage)
}

/// Marks the freight as used by the Stage since `now`. Where it already is, the first time stays.
pub fn add_current(status: &mut FreightStatus, stage: &StageName, now: Timestamp) {
    status.currently_in.entry(stage.clone()).or_insert(CurrentStage { since: Some(now) });
}

/// Marks the freight as verified by the Stage. Where it already is, the first time and the soak stay.
pub fn add_verified(status: &mut FreightStatus, stage: &StageName, now: Timestamp) {
    let first = VerifiedStage { verified_at: Some(now), longest_completed_soak: None };
    status.verified_in.entry(stage.clone()).or_insert(first);
}

/// Marks the freight as approved for the Stage. Where it already is, the first time stays.
pub fn add_approved(status: &mut FreightStatus, stage: &StageName, now: Timestamp) {
    status.approved_for.entry(stage.clone()).or_insert(ApprovedStage { approved_at: Some(now) });
}

/// Takes the freight out of the Stage. If the Stage has verified it, a stay longer than any before is remembered; a stay
/// without a verification leaves no trace (resources 19.1, control 6.1).
pub fn remove_current(status: &mut FreightStatus, stage: &StageName, now: Timestamp) {
    let Some(CurrentStage { since: Some(since) }) = status.currently_in.remove(stage) else { return };
    let Some(verified) = status.verified_in.get_mut(stage) else { return };
    let stay = stay(since, now);
    if verified.longest_completed_soak.is_none_or(|longest| stay > longest) {
        verified.longest_completed_soak = Some(stay);
    }
}

/// The longest time that the freight stayed in the Stage without a break, the present stay included; none where the
/// Stage has not verified it (resources 19.1).
///
/// The clock starts when the freight enters, not when it is verified, and stays are not added up (resources 23,
/// trap 11).
///
/// ```
/// use kargo_core::freight::status;
/// use kargo_core::model::{Duration, FreightStatus, time::from_manifest};
/// let (qa, mut freight) = ("qa".into(), FreightStatus::default());
/// let (noon, one) = (from_manifest("2026-11-24T12:00:00Z")?, from_manifest("2026-11-24T13:00:00Z")?);
/// status::add_current(&mut freight, &qa, noon);
/// assert_eq!(status::longest_soak(&freight, &qa, one), Duration::ZERO);
/// status::add_verified(&mut freight, &qa, one);
/// assert_eq!(status::longest_soak(&freight, &qa, one), Duration::from_secs(3600));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn longest_soak(status: &FreightStatus, stage: &StageName, now: Timestamp) -> Duration {
    let Some(verified) = status.verified_in.get(stage) else { return Duration::ZERO };
    soak(verified, status.currently_in.get(stage).and_then(|current| current.since), now)
}

/// The longest stay of verified freight: those that ended, and the present one since `since` (resources 19.1).
#[must_use]
pub fn soak(verified: &VerifiedStage, since: Option<Timestamp>, now: Timestamp) -> Duration {
    let completed = verified.longest_completed_soak.unwrap_or_default().max(Duration::ZERO);
    since.map_or(completed, |since| completed.max(stay(since, now)))
}

/// Whether the freight stayed in the Stage for as long as required; always where nothing is required (resources 19.1).
#[must_use]
pub fn has_soaked(status: &FreightStatus, stage: &StageName, required: Option<Duration>, now: Timestamp) -> bool {
    required.is_none_or(|required| longest_soak(status, stage, now) >= required)
}

/// The length of a stay: none where it begins in the future, the longest span where it does not fit one.
#[must_use]
pub fn stay(since: Timestamp, now: Timestamp) -> Duration {
    let elapsed = now.signed_duration_since(since);
    if elapsed <= chrono::TimeDelta::zero() {
        return Duration::ZERO;
    }
    Duration::from_nanos(elapsed.num_nanoseconds().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn qa() -> StageName {
        "qa".into()
    }

    fn seconds(count: i64) -> Duration {
        Duration::from_secs(count)
    }

    fn completed(status: &FreightStatus) -> Option<Duration> {
        status.verified_in[&qa()].longest_completed_soak
    }

    #[test]
    fn resources_19_1_marks_are_keys() {
        let mut status = FreightStatus::default();
        assert!(!is_in_use(&status, &qa()) && !is_verified(&status, &qa()) && !is_approved(&status, &qa()));
        add_current(&mut status, &qa(), at(0));
        assert!(is_in_use(&status, &qa()) && !is_verified(&status, &qa()) && !is_approved(&status, &qa()));
        add_verified(&mut status, &qa(), at(0));
        assert!(is_verified(&status, &qa()) && !is_approved(&status, &qa()));
        add_approved(&mut status, &qa(), at(0));
        assert!(is_approved(&status, &qa()));
        assert!(!is_in_use(&status, &"prod".into()));
        // A mark without its time is a mark.
        status.currently_in.insert("prod".into(), CurrentStage::default());
        assert!(is_in_use(&status, &"prod".into()));
    }

    #[test]
    fn resources_19_1_the_first_time_stays() {
        let mut status = FreightStatus::default();
        for now in [at(1), at(2)] {
            add_current(&mut status, &qa(), now);
            add_verified(&mut status, &qa(), now);
            add_approved(&mut status, &qa(), now);
        }
        assert_eq!(status.currently_in[&qa()].since, Some(at(1)));
        assert_eq!(status.verified_in[&qa()].verified_at, Some(at(1)));
        assert_eq!(status.approved_for[&qa()].approved_at, Some(at(1)));
        status.verified_in.insert("prod".into(), VerifiedStage::default());
        add_verified(&mut status, &"prod".into(), at(3));
        assert_eq!(status.verified_in[&StageName::from("prod")].verified_at, None);
    }

    #[test]
    fn resources_19_1_removal_keeps_the_longest_stay() {
        let mut status = FreightStatus::default();
        add_verified(&mut status, &qa(), at(0));
        for (stay, longest) in [(30, 30), (20, 30), (30, 30), (40, 40)] {
            add_current(&mut status, &qa(), at(0));
            remove_current(&mut status, &qa(), at(stay));
            assert!(!is_in_use(&status, &qa()));
            assert_eq!(completed(&status), Some(seconds(longest)));
        }
        add_verified(&mut status, &qa(), at(100));
        assert_eq!(completed(&status), Some(seconds(40)));
    }

    #[test]
    fn resources_19_1_removal_without_verification_or_start_leaves_no_trace() {
        let mut status = FreightStatus::default();
        add_current(&mut status, &qa(), at(0));
        remove_current(&mut status, &qa(), at(50));
        assert_eq!(status, FreightStatus::default());
        add_verified(&mut status, &qa(), at(60));
        status.currently_in.insert(qa(), CurrentStage::default());
        remove_current(&mut status, &qa(), at(70));
        assert!(!is_in_use(&status, &qa()));
        remove_current(&mut status, &qa(), at(80));
        assert_eq!(completed(&status), None);
    }

    #[test]
    fn trap_11_the_clock_starts_on_entry_and_stays_are_not_added_up() {
        let mut status = FreightStatus::default();
        add_current(&mut status, &qa(), at(0));
        assert_eq!(longest_soak(&status, &qa(), at(100)), Duration::ZERO);
        add_verified(&mut status, &qa(), at(100));
        assert_eq!(longest_soak(&status, &qa(), at(100)), seconds(100));
        remove_current(&mut status, &qa(), at(100));
        assert_eq!(longest_soak(&status, &qa(), at(500)), seconds(100));
        add_current(&mut status, &qa(), at(500));
        assert_eq!(longest_soak(&status, &qa(), at(560)), seconds(100));
        assert_eq!(longest_soak(&status, &qa(), at(601)), seconds(101));
        assert_eq!(longest_soak(&status, &"prod".into(), at(601)), Duration::ZERO);
    }

    #[test]
    fn resources_19_1_has_soaked() {
        let mut status = FreightStatus::default();
        assert!(has_soaked(&status, &qa(), None, at(0)));
        assert!(!has_soaked(&status, &qa(), Some(seconds(1)), at(0)));
        assert!(has_soaked(&status, &qa(), Some(Duration::ZERO), at(0)));
        add_current(&mut status, &qa(), at(0));
        add_verified(&mut status, &qa(), at(1));
        assert!(!has_soaked(&status, &qa(), Some(seconds(60)), at(60) - TimeDelta::nanoseconds(1)));
        assert!(has_soaked(&status, &qa(), Some(seconds(60)), at(60)));
    }

    #[test]
    fn stays_from_the_future_or_of_ages_do_no_harm() {
        let mut status = FreightStatus::default();
        add_verified(&mut status, &qa(), at(0));
        add_current(&mut status, &qa(), at(10));
        assert_eq!(longest_soak(&status, &qa(), at(0)), Duration::ZERO);
        remove_current(&mut status, &qa(), at(0));
        assert_eq!(completed(&status), Some(Duration::ZERO));
        add_current(&mut status, &qa(), DateTime::<Utc>::MIN_UTC);
        assert_eq!(longest_soak(&status, &qa(), DateTime::<Utc>::MAX_UTC), Duration::from_nanos(i64::MAX));
        status.currently_in.insert(qa(), CurrentStage { since: Some(DateTime::<Utc>::MAX_UTC) });
        assert_eq!(longest_soak(&status, &qa(), DateTime::<Utc>::MIN_UTC), Duration::ZERO);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn resources_19_1_has_soaked_stays_true_as_time_goes_on(
            entered in prop::option::of(prop::option::of(0_i64..1_000)),
            verified in prop::option::of(prop::option::of(0_i64..1_000)),
            required in prop::option::of(0_i64..1_000),
            mut times in [0_i64..3_000, 0_i64..3_000],
        ) {
            let mut status = FreightStatus::default();
            if let Some(since) = entered {
                status.currently_in.insert(qa(), CurrentStage { since: since.map(at) });
            }
            if let Some(longest) = verified {
                let verified = VerifiedStage { verified_at: None, longest_completed_soak: longest.map(seconds) };
                status.verified_in.insert(qa(), verified);
            }
            times.sort_unstable();
            let [earlier, later] = times.map(|now| has_soaked(&status, &qa(), required.map(seconds), at(now)));
            prop_assert!(later || !earlier);
            // Leaving at the later time changes nothing of what was reached.
            let reached = longest_soak(&status, &qa(), at(times[1]));
            remove_current(&mut status, &qa(), at(times[1]));
            prop_assert_eq!(longest_soak(&status, &qa(), at(times[1])), reached);
        }
    }
}
