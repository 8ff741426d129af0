//! Parsed YAML that still knows where each part stands: what checks look at before there is a noun.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Places, scalar};
use crate::model::Span;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) content: Content,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// One word or text.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// An object. A key that is written twice stands twice, after a report.
    Map(Vec<Field>),
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: Box<str>,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

/// A word or text as written.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: Box<str>,
    pub(crate) style: Style,
}

/// Whether a scalar's text decides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Unquoted: `1.10` is a number, `yes` a truth value.
    Plain,
    /// Quoted, a block, or tagged as text: text whatever it looks like.
    Text,
}

impl Node {
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(Scalar { text, style: Style::Plain })
            if matches!(scalar::resolve(text), scalar::Plain::Null))
    }

    /// The text of a scalar that is text, not a number or a truth value.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Scalar { text, style: Style::Text }) => Some(text),
            Content::Scalar(Scalar { text, style: Style::Plain }) if scalar::resolve(text) == scalar::Plain::Text => {
                Some(text)
            }
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match &self.content {
            Content::Scalar(Scalar { text, style: Style::Plain }) => match scalar::resolve(text) {
                scalar::Plain::Bool(flag) => Some(flag),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn fields(&self) -> &[Field] {
        match &self.content {
            Content::Map(fields) => fields,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.fields().iter().find(|field| &*field.key == key).map(|field| &field.value)
    }

    /// Whether a key stands twice in an object of this value.
    pub(crate) fn has_key_twice(&self) -> bool {
        match &self.content {
            Content::Scalar(_) => false,
            Content::List(items) => items.iter().any(Self::has_key_twice),
            Content::Map(fields) => {
                let mut seen = BTreeSet::new();
                fields.iter().any(|field| !seen.insert(&*field.key) || field.value.has_key_twice())
            }
        }
    }

    /// The value without its places. Numbers that JSON has no form for are reported through `bad` and left out.
    pub(crate) fn to_json(&self, bad: &mut impl FnMut(Span, &str)) -> Value {
        match &self.content {
            Content::Scalar(Scalar { text, style: Style::Text }) => Value::String(text.to_string()),
            Content::Scalar(Scalar { text, style: Style::Plain }) => scalar::to_json(text).unwrap_or_else(|| {
                bad(self.span, text);
                Value::Null
            }),
            Content::List(items) => Value::Array(items.iter().map(|item| item.to_json(bad)).collect()),
            Content::Map(fields) => {
                let mut map = Map::new();
                for field in fields {
                    map.insert(field.key.to_string(), field.value.to_json(bad));
                }
                Value::Object(map)
            }
        }
    }

    /// The places without the value.
    pub(crate) fn into_places(self) -> Places {
        match self.content {
            Content::Scalar(_) => Places::leaf(self.span),
            Content::List(items) => Places::list(self.span, items.into_iter().map(Self::into_places)),
            Content::Map(fields) => Places::object(
                self.span,
                fields.into_iter().map(|field| (field.key, field.key_span, field.value.into_places())),
            ),
        }
    }

    /// In few words what the value is, for a message.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.content {
            Content::List(_) => "a list",
            Content::Map(_) => "an object",
            Content::Scalar(Scalar { style: Style::Text, .. }) => "text",
            Content::Scalar(Scalar { text, .. }) => match scalar::resolve(text) {
                scalar::Plain::Null => "nothing",
                scalar::Plain::Bool(_) => "a truth value",
                scalar::Plain::Number(_) | scalar::Plain::NotFinite => "a number",
                scalar::Plain::Text => "text",
            },
        }
    }
}
