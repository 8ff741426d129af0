//! One line of a tree of reasons, and what is below it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::model::{Location, Timestamp};

/// A reason, whether it is in the way, and what is below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Whether it is in the way.
    pub mark: Mark,
    /// A word before the reason, aligned among its neighbours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The reason.
    pub reason: Reason,
    /// Where what causes it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
    /// The event of the log that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Told>,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Self>,
    /// What would change it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Remedy>,
}

/// Whether a reason is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// It is not: ✓.
    Holds,
    /// It is: ✗.
    Fails,
    /// It is told beside the answer.
    Note,
}

/// What somebody can do, or what will come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// What helps.
    pub text: String,
    /// The command for it, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// An event of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its place there, from 1.
    pub position: u64,
    /// When it happened.
    pub at: Timestamp,
}

/// A line of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The text's name.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl Node {
    /// A reason that is not in the way.
    #[must_use]
    pub fn holds(reason: Reason) -> Self {
        Self::new(Mark::Holds, reason)
    }

    /// A reason that is in the way.
    #[must_use]
    pub fn fails(reason: Reason) -> Self {
        Self::new(Mark::Fails, reason)
    }

    /// Something told beside the answer.
    #[must_use]
    pub fn note(reason: Reason) -> Self {
        Self::new(Mark::Note, reason)
    }

    fn new(mark: Mark, reason: Reason) -> Self {
        Self { mark, label: None, reason, spot: None, event: None, below: Vec::new(), remedies: Vec::new() }
    }

    /// With a word before it.
    #[must_use]
    pub fn labelled(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// With what is below it.
    #[must_use]
    pub fn over(self, below: Vec<Self>) -> Self {
        Self { below, ..self }
    }

    /// With where its cause is written.
    #[must_use]
    pub fn at(self, location: Option<Location>) -> Self {
        Self { spot: location.map(Spot::from), ..self }
    }

    /// Told of by this event of the log.
    #[must_use]
    pub fn told_by(self, event: Option<Told>) -> Self {
        Self { event, ..self }
    }

    /// With something that would change it.
    #[must_use]
    pub fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedies.push(Remedy { text: text.into(), command: None });
        self
    }

    /// With a command that would change it.
    #[must_use]
    pub fn command(mut self, text: impl Into<String>, command: impl Into<String>) -> Self {
        self.remedies.push(Remedy { text: text.into(), command: Some(command.into()) });
        self
    }

    /// Its reason and all below, depth first.
    pub(super) fn reasons(&self) -> Vec<&Reason> {
        self.all().into_iter().map(|node| &node.reason).collect()
    }

    /// Itself and all below, depth first.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(node.below.iter().rev());
        }
        found
    }
}

impl From<Location> for Spot {
    fn from(location: Location) -> Self {
        Self { file: location.file.to_string(), line: location.span.line }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
