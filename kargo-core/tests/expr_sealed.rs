//! Rules 2: what depends on something unknown is evaluated later, with the very same result.
#![expect(
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "the worlds are there; the stack of a thread is tested"
)]

use std::{collections::BTreeMap, thread};

use chrono::{DateTime, Utc};
use kargo_core::expr::{Answer, Call, Env, Functions, Host, Problem, Program, Sealed, Type, Unresolved, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Secrets by name, as far as they are known.
#[derive(Clone, Default)]
struct Secrets(BTreeMap<String, BTreeMap<String, String>>);

impl Host for Secrets {
    fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem> {
        let name = call.text(0)?;
        let entries = self.0.get(name).ok_or_else(|| Problem::unresolved(function, name))?;
        Ok(Value::text_map(entries.clone()))
    }
}

fn functions() -> Functions {
    let mut functions = Functions::new();
    functions.add("secret", &[Type::Text], 1, Type::Map, |call| call.host.answer("secret", call));
    functions
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn seal(template: &str, env: &Env) -> Value {
    Sealed::new(template, env, now(), Vec::new()).unwrap().into()
}

/// The value of a template that is one expression and nothing else.
fn open_template(sealed: &Sealed, secrets: &Secrets) -> Value {
    let source = sealed.template().trim_start_matches("${{").trim_end_matches("}}");
    let env = sealed.env().iter().map(|(name, value)| (name.clone(), open(value, secrets))).collect();
    let value = Program::compile(source, &functions()).unwrap().run_in(&env, sealed.now(), secrets).unwrap();
    Value::from_json(&value.to_json().unwrap()).unwrap()
}

/// The value with what its seals stand for; `only` one of them, if given.
fn replace(value: &Value, secrets: &Secrets, only: Option<&Sealed>) -> Value {
    match value {
        Value::Sealed(sealed) if only.is_none_or(|only| *only == **sealed) => open_template(sealed, secrets),
        Value::List(_) if value.has_sealed() => {
            Value::list(value.as_list().unwrap().iter().map(|item| replace(item, secrets, only)).collect()).unwrap()
        }
        Value::Map(map) if map.entries().values().any(Value::has_sealed) => {
            let entries = map.entries().iter().map(|(key, item)| (key.clone(), replace(item, secrets, only)));
            Value::map(entries.collect()).unwrap()
        }
        _ => value.clone(),
    }
}

fn open(value: &Value, secrets: &Secrets) -> Value {
    replace(value, secrets, None)
}

fn open_all(env: &Env, secrets: &Secrets, only: Option<&Sealed>) -> Env {
    env.iter().map(|(name, value)| (name.clone(), replace(value, secrets, only))).collect()
}

/// All that shows in an answer.
fn shown(answer: &Result<Value, String>) -> String {
    format!("{answer:?}")
}

fn run(program: &Program, env: &Env, secrets: &Secrets) -> Result<Value, String> {
    program.run_in(env, now(), secrets).map_err(|error| error.to_string())
}

/// Runs with nothing known, supplies what each run asks for, and so on to the end; gives the answer and how often it ran.
fn run_asking(program: &Program, env: &Env, secrets: &Secrets) -> (Result<Value, String>, usize) {
    let mut known = Secrets::default();
    let mut env = env.clone();
    let reads = program.reads();
    let mut round = 0;
    loop {
        round += 1;
        let error = match program.run_in(&reads.prune(&env), now(), &known) {
            Ok(value) => return (Ok(open(&value, secrets)), round),
            Err(error) => error,
        };
        let Problem::Unresolved { needs } = error.problem() else { return (Err(error.to_string()), round) };
        match needs {
            Unresolved::Reference { function, name } => {
                assert_eq!(function, "secret");
                let entries = secrets.0.get(name).cloned().unwrap_or_default();
                assert!(known.0.insert(name.clone(), entries).is_none(), "{name} was known");
            }
            Unresolved::Sealed(sealed) => {
                let before = format!("{env:?}");
                env = open_all(&env, secrets, Some(sealed));
                assert_ne!(before, format!("{env:?}"), "{sealed} was known");
            }
            _ => return (Err(format!("another need: {needs}")), round),
        }
    }
}

/// Names with seals in them: alone, in lists, in maps, and one in another.
fn env() -> Env {
    let plain = Env::from([("tail".to_owned(), Value::from("!"))]);
    let text = seal("${{ secret('a').k + tail }}", &plain);
    let nested =
        seal("${{ [inner, 2] }}", &Env::from([("inner".to_owned(), seal("${{ secret('b').k }}", &Env::new()))]));
    let list = Value::list(vec![Value::from(1.0), seal("${{ len(secret('b').k) }}", &Env::new()), Value::from("x")]);
    let map = Env::from([
        ("open".to_owned(), Value::from("lid")),
        ("shut".to_owned(), seal("${{ {k: secret('c').k, n: nil} }}", &Env::new())),
    ]);
    let vars = Env::from([
        ("text".to_owned(), text),
        ("list".to_owned(), list.unwrap()),
        ("nested".to_owned(), nested),
        ("map".to_owned(), Value::map(map).unwrap()),
        ("nil".to_owned(), seal("${{ nil }}", &Env::new())),
        ("yes".to_owned(), seal("${{ secret('a').k == 'abc' }}", &Env::new())),
        ("n".to_owned(), Value::from(2.0)),
    ]);
    let labels = Value::text_map([("tier".to_owned(), "one".to_owned())]);
    Env::from([
        ("vars".to_owned(), Value::map(vars).unwrap()),
        ("labels".to_owned(), labels),
        ("top".to_owned(), seal("${{ secret('c').k }}", &Env::new())),
    ])
}

/// Expressions over [`env`], most of which touch something sealed in some way.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "secret('a').k",
        "secret('b')['k']",
        "secret('c')",
        "secret('nope').k",
        "secret(top).k",
        "vars.text",
        "vars['list']",
        "vars.list[1]",
        "vars.nested",
        "vars.map",
        "vars.map.shut.k",
        "vars.map?.shut?.n",
        "vars.nil",
        "vars.yes",
        "vars.n",
        "vars",
        "labels.nope",
        "labels",
        "top",
        "$env.top",
        "$env",
        "missing",
        "1",
        "'abc'",
        "'k'",
        "nil",
        "true",
        "[]",
        "[1, 2]",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let i = inner.clone();
        let op = prop::sample::select(vec![
            "+",
            "-",
            "*",
            "/",
            "%",
            "**",
            "??",
            "==",
            "!=",
            "<",
            ">=",
            "in",
            "not in",
            "matches",
            "contains",
            "and",
            "||",
            "..",
            "startsWith",
        ]);
        let one = prop::sample::select(vec![
            "len", "string", "type", "toJSON", "first", "last", "keys", "values", "upper", "reverse", "max", "int",
            "secret", "toPairs", "uniq", "flatten", "sort",
        ]);
        let predicate = prop::sample::select(vec![
            "map",
            "filter",
            "all",
            "any",
            "find",
            "count",
            "sum",
            "sortBy",
            "groupBy",
            "reduce",
            "findIndex",
        ]);
        prop_oneof![
            3 => (i.clone(), op, i.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            3 => (one, i.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            2 => (predicate.clone(), i.clone(), i.clone()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
            1 => (predicate, i.clone()).prop_map(|(name, a)| format!("{name}({a}, # == vars.text ? # : top)")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("reduce([1, 2], [#acc, {a}], {b})")),
            1 => i.clone().prop_map(|a| format!("not ({a})")),
            1 => i.clone().prop_map(|a| format!("-({a})")),
            1 => (i.clone(), i.clone(), i.clone()).prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("(({a}) ?: ({b}))")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("(({a}) < ({b}) <= ({a}))")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("(let v = {a}; [v, {b}, v])")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a}; {b})")),
            2 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            2 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("{{k: {a}, n: {b}, (string({b})): 1}}")),
            2 => i.clone().prop_map(|a| format!("({a}).k")),
            1 => i.clone().prop_map(|a| format!("({a})?.k?.n")),
            1 => i.clone().prop_map(|a| format!("({a}).String()")),
            2 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            1 => (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a})[{b}:]")),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "abc", "k", "5", "abc!", "\u{e9}"]).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is known from the start or supplied one by one over a pruned environment, the answer is the same.
    #[test]
    fn later_is_the_same(source in expression(), a in word(), b in word(), c in word()) {
        let one = |text: &str| BTreeMap::from([("k".to_owned(), text.to_owned())]);
        let secrets = [("a", one(&a)), ("b", one(&b)), ("c", one(&c))].map(|(name, entries)| (name.to_owned(), entries));
        let secrets = Secrets(BTreeMap::from(secrets));
        let mut all = secrets.clone();
        // Names that expressions compute are asked for as well.
        for name in ["nope", &a, &b, &c, "", "abc", "k", "nil", "int", "string", "map", "array", "bool", "float"] {
            all.0.entry(name.to_owned()).or_default();
        }
        let Ok(program) = Program::compile(&source, &functions()) else { return Ok(()) };
        let full = open_all(&env(), &all, None);
        let want = run(&program, &full, &all);
        if want.as_ref().is_err_and(|error| error.contains("not resolved")) {
            // The name of a secret that no list foresees.
            return Ok(());
        }
        prop_assert_eq!(shown(&run(&program, &program.reads().prune(&full), &all)), shown(&want), "{}", source);
        let (got, rounds) = run_asking(&program, &env(), &all);
        prop_assert_eq!(shown(&got), shown(&want), "{}", source);
        prop_assert!(rounds <= 1 + all.0.len() + 9, "{} took {} rounds", source, rounds);
    }
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-1e9..1e9_f64).prop_map(Json::from),
        "\\PC{0,6}".prop_map(Json::from),
    ];
    let key =
        prop::sample::select(vec!["$sealed", "$$sealed", "$$$sealed", "sealed", "$", "$texts", "$$texts", "a", ""]);
    leaf.prop_recursive(5, 30, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

/// Values with seals and text maps anywhere, also in the names of seals.
fn value() -> impl Strategy<Value = Value> {
    let texts = prop::collection::btree_map("[$a-z]{0,3}|\\$(texts|sealed)", "[a-z]{0,3}", 0..3);
    let leaf = prop_oneof![
        3 => json().prop_map(|json| Value::from_json(&json).unwrap()),
        1 => texts.prop_map(Value::text_map),
    ];
    leaf.prop_recursive(4, 20, 3, |inner| {
        let names = || "[a-z]|\\$(sealed|texts|env)";
        let env = prop::collection::btree_map(names(), inner.clone(), 0..3);
        let answer = (prop::collection::vec(json(), 0..3), json());
        let answers = prop::collection::vec(answer, 0..2).prop_map(|answers| {
            let answer = |(arguments, value)| Answer { function: "f".to_owned(), arguments, value };
            answers.into_iter().map(answer).collect()
        });
        prop_oneof![
            (env.clone(), "\\PC{0,9}", answers, 0..2_000_000_000_000_i64).prop_map(
                |(env, template, answers, millis)| {
                    let now = DateTime::from_timestamp_millis(millis).unwrap();
                    Sealed::new(template, &env, now, answers).unwrap().into()
                }
            ),
            env.prop_map(|env| Value::map(env).unwrap()),
            prop::collection::vec(inner, 0..3).prop_map(|items| Value::list(items).unwrap()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_form_of_the_journal_reads_back(value in value()) {
        let written = value.to_sealed_json().unwrap();
        let text = written.to_string();
        let again = Value::from_sealed_json(&serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert_eq!(again.to_sealed_json().unwrap(), written);
        prop_assert_eq!(again, value);
    }

    /// No data can pass for a seal.
    #[test]
    fn data_stays_data(json in json()) {
        let value = Value::from_json(&json).unwrap();
        let again = Value::from_sealed_json(&value.to_sealed_json().unwrap()).unwrap();
        prop_assert!(!again.has_sealed());
        prop_assert_eq!(again.to_json().unwrap(), value.to_json().unwrap());
    }
}

/// Rules 2: what looks at a seal needs it; what only moves it does not.
#[test]
fn touching_and_moving() {
    let needs = |source: &str| {
        let program = Program::compile(source, &functions()).unwrap();
        matches!(
            program.run(&env(), now()).map_err(|error| error.problem().clone()),
            Err(Problem::Unresolved { needs: Unresolved::Sealed(_) })
        )
    };
    for source in [
        "top + 'x'",
        "top == nil",
        "not vars.yes",
        "-top",
        "len(vars.list)",
        "string(top)",
        "map(vars.list, 1)",
        "filter([1], vars.yes)",
        "sortBy([1, 2], top)",
        "groupBy([1], top)",
        "sum([1], top)",
        "top.x",
        "top?.x",
        "top.x()",
        "labels[top]",
        "vars.map.shut.k",
        "vars.list[0:1]",
        "'abc'[vars.list[1]:]",
        "{(top): 1}",
        "vars.yes ? 1 : 2",
        "vars.yes ?: 2",
        "vars.yes and true == missing",
        "vars.nil ?? 1",
        "top in ['a', 'b']",
        "1 in vars.list",
        "'open' in vars.map",
        "top matches 'a'",
        "'a' matches top",
        "1 < vars.list[1] < 3",
        "secret(top)",
        "now().Format(top)",
        "toJSON(vars)",
        "if vars.yes { 1 } else { 2 }",
        "1..vars.list[1]",
        "get(vars, 'n')",
    ] {
        assert!(needs(source), "{source} looks at a seal");
    }
    for source in [
        "top",
        "vars.list[0]",
        "vars.list[1]",
        "vars.map.open",
        "vars.map['open'] + '!'",
        "vars.map?.open",
        "[top, vars]",
        "{k: top}.k",
        "let v = top; [v, v]",
        "top; 1",
        "vars ?? 1",
        "missing ?? top",
        "true ? top : 1",
        "missing == nil and vars.text",
        "map([1, 2], top)",
        "reduce([1, 2], [#acc, #], top)",
        "$env.vars.n",
    ] {
        assert!(!needs(source), "{source} only moves a seal");
    }
    let value = Program::compile("{header: top}", &functions()).unwrap().run(&env(), now()).unwrap();
    assert_eq!(
        value.to_sealed_json().unwrap(),
        json!({"header": {"$sealed": {"template": "${{ secret('c').k }}", "now": "2025-10-09T08:53:20Z"}}})
    );
}

/// Rules 19: chains of members and seals in seals need no stack.
#[test]
fn deep_things_on_a_small_stack() {
    let body = || {
        let mut value = Value::Null;
        while let Ok(sealed) = Sealed::new("${{ a }}", &Env::from([("a".to_owned(), value.clone())]), now(), Vec::new())
        {
            value = sealed.into();
        }
        let json = value.to_sealed_json().unwrap();
        let read = Value::from_sealed_json(&json).unwrap();
        assert_eq!(read, value);
        assert_eq!(format!("{:?} {value}", read.sealed()), "Some(Sealed(\"${{ a }}\")) ${{ a }}");
        for source in [format!("a{}", "?.b".repeat(4_000)), "[".repeat(256) + "a" + &"]".repeat(256)] {
            let program = Program::compile(&source, &functions()).unwrap();
            assert!(program.reads().has("a"));
            assert!(program.calls(&["secret"], &functions()).is_empty());
            assert_eq!(program.reads().prune(&Env::from([("a".to_owned(), value.clone())])).len(), 1);
        }
    };
    thread::Builder::new().stack_size(256 << 10).spawn(body).unwrap().join().unwrap();
}
