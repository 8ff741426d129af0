//! Which freight of an origin automation would take (control 2.2; rules 7).

use crate::{
    admit::rejections,
    eligible::{Availability, Claim, list},
    model::{FreightIntent, FreightRequest, SelectionPolicy, Timestamp, label},
    why::Reason,
    world::{FreightView, Mark, StageView},
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
    let may = |freight: &FreightView<'_>| rejections(stage, *freight).next().is_none() && is_meant_for(stage, *freight);
    match request.sources.selection() {
        SelectionPolicy::NewestFreight => {
            let newest = list(stage, &request.origin, None, now).find(may);
            newest.map_or_else(|| nothing(request), Candidate::Freight)
        }
        SelectionPolicy::MatchUpstream => of_upstream(stage, request, now, may),
    }
}

fn nothing<'w>(request: &FreightRequest) -> Candidate<'w> {
    Candidate::None(Reason::NothingEligible { origin: request.origin.clone() })
}

/// What the only upstream Stage holds; freight that is merely approved counts there too.
fn of_upstream<'w>(
    stage: StageView<'w>,
    request: &'w FreightRequest,
    now: Timestamp,
    may: impl Fn(&FreightView<'_>) -> bool,
) -> Candidate<'w> {
    let [upstream] = request.sources.stages.as_slice() else { return nothing(request) };
    let claim = Claim { request, claimant: stage.name() };
    let held = stage.world().freight_marked(Mark::Current, upstream, &request.origin, None);
    let mut held = held.filter(|freight| claim.availability(*freight, now) == Availability::Now).filter(may);
    match (held.next(), held.next()) {
        (None, _) => nothing(request),
        (Some(only), None) => Candidate::Freight(only),
        _ => Candidate::None(Reason::SeveralUpstream { stage: upstream.clone() }),
    }
}

/// Whether the Stage's automation takes freight that is meant for what this is meant for (extension `intents`).
fn is_meant_for(stage: StageView<'_>, freight: FreightView<'_>) -> bool {
    let taken = stage.policy().map(|policy| policy.spec.intents.as_slice()).unwrap_or_default();
    let intent = intent(freight);
    if taken.is_empty() { intent == FreightIntent::Auto } else { taken.contains(&intent) }
}

/// What freight is meant for, by its annotation; for automation if it does not say.
fn intent(freight: FreightView<'_>) -> FreightIntent {
    let text = freight.noun().metadata.annotations.get(label::EXT_INTENT);
    text.and_then(|text| serde_json::from_value(text.as_str().into()).ok()).unwrap_or_default()
}
