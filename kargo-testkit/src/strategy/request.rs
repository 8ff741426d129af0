//! PromotionRequest and Target (resources 12 and 13).

use kargo_core::model::{
    PromotionRequest, PromotionRequestSpec, PromotionRequestStatus, PromotionRequestSummary, Target, TargetProgress,
    TargetReference, TargetSpec, TargetStatus, label,
};
use proptest::prelude::*;

use super::{
    json::json_present,
    meta::{conditions, controller, labelled, project_meta},
    promotion::{promotion_name, promotion_phase},
    scalar::{distinct, freight_name, list, map, maybe, name, short_name, timestamp, uuid, var_name},
    stage_status::promotion_request_phase,
};

prop_compose! {
    /// A PromotionRequest; its Stage's name fits the label.
    pub fn any_promotion_request()(
        name in promotion_name(),
        meta in project_meta(name()),
        (shard, uid) in (maybe(short_name()), uuid()),
        stage in short_name(),
        freight in freight_name(),
        targets in list(name(), 3),
        status in any_request_status(),
    ) -> PromotionRequest {
        let mut metadata = labelled(labelled(meta, label::SHARD, shard), label::STAGE, Some(stage.clone()));
        metadata.name = name.as_str().to_owned();
        metadata.owner_references = vec![controller("Stage", &stage, uid)];
        let targets = distinct(targets, Clone::clone).into_iter().map(|name| TargetReference { name: name.into() });
        PromotionRequest {
            metadata,
            spec: PromotionRequestSpec { stage: stage.into(), freight, targets: targets.collect() },
            status,
        }
    }
}

prop_compose! {
    fn any_request_status()(
        conditions in conditions(),
        phase in maybe(promotion_request_phase()),
        targets in list(any_progress(), 2),
        summary in maybe(any_summary()),
        observed_generation in maybe(0..1000_i64),
        started_at in maybe(timestamp()),
        finished_at in maybe(timestamp()),
    ) -> PromotionRequestStatus {
        PromotionRequestStatus { conditions, phase, targets, summary, observed_generation, started_at, finished_at }
    }
}

prop_compose! {
    fn any_progress()(
        name in name(),
        promotion in maybe(promotion_name()),
        phase in maybe(promotion_phase()),
    ) -> TargetProgress {
        TargetProgress { name: name.into(), promotion, phase }
    }
}

prop_compose! {
    fn any_summary()(
        (pending, running, succeeded) in (0..4_i32, 0..4_i32, 0..4_i32),
        (failed, errored, aborted) in (0..4_i32, 0..4_i32, 0..4_i32),
    ) -> PromotionRequestSummary {
        PromotionRequestSummary { pending, running, succeeded, failed, errored, aborted }
    }
}

prop_compose! {
    /// A Target.
    pub fn any_target()(metadata in project_meta(name()), params in map(var_name(), json_present(), 3)) -> Target {
        Target { metadata, spec: TargetSpec { params }, status: TargetStatus {} }
    }
}
