//! One thing that people hear of.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Happened, text};
use crate::{
    engine::Position,
    model::{ProjectName, Timestamp},
};

/// One thing that people hear of: what happened, when, because of what, and who wanted it.
///
/// Its text is one line for people; its JSON has the name of what happened as `event`, and its details beside it. Nothing
/// secret is in either: outputs and configurations of steps are left out, and messages come without secrets (rules 2).
///
/// A notice is known by its position and index: what was heard twice has both twice. They never change, so that whoever hears
/// remembers the last pair and goes on behind it ([`Notices::after`](super::Notices::after)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notice {
    /// The event that it tells of.
    pub position: Position,
    /// Its place among the notices of that event, from 0.
    pub index: u32,
    /// Engine time of the event.
    pub at: Timestamp,
    /// The event that led to it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Position>,
    /// The project.
    pub project: ProjectName,
    /// Who wanted it, where somebody did and is known. Of an aborted promotion: who aborted it, not who made it (control,
    /// trap 23). None where it came about by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What happened, and to what.
    #[serde(flatten)]
    pub happened: Happened,
}

impl Notice {
    /// What happened, in a word: Kargo's name for it, where Kargo has one (control 10).
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.happened.name()
    }
}

/// One line: time of day, project, a verb, and the rest.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, project) = (self.at.format("%H:%M:%SZ"), &self.project);
        write!(f, "{time} {project} {:<10} ", text::verb(&self.happened))?;
        text::write(f, &self.happened, self.at, self.actor.as_deref())
    }
}
