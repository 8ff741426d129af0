//! Rules between the documents of one set (resources 17.5 and 17.9): objects defined twice, aliases used twice, requests to
//! Stages without Targets.

use std::collections::BTreeMap;

use super::{Entry, Manifests};
use crate::model::{Code, Diagnostic, Diagnostics, Freight, Kind, Path, PromotionRequest, Stage};

/// Checks the rules between documents.
pub(crate) fn check(manifests: &Manifests, out: &mut Diagnostics) {
    objects_twice(manifests, out);
    aliases_twice(manifests, out);
    requests_fit(manifests, out);
}

fn objects_twice(manifests: &Manifests, out: &mut Diagnostics) {
    let mut seen: BTreeMap<(Kind, Option<&str>, &str), &Entry> = BTreeMap::new();
    for entry in manifests.entries() {
        let object = entry.object();
        if object.name().is_empty() {
            continue;
        }
        let key = (object.kind(), manifests.project_of(object), object.name());
        if let Some(first) = seen.insert(key, entry) {
            let path = Path::of(&["metadata", "name"]);
            let mut diagnostic = Diagnostic::error(
                Code::DuplicateObject,
                format!("{} {} is defined twice", object.kind(), object.name()),
            )
            .by_rule("resources 1")
            .help("keep one of the two definitions")
            .at(entry.locate(&path), "here again")
            .in_object(object.kind(), object.name(), path.clone());
            if let Some(at) = first.locate(&path) {
                diagnostic = diagnostic.note(format!("the other stands at {}:{}", at.file, at.span.line));
            }
            out.push(diagnostic);
        }
    }
}

fn aliases_twice(manifests: &Manifests, out: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (freight, entry) in manifests.all::<Freight>() {
        let Some(alias) = freight.alias.as_deref() else { continue };
        let name = freight.metadata.name.as_str();
        let first = *seen.entry((manifests.project_of(entry.object()), alias)).or_insert(name);
        if first != name {
            let path = Path::of(&["alias"]);
            let diagnostic =
                Diagnostic::warning(Code::Duplicate, format!("two pieces of freight have the alias {alias:?}"))
                    .by_rule("resources 17.5")
                    .help("name them by their ids, or give one of them another alias: by this one neither is found")
                    .note(format!("the other is {first}"))
                    .at(entry.locate(&path), "here again")
                    .in_object(Kind::Freight, name, path);
            out.push(diagnostic);
        }
    }
}

/// A promotion request is for a target-aware Stage.
fn requests_fit(manifests: &Manifests, out: &mut Diagnostics) {
    let stages: BTreeMap<_, &Stage> = manifests
        .all::<Stage>()
        .map(|(stage, entry)| ((manifests.project_of(entry.object()), stage.metadata.name.as_str()), stage))
        .collect();
    for (request, entry) in manifests.all::<PromotionRequest>() {
        let project = manifests.project_of(entry.object());
        let Some(stage) = stages.get(&(project, &*request.spec.stage)) else { continue };
        if !stage.is_target_aware() {
            let path = Path::of(&["spec", "stage"]);
            let diagnostic =
                Diagnostic::error(Code::Conflict, format!("Stage {} does not go to Targets", request.spec.stage))
                    .by_rule("resources 17.9")
                    .help("create a Promotion, or give the Stage spec.targets")
                    .at(entry.locate(&path), "not target-aware")
                    .in_object(Kind::PromotionRequest, &request.metadata.name, path);
            out.push(diagnostic);
        }
    }
}
