//! Hostile expressions: depth, length, growth and noise end in an answer or an error, on a small stack (rules 19).
#![expect(clippy::disallowed_types, clippy::unwrap_used, reason = "the stack of a thread is what is tested")]

use std::thread;

use kargo_core::expr::{Env, Functions, Problem, Program, Value, limits};
use proptest::prelude::*;

fn run(source: &str) -> Result<Value, Problem> {
    let env = Env::from([("n".to_owned(), Value::Float(3.0)), ("s".to_owned(), Value::from("text"))]);
    Program::compile(source, &Functions::new())
        .and_then(|program| program.run(&env, chrono::DateTime::default()))
        .map_err(|error| error.problem().clone())
}

/// On 256 KiB, as a host's worker may have.
fn on_small_stack(body: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(256 << 10).spawn(body).unwrap().join().unwrap();
}

#[test]
fn deep_and_long_sources_need_no_stack() {
    on_small_stack(|| {
        let too_long = |problem| matches!(problem, Problem::SourceLength { .. });
        let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(too_long(run(&deep).unwrap_err()));
        assert!(too_long(run(&vec!["1"; 100_000].join("+")).unwrap_err()));
        let too_deep = |problem| matches!(problem, Problem::Depth { limit: limits::MAX_DEPTH });
        for open in ["(", "[", "-", "not ", "{a: ", "n ? ", "len(", "n[", "map(n, ", "if n { ", "2 ** ", "let a = "] {
            assert!(too_deep(run(&open.repeat(7_000)).unwrap_err()), "{open}");
        }
        assert_eq!(run(&vec!["1"; 20_000].join("+")), Err(Problem::Nodes));
    });
}

#[test]
fn long_chains_within_the_limits_come_out() {
    on_small_stack(|| {
        assert_eq!(run(&vec!["1"; 4_999].join("+")), Ok(Value::Int(4_999)));
        assert_eq!(run(&vec!["nil"; 4_999].join("??")), Ok(Value::Null));
        assert_eq!(run(&vec!["n"; 4_999].join(" < ")), Ok(Value::Bool(false)));
        assert_eq!(run(&vec!["n == 3"; 2_000].join("&&")), Ok(Value::Bool(true)));
        assert_eq!(run(&format!("1{}", " | string()".repeat(5_000))), Ok(Value::from("1")));
        assert_eq!(run(&format!("missing{}", "?.a".repeat(4_000))), Ok(Value::Null));
        assert_eq!(run(&format!("{}1{}", "(".repeat(256), ")".repeat(256))), Ok(Value::Int(1)));
        assert_eq!(run(&format!("{}1", "false ? 0 : ".repeat(256))), Ok(Value::Int(1)));
        for source in [
            vec!["1"; 4_999].join("+"),
            format!("1{}", " | string()".repeat(5_000)),
            format!("missing{}", "?.a".repeat(4_000)),
        ] {
            let ast = Program::compile(&source, &Functions::new()).unwrap().ast().clone();
            assert_eq!(Program::compile(&ast.to_string(), &Functions::new()).unwrap().ast(), &ast);
        }
    });
}

#[test]
fn growth_is_bounded() {
    on_small_stack(|| {
        let deep = "reduce(1..100, [#acc], 1)";
        for source in [deep.to_owned(), format!("string({deep})"), format!("toJSON({deep}) == toJSON({deep})")] {
            assert!(run(&source).is_ok(), "{source}");
        }
        for name in ["max", "mean", "median", "flatten"] {
            assert!(run(&format!("{name}({deep})")).is_ok(), "{name}");
        }
        let nest = |source: &str| matches!(run(source), Err(Problem::ValueDepth { .. }));
        assert!(nest("reduce(1..200, [#acc], 1)"));
        assert!(nest("reduce(1..200, {{a: #acc}}, 1)"));
        assert_eq!(run("1..20000000"), Err(Problem::Memory));
        assert_eq!(run("-9223372036854775807..9223372036854775807"), Err(Problem::Memory));
        assert_eq!(run("repeat('ab', 600000)"), Err(Problem::Memory));
        assert_eq!(run("reduce(1..60, #acc + #acc, 'x')"), Err(Problem::Memory));
        assert_eq!(run("reduce(1..60, replace(#acc, '', #acc), 'xy')"), Err(Problem::Memory));
        let steps = Err(Problem::Steps { limit: limits::STEPS });
        assert_eq!(run("let r = 1..900000; count(r, # in r) == 1"), steps);
        assert_eq!(run("let r = 1..1000; count(r, count(r, count(r, true) > 0) > 0)"), steps);
        assert_eq!(run("uniq(1..900000)"), steps);
        assert_eq!(run("len(string(reduce(1..60, [#acc, #acc], 1)))"), steps);
        assert_eq!(run("let d = reduce(1..60, [#acc, #acc], 1); d == reduce(1..60, [#acc, #acc], 1)"), steps);
        assert_eq!(run("flatten(reduce(1..60, [#acc, #acc], 1))"), steps);
    });
}

/// One word or mark of the language.
fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(
            "( ) [ ] { } , ; : :: . ?. ? ?? | || && + - * / % ^ ** == != < > <= >= ! .. # = ... not in or and matches \
             contains startsWith endsWith let if else true false nil n s x $env #index #acc"
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        ),
        1 => prop::sample::select(vec![
            "len(", "map(", "filter(n,", "reduce(", "sortBy([2,1],", "string(", "date('2025-01-01')", "duration('1h')",
            "split('a,b',", "first([1])", "get(", "{a: 1}", "[1, 2]", "1..3", "'a'", "\"b\"", "`c`", "b'd'", "0x1f", "1.5",
            ".5", "/* c */", "::len(", "let v = 1;", "if n == 3 { 1 } else { 2 }", ".Month()", ".Format('2006')", "?.[", "[:",
            "max(", "groupBy([1],", "timezone('Asia/Tokyo')", "9223372036854775807", "-1", "bitshl(1,", "repeat('a',",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Texts that mostly are expressions.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("2.5".to_owned()),
        Just("n".to_owned()),
        Just("s".to_owned()),
        Just("nil".to_owned()),
        Just("true".to_owned()),
        Just(r#""t\n\"""#.to_owned()),
        Just("b'x'".to_owned()),
        Just("[]".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let i = inner.clone();
        let op = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "**", "??", "==", "<", ">=", "in", "not in", "matches", "contains", "and", "||",
            "..",
        ]);
        prop_oneof![
            (i.clone(), op, i.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            i.clone().prop_map(|a| format!("({a})")),
            i.clone().prop_map(|a| format!("not {a}")),
            i.clone().prop_map(|a| format!("-{a}")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("{a} < {b} <= {a}")),
            (i.clone(), i.clone(), i.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a} ?: {b})")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("if {a} {{ {b} }} else {{ {a} }}")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("let v = {a}; v; {b}")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a}; {b})")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("{{k: {a}, 'a b': {b}, ({a}): 1}}")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("map({a}, {b})")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("filter({a}, {{# == .k; {b}}})")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("map({a}, {{{{k: {b}}}}})")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("{a} | reduce(#acc + #index, {b}) | len()")),
            i.clone().prop_map(|a| format!("({a}).k?.in")),
            i.clone().prop_map(|a| format!("({a})?.k.j(1, 2)?.[{a}][{a}]")),
            (i.clone(), i.clone()).prop_map(|(a, b)| format!("({a})[{b}:][:{b}]")),
            i.clone().prop_map(|a| format!("::string({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_a_value_or_an_error(source in "\\PC{0,60}|[ -~\n]{0,60}") {
        let _ = run(&source);
    }

    #[test]
    fn any_tokens_end_in_a_value_or_an_error(tokens in prop::collection::vec(token(), 0..24)) {
        let source = tokens.join(" ");
        match Program::compile(&source, &Functions::new()) {
            Err(error) => {
                prop_assert!(error.place().offset <= source.len());
                prop_assert!(!error.to_string().is_empty());
            }
            Ok(program) => {
                let _ = run(&source);
                let again = Program::compile(&program.ast().to_string(), &Functions::new());
                prop_assert_eq!(again.map(|again| again.ast().to_string()), Ok(program.ast().to_string()));
            }
        }
    }

    /// What a tree prints reads back as the same tree.
    #[test]
    fn trees_print_and_read_back(source in expression()) {
        if let Ok(ast) = kargo_core::expr::Ast::parse(&source, &Functions::new()) {
            let printed = ast.to_string();
            let again = kargo_core::expr::Ast::parse(&printed, &Functions::new());
            prop_assert_eq!(again.as_ref(), Ok(&ast), "{} printed {}", source, printed);
        }
        let _ = run(&source);
    }
}
