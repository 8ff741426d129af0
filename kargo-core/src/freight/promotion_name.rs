//! Names of promotions, promotion requests, analysis runs and verifications (resources 16.4, 16.5, 16.7; rules 13).
//!
//! Time and random bits are arguments, so the same engine makes the same names again.

use std::collections::BTreeMap;

use ulid::Ulid;

use crate::model::{FreightName, Origin, PromotionName, StageName, TargetName, Timestamp};

use super::collection::collection_id;

/// Bytes that may stand before the ULID: a name's 253 without `.` and ULID, `.` and 7 digits (control 0.12).
const PREFIX_LIMIT: usize = 218;

/// Digits of a freight's or a collection's id that end a name.
const SUFFIX_DIGITS: usize = 7;

/// Bits of a ULID that are not time.
const RANDOM_BITS: u32 = 80;

/// The greatest time of a ULID, in milliseconds: 48 bits, in the year 10889.
const LAST_MILLISECOND: u64 = (1 << 48) - 1;

/// The name of a promotion: `<stage>.<ulid>.<7 digits>`, or `<stage>.<target>.<ulid>.<7 digits>` for the child of a
/// promotion request; all lower-case (resources 16.4).
///
/// `content` is the freight's name, or the [`promotion_suffix`] where freight of several origins goes together; its
/// first 7 bytes count. What stands before the ULID is cut to 218 bytes and then loses trailing `.` and `-`, if it is
/// longer. An empty part gives an empty name.
///
/// ```
/// use kargo_core::freight::{promotion_name, ulid_at};
/// use kargo_core::model::time::from_manifest;
/// let ulid = ulid_at(from_manifest("2026-11-24T14:02:00Z")?, 7, None);
/// let name = promotion_name(&"prod".into(), None, ulid, "84d9a0d81714243ecd236c670da11c7259af9059");
/// assert_eq!(name, "prod.01m86xt2y00000000000000007.84d9a0d");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn promotion_name(stage: &StageName, target: Option<&TargetName>, ulid: Ulid, content: &str) -> PromotionName {
    if stage.is_empty() || target.is_some_and(|target| target.is_empty()) || content.is_empty() {
        return PromotionName::default();
    }
    let place = match target {
        None => stage.to_lowercase(),
        Some(target) => format!("{stage}.{target}").to_lowercase(),
    };
    let prefix = match cut(&place, PREFIX_LIMIT) {
        whole if whole.len() == place.len() => whole,
        start => start.trim_end_matches(['.', '-']),
    };
    if prefix.is_empty() {
        return PromotionName::default();
    }
    joined(prefix, ulid, content).into()
}

/// What stands for the freight of a promotion at the end of its name: 7 digits of the freight's name, or of the
/// collection's id where there are several origins (rules 13). Empty where there is none.
#[must_use]
pub fn promotion_suffix(freight: &BTreeMap<Origin, FreightName>) -> String {
    let mut names = freight.values();
    match (names.next(), names.next()) {
        (None, _) => String::new(),
        (Some(only), None) => cut(&only.to_lowercase(), SUFFIX_DIGITS).to_owned(),
        _ => cut(&collection_id(freight.values()), SUFFIX_DIGITS).to_owned(),
    }
}

/// The name of a promotion request, which has the form of a promotion's to a Stage (resources 16.5).
#[must_use]
pub fn promotion_request_name(stage: &StageName, ulid: Ulid, freight: &FreightName) -> String {
    promotion_name(stage, None, ulid, freight).to_string()
}

/// The name of an analysis run: `<stage>.<ulid>.<7 digits of the collection's id>`, lower-case (resources 16.7).
///
/// The Stage is cut to 218 bytes and, unlike in a promotion's name, keeps what the cut leaves at its end.
#[must_use]
pub fn analysis_run_name(stage: &StageName, ulid: Ulid, collection_id: &str) -> String {
    joined(cut(&stage.to_lowercase(), PREFIX_LIMIT), ulid, collection_id)
}

/// The id of a verification: these random bits as a UUID of version 4 (resources 16.7), which fixes 6 of them.
///
/// ```
/// use kargo_core::freight::verification_id;
/// assert_eq!(verification_id(0), "00000000-0000-4000-8000-000000000000");
/// ```
#[must_use]
pub fn verification_id(bits: u128) -> String {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0x3 << 62;
    let bits = (bits & !(VERSION | VARIANT)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let fields = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    fields.join("-")
}

/// A ULID of this time and these random bits, of which the lower 80 count (resources 16.4).
///
/// It is always greater than `previous`, the one made before it: within the same millisecond, or if time were to run
/// backwards, it is the next ULID after that one. Times before 1970 count as 1970, times after 10889 as 10889; after
/// the greatest of all ULIDs there is only that one again.
///
/// ```
/// use kargo_core::freight::ulid_at;
/// use kargo_core::model::time::from_manifest;
/// let now = from_manifest("2026-11-24T14:02:00Z")?;
/// let first = ulid_at(now, 41, None);
/// let second = ulid_at(now, 7, Some(first));
/// assert_eq!(second.random(), 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn ulid_at(now: Timestamp, bits: u128, previous: Option<Ulid>) -> Ulid {
    let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0).min(LAST_MILLISECOND);
    let bits = bits & ((1 << RANDOM_BITS) - 1);
    match previous {
        // An overflow of the random bits goes on in the next millisecond, or stops at the greatest ULID.
        Some(previous) if previous.timestamp_ms() >= milliseconds => previous.increment().unwrap_or_else(|next| next),
        _ => Ulid::from_parts(milliseconds, bits),
    }
}

/// Joins the three parts of a name. `prefix` is in lower case.
fn joined(prefix: &str, ulid: Ulid, content: &str) -> String {
    let ulid = ulid.to_string().to_lowercase();
    let content = content.to_lowercase();
    [prefix, ".", &ulid, ".", cut(&content, SUFFIX_DIGITS)].concat()
}

/// The text's first `limit` bytes, less the character that the limit splits.
fn cut(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
