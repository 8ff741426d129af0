//! Warehouse: what it subscribes to (resources 7).

use serde::{Deserialize, Serialize};

use super::{Duration, ObjectMeta, Subscription, WarehouseStatus};

/// Looks for new artifacts and turns them into freight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warehouse {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: WarehouseSpec,
    /// What was found.
    #[serde(default)]
    pub status: WarehouseStatus,
}

/// What a Warehouse is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WarehouseSpec {
    /// The controller shard that handles it; absent means the default shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Time between two looks; 5 minutes unless said otherwise.
    pub interval: Duration,
    /// Whether what is found becomes freight by itself.
    pub freight_creation_policy: FreightCreationPolicy,
    /// Where artifacts come from, at least one.
    pub subscriptions: Vec<Subscription>,
    /// A further condition of creating freight by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight_creation_criteria: Option<FreightCreationCriteria>,
}

impl WarehouseSpec {
    /// The interval that the schema fills in.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(300);
}

impl Default for WarehouseSpec {
    fn default() -> Self {
        Self {
            shard: None,
            interval: Self::DEFAULT_INTERVAL,
            freight_creation_policy: FreightCreationPolicy::Automatic,
            subscriptions: Vec::new(),
            freight_creation_criteria: None,
        }
    }
}

/// Whether discovery creates freight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FreightCreationPolicy {
    /// Freight is made of the newest artifacts as soon as they are found.
    #[default]
    Automatic,
    /// Only people make freight.
    Manual,
}

/// A condition of creating freight by itself; ignored where people make it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FreightCreationCriteria {
    /// An expression that must be true (discovery 1.8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}
