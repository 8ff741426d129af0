//! Nouns of one kind, by name.

use std::{borrow::Borrow, ops::Bound, sync::Arc};

use super::shared::Map;
use crate::model::{NoSuch, Noun};

/// Nouns of one kind, by name. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Table<T, K: Ord = Arc<str>> {
    by_name: Map<K, Arc<T>>,
}

impl<T, K: Ord> Default for Table<T, K> {
    fn default() -> Self {
        Self { by_name: Map::new() }
    }
}

impl<T: Noun, K: Ord + Clone + Borrow<str> + for<'n> From<&'n str>> Table<T, K> {
    /// Puts a noun in, in the place of the one of its name.
    pub(super) fn put(&mut self, noun: T) {
        match self.by_name.get_mut(noun.name()) {
            Some(known) => *known = Arc::new(noun),
            None => drop(self.by_name.insert(noun.name().into(), Arc::new(noun))),
        }
    }
}

impl<T, K: Ord + Clone + Borrow<str>> Table<T, K> {
    /// Puts a noun in under its name, which is shared with others that have it.
    pub(super) fn put_as(&mut self, name: K, noun: T) {
        self.by_name.insert(name, Arc::new(noun));
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Arc<T>> {
        self.by_name.remove(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.by_name.get(name).map(AsRef::as_ref)
    }

    /// The name itself, to be shared.
    pub(super) fn name(&self, name: &str) -> Option<&K> {
        self.by_name.get_key_value(name).map(|(name, _)| name)
    }

    /// The noun of this name, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T>
    where
        T: Clone,
    {
        self.by_name.get_mut(name).map(Arc::make_mut)
    }

    /// The noun of this name, or which name was meant.
    pub(super) fn find(&self, what: &'static str, name: &str) -> Result<&T, NoSuch> {
        self.get(name).ok_or_else(|| NoSuch::new(what, name, self.by_name.keys().map(Borrow::borrow)))
    }

    /// All, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.by_name.values().map(AsRef::as_ref)
    }

    /// The names that begin so.
    pub(super) fn names_beginning_with(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let names = self.by_name.range::<_, str>(from).map(|(name, _)| name.borrow());
        names.take_while(move |name: &&str| name.starts_with(prefix))
    }
}
