//! The step kinds that are known, by name.

use std::{collections::BTreeMap, sync::Arc};

use super::{StepSpec, built_in};

/// The step kinds that are known.
///
/// ```
/// use kargo_core::report::{StepSpec, StepSpecs};
/// let specs = StepSpecs::built_in().with(StepSpec::new("change-ticket").acts_outside("opens a ticket").keyed());
/// assert_eq!(specs.len(), 36);
/// assert!(specs.get("git-push").is_some() && specs.get("git-psuh").is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepSpecs {
    by_name: BTreeMap<String, Arc<StepSpec>>,
}

impl StepSpecs {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The kinds that Kargo has (promotion-engine 7.4).
    #[must_use]
    pub fn built_in() -> Self {
        built_in::specs().into_iter().collect()
    }

    /// With one more; it replaces the one of its name (promotion-engine 7.1).
    #[must_use]
    pub fn with(mut self, spec: StepSpec) -> Self {
        self.by_name.insert(spec.name().to_owned(), Arc::new(spec));
        self
    }

    /// The kind of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StepSpec> {
        self.by_name.get(name).map(AsRef::as_ref)
    }

    /// The kind of this name, to be kept: what a plan says of a step is shared with all plans.
    #[must_use]
    pub fn shared(&self, name: &str) -> Option<Arc<StepSpec>> {
        self.by_name.get(name).cloned()
    }

    /// All, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &StepSpec> {
        self.by_name.values().map(AsRef::as_ref)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

impl FromIterator<StepSpec> for StepSpecs {
    fn from_iter<I: IntoIterator<Item = StepSpec>>(specs: I) -> Self {
        specs.into_iter().fold(Self::none(), Self::with)
    }
}
