//! Rules of promotions and tasks (resources 10, 11, 17.4 and 17.8).

use super::{
    Cursor, Sink,
    steps::{self, Place},
};
use crate::model::{Code, Diagnostic, Loops, label};

pub(super) fn promotion(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let spec = doc.at("spec");
    let (freight, origin) = (spec.at("freight"), spec.at("origin"));
    if spec.is_object() && freight.exists() == origin.exists() {
        let both = origin.exists();
        let message =
            if both { "a promotion has both freight and origin" } else { "a promotion has neither freight nor origin" };
        let diagnostic = Diagnostic::error(Code::Conflict, message)
            .by_rule("resources 10")
            .help("freight names what is promoted; origin asks for its current candidate");
        let place = if both { &origin } else { &spec };
        place.report(sink, diagnostic, "exactly one of the two");
    }
    let target = spec.at("target");
    if target.filled_text().is_some() && !is_child_of_request(doc) {
        let diagnostic = Diagnostic::error(Code::Conflict, "only a PromotionRequest's promotions have a target")
            .by_rule("resources 17.8")
            .help("create a PromotionRequest for the Stage; it makes one promotion for each Target");
        target.report(sink, diagnostic, "the controlling owner is no PromotionRequest");
    }
    steps::check(&spec.at("steps"), Place::Promotion, sink);
    loops(doc, sink);
}

/// The record of loops speaks of the steps that are there (rules 15).
fn loops(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let annotation = doc.at("metadata").at("annotations").at(label::EXT_LOOPS);
    let Some(loops) = annotation.text().and_then(|text| text.parse::<Loops>().ok()) else { return };
    let steps = doc.at("spec").at("steps");
    let aliases: Vec<&str> = steps.each().map(|step| step.at("as").filled_text().unwrap_or_default()).collect();
    if let Err(error) = loops.check(&aliases) {
        let diagnostic = Diagnostic::error(Code::Conflict, error.to_string()).by_rule("rules 15");
        annotation.report(sink, diagnostic, "does not fit spec.steps");
    }
}

pub(super) fn task(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    steps::check(&doc.at("spec").at("steps"), Place::Task, sink);
}

fn is_child_of_request(doc: &Cursor<'_>) -> bool {
    doc.at("metadata")
        .at("ownerReferences")
        .each()
        .any(|owner| owner.at("kind").text() == Some("PromotionRequest") && owner.at("controller").flag() == Some(true))
}
