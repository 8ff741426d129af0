//! A set of objects that remember where they were read.

use std::{collections::BTreeSet, fmt, sync::Arc};

use super::{Places, SourceText};
use crate::model::{AsObject, Diagnostics, Kind, Location, Noun, Object, Path, Span};

/// Objects, in the order in which they were read, that remember file, line and column.
///
/// Equality compares the objects alone, not where they stood.
#[derive(Clone, Default)]
pub struct Manifests {
    pub(super) entries: Vec<Entry>,
    pub(super) aside: Vec<Aside>,
    pub(super) broken: BTreeSet<(Kind, Option<String>, String)>,
    pub(super) warnings: Diagnostics,
    /// The project of objects that name none.
    pub(super) only_project: String,
}

/// An object and where it was read.
#[derive(Clone)]
pub struct Entry {
    object: Object,
    written: Option<Written>,
}

/// Where an object was read: the text, and where its parts stand in it. Clones share it.
#[derive(Clone, Debug)]
pub struct Written(Arc<(SourceText, Places)>);

impl Written {
    /// Where the value at a path of the object stands.
    #[must_use]
    pub fn locate(&self, path: &Path) -> Location {
        self.0.0.locate(self.0.1.value(path))
    }
}

impl Entry {
    /// An object, and where it was read if it was read from text: for programs with a reader of their own.
    #[must_use]
    pub fn new(object: Object, origin: Option<(SourceText, Places)>) -> Self {
        Self { object, written: origin.map(|origin| Written(Arc::new(origin))) }
    }

    /// Where the object was read; `None` if it was not read from text.
    #[must_use]
    pub fn written(&self) -> Option<&Written> {
        self.written.as_ref()
    }

    /// The object.
    #[must_use]
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Where the value at a path of the object stands; `None` if the object was not read from text.
    #[must_use]
    pub fn locate(&self, path: &Path) -> Option<Location> {
        self.written.as_ref().map(|written| written.locate(path))
    }

    /// The text that the value at a path was read from, and where in it the value stands.
    pub(crate) fn source_of(&self, path: &Path) -> Option<(&SourceText, Span)> {
        self.written.as_ref().map(|Written(origin)| (&origin.0, origin.1.value(path)))
    }

    /// Where the key at a path of the object stands.
    #[must_use]
    pub fn locate_key(&self, path: &Path) -> Option<Location> {
        self.written.as_ref().map(|Written(origin)| origin.0.locate(origin.1.key(path)))
    }
}

/// A document that is not ours to read: of another group, or of a kind that does not exist in ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Group and version, such as `apps/v1`; empty for a document that is no Kubernetes object.
    pub api_version: String,
    /// The kind; empty for a document that is no Kubernetes object.
    pub kind: String,
    /// The object's name, if it has one.
    pub name: Option<String>,
    /// The text it stands in.
    pub file: String,
    /// Where it stands.
    pub span: Span,
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.span.line)?;
        if self.kind.is_empty() {
            return f.write_str("no Kubernetes object");
        }
        write!(f, "{} {}", self.api_version, self.kind)?;
        match &self.name {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

impl Manifests {
    /// Objects that were made by a program and stand in no text.
    ///
    /// ```
    /// use kargo_core::{Manifests, model::{ObjectMeta, Stage}};
    /// let stage = Stage { metadata: ObjectMeta::named("dev").in_project("shop"), ..Stage::default() };
    /// let manifests = Manifests::from_objects([stage.into()]);
    /// assert_eq!(manifests.all::<Stage>().count(), 1);
    /// ```
    #[must_use]
    pub fn from_objects(objects: impl IntoIterator<Item = Object>) -> Self {
        Self::from_entries(objects.into_iter().map(|object| Entry::new(object, None)))
    }

    /// Objects that a program has read, with their places.
    #[must_use]
    pub fn from_entries(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut manifests = Self { entries: entries.into_iter().collect(), ..Self::default() };
        manifests.settle_project();
        manifests
    }

    /// The objects, in the order in which they were read.
    pub fn entries(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// The objects of one kind, each with its entry.
    pub fn all<'a, T: AsObject + 'a>(&'a self) -> impl Iterator<Item = (&'a T, &'a Entry)> {
        self.entries.iter().filter_map(|entry| Some((entry.object.as_noun::<T>()?, entry)))
    }

    /// Documents that were kept aside: foreign groups and kinds.
    #[must_use]
    pub fn aside(&self) -> &[Aside] {
        &self.aside
    }

    /// What works, but hardly as meant.
    #[must_use]
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }

    /// Whether there is neither an object nor anything aside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.aside.is_empty()
    }

    /// Whether an object of this kind and name stood in the texts but had mistakes, so that it is not among the objects.
    /// Checks ask, so that one mistake does not cause a second.
    #[must_use]
    pub fn is_broken(&self, kind: Kind, project: &str, name: &str) -> bool {
        let only = self.only_project.as_str();
        self.broken.iter().any(|(broken, namespace, broken_name)| {
            *broken == kind && broken_name == name && namespace.as_deref().unwrap_or(only) == project
        })
    }

    /// The objects for which [`is_broken`](Self::is_broken) holds: kind, project (`None` if cluster-scoped), name.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (Kind, Option<&str>, &str)> {
        self.broken.iter().map(|(kind, namespace, name)| {
            let project = (!kind.is_cluster_scoped()).then(|| namespace.as_deref().unwrap_or(&self.only_project));
            (*kind, project, name.as_str())
        })
    }

    /// The projects that the objects belong to, in byte order. Objects that name no namespace (as manifests applied with
    /// `-n` do) belong to the only project that the others name; where there is none or more than one, to `""`.
    #[must_use]
    pub fn projects(&self) -> BTreeSet<&str> {
        self.entries.iter().filter_map(|entry| self.project_of(entry.object())).collect()
    }

    /// The project an object belongs to by the rule of [`projects`](Self::projects); `None` for cluster-scoped objects.
    #[must_use]
    pub fn project_of<'a>(&'a self, object: &'a Object) -> Option<&'a str> {
        match object.kind() {
            Kind::Project => Some(object.name()),
            kind if kind.is_cluster_scoped() => None,
            _ => Some(object.namespace().unwrap_or(&self.only_project)),
        }
    }

    /// Finds the only project that objects name; to be called whenever the set changed.
    pub(super) fn settle_project(&mut self) {
        let mut named = self.entries.iter().filter_map(|entry| match entry.object() {
            Object::Project(project) => Some(project.name()),
            object if object.kind().is_cluster_scoped() => None,
            object => object.namespace(),
        });
        let only = match named.next() {
            Some(first) if named.all(|name| name == first) => first.to_owned(),
            _ => String::new(),
        };
        self.only_project = only;
    }
}

impl PartialEq for Manifests {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && self.entries.iter().zip(&other.entries).all(|(a, b)| a.object == b.object)
    }
}

impl fmt::Debug for Manifests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.entries.iter().map(|entry| format!("{}/{}", entry.object.kind(), entry.object.name()));
        f.debug_list().entries(names).finish()
    }
}
