//! A pipeline in the making, with what the checks need beside it to say where a mistake stands.

use std::collections::BTreeMap;

use petgraph::graph::DiGraph;

use super::{
    NodeId, NodeKind, Nouns, RequestId,
    graph::{List, Node, Request, request_between},
    index::NameIndex,
    nouns::NodeNoun,
    text::Subject,
};
use crate::{
    manifest::Entry,
    model::{FreightSources, Kind, Path, StagePolicy},
};

/// A pipeline in the making. Positions are ids, as in the finished one.
pub(super) struct Draft<'a> {
    pub(super) nouns: Nouns<'a>,
    index: [NameIndex<'a>; 3],
    pub(super) policies: BTreeMap<&'a str, (&'a StagePolicy, Option<&'a Entry>)>,
    pub(super) nodes: Vec<Node>,
    pub(super) requests: Vec<Request>,
    /// Beside each request: whether it names an upstream Stage that does not exist.
    pub(super) loose: Vec<bool>,
    /// Beside each node: whether part of what it asks for is not known, because it had mistakes.
    pub(super) vague: Vec<bool>,
    pub(super) upstreams: Vec<NodeId>,
    pub(super) graph: DiGraph<(), u32, u32>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(nouns: Nouns<'a>) -> Self {
        let nouns = nouns.into_ordered();
        let mut policies = BTreeMap::new();
        for &(policy, entry) in &nouns.policies {
            policies.entry(policy.metadata.name.as_str()).or_insert((policy, entry));
        }
        let nodes = nouns.items.iter().map(|item| Node {
            kind: item.kind,
            name: item.name.into(),
            requests: 0..0,
            depth: 0,
            control_flow: matches!(item.noun, NodeNoun::Stage(stage) if stage.is_control_flow()),
            unknown: matches!(item.noun, NodeNoun::Broken),
        });
        let nodes: Vec<_> = nodes.collect();
        let index = [NodeKind::Warehouse, NodeKind::Junction, NodeKind::Stage].map(|kind| {
            let of_kind = nouns.items.iter().zip(0..).filter(move |(item, _)| item.kind == kind);
            NameIndex::new(of_kind.map(|(item, id)| (item.name, id)))
        });
        Self {
            index,
            policies,
            vague: nodes.iter().map(|node| node.unknown).collect(),
            nodes,
            requests: Vec::new(),
            loose: Vec::new(),
            upstreams: Vec::new(),
            graph: DiGraph::default(),
            nouns,
        }
    }

    /// The node of this kind and name.
    pub(super) fn find(&self, kind: NodeKind, name: &str) -> Option<NodeId> {
        let [warehouses, junctions, stages] = &self.index;
        let index = match kind {
            NodeKind::Warehouse => warehouses,
            NodeKind::Junction => junctions,
            NodeKind::Stage => stages,
        };
        index.get(name).map(|id| NodeId::new(id as usize))
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// `<kind> <name>`, as sentences name a node.
    pub(super) fn spoken(&self, id: NodeId) -> String {
        let node = self.node(id);
        format!("{} {}", node.kind, node.name)
    }

    /// `<kind>/<name>`, as origins are written.
    pub(super) fn key(&self, id: NodeId) -> String {
        let node = self.node(id);
        format!("{}/{}", node.kind, node.name)
    }

    /// The names of a kind, in order.
    pub(super) fn names(&self, kind: NodeKind) -> impl ExactSizeIterator<Item = &str> + Clone {
        let from = self.nodes.partition_point(|node| node.kind < kind);
        let to = self.nodes.partition_point(|node| node.kind <= kind);
        self.nodes.get(from..to).unwrap_or_default().iter().map(|node| &*node.name)
    }

    /// ` in project shop`; nothing if the project has no name.
    pub(super) fn in_project(&self) -> String {
        match self.nouns.project {
            "" => String::new(),
            project => format!(" in project {project}"),
        }
    }

    pub(super) fn request_between(&self, node: NodeId, origin: NodeId) -> Option<RequestId> {
        request_between(&self.nodes, &self.requests, node, origin)
    }

    pub(super) fn upstreams_of(&self, request: &Request) -> &[NodeId] {
        self.upstreams.get(request.upstreams.start as usize..request.upstreams.end as usize).unwrap_or_default()
    }

    /// The object that a list of requests of a node is written in.
    pub(super) fn subject(&self, node: NodeId, list: List) -> Subject<'a> {
        let item = &self.nouns.items[node.index()];
        match (list, self.policies.get(item.name)) {
            (List::Policy, Some(&(_, entry))) => Subject { kind: Kind::StagePolicy, name: item.name, entry },
            _ => Subject { kind: item.kind.object_kind(), name: item.name, entry: item.entry },
        }
    }

    /// The path of the place where a request names its origin.
    pub(super) fn origin_path(&self, request: &Request) -> Path {
        let selected = match self.nouns.items[request.node.index()].noun {
            NodeNoun::Junction(junction) => {
                let slot = junction.spec.requested_freight.get(request.index as usize);
                slot.is_some_and(|slot| {
                    let name = &*self.node(request.origin).name;
                    slot.origin_selector.is_some() && slot.origin.as_ref().is_none_or(|origin| origin.name != name)
                })
            }
            _ => false,
        };
        request_path(request.index as usize).key(if selected { "originSelector" } else { "origin" })
    }

    /// The path of the place where a request names an upstream Stage.
    pub(super) fn upstream_path(&self, request: &Request, upstream: NodeId) -> Path {
        let stages = request_path(request.index as usize).key("sources").key("stages");
        let name = &*self.node(upstream).name;
        let position =
            self.sources(request).and_then(|sources| sources.stages.iter().position(|stage| *stage == *name));
        match position {
            Some(position) => stages.index(position),
            None => stages,
        }
    }

    /// What is written as sources of a request.
    fn sources(&self, request: &Request) -> Option<&'a FreightSources> {
        let item = &self.nouns.items[request.node.index()];
        let index = request.index as usize;
        match (request.list, item.noun) {
            (List::Policy, _) => {
                let (policy, _) = self.policies.get(item.name)?;
                policy.spec.requested_freight.get(index).map(|request| &request.sources)
            }
            (List::Own, NodeNoun::Stage(stage)) => {
                stage.spec.requested_freight.get(index).map(|request| &request.sources)
            }
            (List::Own, NodeNoun::Junction(junction)) => {
                junction.spec.requested_freight.get(index).map(|slot| &slot.sources)
            }
            (List::Own, NodeNoun::Warehouse(_) | NodeNoun::Broken) => None,
        }
    }
}

/// The path of a request or slot in the object it is written in.
pub(super) fn request_path(index: usize) -> Path {
    Path::of(&["spec", "requestedFreight"]).index(index)
}
