//! Maps, sets and indexes whose clones share what they hold: what makes a fork cheap. Which structure they are made of is said
//! here alone (chosen by a benchmark, see `manual::architecture`).
//!
//! They are B+ trees whose nodes are copied when they are changed while another clone holds them. Their order is that of the
//! keys, so what is read from them does not depend on how they came about.

use std::cmp::Ordering;

use equivalent::{Comparable, Equivalent};

/// A map in the order of its keys. A clone copies one pointer. Values are kept in nodes of sixteen: larger ones belong in an
/// `Arc`, so that copying a node does not copy them.
pub(crate) type Map<K, V> = imbl::OrdMap<K, V>;

/// A set in order. A clone copies one pointer.
pub(crate) type Set<T> = imbl::OrdSet<T>;

/// Removes from a map what `keep` does not want.
pub(crate) fn retain<K: Ord + Clone, V: Clone>(map: &mut Map<K, V>, keep: impl Fn(&K, &V) -> bool) {
    let gone: Vec<K> = map.iter().filter(|(key, value)| !keep(key, value)).map(|(key, _)| key.clone()).collect();
    for key in gone {
        map.remove(&key);
    }
}

/// Many items of each key, in order: one set of pairs, for a set of its own for each key would hold room for sixteen.
#[derive(Clone, Debug)]
pub(crate) struct Index<K: Ord, T: Ord> {
    pairs: Set<(K, T)>,
}

/// Where in the pairs of a key something is looked for.
struct At<'q, Q: ?Sized, T> {
    key: &'q Q,
    item: Edge<'q, T>,
}

enum Edge<'q, T> {
    BeforeAll,
    Item(&'q T),
    AfterAll,
}

impl<K: Ord, T: Ord> Default for Index<K, T> {
    fn default() -> Self {
        Self { pairs: Set::new() }
    }
}

impl<K: Ord + Clone, T: Ord + Clone> Index<K, T> {
    pub(crate) fn insert(&mut self, key: K, item: T) {
        self.pairs.insert((key, item));
    }

    /// All pairs, by key and then in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &T)> {
        self.pairs.iter().map(|(key, item)| (key, item))
    }

    pub(crate) fn remove<Q: Comparable<K> + ?Sized>(&mut self, key: &Q, item: &T) {
        self.pairs.remove(&At { key, item: Edge::Item(item) });
    }

    /// The items of a key, in order.
    pub(crate) fn of<'i, Q: Comparable<K> + ?Sized>(
        &'i self,
        key: &Q,
    ) -> impl DoubleEndedIterator<Item = &'i T> + use<'i, Q, K, T> {
        self.between(key, Edge::BeforeAll, Edge::AfterAll)
    }

    /// The items of a key from one on, in order.
    pub(crate) fn from<'i, Q: Comparable<K> + ?Sized>(
        &'i self,
        key: &Q,
        first: &T,
    ) -> impl DoubleEndedIterator<Item = &'i T> + use<'i, Q, K, T> {
        self.between(key, Edge::Item(first), Edge::AfterAll)
    }

    /// The items of a key below one, or all, in order.
    pub(crate) fn below<'i, Q: Comparable<K> + ?Sized>(
        &'i self,
        key: &Q,
        end: Option<&T>,
    ) -> impl DoubleEndedIterator<Item = &'i T> + use<'i, Q, K, T> {
        self.between(key, Edge::BeforeAll, end.map_or(Edge::AfterAll, Edge::Item))
    }

    /// The items of a key from the first one on, without the last.
    fn between<'i, Q: Comparable<K> + ?Sized>(
        &'i self,
        key: &Q,
        first: Edge<'_, T>,
        end: Edge<'_, T>,
    ) -> impl DoubleEndedIterator<Item = &'i T> + use<'i, Q, K, T> {
        self.pairs.range(At { key, item: first }..At { key, item: end }).map(|(_, item)| item)
    }
}

impl<K, T: Ord, Q: Comparable<K> + ?Sized> Equivalent<(K, T)> for At<'_, Q, T> {
    fn equivalent(&self, pair: &(K, T)) -> bool {
        self.compare(pair).is_eq()
    }
}

impl<K, T: Ord, Q: Comparable<K> + ?Sized> Comparable<(K, T)> for At<'_, Q, T> {
    fn compare(&self, (key, item): &(K, T)) -> Ordering {
        self.key.compare(key).then_with(|| match self.item {
            Edge::BeforeAll => Ordering::Less,
            Edge::Item(at) => at.cmp(item),
            Edge::AfterAll => Ordering::Greater,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_4_an_index_finds_the_items_of_a_key_and_of_no_other() {
        let mut index = Index::<Box<str>, u32>::default();
        for number in (0..100).rev() {
            for key in ["a", "ab", "b"] {
                index.insert(key.into(), number);
            }
        }
        let fork = index.clone();
        index.remove("ab", &40);
        index.remove("ab", &1_000);
        index.remove("c", &1);
        let expected: Vec<u32> = (0..100).filter(|number| *number != 40).collect();
        assert_eq!(index.of("ab").copied().collect::<Vec<_>>(), expected);
        assert_eq!(index.of("ab").next_back(), Some(&99));
        assert_eq!(index.from("b", &98).copied().collect::<Vec<_>>(), [98, 99]);
        assert_eq!(index.below("a", Some(&2)).rev().copied().collect::<Vec<_>>(), [1, 0]);
        assert_eq!(index.below("a", None).count(), 100);
        assert_eq!(index.of("c").next(), None);
        assert_eq!(fork.of("ab").count(), 100, "what a fork holds stays");
    }

    #[test]
    fn law_9_a_fork_can_be_sent_and_shared() {
        fn is_shareable<T: Send + Sync + 'static>() {}
        is_shareable::<Index<Box<str>, u32>>();
        is_shareable::<super::super::World>();
    }

    #[test]
    fn retain_keeps_what_is_wanted() {
        let mut map: Map<u32, u32> = (0..50_u32).map(|number| (number, number * 2)).collect();
        retain(&mut map, |key, value| key % 2 == 0 && *value < 40);
        assert_eq!(map.keys().copied().collect::<Vec<_>>(), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    }
}
