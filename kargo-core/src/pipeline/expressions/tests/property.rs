//! What the check calls an error fails in each run.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    Timestamp,
    expr::{
        Env, Functions, Template, Value,
        kargo::{self, Answer, Group},
    },
    model::{Image, PromotionStep, Severity, StagePolicy},
    pipeline::{Pipeline, sample::Shop},
};

const LEAVES: &[&str] = &[
    "1",
    "'a'",
    "true",
    "nil",
    "[]",
    "ctx.stage",
    "ctx.stage.x",
    "ctx.nope",
    "ctx.nope.x",
    "ctx.nope?.x",
    "ctx['nope']['x']",
    "ctx.meta.promotion.rollback",
    "vars.region",
    "vars.nope.x",
    "outputs.first.x",
    "outputs.first?.x",
    "outputs.later.x",
    "outputs.later?.x.y",
    "outputs.later",
    "target.params",
    "target?.params.x",
    "target",
    "foo",
    "foo.x",
    "foo?.x.y",
    "$env.foo.x",
    "$env?.foo?.x",
    "task.outputs",
    "imageFrom('a').Tag",
    "imageFrom('a')?.Tag",
    "imageFrom('a').tag",
    "success()",
    "status('first')",
    "status('')",
    "nope()",
    "semverDiff('1', '2')",
    "secret('x').k",
];

const FORMS: &[&str] = &[
    "(A == B)",
    "(A != B)",
    "(A and B)",
    "(A or B)",
    "(A ?? B)",
    "(A + B)",
    "(A < B)",
    "(A < B < 3)",
    "(A in B)",
    "(A contains B)",
    "(A ? B : 'c')",
    "(A ?: B)",
    "(if A { B } else { true })",
    "(not A)",
    "len(A)",
    "string(A)",
    "quote(A)",
    "filter([1], A)",
    "any([], A)",
    "map(A, B)",
    "(let v = A; B)",
    "[A, B]",
    "(A).x",
    "(A)?.x",
    "(A)?.[B]",
    "(A; B)",
];

const TEXTS: &[&str] = &["${{ A }}", "${{ A }}", "${{ A }}", "${{ A }}${{ B }}", "x ${{ A }}", "${{ A", "A"];

fn filled(form: &str, a: &str, b: &str) -> String {
    form.replace('A', "\u{1}").replace('B', b).replace('\u{1}', a)
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 2, |inner| {
        (prop::sample::select(FORMS), inner.clone(), inner).prop_map(|(form, a, b)| filled(form, &a, &b))
    })
}

fn condition() -> impl Strategy<Value = String> {
    (prop::sample::select(TEXTS), expression(), expression()).prop_map(|(form, a, b)| filled(form, &a, &b))
}

/// Whatever a step may have put out.
fn output() -> impl Strategy<Value = Option<serde_json::Value>> {
    use serde_json::json;
    prop::sample::select(vec![
        None,
        Some(json!({})),
        Some(json!({"x": true})),
        Some(json!({"x": "a"})),
        Some(json!({"x": {"y": 1}})),
        Some(json!({"x": [1, "a", true]})),
    ])
}

#[derive(Clone, Debug)]
struct World {
    output: Option<serde_json::Value>,
    image: bool,
    rollback: bool,
    status: &'static str,
}

fn world() -> impl Strategy<Value = World> {
    let status = prop::sample::select(vec!["Succeeded", "Failed", "Skipped", ""]);
    (output(), any::<bool>(), any::<bool>(), status).prop_map(|(output, image, rollback, status)| World {
        output,
        image,
        rollback,
        status,
    })
}

/// Whether a step with this condition gets to run or to be skipped.
fn works(text: &str, world: &World) -> bool {
    let mut functions = Functions::new();
    kargo::declare(&mut functions, Group::STEP);
    let image = Answer::Image(Image { tag: "1.2.3".into(), ..Image::default() });
    let image = if world.image { image } else { Answer::none() };
    functions.answer("imageFrom", move |_| image.value());
    functions.answer("secret", |_| Ok(Value::text_map([("k".to_owned(), "true".to_owned())])));
    functions.answer("success", |_| Ok(Value::Bool(true)));
    functions.answer("semverDiff", |_| Ok(Value::from("Major")));
    functions.answer("quote", |call| Ok(Value::text(format!("\"{}\"", call.argument(0)))));
    let status = world.status;
    functions.answer("status", move |call| match call.text(0)? {
        "" => Err(crate::expr::Problem::function("argument must not be empty")),
        _ => Ok(Value::from(status)),
    });
    let mut outputs = serde_json::Map::new();
    outputs.extend(world.output.clone().map(|output| ("first".to_owned(), output)));
    let names = BTreeMap::from([
        ("ctx", serde_json::json!({"stage": "uat", "meta": {"promotion": {"rollback": world.rollback}}})),
        ("vars", serde_json::json!({"region": "eu"})),
        ("outputs", outputs.into()),
    ]);
    let env: Env = names.iter().map(|(name, json)| ((*name).to_owned(), Value::from_json(json).unwrap())).collect();
    let value = Template::new(text, &functions).run(&env, Timestamp::default());
    value.is_ok_and(|value| value.as_bool().is_some())
}

/// The errors that the check finds in a condition of the second step of three.
fn errors(text: &str) -> Vec<String> {
    let step = |alias: &str, condition: Option<&str>| PromotionStep {
        uses: Some("fetch".into()),
        alias: Some(alias.into()),
        if_: condition.map(str::to_owned),
        ..PromotionStep::default()
    };
    let steps = vec![step("first", None), step("second", Some(text)), step("later", None)];
    let mut shop = Shop::new().warehouse("cart").stage("uat", &[("cart", "direct")]).with_steps(steps);
    let variable = crate::model::Variable { name: "region".into(), value: Some("eu".into()) };
    shop.stages[0].spec.vars.push(variable);
    shop.policies.push(StagePolicy { metadata: crate::pipeline::sample::meta("uat"), ..StagePolicy::default() });
    let (_, found) = Pipeline::check(&shop.manifests(), "shop");
    found.iter().filter(|one| one.severity() == Severity::Error).map(ToString::to_string).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn rules_17_what_is_called_an_error_fails_in_each_run(text in condition(), worlds in prop::collection::vec(world(), 8)) {
        let errors = errors(&text);
        if !errors.is_empty() {
            for world in &worlds {
                prop_assert!(!works(&text, world), "{text} works in {world:?}, but: {errors:?}");
            }
        }
    }
}

/// The strategy makes both kinds.
#[test]
fn rules_17_conditions_that_work_are_among_those_tried() {
    let world = World { output: Some(serde_json::json!({"x": true})), image: true, rollback: false, status: "Failed" };
    for text in ["${{ outputs.first.x }}", "${{ ctx.nope?.x == nil }}", "${{ outputs.first.x ?: target.params }}"] {
        assert!(works(text, &world), "{text}");
        assert_eq!(errors(text), [""; 0], "{text}");
    }
    for text in
        ["${{ ctx.nope.x }}", "${{ target.params.x == 1 }}", "${{ foo.x or success() }}", "success()", "${{ nope() }}"]
    {
        assert!(!works(text, &world), "{text}");
        assert_eq!(errors(text).len(), 1, "{text}");
    }
}
