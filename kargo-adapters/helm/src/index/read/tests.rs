//! Both readers, apart and against each other.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{super::SkipReason, *};

fn versions(text: &str) -> Vec<String> {
    read_index(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}")).index.versions("cart").to_vec()
}

/// As Helm writes it.
const USUAL: &str = "\
apiVersion: v1
entries:
  cart:
  - annotations:
      category: Shop
      images: |
        - name: cart
        version: 7.7.7
    apiVersion: v2
    description: Cart, a shop for
      the web
    keywords:
    - cart
    - version
    name: cart
    urls:
    - https://charts.acme.example/cart-1.1.0.tgz
    version: 1.1.0
  - name: cart
    version: v1.0.0+b.5
  empty: []
  shop:
  - version: \"2\"
generated: \"2026-11-21T09:00:00Z\"
serverInfo:
  version: 3
";

#[test]
fn discovery_4_2_an_index_as_helm_writes_it() {
    let reading = skim(USUAL).unwrap();
    assert_eq!(reading, walk(USUAL).unwrap());
    assert_eq!(reading.index.versions("cart"), ["1.1.0", "v1.0.0+b.5"]);
    assert_eq!(reading.index.versions("shop"), ["2"]);
    assert_eq!((reading.index.charts.len(), reading.skipped_count), (2, 0));
}

#[test]
fn other_ways_to_write_the_same() {
    let indented =
        "entries:\n    cart:\n        -   version: '1.0.0'\n            name: cart\n        -   version: 1.1.0\n";
    let json =
        r#"{"apiVersion": "v1", "entries": {"cart": [{"name": "cart", "version": "1.0.0"}, {"version": "1.1.0"}]}}"#;
    let windows = "\u{feff}---\r\nentries:\r\n  cart:\r\n  - version: 1.0.0\r\n  - version: 1.1.0\r\n";
    let anchors = "entries:\n  cart:\n  - &a { version: 1.0.0 }\n  - *a\n  - { appVersion: &v 1.1.0, version: *v }\n";
    let merged =
        "entries:\n  base:\n  - &a { version: 1.0.0 }\n  cart:\n  - { <<: *a }\n  - { <<: *a, version: 1.1.0 }\n";
    let wrapped = "entries:\n  cart:\n  - version:\n      1.0.0\n  - version: >-\n      1.1.0\n";
    let two = "entries:\n  cart:\n  - version: 1.0.0\nentries:\n  cart:\n  - version: 1.1.0\n";
    for text in [indented, json, windows, anchors, merged, wrapped, two] {
        assert_eq!(versions(text), ["1.0.0", "1.1.0"], "{text}");
    }
    assert!(skim(indented).is_some() && skim(windows.trim_start_matches('\u{feff}')).is_some());
    for odd in [json, anchors, merged, wrapped, two] {
        assert!(skim(odd).is_none(), "{odd}");
    }
}

#[test]
fn versions_are_as_they_are_written() {
    let text = "entries:\n  cart:\n  - version: 1.10\n  - version: 1\n  - version: 1e3\n  - version: not a version\n  - version: 0x1F\n";
    assert_eq!(versions(text), ["1.10", "1", "1e3", "not a version", "0x1F"]);
}

#[test]
fn broken_entries_cost_themselves_and_are_reported() {
    let text = "\
apiVersion: v1
entries:
  cart:
  - version: 1.3.0
  - name: cart
  - version: ~
  - version:
  - version: ''
  - version: [1, 2]
  - just text
  - null
  - version: 1.3.0
  - version: 1.2.0
  odd: { version: 1 }
  none:
  # a word on it
  shop:
  - version: 1.0.0
    unknown: { deep: [{}, []] }
";
    let reading = read_index(text.as_bytes()).unwrap();
    assert_eq!(reading.index.versions("cart"), ["1.3.0", "1.2.0"]);
    assert_eq!(reading.index.versions("shop"), ["1.0.0"]);
    let told: Vec<_> = reading.skipped.iter().map(|skipped| (skipped.line, skipped.why)).collect();
    use SkipReason::*;
    assert_eq!(
        told,
        [
            (5, NoVersion),
            (6, NoVersion),
            (7, NoVersion),
            (8, NoVersion),
            (9, VersionNotText),
            (10, NotAnEntry),
            (11, NotAnEntry),
            (12, Repeated),
            (14, NotAList),
        ]
    );
    // Where the shape is the usual one, the quick reader tells the same.
    let usual = "entries:\n  cart:\n  - name: cart\n  - version:\n    name: x\n  - version: ~\n  - version: 1\n  - version: 1\n";
    assert_eq!(skim(usual), Some(walk(usual).unwrap()));
    assert_eq!(skim(usual).unwrap().skipped_count, 4);
}

#[test]
fn reports_are_bounded() {
    let text = format!("entries:\n  cart:\n{}", "  - name: cart\n".repeat(1_000));
    let reading = read_index(text.as_bytes()).unwrap();
    assert_eq!((reading.skipped.len(), reading.skipped_count), (Reading::MOST_REPORTED, 1_000));
}

#[test]
fn what_is_no_index_is_told() {
    let found = |text: &str| read_index(text.as_bytes()).unwrap_err();
    for page in ["<!DOCTYPE html><html></html>", "\n  <html>", "<?xml version=\"1.0\"?>"] {
        assert_eq!(found(page), IndexError::Page);
    }
    for (text, what) in [
        ("", "nothing"),
        ("# only a comment\n", "nothing"),
        ("~", "text"),
        ("- a\n- b\n", "a list"),
        ("Not found.", "text"),
        ("a: 1\n", "an object without entries"),
        ("entries: [1]\n", "its entries are not an object"),
        ("entries: text\n", "its entries are not an object"),
    ] {
        assert_eq!(found(text), IndexError::NotAnIndex { found: what }, "{text:?}");
    }
    let error = found("entries:\n  cart:\n  - version: \"1.0.0\n");
    assert!(matches!(error, IndexError::NotYaml { line: 3.., .. }), "{error}");
    assert!(matches!(found("a: [\n"), IndexError::NotYaml { .. }));
    for empty in ["apiVersion: v1\n", "apiVersion: v1\nentries:\n", "entries: {}\n", "entries: ~\n"] {
        assert!(read_index(empty.as_bytes()).unwrap().index.charts.is_empty(), "{empty}");
    }
}

#[test]
fn depth_and_repetition_cost_nothing() {
    let deep = format!("a: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(read_index(deep.as_bytes()), Err(IndexError::NotYaml { .. })));
    let deep_block: String = (0..5_000).fold(String::new(), |mut text, n| {
        writeln!(text, "{}a:", " ".repeat(n)).unwrap();
        text
    });
    assert!(matches!(read_index(deep_block.as_bytes()), Err(IndexError::NotYaml { .. })));
    let mut bomb = "entries:\n  a: &a [{ version: 1 }, { version: 2 }]\n".to_owned();
    for n in 0..60 {
        writeln!(bomb, "  b{n}: &b{n} [*a, *a, *a]").unwrap();
    }
    assert_eq!(read_index(bomb.as_bytes()).unwrap().skipped_count, 180);
}

#[test]
fn bytes_that_are_no_text_cost_nothing() {
    let mut bytes = b"entries:\n  cart:\n  - description: caf".to_vec();
    bytes.extend([0xe9, b'\n']);
    bytes.extend(b"    version: 1.0.0\n");
    assert_eq!(read_index(&bytes).unwrap().index.versions("cart"), ["1.0.0"]);
}

/// A line of an index, right or not.
fn any_line() -> impl Strategy<Value = String> {
    let content = prop_oneof![
        "(version|name|urls|description|annotations|x-y):( (1\\.0\\.[0-3]|v2|\"1\\.1\"|'1\\.2'|~|text|\"te|xt\"|'|\\||>-|\\[|\\]|\\{\\}|# c|&a 1\\.3|\\*a))?",
        "- (version|name|urls): (1\\.0\\.[0-3]|text|\"1\\.1\"|~)",
        "(cart|shop|base):( (\\[\\]|~|null|text))?",
        "(- text|-|- - a|---|\\.\\.\\.|# comment|\\? a|: b|<<: \\*a|text|\"|\\]|\\})",
    ];
    (0_usize..9, content).prop_map(|(indent, content)| format!("{}{content}", " ".repeat(indent)))
}

fn any_index() -> impl Strategy<Value = String> {
    let usual: Vec<String> = USUAL.lines().map(str::to_owned).collect();
    proptest::collection::vec((0..usual.len(), any::<bool>(), any_line()), 0..6).prop_map(move |edits| {
        let mut lines = usual.clone();
        for (at, replaces, line) in edits {
            if replaces {
                lines[at] = line;
            } else {
                lines.insert(at, line);
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where both know an answer, it is the same. That the quick reader sometimes knows one of a text that is not YAML does no harm.
    #[test]
    fn the_quick_reader_says_nothing_else(text in any_index()) {
        if let (Some(quick), Ok(slow)) = (skim(&text), walk(&text)) {
            prop_assert_eq!(quick, slow, "{}", text);
        }
    }

    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[-a-z:\\[\\]{}&*!|>'\"%@` \n]{0,60}") {
        let _ = read_index(&bytes);
        let _ = read_index(text.as_bytes());
    }
}
