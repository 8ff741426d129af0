//! Texts that are no manifests, or hardly: each is refused with a clear report or read with the right value, in bounded work.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads the repository's fixtures"
)]

use std::{fs, path::PathBuf};

use kargo_core::{
    manifest::{Reader, Reading, limits},
    model::{Code, Severity, Target},
};
use serde_json::{Value, json};

const HEAD: &str = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: a, namespace: p }\n";

fn read(text: &str) -> Reading {
    let mut reader = Reader::new();
    reader.text("bad.yaml", text);
    reader.finish()
}

/// What is reported: code, line, column.
fn found(text: &str) -> Vec<(Code, u32, u32)> {
    read(text)
        .diagnostics
        .iter()
        .map(|found| {
            let span = found.location().map(|at| at.span).unwrap_or_default();
            (found.code(), span.line, span.column)
        })
        .collect()
}

/// Only this is reported: code, line, column. Its rendering is returned.
#[track_caller]
fn refused(text: &str, code: Code, line: u32, column: u32) -> String {
    assert_eq!(found(text), [(code, line, column)], "{}", read(text).diagnostics);
    read(text).diagnostics.to_string()
}

/// The parameters of a Target, written in block style below `spec.params`.
fn params(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
    format!("{HEAD}spec:\n  params:\n{lines}")
}

/// The parameters that are read from them.
#[track_caller]
fn value(text: &str) -> Value {
    value_of(&params(text))
}

#[track_caller]
fn value_of(text: &str) -> Value {
    let reading = read(text);
    assert!(reading.diagnostics.is_empty(), "{}\n{text}", reading.diagnostics);
    let (target, _) = reading.manifests.all::<Target>().next().expect("a Target");
    serde_json::to_value(&target.spec.params).unwrap()
}

fn targets(text: &str) -> Vec<String> {
    let reading = read(text);
    assert!(reading.diagnostics.is_empty(), "{}", reading.diagnostics);
    reading.manifests.all::<Target>().map(|(target, _)| target.metadata.name.to_string()).collect()
}

fn fixtures() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/pipelines");
    let files = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut texts: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    texts.sort();
    texts
}

#[test]
fn binary_files_are_no_text() {
    let noise: Vec<u8> = (0..4_096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let lossy = String::from_utf8_lossy(&noise);
    assert!(lossy.contains('\0'));
    assert_eq!(found(&lossy).iter().map(|found| found.0).collect::<Vec<_>>(), [Code::NotText]);
    let rendered = refused("a: 1\nb: \0\n", Code::NotText, 2, 1);
    assert!(rendered.contains("binary, not text"), "{rendered}");
    // An executable, an archive, an image.
    for start in ["\u{7f}ELF\u{2}\u{1}\0", "PK\u{3}\u{4}\0", "\u{fffd}PNG\r\n\u{1a}\n\0"] {
        assert_eq!(read(start).diagnostics.iter().next().unwrap().code(), Code::NotText);
    }
    // Control characters are not YAML.
    assert_eq!(found(&params("a: \u{7}")).len(), 1);
}

#[test]
fn texts_with_nothing_in_them_are_a_warning() {
    for text in [
        "",
        "\n",
        "   \n\t\n",
        "# nothing\n",
        "---\n",
        "---\n---\n# x\n...\n",
        "\u{feff}",
        "\u{feff}# x",
        "null\n",
        "~",
    ] {
        let reading = read(text);
        let codes: Vec<_> = reading.diagnostics.iter().map(|found| (found.code(), found.severity())).collect();
        assert_eq!(codes, [(Code::Nothing, Severity::Warning)], "{text:?}");
        assert!(reading.manifests.is_empty());
    }
    let nothing = Reader::new().finish().diagnostics;
    assert_eq!(nothing.iter().map(kargo_core::Diagnostic::code).collect::<Vec<_>>(), [Code::Nothing]);
}

#[test]
fn every_prefix_of_a_document_is_read_or_refused() {
    let text = include_str!("fixtures/every-field.yaml");
    let text = &text[..text.find("kind: Freight").unwrap()];
    let (mut refused, mut fine) = (0, 0);
    for (end, _) in text.char_indices().step_by(13) {
        let reading = read(&text[..end]);
        let lines = u32::try_from(text[..end].lines().count()).unwrap();
        for found in &reading.diagnostics {
            assert!(found.location().is_none_or(|at| at.span.line <= lines + 1), "{found}");
        }
        if reading.diagnostics.has_errors() { refused += 1 } else { fine += 1 }
    }
    assert!(refused > 100 && fine > 10, "{refused} {fine}");
}

#[test]
fn a_key_is_written_once() {
    let text = format!("{HEAD}spec:\n  params:\n    a: 1\n    b: {{ c: 1, d: 2, c: 3 }}\n");
    let reading = read(&text);
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!((found.code(), found.path().to_string().as_str()), (Code::DuplicateKey, "spec.params.b.c"));
    assert_eq!((found.location().unwrap().span.line, found.location().unwrap().span.column), (7, 22));
    assert_eq!((reading.diagnostics.len(), reading.manifests.entries().count()), (1, 0));
    refused(&format!("{HEAD}kind: Stage\n"), Code::DuplicateKey, 4, 1);
    // Keys that mean the same are the same.
    refused(&params("yes: 1\ntrue: 2"), Code::DuplicateKey, 7, 5);
    refused(&params("1: a\n0x1: b"), Code::DuplicateKey, 7, 5);
    refused(&params("a: 1\n'a': 2"), Code::DuplicateKey, 7, 5);
    assert_eq!(value("yes: 1\n'yes': 2"), json!({ "true": 1, "yes": 2 }));
    // One object with it costs no other, not even in the same list.
    let list = "apiVersion: kargo.akuity.io/v1alpha1\nkind: TargetList\nitems:\n- metadata: { name: a, name: b }\n- metadata: { name: c }\n";
    let reading = read(list);
    assert_eq!((reading.diagnostics.len(), reading.manifests.entries().count()), (1, 1));
}

#[test]
fn numbers_and_truth_values_are_not_text() {
    let text = |tag: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ namespace: p }}\n\
             origin: {{ kind: Warehouse, name: w }}\nimages: [{{ repoURL: a, tag: {tag} }}]\n"
        )
    };
    for (word, means) in [
        ("1.10", "1.1"),
        ("1", "1"),
        ("007", "7"),
        ("0x10", "16"),
        ("1e3", "1000"),
        ("4e10", "40000000000"),
        ("1_000", "1000"),
        ("yes", "true"),
        ("off", "false"),
        ("n", "false"),
        ("True", "true"),
    ] {
        let rendered = refused(&text(word), Code::WrongType, 5, 29);
        let advice = format!("YAML reads {word} as {means}; quote it to keep it as written: \"{word}\"");
        assert!(rendered.contains(&advice), "{rendered}");
        assert!(!read(&text(&format!("\"{word}\""))).diagnostics.has_errors());
    }
    for word in ["1.2.3", "v1.10", "latest", "2001-01-01", "1.10-rc", "0o8", "yEs"] {
        assert!(!read(&text(word)).diagnostics.has_errors(), "{word}");
    }
}

#[test]
fn text_is_no_number_and_no_truth_value() {
    let stage = |sources: &str| {
        format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: a }}\nspec:\n  \
             requestedFreight: [{{ origin: {{ kind: Warehouse, name: w }}, sources: {{ {sources} }} }}]\n"
        )
    };
    let rendered = refused(&stage("direct: \"true\""), Code::WrongType, 5, 81);
    assert!(rendered.contains("write true without quotes"), "{rendered}");
    let rendered = refused(&stage("requiredSoakTime: 3600"), Code::WrongType, 5, 91);
    assert!(rendered.contains("a duration needs a unit"), "{rendered}");
    let warehouse = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: { name: a }\n\
                     spec: { subscriptions: [{ image: { repoURL: a, discoveryLimit: '20' } }] }\n";
    assert!(refused(warehouse, Code::WrongType, 4, 64).contains("write 20 without quotes"));
    let list = warehouse.replace("'20'", "20").replace("[{ image", "{ image").replace("}] }", "} }");
    assert!(refused(&list, Code::WrongType, 4, 24).contains("begin each element with `- `"));
}

#[test]
fn tabs_do_not_indent() {
    let rendered = refused(&format!("{HEAD}spec:\n\tparams: {{}}\n"), Code::Syntax, 5, 2);
    assert!(rendered.contains("spaces, not with tabs"), "{rendered}");
    assert_eq!(value("a:\tb\nc: 'd\te'"), json!({ "a": "b", "c": "d\te" }));
    // A mistake of syntax costs its own document only.
    let text = format!("{HEAD}spec:\n\tparams: {{}}\n---\n{}", HEAD.replace("name: a", "name: b"));
    assert_eq!(read(&text).manifests.entries().count(), 1);
}

#[test]
fn values_nest_to_a_limit() {
    let flow = |depth: usize| params(&format!("a: {}1{}", "[".repeat(depth), "]".repeat(depth)));
    assert!(read(&flow(limits::DEPTH - 4)).diagnostics.is_empty());
    let maps = |depth: usize| params(&format!("a: {}1{}", "{ b: ".repeat(depth), " }".repeat(depth)));
    let block = |depth: usize| {
        let lines: String = (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        format!("{HEAD}spec:\n  params:\n{}", lines.lines().map(|line| format!("    {line}\n")).collect::<String>())
    };
    let lists = |depth: usize| params(&format!("a: \n{}1", "- ".repeat(depth)));
    let open = |depth: usize| params(&format!("a: {}", "[".repeat(depth)));
    for deep in
        [flow(10_000), maps(10_000), block(2_000), lists(10_000), open(10_000), flow(200), maps(200), block(200)]
    {
        let reading = read(&deep);
        let found: Vec<_> = reading.diagnostics.iter().map(kargo_core::Diagnostic::code).collect();
        assert_eq!(found, [Code::Limit], "{}", reading.diagnostics);
        assert!(reading.diagnostics.to_string().contains("deeper than 128 levels"), "{}", reading.diagnostics);
        assert!(reading.manifests.is_empty());
    }
}

#[test]
fn aliases_expand_to_a_limit() {
    // Nine levels of nine: a billion values.
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let below = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", "));
    }
    assert_eq!(read(&params(&laughs)).diagnostics.iter().next().unwrap().code(), Code::Limit);
    // One long text many times.
    let quadratic = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), vec!["*a"; 9_000].join(", "));
    assert_eq!(read(&params(&quadratic)).diagnostics.iter().next().unwrap().code(), Code::Limit);
    // One long list many times, and merged many times.
    let lists = format!("a: &a [{}]\nb: [{}]", vec!["x"; 10_000].join(", "), vec!["*a"; 9_000].join(", "));
    assert_eq!(read(&params(&lists)).diagnostics.iter().next().unwrap().code(), Code::Limit);
    let many = format!("a: &a x\nb: [{}]", vec!["*a"; 10_001].join(", "));
    assert_eq!(read(&params(&many)).diagnostics.iter().next().unwrap().code(), Code::Limit);
    let merges: String = (1..12)
        .map(|n| format!("a{n}: &a{n} {{ k{n}: {{ <<: [*a{}, *a{}] }}, l{n}: *a{} }}\n", n - 1, n - 1, n - 1))
        .collect();
    let merged = format!("a0: &a0 {{ x: 1 }}\n{merges}");
    assert!(read(&params(&merged)).diagnostics.len() <= 1);
    let some = format!("a: &a x\nb: [{}]", vec!["*a"; 9_999].join(", "));
    assert_eq!(value(&some)["b"].as_array().unwrap().len(), 9_999);
    // An alias of what it stands in.
    let rendered = refused(&params("a: &a [1, *a]"), Code::Syntax, 6, 15);
    assert!(rendered.contains("would contain itself"), "{rendered}");
    let rendered = refused(&params("a: *nope"), Code::Syntax, 6, 8);
    assert!(rendered.contains("anchor that does not exist"), "{rendered}");
    // Anchors end with their document.
    assert_eq!(found(&format!("{}---\n{}", params("a: &a 1"), params("b: *a").replace("name: a", "name: b"))).len(), 1);
}

#[test]
fn merge_keys() {
    assert_eq!(value("a: &a { x: 1, z: 2 }\nb: { <<: *a, z: 3 }")["b"], json!({ "x": 1, "z": 3 }));
    assert_eq!(
        value("a: &a { x: 1 }\nb: &b { x: 2, z: 2 }\nc: { <<: [*a, *b], w: 3 }")["c"],
        json!({ "x": 1, "z": 2, "w": 3 })
    );
    assert_eq!(value("a: { <<: { x: 1 }, <<: { z: 2 } }")["a"], json!({ "x": 1, "z": 2 }));
    assert_eq!(value("a: { '<<': 1 }")["a"], json!({ "<<": 1 }));
    assert_eq!(value("a: <<")["a"], "<<");
    for wrong in ["3", "[1]", "x", "[[{ x: 1 }]]"] {
        assert_eq!(found(&params(&format!("a: {{ <<: {wrong} }}")))[0].0, Code::WrongType, "{wrong}");
    }
    // What is merged into a typed object is read as if it were written there.
    let text = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: a }\nspec:\n  vars: [&v { name: a, value: x }, { <<: *v, name: b }]\n  \
                requestedFreight: [{ origin: { kind: Warehouse, name: w }, sources: {} }]\n";
    assert!(read(text).diagnostics.is_empty(), "{}", read(text).diagnostics);
}

#[test]
fn keys_are_text() {
    assert_eq!(
        value("1: a\n1.5: b\n0x10: c\nno: d\n1e3: e"),
        json!({ "1": "a", "1.5": "b", "16": "c", "false": "d", "1000": "e" })
    );
    for wrong in ["null: x", "~: x", ": x", "? [a]\n: b", "? { a: 1 }\n: b", "[a]: b"] {
        let found = found(&params(wrong));
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::WrongType], "{wrong}");
    }
    assert_eq!(value("&k key: 1\nother: *k"), json!({ "key": 1, "other": "key" }));
    assert_eq!(value("a: &k key\n*k : 1"), json!({ "a": "key", "key": 1 }));
}

#[test]
fn tags_say_what_a_value_is() {
    let read =
        value("a: !!str 1.10\nb: !!int '3'\nc: !!bool 'true'\nd: !custom 3\ne: !!float 3\nf: !!str yes\ng: !!null ''");
    assert_eq!(read, json!({ "a": "1.10", "b": 3, "c": true, "d": "3", "e": 3, "f": "yes", "g": null }));
    for wrong in ["!!int x", "!!int 1.5", "!!bool 3", "!!null x", "!!float x", "!!binary aGVsbG8="] {
        assert_eq!(
            found(&params(&format!("a: {wrong}"))),
            [(Code::WrongType, 6, 8 + u32::try_from(wrong.find(' ').unwrap()).unwrap() + 1)],
            "{wrong}"
        );
    }
    assert_eq!(
        value("a: !!set { x, z }\nb: !!map { x: 1 }\nc: !!seq [1]\nd: !mine { x: 1 }")["a"],
        json!({ "x": null, "z": null })
    );
}

#[test]
fn numbers_that_json_has_no_form_for_are_refused() {
    for word in [".inf", "-.inf", "+.Inf", ".nan", ".NaN"] {
        let rendered = refused(&params(&format!("a: [1, {word}]")), Code::WrongType, 6, 12);
        assert!(rendered.contains(&format!("quote it to make it text: {word:?}")), "{rendered}");
    }
    assert_eq!(value("a: '.inf'\nb: inf\nc: 1e400"), json!({ "a": ".inf", "b": "inf", "c": "1e400" }));
}

#[test]
fn line_ends_and_byte_order_marks_change_nothing() {
    let text =
        params("a: |\n  one\n  two\nb: [1,\n  2]\nc: \"x\n  y\"") + "---\n" + &HEAD.replace("name: a", "name: b");
    let expected = json!({ "a": "one\ntwo\n", "b": [1, 2], "c": "x y" });
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
        format!("\u{feff}{text}"),
        format!("\u{feff}{}", text.replace('\n', "\r\n")),
    ] {
        assert_eq!(value_of(&text), expected);
        assert_eq!(targets(&text), ["a", "b"]);
    }
    // Places are the same as well.
    let wrong = params("a: 1\nb: *c");
    for text in [wrong.clone(), wrong.replace('\n', "\r\n"), wrong.replace('\n', "\r"), format!("\u{feff}{wrong}")] {
        let rendered = refused(&text, Code::Syntax, 7, 8);
        assert!(rendered.contains("7 |     b: *c\n"), "{rendered}");
    }
    let second = format!("{HEAD}---\n{}", HEAD.replace("name: a", "name: B"));
    for text in [second.clone(), second.replace('\n', "\r\n"), second.replace('\n', "\r")] {
        refused(&text, Code::Format, 7, 19);
    }
}

#[test]
fn documents_begin_and_end() {
    let b = HEAD.replace("name: a", "name: b");
    for text in [
        format!("{HEAD}---\n{b}"),
        format!("---\n{HEAD}\n---\n\n---\n{b}---\n"),
        format!("{HEAD}...\n---\n{b}...\n"),
        format!("%YAML 1.2\n---\n{HEAD}...\n%YAML 1.1\n---\n{b}"),
        format!("%TAG ! tag:example.com,2000:\n---\n{HEAD}---\n{b}"),
        format!("# head\n--- # comment\n{HEAD}--- \n{b}"),
        format!("{HEAD}...\n{b}"),
    ] {
        assert_eq!(targets(&text), ["a", "b"], "{text}");
    }
    assert_eq!(value("a: |\n  x\n  ---\n  y")["a"], "x\n---\ny\n");
    // A directive needs its document.
    assert_eq!(read(&format!("%YAML 1.2\n{HEAD}")).diagnostics.iter().next().unwrap().code(), Code::Syntax);
}

#[test]
fn documents_in_any_order_give_the_same_objects() {
    for (name, text) in fixtures() {
        let forward = read(&text);
        let mut pieces: Vec<&str> = text.split("\n---\n").collect();
        pieces.reverse();
        let backward = read(&pieces.join("\n---\n"));
        let objects = |reading: &Reading| {
            let mut all: Vec<String> =
                reading.manifests.entries().map(|entry| serde_json::to_string(entry.object()).unwrap()).collect();
            all.sort();
            all
        };
        assert_eq!(objects(&forward), objects(&backward), "{name}");
        assert_eq!(forward.diagnostics.len(), backward.diagnostics.len(), "{name}");
        assert_eq!(forward.manifests.projects(), backward.manifests.projects(), "{name}");
    }
}

#[test]
fn a_text_of_nothing_but_mistakes_is_reported_in_bounded_room() {
    let text = "kind: x\n---\n".repeat(100_000);
    let reading = read(&text);
    assert_eq!(reading.diagnostics.len(), limits::DIAGNOSTICS + 1);
    let last = reading.diagnostics.iter().find(|found| found.code() == Code::TooMany).unwrap();
    assert_eq!(last.severity(), Severity::Error);
    assert_eq!(last.message(), "99000 more mistakes in bad.yaml are not listed");
    // Warnings alone stay warnings.
    let text = format!("{HEAD}{}", (0..1_500).map(|n| format!("field{n}: 1\n")).collect::<String>());
    let reading = read(&text);
    let last = reading.diagnostics.iter().find(|found| found.code() == Code::TooMany).unwrap();
    assert_eq!((last.severity(), reading.manifests.entries().count()), (Severity::Warning, 1));
}
