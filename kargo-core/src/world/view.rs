//! Views of one Stage, one piece of freight, one promotion. They borrow the world and are cheap to copy.

use super::World;
use crate::model::{Freight, FreightRequest, NoSuch, Promotion, Stage, StagePolicy};

/// A Stage, with the policy that is joined to it.
#[derive(Clone, Copy, Debug)]
pub struct StageView<'w> {
    world: &'w World,
    noun: &'w Stage,
}

impl<'w> StageView<'w> {
    pub(super) fn new(world: &'w World, noun: &'w Stage) -> Self {
        Self { world, noun }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'w str {
        &self.noun.metadata.name
    }

    /// The Stage as in its manifest.
    #[must_use]
    pub fn noun(self) -> &'w Stage {
        self.noun
    }

    /// The policy of the same name, if there is one (rules 11).
    #[must_use]
    pub fn policy(self) -> Option<&'w StagePolicy> {
        self.world.stage_policies.get(self.name())
    }

    /// What it requests: as written in the Stage, then what the policy adds.
    pub fn requests(self) -> impl Iterator<Item = &'w FreightRequest> {
        let added = self.policy().map(|policy| policy.spec.requested_freight.as_slice()).unwrap_or_default();
        self.noun.spec.requested_freight.iter().chain(added)
    }
}

/// A piece of freight.
#[derive(Clone, Copy, Debug)]
pub struct FreightView<'w> {
    world: &'w World,
    noun: &'w Freight,
}

impl<'w> FreightView<'w> {
    pub(super) fn new(world: &'w World, noun: &'w Freight) -> Self {
        Self { world, noun }
    }

    /// The name, which is its id.
    #[must_use]
    pub fn name(self) -> &'w str {
        &self.noun.metadata.name
    }

    /// The freight as in its manifest.
    #[must_use]
    pub fn noun(self) -> &'w Freight {
        self.noun
    }

    /// The world it is in.
    #[must_use]
    pub fn world(self) -> &'w World {
        self.world
    }
}

/// A promotion.
#[derive(Clone, Copy, Debug)]
pub struct PromotionView<'w> {
    world: &'w World,
    noun: &'w Promotion,
}

impl<'w> PromotionView<'w> {
    /// A promotion seen in a world that need not hold it.
    #[must_use]
    pub fn new(world: &'w World, noun: &'w Promotion) -> Self {
        Self { world, noun }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'w str {
        &self.noun.metadata.name
    }

    /// The promotion as in its manifest.
    #[must_use]
    pub fn noun(self) -> &'w Promotion {
        self.noun
    }

    /// The world it is in.
    #[must_use]
    pub fn world(self) -> &'w World {
        self.world
    }

    /// The Stage it goes to.
    ///
    /// # Errors
    ///
    /// The Stage is gone.
    pub fn stage(self) -> Result<StageView<'w>, NoSuch> {
        self.world.stage(&self.noun.spec.stage)
    }
}
