//! Junction, a kind of ours (architecture 6; rules 8 and 9).

use kargo_core::model::{
    Fill, FreightSources, Junction, JunctionSpec, JunctionStatus, Overlap, Release, ReleaseCriteria, ReleasePolicy,
    ReleaseRecord, Slot, SlotStatus,
};
use proptest::{prelude::*, sample::select};

use super::{
    artifact::any_origin,
    meta::{any_label_selector, conditions, project_meta},
    scalar::{actor, dur, freight_name, list, map, maybe, name, one_of, some, timestamp},
    stage::any_sources,
};

prop_compose! {
    /// A Junction that does not collect its own bundles.
    pub fn any_junction()(
        metadata in project_meta(name()),
        slots in some(any_slot(), 3),
        release in any_release(),
        alias in maybe(one_of(&["train-${{ ctx.sequence }}", "v1.${{ ctx.sequence }}"])),
        status in any_junction_status(),
    ) -> Junction {
        let mut requested_freight = slots;
        for slot in &mut requested_freight {
            if let Some(origin) = slot.origin.as_mut().filter(|origin| origin.name == metadata.name) {
                origin.kind = kargo_core::model::OriginKind::Warehouse;
            }
        }
        // Only now: the kinds that were changed may have made two the same.
        let mut seen = std::collections::BTreeSet::new();
        requested_freight.retain(|slot| slot.origin.as_ref().is_none_or(|origin| seen.insert(origin.clone())));
        Junction { metadata, spec: JunctionSpec { requested_freight, release, alias }, status }
    }
}

/// A slot of one origin or of those that a selector matches. It is filled by MatchUpstream only from exactly one Stage.
pub fn any_slot() -> BoxedStrategy<Slot> {
    let what = prop_oneof![
        2 => any_origin().prop_map(|origin| (Some(origin), None)),
        1 => any_label_selector().prop_map(|selector| (None, Some(selector))),
    ];
    (what, any_sources(), select(&[Fill::NewestFreight, Fill::MatchUpstream, Fill::Manual][..]), any::<bool>())
        .prop_map(|((origin, origin_selector), sources, fill, required)| {
            let one_upstream = sources.stages.len() == 1 && !sources.direct;
            let fill = if fill == Fill::MatchUpstream && !one_upstream { Fill::NewestFreight } else { fill };
            Slot { origin, origin_selector, sources: slot_sources(sources), fill, required }
        })
        .boxed()
}

/// A slot says by `fill` how it is filled, so its sources never say otherwise.
fn slot_sources(sources: FreightSources) -> FreightSources {
    FreightSources { auto_promotion_options: None, ..sources }
}

prop_compose! {
    /// When and how bundles are released; `atMost` is not shorter than `settle`.
    pub fn any_release()(
        policy in select(&[ReleasePolicy::Automatic, ReleasePolicy::Manual][..]),
        (settle, at_most) in (maybe(dur()), maybe(dur())),
        criteria in maybe(any_release_criteria()),
        overlap in select(&[Overlap::Reject, Overlap::PreferNewest][..]),
    ) -> Release {
        Release { policy, settle, at_most: at_most.map(|most| settle.map_or(most, |settle| most.max(settle))), criteria, overlap }
    }
}

prop_compose! {
    fn any_release_criteria()(
        expression in one_of(&["true", "${{ true }}", "imageFrom('ghcr.io/acme/cart').Tag != ''"]),
        budget in maybe(1..1_000_000_u64),
    ) -> ReleaseCriteria {
        ReleaseCriteria { expression, budget }
    }
}

prop_compose! {
    fn any_junction_status()(
        conditions in conditions(),
        observed_generation in maybe(0..1000_i64),
        slots in map(any_origin(), any_slot_status(), 3),
        first_change_at in maybe(timestamp()),
        last_change_at in maybe(timestamp()),
        releases in list(any_release_record(), 3),
    ) -> JunctionStatus {
        let mut releases = releases;
        let newest = releases.iter().map(|release| release.sequence).max().unwrap_or_default();
        for (age, release) in (0..).zip(&mut releases) {
            release.sequence = newest + 3 - age;
        }
        JunctionStatus { conditions, observed_generation, slots, first_change_at, last_change_at, releases }
    }
}

prop_compose! {
    fn any_slot_status()(
        freight in freight_name(),
        since in maybe(timestamp()),
        held in any::<bool>(),
        actor in maybe(actor()),
    ) -> SlotStatus {
        SlotStatus { freight, since, held, actor }
    }
}

prop_compose! {
    fn any_release_record()(
        sequence in 1..10_000_u64,
        freight in freight_name(),
        released_at in maybe(timestamp()),
        members in map(any_origin(), freight_name(), 2),
    ) -> ReleaseRecord {
        ReleaseRecord { sequence, freight, released_at, members }
    }
}
