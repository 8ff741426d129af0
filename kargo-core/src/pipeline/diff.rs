//! What differs between two pipelines, for people and machines (requirement D3).

use std::{cmp::Ordering, fmt};

use serde::Serialize;

use super::{EdgeView, NodeKind, NodeView, Pipeline, RequestView, view::short};
use crate::model::{AvailabilityStrategy, Duration, Fill};

/// What differs between two pipelines. Printed as one line per change, in a stable order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// Warehouses, Junctions, Stages.
    pub nodes: Vec<NodeChange>,
    /// What is asked for: by the node that asks, then by origin.
    pub requests: Vec<RequestChange>,
    /// Ways that freight comes: by the node they lead to, then by origin.
    pub edges: Vec<EdgeChange>,
}

/// Something that one of two pipelines has and the other has not, or has otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change<T> {
    /// Only the new pipeline has it.
    Added(T),
    /// Only the old pipeline has it.
    Removed(T),
    /// Both have it.
    Changed {
        /// As it was.
        before: T,
        /// As it is.
        after: T,
    },
}

/// A node of either pipeline, by name. Printed as its name if it is a Stage, else as `<kind>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NodeName {
    /// Whether it is a Warehouse, a Junction or a Stage.
    pub kind: NodeKind,
    /// The object's name.
    pub name: String,
}

/// A Warehouse, Junction or Stage that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeChange {
    /// The node.
    pub node: NodeName,
    /// How it differs.
    pub change: Change<NodeTerms>,
}

/// A request that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestChange {
    /// The Stage or Junction that asks.
    pub node: NodeName,
    /// The Warehouse or Junction whose freight it asks for.
    pub origin: NodeName,
    /// How it differs.
    pub change: Change<RequestTerms>,
}

/// A way of freight that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EdgeChange {
    /// Where the freight comes from: its origin, or an upstream Stage.
    pub from: NodeName,
    /// The Stage or Junction that asks for it.
    pub to: NodeName,
    /// Whose freight it is.
    pub origin: NodeName,
    /// How it differs.
    pub change: Change<EdgeTerms>,
    /// Whether freight of several origins takes this way, in either pipeline.
    #[serde(skip)]
    shared: bool,
}

/// What a [`NodeChange`] compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NodeTerms {
    /// Whether it is a Stage without steps.
    pub control_flow: bool,
}

/// What a [`RequestChange`] compares: the request as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestTerms {
    /// Whether freight may come straight from its origin.
    pub direct: bool,
    /// The Stages that it may come from, by name.
    pub stages: Vec<String>,
    /// How long freight must have stayed upstream.
    pub soak: Option<Duration>,
    /// Whether all of the Stages must have verified it, or one.
    pub strategy: AvailabilityStrategy,
    /// How freight is chosen when nobody chooses.
    pub selection: Fill,
    /// Whether a release of the Junction waits for this slot; true for a Stage.
    pub required: bool,
}

/// What an [`EdgeChange`] compares: what holds on this way. Soak time and strategy are left out where they mean nothing, as on
/// every edge of a direct request (control 1.1, AV-2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EdgeTerms {
    /// How long freight must have stayed at the start.
    pub soak: Option<Duration>,
    /// Whether the freight must have been verified at every upstream Stage of the request, of which there are several.
    pub all: bool,
    /// How freight is chosen when nobody chooses.
    pub selection: Fill,
    /// Whether a release of the Junction waits for this slot; true for a Stage.
    pub required: bool,
}

/// Compares two pipelines, which may be of different projects.
///
/// ```
/// use kargo_core::{Origin, Pipeline, pipeline::{self, Nouns}};
/// use kargo_core::model::{FreightRequest, FreightSources, ObjectMeta, Stage, Warehouse};
///
/// let with_soak = |soak: &str| -> Result<Pipeline, Box<dyn std::error::Error>> {
///     let stage = |name: &str, sources| {
///         let mut stage = Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
///         stage.spec.requested_freight = vec![FreightRequest { origin: Origin::warehouse("cart"), sources }];
///         stage
///     };
///     let cart = Warehouse { metadata: ObjectMeta::named("cart"), ..Warehouse::default() };
///     let uat = stage("uat", FreightSources { direct: true, ..FreightSources::default() });
///     let required_soak_time = Some(soak.parse()?);
///     let prod = stage("prod", FreightSources { stages: vec!["uat".into()], required_soak_time, ..FreightSources::default() });
///     Ok(Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).stages([&uat, &prod]))?)
/// };
/// let diff = pipeline::diff(&with_soak("1h")?, &with_soak("24h")?);
/// assert_eq!(diff.to_string(), "edge uat -> prod: soak 1h -> 24h");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn diff(old: &Pipeline, new: &Pipeline) -> Diff {
    // Both sides come in the order of their keys, so that one walk over both finds what differs.
    let nodes = join(old.nodes().map(node_row), new.nodes().map(node_row));
    let requests = join(old.requests().map(request_row), new.requests().map(request_row));
    let edges = join(old.edges().map(edge_row), new.edges().map(edge_row));
    Diff {
        nodes: nodes.into_iter().map(|(node, change)| NodeChange { node: node.into(), change }).collect(),
        requests: requests
            .into_iter()
            .map(|((node, origin), change)| RequestChange { node: node.into(), origin: origin.into(), change })
            .collect(),
        edges: edges
            .into_iter()
            .map(|((to, origin, from), change)| {
                let shared = is_shared(old, from, to) || is_shared(new, from, to);
                EdgeChange { from: from.into(), to: to.into(), origin: origin.into(), change, shared }
            })
            .collect(),
    }
}

impl Diff {
    /// Whether the pipelines are equal in everything that is compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.requests.is_empty() && self.edges.is_empty()
    }

    /// The difference the other way: from the new pipeline to the old.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.nodes = self.nodes.into_iter().map(|row| NodeChange { change: row.change.reversed(), ..row }).collect();
        self.requests =
            self.requests.into_iter().map(|row| RequestChange { change: row.change.reversed(), ..row }).collect();
        self.edges = self.edges.into_iter().map(|row| EdgeChange { change: row.change.reversed(), ..row }).collect();
        self
    }
}

impl<T> Change<T> {
    /// The change the other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Added(new) => Self::Removed(new),
            Self::Removed(old) => Self::Added(old),
            Self::Changed { before, after } => Self::Changed { before: after, after: before },
        }
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes.iter().map(ToString::to_string);
        let edges = self.edges.iter().map(ToString::to_string);
        // A request whose edges are listed says nothing new.
        let shown = |row: &RequestChange| {
            let key = |edge: &EdgeChange| (&edge.to, &edge.origin).cmp(&(&row.node, &row.origin));
            self.edges.binary_search_by(key).is_ok()
        };
        let requests = self.requests.iter().filter(|row| !shown(row)).map(ToString::to_string);
        for (position, line) in nodes.chain(edges).chain(requests).enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&line)?;
        }
        Ok(())
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            NodeKind::Stage => f.write_str(&self.name),
            kind => write!(f, "{kind}/{}", self.name),
        }
    }
}

impl fmt::Display for NodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.node.kind, self.node.name)?;
        let steps = |terms: &NodeTerms| if terms.control_flow { "no steps" } else { "steps" };
        match &self.change {
            Change::Added(_) => f.write_str("new"),
            Change::Removed(_) => f.write_str("gone"),
            Change::Changed { before, after } => write!(f, "{} -> {}", steps(before), steps(after)),
        }
    }
}

impl fmt::Display for EdgeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edge {} -> {}", self.from, self.to)?;
        if self.shared && self.from != self.origin {
            write!(f, " ({})", self.origin)?;
        }
        f.write_str(": ")?;
        write_change(f, &self.change, EdgeTerms::words)
    }
}

impl fmt::Display for RequestChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request of {} by {}: ", self.origin, self.node)?;
        write_change(f, &self.change, RequestTerms::words)
    }
}

/// One compared value, as words: what it is, its value, and the value that goes without saying.
struct Word {
    what: &'static str,
    value: String,
    usual: &'static str,
}

/// Writes `new` or `gone` with what is not usual, or what differs as `<what> <before> -> <after>`.
fn write_change<T>(f: &mut fmt::Formatter<'_>, change: &Change<T>, words: impl Fn(&T) -> Vec<Word>) -> fmt::Result {
    let (state, terms) = match change {
        Change::Added(terms) => ("new", terms),
        Change::Removed(terms) => ("gone", terms),
        Change::Changed { before, after } => {
            let pairs =
                words(before).into_iter().zip(words(after)).filter(|(before, after)| before.value != after.value);
            let parts = pairs.map(|(before, after)| format!("{} {} -> {}", before.what, before.value, after.value));
            return f.write_str(&parts.collect::<Vec<_>>().join(", "));
        }
    };
    let unusual = words(terms).into_iter().filter(|word| word.value != word.usual);
    let parts: Vec<_> = unusual.map(|word| format!("{} {}", word.what, word.value)).collect();
    f.write_str(state)?;
    if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
}

fn soak_word(soak: Option<Duration>) -> Word {
    Word { what: "soak", value: soak.map_or_else(|| "none".to_owned(), short), usual: "none" }
}

fn selection_word(selection: Fill) -> Word {
    let value = match selection {
        Fill::NewestFreight => "NewestFreight",
        Fill::MatchUpstream => "MatchUpstream",
        Fill::Manual => "Manual",
    };
    Word { what: "selection", value: value.to_owned(), usual: "NewestFreight" }
}

fn slot_word(required: bool) -> Word {
    Word { what: "slot", value: if required { "required" } else { "optional" }.to_owned(), usual: "required" }
}

fn strategy_word(all: bool) -> Word {
    Word { what: "strategy", value: if all { "All" } else { "OneOf" }.to_owned(), usual: "OneOf" }
}

impl EdgeTerms {
    fn words(&self) -> Vec<Word> {
        vec![soak_word(self.soak), strategy_word(self.all), selection_word(self.selection), slot_word(self.required)]
    }
}

impl RequestTerms {
    fn words(&self) -> Vec<Word> {
        let stages = if self.stages.is_empty() { "none".to_owned() } else { self.stages.join("+") };
        vec![
            Word { what: "direct", value: self.direct.to_string(), usual: "false" },
            Word { what: "stages", value: stages, usual: "none" },
            soak_word(self.soak),
            strategy_word(self.strategy == AvailabilityStrategy::All),
            selection_word(self.selection),
            slot_word(self.required),
        ]
    }
}

/// A node's name before it is copied, in the order of nodes.
type Name<'g> = (NodeKind, &'g str);

impl From<Name<'_>> for NodeName {
    fn from((kind, name): Name<'_>) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

fn name(node: NodeView<'_>) -> Name<'_> {
    (node.kind(), node.name())
}

fn node_row(node: NodeView<'_>) -> (Name<'_>, NodeTerms) {
    (name(node), NodeTerms { control_flow: node.is_control_flow() })
}

fn request_row(request: RequestView<'_>) -> ((Name<'_>, Name<'_>), RequestTerms) {
    let terms = RequestTerms {
        direct: request.is_direct(),
        stages: request.upstreams().map(|stage| stage.name().to_owned()).collect(),
        soak: request.soak(),
        strategy: request.strategy(),
        selection: request.selection(),
        required: request.is_required(),
    };
    ((name(request.node()), name(request.origin())), terms)
}

fn edge_row(edge: EdgeView<'_>) -> ((Name<'_>, Name<'_>, Name<'_>), EdgeTerms) {
    let request = edge.request();
    let terms = EdgeTerms {
        soak: request.soak().filter(|&soak| !request.is_direct() && soak != Duration::ZERO),
        all: request.strategy() == AvailabilityStrategy::All && !request.is_direct() && request.upstreams().len() > 1,
        selection: request.selection(),
        required: request.is_required(),
    };
    ((name(edge.to()), name(request.origin()), name(edge.from())), terms)
}

/// Whether freight of several origins goes from one node to another.
fn is_shared(pipeline: &Pipeline, from: Name<'_>, to: Name<'_>) -> bool {
    let (Ok(from), Ok(to)) = (pipeline.find(from.0, from.1), pipeline.find(to.0, to.1)) else { return false };
    to.incoming().filter(|edge| edge.from() == from).nth(1).is_some()
}

/// Walks two lists in the order of their keys and keeps what differs.
fn join<K: Ord, T: PartialEq>(
    old: impl Iterator<Item = (K, T)>,
    new: impl Iterator<Item = (K, T)>,
) -> Vec<(K, Change<T>)> {
    let (mut old, mut new) = (old.peekable(), new.peekable());
    let mut found = Vec::new();
    loop {
        let side = match (old.peek(), new.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return found,
        };
        let before = if side == Ordering::Greater { None } else { old.next() };
        let after = if side == Ordering::Less { None } else { new.next() };
        match (before, after) {
            (Some((key, before)), Some((_, after))) if before != after => {
                found.push((key, Change::Changed { before, after }));
            }
            (Some((key, before)), None) => found.push((key, Change::Removed(before))),
            (None, Some((key, after))) => found.push((key, Change::Added(after))),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::sample::{Shop, shops};

    fn shop() -> Shop {
        Shop::new().warehouse("cart").warehouse("web").stage("uat", &[("cart", "direct"), ("web", "direct")])
    }

    fn lines(old: &Shop, new: &Shop) -> Vec<String> {
        diff(&old.pipeline(), &new.pipeline()).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn d3_edges_that_change() {
        for (old, new, line) in [
            ("uat soak=1h", "uat soak=24h", "edge uat -> prod: soak 1h -> 24h"),
            ("uat", "uat soak=90m", "edge uat -> prod: soak none -> 1h30m"),
            ("uat match", "uat", "edge uat -> prod: selection MatchUpstream -> NewestFreight"),
        ] {
            let with = |sources| shop().stage("prod", &[("cart", sources)]);
            assert_eq!(lines(&with(old), &with(new)), [line], "{old} to {new}");
        }
    }

    #[test]
    fn d3_user_code_10_a_new_stage_and_a_new_way() {
        let old = shop().stage("prod", &[("cart", "uat soak=1h")]);
        let new = shop().passage("hotfix", &[("cart", "direct")]).stage("prod", &[("cart", "uat+hotfix soak=24h")]);
        assert_eq!(
            lines(&old, &new),
            [
                "Stage hotfix: new",
                "edge Warehouse/cart -> hotfix: new",
                "edge hotfix -> prod: new (soak 24h)",
                "edge uat -> prod: soak 1h -> 24h",
            ]
        );
        assert_eq!(
            lines(&new, &old),
            [
                "Stage hotfix: gone",
                "edge Warehouse/cart -> hotfix: gone",
                "edge hotfix -> prod: gone (soak 24h)",
                "edge uat -> prod: soak 24h -> 1h",
            ]
        );
    }

    #[test]
    fn d3_a_strategy_that_begins_to_matter_changes_every_edge() {
        let base = || shop().stage("perf", &[("cart", "direct")]);
        let old = base().stage("prod", &[("cart", "uat all")]);
        let new = base().stage("prod", &[("cart", "uat+perf all")]);
        assert_eq!(
            lines(&old, &new),
            ["edge perf -> prod: new (strategy All)", "edge uat -> prod: strategy OneOf -> All"]
        );
    }

    #[test]
    fn d3_what_no_edge_shows_is_shown_as_request() {
        let old = shop().stage("prod", &[("cart", "uat"), ("web", "")]);
        let new = shop().stage("prod", &[("cart", "uat all"), ("web", "soak=1h")]);
        assert_eq!(
            lines(&old, &new),
            [
                "request of Warehouse/cart by prod: strategy OneOf -> All",
                "request of Warehouse/web by prod: soak none -> 1h",
            ]
        );
        let gone = shop().stage("prod", &[("cart", "uat")]);
        assert_eq!(lines(&old, &gone), ["request of Warehouse/web by prod: gone"]);
    }

    #[test]
    fn d3_a_way_of_several_origins_names_them() {
        let old = shop().stage("prod", &[("cart", "uat"), ("web", "uat")]);
        let new = shop().stage("prod", &[("cart", "uat soak=1h"), ("web", "uat")]);
        assert_eq!(lines(&old, &new), ["edge uat -> prod (Warehouse/cart): soak none -> 1h"]);
    }

    #[test]
    fn d3_junctions_and_control_flow() {
        let old = shop().passage("gate", &[("cart", "uat")]).junction("train", &[("cart", "uat")]);
        let new = shop().stage("gate", &[("cart", "uat")]).junction("train", &[("cart", "uat by-hand optional")]);
        assert_eq!(
            lines(&old, &new),
            [
                "Stage gate: no steps -> steps",
                "edge uat -> Junction/train: selection NewestFreight -> Manual, slot required -> optional",
            ]
        );
    }

    #[test]
    fn d3_machines_read_it_too() {
        let old = shop().stage("prod", &[("cart", "uat soak=1h")]);
        let json = serde_json::to_value(diff(&old.pipeline(), &shop().pipeline())).unwrap();
        assert_eq!(
            json["nodes"],
            serde_json::json!([
                {"node": {"kind": "Stage", "name": "prod"}, "change": {"removed": {"controlFlow": false}}}
            ])
        );
        assert_eq!(json["edges"][0]["from"], serde_json::json!({"kind": "Stage", "name": "uat"}));
        assert_eq!(json["edges"][0]["change"]["removed"]["soak"], "1h0m0s");
        assert_eq!(json["requests"][0]["change"]["removed"]["stages"], serde_json::json!(["uat"]));
    }

    proptest! {
        #[test]
        fn a_difference_is_empty_only_between_equals_and_reads_both_ways(a in shops(), b in shops()) {
            let (old, new) = (a.pipeline(), b.pipeline());
            prop_assert!(diff(&old, &a.pipeline()).is_empty());
            prop_assert_eq!(diff(&old, &old).to_string(), "");
            let difference = diff(&old, &new);
            prop_assert_eq!(difference.clone().reversed(), diff(&new, &old));
            prop_assert_eq!(difference.is_empty(), difference.to_string().is_empty());
            // Keys come once, in order.
            prop_assert!(difference.nodes.is_sorted_by(|x, y| x.node < y.node));
            prop_assert!(difference.requests.is_sorted_by(|x, y| (&x.node, &x.origin) < (&y.node, &y.origin)));
            prop_assert!(difference.edges.is_sorted_by(|x, y| (&x.to, &x.origin, &x.from) < (&y.to, &y.origin, &y.from)));
            // Old nodes less those gone, with those new, are the new nodes; so with requests and edges.
            let count = |added: usize, removed: usize, before: usize| (before + added).checked_sub(removed);
            let nodes = |wanted: fn(&Change<NodeTerms>) -> bool| difference.nodes.iter().filter(|row| wanted(&row.change)).count();
            let edges = |wanted: fn(&Change<EdgeTerms>) -> bool| difference.edges.iter().filter(|row| wanted(&row.change)).count();
            let is_added = nodes(|change| matches!(change, Change::Added(_)));
            let is_removed = nodes(|change| matches!(change, Change::Removed(_)));
            prop_assert_eq!(count(is_added, is_removed, old.size().nodes), Some(new.size().nodes));
            let is_added = edges(|change| matches!(change, Change::Added(_)));
            let is_removed = edges(|change| matches!(change, Change::Removed(_)));
            prop_assert_eq!(count(is_added, is_removed, old.size().edges), Some(new.size().edges));
        }
    }
}
