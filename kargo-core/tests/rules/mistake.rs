//! Texts with exactly one mistake, marked where it must be reported, and their twins without it.
//!
//! In a text, `«wrong¦right»` is the mistake and what would be right; the report must begin at the first such mark, or at
//! `‸` where the text has one. Marks may stand several times.

use kargo_core::{
    Diagnostics,
    manifest::{Reader, Reading},
    model::{Code, Diagnostic, Severity},
    pipeline::check_freight,
};

/// Reads one text with all checks that look at documents alone or together.
pub(crate) fn read(text: &str) -> Reading {
    let mut reader = Reader::new();
    reader.text("test.yaml", text);
    finish(reader)
}

/// The same with a program's own subscription type `model`.
pub(crate) fn read_with_models(text: &str) -> Reading {
    let mut reader = Reader::new().subscription_type("model");
    reader.text("test.yaml", text);
    finish(reader)
}

fn finish(reader: Reader) -> Reading {
    let mut reading = reader.finish();
    let mut more = Diagnostics::new();
    for project in reading.manifests.projects() {
        check_freight(&reading.manifests, project, &mut more);
    }
    reading.diagnostics.extend(more);
    reading
}

/// The text must be refused with one error at its mark, and its twin must be read without a word.
#[track_caller]
pub(crate) fn error(code: Code, rule: &str, path: &str, text: &str) -> Diagnostic {
    one(Severity::Error, code, rule, path, text)
}

/// The text must be read with one warning at its mark, and its twin without a word.
#[track_caller]
pub(crate) fn warning(code: Code, rule: &str, path: &str, text: &str) -> Diagnostic {
    one(Severity::Warning, code, rule, path, text)
}

/// The text must be read without a word.
#[track_caller]
pub(crate) fn fine(text: &str) -> Reading {
    let reading = read_with_models(text);
    assert!(reading.diagnostics.is_empty(), "{}\n{text}", reading.diagnostics);
    assert!(!reading.manifests.is_empty(), "nothing was read\n{text}");
    reading
}

/// Each value, put where the text has `◌`, must be refused with one error there; each of `right` must be read.
#[track_caller]
pub(crate) fn values(code: Code, rule: &str, path: &str, text: &str, wrong: &[&str], right: &[&str]) {
    for (index, wrong) in wrong.iter().enumerate() {
        let right = right[index % right.len()];
        error(code, rule, path, &text.replace('◌', &format!("«{wrong}¦{right}»")));
    }
    for right in right {
        fine(&text.replace('◌', right));
    }
}

#[track_caller]
fn one(severity: Severity, code: Code, rule: &str, path: &str, text: &str) -> Diagnostic {
    let (wrong, (line, column)) = spoiled(text);
    let right = fine(&twin(text));
    let reading = read_with_models(&wrong);
    let found: Vec<&Diagnostic> = reading.diagnostics.iter().collect();
    let [found] = found[..] else { panic!("{} reports:{:?}\n{wrong}", found.len(), reading.diagnostics) };
    let at = found.location().unwrap_or_else(|| panic!("{found}\nhas no place")).span;
    assert_eq!(
        (found.code(), found.severity(), found.rule(), found.path().to_string().as_str(), at.line, at.column),
        (code, severity, rule, path, line, column),
        "{found}\n{wrong}"
    );
    assert!(!found.label().is_empty(), "{found}\nsays nothing at its mark");
    let entries = (reading.manifests.entries().count(), right.manifests.entries().count());
    match severity {
        Severity::Warning => assert_eq!(entries.0, entries.1, "{found}\na warning costs no object"),
        Severity::Error => assert!(reading.clone().into_result().is_err()),
    }
    found.clone()
}

/// The text with its mistakes, and the line and column of the mark.
fn spoiled(text: &str) -> (String, (u32, u32)) {
    let mut out = String::new();
    let (mut mark, mut arrow) = (None, None);
    let mut skipping = false;
    for c in text.chars() {
        match c {
            '«' => mark = mark.or(Some(place(&out))),
            '‸' => arrow = Some(place(&out)),
            '¦' => skipping = true,
            '»' => skipping = false,
            _ if skipping => {}
            _ => out.push(c),
        }
    }
    (out, arrow.or(mark).expect("the text has a mark"))
}

/// The text without its mistakes.
fn twin(text: &str) -> String {
    let mut out = String::new();
    let mut skipping = false;
    for c in text.chars() {
        match c {
            '«' => skipping = true,
            '¦' | '»' => skipping = false,
            '‸' => {}
            _ if skipping => {}
            _ => out.push(c),
        }
    }
    out
}

fn place(before: &str) -> (u32, u32) {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (u32::try_from(line).unwrap(), u32::try_from(column).unwrap())
}

/// A document of a kind in project `p`, with the given rest.
pub(crate) fn object(kind: &str, name: &str, rest: &str) -> String {
    let ours = ["Junction", "StagePolicy", "WarehousePolicy", "Pause", "Rejection", "Approval"].contains(&kind);
    let group = if ours { "kargo-core.rs" } else { "kargo.akuity.io" };
    let cluster = ["Project", "ClusterConfig", "ClusterPromotionTask"].contains(&kind);
    let namespace = if cluster { "" } else { ", namespace: p" };
    format!("apiVersion: {group}/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}{namespace} }}\n{rest}\n")
}

/// A Warehouse with these subscriptions, one a line.
pub(crate) fn warehouse(subscriptions: &str) -> String {
    let lines: String = subscriptions.trim().lines().map(|line| format!("  - {}\n", line.trim())).collect();
    object("Warehouse", "w", &format!("spec:\n  subscriptions:\n{lines}"))
}

/// A Stage whose template has these steps, one a line.
pub(crate) fn template(steps: &str) -> String {
    let lines: String = steps.trim().lines().map(|line| format!("      - {}\n", line.trim())).collect();
    let request = "  requestedFreight: [{ origin: { kind: Warehouse, name: w }, sources: { direct: true } }]";
    object("Stage", "s", &format!("spec:\n{request}\n  promotionTemplate:\n    spec:\n      steps:\n{lines}"))
}

/// A Stage with these requests, one a line.
pub(crate) fn requests(requests: &str) -> String {
    let lines: String = requests.trim().lines().map(|line| format!("  - {}\n", line.trim())).collect();
    object("Stage", "s", &format!("spec:\n  requestedFreight:\n{lines}"))
}
