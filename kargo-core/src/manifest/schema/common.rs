//! Fields that many kinds share (resources 2 and 6).

use super::shape::{
    ANY, COUNT, Fill, I64, Items, NAME, NON_EMPTY, Schema, Shape, TEXT_MAP, TEXTS, Text, U32, filled, keyed, list, may,
    must, schema, set,
};

pub(crate) static META: Schema = schema(
    "resources 1",
    &[
        // Whether a name must be given depends on the kind: see `check::common`.
        may("name", NAME),
        may("generateName", ANY),
        may("namespace", ANY),
        may("selfLink", ANY),
        may("uid", ANY),
        may("resourceVersion", ANY),
        may("generation", I64),
        may("creationTimestamp", Shape::Time),
        may("deletionTimestamp", Shape::Time),
        may("deletionGracePeriodSeconds", I64),
        may("labels", Shape::Map(&Shape::Text(Text::LabelValue))),
        may("annotations", TEXT_MAP),
        may("ownerReferences", list(&Shape::Object(&OWNER))),
        may("finalizers", TEXTS),
        may("managedFields", list(&Shape::Json)),
    ],
);

static OWNER: Schema = schema(
    "resources 15.4",
    &[
        must("apiVersion", ANY),
        must("kind", ANY),
        must("name", ANY),
        must("uid", ANY),
        may("controller", Shape::Bool),
        may("blockOwnerDeletion", Shape::Bool),
    ],
);

pub(crate) static VARIABLE: Schema =
    schema("resources 2", &[must("name", Shape::Text(Text::Variable)), may("value", ANY)]);

static VARIABLE_SHAPE: Shape = Shape::Object(&VARIABLE);
pub(crate) const VARIABLES: Shape = list(&VARIABLE_SHAPE);

pub(crate) static LABEL_SELECTOR: Schema =
    schema("resources 2", &[may("matchLabels", TEXT_MAP), may("matchExpressions", REQUIREMENTS)]);

static REQUIREMENT_SHAPE: Shape = Shape::Object(&REQUIREMENT);
const REQUIREMENTS: Shape = list(&REQUIREMENT_SHAPE);

static REQUIREMENT: Schema = schema("resources 2", &[must("key", ANY), must("operator", ANY), may("values", TEXTS)]);

pub(crate) static POLICY_SELECTOR: Schema =
    schema("resources 6.2", &[may("name", ANY), may("matchLabels", TEXT_MAP), may("matchExpressions", REQUIREMENTS)]);

pub(crate) static CONDITION: Schema = schema(
    "resources 2",
    &[
        must("type", Shape::Text(Text::AtMost(316))),
        must("status", Shape::Text(Text::OneOf(&["True", "False", "Unknown"]))),
        may("observedGeneration", COUNT),
        must("lastTransitionTime", Shape::Time),
        must("reason", Shape::Text(Text::Reason)),
        must("message", Shape::Text(Text::AtMost(32_768))),
    ],
);

static CONDITION_SHAPE: Shape = Shape::Object(&CONDITION);
pub(crate) const CONDITIONS: Shape = keyed(&CONDITION_SHAPE, "type");

pub(crate) static ORIGIN: Schema =
    schema("resources 8.1", &[must("kind", Shape::Text(Text::OneOf(&["Warehouse", "Junction"]))), must("name", ANY)]);

pub(crate) static POLICY: Schema = schema(
    "resources 6.1",
    &[
        may("stage", Shape::Text(Text::NameOfAnyLength)),
        may("stageSelector", Shape::Object(&POLICY_SELECTOR)),
        may("autoPromotionEnabled", Shape::Bool),
        may("autoRollback", Shape::Object(&AUTO_ROLLBACK)),
    ],
);

static AUTO_ROLLBACK: Schema =
    schema("resources 6.3", &[may("onPromotion", ON_PROMOTION), may("onVerification", ON_VERIFICATION)]);

pub(crate) const ON_PROMOTION: Shape = set(&Shape::Text(Text::OneOf(&["Failed", "Errored"])), 2);
pub(crate) const ON_VERIFICATION: Shape = set(&Shape::Text(Text::OneOf(&["Failed", "Error"])), 2);

pub(crate) static WINDOW: Schema = schema(
    "resources 6.5",
    &[
        must("name", NAME),
        must("kind", Shape::Text(Text::OneOf(&["Allow", "Deny"]))),
        may("stageSelector", Shape::Object(&POLICY_SELECTOR)),
        may("projectSelector", Shape::Object(&POLICY_SELECTOR)),
        may("rrule", ANY),
        may("dtstart", ANY),
        may("dtend", ANY),
    ],
);

static WINDOW_SHAPE: Shape = Shape::Object(&WINDOW);
pub(crate) const WINDOWS: Shape = keyed(&WINDOW_SHAPE, "name");

static LINK: Schema = schema(
    "resources 6.6",
    &[must("title", NON_EMPTY), must("url", NON_EMPTY), may("description", ANY), may("if", ANY)],
);

static LINK_SHAPE: Shape = Shape::Object(&LINK);
pub(crate) const LINKS: Shape = list(&LINK_SHAPE);

pub(crate) static SECRET_REF: Schema = schema("resources 6.4", &[may("name", ANY)]);

static PROVIDER: Schema = schema("resources 6.4", &[must("secretRef", Shape::Object(&SECRET_REF))]);

static ARTIFACTORY: Schema =
    schema("resources 6.4", &[must("secretRef", Shape::Object(&SECRET_REF)), may("virtualRepoName", ANY)]);

static GENERIC: Schema = schema(
    "resources 6.4",
    &[
        must("secretRef", Shape::Object(&SECRET_REF)),
        may("actions", Shape::List(&Shape::Object(&ACTION), Items { min: 1, max: None, key: None })),
    ],
);

static ACTION: Schema = schema(
    "resources 6.4",
    &[
        must("action", Shape::Text(Text::OneOf(&["Refresh"]))),
        may("whenExpression", ANY),
        may("parameters", TEXT_MAP),
        may("targetSelectionCriteria", Shape::List(&Shape::Object(&CRITERIA), Items { min: 1, max: None, key: None })),
    ],
);

static CRITERIA: Schema = schema(
    "resources 6.4",
    &[
        must("kind", Shape::Text(Text::OneOf(&["Warehouse"]))),
        may("name", ANY),
        may("labelSelector", Shape::Object(&LABEL_SELECTOR)),
        may("indexSelector", Shape::Object(&INDEX_SELECTOR)),
    ],
);

static INDEX_SELECTOR: Schema = schema(
    "resources 6.4",
    &[may("matchIndices", Shape::List(&Shape::Object(&INDEX), Items { min: 1, max: None, key: None }))],
);

static INDEX: Schema = schema(
    "resources 6.4",
    &[
        must("key", Shape::Text(Text::OneOf(&["subscribedURLs", "receiverPaths"]))),
        must("operator", ANY),
        must("value", ANY),
    ],
);

/// The provider blocks of a receiver.
pub(crate) const PROVIDERS: &[&str] =
    &["bitbucket", "dockerhub", "github", "gitlab", "harbor", "quay", "artifactory", "azure", "gitea", "generic"];

static RECEIVER: Schema = schema(
    "resources 6.4",
    &[
        must("name", NAME),
        may("bitbucket", Shape::Object(&PROVIDER)),
        may("dockerhub", Shape::Object(&PROVIDER)),
        may("github", Shape::Object(&PROVIDER)),
        may("gitlab", Shape::Object(&PROVIDER)),
        may("harbor", Shape::Object(&PROVIDER)),
        may("quay", Shape::Object(&PROVIDER)),
        may("artifactory", Shape::Object(&ARTIFACTORY)),
        may("azure", Shape::Object(&PROVIDER)),
        may("gitea", Shape::Object(&PROVIDER)),
        may("generic", Shape::Object(&GENERIC)),
    ],
);

static RECEIVER_SHAPE: Shape = Shape::Object(&RECEIVER);
pub(crate) const RECEIVERS: Shape = keyed(&RECEIVER_SHAPE, "name");

static ENDPOINT: Schema = schema("resources 4", &[may("name", ANY), may("path", ANY), may("url", ANY)]);

pub(crate) static CONFIG_STATUS: Schema = schema(
    "resources 4",
    &[
        may("conditions", CONDITIONS),
        may("observedGeneration", I64),
        may("lastHandledRefresh", ANY),
        may("webhookReceivers", list(&Shape::Object(&ENDPOINT))),
    ],
);

pub(crate) static STEP: Schema = schema(
    "resources 10.2",
    &[
        may("uses", NON_EMPTY),
        may("task", Shape::Object(&TASK_REFERENCE)),
        may("as", ANY),
        may("if", ANY),
        may("continueOnError", Shape::Bool),
        may("retry", Shape::Object(&RETRY)),
        may("vars", VARIABLES),
        may("config", Shape::Json),
        may("forEach", Shape::Object(&FOR_EACH)),
        may("onUnknown", ON_UNKNOWN),
    ],
);

static TASK_REFERENCE: Schema = schema(
    "resources 10.2",
    &[must("name", NAME), may("kind", Shape::Text(Text::OneOf(&["PromotionTask", "ClusterPromotionTask"])))],
);

static RETRY: Schema = schema("resources 10.2", &[may("timeout", Shape::Duration), may("errorThreshold", U32)]);

pub(crate) static FOR_EACH: Schema = schema(
    "rules 15",
    &[
        must("in", NON_EMPTY),
        must("as", Shape::Text(Text::Variable)),
        filled("mode", Shape::Text(Text::OneOf(&["Sequential", "Parallel"])), Fill::Text("Sequential")),
        filled("max", Shape::Int(1, 100), Fill::Int(100)),
    ],
);

pub(crate) const ON_UNKNOWN: Shape = Shape::Text(Text::OneOf(&["Error", "Retry"]));

pub(crate) static COMMIT: Schema = schema(
    "resources 8.2",
    &[
        may("repoURL", ANY),
        may("id", ANY),
        may("branch", ANY),
        may("tag", ANY),
        may("message", ANY),
        may("author", ANY),
        may("committer", ANY),
        may("subscriptionName", ANY),
    ],
);

pub(crate) static IMAGE: Schema = schema(
    "resources 8.2",
    &[
        may("repoURL", ANY),
        may("tag", ANY),
        may("digest", ANY),
        may("annotations", TEXT_MAP),
        may("subscriptionName", ANY),
    ],
);

pub(crate) static CHART: Schema = schema(
    "resources 8.2",
    &[may("repoURL", ANY), may("name", ANY), may("version", ANY), may("subscriptionName", ANY)],
);

pub(crate) static ARTIFACT: Schema = schema(
    "resources 8.2",
    &[
        may("artifactType", NON_EMPTY),
        must("subscriptionName", NON_EMPTY),
        must("version", NON_EMPTY),
        may("metadata", Shape::JsonObject),
    ],
);

pub(crate) static FREIGHT_REFERENCE: Schema = schema(
    "resources 8.4",
    &[
        may("name", ANY),
        may("origin", Shape::Object(&ORIGIN)),
        may("commits", list(&Shape::Object(&COMMIT))),
        may("images", list(&Shape::Object(&IMAGE))),
        may("charts", list(&Shape::Object(&CHART))),
        may("artifacts", list(&Shape::Object(&ARTIFACT))),
    ],
);

pub(crate) static COLLECTION: Schema = schema(
    "resources 8.5",
    &[
        must("id", ANY),
        may("items", Shape::ByOrigin(&Shape::Object(&FREIGHT_REFERENCE))),
        may("verificationHistory", list(&Shape::Object(&VERIFICATION_INFO))),
    ],
);

static VERIFICATION_INFO: Schema = schema(
    "resources 8.6",
    &[
        may("id", ANY),
        may("actor", ANY),
        may("startTime", Shape::Time),
        may("phase", ANY),
        may("message", ANY),
        may("analysisRun", Shape::Object(&ANALYSIS_RUN)),
        may("finishTime", Shape::Time),
    ],
);

static ANALYSIS_RUN: Schema = schema("resources 8.6", &[must("namespace", ANY), must("name", ANY), must("phase", ANY)]);
