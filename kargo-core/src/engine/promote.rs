//! Promotions that somebody asks for (control 8.1 to 8.3; rules 13).

use std::collections::BTreeMap;

use super::{Refusal, draft::Draft};
use crate::{
    admit::{self, Gate, admission},
    command::{Asked, Promote, What},
    model::{FreightName, Origin},
    policy::{Candidate, candidate, intents_of},
    promotion::{Proposal, ProposeError},
    why::{Answer, Headline, Mark, Node, Reason, Why},
    world::{FreightView, Held, StageView},
};

impl Draft<'_> {
    /// Makes the promotion, or says why not. Of several pieces of freight each must be admitted (rules 13).
    pub(super) fn promote(&mut self, promote: &Promote, asked: &Asked) -> Result<(), Refusal> {
        let name = promote.stage();
        let stage = self.state.world.stage(name);
        let stage = stage.map_err(|missing| Refusal::because(format!("promote to {name}"), Reason::NoSuch(missing)))?;
        let freight = self.meant(stage, promote)?;
        self.admitted(stage, &freight)?;
        let chosen: BTreeMap<Origin, FreightName> =
            freight.iter().map(|freight| (freight.origin().clone(), freight.name().clone())).collect();
        let intents = if promote.is_rollback() {
            // A way back is held until somebody lets go of it (control 2.7).
            let all = intents_of(stage, &chosen, self.judged_at()).into_keys();
            all.map(|origin| (origin, crate::model::HoldIntent::Hold)).collect()
        } else {
            intents_of(stage, &chosen, self.judged_at())
        };
        let names: Vec<FreightName> = freight.iter().map(|freight| freight.name().clone()).collect();
        let what = what(stage, &freight);
        let proposal = |ulid| {
            let mut proposal = Proposal::new(name.clone(), names.iter(), ulid);
            proposal = proposal.by(asked.by.clone().unwrap_or_else(|| "unknown".to_owned()));
            if promote.is_rollback() {
                proposal = proposal.rollback();
            }
            intents.into_iter().fold(proposal, |proposal, (origin, intent)| proposal.intent(origin, intent))
        };
        let promotion = self.propose(name, proposal).map_err(|error| {
            let reason = match error {
                ProposeError::NoSuch(missing) => Reason::NoSuch(missing),
                ProposeError::Build(error) => Reason::Fact { text: error.to_string() },
            };
            Refusal::because(what, reason)
        })?;
        self.create(promotion, None);
        Ok(())
    }

    /// The freight that is meant, in the order in which it was named.
    fn meant<'s>(&'s self, stage: StageView<'s>, promote: &Promote) -> Result<Vec<FreightView<'s>>, Refusal> {
        let world = &self.state.world;
        let refuse = |reason| Refusal::because(format!("promote to {}", stage.name()), reason);
        let mut meant: Vec<FreightView<'s>> = Vec::new();
        for what in promote.what() {
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
