//! Objects of every kind: every field, every variant, and the form that writing and reading keep.

use std::sync::LazyLock;

use kargo_core::model::{Kind, Object};
use kargo_testkit::strategy::{any_object, object_of, warehouse::any_warehouse_with};
use proptest::strategy::Strategy;

use crate::{
    samples,
    schema::{Schema, Seen},
};

const COUNT: usize = 512;

/// Paths that the schema has and a rule forbids.
const FORBIDDEN: &[(&str, &str)] = &[
    ("Project.metadata.namespace", "resources 1: cluster-scoped"),
    ("ClusterConfig.metadata.namespace", "resources 1: cluster-scoped"),
    ("ClusterPromotionTask.metadata.namespace", "resources 1: cluster-scoped"),
    ("ProjectConfig.spec.promotionWindows[].projectSelector", "resources 6.5: only in a ClusterConfig"),
    ("StagePolicy.spec.windows[].projectSelector", "rules 11: a StagePolicy's window is its own Stage's"),
    ("StagePolicy.spec.windows[].stageSelector", "rules 11: a StagePolicy's window is its own Stage's"),
    ("Junction.spec.requestedFreight[].sources.autoPromotionOptions", "rules 8: a slot is filled as fill says"),
    ("Stage.status.currentPromotion.status", "resources 9.3: name and freight only"),
    ("Stage.status.currentPromotion.finishedAt", "resources 9.3: name and freight only"),
    ("PromotionTask.spec.steps[].task", "resources 10.2: tasks do not nest"),
    ("PromotionTask.spec.steps[].forEach", "rules 15: only on references to tasks"),
    ("ClusterPromotionTask.spec.steps[].task", "resources 10.2: tasks do not nest"),
    ("ClusterPromotionTask.spec.steps[].forEach", "rules 15: only on references to tasks"),
    ("Promotion.spec.steps[].task", "resources 10.2: inflated"),
    ("Promotion.spec.steps[].forEach", "rules 15: only on references to tasks"),
];

/// Samples of every kind, and of Warehouses with generic subscriptions.
static ALL: LazyLock<Vec<Object>> = LazyLock::new(|| {
    let generic = any_warehouse_with(&["model"]).prop_map(Object::from).boxed();
    let strategies = Kind::ALL.iter().map(|kind| object_of(*kind)).chain([generic]);
    strategies.flat_map(|strategy| samples(&strategy, COUNT).collect::<Vec<_>>()).collect()
});

#[test]
fn resources_2_to_13_every_field_and_variant_occurs() {
    let schema = Schema::read();
    let mut seen = Seen::default();
    for object in ALL.iter() {
        let json = serde_json::to_value(object).unwrap();
        schema.count(object.kind().as_str(), &json, &mut seen);
    }
    for ((name, field), (present, absent)) in &seen.fields {
        println!("{:>40} {present:>8} present {absent:>8} absent", format!("{name}.{field}"));
    }
    for ((name, variant), count) in &seen.variants {
        println!("{:>40} {count:>8}", format!("{name}::{variant}"));
    }

    let mut wrong = Vec::new();
    for kind in Kind::ALL {
        let never = schema.paths(kind.as_str()).into_iter().filter(|path| !seen.paths.contains_key(path));
        wrong.extend(never.filter(|path| !FORBIDDEN.iter().any(|(forbidden, _)| path.starts_with(forbidden))));
    }
    for field in schema.optional() {
        let (present, absent) = seen.fields.get(&field).copied().unwrap_or_default();
        if present == 0 || absent == 0 {
            wrong.push(format!("{}.{}: {present} present, {absent} absent", field.0, field.1));
        }
    }
    for (name, variant) in schema.variants() {
        if !seen.variants.contains_key(&(name, variant.to_owned())) {
            wrong.push(format!("{name}::{variant}"));
        }
    }
    for (forbidden, rule) in FORBIDDEN {
        if let Some(path) = seen.paths.keys().find(|path| path.starts_with(forbidden)) {
            wrong.push(format!("{path} occurs, against {rule}"));
        }
    }
    assert!(wrong.is_empty(), "never seen, or not both ways: {wrong:#?}");
}

#[test]
fn resources_2_json_brings_every_object_back() {
    for object in ALL.iter() {
        let text = serde_json::to_string(object).unwrap();
        let back = Object::from_json(object.kind(), serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(&back, object, "{text}");
    }
}

#[test]
fn any_object_is_of_any_kind() {
    let mut counts = std::collections::BTreeMap::new();
    for object in samples(&any_object(), COUNT) {
        *counts.entry(object.kind()).or_insert(0) += 1;
    }
    println!("{counts:?}");
    assert!(Kind::ALL.iter().all(|kind| counts.contains_key(kind)), "{counts:?}");
}
