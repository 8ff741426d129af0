//! A place in a document that may not be there: rules between fields are written over these, so that they still speak when
//! something else in the document is wrong.

use super::{node::Node, sink::Sink};
use crate::model::{Diagnostic, Path, Span};

/// A value that may be absent, and the way to it.
#[derive(Clone)]
pub(crate) struct Cursor<'n> {
    node: Option<&'n Node>,
    /// Where to point when the value itself is absent.
    nearest: Span,
    path: Path,
}

impl<'n> Cursor<'n> {
    pub(crate) fn root(node: &'n Node) -> Self {
        Self { node: Some(node), nearest: node.span, path: Path::root() }
    }

    pub(crate) fn at(&self, key: &str) -> Self {
        let node = self.node.and_then(|node| node.get(key)).filter(|node| !node.is_null());
        Self { node, nearest: node.map_or(self.nearest, |node| node.span), path: self.path.key(key) }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        let items = self.node.map(Node::items).unwrap_or_default();
        items.iter().enumerate().map(|(index, node)| Self {
            node: Some(node),
            nearest: node.span,
            path: self.path.index(index),
        })
    }

    /// The fields of an object with their keys.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'n str, Self)> {
        let fields = self.node.map(Node::fields).unwrap_or_default();
        fields.iter().map(|field| {
            let cursor = Self { node: Some(&field.value), nearest: field.value.span, path: self.path.key(&field.key) };
            (&*field.key, cursor)
        })
    }

    pub(crate) fn exists(&self) -> bool {
        self.node.is_some()
    }

    pub(crate) fn text(&self) -> Option<&'n str> {
        self.node.and_then(Node::as_text)
    }

    /// The text, unless it is absent or empty, which means the same in Kargo.
    pub(crate) fn filled_text(&self) -> Option<&'n str> {
        self.text().filter(|text| !text.is_empty())
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        self.node.and_then(Node::as_bool)
    }

    pub(crate) fn count(&self) -> usize {
        self.node.map(|node| node.items().len()).unwrap_or_default()
    }

    pub(crate) fn span(&self) -> Span {
        self.nearest
    }

    /// The span of a key of this object; of the object where the key is absent.
    pub(crate) fn key_span(&self, key: &str) -> Span {
        let fields = self.node.map(Node::fields).unwrap_or_default();
        fields.iter().find(|field| &*field.key == key).map_or(self.nearest, |field| field.key_span)
    }

    /// Reports a mistake at this value.
    pub(crate) fn report(&self, sink: &mut Sink<'_>, diagnostic: Diagnostic, label: impl Into<String>) {
        sink.add(diagnostic, self.nearest, self.path.clone(), label);
    }

    /// Reports a mistake at a key of this object.
    pub(crate) fn report_key(&self, sink: &mut Sink<'_>, key: &str, diagnostic: Diagnostic, label: impl Into<String>) {
        sink.add(diagnostic, self.key_span(key), self.path.key(key), label);
    }
}
