//! Which local copies this process has in hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Git, Remote};

/// The copies of this process; one turnstile each.
#[derive(Debug, Default)]
pub(crate) struct Mirrors {
    known: Mutex<BTreeMap<PathBuf, Arc<Turnstile>>>,
}

/// Lets one caller at a time change a copy. Whoever waited looks first whether the one before brought what it needs.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    pub(crate) turn: tokio::sync::Mutex<()>,
}

/// A local copy, which may not exist yet.
#[derive(Clone, Debug)]
pub(crate) struct Mirror {
    pub(crate) path: PathBuf,
    pub(crate) turnstile: Arc<Turnstile>,
}

impl Git {
    /// The local copy of a repository.
    pub(crate) fn mirror(&self, remote: &Remote) -> Mirror {
        let path = self.settings().cache.join("repositories").join(remote.copy_name());
        let mut known = self.mirrors().known.lock().unwrap_or_else(PoisonError::into_inner);
        let turnstile = known.entry(path.clone()).or_default().clone();
        Mirror { path, turnstile }
    }
}
