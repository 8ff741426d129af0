//! What texts and numbers each field accepts: patterns, enumerations, ranges (resources 2 to 14; rules 8, 11 and 15).
//!
//! A form is known by what it accepts of a list of samples, so each table says which pattern is used at which places.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::model::Code;
use serde_json::json;

use super::every_field::{changed, errors_at, outcomes};

/// The samples, and a letter for each.
const SAMPLES: [(char, &str); 13] = [
    ('0', ""),
    ('B', "Bogus Value!"),
    ('A', "A_b"),
    ('n', "a.b-c"),
    ('h', "1h"),
    ('m', "300ms"),
    ('t', "2026-01-02T03:04:05Z"),
    ('u', "https://h/x"),
    ('o', "oci://h/x"),
    ('g', "ghcr.io/a"),
    ('d', "sha256:0a"),
    ('@', "a@b"),
    ('l', LONG),
];

/// One byte longer than names may be.
const LONG: &str = concat!(
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
);

#[test]
fn resources_2_each_text_has_its_form() {
    assert_eq!(LONG.len(), 254);
    let accepted = outcomes(|object, pointer, path| {
        object.pointer(pointer)?.as_str()?;
        let fits = |text: &str| {
            let codes = errors_at(&changed(object, pointer, Some(json!(text))), path);
            let form = [Code::Format, Code::NotAllowed, Code::Range, Code::Pattern, Code::Constraint, Code::Platform];
            !codes.iter().any(|code| form.contains(code))
        };
        Some(SAMPLES.iter().filter(|(_, text)| fits(text)).map(|(letter, _)| *letter).collect::<String>())
    });
    let mut forms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, accepted) in accepted {
        forms.entry(accepted).or_default().insert(place);
    }
    let any: String = SAMPLES.iter().map(|(letter, _)| *letter).collect();
    forms.remove(&any);
    // Enumerations accept no sample; their table is below.
    let enumerations: BTreeSet<String> = ENUMERATIONS.iter().flat_map(|(places, _)| lines(places)).collect();
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, accepted, places) in FORMS {
        assert!(expected.insert((*accepted).to_owned(), lines(places)).is_none());
    }
    for name in &enumerations {
        let accepted =
            if name.ends_with("availabilityStrategy") || name.ends_with("SelectionStrategy") { "0" } else { "" };
        expected.entry(accepted.to_owned()).or_default().insert(name.clone());
    }
    assert_eq!(forms, expected);
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Form, the samples it accepts, and where it is asked for. All other texts are free.
const FORMS: &[(&str, &str, &str)] = &[
    ("NAME", "nhm", "
        Approval metadata.name
        Approval spec.freight
        Approval spec.stage
        ClusterConfig metadata.name
        ClusterConfig spec.webhookReceivers[].name
        ClusterPromotionTask metadata.name
        Junction metadata.name
        Pause metadata.name
        Pause spec.stage
        Project metadata.name
        ProjectConfig metadata.name
        ProjectConfig spec.webhookReceivers[].name
        Promotion metadata.name
        Promotion spec.freight
        Promotion spec.stage
        Promotion spec.target
        PromotionRequest metadata.name
        PromotionRequest spec.freight
        PromotionRequest spec.stage
        PromotionRequest spec.targets[].name
        PromotionRequest status.targets[].name
        PromotionTask metadata.name
        Rejection metadata.name
        Rejection spec.freight
        Stage metadata.name
        StagePolicy metadata.name
        StagePolicy spec.waves[].name
        Target metadata.name
        Warehouse metadata.name
        WarehousePolicy metadata.name
        indows[].name
        steps[].task.name
    "),
    ("VARNAME", "Al", "
        StagePolicy spec.steps.*.forEach.as
        steps[].forEach.as
        vars[].name
    "),
    ("DUR", "h", "
        Junction spec.release.atMost
        Junction spec.release.settle
        Junction spec.requestedFreight[].sources.requiredSoakTime
        Stage spec.requestedFreight[].sources.requiredSoakTime
        StagePolicy spec.cancelGrace
        StagePolicy spec.progressing.atMost
        StagePolicy spec.soak.sampleEvery
        StagePolicy spec.waves[].pause
        Warehouse spec.interval
        WarehousePolicy spec.debounce.atMost
        WarehousePolicy spec.debounce.settle
    "),
    ("Go duration", "hm", "
        Freight status.verifiedIn.*.longestSoak
        steps[].retry.timeout
    "),
    ("instant", "t", "
        Freight discoveredAt
        Freight status.approvedFor.*.approvedAt
        Freight status.currentlyIn.*.since
        Freight status.verifiedIn.*.verifiedAt
        Junction status.firstChangeAt
        Junction status.lastChangeAt
        Junction status.releases[].releasedAt
        Junction status.slots.*.since
        Pause spec.until
        Project metadata.creationTimestamp
        Project metadata.deletionTimestamp
        Promotion status.finishedAt
        Promotion status.startedAt
        Promotion status.stepExecutionMetadata[].finishedAt
        Promotion status.stepExecutionMetadata[].startedAt
        PromotionRequest status.finishedAt
        PromotionRequest status.startedAt
        Stage status.autoPromotionHolds.*.createdAt
        Stage status.currentPromotion.finishedAt
        Stage status.currentPromotionRequest.finishedAt
        Stage status.freightHistory[].verificationHistory[].finishTime
        Stage status.freightHistory[].verificationHistory[].startTime
        Stage status.lastPromotion.finishedAt
        Stage status.lastPromotion.status.finishedAt
        Stage status.lastPromotion.status.startedAt
        Stage status.lastPromotion.status.stepExecutionMetadata[].finishedAt
        Stage status.lastPromotion.status.stepExecutionMetadata[].startedAt
        Stage status.lastPromotionRequest.finishedAt
        Stage status.promotionWindowStatus.nextClose
        Stage status.promotionWindowStatus.nextOpen
        Warehouse spec.subscriptions[].git.since
        Warehouse status.discoveredArtifacts.discoveredAt
        Warehouse status.discoveredArtifacts.git[].commits[].creatorDate
        Warehouse status.discoveredArtifacts.images[].references[].createdAt
        conditions[].lastTransitionTime
    "),
    ("GITURL", "u", "
        Warehouse spec.subscriptions[].git.repoURL
        Warehouse status.discoveredArtifacts.git[].repoURL
    "),
    ("BRANCH, or nothing", "0Anhmgl", "
        Warehouse spec.subscriptions[].git.branch
    "),
    ("IMGURL", "Anhmgl", "
        Warehouse spec.subscriptions[].image.repoURL
    "),
    ("CHARTURL", "uo", "
        Warehouse spec.subscriptions[].chart.repoURL
    "),
    ("DNSLABEL, or nothing", "0hm", "
        Approval metadata.namespace
        Freight metadata.namespace
        Junction metadata.namespace
        Pause metadata.namespace
        ProjectConfig metadata.namespace
        Promotion metadata.namespace
        PromotionRequest metadata.namespace
        PromotionTask metadata.namespace
        Rejection metadata.namespace
        Stage metadata.namespace
        StagePolicy metadata.namespace
        Target metadata.namespace
        Warehouse metadata.namespace
        Warehouse spec.subscriptions[].name
        Warehouse spec.subscriptions[].name of a generic type
        WarehousePolicy metadata.namespace
    "),
    ("label key", "Anhmg", "
        ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].labelSelector.matchExpressions[].key
        matchExpressions[].key
    "),
    ("label value", "0Anhm", "
        Freight alias
        Junction spec.requestedFreight[].originSelector.matchLabels.*
        Project metadata.labels.*
        ProjectConfig spec.promotionPolicies[].stageSelector.matchLabels.*
        Stage spec.shard
        Stage spec.targets.selectors[].matchLabels.*
        StagePolicy spec.waves[].selector.matchLabels.*
        indows[].projectSelector.matchLabels.*
        indows[].stageSelector.matchLabels.*
        matchExpressions[].values[]
        Warehouse spec.shard
    "),
    ("tag of a discovered image", "Anhm", "
        Warehouse status.discoveredArtifacts.images[].references[].tag
    "),
    ("digest of a discovered image", "d", "
        Warehouse status.discoveredArtifacts.images[].references[].digest
    "),
    ("condition reason", "Adl", "
        conditions[].reason
    "),
    ("e-mail address", "@", "
        ClusterConfig spec.gitClient.email
    "),
    ("name pattern: no unknown prefix", "0BAnhmg@l", "
        ProjectConfig spec.promotionPolicies[].stageSelector.name
        indows[].projectSelector.name
        indows[].stageSelector.name
    "),
    ("platform: has a slash, or nothing", "0uog", "
        Warehouse spec.subscriptions[].image.platform
    "),
    ("anything but nothing", "BAnhmtuogd@l", "
        ClusterConfig spec.gitClient.name
        Junction spec.release.criteria.expression
        Links[].title
        Links[].url
        Promotion status.healthChecks[].uses
        Stage status.lastPromotion.status.healthChecks[].uses
        StagePolicy spec.approvals.actors[]
        StagePolicy spec.steps.*.forEach.in
        Warehouse status.discoveredArtifacts.charts[].repoURL
        Warehouse status.discoveredArtifacts.git[].commits[].id
        Warehouse status.discoveredArtifacts.git[].observedRefs.tags[].id
        Warehouse status.discoveredArtifacts.git[].observedRefs.tags[].name
        Warehouse status.discoveredArtifacts.images[].repoURL
        Warehouse status.discoveredArtifacts.results[].name
        WarehousePolicy spec.subscriptions[].subscription
        artifactReferences[].artifactType
        artifactReferences[].subscriptionName
        artifactReferences[].version
        artifacts[].artifactType
        artifacts[].subscriptionName
        artifacts[].version
        steps[].forEach.in
        steps[].uses
    "),
    ("version constraint, or nothing", "0", "
        Warehouse spec.subscriptions[].chart.semverConstraint
        Warehouse spec.subscriptions[].git.semverConstraint
        Warehouse spec.subscriptions[].image.constraint
    "),
];

#[test]
fn resources_14_each_enumeration_has_its_values() {
    let mut checked = BTreeSet::new();
    outcomes(|object, pointer, path| {
        object.pointer(pointer)?.as_str()?;
        let name = super::every_field::place(object, pointer);
        let (_, values) = ENUMERATIONS.iter().find(|(places, _)| lines(places).contains(&name))?;
        let lower: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
        let others = ["Bogus", "All", "Manual", "Error", "Errored", "Failed", "Warehouse", "Retry"];
        for value in values.iter().copied().chain(lower.iter().map(String::as_str)).chain(others) {
            let codes = errors_at(&changed(object, pointer, Some(json!(value))), path);
            let refused = codes.contains(&Code::NotAllowed);
            assert_eq!(refused, !values.contains(&value), "{path}: {value}: {codes:?}");
        }
        checked.insert(name);
        Some(())
    });
    assert_eq!(checked.len(), ENUMERATIONS.iter().map(|(places, _)| lines(places).len()).sum::<usize>());
}

/// Where one of a few words is asked for, and the words.
const ENUMERATIONS: &[(&str, &[&str])] = &[
    ("conditions[].status", &["True", "False", "Unknown"]),
    ("matchExpressions[].operator
      ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].labelSelector.matchExpressions[].operator", &["In", "NotIn", "Exists", "DoesNotExist"]),
    ("origin.kind", &["Warehouse", "Junction"]),
    ("indows[].kind", &["Allow", "Deny"]),
    ("ProjectConfig spec.promotionPolicies[].autoRollback.onPromotion[]
      StagePolicy spec.rollback.onPromotion[]", &["Failed", "Errored"]),
    ("ProjectConfig spec.promotionPolicies[].autoRollback.onVerification[]
      StagePolicy spec.rollback.onVerification[]", &["Failed", "Error"]),
    ("ProjectConfig spec.webhookReceivers[].generic.actions[].action", &["Refresh"]),
    ("ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].kind", &["Warehouse"]),
    ("ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices[].key",
     &["subscribedURLs", "receiverPaths"]),
    ("ProjectConfig spec.webhookReceivers[].generic.actions[].targetSelectionCriteria[].indexSelector.matchIndices[].operator",
     &["Equals", "NotEquals"]),
    ("Warehouse spec.freightCreationPolicy
      Junction spec.release.policy", &["Automatic", "Manual"]),
    ("Warehouse spec.subscriptions[].git.commitSelectionStrategy", &["NewestFromBranch", "SemVer", "Lexical", "NewestTag"]),
    ("Warehouse spec.subscriptions[].image.imageSelectionStrategy", &["SemVer", "Lexical", "NewestBuild", "Digest"]),
    ("Stage spec.requestedFreight[].sources.availabilityStrategy
      Junction spec.requestedFreight[].sources.availabilityStrategy", &["All", "OneOf"]),
    ("Stage spec.requestedFreight[].sources.autoPromotionOptions.selectionPolicy
      StagePolicy spec.requestedFreight[].sources.autoPromotionOptions.selectionPolicy", &["NewestFreight", "MatchUpstream"]),
    ("Stage spec.verification.analysisTemplates[].kind", &["AnalysisTemplate", "ClusterAnalysisTemplate"]),
    ("steps[].task.kind", &["PromotionTask", "ClusterPromotionTask"]),
    ("steps[].onUnknown
      StagePolicy spec.steps.*.onUnknown", &["Error", "Retry"]),
    ("steps[].forEach.mode
      StagePolicy spec.steps.*.forEach.mode", &["Sequential", "Parallel"]),
    ("Junction spec.requestedFreight[].fill", &["NewestFreight", "MatchUpstream", "Manual"]),
    ("Junction spec.release.overlap", &["Reject", "PreferNewest"]),
    ("StagePolicy spec.queue", &["All", "Latest", "LatestPerOrigin"]),
    ("StagePolicy spec.verdicts", &["Latest", "Sticky"]),
    ("StagePolicy spec.verification.reuse", &["Never", "SameContent"]),
    ("StagePolicy spec.rollback.scope", &["AllOrigins", "Changed"]),
    ("StagePolicy spec.waves[].onFailure", &["Abort", "Continue"]),
    ("StagePolicy spec.intents[]
      WarehousePolicy spec.intent.discovered
      WarehousePolicy spec.intent.assembled", &["Auto", "Manual", "Hotfix"]),

];

#[test]
fn resources_2_to_13_each_number_has_its_range() {
    const SAMPLES: [i64; 18] = [
        i64::MIN,
        -(1 << 31) - 1,
        -(1 << 31),
        -1,
        0,
        1,
        20,
        21,
        100,
        101,
        100_000,
        100_001,
        10_000_000,
        10_000_001,
        (1 << 31) - 1,
        (1 << 32) - 1,
        1 << 32,
        i64::MAX,
    ];
    let ranges = outcomes(|object, pointer, path| {
        object.pointer(pointer)?.as_i64()?;
        let fits = |number: &&i64| {
            let codes = errors_at(&changed(object, pointer, Some(json!(**number))), path);
            assert!(codes.is_empty() || codes == [Code::Range], "{path}: {codes:?}");
            codes.is_empty()
        };
        let fitting: Vec<i64> = SAMPLES.iter().filter(fits).copied().collect();
        let halves = errors_at(&changed(object, pointer, Some(json!(1.5))), path);
        assert_eq!(halves, [Code::Range], "{path}: 1.5");
        Some((*fitting.first()?, *fitting.last()?))
    });
    let mut expected = BTreeMap::new();
    for (least, most, places) in RANGES {
        expected.extend(lines(places).into_iter().map(|place| (place, (*least, *most))));
    }
    assert_eq!(ranges, expected);
}

const RANGES: &[(i64, i64, &str)] = &[
    (
        i64::MIN,
        i64::MAX,
        "
        Project metadata.generation
        Project metadata.deletionGracePeriodSeconds
        Project status.stats.warehouses.count
        Project status.stats.warehouses.health.healthy
        Project status.stats.stages.count
        Project status.stats.stages.health.healthy
        ProjectConfig status.observedGeneration
        ClusterConfig status.observedGeneration
        Warehouse status.observedGeneration
        Stage status.observedGeneration
        PromotionRequest status.observedGeneration
        Junction status.observedGeneration
        Promotion status.currentStep
        Stage status.lastPromotion.status.currentStep
    ",
    ),
    (0, i64::MAX, "conditions[].observedGeneration"),
    (1, i64::MAX, "Junction status.releases[].sequence"),
    (
        0,
        (1 << 32) - 1,
        "
        steps[].retry.errorThreshold
        Promotion status.stepExecutionMetadata[].errorCount
        Stage status.lastPromotion.status.stepExecutionMetadata[].errorCount
    ",
    ),
    (
        -(1 << 31),
        (1 << 31) - 1,
        "
        PromotionRequest status.summary.pending
        PromotionRequest status.summary.running
        PromotionRequest status.summary.succeeded
        PromotionRequest status.summary.failed
        PromotionRequest status.summary.errored
        PromotionRequest status.summary.aborted
    ",
    ),
    // Zero means 20 (resources 23, trap 31).
    (
        0,
        100,
        "
        Warehouse spec.subscriptions[].git.discoveryLimit
        Warehouse spec.subscriptions[].image.discoveryLimit
        Warehouse spec.subscriptions[].chart.discoveryLimit
        Warehouse spec.subscriptions[].model.discoveryLimit
        StagePolicy spec.waves[].threshold
        WarehousePolicy spec.subscriptions[].sample
    ",
    ),
    (
        1,
        100,
        "
        steps[].forEach.max
        StagePolicy spec.steps.*.forEach.max
    ",
    ),
    (0, 20, "StagePolicy spec.approvals.required"),
    (1, 100_000, "StagePolicy spec.waves[].maxParallel"),
    (
        1,
        10_000_000,
        "
        Junction spec.release.criteria.budget
        WarehousePolicy spec.join.budget
    ",
    ),
];
