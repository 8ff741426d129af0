//! From nouns to a pipeline: resolves every name once, joins policies, expands selectors, makes edges (rules 11).

use std::collections::BTreeSet;

use petgraph::graph::{DiGraph, NodeIndex};

use super::{
    NodeId, NodeKind, Nouns, Pipeline, RequestId, artifact, cycle,
    draft::{Draft, request_path},
    flow,
    graph::{List, Request},
    id::number,
    nouns::NodeNoun,
    order,
    selector::Labels,
    source,
    text::Report,
};
use crate::model::{
    Code, Diagnostic, Diagnostics, Fill, FreightRequest, FreightSources, Origin, SelectionPolicy, Slot, StageName,
};

/// A request as it is written, before its names are resolved.
#[derive(Clone, Copy)]
struct Written<'a> {
    node: NodeId,
    list: List,
    index: usize,
    sources: &'a FreightSources,
    selection: Fill,
    required: bool,
}

/// Builds and checks. There is a pipeline if there is no error.
pub(super) fn build<'a>(
    nouns: Nouns<'a>,
    further_checks: impl FnOnce(&Draft<'a>, &mut Report),
) -> (Option<Pipeline>, Diagnostics) {
    let mut report = Report::default();
    let mut draft = Draft::new(nouns);
    read_requests(&mut draft, &mut report);
    connect(&mut draft);
    source::check(&draft, &mut report);
    let order = order::order(&mut draft.nodes, &draft.graph);
    match &order {
        Ok(order) => flow::check(&mut draft, order, &mut report),
        Err(order::Circular) => cycle::check(&draft, &mut report),
    }
    further_checks(&draft, &mut report);

    let failed = report.has_errors();
    let found = report.finish();
    let pipeline = order.ok().filter(|_| !failed).map(|order| {
        let subscriptions = artifact::subscriptions(&draft.nouns.items);
        let Draft { nouns, nodes, requests, upstreams, graph, .. } = draft;
        let mut by_origin: Vec<_> = (0..requests.len()).map(RequestId::new).collect();
        by_origin.sort_by_key(|id| requests[id.index()].origin);
        let project = nouns.project.into();
        let warnings = found.clone();
        Pipeline { project, nodes, requests, upstreams, by_origin, subscriptions, graph, order, warnings }
    });
    (pipeline, found)
}

fn read_requests(draft: &mut Draft<'_>, report: &mut Report) {
    let broken_policies: BTreeSet<&str> = draft.nouns.broken_policies.iter().copied().collect();
    let labels = Labels::new(&draft.nouns.items);
    for index in 0..draft.nouns.items.len() {
        let item = draft.nouns.items[index];
        let node = NodeId::new(index);
        let first = draft.requests.len();
        match item.noun {
            NodeNoun::Stage(stage) => {
                read_stage(draft, report, node, List::Own, &stage.spec.requested_freight);
                if let Some((policy, _)) = draft.policies.get(item.name).copied() {
                    read_stage(draft, report, node, List::Policy, &policy.spec.requested_freight);
                }
                draft.vague[index] |= broken_policies.contains(item.name);
            }
            NodeNoun::Junction(junction) => {
                read_slots(draft, report, node, &junction.spec.requested_freight, &labels);
            }
            NodeNoun::Warehouse(_) | NodeNoun::Broken => {}
        }
        settle(draft, report, first);
        draft.nodes[index].requests = number(first)..number(draft.requests.len());
    }
}

fn read_stage(draft: &mut Draft<'_>, report: &mut Report, node: NodeId, list: List, requests: &[FreightRequest]) {
    for (index, request) in requests.iter().enumerate() {
        let selection = match request.sources.selection() {
            SelectionPolicy::NewestFreight => Fill::NewestFreight,
            SelectionPolicy::MatchUpstream => Fill::MatchUpstream,
        };
        let written = Written { node, list, index, sources: &request.sources, selection, required: true };
        let origin = resolve_origin(draft, report, written, &request.origin);
        add(draft, report, written, origin);
    }
}

fn read_slots(draft: &mut Draft<'_>, report: &mut Report, node: NodeId, slots: &[Slot], labels: &Labels<'_>) {
    for (index, slot) in slots.iter().enumerate() {
        let (sources, selection, required) = (&slot.sources, slot.fill, slot.required);
        let written = Written { node, list: List::Own, index, sources, selection, required };
        let mut origins: Vec<NodeId> = Vec::new();
        if let Some(origin) = &slot.origin {
            origins.extend(resolve_origin(draft, report, written, origin));
        }
        if let Some(selector) = &slot.origin_selector {
            let selected = labels.select(selector).unwrap_or_else(|unknown| {
                draft.vague[node.index()] = true;
                report.error(|_| {
                    let path = request_path(index).key("originSelector").key("matchExpressions");
                    let message = format!("label operator {:?} does not exist", unknown.operator);
                    let diagnostic = Diagnostic::error(Code::NotAllowed, message).by_rule("resources 2");
                    let help = "use In, NotIn, Exists or DoesNotExist";
                    draft.subject(node, List::Own).mark(diagnostic, path, "").help(help)
                });
                Vec::new()
            });
            let others = || selected.iter().copied().filter(|&origin| origin != node);
            if others().next().is_none() && !labels.any_unknown() && !draft.vague[node.index()] {
                report_empty(draft, report, written, !selected.is_empty());
            }
            origins.extend(others());
        }
        add(draft, report, written, origins);
    }
}

fn report_empty(draft: &Draft<'_>, report: &mut Report, written: Written<'_>, itself: bool) {
    report.warning(|_| {
        let spoken = draft.spoken(written.node);
        let message = format!("{spoken} selects origins by labels that no Warehouse and no other Junction has");
        let diagnostic = Diagnostic::warning(Code::EmptySelection, message)
            .by_rule("architecture 6")
            .help("add the labels to the Warehouses that are meant, or write the slot's `origin`");
        let path = request_path(written.index).key("originSelector");
        let diagnostic = draft.subject(written.node, written.list).mark(diagnostic, path, "matches nothing");
        if itself {
            diagnostic.note("it matches the Junction itself, which never fills its own slots")
        } else {
            diagnostic
        }
    });
}

fn resolve_origin(draft: &mut Draft<'_>, report: &mut Report, written: Written<'_>, origin: &Origin) -> Option<NodeId> {
    let kind = NodeKind::from(origin.kind);
    let found = draft.find(kind, &origin.name);
    if found.is_none() {
        draft.vague[written.node.index()] = true;
        report.error(|report| {
            let spoken = draft.spoken(written.node);
            let message = format!("{spoken} requests freight of {kind} {:?}, which does not exist", origin.name);
            let path = request_path(written.index).key("origin").key("name");
            let label = format!("no such {kind}{}", draft.in_project());
            let diagnostic = Diagnostic::error(Code::UnknownOrigin, message).by_rule("rules 17");
            let diagnostic = draft.subject(written.node, written.list).mark(diagnostic, path, label);
            let other = if kind == NodeKind::Warehouse { NodeKind::Junction } else { NodeKind::Warehouse };
            if draft.find(other, &origin.name).is_some() {
                return diagnostic.help(format!("there is a {other} of this name: write `kind: {other}`"));
            }
            diagnostic.help(report.known_names(kind.as_str(), &origin.name, draft.names(kind)))
        });
    }
    found
}

/// The upstream Stages that exist, in order and each once, and whether one does not.
fn resolve_upstreams(draft: &Draft<'_>, report: &mut Report, written: Written<'_>) -> (Vec<NodeId>, bool) {
    let mut missing = false;
    let mut upstreams = Vec::with_capacity(written.sources.stages.len());
    for (position, name) in written.sources.stages.iter().enumerate() {
        match draft.find(NodeKind::Stage, name) {
            Some(upstream) => upstreams.push(upstream),
            None => {
                missing = true;
                report.error(|report| unknown_upstream(draft, report, written, position, name));
            }
        }
    }
    upstreams.sort_unstable();
    upstreams.dedup();
    (upstreams, missing)
}

fn unknown_upstream(
    draft: &Draft<'_>,
    report: &mut Report,
    written: Written<'_>,
    position: usize,
    name: &StageName,
) -> Diagnostic {
    let spoken = draft.spoken(written.node);
    let message = format!("{spoken} takes freight from Stage {:?}, which does not exist", name.as_str());
    let path = request_path(written.index).key("sources").key("stages").index(position);
    let label = format!("no such Stage{}", draft.in_project());
    let diagnostic = Diagnostic::error(Code::UnknownUpstream, message).by_rule("rules 17");
    let diagnostic = draft.subject(written.node, written.list).mark(diagnostic, path, label);
    if draft.find(NodeKind::Warehouse, name).is_some() {
        return diagnostic
            .help(format!("{name} is a Warehouse: to take its freight straight from it, write `direct: true`"));
    }
    diagnostic.help(report.known_names("Stage", name, draft.names(NodeKind::Stage)))
}

/// Adds a request for each origin; they share what is written as sources.
fn add(draft: &mut Draft<'_>, report: &mut Report, written: Written<'_>, origins: impl IntoIterator<Item = NodeId>) {
    let (upstreams, loose) = resolve_upstreams(draft, report, written);
    let start = number(draft.upstreams.len());
    draft.upstreams.extend(upstreams);
    let end = number(draft.upstreams.len());
    for origin in origins {
        draft.requests.push(Request {
            node: written.node,
            origin,
            upstreams: start..end,
            soak: written.sources.required_soak_time,
            list: written.list,
            index: number(written.index),
            strategy: written.sources.availability(),
            selection: written.selection,
            direct: written.sources.direct,
            required: written.required,
            satisfiable: false,
        });
        draft.loose.push(loose);
    }
}

/// Brings the requests of one node into the order of their origins, each once.
fn settle(draft: &mut Draft<'_>, report: &mut Report, first: usize) {
    let count = draft.requests.len() - first;
    let in_order = draft.requests.get(first..).is_some_and(|own| own.is_sorted_by(|a, b| a.origin < b.origin));
    if count < 2 || in_order {
        return;
    }
    let mut own: Vec<(Request, bool)> = draft.requests.drain(first..).zip(draft.loose.drain(first..)).collect();
    own.sort_by_key(|(request, _)| (request.origin, request.list, request.index));
    for (request, loose) in own {
        match draft.requests.get(first..).and_then(<[Request]>::last) {
            Some(before) if before.origin == request.origin => {
                report.error(|_| duplicate(draft, before, &request));
            }
            _ => {
                draft.requests.push(request);
                draft.loose.push(loose);
            }
        }
    }
}

fn duplicate(draft: &Draft<'_>, before: &Request, request: &Request) -> Diagnostic {
    let message = format!("{} requests freight of {} twice", draft.spoken(request.node), draft.key(request.origin));
    let label = if before.list == request.list && before.index == request.index {
        "both of the same slot".to_owned()
    } else if before.list == request.list {
        format!("requested before in spec.requestedFreight[{}]", before.index)
    } else {
        "requested before by the Stage itself".to_owned()
    };
    let diagnostic = Diagnostic::error(Code::DuplicateOrigin, message)
        .by_rule("resources 17.6")
        .help("write one request for each origin, with all its sources");
    draft.subject(request.node, request.list).mark(diagnostic, draft.origin_path(request), label)
}

/// Makes the edges. Nodes and edges get the positions of the ids, edges the last first: petgraph walks the edges of a node
/// from the last added to the first.
fn connect(draft: &mut Draft<'_>) {
    let count = draft.requests.iter().map(|request| usize::from(request.direct) + request.upstreams.len()).sum();
    let mut graph = DiGraph::with_capacity(draft.nodes.len(), count);
    for _ in &draft.nodes {
        graph.add_node(());
    }
    for (index, request) in draft.requests.iter().enumerate().rev() {
        let to = NodeIndex::new(request.node.index());
        for upstream in draft.upstreams_of(request).iter().rev() {
            graph.add_edge(NodeIndex::new(upstream.index()), to, number(index));
        }
        if request.direct {
            graph.add_edge(NodeIndex::new(request.origin.index()), to, number(index));
        }
    }
    draft.graph = graph;
}
