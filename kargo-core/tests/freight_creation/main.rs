//! New freight: criteria, automatic creation, assembly by hand, derivation (discovery 1.5 to 1.10; requirements A2, C14, D5, D6).
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "the tests make what they read")]

mod assembly;
mod automatic;
mod clauses;
mod criteria;
mod derive;
mod interleavings;

use kargo_core::{
    Timestamp,
    model::{DiscoveredArtifacts, Freight, Warehouse, WarehousePolicySpec},
};
use serde_json::Value;

const NONE: [Freight; 0] = [];

fn warehouse(spec: Value) -> Warehouse {
    let mut warehouse = Warehouse::default();
    warehouse.metadata.name = "shop".into();
    warehouse.metadata.namespace = Some("acme".into());
    warehouse.spec = serde_json::from_value(spec).unwrap();
    warehouse
}

fn found(value: Value) -> DiscoveredArtifacts {
    serde_json::from_value(value).unwrap()
}

fn policy(value: Value) -> WarehousePolicySpec {
    serde_json::from_value(value).unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T14:02:00Z".parse().unwrap()
}
