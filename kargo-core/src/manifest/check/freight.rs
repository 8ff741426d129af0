//! Rules of freight (resources 8 and 17.5).

use super::{Cursor, Sink};
use crate::model::{Code, Diagnostic};

pub(super) fn check(doc: &Cursor<'_>, sink: &mut Sink<'_>) {
    let artifacts: usize = ["commits", "images", "charts", "artifacts"].iter().map(|list| doc.at(list).count()).sum();
    // A bundle's artifacts are those of its members (rules 9).
    let is_bundle = doc.at("origin").at("kind").text() == Some("Junction");
    if artifacts == 0 && !is_bundle {
        let diagnostic =
            Diagnostic::error(Code::Missing, "freight needs at least one commit, image, chart or artifact")
                .by_rule("resources 17.5");
        doc.report(sink, diagnostic, "nothing would move");
    }
    if let Some((_, value)) = doc.at("status").at("metadata").entries().find(|(key, _)| key.is_empty()) {
        let diagnostic = Diagnostic::error(Code::Range, "a key of status.metadata is empty").by_rule("resources 8.3");
        value.report(sink, diagnostic, "write a key");
    }
}
