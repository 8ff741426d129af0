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
    if knots.is_empty() {
        return;
    }
    knots.sort_unstable();
    let near = distances(draft);
    for knot in knots {
        report.error(|_| {
            let mut found = shortest(draft, &knot);
            let first = found.iter().enumerate().min_by_key(|(_, id)| (near[id.index()], **id)).map_or(0, |(at, _)| at);
            found.rotate_left(first);
            circle(draft, &found)
        });
    }
}

/// How far each node is from the nearest Warehouse, in edges. A circle is shown from its nearest node on: freight enters it
/// there, so the way back into that node is most likely the one that was not meant.
fn distances(draft: &Draft<'_>) -> Vec<u32> {
    let mut distances = vec![u32::MAX; draft.nodes.len()];
    let mut left = VecDeque::new();
    for (index, node) in draft.nodes.iter().enumerate() {
        if node.kind == NodeKind::Warehouse {
            distances[index] = 0;
            left.push_back(index);
        }
    }
    while let Some(index) = left.pop_front() {
        for next in draft.graph.neighbors(NodeIndex::new(index)) {
            if distances[next.index()] == u32::MAX {
                distances[next.index()] = distances[index] + 1;
                left.push_back(next.index());
            }
        }
    }
    distances
}

/// A shortest circle in a knot: each node leads to the next, the last to the first.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::pipeline::sample::Shop;

    const HELP: &str = "help: freight has to come from a Warehouse: take one of these sources away";

    fn shop() -> Shop {
        Shop::new().warehouse("cart")
    }

    #[test]
    fn k0203_two_stages() {
        let found = shop().stage("b", &[("cart", "direct a")]).stage("a", &[("cart", "b")]).found();
        assert_eq!(
            found,
            [format!(
                "error[K0203] Stage/b spec.requestedFreight[0].sources.stages[0]: \
             Stages wait for one another in a circle: b -> a -> b | closes the circle: a is downstream of b | {HELP}"
            )]
        );
    }

    #[test]
    fn k0203_a_stage_that_waits_for_itself() {
        let found = shop().stage("prod", &[("cart", "direct prod")]).found();
        assert_eq!(
            found,
            [format!(
                "error[K0203] Stage/prod spec.requestedFreight[0].sources.stages[0]: \
             Stage prod waits for itself: prod -> prod | itself | {HELP}"
            )]
        );
    }

    #[test]
    fn k0203_through_a_junction() {
        let found = shop()
            .stage("uat", &[("cart", "direct"), ("Junction/train", "direct")])
            .junction("train", &[("cart", "uat")])
            .found();
        assert_eq!(
            found,
            [format!(
                "error[K0203] Stage/uat spec.requestedFreight[1].origin: \
             Stages and Junctions wait for one another in a circle: uat -> Junction/train -> uat | \
             closes the circle: Junction/train is downstream of uat | {HELP}"
            )]
        );
        let found =
            shop().junction("a", &[("Junction/b", "direct")]).junction("b", &[("Junction/a", "direct")]).found();
        assert_eq!(
            found,
            [format!(
                "error[K0203] Junction/a spec.requestedFreight[0].origin: \
             Stages and Junctions wait for one another in a circle: Junction/a -> Junction/b -> Junction/a | \
             closes the circle: Junction/b is downstream of Junction/a | {HELP}"
            )]
        );
    }

    #[test]
    fn k0203_each_knot_once_with_its_shortest_circle() {
        let two_rings = shop()
            .stage("a", &[("cart", "direct b")])
            .stage("b", &[("cart", "a")])
            .stage("x", &[("cart", "direct y")])
            .stage("y", &[("cart", "x")])
            .stage("z", &[("cart", "y+b")])
            .found();
        assert_eq!(two_rings.len(), 2, "{two_rings:?}");
        assert!(two_rings[0].contains(": a -> b -> a |") && two_rings[1].contains(": x -> y -> x |"), "{two_rings:?}");
        // A ring of three, with a short cut back.
        let found = shop()
            .stage("a", &[("cart", "direct c")])
            .stage("b", &[("cart", "a+c")])
            .stage("c", &[("cart", "b")])
            .found();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("in a circle: b -> c -> b |"), "{found:?}");
        assert!(found[0].contains("Stage/b spec.requestedFreight[0].sources.stages[1]: "), "{found:?}");
    }

    #[test]
    fn k0203_the_mark_is_on_the_way_back_to_where_freight_enters() {
        let found = shop()
            .stage("uat", &[("cart", "direct prod")])
            .stage("a", &[("cart", "uat")])
            .stage("b", &[("cart", "uat")])
            .stage("prod", &[("cart", "a+b")])
            .found();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("error[K0203] Stage/uat spec.requestedFreight[0].sources.stages[0]: "),
            "{found:?}"
        );
        assert!(
            found[0].contains(": uat -> a -> prod -> uat | closes the circle: prod is downstream of uat"),
            "{found:?}"
        );
    }

    #[test]
    fn a_long_circle_is_named_in_part() {
        let mut shop = shop();
        for index in 0..30 {
            shop = shop.stage(&format!("s{index:02}"), &[("cart", &format!("s{:02}", (index + 29) % 30))]);
        }
        let found = shop.found();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("s00 -> s01 -> s02"), "{found:?}");
        assert!(found[0].contains("s18 -> s19 -> (10 more) -> s00 |"), "{found:?}");
    }

    /// The length of a shortest circle through each node, by powers of the adjacency relation.
    fn shortest_circles(edges: &[(usize, usize)], count: usize) -> Vec<Option<usize>> {
        let mut shortest = vec![None; count];
        for (start, shortest) in shortest.iter_mut().enumerate() {
            let mut here: Vec<bool> = (0..count).map(|node| node == start).collect();
            for length in 1..=count {
                let mut next = vec![false; count];
                for &(from, to) in edges {
                    next[to] |= here[from];
                }
                here = next;
                if here[start] {
                    *shortest = Some(length);
                    break;
                }
            }
        }
        shortest
    }

    proptest! {
        #[test]
        fn every_knot_is_found_with_a_shortest_circle(
            edges in proptest::collection::btree_set((0..8_usize, 0..8_usize), 0..16),
        ) {
            let edges: Vec<_> = edges.into_iter().collect();
            let mut shop = shop();
            for to in 0..8 {
                let from: Vec<_> = edges.iter().filter(|edge| edge.1 == to).map(|edge| format!("s{}", edge.0)).collect();
                shop = shop.stage(&format!("s{to}"), &[("cart", &format!("direct {}", from.join("+")))]);
            }
            let circles = shortest_circles(&edges, 8);
            let mut reach = vec![vec![false; 8]; 8];
            for &(from, to) in &edges {
                reach[from][to] = true;
            }
            for by in 0..8 {
                for from in 0..8 {
                    for to in 0..8 {
                        reach[from][to] |= reach[from][by] && reach[by][to];
                    }
                }
            }
            let found = shop.found();
            // Knots: classes of nodes that lead to one another; each is named by its least node.
            let knots: Vec<usize> = (0..8).filter(|&n| reach[n][n] && !(0..n).any(|m| reach[m][n] && reach[n][m])).collect();
            prop_assert_eq!(found.len(), knots.len(), "{:?}", found);
            for line in &found {
                let (_, named) = line.split_once("circle: ").or_else(|| line.split_once("itself: ")).unwrap();
                let (named, _) = named.split_once(" | ").unwrap();
                let named: Vec<usize> = named.split(" -> ").map(|name| name[1..].parse().unwrap()).collect();
                prop_assert_eq!(named.first(), named.last());
                for pair in named.windows(2) {
                    prop_assert!(edges.contains(&(pair[0], pair[1])), "{}", line);
                }
                let first = named[0];
                let knot = (0..8).filter(|&n| n == first || (reach[first][n] && reach[n][first]));
                let least = knot.filter_map(|n| circles[n]).min();
                prop_assert_eq!(Some(named.len() - 1), least, "{}", line);
            }
        }
    }
}
