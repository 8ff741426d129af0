//! Standard Kubernetes conditions (resources 2 and 21).

use serde::{Deserialize, Serialize};

use super::{Timestamp, time};

/// One observation about an object, of which there is at most one per type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is observed: Ready, Reconciling, Healthy, ... (resources 21).
    #[serde(rename = "type")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// The spec's generation that was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the condition was first set. It does not move when the status changes (resources 23, trap 25).
    #[serde(default, with = "time::optional")]
    pub last_transition_time: Option<Timestamp>,
    /// A word for machines.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
}
