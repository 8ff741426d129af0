//! What automation would promote now, and why it does not promote what it does not (control 2.3; rules 7 and 13).

use std::collections::BTreeMap;

use super::{
    candidate::{Candidate, candidate, candidate_beyond},
    guard::guard,
};
use crate::{
    admit::{Gate, admission, hold},
    model::{FreightName, FreightRequest, HoldIntent, Origin, PromotionPhase, SelectionPolicy, Timestamp},
    why::Reason,
    world::{FreightView, PromotionView, StageView},
};

/// What automation makes of one origin.
#[derive(Clone, Debug)]
pub struct Wish<'w> {
    /// The origin.
    pub origin: &'w Origin,
    /// What it would take, if there is anything.
    pub candidate: Option<FreightView<'w>>,
    /// What keeps it from promoting that; nothing if it promotes it now.
    pub blocked: Option<Reason>,
}

/// What automation makes of each origin that a Stage requests, in the order of its requests (control 2.3).
pub fn automation<'w>(stage: StageView<'w>, now: Timestamp) -> Vec<Wish<'w>> {
    stage.requests().map(|request| wish(stage, request, now)).collect()
}

fn wish<'w>(stage: StageView<'w>, request: &'w FreightRequest, now: Timestamp) -> Wish<'w> {
    let origin = &request.origin;
    // Where automation is off no candidate is looked for: most Stages are asked at every change upstream.
    if let Some(reason) = is_off(stage) {
        return Wish { origin, candidate: None, blocked: Some(reason) };
    }
    let there = there(stage, origin).map(FreightView::age);
    match candidate_beyond(stage, request, there.as_ref(), now) {
        Candidate::None(reason) => {
            Wish { origin, candidate: None, blocked: Some(held(stage, origin).unwrap_or(reason)) }
        }
        Candidate::Freight(freight) => {
            Wish { origin, candidate: Some(freight), blocked: obstacle(stage, request, freight, now) }
        }
    }
}

/// Why nothing at all is promoted there by itself.
fn is_off(stage: StageView<'_>) -> Option<Reason> {
    let name = || stage.name().into();
    if stage.noun().metadata.deletion_timestamp.is_some() {
        return Some(Reason::Fact { text: format!("{} is being deleted", stage.name()) });
    }
    if stage.noun().is_control_flow() {
        return Some(Reason::ControlFlow { stage: name() });
    }
    if stage.noun().is_target_aware() {
        let text = format!("{} has Targets: a promotion request promotes to them", stage.name());
        return Some(Reason::Fact { text });
    }
    match stage.promotion_policy() {
        Err(problem) => Some(Reason::PolicyUnreadable { problem }),
        Ok(Some(policy)) if policy.auto_promotion_enabled => {
            stage.world().is_clock_suspect().then_some(Reason::ClockSuspect)
        }
        Ok(_) => Some(Reason::AutomationOff { stage: name() }),
    }
}

/// What is in the way of this candidate: the first that is, in the order of control 2.3.
fn obstacle(
    stage: StageView<'_>,
    request: &FreightRequest,
    freight: FreightView<'_>,
    now: Timestamp,
) -> Option<Reason> {
    let origin = &request.origin;
    if let Some(reason) = held(stage, origin) {
        return Some(reason);
    }
    if stage.current().and_then(|held| held.of(origin)).is_some_and(|there| there.name == *freight.name()) {
        return Some(Reason::AlreadyThere { stage: stage.name().into(), freight: freight.called().to_owned() });
    }
    if let Some(reason) = earlier(stage, origin, freight) {
        return Some(reason);
    }
    if request.sources.selection() == SelectionPolicy::NewestFreight
        && let Some(there) = there(stage, origin)
        && there.age() > freight.age()
    {
        return Some(Reason::NewerThere { freight: there.called().to_owned() });
    }
    guard(stage, origin, now).or_else(|| shut(stage, freight, now))
}

/// The freight of an origin that the Stage holds; none if it does not exist any more.
fn there<'w>(stage: StageView<'w>, origin: &Origin) -> Option<FreightView<'w>> {
    stage.world().freight_named(&stage.current()?.of(origin)?.name)
}

/// The hold that automation respects, as a reason.
fn held(stage: StageView<'_>, origin: &Origin) -> Option<Reason> {
    hold(stage, origin).map(|hold| Reason::Held {
        origin: hold.origin,
        freight: hold.freight_name,
        since: hold.created_at,
        by: hold.actor,
        promotion: hold.promotion_name,
    })
}

/// Promotions of this freight that are under way, or that failed: control 2.3, AP-5, AP-7 and AP-8.
fn earlier(stage: StageView<'_>, origin: &Origin, freight: FreightView<'_>) -> Option<Reason> {
    let is_of_it = |promotion: &PromotionView<'_>| promotion.freight().get(origin) == Some(freight.name());
    if let Some(open) = stage.open_promotions().find(is_of_it) {
        return Some(Reason::UnderWay { promotion: open.name().into(), phase: open.phase().clone() });
    }
    // A failure bars the same freight alone: of several origins promoted together, one may be tried for itself (rules 13).
    let is_it_alone = |promotion: &PromotionView<'_>| is_of_it(promotion) && promotion.freight().len() == 1;
    // One that another replaced, or whose freight was withdrawn, says nothing about the freight (rules 6 and 7).
    let says_something = |promotion: &PromotionView<'_>| {
        *promotion.phase() != PromotionPhase::Aborted || promotion.end_reason().is_none()
    };
    let ended = stage.promotions_of(freight.name()).filter(|promotion| promotion.is_over());
    let counted = ended.filter(says_something).filter(is_it_alone);
    let last = counted.max_by_key(|promotion| (promotion.created_at(), promotion.turn()))?;
    (*last.phase() != PromotionPhase::Succeeded)
        .then(|| Reason::FailedBefore { promotion: last.name().into(), phase: last.phase().clone() })
}

/// Gates that bind everybody, of which automation waits for each.
fn shut(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Option<Reason> {
    let first = admission(stage, freight, now).next()?;
    // Said with all its details, which only the explanation has.
    let reason = crate::admit::of(stage, freight, now).obstacles().next().cloned();
    Some(reason.unwrap_or(Reason::Fact { text: gate(first).to_owned() }))
}

fn gate(gate: Gate) -> &'static str {
    match gate {
        Gate::Source => "its source does not let it through",
        Gate::Rejection => "it was rejected",
        Gate::Approvals => "approvals are missing",
        Gate::ControlFlow => "nothing is promoted to a Stage without steps",
        Gate::Pause => "it is paused",
        Gate::Window => "the windows are closed",
    }
}

/// What a promotion that somebody asks for does to holds: it releases that of an origin whose candidate it promotes, and
/// establishes one where it promotes something else (control 2.5). Without automation there is nothing to hold.
#[must_use]
pub fn intents_of(
    stage: StageView<'_>,
    freight: &BTreeMap<Origin, FreightName>,
    now: Timestamp,
) -> BTreeMap<Origin, HoldIntent> {
    if !crate::admit::is_automatic(stage) || stage.noun().is_control_flow() {
        return BTreeMap::new();
    }
    let intent = |request: &FreightRequest| {
        let chosen = freight.get(&request.origin)?;
        let is_candidate = candidate(stage, request, now).freight().is_some_and(|freight| freight.name() == chosen);
        let intent = if is_candidate { HoldIntent::Resume } else { HoldIntent::Hold };
        Some((request.origin.clone(), intent))
    };
    stage.requests().filter_map(intent).collect()
}
