//! What the end of a promotion does to the hold of an origin (resources 15.2 and 20.3).

use serde::{Deserialize, Serialize};

/// What the end of a promotion does to the hold of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HoldIntent {
    /// It establishes one.
    Hold,
    /// It releases it.
    Resume,
}

impl HoldIntent {
    /// How it is written in annotation `kargo-core.rs/holds`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "Hold",
            Self::Resume => "Resume",
        }
    }
}
