//! The macros that turn a rig into tests.

/// Tests of an [`ImageRegistry`](kargo_core::port::ImageRegistry), in a module `conformance`.
///
/// ```
/// use std::sync::Arc;
/// use kargo_core::port::ImageRegistry;
/// use kargo_testkit::{FakeImage, conformance::RegistryRig, fake::{FakeRegistry, VirtualClock}, registry_conformance};
///
/// struct Rig(Arc<FakeRegistry>);
///
/// #[async_trait::async_trait]
/// impl RegistryRig for Rig {
///     async fn start() -> Self { Rig(Arc::new(FakeRegistry::new(&VirtualClock::default()))) }
///     fn registry(&self) -> Arc<dyn ImageRegistry> { self.0.clone() }
///     async fn put(&self, image: FakeImage) { self.0.put(&image); }
/// }
/// registry_conformance!(block_on: Rig);
/// ```
#[macro_export]
macro_rules! registry_conformance {
    ($runtime:ident : $rig:ty) => { $crate::registry_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, registry_checks, $rig, [$($can)*], {
                always "" digest_of_head_equals_digest_of_manifest;
                always "" an_index_lists_its_platforms;
                always "" a_config_tells_date_and_labels;
                always "" a_manifest_by_tag_equals_head_and_manifest;
                always "" no_tag_twice_and_none_lost_across_pages;
                always "" a_repository_that_is_not_there_is_not_found;
                always "" a_tag_that_is_not_there_is_not_found;
                always "" a_digest_that_is_not_there_is_not_found;
                always "" an_unchanged_page_is_unchanged_or_whole;
                always "" asking_again_answers_the_same;
                always "" calls_side_by_side_do_not_disturb_each_other;
                always "" dropping_the_future_midway_is_harmless;
                always "" the_account_of_a_repository_stays;
                always "" what_the_rig_can_is_declared;
                move_tag "rig: cannot move a tag" a_moved_tag_is_seen_at_once;
                remove "rig: cannot remove" a_removed_tag_is_gone_at_once;
                corrupt "rig: cannot corrupt" bytes_that_do_not_match_their_digest_are_rejected;
                limit "rig: cannot limit" retry_after_is_reported_not_slept;
                hang "rig: cannot hang" giving_up_on_a_silent_peer_is_harmless;
            });
        }
    };
}

/// Tests of a [`GitHost`](kargo_core::port::GitHost), in a module `conformance`. See [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! git_conformance {
    ($runtime:ident : $rig:ty) => { $crate::git_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, git_checks, $rig, [$($can)*], {
                always "" refs_are_those_that_were_asked_for;
                always "" refs_that_are_not_there_are_left_out;
                always "" a_repository_that_is_not_there_is_not_found;
                always "" commits_come_newest_first_each_once_across_pages;
                always "" a_commit_tells_its_subject_people_and_time;
                always "" paths_are_told_when_asked_in_gits_spelling;
                always "" what_was_not_fetched_is_not_found;
                always "" a_second_fetch_brings_what_is_new;
                always "" what_was_seen_is_what_is_read;
                always "" since_ends_the_line;
                always "" tags_light_and_annotated;
                always "" tags_come_in_the_order_of_their_names_without_the_unknown;
                always "" calls_side_by_side_do_not_disturb_each_other;
                always "" dropping_the_future_midway_is_harmless;
                always "" the_account_of_a_repository_stays;
                always "" what_the_rig_can_is_declared;
                merge "rig: cannot merge" a_merge_counts_against_its_first_parent;
                force "rig: cannot force a branch" a_forced_branch_is_followed;
                hang "rig: cannot hang" giving_up_on_a_silent_peer_is_harmless;
            });
        }
    };
}

/// Tests of a [`ChartRepository`](kargo_core::port::ChartRepository), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! charts_conformance {
    ($runtime:ident : $rig:ty) => { $crate::charts_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, charts_checks, $rig, [$($can)*], {
                always "" an_index_has_every_version_as_it_is_written;
                always "" a_chart_that_is_not_there_has_no_versions;
                always "" a_repository_that_is_not_there_is_not_found;
                always "" an_unchanged_index_is_unchanged_or_whole;
                always "" a_classic_repository_has_no_tags;
                always "" dropping_the_future_midway_is_harmless;
                always "" the_account_of_a_repository_stays;
                always "" what_the_rig_can_is_declared;
                oci "rig: cannot keep a chart in a registry" no_tag_twice_and_none_lost_across_pages;
                oci "rig: cannot keep a chart in a registry" a_registry_has_no_index;
                limit "rig: cannot limit" retry_after_is_reported_not_slept;
            });
        }
    };
}

/// Tests of an [`ArtifactCache`](kargo_core::port::ArtifactCache), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! cache_conformance {
    ($runtime:ident : $rig:ty) => { $crate::cache_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, cache_checks, $rig, [$($can)*], {
                always "" what_was_put_is_found_whole;
                always "" answers_come_in_the_order_of_the_keys;
                always "" what_was_put_last_is_found;
                always "" keys_are_told_apart;
                always "" calls_side_by_side_do_not_disturb_each_other;
                always "" dropping_the_future_midway_is_harmless;
                always "" what_the_rig_can_is_declared;
                reopen "rig: cannot reopen" what_was_put_survives_a_restart;
            });
        }
    };
}

/// Tests of a [`Clock`](kargo_core::port::Clock), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! clock_conformance {
    ($runtime:ident : $rig:ty) => { $crate::clock_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, clock_checks, $rig, [$($can)*], {
                always "" monotonic_time_never_goes_backwards;
                always "" an_instant_that_has_come_is_not_waited_for;
                always "" sleeping_ends_at_the_instant_and_not_before;
                always "" alarms_side_by_side_ring_in_their_order;
                always "" a_dropped_alarm_does_not_disturb_others;
                always "" the_farthest_instant_is_only_waited_for;
                always "" both_times_run_together;
                always "" what_the_rig_can_is_declared;
                set_time "rig: cannot set the time of day" setting_the_time_of_day_moves_no_alarm;
            });
        }
    };
}

/// Tests of a [`Verifier`](kargo_core::port::Verifier), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! verifier_conformance {
    ($runtime:ident : $rig:ty) => { $crate::verifier_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, verifier_checks, $rig, [$($can)*], {
                always "" a_run_that_was_started_is_found;
                always "" two_starts_with_one_id_are_one_run;
                always "" runs_are_told_apart_by_their_ids;
                always "" a_run_that_was_never_started_is_not_found;
                always "" a_run_is_found_by_its_id_alone;
                always "" looking_changes_nothing;
                always "" how_a_run_ends_is_told;
                always "" a_run_that_is_stopped_ends;
                always "" stopping_what_has_ended_changes_nothing;
                always "" calls_side_by_side_do_not_disturb_each_other;
                always "" dropping_the_future_midway_is_harmless;
                always "" what_the_rig_can_is_declared;
                lose "rig: cannot delete a run" a_run_that_was_deleted_is_not_found;
            });
        }
    };
}

/// Tests of a [`HealthProbe`](kargo_core::port::HealthProbe), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! health_conformance {
    ($runtime:ident : $rig:ty) => { $crate::health_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, health_checks, $rig, [$($can)*], {
                always "" what_is_there_is_told;
                always "" a_kind_that_is_not_known_is_unsupported;
                always "" observing_never_acts;
                always "" calls_side_by_side_do_not_disturb_each_other;
                always "" dropping_the_future_midway_is_harmless;
                always "" what_the_rig_can_is_declared;
            });
        }
    };
}

/// Tests of a [`Journal`](kargo_core::port::Journal), in a module `conformance`. See
/// [`registry_conformance!`](crate::registry_conformance).
#[macro_export]
macro_rules! journal_conformance {
    ($runtime:ident : $rig:ty) => { $crate::journal_conformance!($runtime: $rig, can: []); };
    ($runtime:ident : $rig:ty, can: [$($can:ident),* $(,)?]) => {
        mod conformance {
            use super::*;
            $crate::__conformance_tests!($runtime, journal_checks, $rig, [$($can)*], {
                always "" a_new_log_is_empty;
                always "" what_was_appended_is_read_whole_and_in_order;
                always "" an_append_that_does_not_follow_is_a_conflict;
                always "" of_appends_side_by_side_one_wins;
                always "" pages_are_bounded_and_lose_nothing;
                always "" projects_are_told_apart;
                always "" the_newest_snapshot_of_a_schema_is_found;
                always "" a_lease_has_one_holder;
                always "" a_lease_that_was_given_back_counts_no_more;
                always "" dropping_the_future_midway_is_harmless;
                always "" what_the_rig_can_is_declared;
                reopen "rig: cannot reopen" what_was_answered_survives_a_restart;
                pass "rig: cannot let time pass" a_lease_that_ran_out_can_be_taken;
                pass "rig: cannot let time pass" a_lease_that_is_renewed_does_not_run_out;
            });
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($runtime:ident, $suite:ident, $rig:ty, $can:tt, {$($need:ident $why:literal $name:ident;)*}) => {
        $($crate::__conformance_test!($need, $can, $why, $can, $runtime, $suite, $rig, $name);)*
    };
}

/// `need`, what is left to look through, all that the rig can: the test is ignored when the list ends without it.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test {
    (always, $left:tt, $why:literal, [$($can:ident)*], $runtime:ident, $suite:ident, $rig:ty, what_the_rig_can_is_declared) => {
        $crate::__conformance_run!($runtime, [], what_the_rig_can_is_declared,
            $crate::conformance::$suite::what_the_rig_can_is_declared::<$rig>(&[$(stringify!($can)),*]));
    };
    (always, $left:tt, $why:literal, $can:tt, $runtime:ident, $suite:ident, $rig:ty, $name:ident) => {
        $crate::__conformance_run!($runtime, [], $name, $crate::conformance::$suite::$name::<$rig>());
    };
    (move_tag, [move_tag $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (remove, [remove $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (corrupt, [corrupt $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (limit, [limit $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (hang, [hang $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (merge, [merge $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (force, [force $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (reopen, [reopen $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (set_time, [set_time $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (lose, [lose $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (pass, [pass $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    (oci, [oci $($l:ident)*], $($rest:tt)*) => { $crate::__conformance_test!(always, [], $($rest)*); };
    ($need:ident, [$first:ident $($l:ident)*], $($rest:tt)*) => {
        $crate::__conformance_test!($need, [$($l)*], $($rest)*);
    };
    ($need:ident, [], $why:literal, $can:tt, $runtime:ident, $suite:ident, $rig:ty, $name:ident) => {
        $crate::__conformance_run!($runtime, [#[ignore = $why]], $name,
            $crate::conformance::$suite::$name::<$rig>());
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_run {
    (tokio1, [$($attribute:tt)*], $name:ident, $check:expr) => {
        #[::tokio::test]
        $($attribute)*
        async fn $name() {
            $check.await;
        }
    };
    (tokio1_real, [$($attribute:tt)*], $name:ident, $check:expr) => {
        #[::tokio::test]
        $($attribute)*
        async fn $name() {
            if $crate::conformance::has_real_servers() {
                $check.await;
            }
        }
    };
    (block_on, [$($attribute:tt)*], $name:ident, $check:expr) => {
        #[test]
        $($attribute)*
        fn $name() {
            $crate::conformance::block_on($check);
        }
    };
}
