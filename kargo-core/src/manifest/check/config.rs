//! Rules of ProjectConfig and ClusterConfig (resources 17.2 and 17.3).

use std::collections::BTreeSet;

use super::{Cursor, Sink, common};
use crate::{
    calendar::{CalendarError, Moment, Window},
    manifest::schema::PROVIDERS,
    model::{Code, Diagnostic, PromotionWindow, WindowKind, pattern},
};

pub(super) fn project(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let meta = doc.at("metadata");
    if let (Some(name), Some(namespace)) = (meta.at("name").filled_text(), meta.at("namespace").filled_text())
        && name != namespace
        // Where one of the two is no name at all, that is the mistake.
        && pattern::is_name(name)
        && pattern::is_dns_label(namespace)
    {
        let message = format!("a ProjectConfig is named as its namespace, {namespace:?}, not {name:?}");
        let diagnostic = Diagnostic::error(Code::ObjectName, message).by_rule("resources 17.2");
        meta.at("name").report(sink, diagnostic, format!("write {namespace}"));
    }
    let spec = doc.at("spec");
    policies(&spec.at("promotionPolicies"), sink);
    receivers(&spec.at("webhookReceivers"), sink);
    for window in spec.at("promotionWindows").each() {
        self::window(&window, sink);
        let projects = window.at("projectSelector");
        if projects.exists() {
            let diagnostic =
                Diagnostic::warning(Code::Conflict, "a ProjectConfig's window covers its own project only")
                    .by_rule("resources 6.5")
                    .help("leave projectSelector out, or move the window to the ClusterConfig");
            window.report_key(sink, "projectSelector", diagnostic, "without meaning here");
        }
    }
}

pub(super) fn cluster(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let name = doc.at("metadata").at("name");
    if let Some(text) = name.filled_text()
        && text != "cluster"
        && pattern::is_name(text)
    {
        let diagnostic =
            Diagnostic::error(Code::ObjectName, format!("a ClusterConfig is named \"cluster\", not {text:?}"))
                .by_rule("resources 17.3");
        name.report(sink, diagnostic, "write cluster");
    }
    let spec = doc.at("spec");
    receivers(&spec.at("webhookReceivers"), sink);
    for window in spec.at("promotionWindows").each() {
        self::window(&window, sink);
    }
}

/// Promotion policies: one way to name Stages each, patterns that can be read, no exact name twice.
fn policies(policies: &Cursor<'_>, sink: &mut Sink<'_>) {
    let mut exact = BTreeSet::new();
    for policy in policies.each_object() {
        let (stage, selector) = (policy.at("stage"), policy.at("stageSelector"));
        match (stage.filled_text(), selector.exists()) {
            (Some(_), true) => {
                let diagnostic = Diagnostic::error(Code::Conflict, "a policy has both stage and stageSelector")
                    .by_rule("resources 6.1")
                    .help("keep stageSelector");
                policy.report_key(sink, "stage", diagnostic, "exactly one of the two");
            }
            (None, false) => {
                let diagnostic = Diagnostic::error(Code::Conflict, "a policy says of no Stage that it covers it")
                    .by_rule("resources 6.1")
                    .help("write stageSelector: { name: <stage> }; an empty selector, {}, covers every Stage");
                policy.report(sink, diagnostic, "neither stage nor stageSelector");
            }
            (Some(name), false) => {
                let diagnostic = Diagnostic::warning(Code::Deprecated, "stage is deprecated in policies")
                    .by_rule("resources 22")
                    .help(format!("write stageSelector: {{ name: {name} }}"));
                policy.report_key(sink, "stage", diagnostic, "read as a stageSelector");
            }
            (None, true) => {}
        }
        common::policy_selector(&selector, sink);
        let name = if selector.exists() { selector.at("name") } else { stage };
        let Some(text) = name.filled_text() else { continue };
        if !text.contains(':') && !exact.insert(text) {
            let diagnostic = Diagnostic::error(Code::Duplicate, format!("two policies name Stage {text:?}"))
                .by_rule("resources 17.2")
                .help("the first policy that matches decides; merge the two");
            name.report(sink, diagnostic, "here again");
        }
    }
}

/// Webhook receivers: one provider each; targets of generic receivers are selected by something.
fn receivers(receivers: &Cursor<'_>, sink: &mut Sink<'_>) {
    for receiver in receivers.each_object() {
        let blocks = receiver.entries().map(|(key, _)| key);
        let present: Vec<&str> = blocks.filter(|key| PROVIDERS.contains(key) && receiver.at(key).exists()).collect();
        let counted = present.iter().filter(|provider| **provider != "harbor").count();
        match present.as_slice() {
            [] => {
                let diagnostic = Diagnostic::error(Code::Conflict, "a webhook receiver has no provider")
                    .by_rule("resources 17.3")
                    .help("write one of github, gitlab, gitea, bitbucket, azure, dockerhub, quay, harbor, artifactory, generic");
                receiver.report(sink, diagnostic, "every sync would fail");
            }
            [_] => {}
            [first, second, ..] => {
                let message = format!("a webhook receiver has several providers: {}", present.join(", "));
                // Kargo does not count harbor (resources 23, trap 24), so harbor and one other pass there.
                let diagnostic = if counted > 1 {
                    Diagnostic::error(Code::Conflict, message)
                } else {
                    Diagnostic::warning(Code::Conflict, message).note("Kargo lets this pass and uses one of the two")
                };
                let diagnostic =
                    diagnostic.by_rule("resources 17.3").help(format!("write a receiver each: {first}, {second}"));
                receiver.report_key(sink, second, diagnostic, "one provider, one receiver");
            }
        }
        for action in receiver.at("generic").at("actions").each() {
            for criteria in action.at("targetSelectionCriteria").each_object() {
                webhook_target(&criteria, sink);
            }
        }
    }
}

fn webhook_target(criteria: &Cursor<'_>, sink: &mut Sink<'_>) {
    let labels = criteria.at("labelSelector");
    common::templated_selector(&labels, sink);
    let by_labels = labels.at("matchLabels").entries().next().is_some() || labels.at("matchExpressions").count() > 0;
    let indices = criteria.at("indexSelector").at("matchIndices");
    if criteria.at("name").filled_text().is_none() && !by_labels && indices.count() == 0 {
        let diagnostic = Diagnostic::error(Code::Conflict, "a generic receiver's target is selected by nothing")
            .by_rule("resources 17.3")
            .help("give a name, a labelSelector or an indexSelector");
        criteria.report(sink, diagnostic, "needs at least one of the three");
    }
    for index in indices.each() {
        let operator = index.at("operator");
        if let Some(text) = operator.text()
            && !matches!(text, "Equals" | "NotEquals")
        {
            let diagnostic = Diagnostic::error(Code::NotAllowed, format!("there is no index operator {text:?}"))
                .by_rule("resources 6.4");
            operator.report(sink, diagnostic, "write Equals or NotEquals");
        }
    }
}

/// A promotion window (resources 6.5): selectors, and times that can be read and come.
pub(super) fn window(window: &Cursor<'_>, sink: &mut Sink<'_>) {
    common::policy_selector(&window.at("stageSelector"), sink);
    common::policy_selector(&window.at("projectSelector"), sink);
    if ["rrule", "dtstart", "dtend"].iter().any(|key| window.at(key).exists() && window.at(key).text().is_none()) {
        // Of another type, which is reported already.
        return;
    }
    let text = |key: &str| window.at(key).filled_text().map(str::to_owned);
    let noun = PromotionWindow {
        name: text("name").unwrap_or_default(),
        kind: WindowKind::Allow,
        stage_selector: None,
        project_selector: None,
        rrule: text("rrule"),
        dtstart: text("dtstart"),
        dtend: text("dtend"),
    };
    let Err(error) = Window::new(&noun) else { return };
    let unread = |key: &&str| text(key).is_some_and(|text| text.parse::<Moment>().is_err());
    let wrong = match error {
        CalendarError::Moment(_) | CalendarError::Zone(_) => ["dtstart", "dtend"].iter().find(|key| unread(key)),
        CalendarError::Backwards => Some(&"dtend"),
        _ => Some(&"rrule"),
    };
    let diagnostic = Diagnostic::warning(Code::Format, error.to_string())
        .by_rule("resources 6.5")
        .note("Kargo's open edition stores windows without reading them");
    window.at(wrong.unwrap_or(&"dtstart")).report(sink, diagnostic, "this window is never active");
}
