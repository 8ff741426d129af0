//! Rules between the documents of one set (resources 17.5 and 17.9): objects defined twice, aliases used twice, freight that
//! does not fit its Warehouse.

use std::collections::BTreeMap;

use super::{Entry, Manifests};
use crate::{
    freight,
    model::{
        Code, Diagnostic, Diagnostics, Freight, Kind, OriginKind, Path, PromotionRequest, Source, Stage, Warehouse, url,
    },
};

/// Checks the rules between documents.
pub(crate) fn check(manifests: &Manifests, out: &mut Diagnostics) {
    objects_twice(manifests, out);
    aliases_twice(manifests, out);
    freight_fits(manifests, out);
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
            let mut diagnostic =
                Diagnostic::error(Code::DuplicateObject, format!("{} {} is defined twice", object.kind(), object.name()))
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
            let diagnostic = Diagnostic::error(Code::Duplicate, format!("two pieces of freight have the alias {alias:?}"))
                .by_rule("resources 17.5")
                .note(format!("the other is {first}"))
                .at(entry.locate(&path), "here again")
                .in_object(Kind::Freight, name, path);
            out.push(diagnostic);
        }
    }
}

/// Freight that does not exist yet must match its Warehouse's subscriptions, one artifact each, and is named by its id.
fn freight_fits(manifests: &Manifests, out: &mut Diagnostics) {
    let warehouses: BTreeMap<_, &Warehouse> = manifests
        .all::<Warehouse>()
        .map(|(warehouse, entry)| ((manifests.project_of(entry.object()), warehouse.metadata.name.as_str()), warehouse))
        .collect();
    for (freight, entry) in manifests.all::<Freight>() {
        // What the server has given an id was admitted already.
        if freight.metadata.uid.is_some() || freight.origin.kind != OriginKind::Warehouse {
            continue;
        }
        let name = freight.metadata.name.as_str();
        let id = freight::freight_id(freight);
        if !name.is_empty() && id != *name {
            let path = Path::of(&["metadata", "name"]);
            let diagnostic = Diagnostic::warning(Code::Identity, "the freight's name is not the id of its artifacts")
                .by_rule("resources 16.1")
                .note("Kargo replaces whatever name is given")
                .help(format!("write {id}"))
                .at(entry.locate(&path), "replaced at creation")
                .in_object(Kind::Freight, name, path);
            out.push(diagnostic);
        }
        let project = manifests.project_of(entry.object());
        if let Some(warehouse) = warehouses.get(&(project, freight.origin.name.as_str())) {
            matches_subscriptions(freight, warehouse, entry, out);
        }
    }
}

/// Key of an artifact or a subscription, by kind: the image's URL is taken as written (resources 17.5).
type Key = (&'static str, String);

fn matches_subscriptions(freight: &Freight, warehouse: &Warehouse, entry: &Entry, out: &mut Diagnostics) {
    let mut expected: BTreeMap<Key, u32> = BTreeMap::new();
    for subscription in &warehouse.spec.subscriptions {
        let key = match &subscription.source {
            Source::Git(git) => ("commits", url::normalize_git(&git.repo_url)),
            Source::Image(image) => ("images", image.repo_url.clone()),
            Source::Chart(chart) => {
                ("charts", url::chart_key(&chart.repo_url, chart.name.as_deref().unwrap_or_default()))
            }
            Source::Other(_) => continue,
        };
        expected.insert(key, 0);
    }
    let commits = freight.commits.iter().map(|commit| ("commits", url::normalize_git(&commit.repo_url)));
    let images = freight.images.iter().map(|image| ("images", image.repo_url.clone()));
    let charts = freight
        .charts
        .iter()
        .map(|chart| ("charts", url::chart_key(&chart.repo_url, chart.name.as_deref().unwrap_or_default())));
    for (list, keys) in [
        ("commits", commits.collect::<Vec<_>>()),
        ("images", images.collect()),
        ("charts", charts.collect()),
    ] {
        for (index, key) in keys.into_iter().enumerate() {
            let path = Path::of(&[list]).index(index);
            let repository = key.1.clone();
            let (message, label) = match expected.get_mut(&key) {
                Some(count) => {
                    *count += 1;
                    if *count < 2 {
                        continue;
                    }
                    (format!("the freight has two artifacts of {repository}"), "one artifact for each subscription")
                }
                None => (
                    format!("Warehouse {} does not subscribe to {repository}", warehouse.metadata.name),
                    "of no subscription",
                ),
            };
            push_misfit(freight, entry, path, message, label, out);
        }
    }
    for ((list, repository), count) in expected {
        if count == 0 {
            let message = format!("the freight lacks an artifact of {repository}");
            push_misfit(freight, entry, Path::of(&[list]), message, "every subscription needs one", out);
        }
    }
}

fn push_misfit(freight: &Freight, entry: &Entry, path: Path, message: String, label: &str, out: &mut Diagnostics) {
    let diagnostic = Diagnostic::error(Code::RawMatch, message)
        .by_rule("resources 17.5")
        .at(entry.locate(&path), label)
        .in_object(Kind::Freight, &freight.metadata.name, path);
    out.push(diagnostic);
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
