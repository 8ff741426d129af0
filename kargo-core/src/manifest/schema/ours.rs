//! Fields of the kinds that Kargo does not have (rules 11). The table for people, with defaults and meanings, is
//! [`manual::extensions`](crate::manual::extensions); a test there compares the two.

use super::{
    common::{CONDITIONS, FOR_EACH, LABEL_SELECTOR, META, ON_PROMOTION, ON_UNKNOWN, ON_VERIFICATION, ORIGIN, WINDOWS},
    kargo::{REQUEST, SOURCES, STAGE_NAMES},
    shape::{
        ANY, Fill, I64, NAME, NON_EMPTY, Schema, Shape, TEXTS, Text, filled, keyed, list, may, must, schema, set, some,
    },
};

const METADATA: Shape = Shape::Object(&META);
const BUDGET: Shape = Shape::Int(1, 10_000_000);

pub(crate) static JUNCTION: Schema = schema(
    "rules 8",
    &[
        must("metadata", METADATA),
        must("spec", Shape::Object(&JUNCTION_SPEC)),
        may("status", Shape::Object(&JUNCTION_STATUS)),
    ],
);

static JUNCTION_SPEC: Schema = schema(
    "rules 8",
    &[
        must("requestedFreight", some(&Shape::Object(&SLOT))),
        may("release", Shape::Object(&RELEASE)),
        may("alias", ANY),
    ],
);

static SLOT: Schema = schema(
    "rules 8",
    &[
        may("origin", Shape::Object(&ORIGIN)),
        may("originSelector", Shape::Object(&LABEL_SELECTOR)),
        must("sources", Shape::Object(&SOURCES)),
        filled(
            "fill",
            Shape::Text(Text::OneOf(&["NewestFreight", "MatchUpstream", "Manual"])),
            Fill::Text("NewestFreight"),
        ),
        filled("required", Shape::Bool, Fill::Bool(true)),
    ],
);

static RELEASE: Schema = schema(
    "rules 8",
    &[
        filled("policy", Shape::Text(Text::OneOf(&["Automatic", "Manual"])), Fill::Text("Automatic")),
        may("settle", Shape::ShortDuration),
        may("atMost", Shape::ShortDuration),
        may("criteria", Shape::Object(&CRITERIA)),
        filled("overlap", Shape::Text(Text::OneOf(&["Reject", "PreferNewest"])), Fill::Text("Reject")),
    ],
);

static CRITERIA: Schema = schema("rules 9", &[must("expression", NON_EMPTY), may("budget", BUDGET)]);

static JUNCTION_STATUS: Schema = schema(
    "rules 8",
    &[
        may("conditions", CONDITIONS),
        may("observedGeneration", I64),
        may("slots", Shape::ByOrigin(&Shape::Object(&SLOT_STATUS))),
        may("firstChangeAt", Shape::Time),
        may("lastChangeAt", Shape::Time),
        may("releases", list(&Shape::Object(&RELEASE_RECORD))),
    ],
);

static SLOT_STATUS: Schema =
    schema("rules 8", &[must("freight", ANY), may("since", Shape::Time), may("held", Shape::Bool), may("actor", ANY)]);

static RELEASE_RECORD: Schema = schema(
    "rules 8",
    &[
        must("sequence", Shape::Int(1, i64::MAX)),
        must("freight", ANY),
        may("releasedAt", Shape::Time),
        may("members", Shape::ByOrigin(&ANY)),
    ],
);

pub(crate) static STAGE_POLICY: Schema =
    schema("rules 11", &[must("metadata", METADATA), must("spec", Shape::Object(&STAGE_POLICY_SPEC))]);

static STAGE_POLICY_SPEC: Schema = schema(
    "rules 11",
    &[
        may("requestedFreight", list(&Shape::Object(&REQUEST))),
        filled("queue", Shape::Text(Text::OneOf(&["All", "Latest", "LatestPerOrigin"])), Fill::Text("All")),
        filled("verdicts", Shape::Text(Text::OneOf(&["Latest", "Sticky"])), Fill::Text("Latest")),
        may("creditMembers", Shape::Bool),
        may("verification", Shape::Object(&VERIFICATION_POLICY)),
        may("progressing", Shape::Object(&PROGRESSING)),
        may("cancelGrace", Shape::ShortDuration),
        may("steps", Shape::Map(&Shape::Object(&STEP_POLICY))),
        may("soak", Shape::Object(&SOAK)),
        may("windows", WINDOWS),
        may("approvals", Shape::Object(&APPROVALS)),
        may("intents", set(&INTENT, 3)),
        may("rollback", Shape::Object(&ROLLBACK)),
        may("waves", keyed(&Shape::Object(&WAVE), "name")),
    ],
);

const INTENT: Shape = Shape::Text(Text::OneOf(&["Auto", "Manual", "Hotfix"]));

static VERIFICATION_POLICY: Schema =
    schema("rules 6", &[filled("reuse", Shape::Text(Text::OneOf(&["Never", "SameContent"])), Fill::Text("Never"))]);

static PROGRESSING: Schema = schema("rules 7", &[may("atMost", Shape::ShortDuration)]);

static STEP_POLICY: Schema =
    schema("rules 11", &[may("onUnknown", ON_UNKNOWN), may("forEach", Shape::Object(&FOR_EACH))]);

static SOAK: Schema = schema("rules 11", &[may("guard", Shape::Bool), may("sampleEvery", Shape::ShortDuration)]);

static APPROVALS: Schema = schema("rules 11", &[may("required", Shape::Int(0, 20)), may("actors", TEXTS)]);

static ROLLBACK: Schema = schema(
    "rules 11",
    &[
        may("onPromotion", ON_PROMOTION),
        may("onVerification", ON_VERIFICATION),
        may("onUnhealthy", Shape::Bool),
        filled("scope", Shape::Text(Text::OneOf(&["AllOrigins", "Changed"])), Fill::Text("AllOrigins")),
    ],
);

static WAVE: Schema = schema(
    "rules 11",
    &[
        must("name", NAME),
        must("selector", Shape::Object(&LABEL_SELECTOR)),
        may("maxParallel", Shape::Int(1, 100_000)),
        may("threshold", Shape::Int(0, 100)),
        filled("onFailure", Shape::Text(Text::OneOf(&["Abort", "Continue"])), Fill::Text("Abort")),
        may("pause", Shape::ShortDuration),
    ],
);

pub(crate) static WAREHOUSE_POLICY: Schema =
    schema("rules 11", &[must("metadata", METADATA), must("spec", Shape::Object(&WAREHOUSE_POLICY_SPEC))]);

static WAREHOUSE_POLICY_SPEC: Schema = schema(
    "rules 11",
    &[
        may("subscriptions", keyed(&Shape::Object(&SUBSCRIPTION_POLICY), "subscription")),
        may("join", Shape::Object(&JOIN)),
        may("debounce", Shape::Object(&DEBOUNCE)),
        may("intent", Shape::Object(&INTENT_POLICY)),
    ],
);

static SUBSCRIPTION_POLICY: Schema = schema(
    "rules 11",
    &[must("subscription", NON_EMPTY), may("immutableTags", Shape::Bool), may("sample", Shape::Int(0, 100))],
);

static JOIN: Schema = schema("rules 9", &[may("budget", BUDGET)]);

static DEBOUNCE: Schema =
    schema("rules 11", &[must("settle", Shape::ShortDuration), may("atMost", Shape::ShortDuration)]);

static INTENT_POLICY: Schema = schema(
    "rules 11",
    &[filled("discovered", INTENT, Fill::Text("Auto")), filled("assembled", INTENT, Fill::Text("Manual"))],
);

pub(crate) static PAUSE: Schema =
    schema("rules 11", &[must("metadata", METADATA), may("spec", Shape::Object(&PAUSE_SPEC))]);

static PAUSE_SPEC: Schema =
    schema("rules 11", &[may("stage", NAME), may("until", Shape::Time), may("actor", ANY), may("reason", ANY)]);

pub(crate) static REJECTION: Schema =
    schema("rules 11", &[must("metadata", METADATA), must("spec", Shape::Object(&REJECTION_SPEC))]);

static REJECTION_SPEC: Schema =
    schema("rules 11", &[must("freight", NAME), may("stages", STAGE_NAMES), may("actor", ANY), may("reason", ANY)]);

pub(crate) static APPROVAL: Schema =
    schema("rules 11", &[must("metadata", METADATA), must("spec", Shape::Object(&APPROVAL_SPEC))]);

static APPROVAL_SPEC: Schema =
    schema("rules 11", &[must("freight", NAME), must("stage", NAME), may("actor", ANY), may("reason", ANY)]);
