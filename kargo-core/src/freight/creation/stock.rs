//! What there is already: names and aliases that new freight must not take.

use crate::model::{Freight, FreightName};

/// The freight of a project, as far as new freight has to know it.
///
/// ```
/// use kargo_core::{freight::creation::Stock, model::{Freight, ObjectMeta}};
///
/// let there = [Freight { metadata: ObjectMeta::named("84d9a0d"), alias: Some("modest-marlin".into()), ..Freight::default() }];
/// assert!(there.has(&"84d9a0d".into()) && !there.has(&"modest-marlin".into()));
/// assert!(there.has_alias("modest-marlin"));
/// ```
pub trait Stock {
    /// Whether there is freight of this name.
    fn has(&self, name: &FreightName) -> bool;

    /// Whether freight goes by this alias.
    fn has_alias(&self, alias: &str) -> bool;
}

impl Stock for [Freight] {
    fn has(&self, name: &FreightName) -> bool {
        self.iter().any(|freight| freight.metadata.name == **name)
    }

    fn has_alias(&self, alias: &str) -> bool {
        self.iter().any(|freight| freight.alias.as_deref() == Some(alias))
    }
}

impl<const N: usize> Stock for [Freight; N] {
    fn has(&self, name: &FreightName) -> bool {
        self.as_slice().has(name)
    }

    fn has_alias(&self, alias: &str) -> bool {
        self.as_slice().has_alias(alias)
    }
}

impl Stock for Vec<Freight> {
    fn has(&self, name: &FreightName) -> bool {
        self.as_slice().has(name)
    }

    fn has_alias(&self, alias: &str) -> bool {
        self.as_slice().has_alias(alias)
    }
}
