//! Which fields must be written, and which lists may not be empty or hold the same twice (resources 2 to 13; rules 8, 11).

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::model::Code;
use serde_json::{Value, json};

use super::every_field::{changed, errors_at, outcomes, read, table};

#[test]
fn resources_2_to_13_required_fields() {
    let without = outcomes(|object, pointer, path| {
        // An element of a list is no field.
        if path.ends_with(']') && !path.ends_with("\"]") {
            return None;
        }
        let codes = errors_at(&changed(object, pointer, None), path);
        assert!(codes.is_empty() || codes == [Code::Missing], "{path}: {codes:?}");
        Some(!codes.is_empty())
    });
    assert_eq!(names(without), table(REQUIRED));
    let null = outcomes(|object, pointer, path| {
        if path.ends_with(']') && !path.ends_with("\"]") {
            return None;
        }
        Some(errors_at(&changed(object, pointer, Some(Value::Null)), path) == [Code::Missing])
    });
    assert_eq!(names(null), table(REQUIRED), "null is absent");
}

/// Every other field may be left out; so may the metadata of freight, which admission names (resources 16.1).
const REQUIRED: &str = "
    Approval metadata
    Approval metadata.name
    Approval spec
    Approval spec.freight
    Approval spec.stage
    ClusterConfig metadata
    ClusterConfig metadata.name
    ClusterConfig spec.gitClient.email
    ClusterConfig spec.gitClient.name
    ClusterConfig spec.webhookReceivers[].github.secretRef
    ClusterConfig spec.webhookReceivers[].name
    ClusterPromotionTask metadata
    ClusterPromotionTask metadata.name
    ClusterPromotionTask spec
    ClusterPromotionTask spec.steps
    Freight origin
    Junction metadata
    Junction metadata.name
    Junction spec
    Junction spec.release.criteria.expression
    Junction spec.requestedFreight
    Junction spec.requestedFreight[].sources
    Junction status.releases[].freight
    Junction status.releases[].sequence
    Junction status.slots.*.freight
    Links[].title
    Links[].url
    Pause metadata
    Pause metadata.name
    Project metadata
    Project metadata.ownerReferences[].apiVersion
    Project metadata.ownerReferences[].kind
    Project metadata.ownerReferences[].name
    Project metadata.ownerReferences[].uid
    ProjectConfig metadata
    ProjectConfig metadata.name
    ProjectConfig spec.webhookReceivers[].artifactory.secretRef
    ProjectConfig spec.webhookReceivers[].azure.secretRef
    ProjectConfig spec.webhookReceivers[].bitbucket.secretRef
    ProjectConfig spec.webhookReceivers[].dockerhub.secretRef
    ProjectConfig spec.webhookReceivers[].generic.actions[].action
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices[].key
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices[].operator
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices[].value
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].kind
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].labelSelector.matchExpressions[].key
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].labelSelector.matchExpressions[].operator
    ProjectConfig spec.webhookReceivers[].generic.secretRef
    ProjectConfig spec.webhookReceivers[].gitea.secretRef
    ProjectConfig spec.webhookReceivers[].github.secretRef
    ProjectConfig spec.webhookReceivers[].gitlab.secretRef
    ProjectConfig spec.webhookReceivers[].harbor.secretRef
    ProjectConfig spec.webhookReceivers[].name
    ProjectConfig spec.webhookReceivers[].quay.secretRef
    Promotion metadata
    Promotion metadata.ownerReferences[].apiVersion
    Promotion metadata.ownerReferences[].kind
    Promotion metadata.ownerReferences[].name
    Promotion metadata.ownerReferences[].uid
    Promotion spec
    Promotion spec.stage
    Promotion status.freightCollection.id
    Promotion status.healthChecks[].uses
    PromotionRequest metadata
    PromotionRequest metadata.name
    PromotionRequest spec
    PromotionRequest spec.freight
    PromotionRequest spec.stage
    PromotionRequest spec.targets
    PromotionRequest spec.targets[].name
    PromotionRequest status.targets[].name
    PromotionTask metadata
    PromotionTask metadata.name
    PromotionTask spec
    PromotionTask spec.steps
    Rejection metadata
    Rejection metadata.name
    Rejection spec
    Rejection spec.freight
    Stage metadata
    Stage metadata.name
    Stage spec
    Stage spec.promotionTemplate.spec
    Stage spec.requestedFreight
    Stage spec.requestedFreight[].origin
    Stage spec.requestedFreight[].sources
    Stage spec.targets.selectors
    Stage spec.verification.analysisTemplates[].name
    Stage spec.verification.args[].name
    Stage spec.verification.args[].value
    Stage status.autoPromotionHolds.*.freightName
    Stage status.autoPromotionHolds.*.origin
    Stage status.currentPromotion.name
    Stage status.currentPromotionRequest.freight.name
    Stage status.currentPromotionRequest.name
    Stage status.effectiveAutoPromotionHolds.*.freightName
    Stage status.effectiveAutoPromotionHolds.*.origin
    Stage status.freightHistory[].id
    Stage status.freightHistory[].verificationHistory[].analysisRun.name
    Stage status.freightHistory[].verificationHistory[].analysisRun.namespace
    Stage status.freightHistory[].verificationHistory[].analysisRun.phase
    Stage status.lastPromotion.name
    Stage status.lastPromotion.status.freightCollection.id
    Stage status.lastPromotion.status.healthChecks[].uses
    Stage status.lastPromotionRequest.freight.name
    Stage status.lastPromotionRequest.name
    Stage status.promotionWindowStatus.closed
    StagePolicy metadata
    StagePolicy metadata.name
    StagePolicy spec
    StagePolicy spec.requestedFreight[].origin
    StagePolicy spec.requestedFreight[].sources
    StagePolicy spec.steps.*.forEach.as
    StagePolicy spec.steps.*.forEach.in
    StagePolicy spec.waves[].name
    StagePolicy spec.waves[].selector
    Target metadata
    Target metadata.name
    Warehouse metadata
    Warehouse metadata.name
    Warehouse spec
    Warehouse spec.subscriptions
    Warehouse spec.subscriptions[].chart.repoURL
    Warehouse spec.subscriptions[].git.repoURL
    Warehouse spec.subscriptions[].image.repoURL
    Warehouse spec.subscriptions[].name of a generic type
    Warehouse status.discoveredArtifacts.charts[].repoURL
    Warehouse status.discoveredArtifacts.git[].observedRefs.tags[].id
    Warehouse status.discoveredArtifacts.git[].observedRefs.tags[].name
    Warehouse status.discoveredArtifacts.git[].repoURL
    Warehouse status.discoveredArtifacts.images[].references[].digest
    Warehouse status.discoveredArtifacts.images[].references[].tag
    Warehouse status.discoveredArtifacts.images[].repoURL
    Warehouse status.discoveredArtifacts.results[].name
    WarehousePolicy metadata
    WarehousePolicy metadata.name
    WarehousePolicy spec
    WarehousePolicy spec.debounce.settle
    WarehousePolicy spec.subscriptions[].subscription
    artifactReferences[].subscriptionName
    artifactReferences[].version
    artifacts[].subscriptionName
    artifacts[].version
    conditions[].lastTransitionTime
    conditions[].message
    conditions[].reason
    conditions[].status
    conditions[].type
    indows[].kind
    indows[].name
    matchExpressions[].key
    matchExpressions[].operator
    origin.kind
    origin.name
    steps[].forEach.as
    steps[].forEach.in
    steps[].task.name
    vars[].name
";

#[test]
fn resources_2_to_13_lists_with_a_least_length() {
    let empty = outcomes(|object, pointer, path| {
        object.pointer(pointer)?.as_array()?;
        let codes = errors_at(&changed(object, pointer, Some(json!([]))), path);
        Some(codes == [Code::Range])
    });
    assert_eq!(names(empty), table(AT_LEAST_ONE));
}

const AT_LEAST_ONE: &str = "
    ClusterPromotionTask spec.steps
    Junction spec.requestedFreight
    ProjectConfig spec.webhookReceivers[].generic.actions
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria
    ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices
    Promotion spec.steps
    PromotionTask spec.steps
    Stage spec.promotionTemplate.spec.steps
    Stage spec.requestedFreight
    Warehouse spec.subscriptions
";

#[test]
fn resources_2_to_13_lists_with_unique_elements() {
    let twice = outcomes(|object, pointer, _| {
        let first = object.pointer(pointer)?.as_array()?.first()?.clone();
        let reading = read(&changed(object, pointer, Some(json!([first, first]))));
        let found = reading.diagnostics.iter().next()?;
        let path = found.path().to_string();
        let key = path.rsplit(']').next().unwrap().trim_start_matches('.').to_owned();
        Some(format!("{} {} {key}", found.code(), found.severity()))
    });
    let lines = twice.into_iter().map(|(place, outcome)| format!("{place}: {}", outcome.trim_end()));
    let lines = lines.collect::<BTreeSet<_>>();
    assert_eq!(lines, table(UNIQUE));
}

/// In all other lists the same may stand twice.
const UNIQUE: &str = "
    ClusterConfig spec.promotionWindows: K0113 error name
    ClusterConfig spec.webhookReceivers: K0113 error name
    ClusterPromotionTask spec.steps: K0113 error as
    Junction spec.requestedFreight: K0205 error origin
    Junction spec.requestedFreight[].sources.stages: K0113 warning
    Junction status.conditions: K0113 error type
    Project status.conditions: K0113 error type
    ProjectConfig spec.promotionPolicies[].autoRollback.onPromotion: K0113 error
    ProjectConfig spec.promotionPolicies[].autoRollback.onVerification: K0113 error
    ProjectConfig spec.promotionWindows: K0113 error name
    ProjectConfig spec.webhookReceivers: K0113 error name
    ProjectConfig status.conditions: K0113 error type
    PromotionRequest spec.targets: K0113 error name
    PromotionRequest status.conditions: K0113 error type
    PromotionTask spec.steps: K0113 error as
    Rejection spec.stages: K0113 error
    Stage spec.promotionTemplate.spec.steps: K0113 error as
    Stage spec.requestedFreight: K0205 error origin
    Stage spec.requestedFreight[].sources.stages: K0112 error sources.autoPromotionOptions.selectionPolicy
    Stage status.conditions: K0113 error type
    StagePolicy spec.intents: K0113 error
    StagePolicy spec.requestedFreight: K0205 error origin
    StagePolicy spec.rollback.onPromotion: K0113 error
    StagePolicy spec.rollback.onVerification: K0113 error
    StagePolicy spec.waves: K0113 error name
    StagePolicy spec.windows: K0113 error name
    Warehouse spec.subscriptions: K0305 error git.repoURL
    Warehouse status.conditions: K0113 error type
    WarehousePolicy spec.subscriptions: K0113 error subscription
";

fn names(outcomes: BTreeMap<String, bool>) -> BTreeSet<String> {
    outcomes.into_iter().filter(|(_, outcome)| *outcome).map(|(name, _)| name).collect()
}
