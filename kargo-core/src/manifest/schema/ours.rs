//! Fields of the kinds that Kargo does not have: **the table of extension fields** (rules 11).
//!
//! | kind | field | type | default | meaning |
//! | --- | --- | --- | --- | --- |
//! | Junction | `requestedFreight[].origin` | origin | - | rules 8: one slot of this origin |
//! | Junction | `requestedFreight[].originSelector` | label selector | - | rules 8: one slot per origin with these labels |
//! | Junction | `requestedFreight[].sources` | as a Stage's | required | rules 8 |
//! | Junction | `requestedFreight[].fill` | NewestFreight, MatchUpstream, Manual | NewestFreight | rules 8 |
//! | Junction | `requestedFreight[].required` | bool | true | rules 8 |
//! | Junction | `release.policy` | Automatic, Manual | Automatic | rules 8 |
//! | Junction | `release.settle`, `release.atMost` | duration | none | rules 8; `atMost` not below `settle` |
//! | Junction | `release.criteria.expression` | expression | required in `criteria` | rules 8 and 9 |
//! | Junction | `release.criteria.budget` | 1 to 10,000,000 | 100,000 | rules 9 |
//! | Junction | `release.overlap` | Reject, PreferNewest | Reject | rules 9 |
//! | Junction | `alias` | template over `ctx.sequence` | invented | rules 8 |
//! | StagePolicy | `requestedFreight` | requests of Junction origins | none | rules 11 |
//! | StagePolicy | `queue` | All, Latest, LatestPerOrigin | All | rules 7 |
//! | StagePolicy | `verdicts` | Latest, Sticky | Latest | rules 6 |
//! | StagePolicy | `creditMembers` | bool | false | rules 6 and 11 |
//! | StagePolicy | `verification.reuse` | Never, SameContent | Never | rules 6 and 16 |
//! | StagePolicy | `progressing.atMost` | duration | 10m | rules 7 |
//! | StagePolicy | `cancelGrace` | duration | 30s | rules 4 |
//! | StagePolicy | `steps.<alias>.onUnknown` | Error, Retry | Error | rules 1 |
//! | StagePolicy | `steps.<alias>.forEach` | in, as, mode, max | none; Sequential, 100 | rules 15 |
//! | StagePolicy | `soak.guard` | bool | false | automation waits for soaking freight |
//! | StagePolicy | `soak.sampleEvery` | duration | none | automation takes freight at most so often |
//! | StagePolicy | `windows` | as a ProjectConfig's, without selectors | none | resources 6.5 |
//! | StagePolicy | `approvals.required` | 0 to 20 | 0 | how many actors must approve |
//! | StagePolicy | `approvals.actors` | names or patterns | everybody | whose approvals count |
//! | StagePolicy | `intents` | Auto, Manual, Hotfix | Auto | what automation takes |
//! | StagePolicy | `rollback` | onPromotion, onVerification, onUnhealthy, scope | never | rolling back by itself |
//! | StagePolicy | `waves[]` | name, selector, maxParallel, threshold, onFailure, pause | all at once | order of Targets |
//! | WarehousePolicy | `subscriptions[].immutableTags` | bool | false | tags never move |
//! | WarehousePolicy | `subscriptions[].sample` | 0 to 100 | 1 | tags checked for having moved |
//! | WarehousePolicy | `join.budget` | 1 to 10,000,000 | 100,000 | rules 9 |
//! | WarehousePolicy | `debounce.settle`, `debounce.atMost` | duration | none | several pushes, one freight |
//! | WarehousePolicy | `intent.discovered`, `intent.assembled` | Auto, Manual, Hotfix | Auto, Manual | what freight is meant for |
//! | Pause | `stage`, `until`, `actor`, `reason` | name, time, text, text | whole project, for ever | rules 7 |
//! | Rejection | `freight`, `stages`, `actor`, `reason` | id, names, text, text | everywhere | rules 7 |
//! | Approval | `freight`, `stage`, `actor`, `reason` | id, name, text, text | - | resources 8.3 |
//! | any step | `forEach`, `onUnknown` | inline, outside Kubernetes | - | rules 11 |
//! | Freight | annotation `kargo-core.rs/intent` | Auto, Manual, Hotfix | Auto | as above |
//! | Promotion | annotations `kargo-core.rs/freight`, `kargo-core.rs/holds` | JSON | - | rules 13 |

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
