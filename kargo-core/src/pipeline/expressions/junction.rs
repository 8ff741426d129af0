//! The expressions of a Junction: criteria of a release, and the alias of its bundles (rules 8).

use std::sync::Arc;

use super::{
    freight::Requested,
    outcome::Wanted,
    scope::{Fields, Missing, Scope, Shape},
    site::{Form, Place, Site, Tools},
};
use crate::{
    model::{Code, Junction, Kind, Path},
    pipeline::{
        draft::Draft,
        text::{Report, Subject},
    },
};

/// Checks a Junction.
pub(super) fn check(tools: &Tools, draft: &Draft<'_>, node: usize, junction: &Junction, report: &mut Report) {
    let Some(item) = draft.nouns.items.get(node) else { return };
    let subject = Subject { kind: Kind::Junction, name: item.name, entry: item.entry };
    let freight = Arc::new(Requested::of_node(draft, node));
    let scope = |context: &[&str], reason| {
        let missing = Missing { code: Code::ExprName, what: "field", reason, certain: false };
        let mut fields = Fields::new(missing);
        for name in context {
            fields.add(*name, Shape::Number);
        }
        let mut scope = Scope::new().with("ctx", fields.shape());
        scope.freight = Some(Arc::clone(&freight));
        [Arc::new(scope)]
    };
    if let Some(criteria) = &junction.spec.release.criteria {
        Site {
            subject,
            path: Path::of(&["spec", "release", "criteria", "expression"]),
            text: &criteria.expression,
            place: Place::JunctionCriteria,
            form: Form::Either,
            wanted: Wanted::LooseTruth,
            scopes: &scope(&[], "the release number is known in alias alone"),
            through: None,
        }
        .check(tools, report);
    }
    if let Some(alias) = &junction.spec.alias {
        Site {
            subject,
            path: Path::of(&["spec", "alias"]),
            text: alias,
            place: Place::JunctionAlias,
            form: Form::Template,
            wanted: Wanted::Anything,
            scopes: &scope(&["sequence"], "ctx has sequence, the release number"),
            through: None,
        }
        .check(tools, report);
    }
}
