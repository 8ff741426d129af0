//! Rules of Stages (resources 9.1 and 17.6).

use std::collections::BTreeMap;

use super::{
    Cursor, Sink, common,
    steps::{self, Place},
};
use crate::model::{Code, Diagnostic};

pub(super) fn check(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let spec = doc.at("spec");
    requests(&spec.at("requestedFreight"), sink);
    steps::check(&spec.at("promotionTemplate").at("spec").at("steps"), Place::Template, sink);
    for selector in spec.at("targets").at("selectors").each() {
        common::label_selector(&selector, sink);
    }
}

/// Requests for freight: every origin once, and each can be read.
pub(super) fn requests(requests: &Cursor<'_>, sink: &mut Sink<'_>) {
    let mut origins = BTreeMap::new();
    for request in requests.each() {
        let origin = request.at("origin");
        if let (Some(kind), Some(name)) = (origin.at("kind").text(), origin.at("name").text()) {
            once(&origin, (kind, name), &mut origins, sink);
        }
        sources(&request.at("sources"), sink);
    }
}

/// Reports an origin that was requested before.
pub(super) fn once<'n>(
    origin: &Cursor<'n>,
    key: (&'n str, &'n str),
    origins: &mut BTreeMap<(&'n str, &'n str), u32>,
    sink: &mut Sink<'_>,
) {
    if let Some(line) = origins.insert(key, origin.span().line) {
        let diagnostic =
            Diagnostic::error(Code::DuplicateOrigin, format!("freight of {}/{} is requested twice", key.0, key.1))
                .by_rule("resources 17.6")
                .help("one request for each origin; list all its upstream Stages in it")
                .note(format!("the first request stands at line {line}"));
        origin.report(sink, diagnostic, "here again");
    }
}

/// Sources of requested freight.
pub(super) fn sources(sources: &Cursor<'_>, sink: &mut Sink<'_>) {
    let policy = sources.at("autoPromotionOptions").at("selectionPolicy");
    if policy.text() == Some("MatchUpstream") {
        match_upstream(sources, &policy, "selectionPolicy", sink);
    }
    let mut seen = BTreeMap::new();
    for stage in sources.at("stages").each() {
        let Some(name) = stage.text() else { continue };
        if seen.insert(name, ()).is_some() {
            let diagnostic =
                Diagnostic::warning(Code::Duplicate, format!("Stage {name:?} is listed twice as a source"))
                    .by_rule("resources 9.1")
                    .help("keep one of the two");
            stage.report(sink, diagnostic, "here again");
        }
    }
}

/// `MatchUpstream` follows exactly one Stage.
pub(super) fn match_upstream(sources: &Cursor<'_>, chosen: &Cursor<'_>, key: &str, sink: &mut Sink<'_>) {
    let stages = sources.at("stages").count();
    if sources.at("direct").flag() == Some(true) || stages != 1 {
        let diagnostic =
            Diagnostic::error(Code::Conflict, format!("{key} MatchUpstream follows exactly one upstream Stage"))
                .by_rule("resources 17.6")
                .help("list one Stage in sources.stages and leave sources.direct out");
        let found = if sources.at("direct").flag() == Some(true) {
            "but sources.direct is true".to_owned()
        } else {
            format!("but sources.stages lists {stages}")
        };
        chosen.report(sink, diagnostic, found);
    }
}
