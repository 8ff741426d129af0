//! Rules of Junctions (rules 8 and 9).

use std::collections::BTreeMap;

use super::{Cursor, Sink, common, stage};
use crate::model::{Code, Diagnostic, Duration};

pub(super) fn check(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let spec = doc.at("spec");
    let mut origins = BTreeMap::new();
    for slot in spec.at("requestedFreight").each() {
        let (origin, selector, sources) = (slot.at("origin"), slot.at("originSelector"), slot.at("sources"));
        if origin.exists() == selector.exists() {
            let both = origin.exists();
            let message = if both {
                "a slot has both origin and originSelector"
            } else {
                "a slot says of no origin that it takes its freight"
            };
            let diagnostic = Diagnostic::error(Code::Conflict, message)
                .by_rule("rules 8")
                .help("origin makes one slot; originSelector makes one for each origin with its labels");
            let place = if both { &selector } else { &slot };
            place.report(sink, diagnostic, "exactly one of the two");
        }
        if let (Some(kind), Some(name)) = (origin.at("kind").text(), origin.at("name").text()) {
            stage::once(&origin, (kind, name), &mut origins, sink);
        }
        common::label_selector(&selector, sink);
        stage::sources(&sources, sink);
        let fill = slot.at("fill");
        if fill.text() == Some("MatchUpstream") {
            stage::match_upstream(&sources, &fill, "fill", sink);
        }
        if sources.at("autoPromotionOptions").exists() {
            let diagnostic = Diagnostic::error(Code::Conflict, "a slot is filled as `fill` says")
                .by_rule("rules 8")
                .help("write fill: NewestFreight, MatchUpstream or Manual beside sources");
            sources.report_key(sink, "autoPromotionOptions", diagnostic, "only in Stages");
        }
    }
    at_most_not_below_settle(&spec.at("release"), sink);
}

/// Quiet time is bounded from above by `atMost`, so it cannot be shorter than `settle`.
pub(super) fn at_most_not_below_settle(block: &Cursor<'_>, sink: &mut Sink<'_>) {
    let read = |key: &str| block.at(key).text().and_then(|text| text.parse::<Duration>().ok());
    if let (Some(settle), Some(at_most)) = (read("settle"), read("atMost"))
        && at_most < settle
    {
        let diagnostic = Diagnostic::error(Code::Range, format!("atMost, {at_most}, is shorter than settle, {settle}"))
            .by_rule("rules 8")
            .help("atMost bounds the quiet time that settle asks for");
        block.at("atMost").report(sink, diagnostic, format!("at least {settle}"));
    }
}
