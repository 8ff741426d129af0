//! The rule: where requested freight may come from, and whether this piece did (control 1.1).

use crate::{
    freight::status::soak,
    model::{AvailabilityStrategy, Duration, FreightRequest, Timestamp},
    world::{FreightView, StageView, Visit, World},
};

/// Whether freight is available, or when it will be if nothing but time goes by. Sooner is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Availability {
    /// Now.
    Now,
    /// From this instant on, when a soak ends (control 1.5).
    At(Timestamp),
    /// Not before something happens.
    ByFact,
}

/// What freight has to do with one Stage that it may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// The Stage verified it, and it stayed there long enough.
    Ready,
    /// The Stage verified it, and it is still there, or left too early.
    Soaking {
        /// When it will have stayed long enough; none if it has left.
        ends: Option<Timestamp>,
    },
    /// The Stage has not verified it.
    Unverified,
}

/// A request of freight, and who makes it: a Stage, or a Junction's slot.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'w> {
    /// What is requested.
    pub request: &'w FreightRequest,
    /// For whom approvals count.
    pub claimant: &'w str,
}

/// Whether the Stage may have the freight now, as far as its source goes.
///
/// ```
/// use kargo_core::{Manifests, World, eligible::is_eligible};
/// # let text = "
/// # apiVersion: kargo.akuity.io/v1alpha1
/// # kind: Stage
/// # metadata: { name: prod, namespace: shop }
/// # spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat] } }] }
/// # ---
/// # apiVersion: kargo.akuity.io/v1alpha1
/// # kind: Freight
/// # metadata: { name: 84d9a0d81714243ecd236c670da11c7259af9059, namespace: shop }
/// # alias: modest-marlin
/// # origin: { kind: Warehouse, name: cart }
/// # images: [{ repoURL: ghcr.io/acme/cart, tag: 1.4.2 }]
/// # ";
/// let world = World::from_manifests(&Manifests::parse("shop.yaml", text)?)?;
/// assert!(!is_eligible(world.stage("prod")?, world.freight("modest-marlin")?, Default::default()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn is_eligible(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> bool {
    availability(stage, freight, now) == Availability::Now
}

/// Whether the Stage may have the freight, or when (control 1.1 and 1.5).
#[must_use]
pub fn availability(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Availability {
    let mut soonest = Availability::ByFact;
    for request in stage.requests().filter(|request| request.origin == *freight.origin()) {
        let claim = Claim { request, claimant: stage.name() };
        soonest = soonest.min(claim.availability(freight, now));
        // Of several requests of one origin, which admission refuses, one that needs all of its Stages has the last word.
        let needs_all = !request.sources.direct && request.sources.availability() == AvailabilityStrategy::All;
        if needs_all {
            break;
        }
    }
    soonest
}

impl Claim<'_> {
    /// Whether the claimant may have the freight, or when. That the freight is of the requested origin is taken as given.
    #[must_use]
    pub fn availability(self, freight: FreightView<'_>, now: Timestamp) -> Availability {
        let sources = &self.request.sources;
        if sources.direct || self.is_approved(freight) {
            return Availability::Now;
        }
        let upstreams = sources.stages.iter().map(|stage| upstream(freight, stage, sources.required_soak_time, now));
        let each = upstreams.map(Availability::from);
        match sources.availability() {
            // Nothing of nothing is not all of it (rules 7, trap 9): `max` of none is no answer.
            AvailabilityStrategy::All => each.max().unwrap_or(Availability::ByFact),
            AvailabilityStrategy::OneOf => each.min().unwrap_or(Availability::ByFact),
        }
    }

    /// Whether somebody approved the freight for the claimant.
    #[must_use]
    pub fn is_approved(self, freight: FreightView<'_>) -> bool {
        freight.visit(self.claimant).is_some_and(|visit| visit.approved.is_some())
            || freight.world().approvals_of(freight.name(), self.claimant).next().is_some()
    }
}

/// What freight has to do with one Stage that it may come from: verified there, and long enough in it.
///
/// The soak runs from when it entered, counts once it is verified, and stays are not added up (control AV-3 and AV-4). Through a
/// Stage without steps it passes, and soaks from then on (rules 7, trap 11).
#[must_use]
pub fn upstream(freight: FreightView<'_>, stage: &str, required: Option<Duration>, now: Timestamp) -> Upstream {
    let Some(visit) = freight.visit(stage) else { return Upstream::Unverified };
    let Some(verified) = visit.verified() else { return Upstream::Unverified };
    let Some(required) = required else { return Upstream::Ready };
    let since = since(freight, stage, visit);
    if required <= soak(verified, since, now) {
        return Upstream::Ready;
    }
    Upstream::Soaking { ends: since.and_then(|since| since.checked_add_signed(required.to_delta())) }
}

/// Since when freight soaks in a Stage: since it entered; in one without steps, where nothing stays, since it passed, whatever a
/// status says of it (rules 7, traps 11 and 21).
pub(crate) fn since(freight: FreightView<'_>, stage: &str, visit: &Visit) -> Option<Timestamp> {
    if is_passage(freight.world(), stage) { visit.verified.as_ref()?.verified_at } else { visit.since() }
}

/// Whether freight passes through a Stage without staying there.
pub(crate) fn is_passage(world: &World, stage: &str) -> bool {
    world.stage(stage).is_ok_and(|stage| stage.noun().is_control_flow())
}

impl From<Upstream> for Availability {
    fn from(upstream: Upstream) -> Self {
        match upstream {
            Upstream::Ready => Self::Now,
            Upstream::Soaking { ends: Some(ends) } => Self::At(ends),
            Upstream::Soaking { ends: None } | Upstream::Unverified => Self::ByFact,
        }
    }
}
