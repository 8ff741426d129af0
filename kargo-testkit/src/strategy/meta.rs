//! Object metadata, conditions and label selectors: what many kinds share (resources 2, 15 and 21).

use kargo_core::model::{
    Condition, KARGO_API_VERSION, LabelRequirement, LabelSelector, ObjectMeta, OwnerReference, PolicySelector, label,
};
use proptest::{prelude::*, sample::select};
use serde_json::json;

use super::{
    json::json_object,
    scalar::{actor, distinct, list, map, maybe, name, one_of, project_name, refresh_token, some, timestamp, uuid},
    text::{label_key, label_value, text, text_or_empty},
};

prop_compose! {
    /// Metadata of an object of a project. The namespace is sometimes absent, as in manifests applied with `-n`.
    pub fn project_meta(name: BoxedStrategy<String>)(
        namespace in prop_oneof![4 => project_name().prop_map(Some), 1 => Just(None)],
        meta in cluster_meta(name),
    ) -> ObjectMeta {
        ObjectMeta { namespace, ..meta }
    }
}

prop_compose! {
    /// Metadata of a cluster-scoped object.
    pub fn cluster_meta(name: BoxedStrategy<String>)(
        name in name,
        generate_name in maybe(one_of(&["promo-", "x-"])),
        self_link in maybe(one_of(&["/apis/kargo.akuity.io/v1alpha1/x"])),
        (uid, resource_version) in (maybe(uuid()), maybe(one_of(&["1", "48213", "0x1F"]))),
        generation in maybe(1..1000_i64),
        creation_timestamp in maybe(timestamp()),
        deletion in maybe((timestamp(), maybe(0..600_i64))),
        labels in map(label_key(), label_value(), 3),
        annotations in map(label_key(), text_or_empty(), 2),
        description in maybe(text()),
        owner_references in list(any_owner(), 1),
        (finalizers, managed_fields) in (list(one_of(&[label::FINALIZER]), 1), list(json_object(), 1)),
    ) -> ObjectMeta {
        let (deletion_timestamp, deletion_grace_period_seconds) =
            deletion.map_or((None, None), |(at, grace)| (Some(at), grace));
        let meta = ObjectMeta {
            name,
            generate_name,
            namespace: None,
            self_link,
            uid,
            resource_version,
            generation,
            creation_timestamp,
            deletion_timestamp,
            deletion_grace_period_seconds,
            labels,
            annotations,
            owner_references,
            finalizers,
            managed_fields,
        };
        annotated(meta, label::DESCRIPTION, description)
    }
}

prop_compose! {
    /// An owner that is not Kargo's.
    pub fn any_owner()(
        api_version in one_of(&["apps/v1", "argoproj.io/v1alpha1"]),
        kind in one_of(&["Deployment", "ApplicationSet"]),
        name in name(),
        uid in uuid(),
        controller in maybe(any::<bool>()),
        block_owner_deletion in maybe(any::<bool>()),
    ) -> OwnerReference {
        OwnerReference { api_version, kind, name, uid, controller, block_owner_deletion }
    }
}

/// The sole owner of an object of Kargo's that another one controls (resources 15.4).
pub(super) fn controller(kind: &str, name: &str, uid: String) -> OwnerReference {
    OwnerReference {
        api_version: KARGO_API_VERSION.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        uid,
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The metadata with an annotation, if there is a value for it.
pub(super) fn annotated(mut meta: ObjectMeta, key: &str, value: Option<String>) -> ObjectMeta {
    meta.annotations.extend(value.map(|value| (key.to_owned(), value)));
    meta
}

/// The metadata with a label, if there is a value for it.
pub(super) fn labelled(mut meta: ObjectMeta, key: &str, value: Option<String>) -> ObjectMeta {
    meta.labels.extend(value.map(|value| (key.to_owned(), value)));
    meta
}

/// Metadata of an object that can be asked to refresh (resources 15.2).
pub(super) fn refreshable(meta: impl Strategy<Value = ObjectMeta> + 'static) -> BoxedStrategy<ObjectMeta> {
    (meta, maybe(refresh_token())).prop_map(|(meta, token)| annotated(meta, label::REFRESH, token)).boxed()
}

/// Values of annotations `reverify` and `abort` on Stages, as admission writes them (resources 15.2 and 17.6).
pub(super) fn verification_request() -> BoxedStrategy<String> {
    let from_people = (uuid(), actor()).prop_map(|(id, actor)| json!({"id": id, "actor": actor}));
    let from_control_plane =
        (uuid(), actor()).prop_map(|(id, actor)| json!({"id": id, "actor": actor, "controlPlane": true}));
    prop_oneof![from_people, from_control_plane].prop_map(|request| request.to_string()).boxed()
}

prop_compose! {
    /// One condition.
    pub fn any_condition()(
        type_ in one_of(&["Ready", "Reconciling", "Stalled", "Healthy", "Promoting", "Verified", "FreightCreated"]),
        status in one_of(&["True", "False", "Unknown"]),
        observed_generation in maybe(0..1000_i64),
        last_transition_time in timestamp(),
        reason in one_of(&["Synced", "ReconcileError", "LastPromotionErrored", "A", "NoFreight", "X_1,y:z"]),
        message in text_or_empty(),
    ) -> Condition {
        let last_transition_time = Some(last_transition_time);
        Condition { type_, status, observed_generation, last_transition_time, reason, message }
    }
}

/// Conditions, at most one per type.
pub fn conditions() -> BoxedStrategy<Vec<Condition>> {
    list(any_condition(), 3).prop_map(|all| distinct(all, |condition| condition.type_.clone())).boxed()
}

prop_compose! {
    /// A label selector, sometimes empty, always with operators that exist.
    pub fn any_label_selector()(
        match_labels in map(label_key(), label_value(), 2),
        match_expressions in list(any_label_requirement(), 2),
    ) -> LabelSelector {
        LabelSelector { match_labels, match_expressions }
    }
}

/// One requirement on a label, with values where its operator compares with some.
pub fn any_label_requirement() -> BoxedStrategy<LabelRequirement> {
    let compares = (label_key(), select(&["In", "NotIn"][..]), some(label_value(), 3));
    let looks = (label_key(), select(&["Exists", "DoesNotExist"][..]), Just(Vec::new()));
    prop_oneof![compares, looks]
        .prop_map(|(key, operator, values)| LabelRequirement { key, operator: operator.to_owned(), values })
        .boxed()
}

prop_compose! {
    /// A selector by name or pattern, by labels, by both, or by nothing (resources 6.2).
    pub fn any_policy_selector()(
        name in maybe(prop_oneof![
            2 => name(),
            1 => one_of(&["glob:prod-*", "glob:{dev,uat}", "glob:stage-[0-9]", "regex:^prod", "regexp:-(eu|us)$", "glob:*"]),
        ]),
        labels in any_label_selector(),
    ) -> PolicySelector {
        PolicySelector { name, match_labels: labels.match_labels, match_expressions: labels.match_expressions }
    }
}
