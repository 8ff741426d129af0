//! Everything that people hear of, by name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::subject::{Called, Judged, OfPromotion, OfStep};
use crate::{
    engine::stall::Standstill,
    model::{FreightName, HealthState, Kind, Origin, PromotionName, StageName, Timestamp, WarehouseName},
    report::{EffectId, StepOutcome},
    world::Place,
};

macro_rules! happened {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })? $(($inner:ty))?,)+) => {
        /// What happened, with what it is about.
        ///
        /// Names that Kargo has are Kargo's (control 10). `FreightVerificationUnknown` is not among them: a verification
        /// here has no end that is unknown. Nor is `PromotionDiscarded`: what is queued waits for a window to open (rules 7).
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "event", rename_all_fields = "camelCase")]
        #[non_exhaustive]
        pub enum Happened {
            $($(#[$doc])* $name $({ $($(#[$field_doc])* $field: $type,)* })? $(($inner))?,)+
        }

        impl Happened {
            /// Its name.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)+
                }
            }

            /// All names.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)+];
        }
    };
}

happened! {
    /// A definition was taken over.
    Defined {
        /// Of which kind.
        kind: Kind,
        /// Its name.
        object: String,
    },
    /// A definition was taken away.
    Removed {
        /// Of which kind.
        kind: Kind,
        /// Its name.
        object: String,
    },
    /// A project was taken over as it was found.
    Imported {
        /// How many objects there were.
        objects: usize,
    },
    /// A Warehouse has other artifacts to choose from.
    ArtifactsDiscovered {
        /// The Warehouse.
        warehouse: WarehouseName,
        /// What is new among them.
        new: Vec<String>,
    },
    /// There is new freight (Kargo's event).
    FreightCreated {
        /// The freight.
        freight: Called,
        /// Where it comes from.
        origin: Origin,
        /// What it is made of.
        artifacts: Vec<String>,
    },
    /// Freight has another alias.
    FreightRenamed {
        /// The freight, with the alias that it had.
        freight: Called,
        /// The alias that it has.
        alias: String,
    },
    /// Somebody approved freight for a Stage (Kargo's event).
    FreightApproved {
        /// The freight.
        freight: Called,
        /// The Stage.
        stage: StageName,
        /// Why.
        because: Option<String>,
    },
    /// Somebody rejected freight.
    FreightRejected {
        /// The freight.
        freight: Called,
        /// Where; empty means everywhere.
        stages: Vec<StageName>,
        /// Why.
        because: Option<String>,
    },
    /// Somebody took a rejection back.
    FreightUnrejected {
        /// The freight.
        freight: Called,
        /// Where it was rejected; empty means everywhere.
        stages: Vec<StageName>,
    },
    /// Freight became available to a Stage behind the one that verified it, or will when it has soaked.
    FreightEligible {
        /// The freight.
        freight: Called,
        /// The Stage that may have it.
        stage: StageName,
        /// The Stage that verified it.
        by: StageName,
        /// From this instant on; none if that is now.
        from: Option<Timestamp>,
        /// Whether policy lets automation promote there.
        automatic: bool,
    },
    /// A later verdict took a verification back (rules 6).
    FreightWithdrawn {
        /// The freight.
        freight: Called,
        /// The Stage that had verified it.
        stage: StageName,
        /// The Stages that hold it now: nothing takes it away there.
        held_by: Vec<StageName>,
    },
    /// A verification began that has a run.
    FreightVerificationStarted {
        /// The Stage.
        stage: StageName,
        /// What it holds.
        freight: Vec<Called>,
        /// The verification.
        verification: Arc<str>,
    },
    /// The start of a verification failed, and is tried again.
    FreightVerificationRetried {
        /// The Stage.
        stage: StageName,
        /// The verification.
        verification: Arc<str>,
        /// How many attempts have failed.
        attempt: u32,
        /// When the next one begins.
        until: Timestamp,
        /// Why.
        message: String,
    },
    /// The run of a verification is not seen any more.
    FreightVerificationLost {
        /// The Stage.
        stage: StageName,
        /// The verification.
        verification: Arc<str>,
        /// Why.
        message: String,
    },
    /// The run of a verification that was aborted cannot be stopped.
    FreightVerificationNotStopped {
        /// The Stage.
        stage: StageName,
        /// The verification.
        verification: Arc<str>,
        /// Why.
        message: String,
    },
    /// Freight was verified (Kargo's event).
    FreightVerificationSucceeded(Judged),
    /// Freight failed its verification (Kargo's event).
    FreightVerificationFailed(Judged),
    /// A verification could not be carried out (Kargo's event).
    FreightVerificationErrored(Judged),
    /// A verification ended without an answer (Kargo's event).
    FreightVerificationInconclusive(Judged),
    /// A verification was aborted (Kargo's event; rules 6).
    FreightVerificationAborted(Judged),
    /// Somebody wants a verification again.
    VerificationAsked {
        /// The Stage.
        stage: StageName,
        /// The verification that is to be done again.
        verification: String,
    },
    /// A run that no longer counts came to an end of its own (rules 4).
    LateVerdict {
        /// The Stage.
        stage: StageName,
        /// The verification.
        verification: Arc<str>,
        /// How the run ended.
        phase: String,
        /// What there is to say.
        message: Option<String>,
    },
    /// A promotion was made, and waits for its turn (Kargo's event).
    PromotionCreated(Box<OfPromotion>),
    /// A promotion has its turn, and begins.
    PromotionStarted(Box<OfPromotion>),
    /// A promotion succeeded (Kargo's event).
    PromotionSucceeded(Box<OfPromotion>),
    /// A promotion failed (Kargo's event).
    PromotionFailed(Box<OfPromotion>),
    /// A promotion could not be carried out (Kargo's event).
    PromotionErrored(Box<OfPromotion>),
    /// Somebody aborted a promotion (Kargo's event).
    PromotionAborted(Box<OfPromotion>),
    /// A queued promotion of automation ended, for a later one covers the same (rules 7).
    PromotionSuperseded(Box<OfPromotion>),
    /// A queued promotion of automation ended, for its freight may not go there any more (rules 6).
    PromotionWithdrawn(Box<OfPromotion>),
    /// A step is done.
    StepSucceeded(Box<OfStep>),
    /// A step had nothing to do, or its condition did not hold.
    StepSkipped(Box<OfStep>),
    /// A step came out badly.
    StepFailed(Box<OfStep>),
    /// A step could not be carried out.
    StepErrored(Box<OfStep>),
    /// A step is tried again after an error.
    StepRetried {
        /// The step.
        step: Box<OfStep>,
        /// How many consecutive errors there were.
        errors: u32,
        /// How many end it.
        threshold: u32,
        /// When the next attempt begins.
        until: Timestamp,
    },
    /// A step waits.
    StepWaiting {
        /// The step.
        step: Box<OfStep>,
        /// For what.
        on: String,
        /// When it is given up, if ever.
        deadline: Option<Timestamp>,
    },
    /// A crash leaves open whether a step acted; it is not repeated (rules 1).
    StepOutcomeUnknown(Box<OfStep>),
    /// The work tree of a promotion is lost; these steps run again (rules 14).
    WorkTreeLost {
        /// The promotion.
        promotion: PromotionName,
        /// The aliases of the steps.
        again: Vec<Arc<str>>,
    },
    /// Work that was given up ended all the same (rules 4).
    LateOutcome {
        /// The work.
        effect: EffectId,
        /// Whose it was.
        promotion: PromotionName,
        /// The alias of its step.
        step: Arc<str>,
        /// What came of it.
        outcome: StepOutcome,
        /// What it said.
        message: Option<String>,
    },
    /// Promotions that ended long ago were taken out (control 9).
    PromotionsCollected {
        /// Where they went.
        stage: StageName,
        /// The promotions, oldest first.
        promotions: Vec<PromotionName>,
    },
    /// Old freight was taken out that nothing needs (control 9).
    FreightCollected {
        /// Where it came from.
        origin: Origin,
        /// The freight, oldest first.
        freight: Vec<Called>,
    },
    /// A Stage that has no steps any more holds nothing (resources 19.5).
    PlaceCleared {
        /// Where.
        place: Place,
    },
    /// Automation leaves what somebody put there from now on (control 2.5).
    HoldEstablished {
        /// Where.
        place: Place,
        /// Of which origin.
        origin: Origin,
        /// The freight that stays.
        freight: FreightName,
        /// The promotion that put it there.
        promotion: Option<PromotionName>,
    },
    /// A hold ended.
    HoldReleased {
        /// Where.
        place: Place,
        /// Of which origin.
        origin: Origin,
    },
    /// A Stage or the project is paused.
    Paused {
        /// The Stage; none means the project.
        stage: Option<StageName>,
        /// Until when, if it ends by itself.
        until: Option<Timestamp>,
        /// Why.
        because: Option<String>,
    },
    /// Somebody ended a pause.
    Resumed {
        /// The Stage; none means the project.
        stage: Option<StageName>,
    },
    /// A place is as healthy as this now.
    HealthChanged {
        /// Where.
        place: Place,
        /// How healthy.
        health: Option<HealthState>,
        /// What is wrong.
        issues: Vec<String>,
    },
    /// The clock may be wrong: soaks, windows and automation stand still (rules 5).
    ClockSuspect {
        /// The last instant that is trusted.
        since: Timestamp,
    },
    /// Somebody trusts the clock again.
    ClockAccepted,
    /// Something makes no progress. No event tells of it: whoever watches asks for
    /// [stalls](crate::Engine::stalls) now and then, and makes a notice of what is new.
    Stalled(Box<Standstill>),
}
