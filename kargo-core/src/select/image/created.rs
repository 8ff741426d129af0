//! When an image was built, as far as it says so itself (discovery 2.7).

use std::collections::BTreeMap;

use crate::{expr::Time, model::Timestamp};

const CLAIMS: [&str; 2] = ["org.opencontainers.image.created", "org.label-schema.build-date"];

/// The date that annotations or labels claim: of the known keys the first whose value can be read.
pub(super) fn claimed(metadata: &BTreeMap<String, String>) -> Option<Timestamp> {
    CLAIMS.iter().find_map(|key| Time::from_rfc3339(metadata.get(*key)?)).map(|time| time.instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_2_7_the_first_key_that_can_be_read() {
        let (oci, legacy) = (CLAIMS[0], CLAIMS[1]);
        for (pairs, expected) in [
            (vec![], None),
            (vec![("created", "2026-01-01T00:00:00Z")], None),
            (vec![(oci, "2026-01-02T03:04:05Z")], Some("2026-01-02T03:04:05Z")),
            (vec![(legacy, "2026-01-02T03:04:05+01:00")], Some("2026-01-02T02:04:05Z")),
            (vec![(legacy, "2026-01-02T03:04:05Z"), (oci, "2025-01-02T03:04:05Z")], Some("2025-01-02T03:04:05Z")),
            (vec![(legacy, "2026-01-02T03:04:05Z"), (oci, "yesterday")], Some("2026-01-02T03:04:05Z")),
            (vec![(oci, "2026-01-02T03:04:05.678Z")], Some("2026-01-02T03:04:05.678Z")),
            // What the reference's reader takes and refuses.
            (vec![(oci, "2026-01-02T03:04:05,5Z")], Some("2026-01-02T03:04:05.500Z")),
            (vec![(oci, "2026-01-02t03:04:05z")], None),
            (vec![(oci, "2026-01-02 03:04:05Z")], None),
            (vec![(oci, "2026-01-02T03:04:60Z")], None),
            (vec![(oci, "2026-02-30T03:04:05Z")], None),
            (vec![(oci, "2026-01-02")], None),
            (vec![(oci, "")], None),
        ] {
            let map = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let expected = expected.map(|text| text.parse::<Timestamp>().unwrap());
            assert_eq!(claimed(&map), expected, "{pairs:?}");
        }
    }
}
