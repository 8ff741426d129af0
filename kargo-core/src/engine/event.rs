//! Everything that can have happened.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Parts, millis};
use crate::{
    model::{
        Approval, AutoPromotionHold, DiscoveredArtifacts, Freight, FreightName, Health, Kind, Object, Origin, Pause,
        Promotion, PromotionName, Rejection, StageName, Timestamp, WarehouseName,
    },
    promotion::RunEvent,
    report::{EffectId, StepOutcome},
    verification::{self, LatestVerdict, Verification},
    world::Place,
};

/// One change. Events carry what was decided, so that a log means the same whatever rules a later version has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Event {
    /// Somebody asked for something; the first event of what followed.
    Commanded {
        /// What, in a word.
        command: String,
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
        /// The state of the source of definitions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
    },
    /// The world said something; the first event of what followed.
    Reported {
        /// What, in a word.
        report: String,
        /// The work it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effect: Option<EffectId>,
        /// What brought it about, if more than the clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// Time went by; the first event of what followed.
    Ticked,
    /// A definition was taken over.
    Defined {
        /// The object, without status.
        object: Object,
    },
    /// A definition was taken away.
    Removed {
        /// Of which kind.
        kind: Kind,
        /// Its name.
        name: String,
    },
    /// A Warehouse has other artifacts to choose from.
    Discovered {
        /// The Warehouse.
        warehouse: WarehouseName,
        /// What it found.
        artifacts: Box<DiscoveredArtifacts>,
    },
    /// There is new freight.
    FreightCreated {
        /// The freight, without status.
        freight: Box<Freight>,
        /// When it was found; its manifest has whole seconds alone.
        #[serde(with = "millis")]
        found_at: Timestamp,
    },
    /// Somebody approved freight.
    Approved {
        /// For which Stage, who and why.
        approval: Box<Approval>,
    },
    /// Somebody rejected freight.
    Rejected {
        /// What, where, who and why.
        rejection: Box<Rejection>,
    },
    /// A rejection was taken back.
    Unrejected {
        /// Its name.
        rejection: String,
    },
    /// Something was paused.
    Paused {
        /// What, who, why, until when.
        pause: Box<Pause>,
    },
    /// A pause was ended.
    Resumed {
        /// Its name.
        pause: String,
    },
    /// Freight has another alias.
    Aliased {
        /// The freight.
        freight: FreightName,
        /// The alias.
        alias: String,
    },
    /// Somebody keeps automation from an origin.
    HoldEstablished {
        /// Where.
        place: Place,
        /// What is held, and by whom.
        hold: Box<AutoPromotionHold>,
    },
    /// A hold was released: by somebody, or because it means nothing any more.
    HoldReleased {
        /// Where.
        place: Place,
        /// Of which origin.
        origin: Origin,
    },
    /// A promotion was made and is queued.
    PromotionCreated {
        /// The promotion, without status.
        promotion: Box<Promotion>,
        /// Which one it is, counting all of the project.
        number: u64,
    },
    /// A promotion has its turn.
    PromotionCurrent {
        /// Where.
        place: Place,
        /// The promotion.
        promotion: PromotionName,
    },
    /// A promotion is about to end for a reason that automation does not count (rules 6 and 7).
    PromotionDropped {
        /// The promotion.
        promotion: PromotionName,
        /// Why.
        reason: Dropped,
    },
    /// Something happened to a promotion or one of its steps.
    Promotion {
        /// The promotion.
        promotion: PromotionName,
        /// What.
        happened: RunEvent,
    },
    /// A place takes over what an ended promotion leaves.
    PromotionSettled {
        /// Where.
        place: Place,
        /// The promotion.
        promotion: PromotionName,
        /// Holds that it establishes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<Origin>,
        /// Holds that it releases, or that lost their reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        released: Vec<Origin>,
        /// What the place holds from now on, if that changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holds_freight: Option<Vec<FreightName>>,
    },
    /// The health of a place is another.
    HealthChanged {
        /// Where.
        place: Place,
        /// What it is.
        health: Box<Health>,
    },
    /// Somebody wants a verification again.
    ReverifyAsked {
        /// In which Stage.
        stage: StageName,
        /// The verification that is to be done again.
        verification: String,
        /// Who wants it.
        actor: String,
    },
    /// A verification of what a place holds began.
    VerificationBegun {
        /// Where.
        place: Place,
        /// The verification.
        verification: Box<Verification>,
    },
    /// Something happened to a verification.
    Verification {
        /// Its id.
        id: Arc<str>,
        /// What.
        happened: verification::Event,
    },
    /// A verdict counts for the freight of a collection (rules 6).
    VerdictCounted {
        /// In which Stage.
        stage: StageName,
        /// The collection.
        collection: String,
        /// Its freight.
        members: Vec<FreightName>,
        /// The verdict.
        verdict: LatestVerdict,
        /// What is verified from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        credited: Vec<FreightName>,
        /// What is verified no more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        withdrawn: Vec<FreightName>,
    },
    /// Freight passed through a Stage without steps, and counts as verified there.
    Verified {
        /// In which Stage.
        stage: StageName,
        /// Which.
        freight: Vec<FreightName>,
    },
    /// Work that was given up ended all the same (rules 4).
    LateOutcome {
        /// The work.
        effect: EffectId,
        /// Whose it was.
        promotion: PromotionName,
        /// Which step.
        step: usize,
        /// What came of it.
        outcome: StepOutcome,
        /// What it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// A place that has no steps any more is not held by anything (resources 19.5; control, trap 21).
    PlaceCleared {
        /// Where.
        place: Place,
    },
    /// The clock may be wrong (rules 5).
    ClockSuspected {
        /// The last instant that is trusted.
        #[serde(with = "millis")]
        since: Timestamp,
    },
    /// Somebody trusts the clock again.
    ClockAccepted,
    /// All that is known, so that what is before may be archived (rules 12). In a log that is folded from further back it
    /// changes nothing.
    Checkpoint {
        /// What is known.
        parts: Box<Parts>,
    },
    /// A project was taken over as it was found, with its status (rules 19).
    Imported {
        /// The objects, status included.
        objects: Vec<Object>,
    },
}

/// Why automation's own promotion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dropped {
    /// A later one covers the same.
    Superseded,
    /// Its freight may not go there any more.
    Withdrawn,
}

impl Dropped {
    /// How it is written in annotation `kargo-core.rs/end`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "Superseded",
            Self::Withdrawn => "Withdrawn",
        }
    }
}
