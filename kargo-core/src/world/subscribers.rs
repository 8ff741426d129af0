//! Who takes freight from whom: the Stages behind an origin, and those behind a Stage.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{FreightRequest, Origin, StageName};

/// Stages by what they take freight from.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscribers {
    /// All that request freight of an origin.
    of_origin: BTreeMap<Origin, BTreeSet<StageName>>,
    /// Those that take it from a Stage.
    of_stage: BTreeMap<StageName, BTreeSet<StageName>>,
}

impl Subscribers {
    pub(super) fn insert(&mut self, stage: &str, requests: &[FreightRequest]) {
        let name = StageName::from(stage);
        for request in requests {
            self.of_origin.entry(request.origin.clone()).or_default().insert(name.clone());
            for upstream in &request.sources.stages {
                self.of_stage.entry(upstream.clone()).or_default().insert(name.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, stage: &str, requests: &[FreightRequest]) {
        for request in requests {
            take(&mut self.of_origin, &request.origin, stage);
            for upstream in &request.sources.stages {
                take(&mut self.of_stage, upstream, stage);
            }
        }
    }

    pub(super) fn of_origin(&self, origin: &Origin) -> impl Iterator<Item = &StageName> {
        self.of_origin.get(origin).into_iter().flatten()
    }

    pub(super) fn of_stage(&self, stage: &str) -> impl Iterator<Item = &StageName> {
        self.of_stage.get(stage).into_iter().flatten()
    }
}

fn take<K: Ord>(stages: &mut BTreeMap<K, BTreeSet<StageName>>, key: &K, stage: &str) {
    if let Some(set) = stages.get_mut(key) {
        set.remove(stage);
        if set.is_empty() {
            stages.remove(key);
        }
    }
}
