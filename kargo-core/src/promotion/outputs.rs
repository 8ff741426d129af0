//! What the steps of a promotion have put out so far, by alias.

use std::{collections::BTreeMap, iter, sync::Arc};

use crate::expr::{Entries, Value};

/// Outputs by alias, in the order of aliases; clones share them (promotion-engine 1.6).
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// There are few, and a promotion that waits holds them for long: they lie in one piece, with no room for more.
    entries: Arc<[Entry]>,
}

#[derive(Clone, Debug)]
struct Entry {
    alias: Arc<str>,
    output: Value,
    /// Of JSON.
    bytes: usize,
}

impl Outputs {
    /// The output of a step, or of a task, by its alias.
    #[must_use]
    pub fn get(&self, alias: &str) -> Option<&Value> {
        self.find(alias).ok().and_then(|at| self.entries.get(at)).map(|entry| &entry.output)
    }

    /// All, by alias.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|entry| (&entry.alias, &entry.output))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of JSON of all but the one of this alias.
    pub(super) fn bytes_beside(&self, alias: &str) -> usize {
        self.entries.iter().filter(|entry| &*entry.alias != alias).fold(0, |all, entry| all.saturating_add(entry.bytes))
    }

    /// Puts an output in, in the place of the one of its alias.
    pub(super) fn insert(&mut self, alias: &Arc<str>, output: Value) {
        let (at, rest) = match self.find(alias) {
            Ok(at) => (at, at + 1),
            Err(at) => (at, at),
        };
        let (before, after) = (self.entries.iter().take(at), self.entries.iter().skip(rest));
        let entry = Entry::new(Arc::clone(alias), output);
        self.entries = before.cloned().chain(iter::once(entry)).chain(after.cloned()).collect();
    }

    /// Puts the entries of an output into the one of its task (promotion-engine 1.6).
    pub(super) fn merge(&mut self, task: &Arc<str>, output: &Value) {
        let Some(entries) = output.as_map() else { return };
        let mut merged = self.get(task).and_then(Value::as_map).map(Entries::to_env).unwrap_or_default();
        merged.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone())));
        // Each part was allowed by itself and the union is no deeper.
        if let Ok(merged) = Value::map(merged) {
            self.insert(task, merged);
        }
    }

    fn find(&self, alias: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| (*entry.alias).cmp(alias))
    }
}

impl Entry {
    fn new(alias: Arc<str>, output: Value) -> Self {
        Self { alias, bytes: bytes(&output), output }
    }
}

/// Of two of one alias the later one counts.
impl FromIterator<(Arc<str>, Value)> for Outputs {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(outputs: I) -> Self {
        let by_alias: BTreeMap<_, _> = outputs.into_iter().collect();
        Self { entries: by_alias.into_iter().map(|(alias, output)| Entry::new(alias, output)).collect() }
    }
}

/// By what they hold.
impl PartialEq for Outputs {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|(a, b)| a == b)
    }
}

/// Bytes of JSON of an output; none for nil. What cannot be written is too big.
pub(super) fn bytes(output: &Value) -> usize {
    if output.is_null() {
        return 0;
    }
    output.sealed_json_bytes().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_engine_1_6_outputs_replace_and_merge() {
        let value = |json| Value::from_json(&json).unwrap();
        let mut outputs = Outputs::default();
        outputs.insert(&"b".into(), value(serde_json::json!({"x": 1})));
        outputs.insert(&"a".into(), Value::Null);
        outputs.insert(&"b".into(), value(serde_json::json!({"y": 2})));
        let before = outputs.clone();
        outputs.merge(&"a".into(), &value(serde_json::json!({"k": 1})));
        outputs.merge(&"a".into(), &value(serde_json::json!({"l": 2})));
        assert_eq!(outputs.get("a"), Some(&value(serde_json::json!({"k": 1, "l": 2}))));
        assert_eq!(before.get("a"), Some(&Value::Null), "clones are not changed");
        assert_eq!(outputs.iter().map(|(alias, _)| &**alias).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((outputs.bytes_beside("a"), outputs.bytes_beside("b")), (7, 13));
        assert_ne!(before, outputs);
    }
}
