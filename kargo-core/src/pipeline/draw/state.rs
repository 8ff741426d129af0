//! What pictures say about the state of Stages and origins, and a builder for it.

use std::collections::BTreeMap;

use super::Status;
use crate::model::Origin;

/// Statuses and lines of text by node, for [`Pipeline::picture`](crate::Pipeline::picture). Nodes that are not mentioned
/// have no status; what is said of nodes that a pipeline does not have is not drawn.
///
/// ```
/// use kargo_core::{Origin, pipeline::draw::{PictureState, Status}};
/// let state = PictureState::new()
///     .stage("uat", Status::Verified, ["modest-marlin 1.4.2"])
///     .stage("prod", Status::Promoting, ["calm-crane 1.4.1", "promoting modest-marlin, step 3 of 5"])
///     .origin(Origin::junction("train"), ["train-41"]);
/// assert_eq!(state.status_of("uat"), Some(Status::Verified));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureState {
    pub(super) stages: BTreeMap<String, NodeState>,
    pub(super) origins: BTreeMap<Origin, NodeState>,
}

/// What is said of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NodeState {
    pub(super) status: Option<Status>,
    pub(super) details: Vec<String>,
}

impl PictureState {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a Stage's status and lines of text; they replace what was said of it before.
    #[must_use]
    pub fn stage<T: Into<String>>(
        mut self,
        name: impl Into<String>,
        status: impl Into<Option<Status>>,
        details: impl IntoIterator<Item = T>,
    ) -> Self {
        let details = details.into_iter().map(Into::into).collect();
        self.stages.insert(name.into(), NodeState { status: status.into(), details });
        self
    }

    /// The same with lines of text for a Warehouse or Junction; they replace what was said of it before.
    #[must_use]
    pub fn origin<T: Into<String>>(mut self, origin: Origin, details: impl IntoIterator<Item = T>) -> Self {
        let details = details.into_iter().map(Into::into).collect();
        self.origins.insert(origin, NodeState { status: None, details });
        self
    }

    /// The status of a Stage, if there is one.
    #[must_use]
    pub fn status_of(&self, stage: &str) -> Option<Status> {
        self.stages.get(stage).and_then(|state| state.status)
    }

    /// The lines of text for a Stage.
    pub fn details_of(&self, stage: &str) -> impl Iterator<Item = &str> {
        self.stages.get(stage).into_iter().flat_map(|state| &state.details).map(String::as_str)
    }
}
