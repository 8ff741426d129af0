//! All that an engine knows, as data: what checkpoints and snapshots hold.
//!
//! Definitions, places and promotions are in Kargo's form; what that form cannot hold (milliseconds, withdrawn verdicts, runs
//! under way, counters) stands beside it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Genesis, Position,
    millis::{self, optional},
    state::{State, keys_of},
};
use crate::{
    model::{
        ApprovedStage, CurrentStage, Duration, Freight, FreightName, Noun as _, Object, Promotion, PromotionName,
        StageName, StageStatus, Timestamp, VerifiedStage, skip::is_default,
    },
    promotion::RunRecord,
    verification::{Verdicts, Verification},
    world::{FreightView, Place, PlaceState, Visit, World},
};

/// All that an engine knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parts {
    genesis: Genesis,
    #[serde(with = "millis")]
    now: Timestamp,
    definitions: Vec<Object>,
    places: Vec<(Place, StageStatus)>,
    freight: Vec<FreightPart>,
    promotions: Vec<(u64, Promotion)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    runs: Vec<(PromotionName, RunRecord)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    verifications: Vec<(Place, Verification)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    verdicts: Vec<(StageName, Verdicts)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reverify: Vec<(StageName, String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    opened: Vec<(PromotionName, usize, Position)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<(PromotionName, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    started: Vec<(PromotionName, usize)>,
    made: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    made_for: Vec<(StageName, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    verified_for: Vec<(StageName, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    suspect_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

/// A piece of freight, to the millisecond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FreightPart {
    freight: Freight,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    found_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    visits: Vec<VisitPart>,
    #[serde(default, skip_serializing_if = "is_default")]
    metadata: std::collections::BTreeMap<String, serde_json::Value>,
}

/// What freight has to do with a Stage, to the millisecond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VisitPart {
    stage: StageName,
    #[serde(default, skip_serializing_if = "is_default")]
    is_there: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    is_verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    verified_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    longest_stay: Option<Duration>,
    #[serde(default, skip_serializing_if = "is_default")]
    withdrawn: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    is_approved: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    approved_at: Option<Timestamp>,
}

impl Parts {
    /// The project and the seed.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// As of this instant.
    pub(super) fn at(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub(super) fn of(state: &State) -> Self {
        let world = &state.world;
        Self {
            genesis: (*state.genesis).clone(),
            now: state.now,
            definitions: world.definitions().collect(),
            places: world.places().map(|(place, held)| (place.clone(), held.to_status())).collect(),
            freight: world.all_freight().map(FreightPart::of).collect(),
            promotions: world
                .promotions()
                .map(|promotion| (promotion.turn().number, promotion.noun().clone()))
                .collect(),
            runs: state.runs.iter().map(|(name, run)| (name.clone(), run.to_record())).collect(),
            verifications: state
                .verifications
                .values()
                .map(|(place, known)| (place.clone(), (**known).clone()))
                .collect(),
            verdicts: state.verdicts.iter().map(|(stage, verdicts)| (stage.clone(), (**verdicts).clone())).collect(),
            reverify: state.reverify.iter().map(|(stage, (id, by))| (stage.clone(), id.clone(), by.clone())).collect(),
            opened: state.opened.iter().map(|((name, step), at)| (name.clone(), *step, *at)).collect(),
            unanswered: state.unanswered.iter().cloned().collect(),
            started: state.started.iter().cloned().collect(),
            made: state.made,
            made_for: state.made_for.iter().map(|(stage, count)| (stage.clone(), *count)).collect(),
            verified_for: state.verified_for.iter().map(|(stage, count)| (stage.clone(), *count)).collect(),
            suspect_since: state.suspect_since,
            revision: state.revision.clone(),
        }
    }

    /// The state, as after the event at this position.
    pub(super) fn state(&self, position: Position) -> State {
        let mut state = State::new(self.genesis.clone());
        state.position = position;
        state.now = self.now;
        state.world = self.world();
        for (name, record) in &self.runs {
            let Ok(promotion) = state.world.promotion(name) else { continue };
            let plan = Arc::clone(promotion.run().plan());
            if let Some(run) = record.clone().into_run(plan) {
                for key in keys_of(&run) {
                    state.waits.insert(key, name.clone());
                }
                state.runs.insert(name.clone(), Arc::new(run));
            }
        }
        for (place, verification) in &self.verifications {
            state.verifications.insert(Arc::clone(verification.id()), (place.clone(), Arc::new(verification.clone())));
        }
        for (stage, verdicts) in &self.verdicts {
            state.verdicts.insert(stage.clone(), Arc::new(verdicts.clone()));
        }
        for (stage, id, by) in &self.reverify {
            state.reverify.insert(stage.clone(), (id.clone(), by.clone()));
        }
        for (name, step, at) in &self.opened {
            state.opened.insert((name.clone(), *step), *at);
        }
        state.unanswered.extend(self.unanswered.iter().cloned());
        state.started.extend(self.started.iter().cloned());
        state.made = self.made;
        state.made_for.extend(self.made_for.iter().cloned());
        state.verified_for.extend(self.verified_for.iter().cloned());
        state.suspect_since = self.suspect_since;
        state.revision.clone_from(&self.revision);
        state
    }

    fn world(&self) -> World {
        let mut world = World::new(self.genesis.project().clone());
        for object in &self.definitions {
            world.put(object.clone());
        }
        for part in &self.freight {
            part.put(&mut world);
        }
        for (number, promotion) in &self.promotions {
            world.put_promotion(promotion.clone(), *number);
        }
        for (place, status) in &self.places {
            let mut held = PlaceState::from(status);
            share(&mut held, &world);
            world.edit_place(place, |state| *state = held);
        }
        world.set_clock_suspect(self.suspect_since.is_some());
        world
    }
}

/// What a place holds shares what it is made of with the freight.
fn share(state: &mut PlaceState, world: &World) {
    for held in &mut state.history {
        for reference in &mut Arc::make_mut(held).freight {
            if let Some(known) = world.freight_named(&reference.name)
                && known.reference() == reference
            {
                *reference = Arc::clone(known.reference());
            }
        }
    }
}

impl FreightPart {
    fn of(freight: FreightView<'_>) -> Self {
        let noun = freight.to_definition();
        Self {
            found_at: noun.discovered_at,
            freight: noun,
            visits: freight.visits().iter().map(|(stage, visit)| VisitPart::of(stage, visit)).collect(),
            metadata: freight.metadata().cloned().unwrap_or_default(),
        }
    }

    fn put(&self, world: &mut World) {
        let mut noun = self.freight.clone();
        noun.discovered_at = self.found_at;
        let name = FreightName::from(noun.name());
        world.put(noun);
        world.edit_freight(&name, |state| {
            for part in &self.visits {
                state.visits.edit(&part.stage, |visit| *visit = part.visit());
            }
            state.metadata = Some(&self.metadata).filter(|data| !data.is_empty()).cloned().map(Arc::new);
        });
    }
}

impl VisitPart {
    fn of(stage: &StageName, visit: &Visit) -> Self {
        let (current, verified, approved) = (&visit.current, &visit.verified, &visit.approved);
        Self {
            stage: stage.clone(),
            is_there: current.is_some(),
            since: current.as_ref().and_then(|current| current.since),
            is_verified: verified.is_some(),
            verified_at: verified.as_ref().and_then(|verified| verified.verified_at),
            longest_stay: verified.as_ref().and_then(|verified| verified.longest_completed_soak),
            withdrawn: visit.withdrawn,
            is_approved: approved.is_some(),
            approved_at: approved.as_ref().and_then(|approved| approved.approved_at),
        }
    }

    fn visit(&self) -> Visit {
        let verified = VerifiedStage { verified_at: self.verified_at, longest_completed_soak: self.longest_stay };
        Visit {
            current: self.is_there.then_some(CurrentStage { since: self.since }),
            verified: self.is_verified.then_some(verified),
            withdrawn: self.withdrawn,
            approved: self.is_approved.then_some(ApprovedStage { approved_at: self.approved_at }),
        }
    }
}
