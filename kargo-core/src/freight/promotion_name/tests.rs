//! Names by example, at their limits, and in order.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::model::time::from_manifest;

const FREIGHT: &str = "84d9a0d81714243ecd236c670da11c7259af9059";

fn noon() -> Timestamp {
    from_manifest("2026-11-24T12:00:00Z").unwrap()
}

fn ulid() -> Ulid {
    Ulid::from_string("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap()
}

fn name_of(stage: &str, target: Option<&str>, content: &str) -> PromotionName {
    promotion_name(&stage.into(), target.map(TargetName::from).as_ref(), ulid(), content)
}

#[test]
fn resources_16_4_form() {
    assert_eq!(name_of("prod", None, FREIGHT), "prod.01arz3ndektsv4rrffq69g5fav.84d9a0d");
    assert_eq!(name_of("prod", Some("eu-1"), FREIGHT), "prod.eu-1.01arz3ndektsv4rrffq69g5fav.84d9a0d");
}

#[test]
fn resources_16_4_lower_case() {
    assert_eq!(name_of("Prod", Some("EU"), "ABCDEF123"), "prod.eu.01arz3ndektsv4rrffq69g5fav.abcdef1");
}

#[test]
fn resources_16_4_short_freight_names_are_used_whole() {
    assert_eq!(name_of("prod", None, "abc"), "prod.01arz3ndektsv4rrffq69g5fav.abc");
    assert_eq!(name_of("prod", None, "1234567"), "prod.01arz3ndektsv4rrffq69g5fav.1234567");
}

#[test]
fn resources_16_4_an_empty_part_gives_an_empty_name() {
    for (stage, target, content) in
        [("", None, FREIGHT), ("prod", Some(""), FREIGHT), ("prod", None, ""), ("", Some("eu"), FREIGHT)]
    {
        assert_eq!(name_of(stage, target, content), "", "{stage:?} {target:?} {content:?}");
    }
}

#[test]
fn resources_16_4_long_prefixes_are_cut_and_trimmed() {
    let end = ".01arz3ndektsv4rrffq69g5fav.84d9a0d";
    let a = |count| "a".repeat(count);
    for (stage, prefix) in [
        (a(218), a(218)),
        (a(219), a(218)),
        (a(253), a(218)),
        (format!("{}-.-{}", a(215), a(9)), a(215)),
        (format!("{}-{}", a(217), "b"), a(217)),
        // Not too long, so nothing is trimmed.
        (format!("{}-", a(217)), format!("{}-", a(217))),
        ("-".repeat(300), String::new()),
    ] {
        let expected = if prefix.is_empty() { String::new() } else { format!("{prefix}{end}") };
        assert_eq!(name_of(&stage, None, FREIGHT), expected.as_str(), "{stage}");
    }
    assert_eq!(name_of(&a(253), None, FREIGHT).len(), 253);
}

#[test]
fn resources_16_4_target_and_stage_share_the_prefix() {
    let name = name_of(&"s".repeat(200), Some(&"t".repeat(200)), FREIGHT);
    let expected = format!("{}.{}.01arz3ndektsv4rrffq69g5fav.84d9a0d", "s".repeat(200), "t".repeat(17));
    assert_eq!(name, expected.as_str());
    // The cut falls behind the dot between the two.
    let name = name_of(&"s".repeat(217), Some("eu"), FREIGHT);
    assert_eq!(name, format!("{}.01arz3ndektsv4rrffq69g5fav.84d9a0d", "s".repeat(217)).as_str());
}

#[test]
fn resources_16_4_cuts_never_split_a_character() {
    let name = name_of(&"€".repeat(80), None, "é€€€");
    assert_eq!(name, format!("{}.01arz3ndektsv4rrffq69g5fav.é€", "€".repeat(72)).as_str());
    // Lower case can be longer than upper case; the limit is kept all the same.
    assert!(name_of(&"İ".repeat(100), None, FREIGHT).len() <= 253);
}

#[test]
fn rules_13_suffix_of_several_origins_is_of_the_collection() {
    let b = "778eda38db6788f9470154adfcc64a364c32af11";
    let one = BTreeMap::from([(Origin::warehouse("a"), FreightName::from(FREIGHT))]);
    assert_eq!(promotion_suffix(&one), "84d9a0d");
    let mut two = one;
    two.insert(Origin::junction("b"), b.into());
    assert_eq!(promotion_suffix(&two), "74eb22e");
    assert_eq!(name_of("prod", None, &promotion_suffix(&two)), "prod.01arz3ndektsv4rrffq69g5fav.74eb22e");
    assert_eq!(promotion_suffix(&BTreeMap::new()), "");
    assert_eq!(promotion_suffix(&BTreeMap::from([(Origin::warehouse("a"), "abc".into())])), "abc");
}

#[test]
fn resources_16_5_promotion_requests() {
    let name = promotion_request_name(&"prod".into(), ulid(), &FREIGHT.into());
    assert_eq!(name, "prod.01arz3ndektsv4rrffq69g5fav.84d9a0d");
}

#[test]
fn resources_16_7_analysis_runs_are_cut_and_not_trimmed() {
    let collection = "957e92575db98f1ea3cd46e13c6e9d3de5e9f58c";
    assert_eq!(analysis_run_name(&"Prod".into(), ulid(), collection), "prod.01arz3ndektsv4rrffq69g5fav.957e925");
    let stage = format!("{}-bb", "a".repeat(217));
    let expected = format!("{}-.01arz3ndektsv4rrffq69g5fav.957e925", "a".repeat(217));
    assert_eq!(analysis_run_name(&stage.into(), ulid(), collection), expected);
}

#[test]
fn resources_16_7_verification_ids_are_uuids_of_version_4() {
    assert_eq!(verification_id(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert_eq!(verification_id(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef), "01234567-89ab-4def-8123-456789abcdef");
}

#[test]
fn resources_16_4_ulids_take_engine_time_and_given_bits() {
    let made = ulid_at(noon(), u128::MAX, None);
    assert_eq!(i64::try_from(made.timestamp_ms()), Ok(noon().timestamp_millis()));
    assert_eq!(made.random(), (1 << 80) - 1);
    assert_eq!(ulid_at(DateTime::<Utc>::UNIX_EPOCH - TimeDelta::days(1), 5, None), Ulid::from_parts(0, 5));
    assert_eq!(ulid_at(DateTime::<Utc>::MAX_UTC, 5, None), Ulid::from_parts((1 << 48) - 1, 5));
}

#[test]
fn resources_16_4_ulids_rise_within_a_millisecond() {
    let previous = ulid_at(noon(), 9, None);
    assert_eq!(ulid_at(noon(), 3, Some(previous)).random(), 10);
    // Also when time stands still below a millisecond or runs backwards.
    assert_eq!(ulid_at(noon() + TimeDelta::microseconds(900), 3, Some(previous)).random(), 10);
    assert_eq!(ulid_at(noon() - TimeDelta::hours(1), 3, Some(previous)).timestamp_ms(), previous.timestamp_ms());
    let later = ulid_at(noon() + TimeDelta::milliseconds(1), 3, Some(previous));
    assert_eq!((later.timestamp_ms(), later.random()), (previous.timestamp_ms() + 1, 3));
}

#[test]
fn resources_16_4_ulids_go_on_in_the_next_millisecond_when_bits_run_out() {
    let full = ulid_at(noon(), u128::MAX, None);
    let next = ulid_at(noon(), 0, Some(full));
    assert_eq!(next, Ulid::from_parts(full.timestamp_ms() + 1, 0));
    assert_eq!(ulid_at(noon(), 0, Some(Ulid::max())), Ulid::max());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resources_16_4_names_in_sequence_rise(steps in prop::collection::vec((0_i64..3, any::<u128>()), 1..20)) {
        let (mut now, mut previous, mut last) = (noon(), None, PromotionName::default());
        for (wait, bits) in steps {
            now += TimeDelta::milliseconds(wait);
            let ulid = ulid_at(now, bits, previous);
            let name = promotion_name(&"prod".into(), None, ulid, FREIGHT);
            prop_assert!(name > last, "{} after {}", name, last);
            (previous, last) = (Some(ulid), name);
        }
    }

    #[test]
    fn resources_16_4_no_name_is_longer_than_a_resource_name_may_be(
        stage in ".{0,260}", target in prop::option::of(".{0,260}"), content in ".{0,20}"
    ) {
        prop_assert!(name_of(&stage, target.as_deref(), &content).len() <= 253);
    }

    #[test]
    fn resources_16_7_verification_ids_have_the_form_of_uuids(bits in any::<u128>()) {
        let id = verification_id(bits);
        let bytes = id.as_bytes();
        let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
        prop_assert_eq!(dashes, [8, 13, 18, 23]);
        prop_assert_eq!(id.len(), 36);
        prop_assert!(bytes[14] == b'4' && matches!(bytes[19], b'8' | b'9' | b'a' | b'b'), "{}", id);
    }
}
