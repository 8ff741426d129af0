//! Nouns of one kind, by name.

use std::{borrow::Borrow, sync::Arc};

use super::keyed::{KeyedMap, Name};
use crate::model::{NoSuch, Noun};

/// Nouns of one kind, by name. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Table<T, K: Name = Arc<str>> {
    by_name: KeyedMap<K, Arc<T>>,
}

impl<T, K: Name> Default for Table<T, K> {
    fn default() -> Self {
        Self { by_name: KeyedMap::new() }
    }
}

impl<T: Noun, K: Name + for<'n> From<&'n str>> Table<T, K> {
    /// Puts a noun in, in the place of the one of its name.
    pub(super) fn put(&mut self, noun: T) {
        match self.by_name.get_mut(&K::ask(noun.name())) {
            Some(known) => *known = Arc::new(noun),
            None => self.put_as(noun.name().into(), noun),
        }
    }
}

impl<T, K: Name> Table<T, K> {
    /// Puts a noun in under its name, which is shared with others that have it.
    pub(super) fn put_as(&mut self, name: K, noun: T) {
        self.by_name.insert(name.keyed(), Arc::new(noun));
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Arc<T>> {
        self.by_name.remove(&K::ask(name))
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.by_name.get(&K::ask(name)).map(AsRef::as_ref)
    }

    /// The name itself, to be shared.
    pub(super) fn name(&self, name: &str) -> Option<&K> {
        self.by_name.get_key_value(&K::ask(name)).map(|(name, _)| name.key())
    }

    /// The noun of this name, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T>
    where
        T: Clone,
    {
        self.by_name.get_mut(&K::ask(name)).map(Arc::make_mut)
    }

    /// The noun of this name, or which name was meant.
    pub(super) fn find(&self, what: &'static str, name: &str) -> Result<&T, NoSuch> {
        self.get(name).ok_or_else(|| NoSuch::new(what, name, self.entries().map(|(name, _)| name.borrow())))
    }

    /// All, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries().map(|(_, noun)| noun)
    }

    /// The names that begin so.
    pub(super) fn names_beginning_with(&self, prefix: &str) -> impl Iterator<Item = &str> {
        // Where digests are in the order of the names, all of them stand together.
        let from = K::IN_ORDER.then(|| self.by_name.range(K::ask(prefix)..)).into_iter().flatten();
        let from = from.map(|(name, _)| name.key()).chain(self.sorted().into_iter().map(|(name, _)| name));
        let names = from.map(Borrow::<str>::borrow).skip_while(move |name: &&str| *name < prefix);
        names.take_while(move |name: &&str| name.starts_with(prefix))
    }

    fn entries(&self) -> impl Iterator<Item = (&K, &T)> {
        let in_order = K::IN_ORDER.then(|| self.by_name.iter()).into_iter().flatten();
        in_order.map(|(name, noun)| (name.key(), &**noun)).chain(self.sorted())
    }

    /// All in the order of their names, where the table has another; else nothing.
    fn sorted(&self) -> Vec<(&K, &T)> {
        if K::IN_ORDER {
            return Vec::new();
        }
        let mut all: Vec<_> = self.by_name.iter().map(|(name, noun)| (name.key(), &**noun)).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }
}
