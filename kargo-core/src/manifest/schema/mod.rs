//! What each kind's document must look like, as tables: names, shapes, requirements and defaults of all fields.
//!
//! Rules between fields are in [`check`](super::check).

mod common;
mod kargo;
mod ours;
mod shape;

pub(crate) use common::PROVIDERS;
pub(crate) use kargo::{CHART_SUBSCRIPTION, GIT_SUBSCRIPTION, IMAGE_SUBSCRIPTION, OTHER_SUBSCRIPTION};
pub(crate) use shape::{Field, Fill, Items, Need, Schema, Shape, Text};

use crate::model::Kind;

/// The fields of a kind, without `apiVersion` and `kind`.
pub(crate) fn of(kind: Kind) -> &'static Schema {
    match kind {
        Kind::Project => &kargo::PROJECT,
        Kind::ProjectConfig => &kargo::PROJECT_CONFIG,
        Kind::ClusterConfig => &kargo::CLUSTER_CONFIG,
        Kind::Warehouse => &kargo::WAREHOUSE,
        Kind::Freight => &kargo::FREIGHT,
        Kind::Stage => &kargo::STAGE,
        Kind::Promotion => &kargo::PROMOTION,
        Kind::PromotionTask | Kind::ClusterPromotionTask => &kargo::TASK,
        Kind::PromotionRequest => &kargo::PROMOTION_REQUEST,
        Kind::Target => &kargo::TARGET,
        Kind::Junction => &ours::JUNCTION,
        Kind::StagePolicy => &ours::STAGE_POLICY,
        Kind::WarehousePolicy => &ours::WAREHOUSE_POLICY,
        Kind::Pause => &ours::PAUSE,
        Kind::Rejection => &ours::REJECTION,
        Kind::Approval => &ours::APPROVAL,
    }
}

/// The names of the fields below `spec` of a kind of ours, at any depth, for the test of their table.
#[cfg(test)]
pub(crate) fn extension_fields(kind: Kind) -> Vec<&'static str> {
    fn walk(shape: &Shape, out: &mut Vec<&'static str>) {
        match shape {
            Shape::Object(schema) => {
                for field in schema.fields {
                    // Shapes that Kargo's kinds have too are described there.
                    let shared = matches!(field.name, "origin" | "sources" | "originSelector" | "selector" | "windows");
                    if !shared {
                        walk(&field.shape, out);
                    }
                    out.push(field.name);
                }
            }
            Shape::List(item, _) | Shape::Map(item) | Shape::ByOrigin(item) => walk(item, out),
            _ => {}
        }
    }
    let mut out = Vec::new();
    let spec = of(kind).fields.iter().find(|field| field.name == "spec");
    if let Some(spec) = spec {
        walk(&spec.shape, &mut out);
    }
    out
}
