//! Freight among other documents: whether it fits its Warehouse (resources 17.5).

use std::collections::BTreeMap;

use crate::{
    manifest::{Entry, Manifests},
    model::{Code, Diagnostic, Diagnostics, Freight, Kind, OriginKind, Path, Source, Warehouse, url},
};

/// Checks freight that does not exist yet: it must match its Warehouse, one artifact for each subscription (K0306).
pub fn check_freight(manifests: &Manifests, project: &str, out: &mut Diagnostics) {
    let warehouses: BTreeMap<_, &Warehouse> = manifests
        .all::<Warehouse>()
        .filter(|(_, entry)| manifests.project_of(entry.object()) == Some(project))
        .map(|(warehouse, _)| (warehouse.metadata.name.as_str(), warehouse))
        .collect();
    for (freight, entry) in manifests.all::<Freight>() {
        if manifests.project_of(entry.object()) != Some(project) {
            continue;
        }
        // What the server has given an id was admitted already.
        if freight.metadata.uid.is_some() || freight.origin.kind != OriginKind::Warehouse {
            continue;
        }
        if let Some(warehouse) = warehouses.get(freight.origin.name.as_str()) {
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
    for (list, keys) in
        [("commits", commits.collect::<Vec<_>>()), ("images", images.collect()), ("charts", charts.collect())]
    {
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
