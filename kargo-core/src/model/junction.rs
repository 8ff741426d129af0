//! Junction: repackages freight of several origins into one bundle (architecture 6; rules 8 and 9). A kind of ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Condition, Duration, FreightName, FreightSources, LabelSelector, ObjectMeta, Origin, Timestamp, origin,
    skip::is_default, time,
};

/// Collects freight in slots, as a Stage requests it, and originates bundles, as a Warehouse originates freight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Junction {
    /// Name, project, labels, annotations.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: JunctionSpec,
    /// What is there.
    #[serde(default)]
    pub status: JunctionStatus,
}

/// What a Junction is asked to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JunctionSpec {
    /// Slots, at least one.
    pub requested_freight: Vec<Slot>,
    /// When and how bundles are released.
    pub release: Release,
    /// The alias of a bundle, with `${{ ctx.sequence }}` for the release number; absent means an invented one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// A slot of one origin, or one slot for each origin that a selector matches. Exactly one of the two is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Slot {
    /// Who produces the freight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Every Warehouse and Junction of the project with these labels is an origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_selector: Option<LabelSelector>,
    /// Where the freight may come from.
    pub sources: FreightSources,
    /// How the slot is filled.
    pub fill: Fill,
    /// Whether a release waits for this slot.
    pub required: bool,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            origin: None,
            origin_selector: None,
            sources: FreightSources::default(),
            fill: Fill::NewestFreight,
            required: true,
        }
    }
}

/// How a slot is filled (rules 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fill {
    /// With the newest eligible freight.
    #[default]
    NewestFreight,
    /// With what the only upstream Stage, a regular one, holds now.
    MatchUpstream,
    /// By people.
    Manual,
}

/// When and how a Junction releases bundles (rules 8 and 9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Release {
    /// By itself, or on request.
    pub policy: ReleasePolicy,
    /// Quiet time: no slot changed for this long; absent means none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle: Option<Duration>,
    /// No more quiet time than this after the first change; absent means without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Duration>,
    /// A condition over the members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<ReleaseCriteria>,
    /// What happens when two members bring the same repository at different revisions.
    pub overlap: Overlap,
}

/// Whether a Junction releases by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReleasePolicy {
    /// As soon as the slots changed and settled.
    #[default]
    Automatic,
    /// Only when somebody asks.
    Manual,
}

/// A condition of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReleaseCriteria {
    /// An expression over the members that must be true. Where it is not, the newest combination that meets it is searched.
    pub expression: String,
    /// How many combinations are tried before the best found is taken; 100,000 unless said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
}

/// What happens to the same repository in two slots at different revisions (rules 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Overlap {
    /// The release is refused, both named.
    #[default]
    Reject,
    /// The newer member's is kept, the other recorded in the lineage.
    PreferNewest,
}

/// What is in a Junction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JunctionStatus {
    /// Ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The last generation that was handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The freight in each filled slot.
    #[serde(with = "origin::keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<Origin, SlotStatus>,
    /// When a slot first differed from the last release.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub first_change_at: Option<Timestamp>,
    /// When a slot last changed.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub last_change_at: Option<Timestamp>,
    /// Releases, newest first, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<ReleaseRecord>,
}

/// The freight in a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SlotStatus {
    /// The freight.
    pub freight: FreightName,
    /// Since when it fills the slot.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether somebody put it there, which holds the slot.
    #[serde(skip_serializing_if = "is_default")]
    pub held: bool,
    /// Who put it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// One release: a numbered fact of its own, also when the same bundle was released before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReleaseRecord {
    /// The release number, from 1.
    pub sequence: u64,
    /// The bundle.
    pub freight: FreightName,
    /// When.
    #[serde(with = "time::optional", skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// Its direct members.
    #[serde(with = "origin::keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Origin, FreightName>,
}
