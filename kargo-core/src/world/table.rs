//! Nouns of one kind, by name.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use crate::model::{NoSuch, Noun};

/// Nouns of one kind, by name. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Table<T> {
    by_name: BTreeMap<Arc<str>, Arc<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { by_name: BTreeMap::new() }
    }
}

impl<T: Noun> Table<T> {
    /// Puts a noun in, in the place of the one of its name.
    pub(super) fn put(&mut self, noun: T) {
        self.by_name.insert(noun.name().into(), Arc::new(noun));
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Arc<T>> {
        self.by_name.remove(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.by_name.get(name).map(AsRef::as_ref)
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
        self.get(name).ok_or_else(|| NoSuch::new(what, name, self.by_name.keys().map(AsRef::as_ref)))
    }

    /// All, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.by_name.values().map(AsRef::as_ref)
    }

    /// The names that begin so.
    pub(super) fn names_beginning_with(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let names = self.by_name.range::<str, _>(from).map(|(name, _)| &**name);
        names.take_while(move |name| name.starts_with(prefix))
    }
}
