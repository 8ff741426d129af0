//! Fields of Kargo's kinds (resources 3 to 13).

use super::{
    common::{
        ARTIFACT, CHART, COLLECTION, COMMIT, CONDITIONS, CONFIG_STATUS, FREIGHT_REFERENCE, IMAGE, LABEL_SELECTOR,
        LINKS, META, ORIGIN, POLICY, RECEIVERS, SECRET_REF, STEP, VARIABLES, WINDOWS,
    },
    shape::{
        ANY, Fill, Gone, I64, Items, NAME, NON_EMPTY, Schema, Shape, TEXT_MAP, TEXTS, Text, U32, filled, keyed, list,
        may, must, schema, some,
    },
};

const METADATA: Shape = Shape::Object(&META);

pub(crate) static PROJECT: Schema = Schema {
    rule: "resources 3",
    fields: &[must("metadata", METADATA), may("status", Shape::Object(&PROJECT_STATUS))],
    gone: &[Gone { name: "spec", advice: "its content belongs in a ProjectConfig of the same name" }],
};

static PROJECT_STATUS: Schema =
    schema("resources 3", &[may("conditions", CONDITIONS), may("stats", Shape::Object(&STATS))]);

static STATS: Schema =
    schema("resources 3", &[may("warehouses", Shape::Object(&KIND_STATS)), may("stages", Shape::Object(&KIND_STATS))]);

static KIND_STATS: Schema = schema("resources 3", &[may("count", I64), may("health", Shape::Object(&HEALTH_STATS))]);

static HEALTH_STATS: Schema = schema("resources 3", &[may("healthy", I64)]);

pub(crate) static PROJECT_CONFIG: Schema = schema(
    "resources 4",
    &[
        must("metadata", METADATA),
        may("spec", Shape::Object(&PROJECT_CONFIG_SPEC)),
        may("status", Shape::Object(&CONFIG_STATUS)),
    ],
);

static PROJECT_CONFIG_SPEC: Schema = schema(
    "resources 4",
    &[
        may("promotionPolicies", list(&Shape::Object(&POLICY))),
        may("webhookReceivers", RECEIVERS),
        may("freightLinks", LINKS),
        may("stageLinks", LINKS),
        may("promotionWindows", WINDOWS),
    ],
);

pub(crate) static CLUSTER_CONFIG: Schema = schema(
    "resources 5",
    &[
        must("metadata", METADATA),
        may("spec", Shape::Object(&CLUSTER_CONFIG_SPEC)),
        may("status", Shape::Object(&CONFIG_STATUS)),
    ],
);

static CLUSTER_CONFIG_SPEC: Schema = schema(
    "resources 5",
    &[
        may("webhookReceivers", RECEIVERS),
        may("gitClient", Shape::Object(&GIT_CLIENT)),
        may("freightLinks", LINKS),
        may("stageLinks", LINKS),
        may("promotionWindows", WINDOWS),
    ],
);

static GIT_CLIENT: Schema = schema(
    "resources 5",
    &[
        must("name", NON_EMPTY),
        must("email", Shape::Text(Text::Email)),
        may("signingKeySecret", Shape::Object(&SECRET_REF)),
    ],
);

pub(crate) static WAREHOUSE: Schema = schema(
    "resources 7",
    &[
        must("metadata", METADATA),
        must("spec", Shape::Object(&WAREHOUSE_SPEC)),
        may("status", Shape::Object(&WAREHOUSE_STATUS)),
    ],
);

static WAREHOUSE_SPEC: Schema = schema(
    "resources 7",
    &[
        // It is mirrored into a label (resources 15.1).
        may("shard", Shape::Text(Text::LabelValue)),
        filled("interval", Shape::ShortDuration, Fill::Text("5m0s")),
        filled("freightCreationPolicy", Shape::Text(Text::OneOf(&["Automatic", "Manual"])), Fill::Text("Automatic")),
        must("subscriptions", some(&Shape::Subscription)),
        may("freightCreationCriteria", Shape::Object(&CREATION_CRITERIA)),
    ],
);

static CREATION_CRITERIA: Schema = schema("resources 7", &[may("expression", ANY)]);

const LIMIT: Shape = Shape::Int(0, 100);

pub(crate) static GIT_SUBSCRIPTION: Schema = schema(
    "resources 7.1",
    &[
        must("repoURL", Shape::Text(Text::GitUrl)),
        filled(
            "commitSelectionStrategy",
            Shape::Text(Text::OneOfOrEmpty(&["NewestFromBranch", "SemVer", "Lexical", "NewestTag"])),
            Fill::Text("NewestFromBranch"),
        ),
        may("branch", Shape::Text(Text::BranchOrEmpty)),
        filled("strictSemvers", Shape::Bool, Fill::Bool(true)),
        may("semverConstraint", ANY),
        may("allowTags", ANY),
        may("allowTagsRegexes", TEXTS),
        may("ignoreTags", TEXTS),
        may("ignoreTagsRegexes", TEXTS),
        may("expressionFilter", ANY),
        may("insecureSkipTLSVerify", Shape::Bool),
        may("includePaths", TEXTS),
        may("excludePaths", TEXTS),
        filled("discoveryLimit", LIMIT, Fill::Int(20)),
        may("since", Shape::Time),
        may("blobless", Shape::Bool),
    ],
);

pub(crate) static IMAGE_SUBSCRIPTION: Schema = Schema {
    rule: "resources 7.1",
    fields: &[
        must("repoURL", Shape::Text(Text::ImageUrl)),
        filled(
            "imageSelectionStrategy",
            Shape::Text(Text::OneOfOrEmpty(&["SemVer", "Lexical", "NewestBuild", "Digest"])),
            Fill::Text("SemVer"),
        ),
        may("constraint", ANY),
        filled("strictSemvers", Shape::Bool, Fill::Bool(true)),
        may("allowTags", ANY),
        may("allowTagsRegexes", TEXTS),
        may("ignoreTags", TEXTS),
        may("ignoreTagsRegexes", TEXTS),
        may("platform", ANY),
        may("insecureSkipTLSVerify", Shape::Bool),
        filled("discoveryLimit", LIMIT, Fill::Int(20)),
        may("cacheByTag", Shape::Bool),
    ],
    gone: &[
        Gone { name: "semverConstraint", advice: "write `constraint` instead" },
        Gone { name: "gitRepoURL", advice: "leave it out" },
    ],
};

pub(crate) static CHART_SUBSCRIPTION: Schema = schema(
    "resources 7.1",
    &[
        must("repoURL", Shape::Text(Text::ChartUrl)),
        may("name", ANY),
        may("semverConstraint", ANY),
        filled("discoveryLimit", LIMIT, Fill::Int(20)),
        may("insecureSkipTLSVerify", Shape::Bool),
    ],
);

pub(crate) static OTHER_SUBSCRIPTION: Schema = schema(
    "resources 7.1",
    &[may("subscriptionType", ANY), may("config", Shape::Json), filled("discoveryLimit", LIMIT, Fill::Int(20))],
);

static WAREHOUSE_STATUS: Schema = schema(
    "resources 7.2",
    &[
        may("conditions", CONDITIONS),
        may("lastHandledRefresh", ANY),
        may("observedGeneration", I64),
        may("lastFreightID", ANY),
        may("discoveredArtifacts", Shape::Object(&DISCOVERED)),
    ],
);

static DISCOVERED: Schema = schema(
    "resources 7.2",
    &[
        may("discoveredAt", Shape::Time),
        may("git", list(&Shape::Object(&GIT_DISCOVERY))),
        may("images", list(&Shape::Object(&IMAGE_DISCOVERY))),
        may("charts", list(&Shape::Object(&CHART_DISCOVERY))),
        may("results", list(&Shape::Object(&OTHER_DISCOVERY))),
    ],
);

static GIT_DISCOVERY: Schema = schema(
    "resources 7.2",
    &[
        must("repoURL", Shape::Text(Text::GitUrl)),
        may("commits", list(&Shape::Object(&DISCOVERED_COMMIT))),
        may("subscriptionName", ANY),
        may("observedRefs", Shape::Object(&OBSERVED_REFS)),
    ],
);

static DISCOVERED_COMMIT: Schema = schema(
    "resources 7.2",
    &[
        may("id", NON_EMPTY),
        may("branch", ANY),
        may("tag", ANY),
        may("subject", ANY),
        may("author", ANY),
        may("committer", ANY),
        may("creatorDate", Shape::Time),
    ],
);

static OBSERVED_REFS: Schema =
    schema("resources 7.2", &[may("branchHead", ANY), may("tags", list(&Shape::Object(&OBSERVED_TAG)))]);

static OBSERVED_TAG: Schema = schema("resources 7.2", &[must("name", NON_EMPTY), must("id", NON_EMPTY)]);

static IMAGE_DISCOVERY: Schema = schema(
    "resources 7.2",
    &[
        must("repoURL", NON_EMPTY),
        may("platform", ANY),
        may("references", list(&Shape::Object(&DISCOVERED_IMAGE))),
        may("subscriptionName", ANY),
    ],
);

static DISCOVERED_IMAGE: Schema = schema(
    "resources 7.2",
    &[
        must("tag", Shape::Text(Text::ImageTag)),
        must("digest", Shape::Text(Text::ImageDigest)),
        may("annotations", TEXT_MAP),
        may("createdAt", Shape::Time),
    ],
);

static CHART_DISCOVERY: Schema = schema(
    "resources 7.2",
    &[
        must("repoURL", NON_EMPTY),
        may("name", ANY),
        may("semverConstraint", ANY),
        may("versions", TEXTS),
        may("subscriptionName", ANY),
    ],
);

static OTHER_DISCOVERY: Schema =
    schema("resources 7.2", &[must("name", NON_EMPTY), may("artifactReferences", list(&Shape::Object(&ARTIFACT)))]);

pub(crate) static FREIGHT: Schema = schema(
    "resources 8",
    &[
        // Admission names freight itself (resources 16.1), so there may be nothing to say.
        may("metadata", METADATA),
        may("alias", Shape::Text(Text::LabelValue)),
        may("discoveredAt", Shape::Time),
        must("origin", Shape::Object(&ORIGIN)),
        may("commits", list(&Shape::Object(&COMMIT))),
        may("images", list(&Shape::Object(&IMAGE))),
        may("charts", list(&Shape::Object(&CHART))),
        may("artifacts", list(&Shape::Object(&ARTIFACT))),
        may("status", Shape::Object(&FREIGHT_STATUS)),
    ],
);

static FREIGHT_STATUS: Schema = schema(
    "resources 8.3",
    &[
        may("currentlyIn", Shape::Map(&Shape::Object(&CURRENT_STAGE))),
        may("verifiedIn", Shape::Map(&Shape::Object(&VERIFIED_STAGE))),
        may("approvedFor", Shape::Map(&Shape::Object(&APPROVED_STAGE))),
        may("metadata", Shape::Map(&Shape::Json)),
    ],
);

static CURRENT_STAGE: Schema = schema("resources 8.3", &[may("since", Shape::Time)]);
static VERIFIED_STAGE: Schema =
    schema("resources 8.3", &[may("verifiedAt", Shape::Time), may("longestSoak", Shape::Duration)]);
static APPROVED_STAGE: Schema = schema("resources 8.3", &[may("approvedAt", Shape::Time)]);

pub(crate) static STAGE: Schema = schema(
    "resources 9",
    &[
        must("metadata", METADATA),
        must("spec", Shape::Object(&STAGE_SPEC)),
        may("status", Shape::Object(&STAGE_STATUS)),
    ],
);

static STAGE_SPEC: Schema = schema(
    "resources 9",
    &[
        // It is mirrored into a label (resources 15.1).
        may("shard", Shape::Text(Text::LabelValue)),
        may("vars", VARIABLES),
        must("requestedFreight", some(&Shape::Object(&REQUEST))),
        may("promotionTemplate", Shape::Object(&TEMPLATE)),
        may("verification", Shape::Object(&VERIFICATION)),
        may("targets", Shape::Object(&TARGETS)),
    ],
);

pub(crate) static REQUEST: Schema =
    schema("resources 9.1", &[must("origin", Shape::Object(&ORIGIN)), must("sources", Shape::Object(&SOURCES))]);

pub(crate) static SOURCES: Schema = schema(
    "resources 9.1",
    &[
        may("direct", Shape::Bool),
        may("stages", TEXTS),
        may("requiredSoakTime", Shape::ShortDuration),
        may("availabilityStrategy", Shape::Text(Text::OneOfOrEmpty(&["All", "OneOf"]))),
        may("autoPromotionOptions", Shape::Object(&AUTO_OPTIONS)),
    ],
);

static AUTO_OPTIONS: Schema = schema(
    "resources 9.1",
    &[filled(
        "selectionPolicy",
        Shape::Text(Text::OneOf(&["NewestFreight", "MatchUpstream"])),
        Fill::Text("NewestFreight"),
    )],
);

static TEMPLATE: Schema = schema("resources 9", &[must("spec", Shape::Object(&TEMPLATE_SPEC))]);

static TEMPLATE_SPEC: Schema =
    schema("resources 9", &[may("vars", VARIABLES), may("steps", some(&Shape::Object(&STEP)))]);

static VERIFICATION: Schema = schema(
    "resources 9.2",
    &[
        may("analysisTemplates", list(&Shape::Object(&ANALYSIS_TEMPLATE))),
        may("analysisRunMetadata", Shape::Object(&RUN_METADATA)),
        may("args", list(&Shape::Object(&ANALYSIS_ARGUMENT))),
    ],
);

static ANALYSIS_TEMPLATE: Schema = schema(
    "resources 9.2",
    &[must("name", ANY), may("kind", Shape::Text(Text::OneOf(&["AnalysisTemplate", "ClusterAnalysisTemplate"])))],
);

static RUN_METADATA: Schema = schema("resources 9.2", &[may("labels", TEXT_MAP), may("annotations", TEXT_MAP)]);

static ANALYSIS_ARGUMENT: Schema = schema("resources 9.2", &[must("name", ANY), must("value", ANY)]);

static TARGETS: Schema = schema("resources 9", &[must("selectors", list(&Shape::Object(&LABEL_SELECTOR)))]);

static STAGE_STATUS: Schema = schema(
    "resources 9.3",
    &[
        may("conditions", CONDITIONS),
        may("lastHandledRefresh", ANY),
        may("freightHistory", list(&Shape::Object(&COLLECTION))),
        may("freightSummary", ANY),
        may("health", Shape::Object(&HEALTH)),
        may("observedGeneration", I64),
        may("currentPromotion", Shape::Object(&PROMOTION_REFERENCE)),
        may("lastPromotion", Shape::Object(&PROMOTION_REFERENCE)),
        may("currentPromotionRequest", Shape::Object(&REQUEST_REFERENCE)),
        may("lastPromotionRequest", Shape::Object(&REQUEST_REFERENCE)),
        may("autoPromotionEnabled", Shape::Bool),
        may("promotionWindowStatus", Shape::Object(&WINDOW_STATUS)),
        may("metadata", Shape::Map(&Shape::Json)),
        may("autoPromotionHolds", Shape::ByOrigin(&Shape::Object(&HOLD))),
        may("effectiveAutoPromotionHolds", Shape::ByOrigin(&Shape::Object(&HOLD))),
    ],
);

static HEALTH: Schema = schema(
    "resources 9.3",
    &[may("status", ANY), may("issues", TEXTS), may("config", Shape::Json), may("output", Shape::Json)],
);

static PROMOTION_REFERENCE: Schema = schema(
    "resources 9.3",
    &[
        must("name", ANY),
        may("freight", Shape::Object(&FREIGHT_REFERENCE)),
        may("status", Shape::Object(&PROMOTION_STATUS)),
        may("finishedAt", Shape::Time),
    ],
);

static REQUEST_REFERENCE: Schema = schema(
    "resources 9.3",
    &[
        must("name", ANY),
        may("freight", Shape::Object(&FREIGHT_NAME)),
        may("phase", ANY),
        may("finishedAt", Shape::Time),
    ],
);

static FREIGHT_NAME: Schema = schema("resources 9.3", &[must("name", ANY)]);

static WINDOW_STATUS: Schema = schema(
    "resources 9.3",
    &[
        must("closed", Shape::Bool),
        may("reason", ANY),
        may("nextOpen", Shape::Time),
        may("nextClose", Shape::Time),
        may("nextCloseReason", ANY),
    ],
);

static HOLD: Schema = schema(
    "resources 9.3",
    &[
        must("freightName", ANY),
        must("origin", Shape::Object(&ORIGIN)),
        may("promotionName", ANY),
        may("actor", ANY),
        may("createdAt", Shape::Time),
    ],
);

pub(crate) static PROMOTION: Schema = schema(
    "resources 10",
    &[
        must("metadata", METADATA),
        must("spec", Shape::Object(&PROMOTION_SPEC)),
        may("status", Shape::Object(&PROMOTION_STATUS)),
    ],
);

static PROMOTION_SPEC: Schema = schema(
    "resources 10",
    &[
        must("stage", NAME),
        may("freight", NAME),
        may("origin", Shape::Object(&ORIGIN)),
        may("target", NAME),
        may("vars", VARIABLES),
        // Admission writes them from the Stage's template, so they may be left out (resources 1 and 17.8).
        may("steps", some(&Shape::Object(&STEP))),
    ],
);

static PROMOTION_STATUS: Schema = schema(
    "resources 10.1",
    &[
        may("lastHandledRefresh", ANY),
        may("phase", ANY),
        may("message", ANY),
        may("freight", Shape::Object(&FREIGHT_REFERENCE)),
        may("freightCollection", Shape::Object(&COLLECTION)),
        may("healthChecks", list(&Shape::Object(&HEALTH_CHECK))),
        may("startedAt", Shape::Time),
        may("finishedAt", Shape::Time),
        may("currentStep", I64),
        may("stepExecutionMetadata", list(&Shape::Object(&STEP_METADATA))),
        may("state", Shape::JsonObject),
    ],
);

static HEALTH_CHECK: Schema = schema("resources 10.1", &[must("uses", NON_EMPTY), may("config", Shape::Json)]);

static STEP_METADATA: Schema = schema(
    "resources 10.1",
    &[
        may("alias", ANY),
        may("startedAt", Shape::Time),
        may("finishedAt", Shape::Time),
        may("errorCount", U32),
        may("status", ANY),
        may("message", ANY),
        may("continueOnError", Shape::Bool),
    ],
);

pub(crate) static TASK: Schema =
    schema("resources 11", &[must("metadata", METADATA), must("spec", Shape::Object(&TASK_SPEC))]);

static TASK_SPEC: Schema =
    schema("resources 11", &[may("vars", VARIABLES), must("steps", some(&Shape::Object(&STEP)))]);

pub(crate) static PROMOTION_REQUEST: Schema = schema(
    "resources 12",
    &[
        must("metadata", METADATA),
        must("spec", Shape::Object(&PROMOTION_REQUEST_SPEC)),
        may("status", Shape::Object(&PROMOTION_REQUEST_STATUS)),
    ],
);

static PROMOTION_REQUEST_SPEC: Schema = schema(
    "resources 12",
    &[must("stage", NAME), must("freight", NAME), must("targets", keyed(&Shape::Object(&TARGET_REFERENCE), "name"))],
);

static TARGET_REFERENCE: Schema = schema("resources 12", &[must("name", NAME)]);

static PROMOTION_REQUEST_STATUS: Schema = schema(
    "resources 12",
    &[
        may("conditions", CONDITIONS),
        may("phase", ANY),
        may("targets", list(&Shape::Object(&TARGET_PROGRESS))),
        may("summary", Shape::Object(&SUMMARY)),
        may("observedGeneration", I64),
        may("startedAt", Shape::Time),
        may("finishedAt", Shape::Time),
    ],
);

static TARGET_PROGRESS: Schema =
    schema("resources 12", &[must("name", NAME), may("promotion", ANY), may("phase", ANY)]);

const I32: Shape = Shape::Int(i32::MIN as i64, i32::MAX as i64);

static SUMMARY: Schema = schema(
    "resources 12",
    &[
        may("pending", I32),
        may("running", I32),
        may("succeeded", I32),
        may("failed", I32),
        may("errored", I32),
        may("aborted", I32),
    ],
);

pub(crate) static TARGET: Schema = schema(
    "resources 13",
    &[
        must("metadata", METADATA),
        may("spec", Shape::Object(&TARGET_SPEC)),
        may("status", Shape::Object(&TARGET_STATUS)),
    ],
);

static TARGET_SPEC: Schema = schema("resources 13", &[may("params", Shape::Map(&Shape::Json))]);
static TARGET_STATUS: Schema = schema("resources 13", &[]);

/// A set of Stage names with nothing required of the texts; kept here so that lists of plain texts look alike.
pub(crate) const STAGE_NAMES: Shape = Shape::List(&ANY, Items { min: 0, max: None, key: Some("") });
