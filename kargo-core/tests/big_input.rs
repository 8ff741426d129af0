//! Texts of a hundred megabytes and more: refused at once, or read document by document.

use kargo_core::{
    manifest::{Reader, Reading, limits},
    model::{Code, Target},
};

const HEAD: &str = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: a, namespace: p }\n";

fn codes(reading: &Reading) -> Vec<Code> {
    reading.diagnostics.iter().map(kargo_core::Diagnostic::code).collect()
}

#[test]
fn rules_19_a_document_is_limited() {
    let mut text = String::from(HEAD);
    text.push_str("spec:\n  params:\n    a: ");
    text.push_str(&"x".repeat(100 << 20));
    text.push_str("\n---\n");
    text.push_str(&HEAD.replace("name: a", "name: b"));
    let mut reader = Reader::new();
    reader.text("big.yaml", &text);
    let reading = reader.finish();
    assert_eq!(codes(&reading), [Code::Limit]);
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!((found.message(), found.rule()), ("the document is longer than 32 MiB", "rules 19"));
    assert_eq!(reading.manifests.all::<Target>().count(), 1, "the next document is read all the same");
}

#[test]
fn many_small_documents_are_read_one_by_one() {
    const DOCUMENTS: usize = 3_200;
    // A hundred megabytes, most of it in comments, so that reading them takes seconds without optimization too.
    let comment = format!("# {}\n", "x".repeat(32 << 10));
    let mut text = String::new();
    for number in 0..DOCUMENTS {
        text.push_str(&HEAD.replace("name: a", &format!("name: t{number}")));
        text.push_str(&comment);
        text.push_str("---\n");
    }
    assert!(text.len() > 100 << 20);
    let mut reader = Reader::new();
    reader.text("big.yaml", &text);
    let reading = reader.finish();
    assert!(reading.diagnostics.is_empty(), "{}", reading.diagnostics);
    assert_eq!(reading.manifests.all::<Target>().count(), DOCUMENTS);
}

#[test]
fn rules_19_a_set_is_limited() {
    // Each text alone is within every limit.
    let text = format!("#{}", "x".repeat((16 << 20) - 1));
    let mut reader = Reader::new();
    for number in 0..32 {
        reader.text(&format!("{number}.yaml"), &text);
    }
    reader.text("one-too-many.yaml", HEAD);
    let reading = reader.finish();
    assert_eq!(codes(&reading), [Code::Limit]);
    let found = reading.diagnostics.iter().next().unwrap();
    assert_eq!(found.message(), "all texts together are longer than 512 MiB");
    assert_eq!(&*found.location().unwrap().file, "one-too-many.yaml");
    assert_eq!(reading.manifests.entries().count(), 0);
}

#[test]
fn rules_19_a_document_has_so_many_values() {
    let values = "[0,0,0,0,0,0,0,0,0,0]";
    let list = format!("[{}]", vec![values; 100].join(","));
    // Expanded by aliases, so that the text is short.
    let text = format!(
        "{HEAD}spec:\n  params:\n    a: &a {list}\n    b: [{}]\n",
        vec!["*a"; limits::VALUES / 1_101 + 1].join(", ")
    );
    let mut reader = Reader::new();
    reader.text("big.yaml", &text);
    let reading = reader.finish();
    assert_eq!(codes(&reading), [Code::Limit]);
}
