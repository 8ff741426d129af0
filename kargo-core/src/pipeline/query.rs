//! What to walk to: closures upstream and downstream, and distances.

use std::collections::{BTreeSet, VecDeque};

use petgraph::Direction;

use super::{EdgeView, NodeId, NodeSet, NodeView, Pipeline};

/// A question: what is upstream or downstream of some nodes. [`resolve`](Self::resolve) answers it.
///
/// The cost of an answer follows the answer, not the pipeline: each node of the answer is looked at once, with its edges.
#[derive(Clone, Debug)]
#[must_use = "a query answers nothing until it is resolved"]
pub struct Query<'g> {
    pipeline: &'g Pipeline,
    start: Vec<NodeId>,
    direction: Direction,
    origin: Option<NodeId>,
    inclusive: bool,
}

impl<'g> Query<'g> {
    pub(super) fn new(pipeline: &'g Pipeline, start: impl IntoIterator<Item = NodeId>, direction: Direction) -> Self {
        let start = start.into_iter().filter(|id| id.index() < pipeline.nodes.len()).collect();
        Self { pipeline, start, direction, origin: None, inclusive: false }
    }

    /// Only along edges of requests for freight of this Warehouse or Junction. Bundles are freight of the Junction; to follow
    /// what they carry, ask [`Pipeline::stages_for`].
    pub fn of(mut self, origin: NodeId) -> Self {
        self.origin = Some(origin);
        self
    }

    /// With the nodes that the walk starts at. Without it, they are in the answer only where another of them leads to them.
    pub fn inclusive(mut self) -> Self {
        self.inclusive = true;
        self
    }

    /// Walks.
    #[must_use]
    pub fn resolve(self) -> NodeSet<'g> {
        let mut seen = BTreeSet::new();
        let mut left = self.start.clone();
        while let Some(id) = left.pop() {
            left.extend(self.next(id).filter(|&next| seen.insert(next)));
        }
        if self.inclusive {
            seen.extend(self.start);
        }
        NodeSet::from_sorted(self.pipeline, seen.into_iter().collect())
    }

    fn next(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'_, 'g> {
        let edges = self.pipeline.edges_at(id, self.direction);
        let outgoing = self.direction == Direction::Outgoing;
        edges
            .filter(|edge| self.origin.is_none_or(|origin| edge.request().origin().id() == origin))
            .map(move |edge| if outgoing { EdgeView::to(edge) } else { EdgeView::from(edge) }.id())
    }
}

impl Pipeline {
    /// Everything that freight can come through on its way to one of these nodes.
    pub fn upstream_of<'g>(&'g self, nodes: impl IntoIterator<Item = NodeView<'g>>) -> Query<'g> {
        Query::new(self, nodes.into_iter().map(NodeView::id), Direction::Incoming)
    }

    /// Everything that freight can reach from one of these nodes.
    pub fn downstream_of<'g>(&'g self, nodes: impl IntoIterator<Item = NodeView<'g>>) -> Query<'g> {
        Query::new(self, nodes.into_iter().map(NodeView::id), Direction::Outgoing)
    }

    /// The number of edges on the shortest way from one node to another; `None` if there is none.
    #[must_use]
    pub fn distance(&self, from: NodeView<'_>, to: NodeView<'_>) -> Option<usize> {
        let mut seen = BTreeSet::from([from.id()]);
        let mut left = VecDeque::from([(from.id(), 0)]);
        while let Some((id, steps)) = left.pop_front() {
            if id == to.id() {
                return Some(steps);
            }
            for edge in self.node(id)?.outgoing() {
                if seen.insert(edge.to().id()) {
                    left.push_back((edge.to().id(), steps + 1));
                }
            }
        }
        None
    }
}
