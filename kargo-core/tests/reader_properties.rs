//! Whatever a text is, reading it ends, says the same each time, and points into the text; and words of YAML mean what the
//! reader of Kubernetes' tools takes them for.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads the repository's fixtures"
)]

use std::{fs, path::PathBuf, sync::LazyLock};

use kargo_core::{
    Manifests,
    manifest::{Reader, Reading, limits},
    model::{Code, Target},
    pipeline::check_freight,
};
use proptest::prelude::*;
use serde_json::Value;

fn read(text: &str) -> Reading {
    let mut reader = Reader::new().subscription_type("model");
    reader.text("random.yaml", text);
    reader.finish()
}

/// Reads, renders, compares with a second reading, and looks at every place.
fn sound(text: &str) -> Result<Reading, TestCaseError> {
    let reading = read(text);
    let lines = kargo_lines(text);
    prop_assert!(reading.diagnostics.len() <= limits::DIAGNOSTICS + 2);
    let mut more = kargo_core::Diagnostics::new();
    for project in reading.manifests.projects() {
        check_freight(&reading.manifests, project, &mut more);
    }
    for found in reading.diagnostics.iter().chain(&more) {
        prop_assert!(!found.to_string().is_empty() && !found.message().is_empty());
        let _ = serde_json::to_string(found).unwrap();
        let Some(at) = found.location() else { continue };
        let span = at.span;
        prop_assert!(span.line >= 1 && span.column >= 1, "{found}");
        prop_assert!((span.line, span.column) <= (span.end_line, span.end_column), "{found}: {span:?}");
        // The place after the last line's end is the farthest.
        prop_assert!(span.line as usize <= lines.len() + 1, "{found}: {span:?} of {} lines", lines.len());
        let width = lines.get(span.line as usize - 1).map_or(0, |line| line.chars().count());
        prop_assert!(span.column as usize <= width + 2, "{found}: {span:?}, width {width}");
    }
    let again = read(text);
    prop_assert_eq!(&again.diagnostics, &reading.diagnostics);
    prop_assert_eq!(&again.manifests, &reading.manifests);
    // What was read can be written, and reads back the same.
    let written = reading.manifests.to_yaml().unwrap();
    let back = read(&written);
    let errors: Vec<_> = back.diagnostics.errors().filter(|found| found.code() != Code::DuplicateObject).collect();
    prop_assert!(errors.iter().all(|found| SET_RULES.contains(&found.rule())), "{:?}\n{}", errors, written);
    prop_assert_eq!(&back.manifests, &reading.manifests, "{}", written);
    Ok(reading)
}

/// Rules between objects are broken by the written text as by the text read.
const SET_RULES: [&str; 3] = ["resources 1", "resources 17.5", "resources 17.9"];

/// The lines of a text, as YAML ends them.
fn kargo_lines(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(str::to_owned).collect()
}

/// Fixtures small enough to be read many times.
static FIXTURES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/pipelines");
    let mut paths: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let texts = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let texts: Vec<String> =
        texts.map(|path| fs::read_to_string(path).unwrap()).filter(|text| text.len() < 6_000).collect();
    assert!(texts.len() > 10, "{}", texts.len());
    texts
});

/// Pieces from which texts that look like manifests are put together.
const PIECES: [&str; 58] = [
    "apiVersion: kargo.akuity.io/v1alpha1",
    "apiVersion: kargo-core.rs/v1alpha1",
    "kind: Stage",
    "kind: Warehouse",
    "kind: Freight",
    "kind: List",
    "items:",
    "metadata: { name: a }",
    "metadata:",
    "name: a",
    "spec:",
    "spec: {}",
    "status:",
    "subscriptions:",
    "- image: { repoURL: a }",
    "- git:",
    "repoURL: https://h/x",
    "requestedFreight:",
    "- origin: { kind: Warehouse, name: w }",
    "sources: { direct: true }",
    "---",
    "...",
    "%YAML 1.2",
    "- ",
    "  ",
    "    ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!!int ",
    "!x ",
    "| ",
    ">-\n",
    "'",
    "\"",
    "#",
    "\\",
    "\u{feff}",
    "é",
    "\u{85}",
    "\u{2028}",
    "null",
    "1.10",
    "yes",
    "@",
    "`",
];

/// A change of a text at a place.
#[derive(Clone, Debug)]
enum Change {
    DeleteLine(usize),
    DuplicateLine(usize),
    SwapLines(usize, usize),
    DeleteChar(usize),
    ReplaceChar(usize, char),
    Insert(usize, &'static str),
    Indent(usize),
    Truncate(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        at().prop_map(Change::DeleteLine),
        at().prop_map(Change::DuplicateLine),
        (at(), at()).prop_map(|(a, b)| Change::SwapLines(a, b)),
        at().prop_map(Change::DeleteChar),
        (at(), prop_oneof![any::<char>(), proptest::char::range(' ', '~')])
            .prop_map(|(a, c)| Change::ReplaceChar(a, c)),
        (at(), proptest::sample::select(PIECES.as_slice())).prop_map(|(a, piece)| Change::Insert(a, piece)),
        at().prop_map(Change::Indent),
        at().prop_map(Change::Truncate),
    ]
}

impl Change {
    fn apply(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.split('\n').collect();
        let mut chars: Vec<char> = text.chars().collect();
        let (rows, columns) = (lines.len(), chars.len().max(1));
        let join = |chars: Vec<char>| chars.into_iter().collect::<String>();
        match *self {
            Self::DeleteLine(at) => drop(lines.remove(at % rows)),
            Self::DuplicateLine(at) => lines.insert(at % rows, lines[at % rows]),
            Self::SwapLines(a, b) => lines.swap(a % rows, b % rows),
            Self::Indent(at) => {
                let indented = format!(" {}", lines[at % rows]);
                lines[at % rows] = &indented;
                return lines.join("\n");
            }
            Self::DeleteChar(at) if !chars.is_empty() => {
                chars.remove(at % columns);
                return join(chars);
            }
            Self::ReplaceChar(at, c) if !chars.is_empty() => {
                chars[at % columns] = c;
                return join(chars);
            }
            Self::Insert(at, piece) => {
                let at = at % (chars.len() + 1);
                return chars[..at].iter().copied().chain(piece.chars()).chain(chars[at..].iter().copied()).collect();
            }
            Self::Truncate(at) => return chars[..at % columns].iter().collect(),
            Self::DeleteChar(_) | Self::ReplaceChar(..) => {}
        }
        lines.join("\n")
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        sound(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", rest in "[ -~\n\t:{}\\[\\]&*!|>'\"%@`#,?-]{0,200}") {
        sound(&text)?;
        sound(&rest)?;
    }

    #[test]
    fn any_text_that_looks_like_manifests_is_read_or_refused(
        pieces in proptest::collection::vec((proptest::sample::select(PIECES.as_slice()), proptest::sample::select(["", " ", "\n", "\n  ", "\n    "].as_slice())), 0..60),
    ) {
        let text: String = pieces.into_iter().flat_map(|(piece, end)| [piece, end]).collect();
        sound(&text)?;
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_spoiled_manifest_is_read_or_refused(
        which in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let text = changes.iter().fold(which.get(&FIXTURES).clone(), |text, change| change.apply(&text));
        sound(&text)?;
    }
}

/// Rows that the reader answers otherwise than the recorded one, and why.
const OTHERWISE: [(&str, &str); 5] = [
    (
        "b: &x {a: 1}\nj: {<<: *x, a: 2}",
        "a key of the object itself overrides a merged one, as YAML's merge keys mean it",
    ),
    ("b: &x {a: 1}\nc: &y {a: 3, d: 4}\nj: {<<: [*x, *y], e: 2}", "of merged objects the first wins"),
    ("j: {<<: {a: 1}, a: 2}", "as above"),
    ("j: {a: 2, <<: {a: 1}}", "as above"),
    ("k: !!binary aGVsbG8=", "manifests hold text, not bytes: refused"),
];

/// Rows about whole documents, which mean something else below a key; `bad_input.rs` has tests of them.
const WHOLE: [&str; 4] = ["---", "a: 1\n---\nb: 2", "k: 1\n...\n", "\tk: a"];

#[test]
fn words_of_yaml_mean_what_was_recorded() {
    let recorded = include_str!("fixtures/yaml-scalars.jsonl");
    let (mut same, mut otherwise) = (0, Vec::new());
    for line in recorded.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let yaml = row["yaml"].as_str().unwrap();
        if WHOLE.contains(&yaml) {
            continue;
        }
        // As the parameters of a Target, below two keys.
        let body: String =
            yaml.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect();
        let text = format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: {{ name: a }}\nspec:\n  params:\n{body}"
        );
        let reading = read(&text);
        let errors: Vec<_> = reading.diagnostics.iter().collect();
        let params = reading
            .manifests
            .all::<Target>()
            .next()
            .map(|(target, _)| serde_json::to_value(&target.spec.params).unwrap());
        let fits = match row.get("json") {
            // Parameters are an object.
            Some(json @ Value::Object(_)) => {
                errors.is_empty() && params.as_ref().is_some_and(|params| equal(params, json))
            }
            Some(Value::Null) => errors.is_empty(),
            Some(_) => errors.len() == 1 && errors[0].code() == Code::WrongType,
            None => errors.len() == 1 && errors[0].location().is_some(),
        };
        if fits { same += 1 } else { otherwise.push((yaml.to_owned(), format!("{errors:?} {params:?}"))) }
    }
    let expected: Vec<&str> = OTHERWISE.iter().map(|(yaml, _)| *yaml).collect();
    let unexpected: Vec<_> = otherwise.iter().filter(|(yaml, _)| !expected.contains(&yaml.as_str())).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    assert_eq!(otherwise.len(), expected.len(), "{otherwise:#?}");
    assert!(same > 195, "{same}");
}

/// Numbers are compared by value: the recording has no fraction where JSON does not need one.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[test]
fn an_empty_set_is_no_set_of_mistakes() {
    assert_eq!(Reader::new().finish().manifests, Manifests::default());
}
