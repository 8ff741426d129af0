//! The table of the built-in kinds against the text that it follows.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{
    super::{Access, Checkouts, Lane, Outside, Repeat, StepSpec, StepSpecs, Tree, What},
    specs,
};
use crate::{expr::Value, model::Duration};

fn spec(name: &str) -> StepSpec {
    StepSpecs::built_in().get(name).unwrap_or_else(|| panic!("{name} is missing")).clone()
}

fn value(json: &Json) -> Value {
    Value::from_json(json).unwrap()
}

fn checkouts() -> Checkouts {
    let mut checkouts = Checkouts::of_promotion("prod.01kdn9");
    checkouts.note(&value(&json!({
        "repoURL": "https://github.com/acme/env.git",
        "checkout": [{"path": "./env", "branch": "main"}, {"path": "./out"}],
    })));
    checkouts.note(&value(&json!({
        "repoURL": "https://git.corp/acme/cart",
        "checkout": [{"path": "src/cart", "branch": "release"}],
    })));
    checkouts
}

fn lanes(name: &str, config: &Json) -> Vec<String> {
    let lanes = spec(name).lanes_of(&value(config), &checkouts()).unwrap();
    lanes.iter().map(ToString::to_string).collect()
}

fn touches(name: &str, config: &Json) -> Vec<String> {
    let touches = spec(name).touches_of(&value(config), &checkouts()).unwrap();
    touches.iter().map(ToString::to_string).collect()
}

/// Promotion-engine 7.4, steps 1: name, tree, outside, repeat, with the section of each.
#[rustfmt::skip]
const TABLE: [(&str, &str, Tree, Outside, Repeat); 35] = [
    ("argocd-update",       "steps 1.1, 3.2",  Tree::None,   Outside::Acts,  Repeat::Keyed),
    ("argocd-wait",         "steps 1.2, 3.4",  Tree::None,   Outside::Reads, Repeat::Pure),
    ("compose-output",      "steps 1.3",       Tree::None,   Outside::None,  Repeat::Pure),
    ("copy",                "steps 1.4",       Tree::Writes, Outside::None,  Repeat::Pure),
    ("delete",              "steps 1.5",       Tree::Writes, Outside::None,  Repeat::Pure),
    ("fail",                "steps 1.6",       Tree::None,   Outside::None,  Repeat::Pure),
    ("file-write",          "steps 1.7",       Tree::Writes, Outside::None,  Repeat::Pure),
    ("git-clear",           "steps 1.8",       Tree::Writes, Outside::None,  Repeat::Pure),
    ("git-clone",           "steps 1.9",       Tree::Writes, Outside::Acts,  Repeat::Probed),
    ("git-commit",          "steps 1.10",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("git-merge-pr",        "steps 1.11",      Tree::None,   Outside::Acts,  Repeat::Probed),
    ("git-open-pr",         "steps 1.12",      Tree::None,   Outside::Acts,  Repeat::Keyed),
    ("git-push",            "steps 1.13",      Tree::Writes, Outside::Acts,  Repeat::Keyed),
    ("git-tag",             "steps 1.14",      Tree::Writes, Outside::None,  Repeat::Probed),
    ("git-wait-for-pr",     "steps 1.15",      Tree::None,   Outside::Reads, Repeat::Pure),
    ("github-push",         "steps 1.16",      Tree::Writes, Outside::Acts,  Repeat::Keyed),
    ("helm-template",       "steps 1.17",      Tree::Writes, Outside::Reads, Repeat::Pure),
    ("helm-update-chart",   "steps 1.18",      Tree::Writes, Outside::Reads, Repeat::Pure),
    ("http",                "steps 1.19",      Tree::Reads,  Outside::Acts,  Repeat::Unknowable),
    ("http-download",       "steps 1.20",      Tree::Writes, Outside::Reads, Repeat::Pure),
    ("json-parse",          "steps 1.21",      Tree::Reads,  Outside::None,  Repeat::Pure),
    ("json-update",         "steps 1.22",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("kustomize-build",     "steps 1.23",      Tree::Writes, Outside::Reads, Repeat::Pure),
    ("kustomize-set-image", "steps 1.24",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("oci-download",        "steps 1.25",      Tree::Writes, Outside::Reads, Repeat::Pure),
    ("oci-push",            "steps 1.26",      Tree::None,   Outside::Acts,  Repeat::Probed),
    ("set-freight-alias",   "steps 1.27",      Tree::None,   Outside::None,  Repeat::Pure),
    ("set-metadata",        "steps 1.28",      Tree::None,   Outside::None,  Repeat::Pure),
    ("tar",                 "steps 1.29",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("toml-parse",          "steps 1.31",      Tree::Reads,  Outside::None,  Repeat::Pure),
    ("toml-update",         "steps 1.32",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("untar",               "steps 1.30",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("yaml-merge",          "steps 1.33",      Tree::Writes, Outside::None,  Repeat::Pure),
    ("yaml-parse",          "steps 1.34",      Tree::Reads,  Outside::None,  Repeat::Pure),
    ("yaml-update",         "steps 1.36",      Tree::Writes, Outside::None,  Repeat::Pure),
];

#[test]
fn promotion_engine_7_4_these_35_and_no_others() {
    let built_in = StepSpecs::built_in();
    assert_eq!(specs().len(), 35);
    assert_eq!(built_in.iter().map(StepSpec::name).collect::<Vec<_>>(), TABLE.map(|row| row.0));
    for (name, section, tree, outside, repeat) in TABLE {
        let spec = spec(name);
        assert_eq!((spec.tree(), spec.outside(), spec.repeat()), (tree, outside, repeat), "{name}: {section}");
        assert!(!spec.summary().is_empty() && !spec.summary().ends_with('.'), "{name}");
    }
}

/// Steps 0.2: timeouts, thresholds, propagation; promotion-engine 7.4 and rules 3: polls.
#[test]
fn steps_0_2_timeouts_thresholds_polls() {
    let minutes = |spec: &StepSpec| spec.timeout().map(|timeout| timeout.as_nanos() / 60_000_000_000);
    for spec in specs() {
        let expected = matches!(spec.name(), "argocd-update" | "argocd-wait").then_some(5);
        assert_eq!(minutes(&spec), expected, "{}", spec.name());
        assert_eq!(spec.error_threshold(), 1, "{}", spec.name());
        assert_eq!(spec.is_propagating(), spec.name() == "compose-output", "{}", spec.name());
        let poll = match spec.name() {
            "argocd-update" | "argocd-wait" | "git-merge-pr" => Some(10),
            "git-wait-for-pr" | "http" => Some(30),
            _ => None,
        };
        assert_eq!(spec.poll(), poll.map(Duration::from_secs), "{}", spec.name());
    }
}

#[test]
fn each_expression_can_be_read() {
    for spec in specs() {
        assert_eq!(spec.check(), Ok(()), "{}", spec.name());
    }
}

/// What a kind does and what it touches are told twice, and must agree.
#[test]
fn touches_agree_with_properties() {
    for spec in specs() {
        let name = spec.name();
        let has = |test: &dyn Fn(Access, What) -> bool| {
            spec.touch_templates().iter().any(|touch| test(touch.access(), touch.what()))
        };
        let is_inside =
            |what| matches!(what, What::Path | What::FreightAlias | What::FreightMetadata | What::StageMetadata);
        assert_eq!(has(&|access, _| access == Access::Acts), spec.outside() == Outside::Acts, "{name}");
        assert_eq!(has(&|_, what| !is_inside(what)), spec.outside() != Outside::None, "{name}");
        assert_eq!(has(&|_, what| what == What::Path), spec.tree() != Tree::None, "{name}");
        let writes = has(&|access, what| access == Access::Writes && what == What::Path);
        assert_eq!(writes, spec.tree() == Tree::Writes, "{name}");
        assert!(!has(&|access, what| access == Access::Acts && is_inside(what)), "{name}");
        assert!(!has(&|access, what| access == Access::Writes && !is_inside(what)), "{name}");
    }
}

#[test]
fn the_table_is_data() {
    for spec in specs() {
        let json = serde_json::to_value(&spec).unwrap();
        assert_eq!(serde_json::from_value::<StepSpec>(json).unwrap(), spec, "{}", spec.name());
    }
}

#[test]
fn steps_1_13_a_push_goes_to_the_branch_it_names_or_generates_or_is_on() {
    for (config, expected) in [
        (json!({"path": "./env"}), "branch/https://github.com/acme/env main"),
        (json!({"path": "env/apps"}), "branch/https://github.com/acme/env main"),
        (json!({"path": "src/cart"}), "branch/https://git.corp/acme/cart release"),
        (json!({"path": "env", "targetBranch": "uat"}), "branch/https://github.com/acme/env uat"),
        (json!({"path": "env", "targetBranch": "refs/heads/uat"}), "branch/https://github.com/acme/env uat"),
        (json!({"path": "env", "targetBranch": "", "tag": ""}), "branch/https://github.com/acme/env main"),
        (
            json!({"path": "env", "generateTargetBranch": true}),
            "branch/https://github.com/acme/env kargo/promotion/prod.01kdn9",
        ),
        (json!({"path": "env", "tag": "v1"}), "tag/https://github.com/acme/env v1"),
        // The clone names no branch: the default one has a name that only the host knows.
        (json!({"path": "out"}), "branch/https://github.com/acme/env *"),
    ] {
        assert_eq!(lanes("git-push", &config), [expected], "{config}");
    }
}

/// Rules 19: a lane that depends on what is not known becomes the whole host.
#[test]
fn rules_19_what_is_not_known_widens_the_lane() {
    // Values of a wrong type stand for those that are not known: they cannot be evaluated either.
    let unknown = json!({});
    for (name, config, expected) in [
        ("git-push", json!({"path": "env", "targetBranch": unknown}), "host/github.com"),
        ("git-push", json!({"path": "env", "tag": unknown}), "host/github.com"),
        ("git-push", json!({"path": "elsewhere"}), "host/*"),
        ("git-push", json!({"path": unknown}), "host/*"),
        ("git-push", json!({"targetBranch": "main"}), "host/*"),
        ("git-open-pr", json!({"repoURL": "https://x.dev/a", "targetBranch": "main"}), "host/x.dev"),
        ("git-open-pr", json!({"repoURL": unknown, "sourceBranch": "a", "targetBranch": "b"}), "host/*"),
        ("oci-push", json!({"srcRef": "ghcr.io/a:1", "destRef": unknown}), "host/*"),
        ("http", json!({"method": "POST", "url": unknown}), "host/*"),
        ("argocd-update", json!({"apps": unknown}), "application/*/*"),
        ("argocd-update", json!({"apps": [{"name": unknown, "namespace": "argocd"}]}), "application/argocd/*"),
        ("argocd-update", json!({"apps": [{"name": "cart", "namespace": unknown}]}), "application/*/cart"),
        (
            "git-clone",
            json!({"repoURL": "https://x.dev/a", "checkout": [{"path": "a", "branch": unknown, "create": true}]}),
            "host/x.dev",
        ),
    ] {
        assert_eq!(lanes(name, &config), [expected], "{name} {config}");
    }
}

#[test]
fn steps_1_9_a_clone_acts_only_where_it_may_create_a_branch() {
    let clone = |create: Json| {
        json!({
            "repoURL": "https://github.com/acme/env.git",
            "checkout": [{"path": "src", "branch": "main"}, {"path": "out", "branch": "uat", "create": create}],
        })
    };
    let spec = spec("git-clone");
    let of = |config: &Json| (spec.outside_of(&value(config)).unwrap(), spec.repeat_of(&value(config)).unwrap());
    assert_eq!(of(&clone(json!(false))), (Outside::Reads, Repeat::Pure));
    assert_eq!(of(&clone(json!(true))), (Outside::Acts, Repeat::Probed));
    assert_eq!(lanes("git-clone", &clone(json!(false))), Vec::<String>::new());
    assert_eq!(lanes("git-clone", &clone(json!(true))), ["branch/https://github.com/acme/env uat"]);
    assert_eq!(
        touches("git-clone", &clone(json!(true))),
        [
            "reads repository https://github.com/acme/env.git",
            "writes ./src",
            "writes ./out",
            "acts on branch uat of https://github.com/acme/env.git",
        ]
    );
}

#[test]
fn steps_1_16_the_staging_ref_is_one_for_the_promotion() {
    assert_eq!(
        lanes("github-push", &json!({"path": "env", "targetBranch": "uat"})),
        ["branch/https://github.com/acme/env refs/kargo/staging/prod.01kdn9", "branch/https://github.com/acme/env uat",]
    );
    let nameless = spec("github-push").lanes_of(&value(&json!({"path": "env"})), &{
        let mut checkouts = Checkouts::new();
        checkouts.note(&value(&json!({"repoURL": "https://x.dev/a", "checkout": [{"path": "env", "branch": "main"}]})));
        checkouts
    });
    assert_eq!(
        nameless.unwrap(),
        [Lane::new("branch/https://x.dev/a main"), Lane::new("branch/https://x.dev/a refs/kargo/staging/*")]
    );
}

#[test]
fn steps_1_1_a_selector_takes_the_whole_namespace() {
    let config = json!({"apps": [
        {"name": "cart", "namespace": "argocd"},
        {"name": "web"},
        {"namespace": "gitops", "selector": {"matchLabels": {"app": "x"}}},
    ]});
    assert_eq!(
        lanes("argocd-update", &config),
        ["application/*/web", "application/argocd/cart", "application/gitops/*"]
    );
    assert_eq!(
        touches("argocd-update", &config),
        ["acts on application cart in argocd", "acts on application web", "acts on applications in gitops"]
    );
    // Whoever names an Application of that namespace waits, with the namespace or without.
    let taken = Lane::new("application/gitops/*");
    for (config, conflicts) in [
        (json!({"name": "cart", "namespace": "gitops"}), true),
        (json!({"name": "cart"}), true),
        (json!({"selector": {"matchLabels": {"a": "b"}}}), true),
        (json!({"name": "cart", "namespace": "argocd"}), false),
    ] {
        let lanes = spec("argocd-update").lanes_of(&value(&json!({"apps": [config]})), &Checkouts::new()).unwrap();
        assert!(lanes.iter().all(|lane| lane.conflicts_with(&taken) == conflicts), "{lanes:?}");
    }
    assert_eq!(lanes("argocd-wait", &config), Vec::<String>::new());
    assert_eq!(touches("argocd-wait", &config)[0], "reads application cart in argocd");
}

#[test]
fn steps_1_11_and_1_12_pull_requests() {
    let open = json!({"repoURL": "https://x.dev/a", "sourceBranch": "kargo/x", "targetBranch": "main"});
    assert_eq!(lanes("git-open-pr", &open), ["pull-request/https://x.dev/a#from kargo/x to main"]);
    assert_eq!(
        touches("git-open-pr", &open),
        [
            "reads branch kargo/x of https://x.dev/a",
            "reads branch main of https://x.dev/a",
            "acts on pull request from kargo/x to main of https://x.dev/a",
        ]
    );
    let merge = json!({"repoURL": "https://x.dev/a", "prNumber": 12});
    assert_eq!(lanes("git-merge-pr", &merge), ["branch/https://x.dev/a *", "pull-request/https://x.dev/a#12"]);
    assert_eq!(touches("git-wait-for-pr", &merge), ["reads pull request 12 of https://x.dev/a"]);
    // A push to the branch that the pull request goes to waits for the merge.
    let pushed = spec("git-push").lanes_of(&value(&json!({"path": "env"})), &checkouts()).unwrap();
    assert!(pushed[0].conflicts_with(&Lane::new("branch/https://github.com/acme/env *")));
}

/// Rules 1: `http` is Unknowable unless its method is GET or HEAD, or a header lets the server tell repetitions.
#[test]
fn rules_1_requests() {
    for (config, outside, repeat) in [
        (json!({}), Outside::Reads, Repeat::Pure),
        (json!({"method": "HEAD"}), Outside::Reads, Repeat::Pure),
        (json!({"method": "get"}), Outside::Reads, Repeat::Pure),
        (json!({"method": "POST"}), Outside::Acts, Repeat::Unknowable),
        (json!({"method": "PUT", "headers": [{"name": "Accept", "value": "a"}]}), Outside::Acts, Repeat::Unknowable),
        (
            json!({"method": "POST", "headers": [{"name": "Idempotency-Key", "value": "a"}]}),
            Outside::Acts,
            Repeat::Keyed,
        ),
        (json!({"method": {}}), Outside::Acts, Repeat::Unknowable),
        (json!({"method": "POST", "headers": [{"name": 1}]}), Outside::Acts, Repeat::Unknowable),
    ] {
        let (spec, value) = (spec("http"), value(&config));
        assert_eq!((spec.outside_of(&value).unwrap(), spec.repeat_of(&value).unwrap()), (outside, repeat), "{config}");
        assert_eq!(spec.tree_of(&value), Ok(Tree::None), "{config}");
    }
    let post = json!({"method": "POST", "url": "https://eve:pw@x.dev/a?token=1", "bodyFromFile": "body.json"});
    assert_eq!(lanes("http", &post), ["url/https://x.dev/a"]);
    assert_eq!(touches("http", &post), ["reads ./body.json", "acts on https://x.dev/a"]);
    assert_eq!(spec("http").tree_of(&value(&post)), Ok(Tree::Reads));
    assert_eq!(lanes("http", &json!({"url": "https://x.dev/a"})), Vec::<String>::new());
    assert_eq!(touches("http", &json!({"url": "https://x.dev/a"})), ["reads https://x.dev/a"]);
}

#[test]
fn steps_1_17_only_dependencies_are_asked_for_outside() {
    let config = |build: Json| json!({"path": "chart", "outPath": "out", "valuesFiles": ["a.yaml", "./b.yaml"], "buildDependencies": build});
    let files = ["reads ./chart", "reads ./a.yaml", "reads ./b.yaml", "writes ./out"];
    for (build, outside, charts) in [
        (json!(null), Outside::None, &[][..]),
        (json!(false), Outside::None, &[]),
        (json!(true), Outside::Reads, &["reads charts"]),
        (json!({}), Outside::Reads, &["reads charts"]),
    ] {
        assert_eq!(spec("helm-template").outside_of(&value(&config(build.clone()))), Ok(outside));
        assert_eq!(touches("helm-template", &config(build)), [&files[..], charts].concat());
    }
}

#[test]
fn steps_1_26_and_1_25_artifacts() {
    let push = json!({"srcRef": "ghcr.io/acme/cart@sha256:1", "destRef": "oci://Registry.corp:5000/cart:1.2"});
    assert_eq!(lanes("oci-push", &push), ["image/registry.corp:5000/cart"]);
    assert_eq!(
        touches("oci-push", &push),
        ["reads image ghcr.io/acme/cart@sha256:1", "acts on image Registry.corp:5000/cart:1.2"]
    );
    let download = json!({"imageRef": "ghcr.io/a:1", "outPath": "/a.tgz"});
    assert_eq!(touches("oci-download", &download), ["reads image ghcr.io/a:1", "writes ./a.tgz"]);
}

#[test]
fn other_steps_say_what_they_touch() {
    for (name, config, expected) in [
        ("copy", json!({"inPath": "a", "outPath": "./b/"}), vec!["writes ./b", "reads ./a"]),
        ("delete", json!({"paths": ["a", "b/**"]}), vec!["writes ./a", "writes ./b/**"]),
        ("delete", json!({"path": ".", "paths": null}), vec!["writes the work tree"]),
        ("yaml-merge", json!({"inFiles": ["a", "b"], "outFile": "c"}), vec!["writes ./c", "reads ./a", "reads ./b"]),
        ("json-parse", json!({"path": "a.json"}), vec!["reads ./a.json"]),
        (
            "helm-update-chart",
            json!({"path": "chart", "charts": [{"repository": "https://x.dev", "name": "web", "version": "1"}]}),
            vec!["writes ./chart", "reads chart web of https://x.dev", "reads charts"],
        ),
        (
            "set-metadata",
            json!({"updates": [{"kind": "Stage", "name": "prod"}, {"kind": "Freight", "name": "f1"}]}),
            vec!["writes metadata of freight f1", "writes metadata of stage prod"],
        ),
        ("set-freight-alias", json!({"name": "f1", "alias": "x"}), vec!["writes the alias of freight f1"]),
        ("git-tag", json!({"path": "env", "tag": "v1", "message": "m"}), vec!["writes ./env"]),
        ("compose-output", json!({"a": 1}), vec![]),
        ("fail", json!({}), vec![]),
    ] {
        assert_eq!(touches(name, &config), expected, "{name}");
        assert_eq!(lanes(name, &config), Vec::<String>::new(), "{name}");
    }
}

/// Any JSON, with the names of fields that declarations look at.
fn any_config() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        prop_oneof![Just("env"), Just("./out"), Just("POST"), Just("https://x.dev/a"), Just(""), Just("*")]
            .prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
    ];
    let field = prop::sample::select(vec![
        "path",
        "paths",
        "repoURL",
        "checkout",
        "branch",
        "create",
        "targetBranch",
        "generateTargetBranch",
        "tag",
        "apps",
        "name",
        "namespace",
        "selector",
        "url",
        "method",
        "headers",
        "prNumber",
        "sourceBranch",
        "destRef",
        "srcRef",
        "updates",
        "kind",
        "charts",
        "repository",
        "inPath",
        "outPath",
        "inFiles",
        "bodyFromFile",
    ]);
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(field.clone().prop_map(ToOwned::to_owned), inner, 0..8)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Configurations of steps that act, and paths of values in them that may be unknown.
fn acting() -> Vec<(&'static str, Json, Vec<&'static str>)> {
    vec![
        ("git-push", json!({"path": "env", "targetBranch": "uat"}), vec!["/path", "/targetBranch"]),
        ("git-push", json!({"path": "env", "tag": "v1"}), vec!["/path", "/tag"]),
        ("git-push", json!({"path": "src/cart"}), vec!["/path"]),
        ("github-push", json!({"path": "env", "generateTargetBranch": true}), vec!["/path"]),
        (
            "git-open-pr",
            json!({"repoURL": "https://x.dev/a", "sourceBranch": "s", "targetBranch": "t"}),
            vec!["/repoURL", "/sourceBranch", "/targetBranch"],
        ),
        ("git-merge-pr", json!({"repoURL": "https://x.dev/a", "prNumber": 12}), vec!["/repoURL", "/prNumber"]),
        (
            "git-clone",
            json!({"repoURL": "https://x.dev/a", "checkout": [{"path": "a", "branch": "b", "create": true}]}),
            vec!["/repoURL", "/checkout", "/checkout/0", "/checkout/0/path", "/checkout/0/branch"],
        ),
        (
            "argocd-update",
            json!({"apps": [{"name": "a", "namespace": "n"}, {"name": "b"}, {"selector": {}, "namespace": "m"}]}),
            vec![
                "/apps",
                "/apps/0",
                "/apps/0/name",
                "/apps/0/namespace",
                "/apps/1/name",
                "/apps/2/selector",
                "/apps/2/namespace",
            ],
        ),
        ("oci-push", json!({"srcRef": "ghcr.io/acme/a:1", "destRef": "x.dev/acme/b:1"}), vec!["/srcRef", "/destRef"]),
        ("http", json!({"method": "POST", "url": "https://x.dev/a"}), vec!["/method", "/url"]),
    ]
}

proptest! {
    /// Rules 19: what is not known widens lanes and never narrows them, so that whoever waits for the lane of the known value
    /// waits for that of the unknown one too.
    #[test]
    fn rules_19_an_unknown_value_takes_at_least_the_lanes_of_any_value(
        row in prop::sample::select(acting()),
        unknown in prop::collection::vec(any::<bool>(), 7),
    ) {
        let (name, config, paths) = row;
        let mut blurred = config.clone();
        for path in paths.iter().zip(unknown).filter_map(|(path, is_unknown)| is_unknown.then_some(path)) {
            if let Some(place) = blurred.pointer_mut(path) {
                // A value of a wrong type stands for one that is not known: what looks at it fails, too.
                *place = if place.is_object() || place.is_array() { json!(7) } else { json!({"": 0}) };
            }
        }
        let (known, wide) = (lanes(name, &config), lanes(name, &blurred));
        prop_assert!(!known.is_empty());
        for lane in &known {
            let lane = Lane::new(lane.as_str());
            prop_assert!(wide.iter().any(|wide| Lane::new(wide.as_str()).conflicts_with(&lane)), "{lane} {wide:?}");
        }
    }

    /// Whatever is configured: answers, never an error or a panic.
    #[test]
    fn any_configuration_has_an_answer(config in any_config(), clone in any_config(), row in 0..35usize) {
        let (config, clone) = (value(&config), value(&clone));
        let mut checkouts = Checkouts::of_promotion("p");
        checkouts.note(&clone);
        let spec = spec(TABLE[row].0);
        let lanes = spec.lanes_of(&config, &checkouts).unwrap();
        let touches = spec.touches_of(&config, &checkouts).unwrap();
        let acts = spec.outside_of(&config).unwrap() == Outside::Acts;
        prop_assert!(spec.repeat_of(&config).unwrap() <= spec.repeat());
        prop_assert!(spec.tree_of(&config).unwrap() <= spec.tree());
        for touch in &touches {
            prop_assert!(!touch.to_string().is_empty());
            prop_assert!(acts || touch.access != Access::Acts);
            prop_assert!(touch.lane().is_none_or(|lane| lanes.contains(&lane)));
        }
        prop_assert!(lanes.is_sorted() && (acts || lanes.is_empty()));
    }
}
