//! What the freight of a Stage or Junction can have, and whether the functions for artifacts find it there
//! (promotion-engine 5.3).

use std::collections::BTreeSet;

use super::{finding::Finding, names::word, uses::FunctionCall};
use crate::{
    expr::{Node, NodeId, Program},
    model::{Code, Source, Subscription, Warehouse, url},
    pipeline::{NodeKind, draft::Draft, nouns::NodeNoun},
};

/// The subscriptions that requested freight is made of, owned by what it was gathered from.
#[derive(Clone, Debug, Default)]
pub(super) struct Requested {
    subscriptions: Vec<Subscribed>,
    /// Names of the Warehouses, also of those inside of bundles.
    warehouses: BTreeSet<String>,
    /// Whether all of it is known.
    complete: bool,
    /// Whether the functions look at what a Warehouse has discovered instead of at freight.
    discovered: bool,
}

#[derive(Clone, Debug)]
struct Subscribed {
    warehouse: String,
    key: Key,
    /// Inside of a bundle.
    bundled: bool,
}

/// What an artifact is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Commit(String),
    Image(String),
    Chart(String, String),
    Artifact(String),
}

impl Key {
    fn of(subscription: &Subscription) -> Self {
        match &subscription.source {
            Source::Git(git) => Self::Commit(git.repo_url.clone()),
            Source::Image(image) => Self::Image(image.repo_url.clone()),
            Source::Chart(chart) => Self::Chart(chart.repo_url.clone(), chart.name.clone().unwrap_or_default()),
            Source::Other(_) => Self::Artifact(subscription.name.clone().unwrap_or_default()),
        }
    }

    /// How the artifact is called in sentences.
    fn noun(&self) -> &'static str {
        match self {
            Self::Commit(_) => "commit",
            Self::Image(_) => "image",
            Self::Chart(..) => "chart",
            Self::Artifact(_) => "artifact",
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Commit(text) | Self::Image(text) | Self::Chart(text, _) | Self::Artifact(text) => text,
        }
    }

    /// With repositories spelled alike.
    fn normalized(&self) -> Self {
        match self {
            Self::Commit(repository) => Self::Commit(url::normalize_git(repository)),
            Self::Image(repository) => Self::Image(url::normalize_image(repository)),
            Self::Chart(repository, name) => Self::Chart(url::normalize_chart(repository), name.clone()),
            Self::Artifact(name) => Self::Artifact(name.clone()),
        }
    }

    /// As the function compares: commits normalised, all others by letters; all normalised where artifacts are only
    /// discovered, and there a chart without a name is any.
    fn finds(&self, other: &Self, discovered: bool) -> bool {
        match (self, other) {
            (Self::Chart(a, wanted), Self::Chart(b, _)) if discovered && wanted.is_empty() => {
                url::normalize_chart(a) == url::normalize_chart(b)
            }
            (Self::Commit(_), Self::Commit(_)) => self.normalized() == other.normalized(),
            _ if discovered => self.normalized() == other.normalized(),
            _ => self == other,
        }
    }
}

impl Requested {
    /// The freight that a node of the pipeline requests.
    pub(super) fn of_node(draft: &Draft<'_>, node: usize) -> Self {
        let mut found = Self { complete: true, ..Self::default() };
        let mut seen = BTreeSet::new();
        let mut open = vec![(node, false)];
        while let Some((node, bundled)) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            found.complete &= !draft.vague.get(node).copied().unwrap_or(true);
            let Some(own) = draft.nodes.get(node).map(|node| node.requests.clone()) else { continue };
            for request in draft.requests.get(own.start as usize..own.end as usize).unwrap_or_default() {
                let origin = request.origin.index();
                match draft.nouns.items.get(origin).map(|item| item.noun) {
                    Some(NodeNoun::Warehouse(warehouse)) => found.add(warehouse, bundled),
                    Some(NodeNoun::Junction(_)) => open.push((origin, true)),
                    _ => {
                        found.complete = false;
                        let broken = draft.nodes.get(origin).filter(|node| node.kind == NodeKind::Warehouse);
                        found.warehouses.extend(broken.map(|node| node.name.to_string()));
                    }
                }
            }
        }
        found
    }

    /// What a Warehouse discovers.
    pub(super) fn discovered(warehouse: &Warehouse) -> Self {
        let mut found = Self { complete: true, discovered: true, ..Self::default() };
        found.add(warehouse, false);
        found
    }

    fn add(&mut self, warehouse: &Warehouse, bundled: bool) {
        let name = &warehouse.metadata.name;
        if self.warehouses.insert(name.clone()) {
            self.subscriptions.extend(warehouse.spec.subscriptions.iter().map(|subscription| Subscribed {
                warehouse: name.clone(),
                key: Key::of(subscription),
                bundled,
            }));
        }
    }

    /// Reports a call that names what is not requested, or is brought by several subscriptions.
    pub(super) fn check(&self, program: &Program, call: &FunctionCall, out: &mut Vec<Finding>) {
        if &*call.name == "warehouse" {
            self.check_origin(program, call, out);
            return;
        }
        let Some((key, key_id, origin)) = wanted(program, call, self.discovered) else { return };
        let from_origin = |subscribed: &&Subscribed| match &origin {
            Origin::Any => true,
            Origin::Named(name) => subscribed.warehouse == *name,
            Origin::Unknown => false,
        };
        if matches!(origin, Origin::Unknown) || !self.complete {
            return;
        }
        if let Origin::Named(name) = &origin
            && !self.warehouses.contains(name)
        {
            return; // Reported at the origin itself.
        }
        let candidates: Vec<_> = self.subscriptions.iter().filter(from_origin).collect();
        let matching: Vec<_> = candidates.iter().filter(|one| key.finds(&one.key, self.discovered)).collect();
        let range = word(program, key_id);
        let alike = candidates.iter().any(|one| one.key.normalized() == key.normalized());
        if matching.is_empty() && call.guarded && !alike {
            // Whoever says what happens then knows that it may not be there.
        } else if matching.is_empty() {
            out.push(self.not_requested(call, &key, range, &candidates, &origin));
        } else if matching.len() > 1 && matches!(origin, Origin::Any) && !self.discovered {
            if matching.iter().any(|one| one.bundled) {
                return;
            }
            let mut names: Vec<_> = matching.iter().map(|one| one.warehouse.as_str()).collect();
            let count = names.len();
            names.dedup();
            let (noun, text) = (key.noun(), key.text());
            let message =
                format!("{} cannot tell which {noun} of {text} is meant: {count} subscriptions bring one", call.name);
            let finding = Finding::failing(call.certain, Code::ExprAmbiguous, range, message)
                .rule("promotion-engine 5.3")
                .label(format!("brought by Warehouse {}", names.join(" and ")));
            out.push(match names.as_slice() {
                [first, _, ..] => finding.help(format!("name the origin as last argument: warehouse({first:?})")),
                _ => {
                    finding.help("leave one of the Warehouse's subscriptions out, or name its origin as last argument")
                }
            });
        }
    }

    fn not_requested(
        &self,
        call: &FunctionCall,
        key: &Key,
        range: std::ops::Range<usize>,
        candidates: &[&Subscribed],
        origin: &Origin,
    ) -> Finding {
        let (noun, text) = (key.noun(), key.text());
        let whose = match origin {
            Origin::Named(name) => format!("Warehouse {name} does not subscribe"),
            _ if self.discovered => "this Warehouse does not subscribe".to_owned(),
            _ => "no requested Warehouse subscribes".to_owned(),
        };
        let named = match key {
            Key::Chart(_, name) if !name.is_empty() => format!("{noun} {name} of {text}"),
            _ => format!("{noun} {text}"),
        };
        let message = format!("{whose} to {named}");
        let effect = match (key, origin, self.discovered) {
            (Key::Chart(..), Origin::Any, false) => "the step will fail",
            _ => "the result is nil",
        };
        let finding = Finding::warning(Code::ExprArtifact, range, message).label(effect).rule("promotion-engine 5.3");
        let alike = candidates.iter().find(|one| one.key.normalized() == key.normalized());
        if let Some(alike) = alike {
            let spelled = alike.key.text();
            return finding.help(format!(
                "Warehouse {} spells it {spelled:?}, and {} compares letter by letter",
                alike.warehouse, call.name
            ));
        }
        let charts = candidates.iter().filter_map(|one| match (&one.key, key) {
            (Key::Chart(repository, name), Key::Chart(wanted, _)) if repository == wanted => Some(name.clone()),
            _ => None,
        });
        let charts: Vec<_> = charts.collect();
        if !charts.is_empty() {
            return finding.help(format!("charts subscribed to in this repository: {}", charts.join(", ")));
        }
        let same_kind = candidates.iter().filter(|one| one.key.noun() == noun);
        finding.among("subscription", text, same_kind.map(|one| one.key.text().to_owned()))
    }

    fn check_origin(&self, program: &Program, call: &FunctionCall, out: &mut Vec<Finding>) {
        let Some((name, id)) = call.arguments.first().and_then(|id| Some((text(program, *id)?, *id))) else { return };
        if name.is_empty() || self.warehouses.contains(name) || !self.complete {
            return;
        }
        let message = format!("freight of Warehouse {name:?} is not requested, so nothing is found from it");
        out.push(
            Finding::warning(Code::ExprArtifact, word(program, id), message)
                .label("not requested")
                .rule("promotion-engine 5.3")
                .among("Warehouse", name, self.warehouses.iter().cloned()),
        );
    }
}

/// The origin that a call names.
enum Origin {
    Any,
    Named(String),
    Unknown,
}

fn text(program: &Program, id: NodeId) -> Option<&str> {
    if let Node::Text(text) = program.ast().node(id) { Some(text) } else { None }
}

/// What a call looks for, if that is written out, the argument that says it, and the origin.
fn wanted(program: &Program, call: &FunctionCall, discovered: bool) -> Option<(Key, NodeId, Origin)> {
    let first = *call.arguments.first()?;
    let name = text(program, first)?.to_owned();
    let mut rest = call.arguments.get(1..).unwrap_or_default();
    let key = match &*call.name {
        "commitFrom" => Key::Commit(name),
        "imageFrom" => Key::Image(name),
        "artifactFrom" => Key::Artifact(name),
        "chartFrom" => {
            let mut chart = String::new();
            if let [second, others @ ..] = rest {
                match program.ast().node(*second) {
                    Node::Text(text) => {
                        chart = text.to_string();
                        rest = others;
                    }
                    Node::Call { name, .. } if &**name == "warehouse" => {}
                    _ => return None,
                }
            }
            Key::Chart(name, chart)
        }
        _ => return None,
    };
    let origin = match rest.first().map(|id| program.ast().node(*id)) {
        None => Origin::Any,
        Some(Node::Call { name, arguments, .. }) if &**name == "warehouse" && !discovered => {
            let name = arguments.first().and_then(|id| text(program, *id));
            name.map_or(Origin::Unknown, |name| Origin::Named(name.to_owned()))
        }
        Some(_) => Origin::Unknown,
    };
    Some((key, first, origin))
}
