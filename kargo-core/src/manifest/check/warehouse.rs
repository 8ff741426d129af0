//! Rules of Warehouses: names and uniqueness of subscriptions (resources 7.1 and 17.7).

use std::collections::BTreeMap;

use super::{Cursor, Sink, subscription};
use crate::model::{Code, Diagnostic, pattern, url};

pub(super) fn check(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let mut names = BTreeMap::new();
    let mut repositories: BTreeMap<(&str, String), u32> = BTreeMap::new();
    for entry in doc.at("spec").at("subscriptions").each() {
        let mut types = entry.entries().filter(|(key, _)| *key != "name");
        let (Some((key, body)), None) = (types.next(), types.next()) else { continue };
        name(key, &entry, &mut names, sink);
        match key {
            "git" => subscription::git(&body, sink),
            "image" => subscription::image(&body, sink),
            "chart" => subscription::chart(&body, sink),
            _ => {}
        }
        let repo = body.at("repoURL");
        let Some(text) = repo.filled_text() else { continue };
        let normal = match key {
            "git" => url::normalize_git(text),
            "image" => url::normalize_image(text),
            "chart" => chart_key(text, body.at("name").text().unwrap_or_default()),
            _ => continue,
        };
        let line = repo.span().line;
        if let Some(first) = repositories.get(&(key, normal.clone())) {
            let diagnostic = Diagnostic::error(Code::Overlap, format!("the Warehouse subscribes to {text} twice"))
                .by_rule("resources 17.7")
                .help("one subscription to a repository in a Warehouse; a second Warehouse may subscribe to it too")
                .note(format!("the first stands at line {first}; both mean {normal}"));
            repo.report(sink, diagnostic, "here again");
        } else {
            repositories.insert((key, normal), line);
        }
    }
}

/// What makes a chart subscription unique: the chart's name counts only in classic repositories.
fn chart_key(repo_url: &str, name: &str) -> String {
    let normal = url::normalize_chart(repo_url);
    if repo_url.starts_with("http://") || repo_url.starts_with("https://") {
        format!("{normal}:{name}")
    } else {
        normal
    }
}

fn name<'n>(key: &str, entry: &Cursor<'n>, names: &mut BTreeMap<&'n str, u32>, sink: &mut Sink<'_>) {
    let name = entry.at("name");
    let Some(text) = name.filled_text() else {
        if !matches!(key, "git" | "image" | "chart") {
            let diagnostic = Diagnostic::error(Code::Missing, format!("a subscription of type {key:?} needs a name"))
                .by_rule("resources 7.1");
            entry.report(sink, diagnostic, "write name: <name> beside the type");
        }
        return;
    };
    if !pattern::is_dns_label(text) {
        let diagnostic =
            Diagnostic::error(Code::Format, format!("{text:?} is not a subscription's name")).by_rule("resources 7.1");
        name.report(sink, diagnostic, "lower-case letters, digits and `-`, at most 63");
    }
    if let Some(line) = names.insert(text, name.span().line) {
        let diagnostic = Diagnostic::error(Code::Duplicate, format!("two subscriptions are named {text:?}"))
            .by_rule("resources 7.1")
            .note(format!("the first stands at line {line}"));
        name.report(sink, diagnostic, "here again");
    }
}
