//! What all looks share.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    AccountLimits, Look,
    budget::Budgets,
    count::{Answered, Counted, Counter, Sessions},
};
use crate::{
    model::Timestamp,
    port::{Account, ArtifactCache, ChartRepository, Clock, GitHost, ImageRegistry, Ports},
};

/// The ports of discovery with the budgets of their accounts. Clones share everything.
#[derive(Clone, Debug)]
pub struct Discovery {
    ports: Ports,
    budgets: Budgets,
    limits: AccountLimits,
    sessions: Sessions,
    no_tagged: NoTagged,
    answered: Answered,
}

/// What one look has of a [`Discovery`].
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) images: Arc<dyn ImageRegistry>,
    pub(super) git: Arc<dyn GitHost>,
    pub(super) charts: Arc<dyn ChartRepository>,
    pub(super) cache: Arc<dyn ArtifactCache>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) budgets: Budgets,
    pub(super) limits: AccountLimits,
    /// What this look asked.
    pub(super) counter: Counter,
    pub(super) sessions: Sessions,
    /// When this look began: the time that expressions see.
    pub(super) began: Timestamp,
    /// Where adapters are logged in.
    pub(super) answered: Answered,
    no_tagged: NoTagged,
}

/// Accounts whose registry does not give a manifest by tag.
type NoTagged = Arc<Mutex<BTreeSet<Account>>>;

impl Discovery {
    /// Over these ports, with the usual limits.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self::with_limits(ports, AccountLimits::default())
    }

    /// Over these ports, with these limits.
    #[must_use]
    pub fn with_limits(ports: &Ports, limits: AccountLimits) -> Self {
        let budgets = Budgets::new(ports.clock(), limits);
        Self {
            ports: ports.clone(),
            budgets,
            limits,
            sessions: Sessions::default(),
            no_tagged: NoTagged::default(),
            answered: Answered::default(),
        }
    }

    /// Begins a round. What is asked in it is asked once; the next round asks again.
    #[must_use]
    pub fn look(&self) -> Look {
        let (ports, counter, answered) = (&self.ports, Counter::new(&self.sessions), self.answered.clone());
        Look::new(Arc::new(Shared {
            images: Arc::new(Counted::new(ports.image_registry(), &counter, &answered)),
            git: Arc::new(Counted::new(ports.git_host(), &counter, &answered)),
            charts: Arc::new(Counted::new(ports.chart_repository(), &counter, &answered)),
            cache: ports.artifact_cache(),
            clock: ports.clock(),
            budgets: self.budgets.clone(),
            limits: self.limits,
            counter,
            sessions: self.sessions.clone(),
            answered,
            began: ports.clock().now(),
            no_tagged: Arc::clone(&self.no_tagged),
        }))
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
