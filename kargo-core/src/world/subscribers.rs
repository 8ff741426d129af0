//! Who takes freight from whom: the Stages behind an origin, and those behind a Stage.

use super::keyed::{Ask, KeyedIndex};
use crate::model::{FreightRequest, Origin, StageName};

/// Stages by what they take freight from.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscribers {
    /// All that request freight of an origin.
    of_origin: KeyedIndex<Origin, StageName>,
    /// Those that take it from a Stage.
    of_stage: KeyedIndex<StageName, StageName>,
}

impl Subscribers {
    pub(super) fn insert(&mut self, name: &StageName, requests: &[FreightRequest]) {
        for request in requests {
            self.of_origin.insert(request.origin.clone().into(), name.clone());
            for upstream in &request.sources.stages {
                self.of_stage.insert(upstream.clone().into(), name.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, stage: &StageName, requests: &[FreightRequest]) {
        for request in requests {
            self.of_origin.remove(&Ask::of(&request.origin), stage);
            for upstream in &request.sources.stages {
                self.of_stage.remove(&Ask::of(upstream), stage);
            }
        }
    }

    pub(super) fn of_origin(&self, origin: &Origin) -> impl Iterator<Item = &StageName> {
        self.of_origin.of(&Ask::of(origin))
    }

    pub(super) fn of_stage(&self, stage: &str) -> impl Iterator<Item = &StageName> {
        self.of_stage.of(&Ask::of(stage))
    }
}
