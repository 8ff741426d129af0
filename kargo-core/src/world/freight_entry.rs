//! A piece of freight as the world keeps it: what it is, and apart from that what happens to it. Everything once.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Age, visit::Visits};
use crate::model::{Freight, FreightReference, FreightStatus, ObjectMeta, Timestamp, label};

/// A piece of freight.
#[derive(Clone, Debug)]
pub(super) struct FreightEntry {
    /// What it is made of, shared with the collections that hold it.
    pub(super) reference: Arc<FreightReference>,
    pub(super) alias: Option<Box<str>>,
    discovered_at: Option<Timestamp>,
    made_at: Option<Timestamp>,
    /// Its metadata, if that says more than the other fields do: what an engine makes has few of the many that an object of
    /// a cluster has.
    metadata: Option<Box<ObjectMeta>>,
    /// Whether plain metadata names the project, and its label the alias.
    is_in_project: bool,
    is_labelled: bool,
    pub(super) state: FreightState,
}

/// What happens to a piece of freight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FreightState {
    /// What it has to do with Stages.
    pub visits: Visits,
    /// Data of users.
    pub metadata: Option<Arc<BTreeMap<String, Value>>>,
}

impl FreightState {
    /// As Kargo writes it.
    #[must_use]
    pub fn to_status(&self) -> FreightStatus {
        let metadata = self.metadata.as_deref().cloned().unwrap_or_default();
        FreightStatus { metadata, ..self.visits.to_status() }
    }
}

impl FreightEntry {
    pub(super) fn new(freight: Freight, project: &str) -> Self {
        let Freight { metadata, alias, discovered_at, origin, commits, images, charts, artifacts, status } = freight;
        let visits = Visits::from(&status);
        let data = Some(status.metadata).filter(|data| !data.is_empty()).map(Arc::new);
        let name = metadata.name.as_str().into();
        let mut entry = Self {
            reference: Arc::new(FreightReference { name, origin, commits, images, charts, artifacts }),
            discovered_at,
            made_at: metadata.creation_timestamp,
            is_in_project: metadata.namespace.is_some(),
            is_labelled: alias.is_some() && metadata.labels.get(label::ALIAS) == alias.as_ref(),
            alias: alias.map(String::into_boxed_str),
            metadata: None,
            state: FreightState { visits, metadata: data },
        };
        if entry.plain(project) != metadata {
            entry.metadata = Some(Box::new(metadata));
        }
        entry
    }

    /// How it ranks among the freight of its origin.
    pub(super) fn age(&self) -> Age {
        Age { at: self.discovered_at.or(self.made_at), name: self.reference.name.clone() }
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.as_ref()?.annotations.get(key).map(String::as_str)
    }

    /// The freight without its status.
    pub(super) fn to_noun(&self, project: &str) -> Freight {
        let reference = &self.reference;
        Freight {
            metadata: self.metadata.as_deref().cloned().unwrap_or_else(|| self.plain(project)),
            alias: self.alias.as_deref().map(str::to_owned),
            discovered_at: self.discovered_at,
            origin: reference.origin.clone(),
            commits: reference.commits.clone(),
            images: reference.images.clone(),
            charts: reference.charts.clone(),
            artifacts: reference.artifacts.clone(),
            status: FreightStatus::default(),
        }
    }

    /// Metadata in which nothing is that other fields do not say.
    fn plain(&self, project: &str) -> ObjectMeta {
        let mut metadata = ObjectMeta::named(self.reference.name.to_string());
        metadata.namespace = self.is_in_project.then(|| project.to_owned());
        metadata.creation_timestamp = self.made_at;
        if let Some(alias) = self.alias.as_deref().filter(|_| self.is_labelled) {
            metadata.labels.insert(label::ALIAS.to_owned(), alias.to_owned());
        }
        metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Image, Origin};

    fn freight() -> Freight {
        Freight {
            metadata: ObjectMeta::named("84d9a0d81714243ecd236c670da11c7259af9059").in_project("shop"),
            alias: Some("modest-marlin".into()),
            discovered_at: Some(Timestamp::default()),
            origin: Origin::warehouse("cart"),
            images: vec![Image { repo_url: "ghcr.io/acme/cart".into(), ..Image::default() }],
            ..Freight::default()
        }
    }

    #[test]
    fn architecture_8_plain_metadata_is_not_kept_and_comes_out_again() {
        let mut labelled = freight();
        labelled.metadata.labels.insert(label::ALIAS.to_owned(), "modest-marlin".to_owned());
        labelled.metadata.creation_timestamp = Some(Timestamp::default());
        let without = Freight { metadata: ObjectMeta::named("84d9a0d"), alias: None, ..freight() };
        for plain in [freight(), labelled.clone(), without] {
            let entry = FreightEntry::new(plain.clone(), "shop");
            assert!(entry.metadata.is_none());
            assert_eq!(entry.to_noun("shop"), plain);
        }
        let (mut other_label, mut other_project, mut annotated) = (labelled.clone(), labelled.clone(), labelled);
        other_label.metadata.labels.insert(label::ALIAS.to_owned(), "old-owl".to_owned());
        other_project.metadata.namespace = Some("stock".into());
        annotated.metadata.annotations.insert("a".into(), "b".into());
        for full in [other_label, other_project, annotated] {
            let entry = FreightEntry::new(full.clone(), "shop");
            assert!(entry.metadata.is_some());
            assert_eq!(entry.to_noun("shop"), full);
        }
    }
}
