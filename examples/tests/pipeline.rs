//! The tool `pipeline`, run as a person runs it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value as Json;

/// The example beside this test's own binary: `target/<profile>/deps/pipeline-…` and `target/<profile>/examples/pipeline`.
fn tool() -> Command {
    let own = env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    let tool = profile.join("examples").join(format!("pipeline{}", env::consts::EXE_SUFFIX));
    assert!(tool.exists(), "{} is not built: cargo test builds examples unless told otherwise", tool.display());
    Command::new(tool)
}

fn run(arguments: &[&str], folder: &Path, input: &str) -> Output {
    let mut child = tool()
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Beside reading, since the tool answers while it is still being asked. One that ends early says why by itself.
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    })
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/pipelines")
}

fn folder_with(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    folder
}

const SHOP: &str = "\
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec:
  subscriptions:
  - image: { repoURL: ghcr.io/acme/cart, constraint: CONSTRAINT }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight:
  - origin: { kind: Warehouse, name: cart }
    sources: { direct: true }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight:
  - origin: { kind: Warehouse, name: cart }
    sources: { stages: [UPSTREAM], requiredSoakTime: 1h }
";

fn shop(constraint: &str, upstream: &str) -> tempfile::TempDir {
    folder_with("shop.yaml", &SHOP.replace("CONSTRAINT", constraint).replace("UPSTREAM", upstream))
}

#[test]
fn user_code_14_every_mistake_at_once_and_in_order() {
    let folder = shop("latest", "uta");
    let output = run(&["validate", "shop.yaml"], folder.path(), "");
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(out(&output), @r#"
    error[K0301]: "latest" is not a version range
     --> shop.yaml:6:54
      |
    6 |   - image: { repoURL: ghcr.io/acme/cart, constraint: latest }
      |                                                      ^^^^^^ strategy SemVer (the default) needs a range such as ^1.0.0
      = help: to follow the moving tag `latest`: imageSelectionStrategy: Digest, constraint: latest
      = help: to take the newest build of any tag: imageSelectionStrategy: NewestBuild

    error[K0201]: Stage prod takes freight from Stage "uta", which does not exist
      --> shop.yaml:22:25
       |
    22 |     sources: { stages: [uta], requiredSoakTime: 1h }
       |                         ^^^ no such Stage in project shop
       = help: did you mean "uat"? (Stages here: prod, uat)

    2 objects read: 2 errors, 0 warnings
    "#);
}

#[test]
fn a_right_pipeline_is_counted() {
    let folder = shop("^1.0.0", "uat");
    let output = run(&["validate", "."], folder.path(), "");
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(out(&output), @r"
    shop: 1 warehouse, 0 junctions, 2 stages, 2 requests
    3 objects read: 0 errors, 0 warnings
    ");
}

#[test]
fn json_is_one_object_a_line() {
    let folder = shop("latest", "uta");
    fs::write(folder.path().join("other.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n").unwrap();
    let output = run(&["validate", "--json", "."], folder.path(), "");
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = out(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["code"], "K0301");
    assert_eq!(lines[0]["path"], "spec.subscriptions[0].image.constraint");
    assert_eq!((lines[1]["line"].as_u64(), lines[1]["column"].as_u64()), (Some(22), Some(25)));
    assert_eq!(lines[1]["object"], "Stage/prod");
    assert_eq!(lines[2]["aside"]["kind"], "ConfigMap");
}

#[test]
fn strict_and_deny_make_warnings_fatal() {
    let text =
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: eu, namespace: shop }\nspce: {}\n";
    let folder = folder_with("target.yaml", text);
    for (arguments, code, severity) in [
        (&["validate", "--json", "."][..], 0, "warning"),
        (&["validate", "--json", "--strict", "."], 1, "error"),
        (&["validate", "--json", "--deny", "warnings", "."], 1, "error"),
    ] {
        let output = run(arguments, folder.path(), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let line: serde_json::Value = serde_json::from_str(out(&output).lines().next().unwrap()).unwrap();
        assert_eq!((&line["code"], &line["severity"]), (&"K0108".into(), &severity.into()), "{arguments:?}");
        assert_eq!(line["help"][0], "did you mean \"spec\"?");
    }
}

#[test]
fn documents_only_leaves_out_the_graph_and_the_set() {
    let folder = shop("^1.0.0", "nowhere");
    fs::copy(folder.path().join("shop.yaml"), folder.path().join("again.yaml")).unwrap();
    assert_eq!(run(&["validate", "."], folder.path(), "").status.code(), Some(1));
    let alone = run(&["validate", "--documents-only", "."], folder.path(), "");
    assert_eq!(alone.status.code(), Some(0), "{}", out(&alone));
}

#[test]
fn a_command_line_that_cannot_be_read_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["validate"][..], &["validate", ".", "--colour"], &["paint"], &[], &["graph", ".", "--format", "png"]]
    {
        assert_eq!(run(arguments, folder.path(), "").status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(run(&["validate", "nowhere"], folder.path(), "").status.code(), Some(1));
}

#[test]
fn every_fixture_validates_and_can_be_drawn() {
    let folder = fixtures();
    let mut drawn = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let file = path.to_str().unwrap();
        let output = run(&["validate", file], &folder, "");
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
        let projects = out(&output).lines().filter(|line| line.contains(" warehouse")).count();
        if projects == 1 {
            for (format, begin) in [("mermaid", "flowchart"), ("dot", "digraph"), ("svg", "<svg")] {
                let picture = run(&["graph", file, "--state", "--format", format], &folder, "");
                assert!(picture.status.success(), "{file} {format}");
                assert!(out(&picture).contains(begin), "{file} {format}");
            }
            drawn += 1;
        }
    }
    assert!(drawn > 40, "{drawn}");
}

#[test]
fn several_projects_need_a_name() {
    let folder = shop("^1.0.0", "uat");
    let other = SHOP.replace("CONSTRAINT", "^1").replace("UPSTREAM", "uat").replace("shop", "store");
    fs::write(folder.path().join("store.yaml"), other).unwrap();
    let output = run(&["graph", "."], folder.path(), "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("K0210"));
    let named = run(&["graph", ".", "--project", "store"], folder.path(), "");
    assert!(named.status.success());
}

#[test]
fn resources_16_1_worked_examples_through_freight_id() {
    let a1 = "a1".repeat(32);
    let of = "0f".repeat(32);
    let input = format!(
        "apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {{ name: a, namespace: shop }}
origin: {{ kind: Warehouse, name: my-warehouse }}
commits: [{{ repoURL: https://github.com/Example/kargo-demo.git, id: 4d2c1f0b9a8e7d6c5b4a39281706f5e4d3c2b1a0, branch: main }}]
images: [{{ repoURL: public.ecr.aws/nginx/nginx, tag: \"1.27.0\", digest: \"sha256:{a1}\" }}]
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {{ namespace: shop }}
origin: {{ kind: Warehouse, name: main }}
commits: [{{ repoURL: \"https://user:pw@github.com/example/app.git/\", tag: v1.2.3, id: \"0123456789abcdef0123456789abcdef01234567\", subscriptionName: src }}]
images: [{{ repoURL: GHCR.io/Example/API, tag: \"2.0.0\", digest: \"sha256:{of}\" }}]
charts:
- {{ repoURL: https://charts.example.com/stable, name: podinfo, version: \"6.5.0\" }}
- {{ repoURL: \"oci://ghcr.io/Example/charts/web\", version: \"1.4.1\", subscriptionName: web-chart }}
artifacts: [{{ artifactType: application/vnd.example.model, subscriptionName: weights, version: \"2024-05-01\" }}]
"
    );
    let output = run(&["freight-id"], &fixtures(), &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(out(&output), "84d9a0d81714243ecd236c670da11c7259af9059\n778eda38db6788f9470154adfcc64a364c32af11\n");
}

/// The answers to lines, as the tool writes them.
fn eval(input: &[&str]) -> Vec<String> {
    let output = run(&["eval"], &fixtures(), &input.join("\n"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    out(&output).lines().map(str::to_owned).collect()
}

#[test]
fn promotion_engine_4_expressions_and_templates_through_eval() {
    let answers = eval(&[
        r#"{"expr": "1 + n", "env": {"n": 2}}"#,
        r#"{"expr": "'42'"}"#,
        r#"{"expr": "{b: \"<\", a: 1.0}", "id": 7}"#,
        r#"{"template": "${{ n }}", "env": {"n": "42"}}"#,
        r#"{"template": "42"}"#,
        r#"{"template": {"a": ["${{ n }}-${{ n }}", 9007199254740993, {"${{ n }}": "${{ quote(n) }}"}]}, "env": {"n": 2}}"#,
        r#"{"template": ["${% {a: [1]} %}", null, true]}"#,
        r#"{"template": null}"#,
        r#"{"template": "${{ asYAML(x) }}", "env": {"x": {"k": ["yes", 1]}}}"#,
        r#"{"expr": "semverParse('v1.2.3').IncMinor()"}"#,
        r#"{"expr": "quote(1)"}"#,
        r#"{"expr": "now()", "now": "2026-01-31T12:00:00Z"}"#,
    ]);
    insta::assert_snapshot!(answers.join("\n"), @r##"
    {"value":3}
    {"value":"42"}
    {"value":{"a":1,"b":"\u003c"}}
    {"value":42}
    {"value":"42"}
    {"value":{"a":["2-2",9007199254740992,{"${{ n }}":"2"}]}}
    {"value":[{"a":[1]},null,true]}
    {"value":null}
    {"value":"k:\n    - \"yes\"\n    - 1\n"}
    {"value":"1.3.0"}
    {"value":"\"1\""}
    {"value":"2026-01-31T12:00:00Z"}
    "##);
}

#[test]
fn promotion_engine_4_7_errors_through_eval() {
    let answers = eval(&[
        r#"{"expr": "1 +"}"#,
        r#"{"expr": "missing.x"}"#,
        r#"{"expr": "1 / 0"}"#,
        r#"{"template": "${{ 'inf' }}"}"#,
        r#"{"template": {"a": "${{ 'nan' }}"}}"#,
        r#"{"template": "${{ 1"}"#,
        r#"{"template": {"a": "x"}, "env": {"quote": 1}}"#,
    ]);
    insta::assert_snapshot!(answers.join("\n"), @r##"
    {"error":"unexpected token EOF (1:3)\n | 1 +\n | ..^"}
    {"error":"cannot fetch x from <nil> (1:9)\n | missing.x\n | ........^"}
    {"error":"json: unsupported value: +Inf"}
    {"error":"json: unsupported value: +Inf"}
    {"error":"json: unsupported value: NaN"}
    {"error":"unclosed expression: expected \"}}\" but reached end of template"}
    {"error":"\"quote\" is a forbidden key in the environment map; it is reserved for internal use"}
    "##);
}

#[test]
fn eval_answers_every_line_and_stops_at_none() {
    let long = format!(r#"{{"expr": "1", "env": {{"x": "{}"}}}}"#, "x".repeat(33 << 20));
    let within = format!(r#"{{"expr": "len(x)", "env": {{"x": "{}"}}}}"#, "x".repeat(31 << 20));
    let deep = format!(r#"{{"expr": "x", "env": {{"x": {}1{}}}}}"#, "[".repeat(200), "]".repeat(200));
    let answers = eval(&[
        "",
        "nonsense",
        "[1]",
        "{}",
        r#"{"expr": 1}"#,
        r#"{"expr": "1", "template": "1"}"#,
        r#"{"expr": "1", "env": []}"#,
        r#"{"expr": "1", "now": "yesterday"}"#,
        &long,
        &deep,
        &within,
        r#"{"expr": "2"}"#,
    ]);
    assert_eq!(answers.len(), 12);
    let (bad, good) = answers.split_at(10);
    for answer in bad {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert!(bad[8].contains("33554432 bytes"));
    assert_eq!(good, [r#"{"value":32505856}"#, r#"{"value":2}"#]);
    assert_eq!(eval(&[]), [""; 0]);
}

#[test]
fn eval_survives_bytes_that_are_no_text() {
    let mut child =
        tool().arg("eval").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"\xff\xfe\n{\"expr\": \"1\"}\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = out(&output);
    let answers: Vec<_> = text.lines().collect();
    assert_eq!(answers.len(), 2);
    assert!(answers[0].contains("error"));
    assert_eq!(answers[1], r#"{"value":1}"#);
}

/// Requirements F2: every step that would run, its configuration as far as known, what it touches; nothing is done.
#[test]
fn a_dry_run_shows_every_step_and_does_nothing() {
    let folder = fixtures().join("../promotions");
    let arguments =
        ["dry-run", "shop.yaml", "--stage", "uat", "--freight", "modest-marlin", "--now", "2026-11-24T14:02:00Z"];
    let output = run(&arguments, &folder, "");
    assert!(output.status.success());
    insta::assert_snapshot!(out(&output), @r#"
    uat <- modest-marlin: 6 steps                                        nothing has been done
      1 task-1::step-1  git-clone      runs  reads repository https://github.com/acme/env · writes ./env
                checkout: [{"branch":"main","path":"./env"}]
                repoURL: "https://github.com/acme/env"
      2 task-1::step-2  yaml-update    runs  writes ./env/uat/values.yaml
                path: "./env/uat/values.yaml"
                updates: [{"key":"image.tag","value":"1.4.2"}]
      3 task-1::step-3  git-commit     runs  writes ./env
                message: "uat: cart"
                path: "./env"
      4 task-1::push    git-push       runs  writes ./env · acts on branch main of https://github.com/acme/env
                path: "./env"
      5 task-1::step-5  argocd-update  runs  acts on application shop-uat
                apps: [{"name":"shop-uat"}]
      6 task-1::step-6  http           runs  acts on https://chat.acme.example
                body: "${{ task.outputs.push.commit }}"
                headers: [{"name":"Authorization","value":"Bearer ${{ secret('chat').token }}"}]
                method: "POST"
                url: "https://chat.acme.example"
    "#);

    let output = run(&[&arguments[..], &["--json"]].concat(), &folder, "");
    let dry: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(dry["promotion"], "uat.01m86xt2y00000000000000000.092ae8c");
    assert_eq!(dry["steps"].as_array().unwrap().len(), 6);
    assert_eq!(dry["steps"][5]["config"]["headers"][0]["value"], "Bearer ${{ secret('chat').token }}");
    assert_eq!(dry["steps"][3]["repeat"], "Keyed");
}

#[test]
fn a_dry_run_of_what_does_not_exist_says_what_was_meant() {
    let folder = fixtures().join("../promotions");
    let output = run(&["dry-run", "shop.yaml", "--stage", "uta", "--freight", "modest-marlin"], &folder, "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "there is no Stage \"uta\"; did you mean \"uat\"?\n");
}

/// User-code 2: the answer to whether freight may go somewhere, on an export as kubectl wrote it.
#[test]
fn user_code_2_an_explanation_says_why_not_and_what_helps() {
    let folder = fixtures().join("../decisions");
    let asked = |freight: &str, now: &str, more: &[&str]| {
        let arguments = ["explain", "export.yaml", "--stage", "prod", "--freight", freight, "--now", now];
        run(&[&arguments[..], more].concat(), &folder, "")
    };
    let output = asked("modest-marlin", "2026-11-20T18:10:00Z", &[]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(out(&output), @r#"
    prod <- modest-marlin (4e1f0c9, Warehouse/cart): NOT YET
    ├─ ✗ source: needs All of [uat, perf]                                export.yaml:61
    │  ├─ ✓ uat   verified 2026-11-20 16:02Z, soaked 2h10m (needs 1h)
    │  └─ ✗ perf  not verified: latest verdict Failed, 2026-11-20 17:40Z
    │     └─ "p99 latency 612ms > 500ms"
    │        → perf verifies it again with success      (reverify perf)
    │        → or somebody approves it for prod         (approve modest-marlin for prod)
    ├─ ✗ window: Deny "black-friday" is active                           export.yaml:102
    │     → opens 2026-12-01 04:00Z
    ├─ ✓ not rejected · stage not paused
    └─ automation would also wait: hold on Warehouse/cart since 2026-11-19 by email:ana@acme.example
    earliest: after a new verdict in perf, and not before 2026-12-01 04:00Z
    "#);
    assert!(output.stderr.is_empty());

    for (freight, now, code, answer) in [
        ("humble-otter", "2026-11-20T18:10:00Z", 1, "NotYet"),
        ("humble-otter", "2026-12-01T03:59:59.999Z", 1, "NotYet"),
        ("84d9a0d", "2026-12-01T04:00:00Z", 0, "Yes"),
        ("swift-otter", "2026-12-01T04:00:00Z", 1, "No"),
        ("swift-marlin", "2026-12-01T04:00:00Z", 1, "No"),
    ] {
        let output = asked(freight, now, &["--json"]);
        assert_eq!(output.status.code(), Some(code), "{freight} {now}");
        let why: kargo_core::Why = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(format!("{:?}", why.answer()), answer, "{why}");
        assert_eq!(out(&asked(freight, now, &[])), format!("{why}\n"));
    }
}

/// Requirements F2: what a command would lead to, on the same export; a refusal says why, with exit code 1.
#[test]
fn requirements_f2_a_plan_tells_what_would_follow_and_does_nothing() {
    let folder = fixtures().join("../decisions");
    let plan = |more: &[&str]| {
        run(&[&["plan", "export.yaml", "--stage", "prod", "--now", "2026-12-01T04:00:00Z"], more].concat(), &folder, "")
    };
    let promote = ["--freight", "humble-otter", "--by", "email:ana@acme.example"];
    let output = plan(&promote);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = out(&output);
    assert!(text.starts_with("Plan Promote by email:ana@acme.example: "), "{text}");
    assert!(text.contains("nothing has been done") && text.contains("prod <- humble-otter"), "{text}");
    let json: serde_json::Value = serde_json::from_slice(&plan(&[&promote[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(json["command"], "Promote");
    assert!(
        json["events"].as_array().unwrap().iter().any(|event| event["event"].get("promotionCreated").is_some()),
        "{json}"
    );

    let refused = plan(&["--freight", "swift-otter"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(out(&refused).starts_with("refused: prod <- swift-otter"), "{}", out(&refused));
    let json: serde_json::Value =
        serde_json::from_slice(&plan(&["--freight", "swift-otter", "--json"]).stdout).unwrap();
    assert_eq!(json["refused"], "prod <- swift-otter");
    assert!(out(&plan(&["--command", "pause"])).starts_with("Plan Pause by "));
    assert_eq!(plan(&["--command", "approve"]).status.code(), Some(2), "which freight is not said");
    assert_eq!(plan(&["--freight", "swift-otter", "--now", "soon"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_answered_is_told_apart_from_no() {
    let folder = fixtures().join("../decisions");
    for (arguments, said) in [
        (vec!["export.yaml", "--stage", "prod", "--freight", "x", "--now", "noon"], "--now: "),
        (vec!["export.yaml", "--stage", "prdo"], "there is no Stage \"prdo\"; did you mean \"prod\"?"),
        (
            vec!["export.yaml", "--stage", "prod", "--after", "modest-merlin"],
            "--after: there is no Freight \"modest-merlin\"",
        ),
        (vec!["nowhere.yaml", "--stage", "prod"], ""),
        (vec!["export.yaml"], "--stage"),
        (vec!["export.yaml", "--stage", "prod", "--freight", "x", "--limit", "3"], "--limit"),
    ] {
        let output = run(&[&["explain"], &arguments[..]].concat(), &folder, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(said) && !error.is_empty() && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
    // A project that has nothing of that name.
    let arguments = ["explain", "export.yaml", "--stage", "prod", "--freight", "modest-marlin", "--project", "bank"];
    assert_eq!(out(&run(&arguments, &folder, "")), "no: there is no Stage \"prod\"\n");
}

#[test]
fn what_is_eligible_is_listed_page_by_page() {
    let folder = fixtures().join("../decisions");
    let now = ["--now", "2026-12-01T04:00:00Z"];
    let list = |stage: &str, more: &[&str]| {
        let output = run(&[&["explain", "export.yaml", "--stage", stage], &now[..], more].concat(), &folder, "");
        assert!(output.status.success());
        out(&output)
    };
    insta::assert_snapshot!(list("uat", &[]), @"
    modest-marlin  4e1f0c9  Warehouse/cart  2026-11-20 15:55Z  it is there
    humble-otter  84d9a0d  Warehouse/cart  2026-11-18 09:00Z
    swift-otter  9cb63e7  Warehouse/cart  2026-11-17 11:30Z
    ");
    assert_eq!(list("uat", &["--limit", "0"]), "");
    insta::assert_snapshot!(list("prod", &["--json"]), @r#"
    {"alias":"humble-otter","discoveredAt":"2026-11-18T09:00:00Z","isThere":true,"mayGo":true,"name":"84d9a0d81714243ecd236c670da11c7259af9059","origin":"Warehouse/cart"}
    {"alias":"swift-otter","discoveredAt":"2026-11-17T11:30:00Z","isThere":false,"mayGo":false,"name":"9cb63e7cb3ac2465cb4958883fda69a3de9aa09b","origin":"Warehouse/cart"}
    "#);

    // Several origins as one list, whatever the page.
    let mut text = String::new();
    for (index, origin) in ["cart", "web", "cart", "web", "web"].into_iter().enumerate() {
        text.push_str(&format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ name: {index}84d9a0d81714243ecd236c670da11c7259af905, namespace: shop, uid: u{index} }}\nalias: f{index}\ndiscoveredAt: 2026-11-2{index}T10:00:00Z\norigin: {{ kind: Warehouse, name: {origin} }}\nimages: [{{ repoURL: ghcr.io/acme/{origin}, tag: 1.0.{index} }}]\n---\n"
        ));
    }
    text.push_str(
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: prod, namespace: shop }\nspec:\n  requestedFreight:\n  - { origin: { kind: Warehouse, name: cart }, sources: { direct: true } }\n  - { origin: { kind: Warehouse, name: web }, sources: { direct: true } }\n",
    );
    let folder = folder_with("shop.yaml", &text);
    let page = |more: &[&str]| -> Vec<String> {
        let output = run(&[&["explain", "shop.yaml", "--stage", "prod"], more].concat(), folder.path(), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        out(&output).lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    };
    assert_eq!(page(&[]), ["f4", "f3", "f2", "f1", "f0"]);
    assert_eq!(page(&["--limit", "2"]), ["f4", "f3"]);
    assert_eq!(page(&["--limit", "2", "--after", "f3"]), ["f2", "f1"]);
    assert_eq!(page(&["--limit", "2", "--after", "f1"]), ["f0"]);
    assert_eq!(page(&["--after", "f0"]).len(), 0);
}

const RECORDED: &str = include_str!("../../kargo-core/tests/fixtures/semver-cases.json");

/// What a recorded row says of the answer, in the form of `got`.
fn recorded(row: &serde_json::Map<String, Json>) -> Json {
    let fields = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), row[*name].clone())).collect::<Json>();
    if let Some(want) = row.get("want") {
        want.clone()
    } else if let Some(error) = ["error", "constraint_error"].into_iter().find(|error| row.contains_key(*error)) {
        fields(&[error])
    } else {
        fields(&["major", "minor", "patch", "pre", "meta", "original", "string"])
    }
}

#[test]
fn discovery_2_11_every_recorded_row_through_constraint() {
    let rows: Vec<serde_json::Map<String, Json>> = serde_json::from_str(RECORDED).unwrap();
    let input: String = rows.iter().map(|row| format!("{}\n", Json::Object(row.clone()))).collect();
    let text = out(&run(&["constraint"], Path::new("."), &input));
    assert_eq!(text.lines().count(), 3_168);
    for (row, line) in rows.iter().zip(text.lines()) {
        let answered: serde_json::Map<String, Json> = serde_json::from_str(line).unwrap();
        assert!(row.iter().all(|(key, value)| answered[key] == *value), "{line}");
        assert_eq!(answered["got"], recorded(row), "{line}");
    }
}

#[test]
fn constraint_answers_every_line_and_says_what_a_line_is() {
    let input =
        "{\"op\": \"check\", \"constraint\": \"latest\", \"version\": \"1\", \"row\": 7}\n[]\n{\"op\": \"sum\"}\n";
    let text = out(&run(&["constraint"], Path::new("."), input));
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["got"], serde_json::json!({ "constraint_error": true }));
    assert_eq!(lines[0]["row"], 7);
    assert!(lines[0]["reason"].as_str().unwrap().contains("latest"));
    for line in &lines[1..] {
        assert!(line["error"].as_str().unwrap().contains("a line must be {\"op\": \"check\""), "{line}");
    }
}
