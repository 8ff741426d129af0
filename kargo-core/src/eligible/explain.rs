//! Why freight is available to a Stage, or is not.

use super::source::{Claim, Upstream, is_passage, since, upstream};
use crate::{
    freight::status::soak,
    model::{AvailabilityStrategy, FreightRequest, Path, Timestamp, VerificationInfo, VerificationPhase},
    why::{Mark, Node, Reason, Remedy, instant},
    world::{FreightView, StageView},
};

/// The reason for which a Stage may have the freight, or may not, as far as its source goes.
#[must_use]
pub fn explain(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Node {
    let mut best: Option<Node> = None;
    for (index, request) in stage.requests().enumerate().filter(|(_, request)| request.origin == *freight.origin()) {
        let claim = Claim { request, claimant: stage.name() };
        let node = of_claim(claim, freight, now).at(stage.locate(&place_of(index, request)));
        let has_last_word = !request.sources.direct && request.sources.availability() == AvailabilityStrategy::All;
        if best.as_ref().is_none_or(|best| best.mark == Mark::Fails) {
            best = Some(node);
        }
        if has_last_word {
            break;
        }
    }
    best.unwrap_or_else(|| {
        Node::fails(Reason::NotRequested {
            stage: stage.name().into(),
            origin: freight.origin().clone(),
            requested: stage.requests().map(|request| request.origin.clone()).collect(),
        })
        .at(stage.locate(&Path::of(&["spec", "requestedFreight"])))
    })
}

/// Where the sources of a request are written.
fn place_of(index: usize, request: &FreightRequest) -> Path {
    let sources = Path::of(&["spec", "requestedFreight"]).index(index).key("sources");
    if request.sources.stages.is_empty() { sources } else { sources.key("stages") }
}

fn of_claim(claim: Claim<'_>, freight: FreightView<'_>, now: Timestamp) -> Node {
    let sources = &claim.request.sources;
    if claim.is_approved(freight) {
        let visit = freight.visit(claim.claimant);
        let approvals = freight.world().approvals_of(freight.name(), claim.claimant);
        return Node::holds(Reason::Approved {
            stage: claim.claimant.into(),
            at: visit.and_then(|visit| visit.approved.as_ref()?.approved_at),
            by: approvals.filter_map(|approval| approval.spec.actor.clone()).collect(),
        });
    }
    if sources.direct {
        return Node::holds(Reason::Direct { origin: freight.origin().clone() });
    }
    if sources.stages.is_empty() {
        let mut node = Node::fails(Reason::ByApprovalOnly);
        node.remedies.push(approval(claim, freight, "somebody approves it"));
        return node;
    }
    let mut below: Vec<Node> = sources.stages.iter().map(|name| of_upstream(claim, freight, name, now)).collect();
    let holds = match sources.availability() {
        AvailabilityStrategy::All => below.iter().all(|node| node.mark == Mark::Holds),
        AvailabilityStrategy::OneOf => below.iter().any(|node| node.mark == Mark::Holds),
    };
    let reason = Reason::Upstreams { strategy: sources.availability(), stages: sources.stages.clone() };
    if holds {
        return Node::holds(reason).over(below);
    }
    // Said once, under the last that is in the way.
    let is_other = below.iter().any(|node| !node.remedies.is_empty() || !node.below.is_empty());
    let words = if is_other { "or somebody approves it" } else { "somebody approves it" };
    if let Some(last) = below.iter_mut().rev().find(|node| node.mark == Mark::Fails) {
        let remedy = approval(claim, freight, words);
        match last.below.last_mut() {
            Some(said) => said.remedies.push(remedy),
            None => last.remedies.push(remedy),
        }
    }
    Node::fails(reason).over(below)
}

fn approval(claim: Claim<'_>, freight: FreightView<'_>, words: &str) -> Remedy {
    let (stage, called) = (claim.claimant, freight.called());
    Remedy { text: format!("{words} for {stage}"), command: Some(format!("approve {called} for {stage}")) }
}

fn of_upstream(claim: Claim<'_>, freight: FreightView<'_>, name: &str, now: Timestamp) -> Node {
    let required = claim.request.sources.required_soak_time;
    let visit = freight.visit(name).cloned().unwrap_or_default();
    let since = required.and_then(|_| since(freight, name, &visit));
    let soaked = visit.verified().map(|verified| soak(verified, since, now)).unwrap_or_default();
    let node = match upstream(freight, name, required, now) {
        Upstream::Ready => {
            let at = visit.verified().and_then(|verified| verified.verified_at);
            Node::holds(Reason::Verified { stage: name.into(), at, soaked, required })
        }
        Upstream::Soaking { ends } => {
            let required = required.unwrap_or_default();
            let passes = is_passage(freight.world(), name);
            let is_there = passes || visit.current.is_some();
            let node = Node::fails(Reason::NotSoaked { stage: name.into(), soaked, required, ends, is_there });
            match ends {
                Some(ends) => node.remedy(format!("long enough {}", instant(ends))),
                None if passes => node,
                None => node.command(
                    format!("{name} holds it again, for longer"),
                    format!("promote {} to {name}", freight.called()),
                ),
            }
        }
        Upstream::Unverified => match freight.world().stage(name) {
            Ok(stage) => unverified(stage, freight, visit.current.is_some()),
            Err(missing) => Node::fails(Reason::NoSuch(missing)),
        },
    };
    node.labelled(name)
}

fn unverified(stage: StageView<'_>, freight: FreightView<'_>, is_there: bool) -> Node {
    let name = stage.name();
    let latest = latest_verdict(stage, freight);
    let reason = Reason::NotVerified {
        stage: name.into(),
        latest: latest.and_then(|info| info.phase.clone()),
        at: latest.and_then(|info| info.finish_time),
        is_there,
    };
    let (words, command) = match (latest, is_there) {
        (Some(_), true) => (format!("{name} verifies it again with success"), format!("reverify {name}")),
        (None, true) => (format!("{name} verifies it"), format!("reverify {name}")),
        (_, false) => (format!("{name} gets and verifies it"), format!("promote {} to {name}", freight.called())),
    };
    let said = latest.and_then(|info| info.message.clone()).filter(|text| !text.is_empty());
    match said {
        Some(text) => Node::fails(reason).over(vec![Node::note(Reason::Said { text }).command(words, command)]),
        None => Node::fails(reason).command(words, command),
    }
}

/// The newest verdict in a Stage on a collection that contains the freight.
fn latest_verdict<'w>(stage: StageView<'w>, freight: FreightView<'w>) -> Option<&'w VerificationInfo> {
    let of_it = stage.history().filter(|held| held.includes(freight.name()));
    let ended = |info: &&VerificationInfo| info.phase.as_ref().is_some_and(VerificationPhase::is_terminal);
    of_it.flat_map(|held| &held.verifications).find(ended)
}
