//! Freight (resources 8).

use kargo_core::{
    freight::freight_id,
    model::{ApprovedStage, CurrentStage, Freight, FreightStatus, ObjectMeta, OriginKind, VerifiedStage, label},
};
use proptest::prelude::*;

use super::{
    artifact::{any_origin, artifacts},
    json::json_present,
    meta::{annotated, labelled, project_meta},
    scalar::{any_duration, map, maybe, one_of, sha1_hex, stage_name, timestamp},
    text::text,
};

prop_compose! {
    /// Freight with at least one artifact. It is named by its id unless a server has named it already, or a Junction made it;
    /// its alias is its label of that key.
    pub fn any_freight()(
        meta in freight_meta(),
        alias in maybe(alias()),
        discovered_at in timestamp(),
        origin in any_origin(),
        (commits, images, charts, artifacts) in artifacts(),
        status in any_freight_status(),
    ) -> Freight {
        named(Freight {
            metadata: labelled(meta, label::ALIAS, alias.clone()),
            alias,
            discovered_at: Some(discovered_at),
            origin,
            commits,
            images,
            charts,
            artifacts,
            status,
        })
    }
}

/// As admission names it (resources 16.1).
fn named(mut freight: Freight) -> Freight {
    if freight.metadata.uid.is_none() && freight.origin.kind == OriginKind::Warehouse {
        freight.metadata.name = freight_id(&freight.origin, &freight).to_string();
    }
    freight
}

fn freight_meta() -> BoxedStrategy<ObjectMeta> {
    (project_meta(sha1_hex()), maybe(one_of(&["Auto", "Manual", "Hotfix"])))
        .prop_map(|(meta, intent)| annotated(meta, label::EXT_INTENT, intent))
        .boxed()
}

/// Aliases: label values that are not empty. Some look like ids.
fn alias() -> BoxedStrategy<String> {
    one_of(&["modest-marlin", "1.10", "null", "yes", "84d9a0d", "0x1F", "7", "Train_3.b"])
}

prop_compose! {
    /// Where freight is and has been.
    pub fn any_freight_status()(
        currently_in in map(
            stage_name(),
            maybe(timestamp()).prop_map(|since| CurrentStage { since }),
            2,
        ),
        verified_in in map(
            stage_name(),
            (maybe(timestamp()), maybe(any_duration()))
                .prop_map(|(verified_at, longest_completed_soak)| VerifiedStage { verified_at, longest_completed_soak }),
            2,
        ),
        approved_for in map(
            stage_name(),
            maybe(timestamp()).prop_map(|approved_at| ApprovedStage { approved_at }),
            2,
        ),
        metadata in map(text(), json_present(), 2),
    ) -> FreightStatus {
        FreightStatus { currently_in, verified_in, approved_for, metadata }
    }
}
