//! What admission writes into objects beside the defaults of single fields (resources 17.5 to 17.8).
//!
//! Freight that a server has not named yet gets its id. Names of promotions and times of creation are not among it: they
//! need a clock, which is an argument elsewhere.

use serde_json::{Map, Value};

use crate::{
    freight,
    model::{FreightStatus, Kind, Object, OriginKind, label, short},
};

/// Rewrites deprecated spellings, before the noun is read.
pub(crate) fn rewrite(kind: Kind, document: &mut Map<String, Value>) {
    if kind != Kind::ProjectConfig {
        return;
    }
    let policies = document
        .get_mut("spec")
        .and_then(|spec| spec.get_mut("promotionPolicies"))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten();
    for policy in policies.filter_map(Value::as_object_mut) {
        // `stage: x` means `stageSelector: {name: x}` (resources 22).
        if let Some(stage) = policy.remove("stage") {
            policy.entry("stageSelector").or_insert_with(|| serde_json::json!({ "name": stage }));
        }
    }
}

/// Writes what follows from other fields: mirrored labels and annotations.
pub(crate) fn mirror(object: &mut Object) {
    match object {
        Object::Warehouse(warehouse) => {
            let shard = warehouse.spec.shard.clone();
            set_label(object, label::SHARD, shard);
        }
        Object::Stage(stage) => {
            let shard = stage.spec.shard.clone();
            set_label(object, label::SHARD, shard);
        }
        Object::Freight(freight) => {
            if freight.discovered_at.is_none() {
                freight.discovered_at = freight.metadata.creation_timestamp;
            }
            // What was made already keeps its name: admission replaces that of new freight alone (resources 17.5).
            let is_new = freight.metadata.uid.is_none()
                && freight.metadata.creation_timestamp.is_none()
                && freight.status == FreightStatus::default();
            if is_new && freight.origin.kind == OriginKind::Warehouse {
                freight.metadata.name = freight::freight_id(&freight.origin, &**freight).to_string();
            }
            // The field is authoritative: a label alone is deleted (resources 23, trap 6).
            let alias = freight.alias.clone();
            set_label(object, label::ALIAS, alias);
        }
        Object::Promotion(promotion) => {
            let stage = promotion.spec.stage.to_string();
            promotion.metadata.annotations.insert(label::STAGE.to_owned(), stage.clone());
            set_label(object, label::STAGE, Some(short::label_value_of(&stage)));
        }
        _ => {}
    }
}

fn set_label(object: &mut Object, key: &str, value: Option<String>) {
    let labels = &mut object.metadata_mut().labels;
    match value {
        Some(value) => labels.insert(key.to_owned(), value),
        None => labels.remove(key),
    };
}
