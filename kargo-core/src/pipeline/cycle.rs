//! Circles: nodes that wait for one another. A pipeline has none; here they are found and named.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::{Direction, algo::kosaraju_scc, graph::NodeIndex, visit::EdgeRef};

use super::{NodeId, NodeKind, draft::Draft, text::Report};
use crate::model::{Code, Diagnostic};

/// How many edges the search for a shortest circle may look at in one knot of nodes. Beyond it the shortest circle found is
/// reported: a search from every node costs nodes times edges.
const LOOKS: usize = 2_000_000;
/// How many nodes of a circle are named.
const NAMED: usize = 20;

/// Reports one circle, the shortest, for each knot: a greatest set of nodes that all wait for one another (K0203).
///
/// petgraph's Tarjan recurses as deep as the graph; its Kosaraju does not.
pub(super) fn check(draft: &Draft<'_>, report: &mut Report) {
    let mut knots: Vec<Vec<NodeId>> = Vec::new();
    for component in kosaraju_scc(&draft.graph) {
        let mut ids: Vec<_> = component.iter().map(|index| NodeId::new(index.index())).collect();
        let circular = match *component {
            [alone] => draft.graph.neighbors(alone).any(|next| next == alone),
            _ => true,
        };
        if circular {
            ids.sort_unstable();
            knots.push(ids);
        }
    }
    knots.sort_unstable();
    for knot in knots {
        report.error(|_| circle(draft, &shortest(draft, &knot)));
    }
}

/// A shortest circle in a knot: each node leads to the next, the last to the first. It begins at its least node.
fn shortest(draft: &Draft<'_>, knot: &[NodeId]) -> Vec<NodeId> {
    let members: BTreeSet<NodeId> = knot.iter().copied().collect();
    let mut best: Vec<NodeId> = Vec::new();
    let mut looks = 0;
    for &start in knot {
        if !best.is_empty() && looks > LOOKS {
            break;
        }
        let bound = if best.is_empty() { usize::MAX } else { best.len() };
        if let Some(found) = shortest_through(draft, start, &members, bound, &mut looks) {
            best = found;
        }
        if best.len() == 1 {
            break;
        }
    }
    let least = best.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(at, _)| at);
    best.rotate_left(least);
    best
}

/// The shortest circle through a node that has fewer than `bound` nodes.
fn shortest_through(
    draft: &Draft<'_>,
    start: NodeId,
    members: &BTreeSet<NodeId>,
    bound: usize,
    looks: &mut usize,
) -> Option<Vec<NodeId>> {
    let mut from: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut left = VecDeque::from([(start, 1)]);
    while let Some((id, length)) = left.pop_front() {
        if length >= bound {
            return None;
        }
        for edge in draft.graph.edges_directed(NodeIndex::new(id.index()), Direction::Outgoing) {
            *looks += 1;
            let next = NodeId::new(edge.target().index());
            if next == start {
                let mut circle = vec![id];
                let mut at = id;
                while let Some(&before) = from.get(&at).filter(|_| at != start) {
                    circle.push(before);
                    at = before;
                }
                circle.reverse();
                return Some(circle);
            }
            if members.contains(&next) && !from.contains_key(&next) {
                from.insert(next, id);
                left.push_back((next, length + 1));
            }
        }
    }
    None
}

fn circle(draft: &Draft<'_>, circle: &[NodeId]) -> Diagnostic {
    let name = |id: &NodeId| match draft.node(*id).kind {
        NodeKind::Stage => draft.node(*id).name.to_string(),
        NodeKind::Junction | NodeKind::Warehouse => draft.key(*id),
    };
    let (Some(first), Some(last)) = (circle.first(), circle.last()) else {
        return Diagnostic::error(Code::Cycle, Code::Cycle.summary());
    };
    let mut names: Vec<String> = circle.iter().take(NAMED).map(name).collect();
    if circle.len() > NAMED {
        names.push(format!("({} more)", circle.len() - NAMED));
    }
    names.push(name(first));
    let who = match circle {
        [alone] => format!("{} waits for itself", draft.spoken(*alone)),
        _ if circle.iter().all(|id| draft.node(*id).kind == NodeKind::Stage) => {
            "Stages wait for one another in a circle".to_owned()
        }
        _ => "Stages and Junctions wait for one another in a circle".to_owned(),
    };
    let diagnostic = Diagnostic::error(Code::Cycle, format!("{who}: {}", names.join(" -> ")))
        .by_rule("architecture 6")
        .help("freight has to come from a Warehouse: take one of these sources away");
    // The mark is where the first node of the circle names the last.
    let closing = draft
        .graph
        .edges_connecting(NodeIndex::new(last.index()), NodeIndex::new(first.index()))
        .map(|edge| &draft.requests[*edge.weight() as usize])
        .next();
    match closing {
        Some(request) => {
            let path = match draft.node(*last).kind {
                NodeKind::Stage => draft.upstream_path(request, *last),
                NodeKind::Junction | NodeKind::Warehouse => draft.origin_path(request),
            };
            let label = match circle {
                [_] => "itself".to_owned(),
                _ => format!("closes the circle: {} is downstream of {}", name(last), name(first)),
            };
            draft.subject(request.node, request.list).mark(diagnostic, path, label)
        }
        None => diagnostic,
    }
}
