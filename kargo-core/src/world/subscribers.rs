//! Who takes freight from whom: the Stages behind an origin, and those behind a Stage.

use super::shared::Index;
use crate::model::{FreightRequest, Origin, StageName};

/// Stages by what they take freight from.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscribers {
    /// All that request freight of an origin.
    of_origin: Index<Origin, StageName>,
    /// Those that take it from a Stage.
    of_stage: Index<StageName, StageName>,
}

impl Subscribers {
    pub(super) fn insert(&mut self, name: &StageName, requests: &[FreightRequest]) {
        for request in requests {
            self.of_origin.insert(request.origin.clone(), name.clone());
            for upstream in &request.sources.stages {
                self.of_stage.insert(upstream.clone(), name.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, stage: &StageName, requests: &[FreightRequest]) {
        for request in requests {
            self.of_origin.remove(&request.origin, stage);
            for upstream in &request.sources.stages {
                self.of_stage.remove(upstream, stage);
            }
        }
    }

    pub(super) fn of_origin(&self, origin: &Origin) -> impl Iterator<Item = &StageName> {
        self.of_origin.of(origin)
    }

    pub(super) fn of_stage(&self, stage: &str) -> impl Iterator<Item = &StageName> {
        self.of_stage.of(stage)
    }
}
