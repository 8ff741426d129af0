//! The pipeline itself: nodes, requests and edges of one project, and how they are found.

use std::{fmt, ops::Range};

use petgraph::{
    Direction,
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};

use super::{ArtifactKind, EdgeView, NodeId, NodeKind, NodeView, RequestId, RequestView};
use crate::model::{AvailabilityStrategy, Diagnostics, Duration, Fill, NoSuch, Origin, ProjectName};

/// The checked stage graph of one project: who asks whom for which freight.
///
/// Nodes are Warehouses, Junctions and Stages. A node asks for freight with *requests*, one per origin; a request leads to
/// *edges*, along which the freight may come: one from the origin if the request is `direct`, one from each upstream Stage.
/// The graph has no cycles. Everything is iterated in one order: Warehouses, Junctions, Stages, each by name.
///
/// It borrows nothing from the manifests it was made of. Views ([`NodeView`], [`RequestView`], [`EdgeView`]) and result sets
/// ([`NodeSet`](super::NodeSet)) borrow it; to keep what they say, keep names.
///
/// ```
/// use kargo_core::{Origin, Pipeline, model::{FreightRequest, FreightSources, ObjectMeta, Stage, Warehouse}, pipeline::Nouns};
///
/// let stage = |name: &str, sources: FreightSources| {
///     let mut stage = Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
///     stage.spec.requested_freight = vec![FreightRequest { origin: Origin::warehouse("cart"), sources }];
///     stage
/// };
/// let cart = Warehouse { metadata: ObjectMeta::named("cart"), ..Warehouse::default() };
/// let uat = stage("uat", FreightSources { direct: true, ..FreightSources::default() });
/// let prod = stage("prod", FreightSources { stages: vec!["uat".into()], ..FreightSources::default() });
///
/// let pipeline = Pipeline::from_nouns(&Nouns::new("shop").warehouses([&cart]).stages([&uat, &prod]))?;
/// let downstream = pipeline.stage("uat")?.downstream().resolve();
/// assert_eq!(downstream.names(), ["prod"]);
/// assert_eq!(pipeline.stage("prdo").unwrap_err().nearest.as_deref(), Some("prod"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Pipeline {
    pub(super) project: ProjectName,
    /// By kind, then name; a node's position is its id.
    pub(super) nodes: Vec<Node>,
    /// By requesting node, then origin; a request's position is its id.
    pub(super) requests: Vec<Request>,
    /// Ids of upstream Stages; requests hold ranges of it.
    pub(super) upstreams: Vec<NodeId>,
    /// Requests by origin, then requesting node.
    pub(super) by_origin: Vec<RequestId>,
    /// Which Warehouse subscribes to what: by kind, normalised URL, Warehouse.
    pub(super) subscriptions: Vec<Subscribed>,
    /// The edges, between nodes of the same positions; an edge knows its request's position.
    pub(super) graph: DiGraph<(), u32, u32>,
    /// Every node, upstream before downstream.
    pub(super) order: Vec<NodeId>,
    pub(super) warnings: Diagnostics,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) name: Box<str>,
    /// Positions of its requests.
    pub(super) requests: Range<u32>,
    /// Edges on the longest way here from a node without upstream.
    pub(super) depth: u32,
    pub(super) control_flow: bool,
    /// Its object had mistakes, so that only its name is known.
    pub(super) unknown: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) node: NodeId,
    pub(super) origin: NodeId,
    /// Positions in the list of upstream Stages, sorted, each once.
    pub(super) upstreams: Range<u32>,
    pub(super) soak: Option<Duration>,
    /// In which list of which object it is written, and where in that list.
    pub(super) list: List,
    pub(super) index: u32,
    pub(super) strategy: AvailabilityStrategy,
    pub(super) selection: Fill,
    pub(super) direct: bool,
    /// A release waits for it. Always true for a Stage's request, which has no such choice.
    pub(super) required: bool,
    /// Freight can come without an approval.
    pub(super) satisfiable: bool,
}

/// Where a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    /// The node's own `spec.requestedFreight`.
    Own,
    /// The same field of the StagePolicy of the Stage's name.
    Policy,
}

/// A Warehouse's subscription to a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subscribed {
    pub(super) kind: ArtifactKind,
    pub(super) url: Box<str>,
    pub(super) warehouse: NodeId,
}

impl Pipeline {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// What works, but hardly as meant: found while the pipeline was built.
    #[must_use]
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// The Stage of this name.
    ///
    /// # Errors
    ///
    /// [`NoSuch`], with the nearest name of a Stage.
    pub fn stage(&self, name: &str) -> Result<NodeView<'_>, NoSuch> {
        self.find(NodeKind::Stage, name)
    }

    /// The Warehouse of this name.
    ///
    /// # Errors
    ///
    /// [`NoSuch`], with the nearest name of a Warehouse.
    pub fn warehouse(&self, name: &str) -> Result<NodeView<'_>, NoSuch> {
        self.find(NodeKind::Warehouse, name)
    }

    /// The Junction of this name.
    ///
    /// # Errors
    ///
    /// [`NoSuch`], with the nearest name of a Junction.
    pub fn junction(&self, name: &str) -> Result<NodeView<'_>, NoSuch> {
        self.find(NodeKind::Junction, name)
    }

    /// The Warehouse or Junction that produces freight of this origin.
    ///
    /// # Errors
    ///
    /// [`NoSuch`], with the nearest name of that kind.
    pub fn origin(&self, origin: &Origin) -> Result<NodeView<'_>, NoSuch> {
        self.find(origin.kind.into(), &origin.name)
    }

    /// The node of this kind and name.
    ///
    /// # Errors
    ///
    /// [`NoSuch`], with the nearest name of that kind.
    pub fn find(&self, kind: NodeKind, name: &str) -> Result<NodeView<'_>, NoSuch> {
        let range = self.range(kind);
        let known = self.nodes.get(range.clone()).unwrap_or_default();
        match known.binary_search_by(|node| (*node.name).cmp(name)) {
            Ok(at) => Ok(self.view(NodeId::new(range.start + at))),
            Err(_) => Err(NoSuch::new(kind.as_str(), name, known.iter().map(|node| &*node.name))),
        }
    }

    /// The node of an id; `None` for an id of another pipeline that is larger than this one.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<NodeView<'_>> {
        (id.index() < self.nodes.len()).then(|| self.view(id))
    }

    /// The request of an id; `None` for an id of another pipeline that is larger than this one.
    #[must_use]
    pub fn request(&self, id: RequestId) -> Option<RequestView<'_>> {
        (id.index() < self.requests.len()).then(|| RequestView::new(self, id))
    }

    /// Every node: Warehouses, Junctions, Stages, each by name.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        (0..self.nodes.len()).map(|index| self.view(NodeId::new(index)))
    }

    /// The nodes of one kind, by name.
    pub fn of_kind(&self, kind: NodeKind) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        self.range(kind).map(|index| self.view(NodeId::new(index)))
    }

    /// The Warehouses, by name.
    pub fn warehouses(&self) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        self.of_kind(NodeKind::Warehouse)
    }

    /// The Junctions, by name.
    pub fn junctions(&self) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        self.of_kind(NodeKind::Junction)
    }

    /// The Stages, by name.
    pub fn stages(&self) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        self.of_kind(NodeKind::Stage)
    }

    /// Every request: by requesting node, then by origin.
    pub fn requests(&self) -> impl ExactSizeIterator<Item = RequestView<'_>> {
        (0..self.requests.len()).map(|index| RequestView::new(self, RequestId::new(index)))
    }

    /// Every edge: by the node it leads to, then by origin, the direct one before those from Stages, these by name.
    pub fn edges(&self) -> impl Iterator<Item = EdgeView<'_>> {
        // Edges are stored last first, see `connect`.
        self.graph.edge_references().rev().map(|edge| EdgeView::new(self, edge.source(), edge.target(), *edge.weight()))
    }

    /// How many nodes, requests and edges there are.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { nodes: self.nodes.len(), requests: self.requests.len(), edges: self.graph.edge_count() }
    }

    pub(super) fn view(&self, id: NodeId) -> NodeView<'_> {
        NodeView::new(self, id)
    }

    pub(super) fn edges_at(&self, id: NodeId, direction: Direction) -> impl Iterator<Item = EdgeView<'_>> {
        self.graph
            .edges_directed(NodeIndex::new(id.index()), direction)
            .map(|edge| EdgeView::new(self, edge.source(), edge.target(), *edge.weight()))
    }

    pub(super) fn request_between(&self, node: NodeId, origin: NodeId) -> Option<RequestId> {
        request_between(&self.nodes, &self.requests, node, origin)
    }

    pub(super) fn upstreams_of(&self, request: &Request) -> &[NodeId] {
        self.upstreams.get(request.upstreams.start as usize..request.upstreams.end as usize).unwrap_or_default()
    }

    /// The requests of an origin, by requesting node.
    pub(super) fn requests_of(&self, origin: NodeId) -> &[RequestId] {
        let origin_of = |id: &RequestId| self.requests[id.index()].origin;
        let from = self.by_origin.partition_point(|id| origin_of(id) < origin);
        let to = self.by_origin.partition_point(|id| origin_of(id) <= origin);
        self.by_origin.get(from..to).unwrap_or_default()
    }

    /// See [`NodeView::is_reachable`].
    pub(super) fn is_reachable(&self, id: NodeId) -> bool {
        is_reachable(&self.nodes[id.index()], &self.requests)
    }

    /// The positions of the nodes of a kind.
    fn range(&self, kind: NodeKind) -> Range<usize> {
        self.nodes.partition_point(|node| node.kind < kind)..self.nodes.partition_point(|node| node.kind <= kind)
    }
}

/// The request of a node for an origin, among requests by node, then origin.
pub(super) fn request_between(nodes: &[Node], requests: &[Request], node: NodeId, origin: NodeId) -> Option<RequestId> {
    let Range { start, end } = nodes.get(node.index())?.requests;
    let own = requests.get(start as usize..end as usize)?;
    let at = own.binary_search_by_key(&origin, |request| request.origin).ok()?;
    Some(RequestId::new(start as usize + at))
}

/// Whether freight can come to a node without an approval, once its requests are judged.
pub(super) fn is_reachable(node: &Node, requests: &[Request]) -> bool {
    let own = requests.get(node.requests.start as usize..node.requests.end as usize).unwrap_or_default();
    let any = own.iter().any(|request| request.satisfiable);
    match node.kind {
        NodeKind::Warehouse => true,
        NodeKind::Junction => any && own.iter().all(|request| request.satisfiable || !request.required),
        NodeKind::Stage => any,
    }
}

/// How large a pipeline is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Size {
    /// Warehouses, Junctions and Stages.
    pub nodes: usize,
    /// Requests, one per node and origin.
    pub requests: usize,
    /// Edges, one per way that freight of a request may come.
    pub edges: usize,
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pipeline {}", self.project)?;
        f.debug_set().entries(self.edges().map(|edge| edge.to_string())).finish()
    }
}
