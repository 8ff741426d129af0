//! A piece of freight as the world keeps it: what it is, and apart from that what happens to it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Age, visit::Visits};
use crate::{
    freight::order::discovery_time,
    model::{Freight, FreightReference, FreightStatus, Noun, ObjectMeta},
};

/// A piece of freight.
#[derive(Clone, Debug, Default)]
pub(super) struct FreightEntry {
    /// Its manifest, without status.
    pub(super) noun: Arc<Freight>,
    /// What it is made of, shared with the collections that hold it.
    pub(super) reference: Arc<FreightReference>,
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
    /// How it ranks among the freight of its origin.
    pub(super) fn age(&self) -> Age {
        Age { at: discovery_time(&self.noun), name: self.reference.name.clone() }
    }
}

impl From<Freight> for FreightEntry {
    fn from(mut freight: Freight) -> Self {
        let status = std::mem::take(&mut freight.status);
        let visits = Visits::from(&status);
        let metadata = Some(status.metadata).filter(|data| !data.is_empty()).map(Arc::new);
        let reference = Arc::new(FreightReference {
            name: freight.metadata.name.as_str().into(),
            origin: freight.origin.clone(),
            commits: freight.commits.clone(),
            images: freight.images.clone(),
            charts: freight.charts.clone(),
            artifacts: freight.artifacts.clone(),
        });
        Self { noun: Arc::new(freight), reference, state: FreightState { visits, metadata } }
    }
}

impl Noun for FreightEntry {
    const KIND: crate::model::Kind = crate::model::Kind::Freight;

    fn metadata(&self) -> &ObjectMeta {
        &self.noun.metadata
    }
}
