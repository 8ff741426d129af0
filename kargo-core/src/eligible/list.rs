//! Listing: all freight that a place may have, newest first, found by index instead of asking of every piece
//! (control 1.2 with traps 7 and 8 mended: it is the predicate).

use std::{collections::BTreeMap, iter::Peekable};

use super::source::{Availability, Claim};
use crate::{
    model::{AvailabilityStrategy, Origin, StageName, Timestamp},
    world::{Age, FreightView, Mark, StageView, World},
};

/// Freight of one origin that may be in a place, newest first. An iterator that looks no further than it is asked to.
pub struct Listing<'w> {
    claims: Vec<Claim<'w>>,
    candidates: Vec<Peekable<Box<dyn Iterator<Item = FreightView<'w>> + 'w>>>,
    now: Timestamp,
}

/// The freight of an origin that is eligible for a Stage, newest first; only what is older than `below`, if given.
///
/// A page is as many as the caller takes; the next begins below the [`age`](FreightView::age) of the last.
#[must_use]
pub fn list<'w>(stage: StageView<'w>, origin: &Origin, below: Option<&Age>, now: Timestamp) -> Listing<'w> {
    let mut claims = Vec::new();
    for request in stage.requests().filter(|request| request.origin == *origin) {
        claims.push(Claim { request, claimant: stage.name() });
        if !request.sources.direct && request.sources.availability() == AvailabilityStrategy::All {
            break;
        }
    }
    Listing::new(stage.world(), claims, below, now)
}

impl<'w> Listing<'w> {
    /// The freight that any of these claims of one origin may have.
    #[must_use]
    pub fn new(world: &'w World, claims: Vec<Claim<'w>>, below: Option<&Age>, now: Timestamp) -> Self {
        let mut candidates = Vec::new();
        for claim in &claims {
            candidates.extend(claim.candidates(world, below));
        }
        Self { claims, candidates: candidates.into_iter().map(Iterator::peekable).collect(), now }
    }

    /// The newest piece that any index still offers, taken from all that offer it.
    fn next_candidate(&mut self) -> Option<FreightView<'w>> {
        let newest =
            self.candidates.iter_mut().filter_map(|of| of.peek().copied()).max_by_key(|freight| freight.age())?;
        for candidates in &mut self.candidates {
            candidates.next_if(|freight| freight.name() == newest.name());
        }
        Some(newest)
    }
}

impl<'w> Iterator for Listing<'w> {
    type Item = FreightView<'w>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let freight = self.next_candidate()?;
            let is_available = |claim: &Claim<'_>| claim.availability(freight, self.now) == Availability::Now;
            if self.claims.iter().any(is_available) {
                return Some(freight);
            }
        }
    }
}

impl<'w> Claim<'w> {
    /// Indexes in which everything stands that the claimant may have, and little else; each newest first.
    fn candidates(self, world: &'w World, below: Option<&Age>) -> Vec<Box<dyn Iterator<Item = FreightView<'w>> + 'w>> {
        let (origin, sources) = (&self.request.origin, &self.request.sources);
        if sources.direct {
            return vec![Box::new(world.freight_of(origin, below))];
        }
        let name = StageName::from(self.claimant);
        let mut all: Vec<Box<dyn Iterator<Item = FreightView<'w>> + 'w>> = vec![
            Box::new(world.freight_marked(Mark::Approved, &name, origin, below)),
            Box::new(self.approved(world, below)),
        ];
        // What has to be verified in all of them is verified in the first.
        let enough = match sources.availability() {
            AvailabilityStrategy::All => 1,
            AvailabilityStrategy::OneOf => sources.stages.len(),
        };
        for stage in sources.stages.iter().take(enough) {
            all.push(Box::new(world.freight_marked(Mark::Verified, stage, origin, below)));
        }
        all
    }

    /// Freight that approvals are about, newest first.
    fn approved(self, world: &'w World, below: Option<&Age>) -> impl Iterator<Item = FreightView<'w>> + use<'w> {
        let below = below.cloned();
        let of_origin = world.approved_for(self.claimant).filter(|freight| *freight.origin() == self.request.origin);
        let by_age: BTreeMap<Age, FreightView<'w>> = of_origin
            .map(|freight| (freight.age(), freight))
            .filter(|(age, _)| below.as_ref().is_none_or(|below| age < below))
            .collect();
        by_age.into_values().rev()
    }
}
