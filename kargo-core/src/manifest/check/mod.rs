//! Rules between the fields of one document (resources 17 and the CEL rules of 3 to 13; rules 8 and 11 for ours).
//!
//! The structure of each field alone is [`schema`](super::schema)'s business.

mod common;
mod config;
mod freight;
mod junction;
mod policy;
mod promotion;
mod stage;
mod steps;
mod subscription;
mod warehouse;

use super::{cursor::Cursor, sink::Sink};
use crate::model::Kind;

/// Checks the rules of a kind on a document.
pub(crate) fn document(kind: Kind, doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    common::metadata(kind, doc, sink);
    match kind {
        Kind::Project | Kind::Target | Kind::Pause | Kind::Rejection | Kind::Approval => {}
        Kind::ProjectConfig => config::project(doc, sink),
        Kind::ClusterConfig => config::cluster(doc, sink),
        Kind::Warehouse => warehouse::check(doc, sink),
        Kind::Freight => freight::check(doc, sink),
        Kind::Stage => stage::check(doc, sink),
        Kind::Promotion => promotion::promotion(doc, sink),
        Kind::PromotionTask | Kind::ClusterPromotionTask => promotion::task(doc, sink),
        Kind::PromotionRequest => {}
        Kind::Junction => junction::check(doc, sink),
        Kind::StagePolicy => policy::stage(doc, sink),
        Kind::WarehousePolicy => policy::warehouse(doc, sink),
    }
}
