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
    UnknownOperator,
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
            // An origin with mistakes may have the labels.
            draft.vague[node.index()] |= labels.any_unknown();
            match labels.select(selector) {
                Ok(selected) => {
                    let before = origins.len();
                    origins.extend(selected.iter().copied().filter(|&origin| origin != node));
                    if origins.len() == before && !labels.any_unknown() {
                        report_empty(draft, report, written, !selected.is_empty());
                    }
                }
                Err(unknown) => {
                    draft.vague[node.index()] = true;
                    report.error(|_| unknown_operator(draft, written, &unknown));
                }
            }
        }
        add(draft, report, written, origins);
    }
}

fn unknown_operator(draft: &Draft<'_>, written: Written<'_>, unknown: &UnknownOperator) -> Diagnostic {
    let message = format!("label operator {:?} does not exist", unknown.operator);
    let diagnostic = Diagnostic::error(Code::NotAllowed, message)
        .by_rule("resources 2")
        .help("use In, NotIn, Exists or DoesNotExist");
    let path = request_path(written.index).key("originSelector").key("matchExpressions");
    draft.subject(written.node, written.list).mark(diagnostic, path, "")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{
        nouns::Item,
        sample::{Shop, edges, lines, meta},
    };

    fn shop() -> Shop {
        Shop::new().warehouse("cart").stage("uat", &[("cart", "direct")])
    }

    #[test]
    fn k0201_an_upstream_that_does_not_exist() {
        let found = shop().stage("prod", &[("cart", "uta soak=1h")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0201] Stage/prod spec.requestedFreight[0].sources.stages[0]: ",
                "Stage prod takes freight from Stage \"uta\", which does not exist | no such Stage in project shop | ",
                "help: did you mean \"uat\"? (Stages here: prod, uat)"
            )]
        );
        // The second of two, nothing near, and many names.
        let mut shop = shop().stage("prod", &[("cart", "uat+production-of-eu")]);
        for index in 0..12 {
            shop = shop.stage(&format!("s{index:02}"), &[("cart", "direct")]);
        }
        assert_eq!(
            shop.found(),
            [concat!(
                "error[K0201] Stage/prod spec.requestedFreight[0].sources.stages[1]: ",
                "Stage prod takes freight from Stage \"production-of-eu\", which does not exist | ",
                "no such Stage in project shop | ",
                "help: Stages here: prod, s00, s01, s02, s03, s04, s05, s06, s07, s08 and 4 more"
            )]
        );
    }

    #[test]
    fn k0201_a_warehouse_named_as_upstream() {
        let found = shop().stage("prod", &[("cart", "cart")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0201] Stage/prod spec.requestedFreight[0].sources.stages[0]: ",
                "Stage prod takes freight from Stage \"cart\", which does not exist | no such Stage in project shop | ",
                "help: cart is a Warehouse: to take its freight straight from it, write `direct: true`"
            )]
        );
    }

    #[test]
    fn k0202_an_origin_that_does_not_exist() {
        let found = shop().stage("prod", &[("cart", "uat"), ("catr", "direct")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0202] Stage/prod spec.requestedFreight[1].origin.name: ",
                "Stage prod requests freight of Warehouse \"catr\", which does not exist | ",
                "no such Warehouse in project shop | help: did you mean \"cart\"? (Warehouses here: cart)"
            )]
        );
        let found = shop().junction("train", &[("Junction/cart", "direct")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0202] Junction/train spec.requestedFreight[0].origin.name: ",
                "Junction train requests freight of Junction \"cart\", which does not exist | ",
                "no such Junction in project shop | help: there is a Warehouse of this name: write `kind: Warehouse`"
            )]
        );
        let found = Shop::new().policy("uat", &[("Junction/train", "direct")]).stage("uat", &[]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0202] StagePolicy/uat spec.requestedFreight[0].origin.name: ",
                "Stage uat requests freight of Junction \"train\", which does not exist | ",
                "no such Junction in project shop | help: Junctions here: none"
            )]
        );
    }

    #[test]
    fn one_mistake_causes_no_second() {
        // What uat asks for is not known, so neither prod's wish nor its reach is judged.
        let found = Shop::new().warehouse("cart").stage("uat", &[("catr", "direct")]).stage("prod", &[("cart", "uat")]);
        assert_eq!(found.found().len(), 1, "{:?}", found.found());
        // An upstream that does not exist may be what prod waits for.
        let found = shop().stage("prod", &[("cart", "uta")]).stage("eu", &[("cart", "prod all")]);
        assert_eq!(found.found().len(), 1, "{:?}", found.found());
    }

    #[test]
    fn k0205_an_origin_requested_twice() {
        let found = shop().stage("prod", &[("cart", "uat"), ("cart", "direct")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0205] Stage/prod spec.requestedFreight[1].origin: ",
                "Stage prod requests freight of Warehouse/cart twice | ",
                "requested before in spec.requestedFreight[0] | ",
                "help: write one request for each origin, with all its sources"
            )]
        );
    }

    #[test]
    fn k0205_across_stage_and_policy() {
        let shop = shop().junction("train", &[("cart", "direct")]);
        let found = shop.stage("prod", &[("Junction/train", "direct")]).policy("prod", &[("Junction/train", "direct")]);
        assert_eq!(
            found.found(),
            [concat!(
                "error[K0205] StagePolicy/prod spec.requestedFreight[0].origin: ",
                "Stage prod requests freight of Junction/train twice | requested before by the Stage itself | ",
                "help: write one request for each origin, with all its sources"
            )]
        );
    }

    #[test]
    fn k0205_across_selectors() {
        let shop = Shop::new().labelled_warehouse("cart", &[("train", "weekly"), ("team", "a")]);
        let found = shop.junction("train", &[("cart", "direct"), ("{train=weekly}", "direct"), ("{team=a}", "direct")]);
        assert_eq!(
            found.found(),
            [
                concat!(
                    "error[K0205] Junction/train spec.requestedFreight[1].originSelector: ",
                    "Junction train requests freight of Warehouse/cart twice | ",
                    "requested before in spec.requestedFreight[0] | ",
                    "help: write one request for each origin, with all its sources"
                ),
                concat!(
                    "error[K0205] Junction/train spec.requestedFreight[2].originSelector: ",
                    "Junction train requests freight of Warehouse/cart twice | ",
                    "requested before in spec.requestedFreight[0] | ",
                    "help: write one request for each origin, with all its sources"
                ),
            ]
        );
    }

    #[test]
    fn k0212_a_selector_that_matches_nothing() {
        let shop = Shop::new().labelled_warehouse("cart", &[("train", "daily")]);
        let found = shop.junction("train", &[("{train=weekly}", "direct"), ("cart", "direct")]).found();
        assert_eq!(
            found,
            [concat!(
                "warning[K0212] Junction/train spec.requestedFreight[0].originSelector: ",
                "Junction train selects origins by labels that no Warehouse and no other Junction has | matches nothing | ",
                "help: add the labels to the Warehouses that are meant, or write the slot's `origin`"
            )]
        );
    }

    #[test]
    fn architecture_6_a_selector_expands_to_origins_but_not_to_its_own_junction() {
        let weekly = [("train", "weekly")];
        let shop = Shop::new()
            .labelled_warehouse("cart", &weekly)
            .warehouse("web")
            .labelled_junction("apis", &weekly, &[("web", "direct")])
            .labelled_junction("train", &weekly, &[("{train=weekly}", "direct")]);
        assert_eq!(
            edges(&shop.pipeline()),
            [
                "Warehouse/web -> Junction/apis (Warehouse/web)",
                "Warehouse/cart -> Junction/train (Warehouse/cart)",
                "Junction/apis -> Junction/train (Junction/apis)",
            ]
        );
        let alone = Shop::new().labelled_junction("train", &weekly, &[("{train=weekly}", "direct")]).found();
        assert_eq!(alone.len(), 1);
        assert!(
            alone[0].ends_with("note: it matches the Junction itself, which never fills its own slots"),
            "{alone:?}"
        );
    }

    #[test]
    fn resources_2_an_operator_that_does_not_exist() {
        let mut shop = Shop::new().warehouse("cart").junction("train", &[("{train=weekly}", "direct")]);
        let selector = shop.junctions[0].spec.requested_freight[0].origin_selector.as_mut().unwrap();
        selector.match_expressions.push(crate::model::LabelRequirement {
            key: "train".into(),
            operator: "Like".into(),
            values: Vec::new(),
        });
        assert_eq!(
            shop.found(),
            [concat!(
                "error[K0109] Junction/train spec.requestedFreight[0].originSelector.matchExpressions: ",
                "label operator \"Like\" does not exist |  | help: use In, NotIn, Exists or DoesNotExist"
            )]
        );
    }

    #[test]
    fn rules_11_a_policy_adds_requests_to_the_stage_of_its_name() {
        let shop = shop()
            .junction("train", &[("cart", "uat")])
            .stage("prod", &[])
            .policy("prod", &[("Junction/train", "direct")]);
        assert_eq!(
            edges(&shop.pipeline()),
            [
                "Stage/uat -> Junction/train (Warehouse/cart)",
                "Junction/train -> Stage/prod (Junction/train)",
                "Warehouse/cart -> Stage/uat (Warehouse/cart)",
            ]
        );
    }

    #[test]
    fn an_upstream_written_twice_is_one() {
        let pipeline = shop().stage("prod", &[("cart", "uat+uat")]).pipeline();
        assert_eq!(
            edges(&pipeline),
            ["Stage/uat -> Stage/prod (Warehouse/cart)", "Warehouse/cart -> Stage/uat (Warehouse/cart)"]
        );
    }

    #[test]
    fn objects_with_mistakes_are_nodes_of_which_only_the_name_is_known() {
        let shop = shop()
            .stage("prod", &[("cart", "perf all"), ("web", "direct")])
            .stage("eu", &[("cart", "asia")])
            .stage("asia", &[])
            .junction("train", &[("{train=weekly}", "direct")])
            .stage("late", &[("Junction/train", "direct")]);
        let mut nouns = shop.nouns();
        for (kind, name) in [(NodeKind::Warehouse, "web"), (NodeKind::Stage, "perf")] {
            nouns.items.push(Item { kind, name, noun: NodeNoun::Broken, entry: None });
        }
        // asia's policy may request cart.
        nouns.broken_policies.push("asia");
        let (pipeline, found) = build(nouns, |_, _| {});
        assert_eq!(lines(&found), [""; 0]);
        let pipeline = pipeline.unwrap();
        assert!(pipeline.stage("perf").unwrap().is_unknown());
        assert!(pipeline.stage("prod").unwrap().is_reachable());
        assert!(!pipeline.stage("uat").unwrap().is_unknown());
        assert_eq!(pipeline.stage("perf").unwrap().downstream().resolve().names(), ["prod"]);
    }

    #[test]
    fn of_two_nouns_of_one_name_the_first_counts() {
        let shop = shop().stage("uat", &[]);
        assert_eq!(Pipeline::from_nouns(&shop.nouns()).unwrap().size().edges, 1);
    }

    #[test]
    fn the_list_of_mistakes_is_bounded_and_says_how_many_it_leaves_out() {
        let names: Vec<String> = (0..1_200).map(|index| format!("s{index}")).collect();
        let mut shop = Shop::new().warehouse("cart");
        for name in &names {
            shop = shop.stage(name, &[("cart", "nowhere")]);
        }
        let found = shop.found();
        assert_eq!(found.len(), 1_001);
        assert_eq!(found[1_000], "error[K0123] - : 200 more errors were found than the 1000 that are listed | ");
        // Kinds of the same object that are not nodes need no place.
        let stage = crate::model::Stage { metadata: meta("x"), ..Default::default() };
        assert!(Pipeline::from_nouns(&Nouns::new("").stages([&stage])).unwrap().project().is_empty());
    }
}
