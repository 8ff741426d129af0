//! The entries of a map: sorted, in one piece, of no more memory than they need.

use std::ops::Index;

use super::{Env, Value};

/// Entries by name, in the order of their names. They do not change, so they lie side by side: a map of one entry, which
/// most outputs of steps are, takes a tenth of what a tree takes.
#[derive(Clone, Debug, Default)]
pub struct Entries(Box<[(String, Value)]>);

impl Entries {
    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether there is an entry of a name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&String, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The same as an environment, which can change.
    #[must_use]
    pub fn to_env(&self) -> Env {
        self.0.iter().cloned().collect()
    }
}

impl From<Env> for Entries {
    fn from(env: Env) -> Self {
        Self(env.into_iter().collect())
    }
}

impl Index<&str> for Entries {
    type Output = Value;

    /// The value of a name, nil if there is none.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a String, &'a Value);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (String, Value)>, fn(&'a (String, Value)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}
