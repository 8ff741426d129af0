//! Views of one node, one request, one edge. They borrow the pipeline and are cheap to copy.

use std::fmt;

use petgraph::{Direction, graph::NodeIndex};

use super::{
    NodeId, NodeKind, Pipeline, Query, RequestId,
    graph::{Node, Request},
};
use crate::model::{AvailabilityStrategy, Duration, Fill, Origin};

/// A Warehouse, Junction or Stage of a pipeline. Printed as `<kind>/<name>`.
#[derive(Clone, Copy)]
pub struct NodeView<'g> {
    pipeline: &'g Pipeline,
    id: NodeId,
}

impl<'g> NodeView<'g> {
    pub(super) fn new(pipeline: &'g Pipeline, id: NodeId) -> Self {
        Self { pipeline, id }
    }

    fn data(self) -> &'g Node {
        &self.pipeline.nodes[self.id.index()]
    }

    /// The node's id.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Whether it is a Warehouse, a Junction or a Stage.
    #[must_use]
    pub fn kind(self) -> NodeKind {
        self.data().kind
    }

    /// The object's name.
    #[must_use]
    pub fn name(self) -> &'g str {
        &self.data().name
    }

    /// What it is called as producer of freight; `None` for a Stage.
    #[must_use]
    pub fn as_origin(self) -> Option<Origin> {
        self.kind().origin_kind().map(|kind| Origin { kind, name: self.name().to_owned() })
    }

    /// What it asks for, by origin.
    pub fn requests(self) -> impl ExactSizeIterator<Item = RequestView<'g>> {
        self.data().requests.clone().map(move |index| RequestView::new(self.pipeline, RequestId::new(index as usize)))
    }

    /// What it asks of this origin.
    #[must_use]
    pub fn request_of(self, origin: NodeId) -> Option<RequestView<'g>> {
        self.pipeline.request_between(self.id, origin).map(|id| RequestView::new(self.pipeline, id))
    }

    /// The edges that freight comes along: by origin, the direct one before those from Stages, these by name.
    pub fn incoming(self) -> impl Iterator<Item = EdgeView<'g>> {
        self.pipeline.edges_at(self.id, Direction::Incoming)
    }

    /// The edges that freight leaves along: by the node they lead to, then by origin.
    pub fn outgoing(self) -> impl Iterator<Item = EdgeView<'g>> {
        self.pipeline.edges_at(self.id, Direction::Outgoing)
    }

    /// Everything that freight can come through on its way here, this node not included.
    pub fn upstream(self) -> Query<'g> {
        Query::new(self.pipeline, [self.id], Direction::Incoming)
    }

    /// Everything that freight can reach from here, this node not included.
    pub fn downstream(self) -> Query<'g> {
        Query::new(self.pipeline, [self.id], Direction::Outgoing)
    }

    /// Whether it is a Stage without steps: freight passes through it and is marked verified (resources 19.5).
    #[must_use]
    pub fn is_control_flow(self) -> bool {
        self.data().control_flow
    }

    /// Whether it is a Stage that takes freight straight from an origin.
    #[must_use]
    pub fn is_entry(self) -> bool {
        self.kind() == NodeKind::Stage && self.requests().any(RequestView::is_direct)
    }

    /// Whether it is a Stage that nothing takes freight from.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self.kind() == NodeKind::Stage && self.outgoing().next().is_none()
    }

    /// Whether freight can come here without an approval: of any request of a Stage; of every required slot of a Junction,
    /// and of at least one. Always true for a Warehouse.
    #[must_use]
    pub fn is_reachable(self) -> bool {
        self.pipeline.is_reachable(self.id)
    }

    /// Whether its object had mistakes, so that nothing but its name is known and it seems to ask for nothing.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self.data().unknown
    }

    /// The number of edges on the longest way here from a node without upstream: 0 for a Warehouse.
    #[must_use]
    pub fn depth(self) -> usize {
        self.data().depth as usize
    }
}

impl PartialEq for NodeView<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.pipeline, other.pipeline) && self.id == other.id
    }
}

impl Eq for NodeView<'_> {}

impl fmt::Display for NodeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.name())
    }
}

impl fmt::Debug for NodeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A wish of one node for freight of one origin. Printed as `<node> of <origin>`.
#[derive(Clone, Copy)]
pub struct RequestView<'g> {
    pipeline: &'g Pipeline,
    id: RequestId,
}

impl<'g> RequestView<'g> {
    pub(super) fn new(pipeline: &'g Pipeline, id: RequestId) -> Self {
        Self { pipeline, id }
    }

    fn data(self) -> &'g Request {
        &self.pipeline.requests[self.id.index()]
    }

    /// The request's id.
    #[must_use]
    pub fn id(self) -> RequestId {
        self.id
    }

    /// The Stage or Junction that asks.
    #[must_use]
    pub fn node(self) -> NodeView<'g> {
        self.pipeline.view(self.data().node)
    }

    /// The Warehouse or Junction whose freight it asks for.
    #[must_use]
    pub fn origin(self) -> NodeView<'g> {
        self.pipeline.view(self.data().origin)
    }

    /// Whether freight may come straight from its origin. Upstream Stages, strategy and soak time then mean nothing
    /// (control 1.1, AV-2).
    #[must_use]
    pub fn is_direct(self) -> bool {
        self.data().direct
    }

    /// The Stages that it may come from, by name, each once.
    pub fn upstreams(self) -> impl ExactSizeIterator<Item = NodeView<'g>> {
        self.pipeline.upstreams_of(self.data()).iter().map(move |&id| self.pipeline.view(id))
    }

    /// How long freight must have stayed upstream without a break, beside being verified there.
    #[must_use]
    pub fn soak(self) -> Option<Duration> {
        self.data().soak
    }

    /// Whether all of the upstream Stages must have verified the freight, or one.
    #[must_use]
    pub fn strategy(self) -> AvailabilityStrategy {
        self.data().strategy
    }

    /// How freight is chosen when nobody chooses: a slot's `fill`; a Stage's selection policy, which is never `Manual`.
    #[must_use]
    pub fn selection(self) -> Fill {
        self.data().selection
    }

    /// Whether a release of the Junction waits for this slot. True for every request of a Stage.
    #[must_use]
    pub fn is_required(self) -> bool {
        self.data().required
    }

    /// Whether it has neither a direct nor an upstream source, so that only approvals satisfy it (rules 7, trap 9).
    #[must_use]
    pub fn is_approval_only(self) -> bool {
        !self.is_direct() && self.data().upstreams.is_empty()
    }

    /// Whether freight can come without an approval: it is direct, and its origin can produce freight; or one of the upstream
    /// Stages (with strategy `All`: every one) can get it without an approval.
    #[must_use]
    pub fn is_satisfiable(self) -> bool {
        self.data().satisfiable
    }

    /// Conditions in few words, such as `soak 1h, all, match upstream`; empty if there are none. Soak time and strategy of a
    /// direct request are left out, since they mean nothing.
    #[must_use]
    pub fn conditions(self) -> String {
        let data = self.data();
        let mut words = Vec::new();
        if !data.direct {
            if let Some(soak) = data.soak.filter(|&soak| soak != Duration::ZERO) {
                words.push(format!("soak {}", short(soak)));
            }
            if data.strategy == AvailabilityStrategy::All && data.upstreams.len() > 1 {
                words.push("all".to_owned());
            }
        }
        match data.selection {
            Fill::NewestFreight => {}
            Fill::MatchUpstream => words.push("match upstream".to_owned()),
            Fill::Manual => words.push("by hand".to_owned()),
        }
        if !data.required {
            words.push("optional".to_owned());
        }
        words.join(", ")
    }
}

impl PartialEq for RequestView<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.pipeline, other.pipeline) && self.id == other.id
    }
}

impl Eq for RequestView<'_> {}

impl fmt::Display for RequestView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.node(), self.origin())
    }
}

impl fmt::Debug for RequestView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One way that freight of one request may come. Printed as `<from> -> <to> (<origin>)`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EdgeView<'g> {
    from: NodeView<'g>,
    to: NodeView<'g>,
    request: RequestView<'g>,
}

impl<'g> EdgeView<'g> {
    pub(super) fn new(pipeline: &'g Pipeline, from: NodeIndex, to: NodeIndex, request: u32) -> Self {
        Self {
            from: pipeline.view(NodeId::new(from.index())),
            to: pipeline.view(NodeId::new(to.index())),
            request: RequestView::new(pipeline, RequestId::new(request as usize)),
        }
    }

    /// Where the freight comes from: the origin, or an upstream Stage.
    #[must_use]
    pub fn from(self) -> NodeView<'g> {
        self.from
    }

    /// The Stage or Junction that asks for it.
    #[must_use]
    pub fn to(self) -> NodeView<'g> {
        self.to
    }

    /// The request that the edge belongs to.
    #[must_use]
    pub fn request(self) -> RequestView<'g> {
        self.request
    }

    /// Whether the freight comes straight from its origin.
    #[must_use]
    pub fn is_direct(self) -> bool {
        self.from.kind() != NodeKind::Stage
    }

    /// What holds on this way, in few words, such as `soak 1h, all`: the [conditions](RequestView::conditions) of its request.
    #[must_use]
    pub fn label(self) -> String {
        self.request.conditions()
    }
}

impl fmt::Display for EdgeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} ({})", self.from, self.to, self.request.origin())
    }
}

impl fmt::Debug for EdgeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A span of time without its zero parts: `1h` where the canonical form says `1h0m0s`.
pub(super) fn short(span: Duration) -> String {
    let mut text = span.to_string();
    for (long, brief) in [("m0s", "m"), ("h0m", "h")] {
        if let Some(rest) = text.strip_suffix(long) {
            text = format!("{rest}{brief}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lose_their_zero_parts() {
        for (long, brief) in [
            ("1h", "1h"),
            ("24h", "24h"),
            ("90m", "1h30m"),
            ("5m", "5m"),
            ("10s", "10s"),
            ("1h10s", "1h0m10s"),
            ("20m", "20m"),
            ("0s", "0s"),
        ] {
            assert_eq!(short(long.parse().unwrap()), brief, "{long}");
        }
    }
}
