//! What was defined and decided, as objects again.

use std::sync::Arc;

use super::{Place, PlaceState, World};
use crate::model::Object;

impl World {
    /// Definitions and decisions of people, in the order of their kinds and names. What happens to Stages is not among it;
    /// Warehouses tell what they found.
    pub fn definitions(&self) -> impl Iterator<Item = Object> {
        let project = self.project_noun.as_deref().cloned().map(Object::from);
        let config = self.project_config.as_deref().cloned().map(Object::from);
        let cluster = self.settings.cluster_config.as_deref().cloned().map(Object::from);
        project
            .into_iter()
            .chain(config)
            .chain(cluster)
            .chain(self.warehouses.iter().cloned().map(Object::from))
            .chain(self.warehouse_policies.iter().cloned().map(Object::from))
            .chain(self.junctions.iter().cloned().map(Object::from))
            .chain(self.cluster_tasks.iter().cloned().map(Object::from))
            .chain(self.tasks.iter().cloned().map(Object::from))
            .chain(self.targets.iter().cloned().map(Object::from))
            .chain(self.stages.iter().cloned().map(Object::from))
            .chain(self.stage_policies.iter().cloned().map(Object::from))
            .chain(self.decisions.all())
    }

    /// What is in each place, by place.
    pub fn places(&self) -> impl Iterator<Item = (&Place, &Arc<PlaceState>)> {
        let mut all: Vec<_> = self.places.iter().map(|(place, state)| (place.key(), state)).collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        all.into_iter()
    }
}
