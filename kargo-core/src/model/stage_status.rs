//! What is in a Stage: its status (resources 9.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Condition, FreightCollection, FreightName, FreightReference, HealthState, Origin, PromotionName,
    PromotionRequestPhase, PromotionStatus, Timestamp, origin, skip::is_default, time,
};

/// Status of a Stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StageStatus {
    /// Ready, Healthy, Promoting, Verified, Reconciling (resources 21).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The last refresh token that was handled (resources 15.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_handled_refresh: Option<String>,
    /// Collections that were here, newest first, at most 10; the first is the current one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freight_history: Vec<FreightCollection>,
    /// The current freight in few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight_summary: Option<String>,
    /// Health when it was last looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// The generation at which the Stage became ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The promotion that may run now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_promotion: Option<PromotionReference>,
    /// The promotion that ended last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_promotion: Option<PromotionReference>,
    /// The promotion request that runs now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_promotion_request: Option<PromotionRequestReference>,
    /// The promotion request that ended last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_promotion_request: Option<PromotionRequestReference>,
    /// Whether policy permits automatic promotion.
    #[serde(skip_serializing_if = "is_default")]
    pub auto_promotion_enabled: bool,
    /// Whether a window is closed now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_window_status: Option<PromotionWindowStatus>,
    /// Data of users.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
    /// Holds that finished promotions left.
    #[serde(with = "origin::keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub auto_promotion_holds: BTreeMap<Origin, AutoPromotionHold>,
    /// Holds that count now, unfinished promotions included: the ones to read.
    #[serde(with = "origin::keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub effective_auto_promotion_holds: BTreeMap<Origin, AutoPromotionHold>,
}

/// A promotion that a Stage remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionReference {
    /// Its name.
    pub name: PromotionName,
    /// What it promotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight: Option<FreightReference>,
    /// Its status, once it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PromotionStatus>,
    /// When it ended.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// A promotion request that a Stage remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionRequestReference {
    /// Its name.
    pub name: String,
    /// What it promotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight: Option<FreightNameReference>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<PromotionRequestPhase>,
    /// When it ended.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// Freight, by name only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreightNameReference {
    /// The freight's id.
    pub name: FreightName,
}

/// Freight of one origin that automation leaves where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoPromotionHold {
    /// The freight that a person chose.
    pub freight_name: FreightName,
    /// Its origin; equals the key of the map.
    pub origin: Origin,
    /// The promotion that set the hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_name: Option<PromotionName>,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// When that promotion was created.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// Whether promotions may start now, as far as windows say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionWindowStatus {
    /// Whether no promotion may start.
    pub closed: bool,
    /// Why, when closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When promotions may start again; absent means nobody knows.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub next_open: Option<Timestamp>,
    /// When promotions may no longer start.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub next_close: Option<Timestamp>,
    /// Why then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_close_reason: Option<String>,
}

/// Health of what a Stage deployed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// The state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<HealthState>,
    /// What is wrong; empty when healthy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// Kept as it is; nothing writes it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// One object per check that said something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}
