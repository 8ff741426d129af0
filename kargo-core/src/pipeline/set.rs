//! Sets of nodes: what queries answer.

use std::{cmp::Ordering, fmt};

use super::{NodeId, NodeKind, NodeView, Pipeline};

/// Some nodes of a pipeline, iterated in its order: Warehouses, Junctions, Stages, each by name.
///
/// ```
/// # use kargo_core::{Pipeline, model::{ObjectMeta, Stage}, pipeline::Nouns};
/// # let named = |name: &str| Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
/// # let stages = ["dev", "prod", "uat"].map(named);
/// # let pipeline = Pipeline::from_nouns(&Nouns::new("shop").stages(&stages))?;
/// let set = |names: &[&str]| pipeline.set(names.iter().filter_map(|name| pipeline.stage(name).ok()));
/// assert_eq!(set(&["uat", "dev"]).union(&set(&["prod"])).names(), ["dev", "prod", "uat"]);
/// assert_eq!(set(&["uat", "dev"]).intersection(&set(&["uat"])).names(), ["uat"]);
/// assert_eq!(set(&["uat", "dev"]).difference(&set(&["uat"])).names(), ["dev"]);
/// # Ok::<(), kargo_core::Diagnostics>(())
/// ```
#[derive(Clone)]
pub struct NodeSet<'g> {
    pipeline: &'g Pipeline,
    /// Sorted, each once.
    ids: Vec<NodeId>,
}

impl<'g> NodeSet<'g> {
    pub(super) fn from_sorted(pipeline: &'g Pipeline, ids: Vec<NodeId>) -> Self {
        Self { pipeline, ids }
    }

    /// The nodes, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = NodeView<'g>> + use<'_, 'g> {
        let pipeline = self.pipeline;
        self.ids.iter().map(move |&id| pipeline.view(id))
    }

    /// The ids, in order.
    #[must_use]
    pub fn ids(&self) -> &[NodeId] {
        &self.ids
    }

    /// The names, in order. A Warehouse and a Stage may have the same.
    #[must_use]
    pub fn names(&self) -> Vec<&'g str> {
        self.iter().map(NodeView::name).collect()
    }

    /// Whether a node is in the set.
    #[must_use]
    pub fn contains(&self, id: NodeId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The nodes of one kind.
    #[must_use]
    pub fn of_kind(&self, kind: NodeKind) -> Self {
        let ids = self.iter().filter(|node| node.kind() == kind).map(NodeView::id).collect();
        Self { pipeline: self.pipeline, ids }
    }

    /// The Stages.
    #[must_use]
    pub fn stages(&self) -> Self {
        self.of_kind(NodeKind::Stage)
    }

    /// The nodes of either set. Both are sets of one pipeline; ids of another would be taken for this one's.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.merge(other, |_| true)
    }

    /// The nodes of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.merge(other, |side| side == Ordering::Equal)
    }

    /// The nodes of this set that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.merge(other, |side| side == Ordering::Less)
    }

    /// Walks both lists at once; `keep` is told whether a node is here (`Less`), there (`Greater`) or in both (`Equal`).
    fn merge(&self, other: &Self, keep: impl Fn(Ordering) -> bool) -> Self {
        let (mut left, mut right) = (self.ids.iter().copied().peekable(), other.ids.iter().copied().peekable());
        let mut ids = Vec::new();
        loop {
            let side = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let from_left = if side == Ordering::Greater { None } else { left.next() };
            let from_right = if side == Ordering::Less { None } else { right.next() };
            ids.extend(from_left.or(from_right).filter(|_| keep(side)));
        }
        ids.retain(|id| id.index() < self.pipeline.nodes.len());
        Self { pipeline: self.pipeline, ids }
    }
}

impl Pipeline {
    /// The set of these nodes.
    pub fn set<'g>(&'g self, nodes: impl IntoIterator<Item = NodeView<'g>>) -> NodeSet<'g> {
        let mut ids: Vec<_> = nodes.into_iter().map(NodeView::id).filter(|id| id.index() < self.nodes.len()).collect();
        ids.sort_unstable();
        ids.dedup();
        NodeSet::from_sorted(self, ids)
    }
}

/// Sets are equal if they hold the same nodes of the same pipeline.
impl PartialEq for NodeSet<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.pipeline, other.pipeline) && self.ids == other.ids
    }
}

impl Eq for NodeSet<'_> {}

impl fmt::Debug for NodeSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<'g> IntoIterator for &NodeSet<'g> {
    type Item = NodeView<'g>;
    type IntoIter = std::vec::IntoIter<NodeView<'g>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::sample::Shop;

    proptest! {
        #[test]
        fn sets_obey_the_laws_of_sets(a in any::<u16>(), b in any::<u16>()) {
            let mut shop = Shop::new().warehouse("s03").warehouse("w");
            for index in 0..14 {
                shop = shop.stage(&format!("s{index:02}"), &[]);
            }
            let pipeline = shop.pipeline();
            let pick = |mask: u16| {
                let chosen = pipeline.nodes().enumerate().filter(move |(at, _)| mask >> at & 1 == 1);
                pipeline.set(chosen.map(|(_, node)| node))
            };
            let plain = |set: &NodeSet<'_>| set.ids().iter().copied().collect::<BTreeSet<_>>();
            let (x, y) = (pick(a), pick(b));
            let (p, q) = (plain(&x), plain(&y));
            prop_assert_eq!(plain(&x.union(&y)), &p | &q);
            prop_assert_eq!(plain(&x.intersection(&y)), &p & &q);
            prop_assert_eq!(plain(&x.difference(&y)), &p - &q);
            prop_assert_eq!(x.len(), p.len());
            for set in [x.union(&y), x.intersection(&y), x.difference(&y)] {
                prop_assert!(set.ids().is_sorted());
                prop_assert!(set.ids().iter().all(|&id| set.contains(id)));
            }
            prop_assert!(x.difference(&x).is_empty());
            prop_assert_eq!(x.stages().union(&x.of_kind(NodeKind::Warehouse)), x);
        }
    }
}
