//! One change that would help a "no" to become a "yes".

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::instant;
use crate::model::{FreightName, Origin, StageName, Timestamp};

/// One change that brings freight nearer to a Stage. Waiting counts as one change, however long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Need {
    /// The Stage verifies the freight; if the freight is not there, it gets there first.
    Verify {
        /// The Stage.
        stage: StageName,
    },
    /// The freight enters the Stage anew, for a stay that is long enough.
    Return {
        /// The Stage.
        stage: StageName,
    },
    /// Somebody approves the freight for the Stage.
    Approve {
        /// The freight.
        freight: FreightName,
        /// The Stage.
        stage: StageName,
        /// How many more people have to, each of them one change.
        people: u32,
    },
    /// Somebody takes the rejection back.
    Unreject {
        /// The name of the rejection.
        rejection: String,
    },
    /// Somebody ends the pause.
    Unpause {
        /// The name of the pause.
        pause: String,
    },
    /// Somebody mends or lifts a window that never opens by itself.
    Lift {
        /// The window; none if it is that no window allows.
        window: Option<String>,
    },
    /// Somebody releases the hold of automation.
    Release {
        /// The origin that is held.
        origin: Origin,
    },
    /// The instant comes.
    Wait {
        /// The instant.
        until: Timestamp,
    },
}

impl Need {
    /// How many changes it counts for.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Approve { people, .. } => *people as usize,
            _ => 1,
        }
    }
}

/// As a fact that comes: "a new verdict in perf".
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verify { stage } => write!(f, "a new verdict in {stage}"),
            Self::Return { stage } => write!(f, "a longer stay in {stage}"),
            Self::Approve { stage, people: 1, .. } => write!(f, "an approval for {stage}"),
            Self::Approve { stage, people, .. } => write!(f, "{people} approvals for {stage}"),
            Self::Unreject { rejection } => write!(f, "rejection {rejection:?} is taken back"),
            Self::Unpause { pause } => write!(f, "pause {pause:?} is ended"),
            Self::Lift { window: Some(window) } => write!(f, "window {window:?} is lifted"),
            Self::Lift { window: None } => f.write_str("a window allows it"),
            Self::Release { origin } => write!(f, "the hold on {origin} is released"),
            Self::Wait { until } => write!(f, "not before {}", instant(*until)),
        }
    }
}
