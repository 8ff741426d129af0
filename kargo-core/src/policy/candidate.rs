//! Which freight of an origin automation would take (control 2.2; rules 7).

use crate::{
    admit::rejections,
    eligible::{Availability, Claim, list},
    model::{FreightIntent, FreightRequest, SelectionPolicy, Timestamp, label},
    why::Reason,
    world::{Age, FreightView, Mark, StageView},
};

/// What automation would take of an origin.
#[derive(Clone, Debug)]
pub enum Candidate<'w> {
    /// This freight.
    Freight(FreightView<'w>),
    /// Nothing, for this reason.
    None(Reason),
}

impl<'w> Candidate<'w> {
    /// The freight, if there is any.
    #[must_use]
    pub fn freight(&self) -> Option<FreightView<'w>> {
        match self {
            Self::Freight(freight) => Some(*freight),
            Self::None(_) => None,
        }
    }
}

/// Which freight a request would be filled with now: the newest that is eligible, or what its upstream holds.
///
/// Freight that was rejected, and freight that is not meant for automation, is passed over. Of what is left only the first is
/// looked at: if something else is in its way, nothing else is taken instead.
#[must_use]
pub fn candidate<'w>(stage: StageView<'w>, request: &'w FreightRequest, now: Timestamp) -> Candidate<'w> {
    candidate_beyond(stage, request, None, now)
}

/// The same, if nothing that is older than what is `there` would be taken anyway: then the search ends there, however much
/// was passed over.
pub(super) fn candidate_beyond<'w>(
    stage: StageView<'w>,
    request: &'w FreightRequest,
    there: Option<&Age>,
    now: Timestamp,
) -> Candidate<'w> {
    match request.sources.selection() {
        SelectionPolicy::NewestFreight => newest(stage, request, there, now),
        SelectionPolicy::MatchUpstream => of_upstream(stage, request, now),
    }
}

fn newest<'w>(stage: StageView<'w>, request: &'w FreightRequest, there: Option<&Age>, now: Timestamp) -> Candidate<'w> {
    let mut passed = None;
    for freight in list(stage, &request.origin, None, now) {
        let Some(reason) = unfit(stage, freight) else { return Candidate::Freight(freight) };
        passed.get_or_insert(reason);
        if there.is_some_and(|there| freight.age() <= *there) {
            break;
        }
    }
    nothing(request, passed)
}

/// Nothing; the newest that was passed over says why, if anything was.
fn nothing<'w>(request: &FreightRequest, passed: Option<Reason>) -> Candidate<'w> {
    Candidate::None(passed.unwrap_or_else(|| Reason::NothingEligible { origin: request.origin.clone() }))
}

/// What the only upstream Stage holds; freight that is merely approved counts there too.
fn of_upstream<'w>(stage: StageView<'w>, request: &'w FreightRequest, now: Timestamp) -> Candidate<'w> {
    let [upstream] = request.sources.stages.as_slice() else { return nothing(request, None) };
    let claim = Claim { request, claimant: stage.name() };
    let held = stage.world().freight_marked(Mark::Current, upstream, &request.origin, None);
    let (mut only, mut passed) = (None, None);
    for freight in held.filter(|freight| claim.availability(*freight, now) == Availability::Now) {
        match unfit(stage, freight) {
            Some(reason) => {
                passed.get_or_insert(reason);
            }
            None if only.is_some() => return Candidate::None(Reason::SeveralUpstream { stage: upstream.clone() }),
            None => only = Some(freight),
        }
    }
    only.map_or_else(|| nothing(request, passed), Candidate::Freight)
}

/// Why automation passes freight over: somebody rejected it, or it is not meant for what the Stage's automation takes
/// (extension `intents`).
fn unfit(stage: StageView<'_>, freight: FreightView<'_>) -> Option<Reason> {
    if let Some(rejection) = rejections(stage, freight).next() {
        let spec = &rejection.spec;
        return Some(Reason::Rejected {
            rejection: rejection.metadata.name.clone(),
            freight: freight.called().to_owned(),
            stage: (!spec.stages.is_empty()).then(|| stage.name().into()),
            by: spec.actor.clone(),
            why: spec.reason.clone(),
        });
    }
    let taken = stage.policy().map(|policy| policy.spec.intents.as_slice()).unwrap_or_default();
    let text = freight.annotation(label::EXT_INTENT);
    // What nobody can read is left to people.
    let intent = text.map_or(Some(FreightIntent::Auto), |text| serde_json::from_value(text.into()).ok());
    let is_taken = |intent| if taken.is_empty() { intent == FreightIntent::Auto } else { taken.contains(&intent) };
    if intent.is_some_and(is_taken) {
        return None;
    }
    let intent = text.unwrap_or("Auto").to_owned();
    Some(Reason::NotForAutomation { freight: freight.called().to_owned(), intent })
}
