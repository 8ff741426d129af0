//! Definitions: taking them over and taking them away.

use super::Asked;
use crate::{
    Manifests,
    model::{Kind, Object},
};

/// Take over definitions. What they say of status is ignored: that is the engine's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Apply {
    pub(super) asked: Asked,
    /// The objects, in the order in which they were written.
    pub objects: Vec<Object>,
    /// The state of their source that they come from, such as a commit.
    pub revision: Option<String>,
}

impl Apply {
    /// These objects.
    #[must_use]
    pub fn objects(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { objects: objects.into_iter().collect(), ..Self::default() }
    }

    /// The objects of these manifests.
    #[must_use]
    pub fn manifests(manifests: &Manifests) -> Self {
        Self::objects(manifests.entries().map(|entry| entry.object().clone()))
    }

    /// At this revision of their source.
    #[must_use]
    pub fn at_revision(self, revision: impl Into<String>) -> Self {
        Self { revision: Some(revision.into()), ..self }
    }
}

/// Take a project over as it was found, with the status of its objects: once, into an engine whose log is empty (rules 19).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    pub(super) asked: Asked,
    /// The objects: definitions, freight, promotions.
    pub objects: Vec<Object>,
}

impl Import {
    /// These objects.
    #[must_use]
    pub fn objects(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { objects: objects.into_iter().collect(), ..Self::default() }
    }

    /// The objects of these manifests, such as a kubectl export.
    #[must_use]
    pub fn manifests(manifests: &Manifests) -> Self {
        Self::objects(manifests.entries().map(|entry| entry.object().clone()))
    }
}

/// Take a definition away, or freight that no Stage holds and that no promotion brings anywhere (control 6.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    pub(super) asked: Asked,
    /// Of which kind it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl Delete {
    /// The object of this kind and name.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { asked: Asked::default(), kind, name: name.into() }
    }
}
