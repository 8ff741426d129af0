//! Objects of any kind.

use kargo_core::model::{Kind, Object};
use proptest::{prelude::*, strategy::Union};

use super::{
    decision::{any_approval, any_pause, any_rejection},
    freight::any_freight,
    junction::any_junction,
    policy::{any_stage_policy, any_warehouse_policy},
    project::{any_cluster_config, any_project, any_project_config},
    promotion::any_promotion,
    request::{any_promotion_request, any_target},
    stage::any_stage,
    step::{any_cluster_promotion_task, any_promotion_task},
    warehouse::any_warehouse,
};

/// A strategy for each kind.
fn all() -> Vec<(Kind, BoxedStrategy<Object>)> {
    macro_rules! kinds {
        ($($kind:ident: $strategy:expr,)+) => {
            vec![$((Kind::$kind, $strategy.prop_map(Object::from).boxed()),)+]
        };
    }
    kinds! {
        Project: any_project(),
        ProjectConfig: any_project_config(),
        ClusterConfig: any_cluster_config(),
        Warehouse: any_warehouse(),
        Freight: any_freight(),
        Stage: any_stage(),
        Promotion: any_promotion(),
        PromotionTask: any_promotion_task(),
        ClusterPromotionTask: any_cluster_promotion_task(),
        PromotionRequest: any_promotion_request(),
        Target: any_target(),
        Junction: any_junction(),
        StagePolicy: any_stage_policy(),
        WarehousePolicy: any_warehouse_policy(),
        Pause: any_pause(),
        Rejection: any_rejection(),
        Approval: any_approval(),
    }
}

/// An object of any kind, valid for admission as far as that needs no cluster (resources 2 to 17), status included.
///
/// It has the form that writing and reading keep: optional texts are absent rather than empty, instants are whole
/// seconds, and what admission fills in is filled in.
pub fn any_object() -> BoxedStrategy<Object> {
    Union::new(all().into_iter().map(|(_, strategy)| strategy)).boxed()
}

/// An object of this kind. A kind that this version does not know is rejected by the runner, with that reason.
pub fn object_of(kind: Kind) -> BoxedStrategy<Object> {
    match all().into_iter().find(|(known, _)| *known == kind) {
        Some((_, strategy)) => strategy,
        None => {
            any_object().prop_filter("there is no strategy for this kind", move |object| object.kind() == kind).boxed()
        }
    }
}
