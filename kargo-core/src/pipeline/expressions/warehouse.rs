//! The expressions of a Warehouse: criteria of new freight, and filters of commits (discovery 1.8, 3.8).

use std::sync::Arc;

use super::{
    freight::Requested,
    outcome::Wanted,
    scope::{Scope, Shape},
    site::{Form, Place, Site, Tools},
};
use crate::{
    model::{CommitSelectionStrategy, FreightCreationPolicy, Kind, Path, Source, Warehouse},
    pipeline::{
        nouns::Item,
        text::{Report, Subject},
    },
};

/// Checks a Warehouse.
pub(super) fn check(tools: &Tools, item: &Item<'_>, warehouse: &Warehouse, report: &mut Report) {
    let subject = Subject { kind: Kind::Warehouse, name: item.name, entry: item.entry };
    let criteria = warehouse.spec.freight_creation_criteria.as_ref();
    let expression =
        criteria.and_then(|criteria| criteria.expression.as_deref()).filter(|text| !text.trim().is_empty());
    // Criteria are ignored where people make freight.
    if let Some(text) =
        expression.filter(|_| warehouse.spec.freight_creation_policy == FreightCreationPolicy::Automatic)
    {
        let mut scope = Scope::new();
        scope.freight = Some(Arc::new(Requested::discovered(warehouse)));
        let path = Path::of(&["spec", "freightCreationCriteria", "expression"]);
        site(subject, path, text, Place::CreationCriteria, &[Arc::new(scope)]).check(tools, report);
    }
    for (index, subscription) in warehouse.spec.subscriptions.iter().enumerate() {
        let Source::Git(git) = &subscription.source else { continue };
        let Some(text) = git.expression_filter.as_deref().filter(|text| !text.is_empty()) else { continue };
        let path = Path::of(&["spec", "subscriptions"]).index(index).key("git").key("expressionFilter");
        let scopes = [Arc::new(commit_scope(git.commit_selection_strategy))];
        site(subject, path, text, Place::CommitFilter, &scopes).check(tools, report);
    }
}

fn site<'s>(subject: Subject<'s>, path: Path, text: &'s str, place: Place, scopes: &'s [Arc<Scope>]) -> Site<'s> {
    Site { subject, path, text, place, form: Form::Bare, wanted: Wanted::LooseTruth, scopes, through: None }
}

/// What a filter knows of a commit or tag (discovery 3.8).
fn commit_scope(strategy: CommitSelectionStrategy) -> Scope {
    let mut scope = Scope::new();
    for name in ["id", "author", "committer", "subject"] {
        scope = scope.with(name, Shape::Text);
    }
    match strategy {
        CommitSelectionStrategy::NewestFromBranch => scope.with("commitDate", Shape::Any),
        _ => ["tag", "tagger", "annotation"]
            .into_iter()
            .fold(scope.with("creatorDate", Shape::Any), |scope, name| scope.with(name, Shape::Text)),
    }
}
