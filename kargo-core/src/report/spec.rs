//! What a kind of step declares of itself, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::LaneTemplate;
use crate::model::{Duration, skip::is_default};

/// What a kind of step touches, how it may be repeated, and when to give up on it (architecture 5, rules 1 and 14).
///
/// ```
/// use kargo_core::report::{Outside, Repeat, StepSpec};
/// let spec = StepSpec::new("change-ticket").acts_outside("opens a ticket in the change desk").keyed();
/// assert_eq!((spec.outside(), spec.repeat()), (Outside::Acts, Repeat::Keyed));
/// // What acts outside and declares nothing may neither be repeated nor forgotten (rules 1).
/// assert_eq!(StepSpec::new("page").acts_outside("pages somebody").repeat(), Repeat::Unknowable);
/// assert_eq!(StepSpec::new("render").repeat(), Repeat::Pure);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepSpec {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    summary: String,
    #[serde(default, skip_serializing_if = "is_default")]
    tree: Tree,
    #[serde(default, skip_serializing_if = "is_default")]
    outside: Outside,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<Repeat>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lanes: Vec<LaneTemplate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_threshold: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    poll: Option<Duration>,
    #[serde(default, skip_serializing_if = "is_default")]
    propagates: bool,
}

/// What a step does to the promotion's work tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tree {
    /// It does not look at it.
    #[default]
    None,
    /// It reads it.
    Reads,
    /// It reads and writes it.
    Writes,
}

/// What a step does to the world outside of the promotion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outside {
    /// Nothing.
    #[default]
    None,
    /// It looks.
    Reads,
    /// It changes something.
    Acts,
}

/// How an effect may be repeated (rules 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Repeat {
    /// It leaves no trace outside: repeat it freely.
    Pure,
    /// The peer deduplicates by the effect's id.
    Keyed,
    /// Before it is repeated, the adapter asks whether it already happened.
    Probed,
    /// Neither is possible: it is sent at most once.
    Unknowable,
}

impl StepSpec {
    /// A kind of step that touches nothing until it says so.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            summary: String::new(),
            tree: Tree::None,
            outside: Outside::None,
            repeat: None,
            lanes: Vec::new(),
            timeout: None,
            error_threshold: None,
            poll: None,
            propagates: false,
        }
    }

    /// It reads the work tree.
    #[must_use]
    pub fn reads_tree(self) -> Self {
        Self { tree: Tree::Reads, ..self }
    }

    /// It reads and writes the work tree.
    #[must_use]
    pub fn writes_tree(self) -> Self {
        Self { tree: Tree::Writes, ..self }
    }

    /// It looks outside; `summary` says what it does there, such as `clones a repository`.
    #[must_use]
    pub fn reads_outside(self, summary: impl Into<String>) -> Self {
        Self { outside: Outside::Reads, summary: summary.into(), ..self }
    }

    /// It changes something outside; `summary` says what. It counts as [`Repeat::Unknowable`] unless it says more.
    #[must_use]
    pub fn acts_outside(self, summary: impl Into<String>) -> Self {
        Self { outside: Outside::Acts, summary: summary.into(), ..self }
    }

    /// What it does, in a few words, for one that touches nothing outside.
    #[must_use]
    pub fn does(self, summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..self }
    }

    /// The peer deduplicates by the effect's id.
    #[must_use]
    pub fn keyed(self) -> Self {
        Self { repeat: Some(Repeat::Keyed), ..self }
    }

    /// The runner asks whether it already happened before it does it again.
    #[must_use]
    pub fn probed(self) -> Self {
        Self { repeat: Some(Repeat::Probed), ..self }
    }

    /// Only one of its effects per lane may be under way (rules 4).
    #[must_use]
    pub fn lane(mut self, lane: impl Into<LaneTemplate>) -> Self {
        self.lanes.push(lane.into());
        self
    }

    /// How long such a step may take unless it says otherwise; zero or less means no limit.
    #[must_use]
    pub fn times_out_after(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// How many consecutive errors end it unless it says otherwise; at least one.
    #[must_use]
    pub fn gives_up_after(self, errors: u32) -> Self {
        Self { error_threshold: Some(errors.max(1)), ..self }
    }

    /// How often to look while it waits and nothing tells.
    #[must_use]
    pub fn polls_every(self, interval: Duration) -> Self {
        Self { poll: Some(interval), ..self }
    }

    /// Inside a task, its output becomes part of the task's own (promotion-engine 1.6).
    #[must_use]
    pub fn propagates_output(self) -> Self {
        Self { propagates: true, ..self }
    }

    /// The name in `uses`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does, in a few words; may be empty.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What it does to the work tree.
    #[must_use]
    pub fn tree(&self) -> Tree {
        self.tree
    }

    /// What it does outside.
    #[must_use]
    pub fn outside(&self) -> Outside {
        self.outside
    }

    /// How its effect may be repeated.
    #[must_use]
    pub fn repeat(&self) -> Repeat {
        match (self.repeat, self.outside) {
            (Some(repeat), Outside::Acts) => repeat,
            (None, Outside::Acts) => Repeat::Unknowable,
            (_, Outside::None | Outside::Reads) => Repeat::Pure,
        }
    }

    /// What it occupies while it is under way.
    #[must_use]
    pub fn lanes(&self) -> &[LaneTemplate] {
        &self.lanes
    }

    /// How long such a step may take; `None` for no limit.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How many consecutive errors end it.
    #[must_use]
    pub fn error_threshold(&self) -> u32 {
        self.error_threshold.unwrap_or(1)
    }

    /// How often to look while it waits and nothing tells; `None` for the default.
    #[must_use]
    pub fn poll(&self) -> Option<Duration> {
        self.poll
    }

    /// Whether, inside a task, its output becomes part of the task's own.
    #[must_use]
    pub fn is_propagating(&self) -> bool {
        self.propagates
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Reads => "reads",
            Self::Writes => "writes",
        })
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Reads => "reads",
            Self::Acts => "acts",
        })
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pure => "pure",
            Self::Keyed => "keyed",
            Self::Probed => "probed",
            Self::Unknowable => "unknowable",
        })
    }
}
