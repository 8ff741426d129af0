//! Upstream before downstream, always the same way.

use std::{cmp::Reverse, collections::BinaryHeap};

use petgraph::{
    Direction,
    graph::{DiGraph, NodeIndex},
};

use super::{NodeId, NodeSet, NodeView, Pipeline, graph::Node, id::number};

/// Some nodes wait for one another in a circle.
pub(super) struct Circular;

/// Every node after all its upstream nodes, ties by id; notes each node's depth.
pub(super) fn order(nodes: &mut [Node], graph: &DiGraph<(), u32, u32>) -> Result<Vec<NodeId>, Circular> {
    let mut waits_for: Vec<u32> = vec![0; nodes.len()];
    for edge in graph.raw_edges() {
        waits_for[edge.target().index()] += 1;
    }
    let free = waits_for.iter().enumerate().filter(|(_, waits)| **waits == 0).map(|(index, _)| Reverse(number(index)));
    let mut free: BinaryHeap<Reverse<u32>> = free.collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse(index)) = free.pop() {
        let index = index as usize;
        order.push(NodeId::new(index));
        let below = nodes[index].depth + 1;
        for next in graph.neighbors_directed(NodeIndex::new(index), Direction::Outgoing) {
            let next = next.index();
            nodes[next].depth = nodes[next].depth.max(below);
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                free.push(Reverse(number(next)));
            }
        }
    }
    if order.len() == nodes.len() { Ok(order) } else { Err(Circular) }
}

impl Pipeline {
    /// Every node after all nodes upstream of it. Where that leaves a choice, Warehouses come before Junctions, these before
    /// Stages, each by name.
    pub fn topological_order(&self) -> impl ExactSizeIterator<Item = NodeView<'_>> {
        self.order.iter().map(|&id| self.view(id))
    }

    /// The Stages that take freight straight from an origin.
    #[must_use]
    pub fn entry_stages(&self) -> NodeSet<'_> {
        self.stages_that(NodeView::is_entry)
    }

    /// The Stages that nothing takes freight from.
    #[must_use]
    pub fn terminal_stages(&self) -> NodeSet<'_> {
        self.stages_that(NodeView::is_terminal)
    }

    /// The Stages without steps, which pass freight on and mark it verified (resources 19.5).
    #[must_use]
    pub fn control_flow_stages(&self) -> NodeSet<'_> {
        self.stages_that(NodeView::is_control_flow)
    }

    /// The number of edges on the longest way through the pipeline: how often freight is handed on at most.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.nodes.iter().map(|node| node.depth as usize).max().unwrap_or(0)
    }

    fn stages_that<'g>(&'g self, wanted: impl Fn(NodeView<'g>) -> bool) -> NodeSet<'g> {
        NodeSet::from_sorted(self, self.stages().filter(|&stage| wanted(stage)).map(NodeView::id).collect())
    }
}
