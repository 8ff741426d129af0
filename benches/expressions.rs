//! Reading and running expressions as promotion templates have them.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{collections::BTreeMap, hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group};
use kargo_benches::table::{self, Row};
use kargo_core::expr::{Entries, Env, Functions, HostObject, HostType, Problem, Program, Sealed, Type, Value};
use serde_json::json;

static IMAGE: HostType = HostType {
    name: "v1alpha1.Image",
    by_reference: false,
    fields: &[("RepoURL", Type::Text), ("Tag", Type::Text), ("Digest", Type::Text)],
    methods: &[],
};

#[derive(Debug)]
struct Image {
    tag: Value,
}

impl HostObject for Image {
    fn type_name(&self) -> &str {
        IMAGE.name
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Tag").then(|| self.tag.clone())
    }

    fn call(&self, _: &str, _: &[Value]) -> Option<Result<Value, Problem>> {
        None
    }

    fn to_json(&self) -> serde_json::Value {
        json!({ "tag": self.tag.as_text() })
    }
}

fn functions() -> Functions {
    let image: Arc<dyn HostObject> = Arc::new(Image { tag: Value::text("1.4.2") });
    let mut functions = Functions::new();
    functions.add("imageFrom", &[Type::Text, Type::Any], 1, Type::Host(&IMAGE), move |call| {
        call.text(0)?;
        Ok(Value::Host(Arc::clone(&image)))
    });
    functions
}

fn env() -> Env {
    let names = json!({
        "ctx": {"project": "shop", "stage": "uat", "promotion": "uat.01kdn3v0w1", "meta": {"step": {"alias": "push"}}},
        "vars": {"gitRepo": "https://github.com/acme/env.git", "region": "eu-1", "replicas": 3, "apps": ["cart", "pay", "web"]},
        "outputs": {"push": {"commit": "9c1d77e0", "branch": "main"}, "update": {"commitMessage": "Updated image"}},
    });
    let names = Value::from_json(&names).unwrap_or_default();
    let mut env = names.as_map().map(Entries::to_env).unwrap_or_default();
    let token = Sealed::new("Bearer ${{ secret('reg').token }}", &BTreeMap::new(), Default::default(), Vec::new());
    env.insert("header".to_owned(), token.map_or(Value::Null, Value::from));
    env
}

/// What is measured: a name, and the expression.
const EXPRESSIONS: [(&str, &str); 6] = [
    ("member", "vars.gitRepo"),
    ("image_tag", r#"imageFrom("ghcr.io/acme/cart").Tag"#),
    ("condition", r#"ctx.stage == "uat" && outputs.push.commit != nil"#),
    ("message", r#"ctx.stage + ": cart " + imageFrom("ghcr.io/acme/cart").Tag"#),
    ("default", r#"vars?.limits?.memory ?? "512Mi""#),
    ("filter", r#"vars.apps | filter(# startsWith "c") | map(upper(#)) | join(",")"#),
];

fn compile(c: &mut Criterion) {
    let functions = functions();
    let mut group = c.benchmark_group("expr_compile");
    for (name, source) in EXPRESSIONS {
        group.bench_function(name, |b| b.iter(|| Program::compile(black_box(source), &functions)));
    }
    group.finish();
}

fn run(c: &mut Criterion) {
    let (functions, env) = (functions(), env());
    let mut group = c.benchmark_group("expr_run");
    for (name, source) in EXPRESSIONS {
        let Ok(program) = Program::compile(source, &functions) else { continue };
        if let Err(error) = program.run(&env, Default::default()) {
            println!("expr_run/{name} fails: {error}");
        }
        group.bench_function(name, |b| b.iter(|| program.run(black_box(&env), Default::default())));
    }
    group.finish();
}

fn seal(c: &mut Criterion) {
    let (functions, env) = (functions(), env());
    let mut group = c.benchmark_group("expr_seal");
    if let Ok(program) = Program::compile("{Authorization: header, branch: outputs.push.branch}", &functions) {
        group.bench_function("run", |b| b.iter(|| program.run(black_box(&env), Default::default())));
    }
    if let Ok(program) = Program::compile(r#"header + outputs.push.branch + vars["region"]"#, &functions) {
        group.bench_function("prune", |b| b.iter(|| program.reads().prune(black_box(&env))));
    }
    group.finish();
}

criterion_group!(benches, compile, run, seal);

const READ: Option<Duration> = Some(Duration::from_micros(15));
const RUN: Option<Duration> = Some(Duration::from_micros(1));

const ROWS: [Row; 14] = [
    Row { id: "expr_compile/member", what: "read `vars.gitRepo`", budget: READ },
    Row { id: "expr_compile/image_tag", what: "read `imageFrom(..).Tag`", budget: READ },
    Row { id: "expr_compile/condition", what: "read a condition with two comparisons", budget: READ },
    Row { id: "expr_compile/message", what: "read a text of three parts", budget: READ },
    Row { id: "expr_compile/default", what: "read `vars?.limits?.memory ?? ..`", budget: READ },
    Row { id: "expr_compile/filter", what: "read filter, map and join over a list", budget: READ },
    Row { id: "expr_run/member", what: "run `vars.gitRepo`", budget: RUN },
    Row { id: "expr_run/image_tag", what: "run `imageFrom(..).Tag`", budget: RUN },
    Row { id: "expr_run/condition", what: "run a condition with two comparisons", budget: RUN },
    Row { id: "expr_run/message", what: "run a text of three parts", budget: RUN },
    Row { id: "expr_run/default", what: "run `vars?.limits?.memory ?? ..`", budget: RUN },
    Row { id: "expr_run/filter", what: "run filter, map and join over a list of three", budget: None },
    Row { id: "expr_seal/run", what: "run a map literal with a sealed value in it", budget: RUN },
    Row { id: "expr_seal/prune", what: "what a program reads, and the environment cut to it", budget: None },
];

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    println!("\n{}", table::render(&ROWS));
}
