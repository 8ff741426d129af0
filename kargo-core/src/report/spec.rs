//! What a kind of step declares of itself, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{LaneTemplate, TouchTemplate, narrowing::Narrowing};
use crate::model::{Duration, skip::is_default};

/// What a kind of step touches, how it may be repeated, and when to give up on it (architecture 5, rules 1 and 14).
///
/// A declaration is data. What depends on a step's configuration is written as expressions, and
/// [`outside_of`](Self::outside_of), [`lanes_of`](Self::lanes_of) and the like answer for one configuration; the plain
/// accessors answer for the kind, with the widest that any configuration can bring about.
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
    pub(super) narrowings: Vec<Narrowing>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    touches: Vec<TouchTemplate>,
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
    /// The shortest interval at which anything is polled (rules 3).
    pub const LEAST_POLL: Duration = Duration::from_secs(10);

    /// A kind of step that touches nothing until it says so.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            summary: String::new(),
            tree: Tree::None,
            outside: Outside::None,
            repeat: None,
            narrowings: Vec::new(),
            touches: Vec::new(),
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

    /// It does less to the work tree where `condition` holds: an expression over `config`, as in
    /// [`TouchTemplate`]. Where the condition cannot be evaluated it does not hold; something wider than declared is
    /// ignored.
    #[must_use]
    pub fn tree_when(mut self, tree: Tree, condition: &str) -> Self {
        self.narrowings.push(Narrowing::tree(tree, condition));
        self
    }

    /// It does less outside where `condition` holds, as for [`tree_when`](Self::tree_when).
    ///
    /// ```
    /// use kargo_core::{expr::Value, report::{Outside, Repeat, StepSpec}};
    /// let spec = StepSpec::new("page")
    ///     .acts_outside("pages somebody")
    ///     .repeat_when(Repeat::Keyed, "config.key != nil")
    ///     .outside_when(Outside::Reads, "config.dryRun == true");
    /// let config = |json| Value::from_json(&json).unwrap();
    /// assert_eq!(spec.repeat_of(&config(serde_json::json!({})))?, Repeat::Unknowable);
    /// assert_eq!(spec.repeat_of(&config(serde_json::json!({ "key": "a" })))?, Repeat::Keyed);
    /// assert_eq!(spec.outside_of(&config(serde_json::json!({ "dryRun": true })))?, Outside::Reads);
    /// assert_eq!(spec.repeat_of(&config(serde_json::json!({ "dryRun": true })))?, Repeat::Pure);
    /// # Ok::<(), kargo_core::report::SpecError>(())
    /// ```
    #[must_use]
    pub fn outside_when(mut self, outside: Outside, condition: &str) -> Self {
        self.narrowings.push(Narrowing::outside(outside, condition));
        self
    }

    /// Its effect is easier to repeat where `condition` holds, as for [`tree_when`](Self::tree_when).
    #[must_use]
    pub fn repeat_when(mut self, repeat: Repeat, condition: &str) -> Self {
        self.narrowings.push(Narrowing::repeat(repeat, condition));
        self
    }

    /// It touches these things; acting on one takes its lane.
    #[must_use]
    pub fn touches(mut self, touches: TouchTemplate) -> Self {
        self.touches.push(touches);
        self
    }

    /// Only one of its effects per lane may be under way (rules 4), beside the lanes of what it acts on.
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

    /// How often to look while it waits and nothing tells; at least [`LEAST_POLL`](Self::LEAST_POLL).
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

    /// How its effect may be repeated. One that does not act may still want to be asked first, if it leaves a trace in the
    /// work tree that it would stumble over.
    #[must_use]
    pub fn repeat(&self) -> Repeat {
        match (self.repeat, self.outside) {
            (Some(repeat), _) => repeat,
            (None, Outside::Acts) => Repeat::Unknowable,
            (None, Outside::None | Outside::Reads) => Repeat::Pure,
        }
    }

    /// How what it touches follows from its configuration.
    #[must_use]
    pub fn touch_templates(&self) -> &[TouchTemplate] {
        &self.touches
    }

    /// What it occupies while it is under way, beside what it acts on.
    #[must_use]
    pub fn lane_templates(&self) -> &[LaneTemplate] {
        &self.lanes
    }

    /// How long such a step may take; `None` for no limit.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout.filter(|timeout| *timeout > Duration::ZERO)
    }

    /// How many consecutive errors end it; at least one.
    #[must_use]
    pub fn error_threshold(&self) -> u32 {
        self.error_threshold.unwrap_or(1).max(1)
    }

    /// How often to look while it waits and nothing tells; `None` for the default.
    #[must_use]
    pub fn poll(&self) -> Option<Duration> {
        self.poll.map(|poll| poll.max(Self::LEAST_POLL))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_3_nothing_is_polled_more_often_than_every_ten_seconds() {
        let spec = StepSpec::new("x").polls_every(Duration::from_secs(1));
        assert_eq!(spec.poll(), Some(Duration::from_secs(10)));
        assert_eq!(StepSpec::new("x").polls_every(Duration::from_secs(11)).poll(), Some(Duration::from_secs(11)));
    }

    /// Steps 0.2: a threshold of 0 is raised to 1, a timeout of 0 is none.
    #[test]
    fn steps_0_2_thresholds_and_timeouts() {
        let json = serde_json::json!({"name": "x", "errorThreshold": 0, "timeout": "0s"});
        let read: StepSpec = serde_json::from_value(json).unwrap();
        assert_eq!((read.error_threshold(), read.timeout()), (1, None));
        let spec = StepSpec::new("x").gives_up_after(3).times_out_after(Duration::from_secs(5));
        assert_eq!((spec.error_threshold(), spec.timeout()), (3, Some(Duration::from_secs(5))));
    }
}
