//! Rules of StagePolicy and WarehousePolicy (rules 11).

use super::{Cursor, Sink, common, config, junction, stage};
use crate::model::{Code, Diagnostic};

pub(super) fn stage(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let spec = doc.at("spec");
    let requests = spec.at("requestedFreight");
    stage::requests(&requests, sink);
    for request in requests.each() {
        let kind = request.at("origin").at("kind");
        if kind.text() == Some("Warehouse") {
            let diagnostic = Diagnostic::error(Code::Conflict, "a StagePolicy requests freight of Junctions only")
                .by_rule("rules 11")
                .help("request a Warehouse's freight in the Stage itself");
            kind.report(sink, diagnostic, "write Junction");
        }
    }
    for window in spec.at("windows").each() {
        config::window(&window, sink);
        for key in ["stageSelector", "projectSelector"] {
            if window.at(key).exists() {
                let diagnostic = Diagnostic::error(Code::Conflict, "a StagePolicy's window covers its own Stage only")
                    .by_rule("rules 11")
                    .help("leave the selector out, or move the window to the ProjectConfig");
                window.report_key(sink, key, diagnostic, "without meaning here");
            }
        }
    }
    for actor in spec.at("approvals").at("actors").each() {
        actor_pattern(&actor, sink);
    }
    for wave in spec.at("waves").each() {
        common::label_selector(&wave.at("selector"), sink);
    }
}

/// Actors contain `:` themselves (`email:ana@acme.example`), so only the pattern prefixes are read as such.
fn actor_pattern(actor: &Cursor<'_>, sink: &mut Sink<'_>) {
    let Some(text) = actor.text() else { return };
    if ["glob:", "regex:", "regexp:"].iter().any(|prefix| text.starts_with(prefix)) {
        common::name_pattern(actor, sink);
    } else if text.is_empty() {
        let diagnostic = Diagnostic::error(Code::Range, "an actor is empty").by_rule("resources 15.5");
        actor.report(sink, diagnostic, "write an actor, such as email:ana@acme.example");
    }
}

pub(super) fn warehouse(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    junction::at_most_not_below_settle(&doc.at("spec").at("debounce"), sink);
}
