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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::Origin,
        pipeline::sample::{Shop, shops},
    };

    fn diamond() -> Pipeline {
        Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .stage("dev", &[("cart", "direct"), ("web", "direct")])
            .stage("uat", &[("cart", "dev")])
            .stage("perf", &[("cart", "dev"), ("web", "dev")])
            .stage("prod", &[("cart", "uat+perf all soak=1h")])
            .pipeline()
    }

    #[test]
    fn a_diamond_and_its_closures() {
        let pipeline = diamond();
        let stage = |name: &str| pipeline.stage(name).unwrap();
        assert_eq!(stage("prod").upstream().resolve().names(), ["cart", "web", "dev", "perf", "uat"]);
        assert_eq!(stage("dev").downstream().resolve().names(), ["perf", "prod", "uat"]);
        assert_eq!(stage("dev").downstream().inclusive().resolve().names(), ["dev", "perf", "prod", "uat"]);
        // Only web's freight: it never reaches uat and prod.
        let web = pipeline.warehouse("web").unwrap();
        assert_eq!(web.downstream().of(web.id()).resolve().names(), ["dev", "perf"]);
        assert_eq!(web.downstream().resolve().names(), ["dev", "perf", "prod", "uat"]);
        let cart = pipeline.warehouse("cart").unwrap();
        assert_eq!(stage("prod").upstream().of(cart.id()).resolve().names(), ["cart", "dev", "perf", "uat"]);
        assert_eq!(pipeline.downstream_of([stage("uat"), stage("dev")]).resolve().names(), ["perf", "prod", "uat"]);
        assert_eq!(pipeline.upstream_of([stage("uat"), stage("perf")]).resolve().names(), ["cart", "web", "dev"]);
    }

    #[test]
    fn distances_and_depths() {
        let pipeline = diamond();
        let cart = pipeline.warehouse("cart").unwrap();
        let stage = |name: &str| pipeline.stage(name).unwrap();
        assert_eq!(pipeline.distance(cart, stage("prod")), Some(3));
        assert_eq!(pipeline.distance(cart, cart), Some(0));
        assert_eq!(pipeline.distance(stage("uat"), stage("perf")), None);
        assert_eq!((cart.depth(), stage("prod").depth(), pipeline.depth()), (0, 3, 3));
    }

    #[test]
    fn a_fan_in_asks_everybody_and_a_fan_out_reaches_everybody() {
        let mut shop = Shop::new().warehouse("cart").stage("uat", &[("cart", "direct")]);
        let regions: Vec<String> = (0..20).map(|index| format!("region-{index:02}")).collect();
        for region in &regions {
            shop = shop.stage(region, &[("cart", "uat")]);
        }
        let pipeline = shop.stage("world", &[("cart", &format!("{} all", regions.join("+")))]).pipeline();
        let world = pipeline.stage("world").unwrap();
        assert_eq!(world.incoming().count(), 20);
        assert_eq!(pipeline.stage("uat").unwrap().downstream().resolve().len(), 21);
        let [request] = world.requests().collect::<Vec<_>>()[..] else { panic!("one request") };
        assert_eq!(request.upstreams().map(NodeView::name).collect::<Vec<_>>(), regions);
        assert_eq!(request.conditions(), "all");
    }

    #[test]
    fn d1_a_hotfix_stage_beside_prod() {
        let pipeline = Shop::new()
            .warehouse("cart")
            .stage("dev", &[("cart", "direct")])
            .stage("test", &[("cart", "dev")])
            .passage("hotfix", &[("cart", "direct")])
            .stage("prod", &[("cart", "test+hotfix")])
            .pipeline();
        let cart = pipeline.warehouse("cart").unwrap();
        // Warehouse, hotfix, prod: two promotions, and the way past dev and test is open.
        assert_eq!(pipeline.distance(cart, pipeline.stage("prod").unwrap()), Some(2));
        assert_eq!(pipeline.stage("hotfix").unwrap().downstream().resolve().names(), ["prod"]);
        assert_eq!(pipeline.control_flow_stages().names(), ["hotfix"]);
        assert_eq!(pipeline.entry_stages().names(), ["dev", "hotfix"]);
        assert_eq!(pipeline.terminal_stages().names(), ["prod"]);
    }

    /// Every pair of nodes with the length of the shortest way between them, from the nouns alone.
    fn ways(shop: &Shop, only: Option<&Origin>) -> BTreeMap<(String, String), usize> {
        let stages = shop.stages.iter().flat_map(|stage| {
            let node = format!("Stage/{}", stage.metadata.name);
            stage.spec.requested_freight.iter().map(move |r| (node.clone(), r.origin.clone(), &r.sources))
        });
        let slots = shop.junctions.iter().flat_map(|junction| {
            let node = format!("Junction/{}", junction.metadata.name);
            junction
                .spec
                .requested_freight
                .iter()
                .filter_map(move |s| Some((node.clone(), s.origin.clone()?, &s.sources)))
        });
        let mut ways = BTreeMap::new();
        for (node, origin, sources) in stages.chain(slots).filter(|row| only.is_none_or(|only| row.1 == *only)) {
            if sources.direct {
                ways.insert((origin.to_string(), node.clone()), 1);
            }
            ways.extend(sources.stages.iter().map(|stage| ((format!("Stage/{stage}"), node.clone()), 1)));
        }
        loop {
            let mut longer = ways.clone();
            for ((from, by), first) in &ways {
                for ((_, to), second) in ways.iter().filter(|((start, _), _)| start == by) {
                    let way = longer.entry((from.clone(), to.clone())).or_insert(usize::MAX);
                    *way = (*way).min(first + second);
                }
            }
            if longer == ways {
                return ways;
            }
            ways = longer;
        }
    }

    proptest! {
        #[test]
        fn closures_and_distances_are_those_of_the_nouns(shop in shops(), which in any::<prop::sample::Index>()) {
            let pipeline = shop.pipeline();
            let origins: Vec<_> = pipeline.nodes().filter_map(NodeView::as_origin).collect();
            for only in [None, Some(which.get(&origins))] {
                let ways = ways(&shop, only);
                for node in pipeline.nodes() {
                    let (mut up, mut down) = (node.upstream(), node.downstream());
                    if let Some(only) = only {
                        let id = pipeline.origin(only).unwrap().id();
                        (up, down) = (up.of(id), down.of(id));
                    }
                    let keys = |set: NodeSet<'_>| set.iter().map(|node| node.to_string()).collect::<BTreeSet<_>>();
                    let me = node.to_string();
                    let after: BTreeSet<_> = ways.keys().filter(|way| way.0 == me).map(|way| way.1.clone()).collect();
                    let before: BTreeSet<_> = ways.keys().filter(|way| way.1 == me).map(|way| way.0.clone()).collect();
                    prop_assert_eq!(keys(down.resolve()), after);
                    prop_assert_eq!(keys(up.resolve()), before);
                    if only.is_none() {
                        for other in pipeline.nodes().filter(|other| *other != node) {
                            let way = ways.get(&(me.clone(), other.to_string())).copied();
                            prop_assert_eq!(pipeline.distance(node, other), way);
                        }
                    }
                }
            }
        }

        #[test]
        fn the_order_puts_upstream_first_and_is_stable(shop in shops()) {
            let pipeline = shop.pipeline();
            let order: Vec<_> = pipeline.topological_order().map(NodeView::id).collect();
            let place: BTreeMap<_, _> = order.iter().zip(0..).map(|(id, place)| (*id, place)).collect();
            prop_assert_eq!(place.len(), pipeline.size().nodes);
            for edge in pipeline.edges() {
                prop_assert!(place[&edge.from().id()] < place[&edge.to().id()]);
                prop_assert!(edge.from().depth() < edge.to().depth());
            }
            // Of the nodes that could come next, the least comes next.
            for (at, id) in order.iter().enumerate() {
                for later in &order[at + 1..] {
                    let ready = pipeline.node(*later).unwrap().incoming().all(|edge| place[&edge.from().id()] < at);
                    prop_assert!(!ready || id < later);
                }
            }
            // The order of the nouns does not matter.
            let mut turned = shop.clone();
            turned.stages.reverse();
            turned.junctions.reverse();
            turned.warehouses.reverse();
            let turned = turned.pipeline();
            let names = |pipeline: &Pipeline| pipeline.topological_order().map(|node| node.to_string()).collect::<Vec<_>>();
            prop_assert_eq!(names(&turned), names(&pipeline));
            prop_assert!(crate::pipeline::diff(&turned, &pipeline).is_empty());
        }
    }
}
