//! What all looks share.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{AccountLimits, Look, budget::Budgets};
use crate::port::{Account, ArtifactCache, ImageRegistry, Ports};

/// The ports of discovery with the budgets of their accounts. Clones share everything.
#[derive(Clone, Debug)]
pub struct Discovery {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) images: Arc<dyn ImageRegistry>,
    pub(super) cache: Arc<dyn ArtifactCache>,
    pub(super) budgets: Budgets,
    pub(super) limits: AccountLimits,
    /// Accounts whose registry does not give a manifest by tag.
    no_tagged: Mutex<BTreeSet<Account>>,
}

impl Discovery {
    /// Over these ports, with the usual limits.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self::with_limits(ports, AccountLimits::default())
    }

    /// Over these ports, with these limits.
    #[must_use]
    pub fn with_limits(ports: &Ports, limits: AccountLimits) -> Self {
        let shared = Shared {
            images: ports.image_registry(),
            cache: ports.artifact_cache(),
            budgets: Budgets::new(ports.clock(), limits),
            limits,
            no_tagged: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Begins a round. What is asked in it is asked once; the next round asks again.
    #[must_use]
    pub fn look(&self) -> Look {
        Look::new(Arc::clone(&self.shared))
    }
}

impl Shared {
    pub(super) fn gives_tagged(&self, account: &Account) -> bool {
        !self.no_tagged.lock().unwrap_or_else(PoisonError::into_inner).contains(account)
    }

    pub(super) fn gives_no_tagged(&self, account: &Account) {
        self.no_tagged.lock().unwrap_or_else(PoisonError::into_inner).insert(account.clone());
    }
}
