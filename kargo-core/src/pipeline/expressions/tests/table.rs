//! Steps of a Stage and what the check says of them, each with the section that says so.

use crate::{Manifests, model::Diagnostic, pipeline::Pipeline};

pub(super) const BEFORE: &str = r#"apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec:
  subscriptions:
  - image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }
  - git: { repoURL: "https://github.com/acme/cart.git" }
  - chart: { repoURL: "https://charts.acme.dev", name: cart, semverConstraint: ^1.0.0 }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: base, namespace: shop }
spec:
  subscriptions:
  - image: { repoURL: ghcr.io/acme/base, constraint: ^1.0.0 }
  - image: { repoURL: ghcr.io/acme/shared, constraint: ^1.0.0 }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: twin, namespace: shop }
spec:
  subscriptions:
  - image: { repoURL: ghcr.io/acme/shared, constraint: ^1.0.0 }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight:
  - origin: { kind: Warehouse, name: cart }
    sources: { direct: true }
  - origin: { kind: Warehouse, name: base }
    sources: { direct: true }
  - origin: { kind: Warehouse, name: twin }
    sources: { direct: true }
"#;

/// `<severity>[<code>] <what is marked>: <message> | <label> | <mark>=<label> | help: ... | note: ...`
fn line(one: &Diagnostic) -> String {
    let at = one.location().unwrap();
    let cut = |from: u32, to: u32| {
        let text: Vec<char> = at.snippet.text().chars().collect();
        let range = at.snippet.offset_of(from)..at.snippet.offset_of(to).min(text.len());
        text.get(range).unwrap_or_default().iter().collect::<String>()
    };
    let mut parts = vec![
        format!("{}[{}] {}: {}", one.severity(), one.code(), cut(at.span.column, at.span.end_column), one.message()),
        one.label().to_owned(),
    ];
    parts.extend(
        one.marks().iter().map(|mark| format!("{}={}", cut(mark.span.column, mark.span.end_column), mark.label)),
    );
    parts.extend(one.helps().iter().map(|help| format!("help: {help}")));
    parts.extend(one.notes().iter().map(|note| format!("note: {note}")));
    parts.retain(|part| !part.is_empty());
    parts.join(" | ")
}

pub(super) fn found(text: &str) -> Vec<String> {
    let manifests = Manifests::parse("shop.yaml", text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    let (pipeline, found) = Pipeline::check(&manifests, "shop");
    assert_eq!(pipeline.is_some(), !found.has_errors());
    found.iter().filter(|one| one.code().as_str() >= "K04").map(line).collect()
}

/// A Stage with this text in its spec, and documents after it.
pub(super) fn of_stage(spec: &str) -> Vec<String> {
    found(&format!("{BEFORE}{spec}\n"))
}

/// A Stage whose steps are `first`, this one, and `later`.
fn of_step(step: &str) -> Vec<String> {
    of_stage(&format!(
        "  vars: [{{ name: region, value: eu }}]\n  promotionTemplate:\n    spec:\n      steps:\n      - {{ uses: fetch, as: first }}\n      \
         - uses: act\n        as: mine\n        {step}\n      - {{ uses: fetch, as: later }}"
    ))
}

/// Runs a table and shows all differences at once.
pub(super) fn compare(cases: &[(&str, Vec<String>, &[&str])]) {
    let mut wrong = String::new();
    for (name, got, wanted) in cases {
        if got != wanted {
            wrong.push_str(&format!("CASE {name:?}\n"));
            wanted.iter().for_each(|line| wrong.push_str(&format!("WANTED {line:?}\n")));
            got.iter().for_each(|line| wrong.push_str(&format!("GOT {line:?}\n")));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn steps(cases: &[(&str, &[&str])]) {
    let cases: Vec<_> = cases.iter().map(|(step, wanted)| (*step, of_step(step), *wanted)).collect();
    compare(&cases);
}

#[test]
fn user_code_14_a_type_error_in_an_expression() {
    let text = r#"# deploy/shop.yaml
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight:
  - origin: { kind: Warehouse, name: cart }
    sources: { direct: true }
  promotionTemplate: { spec: { steps: [{ task: { name: ship } }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight:
  - origin: { kind: Warehouse, name: cart }
    sources: { stages: [uat] }
  promotionTemplate: { spec: { steps: [{ task: { name: ship } }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: { name: ship, namespace: shop }
spec:
  steps:
  - uses: git-clone
    config: { repoURL: "https://github.com/acme/env", checkout: [{ branch: main, path: ./env }] }
  - uses: yaml-update
    config:
      path: "./env/${{ ctx.stage }}/values.yaml"
      updates:
      - key: image.tag
        value: "${{ imageFrom('ghcr.io/acme/cart').Tag }}"
  - uses: git-commit
    # only for the second generation

    if: ${{ semverParse(imageFrom('ghcr.io/acme/cart').Tag).Major() == "2" }}
    config: { path: ./env }
"#;
    let found = Pipeline::from_manifests(&Manifests::parse("deploy/shop.yaml", text).unwrap()).unwrap_err();
    assert_eq!(
        found.to_string().trim_end(),
        r#"error[K0403]: invalid operation: == (mismatched types uint64 and string)
  --> deploy/shop.yaml:41:69
   |
41 |     if: ${{ semverParse(imageFrom('ghcr.io/acme/cart').Tag).Major() == "2" }}
   |             ------------------------------------------------------- ^^ --- string
   |             uint64
   = help: write 2 without quotes
   = note: used by Stage uat and Stage prod through PromotionTask ship, step 3"#
    );
}

#[test]
fn promotion_engine_4_1_6_what_cannot_be_read() {
    steps(&[
        ("config: { a: \"${{ 1 + }}\" }", &["error[K0401]  : unexpected token EOF"]),
        (
            "config: { a: \"x ${{ ctx.stage \" }",
            &[
                "error[K0401] ${{: unclosed expression: expected \"}}\" but reached end of template | opened here | help: close the expression with }}",
            ],
        ),
        (
            "config: { a: \"${{ {k: {v: 1}}.k }}\" }",
            &[
                "error[K0401] 1: unexpected token EOF | help: the first }} ends an expression: write ${% ... %} around one that has }} in it",
            ],
        ),
        ("config: { a: \"${% {k: {v: 1}}.k %} ${% 1 + %}\" }", &["error[K0401]  : unexpected token EOF"]),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/cart').tag }}\" }",
            &[
                "error[K0403] tag: type v1alpha1.Image has no field tag | help: did you mean Tag? (there are RepoURL, Tag, Digest, Annotations, SubscriptionName)",
            ],
        ),
        (
            "config: { a: \"${{ imageFrom() }}\" }",
            &[
                "error[K0404] imageFrom: not enough arguments to call imageFrom | help: it is called as imageFrom(repoURL[, origin])",
            ],
        ),
        (
            "config: { a: [{ b: \"${{ 'a' matches '[' }}\" }] }",
            &["error[K0401] matches: error parsing regexp: found a `[` that is never closed at byte 0: `[`"],
        ),
        (
            "config: { a: \"\\\"${{ ctx.stage == 1 + 'x' }}\" }",
            &[
                "error[K0403] \"\\\"${{ ctx.stage == 1 + 'x' }}\": invalid operation: + (mismatched types int and string) | note: at the mark in line 1 of the text: \"${{ ctx.stage == 1 »+ 'x' }}«",
            ],
        ),
        (
            "config:\n          a: |\n            one\n            ${{ [1] + 1 }}",
            &[
                "error[K0403] +: invalid operation: + (mismatched types []interface {} and int) | [1]=[]interface {} | 1=int",
            ],
        ),
    ]);
}

#[test]
fn promotion_engine_5_functions_that_do_not_exist_here() {
    steps(&[
        (
            "config: { a: \"${{ imageFrm('x') }}\" }",
            &[
                "error[K0402] imageFrm: there is no function imageFrm() | no such function | help: did you mean imageFrom()?",
            ],
        ),
        (
            "config: { a: \"${{ ctx.stage == 'uat' ? notify('x') : 1 }}\" }",
            &["warning[K0402] notify: there is no function notify() | no such function"],
        ),
        (
            "vars: [{ name: v, value: \"${{ success() }}\" }]",
            &[
                "error[K0402] success: success() does not exist in variables and arguments | not known here | help: only `if` and `config` of steps know how steps went",
            ],
        ),
        (
            "config: { a: \"${{ slot('x') }}\" }",
            &["error[K0402] slot: slot() does not exist in steps | not known here"],
        ),
        ("config: { a: \"${{ warehouse('') }}\" }", &["error[K0404] '': warehouse(): name must not be empty"]),
    ]);
}

#[test]
fn promotion_engine_4_6_names() {
    steps(&[
        (
            "config: { a: \"${{ ctx.targetFreight.nme }}\" }",
            &[
                "warning[K0408] nme: ctx.targetFreight.nme is nil: ctx has no such field | help: did you mean \"name\"? (fields here: alias, name, origin)",
            ],
        ),
        (
            "config: { a: \"${{ ctx.freight.name }}\" }",
            &[
                "error[K0405] freight: ctx.freight is always nil, so its member cannot be taken: ctx has no such field | always nil | help: fields here: meta, project, promotion, stage, targetFreight, targetFreights, uiBaseUrl",
            ],
        ),
        (
            "config: { a: \"${{ ctx.freight?.name }}\" }",
            &[
                "warning[K0408] freight: ctx.freight is nil: ctx has no such field | help: fields here: meta, project, promotion, stage, targetFreight, targetFreights, uiBaseUrl",
            ],
        ),
        (
            "config: { a: \"${{ ctx.stage.name }}\" }",
            &["error[K0405] name: ctx.stage is a text, which has no member name"],
        ),
        (
            "config: { a: \"${{ cxt.stage }} ${{ freight }} ${{ $env.stage }}\" }",
            &[
                "error[K0405] cxt: cxt is not known here, so it is nil and its member cannot be taken | always nil | help: did you mean \"ctx\"? (names here: ctx, outputs, vars)",
                "warning[K0408] freight: freight is not known here, so it is nil | not known | help: names here: ctx, outputs, vars",
                "warning[K0408] stage: stage is not known here, so it is nil | not known | help: names here: ctx, outputs, vars",
            ],
        ),
        (
            "config: { a: \"${{ vars.regoin }} ${{ vars.regoin.x }} ${{ vars.region }}\" }",
            &[
                "warning[K0408] regoin: vars.regoin is nil: no variable of this name is defined before | help: did you mean \"region\"? (variables here: region)",
                "warning[K0408] regoin: vars.regoin is nil: no variable of this name is defined before | help: did you mean \"region\"? (variables here: region)",
            ],
        ),
        (
            "config: { a: \"${{ target.params.a }} ${{ target?.params.a }} ${{ target }}\" }",
            &[
                "error[K0405] target: target is always nil, so its member cannot be taken: the Stage has no targets | always nil",
            ],
        ),
        (
            "config: { a: \"${{ task.outputs.first }}\" }",
            &[
                "error[K0405] task: task is always nil, so its member cannot be taken: this step is not in a task | always nil",
            ],
        ),
        (
            "config: { a: \"${{ let v = ctx.nope; v.x }} ${{ map([1], ctx.nope.x) }}\" }",
            &[
                "warning[K0408] nope: ctx.nope is nil: ctx has no such field | help: fields here: meta, project, promotion, stage, targetFreight, targetFreights, uiBaseUrl",
                "warning[K0405] nope: ctx.nope is always nil, so its member cannot be taken: ctx has no such field | always nil | help: fields here: meta, project, promotion, stage, targetFreight, targetFreights, uiBaseUrl",
            ],
        ),
    ]);
}

#[test]
fn promotion_engine_1_3_1_10_aliases() {
    steps(&[
        ("config: { a: \"${{ outputs.first.x }}\" }", &[]),
        (
            "config: { a: \"${{ outputs.frist.x }}\" }",
            &[
                "error[K0409] frist: outputs.frist is always nil, so its member cannot be taken: no earlier step has this alias | always nil | help: did you mean \"first\"? (earlier steps here: first)",
            ],
        ),
        (
            "config: { a: \"${{ outputs.later?.x }}\" }",
            &[
                "warning[K0409] later: outputs.later is nil: no earlier step has this alias | help: earlier steps here: first",
            ],
        ),
        (
            "config: { a: \"${{ outputs['ship::push'].x }}\" }",
            &[
                "error[K0409] 'ship::push': outputs[\"ship::push\"] is always nil, so its member cannot be taken: no earlier step has this alias | always nil | help: earlier steps here: first",
            ],
        ),
        ("if: \"${{ status('first') == 'Succeeded' }}\"", &[]),
        (
            "if: \"${{ status('later') == 'Failure' }}\"",
            &[
                "warning[K0409] 'later': status(\"later\") is always the empty text: no earlier step has this alias | help: earlier steps here: first, mine",
                "warning[K0412] ==: status() is never \"Failure\" | always the same result | help: answers here: Succeeded, Skipped, Running, Aborted, Failed, Errored",
            ],
        ),
        (
            "if: \"${{ status('ship::push') == 'Failed' }}\"",
            &[
                "warning[K0409] 'ship::push': status(\"ship::push\") is always the empty text: the steps inside of a task cannot be asked | help: earlier steps here: first, mine",
            ],
        ),
    ]);
}

#[test]
fn promotion_engine_1_11_conditions() {
    steps(&[
        (
            "if: success()",
            &[
                "error[K0406] success(): this is never a truth value, but a text | no expression | help: write ${{ success() }}",
            ],
        ),
        (
            "if: \"${{ success() }} && ${{ always() }}\"",
            &[
                "error[K0406] ${{ success() }} && ${{ always() }}: this is never a truth value, but a text | text and expressions make a text | help: put the whole condition into one ${{ }}",
            ],
        ),
        ("if: \"${{ 1 + 1 }}\"", &["error[K0406] ${{ 1 + 1 }}: this is never a truth value, but the number 2"]),
        ("if: \"${{ 'yes' }}\"", &["error[K0406] ${{ 'yes' }}: this is never a truth value, but the text \"yes\""]),
        ("if: \"${{ 't' }}\"", &[]),
        (
            "if: \"${{ quote(true) }}\"",
            &["error[K0406] quote(true): this is never a truth value, but the text that quote() makes"],
        ),
        (
            "if: \"${{ imageFrom('ghcr.io/acme/cart') }}\"",
            &["error[K0406] imageFrom('ghcr.io/acme/cart'): this is never a truth value, but of type v1alpha1.Image"],
        ),
        ("if: \"${{ imageFrom('ghcr.io/acme/cart').Tag }}\"", &[]),
        (
            "if: \"${{ ctx.meta.promotion.rollback == 'true' }}\"",
            &[
                "warning[K0412] ==: ctx.meta.promotion.rollback is a truth value, which is never equal to a text | always the same result | help: write true without quotes",
            ],
        ),
        (
            "if: \"${{ ctx.stage == 1 }}\"",
            &[
                "warning[K0412] ==: ctx.stage is a text, which is never equal to a number | always the same result | help: write \"1\", with quotes",
            ],
        ),
        (
            "if: \"${{ semverDiff('1.0.0', vars.region) == 'major' }}\"",
            &[
                "warning[K0412] ==: semverDiff() is never \"major\" | always the same result | help: did you mean \"Major\"? (answers here: Major, Minor, Patch, Metadata, None, Incomparable)",
            ],
        ),
    ]);
}

#[test]
fn promotion_engine_5_3_artifacts() {
    steps(&[
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/cart').Tag }} ${{ commitFrom('https://github.com/ACME/cart').ID }}\" }",
            &[],
        ),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/catr').Tag }}\" }",
            &[
                "warning[K0410] 'ghcr.io/acme/catr': no requested Warehouse subscribes to image ghcr.io/acme/catr | the result is nil | help: did you mean \"ghcr.io/acme/cart\"? (subscriptions here: ghcr.io/acme/base, ghcr.io/acme/shared, ghcr.io/acme/cart)",
            ],
        ),
        ("config: { a: \"${{ imageFrom('ghcr.io/acme/catr')?.Tag ?? '' }}\" }", &[]),
        (
            "config: { a: \"${{ imageFrom('GHCR.io/acme/cart').Tag }}\" }",
            &[
                "warning[K0410] 'GHCR.io/acme/cart': no requested Warehouse subscribes to image GHCR.io/acme/cart | the result is nil | help: Warehouse cart spells it \"ghcr.io/acme/cart\", and imageFrom compares letter by letter",
            ],
        ),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/shared').Tag }}\" }",
            &[
                "error[K0411] 'ghcr.io/acme/shared': imageFrom cannot tell which image of ghcr.io/acme/shared is meant: 2 subscriptions bring one | brought by Warehouse base and twin | help: name the origin as last argument: warehouse(\"base\")",
            ],
        ),
        ("config: { a: \"${{ imageFrom('ghcr.io/acme/shared', warehouse('twin')).Tag }}\" }", &[]),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/cart', warehouse('twin')).Tag }}\" }",
            &[
                "warning[K0410] 'ghcr.io/acme/cart': Warehouse twin does not subscribe to image ghcr.io/acme/cart | the result is nil | help: did you mean \"ghcr.io/acme/shared\"? (subscriptions here: ghcr.io/acme/shared)",
            ],
        ),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/cart', warehouse('crat')).Tag }}\" }",
            &[
                "warning[K0410] 'crat': freight of Warehouse \"crat\" is not requested, so nothing is found from it | not requested | help: did you mean \"cart\"? (Warehouses here: base, cart, twin)",
            ],
        ),
        (
            "config: { a: \"${{ chartFrom('https://charts.acme.dev').Version }}\" }",
            &[
                "warning[K0410] 'https://charts.acme.dev': no requested Warehouse subscribes to chart https://charts.acme.dev | the step will fail | help: charts subscribed to in this repository: cart",
            ],
        ),
        ("config: { a: \"${{ chartFrom('https://charts.acme.dev', 'cart').Version }}\" }", &[]),
        (
            "config: { a: \"${{ chartFrom('https://charts.acme.dev', warehouse('cart')).Version }}\" }",
            &[
                "warning[K0410] 'https://charts.acme.dev': Warehouse cart does not subscribe to chart https://charts.acme.dev | the result is nil | help: charts subscribed to in this repository: cart",
            ],
        ),
        (
            "config: { a: \"${{ artifactFrom('model').Version }}\" }",
            &["warning[K0410] 'model': no requested Warehouse subscribes to artifact model | the result is nil"],
        ),
        ("config: { a: \"${{ imageFrom('ghcr.io/' + vars.region).Tag }}\" }", &[]),
    ]);
}
