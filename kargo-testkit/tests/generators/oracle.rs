//! A plain check of pipelines, written without looking at how they are made. It knows only what generated pipelines use.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::model::{
    Code, Fill, FreightSources, ImageSelectionStrategy, Junction, Kind, Object, Origin, OriginKind, ProjectConfig,
    PromotionStep, SelectionPolicy, Source, Stage, StagePolicy, Target, Warehouse, WarehousePolicy, label,
};
use kargo_testkit::strategy::text::CONSTRAINTS;

/// A code and the object it is about.
pub(crate) type Found = BTreeSet<(Code, Kind, String)>;

/// A Stage or a Junction, and what it wants: origins, sources, whether a release waits for it.
pub(crate) struct Place<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    pub(crate) wants: Vec<(Vec<Origin>, &'a FreightSources, bool)>,
}

pub(crate) fn all<T: kargo_core::model::AsObject + 'static>(objects: &[Object]) -> impl Iterator<Item = &T> {
    objects.iter().filter_map(Object::as_noun::<T>)
}

/// Every Stage and Junction with its wants, those of StagePolicies included.
pub(crate) fn places(objects: &[Object]) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for stage in all::<Stage>(objects) {
        let name = stage.metadata.name.as_str();
        let policies = all::<StagePolicy>(objects).filter(|policy| policy.metadata.name == name);
        let requests = stage.spec.requested_freight.iter().chain(policies.flat_map(|p| &p.spec.requested_freight));
        let wants = requests.map(|request| (vec![request.origin.clone()], &request.sources, true)).collect();
        places.push(Place { kind: Kind::Stage, name, wants });
    }
    for junction in all::<Junction>(objects) {
        let mut wants = Vec::new();
        for slot in &junction.spec.requested_freight {
            let mut origins: Vec<Origin> = slot.origin.iter().cloned().collect();
            if let Some(selector) = &slot.origin_selector {
                let warehouses = all::<Warehouse>(objects).filter(|w| selector.matches(&w.metadata.labels).unwrap());
                let junctions = all::<Junction>(objects).filter(|j| selector.matches(&j.metadata.labels).unwrap());
                origins.extend(warehouses.map(|w| Origin::warehouse(w.metadata.name.as_str())));
                origins.extend(junctions.map(|j| Origin::junction(j.metadata.name.as_str())));
            }
            wants.push((origins, &slot.sources, slot.required));
        }
        places.push(Place { kind: Kind::Junction, name: &junction.metadata.name, wants });
    }
    places
}

/// Everything that is wrong.
pub(crate) fn check(objects: &[Object]) -> Found {
    let mut found = Found::new();
    for (at, object) in objects.iter().enumerate() {
        let mut say = |code| {
            found.insert((code, object.kind(), object.name().to_owned()));
        };
        if objects[..at].iter().any(|other| other.kind() == object.kind() && other.name() == object.name()) {
            say(Code::DuplicateObject);
        }
        if !is_name(object.name()) {
            say(Code::Format);
        }
        let ours =
            |key: &&String| key.starts_with("kargo-core.rs/") && !label::EXTENSION_ANNOTATIONS.contains(&key.as_str());
        if object.metadata().annotations.keys().any(|key| ours(&key)) {
            say(Code::UnknownExtension);
        }
        for code in document(objects, object) {
            say(code);
        }
    }
    graph(objects, &mut found);
    found
}

pub(crate) fn is_name(name: &str) -> bool {
    let ok = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(ok)
}

fn document(objects: &[Object], object: &Object) -> Vec<Code> {
    match object {
        Object::Stage(stage) => stage_codes(objects, stage),
        Object::Warehouse(warehouse) => warehouse_codes(warehouse),
        Object::ProjectConfig(config) => config_codes(objects, config),
        Object::Junction(junction) => junction_codes(objects, junction),
        Object::Freight(freight) if freight.metadata.name.bytes().all(|b| b == b'0') => vec![Code::Identity],
        Object::StagePolicy(policy) if !all::<Stage>(objects).any(|s| s.metadata.name == policy.metadata.name) => {
            vec![Code::UnknownSubject]
        }
        Object::WarehousePolicy(policy) => policy_codes(objects, policy),
        _ => Vec::new(),
    }
}

fn policy_codes(objects: &[Object], policy: &WarehousePolicy) -> Vec<Code> {
    let Some(warehouse) = all::<Warehouse>(objects).find(|w| w.metadata.name == policy.metadata.name) else {
        return vec![Code::UnknownSubject];
    };
    let known = |wanted: &str| {
        warehouse.spec.subscriptions.iter().any(|subscription| match &subscription.source {
            Source::Image(image) => subscription.name.as_deref() == Some(wanted) || image.repo_url == wanted,
            _ => subscription.name.as_deref() == Some(wanted),
        })
    };
    policy.spec.subscriptions.iter().filter(|s| !known(&s.subscription)).map(|_| Code::UnknownSubject).collect()
}

fn stage_codes(objects: &[Object], stage: &Stage) -> Vec<Code> {
    let mut codes = Vec::new();
    if stage.spec.vars.iter().any(|var| var.name.starts_with(|c: char| c.is_ascii_digit())) {
        codes.push(Code::Format);
    }
    let steps: &[PromotionStep] = stage.spec.promotion_template.as_ref().map_or(&[], |template| &template.spec.steps);
    let mut seen = BTreeSet::new();
    for step in steps {
        let alias = step.alias.as_deref().unwrap_or_default().trim();
        let number = alias.strip_prefix("step-").or_else(|| alias.strip_prefix("task-"));
        if number.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())) {
            codes.push(Code::ReservedAlias);
        }
        if !alias.is_empty() && !seen.insert(alias) {
            codes.push(Code::Duplicate);
        }
        if step.uses.is_some() == step.task.is_some() || (step.task.is_some() && step.config.is_some()) {
            codes.push(Code::Conflict);
        }
        if let Some(task) = &step.task {
            let cluster = task.kind.unwrap_or_default() == kargo_core::model::TaskKind::ClusterPromotionTask;
            let kind = if cluster { Kind::ClusterPromotionTask } else { Kind::PromotionTask };
            if !objects.iter().any(|object| object.kind() == kind && object.name() == &*task.name) {
                codes.push(Code::UnknownTask);
            }
        }
    }
    if let Some(targets) = &stage.spec.targets {
        let hit = |target: &Target| targets.selectors.iter().any(|s| s.matches(&target.metadata.labels).unwrap());
        if !all::<Target>(objects).any(hit) {
            codes.push(Code::EmptySelection);
        }
    }
    for request in &stage.spec.requested_freight {
        let one = request.sources.stages.len() == 1 && !request.sources.direct;
        if request.sources.selection() == SelectionPolicy::MatchUpstream && !one {
            codes.push(Code::Conflict);
        }
    }
    codes
}

fn junction_codes(objects: &[Object], junction: &Junction) -> Vec<Code> {
    let mut codes = Vec::new();
    for slot in junction.spec.requested_freight.iter().filter(|slot| slot.fill == Fill::MatchUpstream) {
        let [only] = slot.sources.stages.as_slice() else { return vec![Code::Conflict] };
        let regular = |stage: &Stage| stage.metadata.name == **only && !stage.is_control_flow();
        if slot.sources.direct || !all::<Stage>(objects).any(regular) {
            codes.push(Code::UpstreamKind);
        }
    }
    codes
}

fn config_codes(objects: &[Object], config: &ProjectConfig) -> Vec<Code> {
    let mut codes = Vec::new();
    if config.metadata.namespace.as_deref() != Some(&config.metadata.name) {
        codes.push(Code::ObjectName);
    }
    let mut seen = BTreeSet::new();
    for policy in &config.spec.promotion_policies {
        let name = policy.stage_selector.name.as_deref().unwrap();
        if !name.contains(':') && !seen.insert(name) {
            codes.push(Code::Duplicate);
        }
        if name != "glob:*" && !all::<Stage>(objects).any(|stage| stage.metadata.name == name) {
            codes.push(Code::EmptySelection);
        }
    }
    codes
}

fn warehouse_codes(warehouse: &Warehouse) -> Vec<Code> {
    let mut codes = Vec::new();
    let (mut names, mut urls) = (BTreeSet::new(), BTreeSet::new());
    for subscription in &warehouse.spec.subscriptions {
        codes.extend(subscription.name.as_ref().filter(|name| !names.insert(*name)).map(|_| Code::Duplicate));
        let url = match &subscription.source {
            Source::Image(image) => {
                let known = image.constraint.as_deref().is_some_and(|text| CONSTRAINTS.contains(&text));
                match image.image_selection_strategy {
                    ImageSelectionStrategy::Digest if image.constraint.is_none() => codes.push(Code::DigestTag),
                    ImageSelectionStrategy::SemVer if !known => codes.push(Code::Constraint),
                    _ => {}
                }
                codes.extend(image.allow_tags_regexes.iter().filter(|re| *re == "(").map(|_| Code::Pattern));
                codes.extend(image.platform.iter().filter(|text| !text.contains('/')).map(|_| Code::Platform));
                codes.extend(image.allow_tags.iter().map(|_| Code::Removed));
                if !(1..=100).contains(&image.discovery_limit) {
                    codes.push(Code::Range);
                }
                &image.repo_url
            }
            Source::Git(git) => {
                codes.extend(Some(Code::Deprecated).filter(|_| !git.repo_url.starts_with("https://")));
                &git.repo_url
            }
            Source::Chart(chart) => {
                match (chart.repo_url.starts_with("oci:"), &chart.name) {
                    (true, Some(_)) => codes.push(Code::Conflict),
                    (false, None) => codes.push(Code::Missing),
                    _ => {}
                }
                &chart.repo_url
            }
            _ => {
                codes.push(Code::UnknownType);
                continue;
            }
        };
        codes.extend(Some(Code::Overlap).filter(|_| !urls.insert(url.to_lowercase())));
    }
    codes
}

fn graph(objects: &[Object], found: &mut Found) {
    let places = places(objects);
    let stage = |name: &str| places.iter().find(|place| place.kind == Kind::Stage && place.name == name);
    let junction = |name: &str| places.iter().find(|place| place.kind == Kind::Junction && place.name == name);
    let has_origin = |origin: &Origin| match origin.kind {
        OriginKind::Junction => junction(&origin.name).is_some(),
        _ => all::<Warehouse>(objects).any(|warehouse| warehouse.metadata.name == origin.name),
    };
    for place in &places {
        let mut say = |code| {
            found.insert((code, place.kind, place.name.to_owned()));
        };
        let mut seen = BTreeSet::new();
        for (origins, sources, _) in &place.wants {
            if origins.is_empty() {
                say(Code::EmptySelection);
            }
            if !sources.direct && sources.stages.is_empty() {
                say(Code::ApprovalOnly);
            }
            for origin in origins {
                if !has_origin(origin) {
                    say(Code::UnknownOrigin);
                }
                if !seen.insert(origin) {
                    say(Code::DuplicateOrigin);
                }
                for upstream in &sources.stages {
                    match stage(upstream) {
                        None => say(Code::UnknownUpstream),
                        Some(up) if !up.wants.iter().any(|(held, _, _)| held.contains(origin)) => say(Code::NeverHolds),
                        Some(_) => {}
                    }
                }
            }
        }
    }
    let above = edges(&places);
    for (at, place) in places.iter().enumerate() {
        if reaches(&above, at, at) {
            found.insert((Code::Cycle, place.kind, place.name.to_owned()));
        }
    }
    unreachable(&places, found);
}

/// For each place, the places it waits for.
pub(crate) fn edges(places: &[Place<'_>]) -> BTreeMap<usize, BTreeSet<usize>> {
    let at = |kind: Kind, name: &str| places.iter().position(|place| place.kind == kind && place.name == name);
    let mut above = BTreeMap::<usize, BTreeSet<usize>>::new();
    for (index, place) in places.iter().enumerate() {
        let entry = above.entry(index).or_default();
        for (origins, sources, _) in &place.wants {
            entry.extend(sources.stages.iter().filter_map(|name| at(Kind::Stage, name)));
            let bundles = origins.iter().filter(|origin| origin.kind == OriginKind::Junction);
            entry.extend(bundles.filter_map(|origin| at(Kind::Junction, &origin.name)));
        }
    }
    above
}

fn reaches(above: &BTreeMap<usize, BTreeSet<usize>>, from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(here) = open.pop() {
        for next in &above[&here] {
            if *next == to {
                return true;
            }
            if seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    false
}

/// Freight spreads until nothing changes; Stages that only ask for approvals are not held against themselves.
fn unreachable(places: &[Place<'_>], found: &mut Found) {
    let mut held: BTreeSet<(Kind, &str, Origin)> = BTreeSet::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = (held.len(), made.len());
        for place in places {
            let mut complete = true;
            for (origins, sources, required) in &place.wants {
                for origin in origins {
                    let exists = origin.kind == OriginKind::Warehouse || made.contains(origin.name.as_str());
                    let upstream =
                        |name: &str| held.iter().any(|(k, n, o)| *k == Kind::Stage && *n == name && o == origin);
                    let arrives = (sources.direct && exists) || sources.stages.iter().any(|name| upstream(name));
                    if arrives {
                        held.insert((place.kind, place.name, origin.clone()));
                    }
                    complete &= arrives || !required;
                }
            }
            if place.kind == Kind::Junction && complete {
                made.insert(place.name);
            }
        }
        if before == (held.len(), made.len()) {
            break;
        }
    }
    for place in places.iter().filter(|place| place.kind == Kind::Stage) {
        let by_hand = place.wants.iter().all(|(_, sources, _)| !sources.direct && sources.stages.is_empty());
        if !by_hand && !held.iter().any(|(kind, name, _)| *kind == Kind::Stage && *name == place.name) {
            found.insert((Code::Unreachable, Kind::Stage, place.name.to_owned()));
        }
    }
}
