//! Rules of metadata and of selectors, which many kinds share.

use serde_json::Value;

use super::{Cursor, Sink};
use crate::{
    freight::Member,
    model::{Code, Diagnostic, FreightIntent, Kind, Loops, Origin, label, nearest, pattern},
    select::NamePattern,
};

/// Name, namespace, labels and annotations (resources 1, 2, 15; rules 11).
pub(super) fn metadata(kind: Kind, doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let meta = doc.at("metadata");
    if !meta.is_object() {
        return;
    }
    // Admission names freight and promotions itself (resources 16.1 and 16.4).
    let named_by_admission = matches!(kind, Kind::Freight | Kind::Promotion);
    if meta.at("name").filled_text().is_none()
        && !meta.at("name").exists()
        && meta.at("generateName").filled_text().is_none()
        && !named_by_admission
    {
        let diagnostic = Diagnostic::error(Code::Missing, "metadata.name is missing").by_rule("resources 1");
        meta.report_key(sink, "name", diagnostic, "this object needs a field \"name\"");
    }
    let namespace = meta.at("namespace");
    if let Some(name) = namespace.filled_text() {
        if kind.is_cluster_scoped() {
            let message = format!("a {kind} belongs to no namespace");
            let diagnostic = Diagnostic::warning(Code::Conflict, message).by_rule("resources 1").help("leave it out");
            namespace.report(sink, diagnostic, "ignored");
        } else if !pattern::is_dns_label(name) {
            let diagnostic =
                Diagnostic::error(Code::Format, format!("{name:?} is not a namespace's name")).by_rule("resources 1");
            namespace.report(sink, diagnostic, "lower-case letters, digits and `-`, at most 63");
        }
    }
    for (key, value) in meta.at("labels").entries() {
        label_key(key, &value, sink);
    }
    for (key, value) in meta.at("annotations").entries() {
        annotation(kind, key, &value, sink);
    }
}

/// Annotations of ours are known and well formed, or refused.
fn annotation(kind: Kind, key: &str, value: &Cursor<'_>, sink: &mut Sink<'_>) {
    if !key.starts_with("kargo-core.rs/") {
        return;
    }
    if !label::EXTENSION_ANNOTATIONS.contains(&key) {
        let mut diagnostic =
            Diagnostic::error(Code::UnknownExtension, format!("there is no annotation {key:?}")).by_rule("rules 11");
        if let Some(near) = nearest(key, label::EXTENSION_ANNOTATIONS.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean {near:?}?"));
        }
        value.report(sink, diagnostic, "annotations of ours are refused when they are not known");
        return;
    }
    let of_freight = matches!(key, label::EXT_INTENT | label::EXT_MEMBERS);
    let on = if of_freight { Kind::Freight } else { Kind::Promotion };
    if kind != on {
        let message = format!("the annotation {key} has no meaning on a {kind}");
        let diagnostic = Diagnostic::error(Code::UnknownExtension, message).by_rule("rules 11");
        value.report(sink, diagnostic, format!("only on a {on}"));
        return;
    }
    let Some(text) = value.text() else { return };
    let (fits, rule, wanted) = match key {
        label::EXT_INTENT => {
            let fits = serde_json::from_value::<FreightIntent>(Value::String(text.to_owned())).is_ok();
            (fits, "rules 13", "Auto, Manual or Hotfix")
        }
        label::EXT_LOOPS => {
            let wanted = "a JSON list: [{\"alias\": \"roll\", \"mode\": \"Parallel\", \"first\": 0, \"steps\": 1, \"members\": 2}]";
            (text.parse::<Loops>().is_ok(), "rules 15", wanted)
        }
        label::EXT_STEPS => {
            let fits = serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok();
            (fits, "rules 14", "a JSON object whose keys are step aliases")
        }
        label::EXT_MEMBERS => {
            let fits = serde_json::from_str::<Vec<Member>>(text).is_ok();
            (fits, "rules 9", "a JSON list of members, each with name and origin")
        }
        label::EXT_END => (matches!(text, "Superseded" | "Withdrawn"), "rules 7", "Superseded or Withdrawn"),
        _ => {
            let map = serde_json::from_str::<std::collections::BTreeMap<String, String>>(text);
            let fits = map.is_ok_and(|map| map.keys().all(|key| key.parse::<Origin>().is_ok()));
            (fits, "rules 13", "a JSON object whose keys are origins: {\"Warehouse/cart\": \"...\"}")
        }
    };
    if !fits {
        let diagnostic = Diagnostic::error(Code::Format, format!("the annotation {key} cannot be read")).by_rule(rule);
        value.report(sink, diagnostic, format!("write {wanted}"));
    }
}

/// Keys, operators and values of a label selector (resources 2): Kubernetes' schema takes any, evaluation fails on those
/// that no label can have.
pub(super) fn label_selector(selector: &Cursor<'_>, sink: &mut Sink<'_>) {
    templated_selector(selector, sink);
    for (_, value) in selector.at("matchLabels").entries() {
        label_value(&value, sink);
    }
    for requirement in selector.at("matchExpressions").each() {
        for value in requirement.at("values").each() {
            label_value(&value, sink);
        }
    }
}

/// The same for a selector whose values may be expressions (resources 6.4).
pub(super) fn templated_selector(selector: &Cursor<'_>, sink: &mut Sink<'_>) {
    for (key, value) in selector.at("matchLabels").entries() {
        label_key(key, &value, sink);
    }
    for requirement in selector.at("matchExpressions").each() {
        let key = requirement.at("key");
        if let Some(text) = key.text() {
            label_key(text, &key, sink);
        }
        operator(&requirement, sink);
    }
}

fn label_key(key: &str, place: &Cursor<'_>, sink: &mut Sink<'_>) {
    if !pattern::is_label_key(key) {
        let diagnostic =
            Diagnostic::error(Code::Format, format!("{key:?} is not a label's key")).by_rule("resources 2");
        place.report(sink, diagnostic, "write [prefix/]name");
    }
}

fn label_value(value: &Cursor<'_>, sink: &mut Sink<'_>) {
    if let Some(text) = value.text()
        && !pattern::is_label_value(text)
    {
        let diagnostic =
            Diagnostic::error(Code::Format, format!("{text:?} is not a label's value")).by_rule("resources 2");
        value.report(sink, diagnostic, "no label has this value: letters, digits, `-`, `_` and `.`, at most 63");
    }
}

fn operator(requirement: &Cursor<'_>, sink: &mut Sink<'_>) {
    const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];
    let operator = requirement.at("operator");
    let Some(text) = operator.text() else { return };
    if !OPERATORS.contains(&text) {
        let mut diagnostic =
            Diagnostic::error(Code::NotAllowed, format!("there is no label operator {text:?}")).by_rule("resources 2");
        if let Some(near) = nearest(text, OPERATORS) {
            diagnostic = diagnostic.help(format!("did you mean {near:?}?"));
        }
        operator.report(sink, diagnostic, "write In, NotIn, Exists or DoesNotExist");
        return;
    }
    let values = requirement.at("values");
    if values.is_no_list() {
        return;
    }
    let wants_values = matches!(text, "In" | "NotIn");
    if wants_values == (values.count() == 0) {
        let verb = if wants_values { "needs" } else { "takes no" };
        let diagnostic = Diagnostic::error(Code::Conflict, format!("the label operator {text} {verb} values"))
            .by_rule("resources 2");
        let place = if values.exists() { &values } else { &operator };
        place.report(sink, diagnostic, if wants_values { "nothing to compare with" } else { "leave them out" });
    }
}

/// A selector by name, labels or both (resources 6.2).
pub(super) fn policy_selector(selector: &Cursor<'_>, sink: &mut Sink<'_>) {
    label_selector(selector, sink);
    name_pattern(&selector.at("name"), sink);
}

/// A name, or a pattern of names behind `glob:` or `regex:` (resources 17.2).
pub(super) fn name_pattern(name: &Cursor<'_>, sink: &mut Sink<'_>) {
    let Some(text) = name.filled_text() else { return };
    if let Err(error) = NamePattern::parse(text) {
        let diagnostic = Diagnostic::error(Code::Pattern, error.to_string()).by_rule("resources 17.2");
        name.report(sink, diagnostic, "write a name, glob:<pattern> or regex:<expression>");
    }
}
