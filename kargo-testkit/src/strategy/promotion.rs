//! Promotion (resources 10).

use std::collections::BTreeMap;

use kargo_core::model::{
    FreightName, HealthCheckStep, ObjectMeta, Origin, Promotion, PromotionName, PromotionPhase, PromotionSpec,
    PromotionStatus, PromotionStep, StepExecutionMetadata, StepStatus, label,
};
use proptest::{prelude::*, sample::select};
use serde_json::json;

use super::{
    artifact::{any_freight_collection, any_freight_reference, any_origin},
    json::json_object,
    meta::{annotated, controller, labelled, project_meta, refreshable},
    scalar::{actor, freight_name, list, map, maybe, one_of, refresh_token, short_name, some, timestamp, ulid, uuid},
    step::{any_variable, step_alias, uses_step},
    text::text,
};

/// Names of promotions: `<stage>.<ulid>.<first digits of the freight>` (resources 16.4).
pub fn promotion_name() -> BoxedStrategy<PromotionName> {
    (short_name(), ulid(), freight_name())
        .prop_map(|(stage, ulid, freight)| promotion_name_of(&stage, None, &ulid, &freight).into())
        .boxed()
}

fn promotion_name_of(stage: &str, target: Option<&str>, ulid: &str, freight: &str) -> String {
    let freight = freight.get(..7).unwrap_or(freight);
    match target {
        Some(target) => format!("{stage}.{target}.{ulid}.{freight}"),
        None => format!("{stage}.{ulid}.{freight}"),
    }
}

/// What a promotion is of: a name's parts, and for children of a request the Target.
#[derive(Clone, Debug)]
struct Subject {
    stage: String,
    target: Option<String>,
    freight: FreightName,
    /// Wanted instead of freight by a client, before admission.
    origin: Option<Origin>,
    /// Freight of several origins, all in one promotion (rules 13).
    several: Option<BTreeMap<String, FreightName>>,
}

prop_compose! {
    fn subject()(
        stage in short_name(),
        target in prop_oneof![3 => Just(None), 1 => short_name().prop_map(Some)],
        freight in freight_name(),
        origin in prop_oneof![4 => Just(None), 1 => any_origin().prop_map(Some)],
        several in prop_oneof![3 => Just(None), 1 => (any_origin(), freight_name()).prop_map(Some)],
    ) -> Subject {
        let several = several.map(|(other, freight_of_other)| {
            BTreeMap::from([("Warehouse/first".to_owned(), freight.clone()), (other.to_string(), freight_of_other)])
        });
        Subject { stage, target, freight, several: several.filter(|_| origin.is_none()), origin }
    }
}

prop_compose! {
    fn promotion_meta(subject: Subject)(
        subject in Just(subject.clone()),
        (ulid, uid) in (ulid(), uuid()),
        meta in refreshable(project_meta(one_of(&["made-by-admission"]))),
        shard in maybe(short_name()),
        create_actor in maybe(actor()),
        abort in maybe((actor(), any::<bool>()).prop_map(|(actor, system)| if system {
            json!({"action": "terminate", "actor": actor, "controlPlane": true})
        } else {
            json!({"action": "terminate", "actor": actor})
        })),
        hold in maybe(select(&[label::AUTO_PROMOTION_HOLD, label::AUTO_PROMOTION_RESUME][..])),
        hold_origin in any_origin(),
        rollback in maybe(one_of(&["true"])),
    ) -> ObjectMeta {
        let Subject { stage, target, freight, several, .. } = subject;
        let owner = match &target {
            Some(_) => controller("PromotionRequest", &format!("{stage}.{ulid}"), uid),
            None => controller("Stage", &stage, uid),
        };
        let meta = ObjectMeta {
            name: promotion_name_of(&stage, target.as_deref(), &ulid, &freight),
            owner_references: vec![owner],
            ..meta
        };
        let meta = labelled(labelled(meta, label::SHARD, shard), label::STAGE, Some(stage.clone()));
        let meta = annotated(annotated(meta, label::STAGE, Some(stage)), label::CREATE_ACTOR, create_actor);
        let meta = annotated(meta, label::ABORT, abort.map(|request| request.to_string()));
        let meta = match hold {
            Some(key) => annotated(meta, key, Some(hold_origin.to_string())),
            None => meta,
        };
        let meta = annotated(meta, label::ROLLBACK, rollback);
        annotated(meta, label::EXT_FREIGHT, several.map(|map| json!(map).to_string()))
    }
}

/// A Promotion as the cluster stores it, or (one in five) as a client submits it: with an origin instead of freight.
///
/// The Stage's name fits a label as it is, so that label and annotation `stage` agree without shortening.
pub fn any_promotion() -> BoxedStrategy<Promotion> {
    subject()
        .prop_flat_map(|subject| {
            (
                Just(subject.clone()),
                promotion_meta(subject),
                list(any_variable(), 2),
                inflated_steps(),
                any_promotion_status(),
            )
        })
        .prop_map(|(subject, metadata, vars, steps, status)| Promotion {
            metadata,
            spec: PromotionSpec {
                stage: subject.stage.into(),
                freight: Some(subject.freight).filter(|_| subject.origin.is_none()),
                origin: subject.origin,
                target: subject.target.map(Into::into),
                vars,
                steps,
            },
            status,
        })
        .boxed()
}

/// Steps as inflation leaves them: runners only, some with an alias inside a task's (resources 11.1).
fn inflated_steps() -> BoxedStrategy<Vec<PromotionStep>> {
    let inflated = (uses_step(), maybe(step_alias())).prop_map(|(step, task)| match (task, &step.alias) {
        (Some(task), Some(alias)) => PromotionStep { alias: Some(format!("{task}::{alias}")), ..step },
        _ => step,
    });
    some(inflated, 3)
}

prop_compose! {
    /// How far a promotion is.
    pub fn any_promotion_status()(
        last_handled_refresh in maybe(refresh_token()),
        phase in maybe(promotion_phase()),
        message in maybe(text()),
        freight in maybe(any_freight_reference()),
        freight_collection in maybe(any_freight_collection()),
        health_checks in list(any_health_check(), 2),
        (started_at, finished_at) in (maybe(timestamp()), maybe(timestamp())),
        current_step in 0..3_i64,
        step_execution_metadata in list(any_step_metadata(), 3),
        state in maybe(map(step_alias(), json_object(), 2).prop_map(|outputs| json!(outputs))),
    ) -> PromotionStatus {
        PromotionStatus {
            last_handled_refresh,
            phase,
            message,
            freight,
            freight_collection,
            health_checks,
            started_at,
            finished_at,
            current_step,
            step_execution_metadata,
            state,
        }
    }
}

/// A phase of a promotion; rarely one that nobody knows (resources 14).
pub fn promotion_phase() -> BoxedStrategy<PromotionPhase> {
    prop_oneof![15 => select(PromotionPhase::KNOWN), 1 => Just(PromotionPhase::from("Paused"))].boxed()
}

prop_compose! {
    fn any_health_check()(uses in one_of(&["argocd-update", "http"]), config in maybe(json_object())) -> HealthCheckStep {
        HealthCheckStep { uses, config }
    }
}

prop_compose! {
    fn any_step_metadata()(
        alias in maybe(step_alias()),
        started_at in maybe(timestamp()),
        finished_at in maybe(timestamp()),
        error_count in 0..5_u32,
        status in maybe(select(StepStatus::KNOWN)),
        message in maybe(text()),
        continue_on_error in any::<bool>(),
    ) -> StepExecutionMetadata {
        StepExecutionMetadata { alias, started_at, finished_at, error_count, status, message, continue_on_error }
    }
}
