//! Making freight by hand, and naming it.

use super::Asked;
use crate::{
    freight::creation::Artifact,
    model::{FreightIntent, FreightRef, WarehouseName},
};

/// Make freight of a Warehouse by hand: of the newest discovered artifacts, but for those that are chosen (discovery 1.10;
/// control 8.5).
///
/// ```
/// use kargo_core::{command::Assemble, freight::creation::Artifact, model::Image};
/// let image = Image { repo_url: "ghcr.io/acme/cart".into(), tag: "1.4.1".into(), ..Image::default() };
/// let assemble = Assemble::from_warehouse("cart").with(image).alias("hotfix-1").by("email:ana@acme.example");
/// # let _ = assemble;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Assemble {
    pub(super) asked: Asked,
    /// The Warehouse.
    pub warehouse: WarehouseName,
    /// Freight of it whose artifacts are taken, before others are chosen.
    pub like: Option<FreightRef>,
    /// Artifacts to take.
    pub artifacts: Vec<Artifact>,
    /// The alias, instead of an invented one.
    pub alias: Option<String>,
    /// What it is meant for, instead of what the Warehouse's policy says.
    pub intent: Option<FreightIntent>,
}

impl Assemble {
    /// Of this Warehouse.
    #[must_use]
    pub fn from_warehouse(warehouse: impl Into<WarehouseName>) -> Self {
        Self {
            asked: Asked::default(),
            warehouse: warehouse.into(),
            like: None,
            artifacts: Vec::new(),
            alias: None,
            intent: None,
        }
    }

    /// Of the artifacts of this freight, as far as the Warehouse still subscribes to them.
    #[must_use]
    pub fn like(mut self, freight: impl Into<FreightRef>) -> Self {
        self.like = Some(freight.into());
        self
    }

    /// With this artifact; it need not have been discovered.
    #[must_use]
    pub fn with(mut self, artifact: impl Into<Artifact>) -> Self {
        self.artifacts.push(artifact.into());
        self
    }

    /// Under this alias.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Meant for this.
    #[must_use]
    pub fn intent(mut self, intent: FreightIntent) -> Self {
        self.intent = Some(intent);
        self
    }
}

/// Make freight like other freight with some artifacts replaced; it ranks directly after it, not as the newest (requirements
/// C14; rules 7, trap 20).
#[derive(Clone, Debug, PartialEq)]
pub struct Derive {
    pub(super) asked: Asked,
    /// The freight that it is like.
    pub base: FreightRef,
    /// What takes the place of the artifact of the same subscription.
    pub replacements: Vec<Artifact>,
}

impl Derive {
    /// From this freight.
    #[must_use]
    pub fn from_freight(freight: impl Into<FreightRef>) -> Self {
        Self { asked: Asked::default(), base: freight.into(), replacements: Vec::new() }
    }

    /// With this artifact in the place of that of the same subscription.
    #[must_use]
    pub fn with(mut self, artifact: impl Into<Artifact>) -> Self {
        self.replacements.push(artifact.into());
        self
    }
}

/// Give freight another alias (control 8.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAlias {
    pub(super) asked: Asked,
    /// The freight.
    pub freight: FreightRef,
    /// The alias.
    pub alias: String,
}

impl SetAlias {
    /// This freight is called so from now on.
    #[must_use]
    pub fn of(freight: impl Into<FreightRef>, alias: impl Into<String>) -> Self {
        Self { asked: Asked::default(), freight: freight.into(), alias: alias.into() }
    }
}

/// Look at once what there is to discover (control 8.5, traps 38).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    pub(super) asked: Asked,
    /// The Warehouse; none means all of them.
    pub warehouse: Option<WarehouseName>,
}

impl Refresh {
    /// Of this Warehouse.
    #[must_use]
    pub fn warehouse(warehouse: impl Into<WarehouseName>) -> Self {
        Self { asked: Asked::default(), warehouse: Some(warehouse.into()) }
    }

    /// Of all Warehouses.
    #[must_use]
    pub fn all() -> Self {
        Self { asked: Asked::default(), warehouse: None }
    }
}
