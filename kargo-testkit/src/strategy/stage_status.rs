//! Stage: what is in it (resources 9.3).

use kargo_core::model::{
    AutoPromotionHold, FreightNameReference, Health, HealthState, Origin, PromotionReference, PromotionRequestPhase,
    PromotionRequestReference, PromotionWindowStatus, StageStatus,
};
use proptest::{prelude::*, sample::select};
use serde_json::Value;

use super::{
    artifact::{any_freight_collection, any_freight_reference, any_origin},
    json::{json_object, json_present},
    meta::conditions,
    promotion::{any_promotion_status, promotion_name},
    scalar::{actor, freight_name, list, map, maybe, name, one_of, refresh_token, timestamp},
    text::text,
};

prop_compose! {
    /// Status of a Stage.
    pub fn any_stage_status()(
        (conditions, last_handled_refresh) in (conditions(), maybe(refresh_token())),
        freight_history in list(any_freight_collection(), 2),
        freight_summary in maybe(one_of(&["0/1 Fulfilled", "N/A", "84d9a0d81714243ecd236c670da11c7259af9059"])),
        health in maybe(any_health()),
        observed_generation in maybe(0..1000_i64),
        current_promotion in maybe(current_promotion()),
        last_promotion in maybe(any_promotion_reference()),
        (current_promotion_request, last_promotion_request) in (maybe(any_request_reference()), maybe(any_request_reference())),
        auto_promotion_enabled in any::<bool>(),
        promotion_window_status in maybe(any_window_status()),
        metadata in map(text(), json_present(), 2),
        (auto_promotion_holds, effective_auto_promotion_holds) in (holds(), holds()),
    ) -> StageStatus {
        StageStatus {
            conditions,
            last_handled_refresh,
            freight_history,
            freight_summary,
            health,
            observed_generation,
            current_promotion,
            last_promotion,
            current_promotion_request,
            last_promotion_request,
            auto_promotion_enabled,
            promotion_window_status,
            metadata,
            auto_promotion_holds,
            effective_auto_promotion_holds,
        }
    }
}

prop_compose! {
    fn current_promotion()(name in promotion_name(), freight in maybe(any_freight_reference())) -> PromotionReference {
        PromotionReference { name, freight, status: None, finished_at: None }
    }
}

prop_compose! {
    /// A promotion that a Stage remembers.
    pub fn any_promotion_reference()(
        name in promotion_name(),
        freight in maybe(any_freight_reference()),
        status in maybe(any_promotion_status()),
        finished_at in maybe(timestamp()),
    ) -> PromotionReference {
        PromotionReference { name, freight, status, finished_at }
    }
}

prop_compose! {
    fn any_request_reference()(
        name in name(),
        freight in maybe(freight_name().prop_map(|name| FreightNameReference { name })),
        phase in maybe(promotion_request_phase()),
        finished_at in maybe(timestamp()),
    ) -> PromotionRequestReference {
        PromotionRequestReference { name, freight, phase, finished_at }
    }
}

/// A phase of a promotion request; rarely one that nobody knows (resources 14).
pub fn promotion_request_phase() -> BoxedStrategy<PromotionRequestPhase> {
    prop_oneof![15 => select(PromotionRequestPhase::KNOWN), 1 => Just(PromotionRequestPhase::from("Paused"))].boxed()
}

prop_compose! {
    fn any_window_status()(
        closed in any::<bool>(),
        reason in maybe(text()),
        next_open in maybe(timestamp()),
        next_close in maybe(timestamp()),
        next_close_reason in maybe(text()),
    ) -> PromotionWindowStatus {
        let reason = if closed { reason.or_else(|| Some("frozen".to_owned())) } else { reason };
        PromotionWindowStatus { closed, reason, next_open, next_close, next_close_reason }
    }
}

prop_compose! {
    /// Health of what a Stage deployed.
    pub fn any_health()(
        status in maybe(health_state()),
        issues in list(text(), 2),
        config in maybe(json_present()),
        output in maybe(list(json_object(), 2).prop_map(Value::from)),
    ) -> Health {
        Health { status, issues, config, output }
    }
}

/// A state of health; rarely one that nobody knows (resources 14).
pub fn health_state() -> BoxedStrategy<HealthState> {
    prop_oneof![12 => select(HealthState::KNOWN), 1 => Just(HealthState::from("Odd"))].boxed()
}

/// Holds by origin; each says the origin that is its key.
fn holds() -> BoxedStrategy<std::collections::BTreeMap<Origin, AutoPromotionHold>> {
    list(any_hold(), 2).prop_map(|holds| holds.into_iter().map(|hold| (hold.origin.clone(), hold)).collect()).boxed()
}

prop_compose! {
    fn any_hold()(
        freight_name in freight_name(),
        origin in any_origin(),
        promotion_name in maybe(promotion_name()),
        actor in maybe(actor()),
        created_at in maybe(timestamp()),
    ) -> AutoPromotionHold {
        AutoPromotionHold { freight_name, origin, promotion_name, actor, created_at }
    }
}
