//! Promotions that somebody asks for (control 8.1 to 8.3; rules 13).

use std::collections::BTreeMap;

use super::{
    Refusal,
    draft::{Cause, Draft},
};
use crate::{
    admit::{self, Gate, admission, is_paused},
    command::{Asked, Promote, Rollback, To, What},
    model::{FreightName, HoldIntent, Origin, Promotion, PromotionName, StageName, VerificationPhase},
    policy::{Candidate, candidate, intents_of},
    promotion::{Input, Proposal, ProposeError},
    why::{Answer, Headline, Mark, Node, Reason, Why},
    world::{FreightView, Held, StageView},
};

/// What one promotion is to be.
struct Wanted {
    stage: StageName,
    freight: Vec<FreightName>,
    is_rollback: bool,
}

impl Draft<'_> {
    /// Makes the promotions, or says why not: all of them, or none (control 8.2).
    pub(super) fn promote(&mut self, promote: &Promote, asked: &Asked) -> Result<(), Refusal> {
        let mut all = Vec::new();
        for (name, what) in self.destinations(promote)? {
            let stage = self.stage(&name)?;
            let meant = self.meant(stage, &what)?;
            let names: Vec<_> = meant.iter().map(|freight| freight.name().clone()).collect();
            let each = promote.is_each() && names.len() > 1;
            let sets = if each { names.into_iter().map(|name| vec![name]).collect() } else { vec![names] };
            let is_rollback = promote.is_rollback();
            all.extend(sets.into_iter().map(|freight| Wanted { stage: name.clone(), freight, is_rollback }));
        }
        self.make(&all, asked)
    }

    /// Brings back what was there before (requirements B7).
    pub(super) fn roll_back(&mut self, rollback: &Rollback, asked: &Asked) -> Result<(), Refusal> {
        let stage = self.stage(&rollback.stage)?;
        let refuse = |reason| Refusal::because(format!("roll back {}", rollback.stage), reason);
        let freight = if rollback.to.is_empty() {
            earlier(stage, &rollback.only).map_err(refuse)?
        } else {
            let mut named = Vec::new();
            for reference in &rollback.to {
                let freight = self.state.world.freight(reference.clone());
                let freight = freight.map_err(|missing| refuse(Reason::NoSuch(missing)))?;
                if !stage.history().any(|held| held.includes(freight.name())) {
                    let text = format!(
                        "{} has not held {} as far as is remembered: promote it",
                        stage.name(),
                        freight.called()
                    );
                    return Err(refuse(Reason::Fact { text }));
                }
                named.push(freight.name().clone());
            }
            named
        };
        self.make(&[Wanted { stage: rollback.stage.clone(), freight, is_rollback: true }], asked)
    }

    fn stage(&self, name: &StageName) -> Result<StageView<'_>, Refusal> {
        let stage = self.state.world.stage(name);
        stage.map_err(|missing| Refusal::because(format!("promote to {name}"), Reason::NoSuch(missing)))
    }

    /// Where to, and what to each.
    fn destinations(&self, promote: &Promote) -> Result<Vec<(StageName, Vec<What>)>, Refusal> {
        let upstream = match promote.destination() {
            To::Stage(stage) => return Ok(vec![(stage.clone(), promote.what().to_vec())]),
            To::DownstreamOf(upstream) => upstream,
        };
        let refuse = |reason| Refusal::because(format!("promote from {upstream}"), reason);
        let from = self.state.world.stage(upstream).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let mut freight = Vec::new();
        for what in promote.what() {
            match what {
                What::Freight(reference) => {
                    let found = self.state.world.freight(reference.clone());
                    freight.push(found.map_err(|missing| refuse(Reason::NoSuch(missing)))?);
                }
                What::Newest(_) | What::HeldBy(_) => {
                    let text = "to all that follow on a Stage goes what it holds, or freight that is named".to_owned();
                    return Err(refuse(Reason::Fact { text }));
                }
            }
        }
        if freight.is_empty() {
            let held = from.current().into_iter().flat_map(Held::names);
            freight.extend(held.filter_map(|name| self.state.world.freight_named(name)));
        }
        if freight.is_empty() {
            let text = format!("{upstream} holds nothing: name the freight");
            return Err(refuse(Reason::Fact { text }));
        }
        let takes = |stage: StageView<'_>, freight: &FreightView<'_>| {
            let mut requests = stage.requests().filter(|request| request.origin == *freight.origin());
            requests.any(|request| request.sources.stages.contains(upstream))
        };
        let mut all = Vec::new();
        for stage in
            self.state.world.subscribers_of_stage(upstream).filter_map(|name| self.state.world.stage(name).ok())
        {
            let taken = freight.iter().filter(|freight| takes(stage, freight));
            let taken: Vec<_> = taken.map(|freight| What::Freight(freight.name().as_str().into())).collect();
            // Freight passes through a Stage without steps by itself (trap 22).
            if !taken.is_empty() && !stage.noun().is_control_flow() {
                all.push((stage.name().into(), taken));
            }
        }
        if all.is_empty() {
            let called: Vec<_> = freight.iter().map(|freight| freight.called()).collect();
            let text = format!("no Stage with steps takes {} from {upstream}", called.join(" + "));
            return Err(refuse(Reason::Fact { text }));
        }
        Ok(all)
    }

    /// Makes promotions: each is checked before any is made. Of several pieces of freight each must be admitted (rules 13).
    fn make(&mut self, all: &[Wanted], asked: &Asked) -> Result<(), Refusal> {
        for wanted in all {
            self.made_of(wanted, asked)?;
        }
        for wanted in all {
            let promotion = self.made_of(wanted, asked)?;
            let (_, created) = self.create(promotion, None);
            if wanted.is_rollback {
                self.pre_empt(&wanted.stage, asked, created);
            }
        }
        Ok(())
    }

    /// A way back does not wait for what is under way there: that is stopped (requirements B9; rules 4). Not so where it could
    /// not begin itself: in a Stage that is paused what is under way goes on.
    fn pre_empt(&mut self, stage: &StageName, asked: &Asked, cause: Cause) {
        let Ok(stage) = self.stage(stage) else { return };
        let Some(current) = stage.current_promotion() else { return };
        if is_paused(stage, self.judged_at()) {
            return;
        }
        let current = PromotionName::from(current);
        self.drive(&current, &Input::Abort { actor: asked.by.clone().unwrap_or_default() }, cause);
    }

    /// The promotion that is wanted, in no world yet.
    fn made_of(&self, wanted: &Wanted, asked: &Asked) -> Result<Promotion, Refusal> {
        let stage = self.stage(&wanted.stage)?;
        let found = wanted.freight.iter().filter_map(|name| self.state.world.freight_named(name));
        let freight: Vec<FreightView<'_>> = found.collect();
        self.admitted(stage, &freight)?;
        let chosen: BTreeMap<Origin, FreightName> =
            freight.iter().map(|freight| (freight.origin().clone(), freight.name().clone())).collect();
        let mut intents = intents_of(stage, &chosen, self.judged_at());
        if wanted.is_rollback {
            // A way back is held until somebody lets go of it (control 2.7).
            intents.values_mut().for_each(|intent| *intent = HoldIntent::Hold);
        }
        let proposal = |ulid| {
            let mut proposal = Proposal::new(wanted.stage.clone(), wanted.freight.iter(), ulid);
            proposal = proposal.by(asked.by.clone().unwrap_or_else(|| "unknown".to_owned()));
            if wanted.is_rollback {
                proposal = proposal.rollback();
            }
            intents.into_iter().fold(proposal, |proposal, (origin, intent)| proposal.intent(origin, intent))
        };
        self.propose(&wanted.stage, proposal).map_err(|error| {
            let reason = match error {
                ProposeError::NoSuch(missing) => Reason::NoSuch(missing),
                ProposeError::Build(error) => Reason::Fact { text: error.to_string() },
            };
            Refusal::because(what(stage, &freight), reason)
        })
    }

    /// The freight that is meant, in the order in which it was named.
    fn meant<'s>(&'s self, stage: StageView<'s>, wanted: &[What]) -> Result<Vec<FreightView<'s>>, Refusal> {
        let world = &self.state.world;
        let refuse = |reason| Refusal::because(format!("promote to {}", stage.name()), reason);
        let mut meant: Vec<FreightView<'s>> = Vec::new();
        for what in wanted {
            match what {
                What::Freight(reference) => {
                    meant.push(world.freight(reference.clone()).map_err(|missing| refuse(Reason::NoSuch(missing)))?);
                }
                What::Newest(origin) => {
                    let requested = || stage.requests().map(|request| request.origin.clone()).collect();
                    let request = stage.requests().find(|request| request.origin == *origin).ok_or_else(|| {
                        refuse(Reason::NotRequested {
                            stage: stage.name().into(),
                            origin: origin.clone(),
                            requested: requested(),
                        })
                    })?;
                    match candidate(stage, request, self.judged_at()) {
                        Candidate::Freight(freight) => meant.push(freight),
                        Candidate::None(reason) => return Err(refuse(reason)),
                    }
                }
                What::HeldBy(other) => {
                    let other = world.stage(other).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
                    let held = other.current().into_iter().flat_map(Held::names);
                    let requested = held.filter_map(|name| world.freight_named(name));
                    meant.extend(requested.filter(|freight| stage.is_requesting(freight.origin())));
                }
            }
        }
        if meant.is_empty() {
            let text = "there is nothing to promote: name freight, an origin, or a Stage that holds some".to_owned();
            return Err(refuse(Reason::Fact { text }));
        }
        Ok(meant)
    }

    /// Whether each piece of freight is admitted. What is paused is queued; a closed window refuses (rules 19).
    fn admitted(&self, stage: StageView<'_>, freight: &[FreightView<'_>]) -> Result<(), Refusal> {
        let now = self.judged_at();
        let mut nodes = Vec::new();
        let mut whys = Vec::new();
        for piece in freight {
            if admission(stage, *piece, now).any(|gate| gate != Gate::Pause) {
                whys.push((*piece, admit::of(stage, *piece, now)));
            }
        }
        for (piece, why) in &whys {
            // A pause is not what refuses it: what is paused is queued.
            let refuses = |node: &&Node| node.mark == Mark::Fails && !matches!(node.reason, Reason::Paused { .. });
            let failing: Vec<Node> = why.nodes().iter().filter(refuses).cloned().collect();
            if freight.len() == 1 {
                nodes = failing;
            } else {
                nodes.push(Node::fails(Reason::Fact { text: piece.called().to_owned() }).over(failing));
            }
        }
        if nodes.is_empty() {
            return Ok(());
        }
        let text = what(stage, freight);
        let needs = match whys.as_slice() {
            [(_, only)] => Some(only.needs().to_vec()).filter(|needs| !needs.is_empty()),
            _ => None,
        };
        Err(Refusal::new(text.clone(), Why::new(Headline::Text { text }, Answer::No, nodes).needing(needs)))
    }
}

fn what(stage: StageView<'_>, freight: &[FreightView<'_>]) -> String {
    let called: Vec<_> = freight.iter().map(|freight| freight.called()).collect();
    format!("{} <- {}", stage.name(), called.join(" + "))
}

/// What a Stage held before, of these origins or of all that are different now: the newest that was not found wanting.
fn earlier(stage: StageView<'_>, only: &[Origin]) -> Result<Vec<FreightName>, Reason> {
    let world = stage.world();
    let Some(current) = stage.current() else {
        return Err(Reason::Fact { text: format!("{} holds nothing", stage.name()) });
    };
    if let Some(origin) = only.iter().find(|origin| !stage.is_requesting(origin)) {
        let requested = stage.requests().map(|request| request.origin.clone()).collect();
        return Err(Reason::NotRequested { stage: stage.name().into(), origin: origin.clone(), requested });
    }
    let is_meant = |origin: &Origin| stage.is_requesting(origin) && (only.is_empty() || only.contains(origin));
    let failed = |held: &Held| {
        let newest = held.verifications.iter().find_map(|info| info.phase.as_ref().filter(|phase| phase.is_terminal()));
        newest.is_some_and(|phase| !matches!(phase, VerificationPhase::Successful | VerificationPhase::Aborted))
    };
    for held in stage.history().skip(1).filter(|held| !failed(held)) {
        let different = held.freight.iter().filter(|known| {
            is_meant(&known.origin) && !current.includes(&known.name) && world.freight_named(&known.name).is_some()
        });
        let different: Vec<_> = different.map(|known| known.name.clone()).collect();
        // Of several origins asked for, those that never changed stay.
        if !different.is_empty() {
            return Ok(different);
        }
    }
    let text = format!("nothing that {} held before is remembered that was not found wanting", stage.name());
    Err(Reason::Fact { text })
}
