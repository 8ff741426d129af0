//! What an empty log begins with: the project, and the seed from which all ids follow.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    model::{ProjectName, skip::is_default},
    policy::Retention,
};

/// The project of an engine, the seed of its ids, and how much it keeps. Two engines of the same genesis and the same inputs do
/// the same, byte for byte (architecture, law 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    project: ProjectName,
    seed: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    retention: Retention,
}

impl Genesis {
    /// Of this project, with this seed: any number, kept with the log.
    #[must_use]
    pub fn new(project: impl Into<ProjectName>, seed: u64) -> Self {
        Self { project: project.into(), seed, retention: Retention::default() }
    }

    /// Keeping so much of promotions that ended and of freight (control 9). What the log tells stays as it was decided: another
    /// retention may be given at any time.
    ///
    /// ```
    /// use kargo_core::{Genesis, policy::{Keep, Retention}};
    /// let more = Keep { retained: 500, ..Keep::default() };
    /// let genesis = Genesis::new("shop", 7).retaining(Retention { freight: more, ..Retention::default() });
    /// assert_eq!(genesis.retention().promotions.retained, 20);
    /// ```
    #[must_use]
    pub fn retaining(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// How much is kept.
    #[must_use]
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Whether a log of the other is one of this: of the same project with the same seed.
    pub(super) fn is_of_log(&self, other: &Self) -> bool {
        (&self.project, self.seed) == (&other.project, other.seed)
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// Bits that follow from the seed, a kind, an owner and the owner's own counter: nothing that happens elsewhere changes
    /// them.
    pub(super) fn bits(&self, kind: &str, owner: &str, counter: u64) -> u128 {
        let mut sum = Sha256::new();
        sum.update(self.seed.to_be_bytes());
        for part in [kind, owner] {
            sum.update((part.len() as u64).to_be_bytes());
            sum.update(part.as_bytes());
        }
        sum.update(counter.to_be_bytes());
        sum.finalize().iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}
