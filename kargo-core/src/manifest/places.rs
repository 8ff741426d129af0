//! Where the parts of one document stand in its text. Kept beside the noun, outside its equality.

use crate::model::{Path, Segment, Span};

/// Spans of a value and of everything below it.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The value itself.
    value: Span,
    /// Its key, if it is a field.
    key: Option<Span>,
    below: Below,
}

#[derive(Clone, Debug, Default)]
enum Below {
    #[default]
    Nothing,
    Fields(Box<[(Box<str>, Places)]>),
    Items(Box<[Places]>),
}

impl Places {
    /// A value without parts.
    #[must_use]
    pub fn leaf(value: Span) -> Self {
        Self { value, key: None, below: Below::Nothing }
    }

    /// An object with its fields: name, span of the key, places of the value.
    #[must_use]
    pub fn object(value: Span, fields: impl IntoIterator<Item = (Box<str>, Span, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, key, places)| (name, Self { key: Some(key), ..places })).collect();
        Self { value, key: None, below: Below::Fields(fields) }
    }

    /// A list with its elements.
    #[must_use]
    pub fn list(value: Span, items: impl IntoIterator<Item = Self>) -> Self {
        Self { value, key: None, below: Below::Items(items.into_iter().collect()) }
    }

    /// The span of the value at a path; that of the nearest existing value above where the path leads nowhere, as it does
    /// for values that a default filled in.
    #[must_use]
    pub fn value(&self, path: &Path) -> Span {
        self.walk(path).value
    }

    /// The span of the key at a path; that of the value for elements of lists.
    #[must_use]
    pub fn key(&self, path: &Path) -> Span {
        let found = self.walk(path);
        found.key.unwrap_or(found.value)
    }

    fn walk(&self, path: &Path) -> &Self {
        let mut here = self;
        for segment in path.segments() {
            let below = match (&here.below, segment) {
                (Below::Fields(fields), Segment::Key(key)) => {
                    fields.iter().find(|(name, _)| name == key).map(|(_, places)| places)
                }
                (Below::Items(items), Segment::Index(index)) => items.get(*index),
                _ => None,
            };
            let Some(below) = below else { break };
            here = below;
        }
        here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_nowhere_ends_at_the_nearest_value() {
        let leaf = Places::leaf(Span::on_line(2, 8, 3));
        let places = Places::object(Span::on_line(1, 1, 9), [("spec".into(), Span::on_line(2, 1, 4), leaf)]);
        assert_eq!(places.value(&Path::of(&["spec"])), Span::on_line(2, 8, 3));
        assert_eq!(places.key(&Path::of(&["spec"])), Span::on_line(2, 1, 4));
        assert_eq!(places.value(&Path::of(&["spec", "interval"])), Span::on_line(2, 8, 3));
        assert_eq!(places.value(&Path::of(&["status"])), Span::on_line(1, 1, 9));
    }
}
