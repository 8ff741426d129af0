//! Work that is done once, however many want its result.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use futures::future::{BoxFuture, FutureExt as _, Shared};

/// Results by key; the first who asks starts the work, all wait for it together, and whoever comes later has it at once.
///
/// The work goes on as long as anybody waits, and pauses when nobody does.
#[derive(Debug)]
pub(super) struct Memo<K, V: Clone> {
    known: Mutex<BTreeMap<K, Shared<BoxFuture<'static, V>>>>,
}

impl<K, V: Clone> Default for Memo<K, V> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

impl<K: Ord, V: Clone> Memo<K, V> {
    /// The result for a key, made by `make` if nobody asked before.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> BoxFuture<'static, V>) -> Shared<BoxFuture<'static, V>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert_with(|| make().shared()).clone()
    }

    /// The result for a key, if somebody asked for it.
    pub(super) fn peek(&self, key: &K) -> Option<Shared<BoxFuture<'static, V>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
