//! WarehousePolicy: what we add to a Warehouse that Kargo's kind has no field for (rules 11). It is joined by name.

use serde::{Deserialize, Serialize};

use super::{Duration, FreightIntent, ObjectMeta, skip::is_default};

/// What we add to the Warehouse of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WarehousePolicy {
    /// Name (the Warehouse's), project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: WarehousePolicySpec,
}

/// What is wanted of a Warehouse beside its own spec.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WarehousePolicySpec {
    /// What we add to subscriptions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<SubscriptionPolicy>,
    /// Searching the newest combination that meets the creation criteria; absent means only the newest of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinSearch>,
    /// Waiting for several pushes to become one piece of freight; absent means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debounce: Option<Debounce>,
    /// What the freight is meant for.
    pub intent: IntentPolicy,
}

/// What we add to one subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscriptionPolicy {
    /// The subscription, by its name or by its repository URL.
    pub subscription: String,
    /// The promise that a tag never moves, so that metadata of known tags is not asked for again.
    #[serde(skip_serializing_if = "is_default")]
    pub immutable_tags: bool,
    /// How many known tags each look checks for having moved all the same; 1 unless said otherwise, 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<u32>,
}

/// Searching the newest matching combination of artifacts (rules 9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JoinSearch {
    /// How many combinations are tried before the best found is taken; 100,000 unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
}

/// Waiting for several pushes to become one piece of freight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Debounce {
    /// Quiet time: nothing new for this long.
    pub settle: Duration,
    /// No more quiet time than this after the first new artifact; absent means without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Duration>,
}

/// What a Warehouse's freight is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IntentPolicy {
    /// Freight that discovery made.
    pub discovered: FreightIntent,
    /// Freight that people put together.
    pub assembled: FreightIntent,
}

impl Default for IntentPolicy {
    fn default() -> Self {
        Self { discovered: FreightIntent::Auto, assembled: FreightIntent::Manual }
    }
}
