//! The answer to a question about a decision.

use serde::{Deserialize, Serialize};

use super::{Mark, Need, Node, Reason, Told};
use crate::model::{Duration, FreightName, Origin, StageName, Timestamp};

/// Yes, no or not yet, and why: a tree of typed reasons.
///
/// Its text is for people; programs ask [`is_yes`](Self::is_yes), [`opens_at`](Self::opens_at), [`needs`](Self::needs) and
/// [`reasons`](Self::reasons).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub(super) headline: Headline,
    pub(super) answer: Answer,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) nodes: Vec<Node>,
    /// The least changes that make it a yes; none if none of those that are known do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) needs: Option<Vec<Need>>,
}

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Answer {
    /// Now.
    Yes,
    /// Not now, but it may become so without the request being changed.
    NotYet,
    /// Not unless somebody decides or writes something else.
    No,
}

/// What the question was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Headline {
    /// Freight to a Stage.
    Admission {
        /// The Stage.
        stage: StageName,
        /// The freight.
        freight: FreightName,
        /// What people call it.
        called: String,
        /// Its origin.
        origin: Origin,
    },
    /// What a Stage holds.
    Holding {
        /// The Stage.
        stage: StageName,
        /// The freight, by origin; empty if it holds nothing.
        freight: Vec<FreightName>,
        /// What people call it.
        called: Vec<String>,
        /// Since when it holds all of that, if that is known.
        since: Option<Timestamp>,
    },
    /// A Stage that does not move.
    Unmoved {
        /// The Stage.
        stage: StageName,
        /// Since when, if it ever moved.
        since: Option<Timestamp>,
        /// How long that is.
        length: Option<Duration>,
    },
    /// Something that does not exist: the only reason says so.
    Missing,
    /// Any other question, with how its answer begins.
    Text {
        /// The beginning.
        text: String,
    },
}

impl Why {
    /// An answer.
    #[must_use]
    pub fn new(headline: Headline, answer: Answer, nodes: Vec<Node>) -> Self {
        Self { headline, answer, nodes, needs: None }
    }

    /// The answer to a question about something that does not exist.
    #[must_use]
    pub fn missing(reason: Reason) -> Self {
        Self::new(Headline::Missing, Answer::No, vec![Node::fails(reason)])
    }

    /// With the least changes that make it a yes.
    #[must_use]
    pub fn needing(self, needs: Option<Vec<Need>>) -> Self {
        Self { needs, ..self }
    }

    /// Whether the answer is yes.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.answer == Answer::Yes
    }

    /// The answer in a word.
    #[must_use]
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// What the question was about.
    #[must_use]
    pub fn headline(&self) -> &Headline {
        &self.headline
    }

    /// The reasons at the top, each with what is below it.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// When it becomes a yes by itself. `None` if it is a yes, or if it hangs on a fact and not on the clock alone.
    #[must_use]
    pub fn opens_at(&self) -> Option<Timestamp> {
        match self.needs.as_deref() {
            Some([Need::Wait { until }]) => Some(*until),
            _ => None,
        }
    }

    /// The least changes that would make it a yes; empty if it is one, or if none of the changes that are known do.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        self.needs.as_deref().unwrap_or_default()
    }

    /// All reasons, also those that are not in the way, from top to bottom.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.nodes.iter().flat_map(Node::reasons)
    }

    /// The events of the log that it tells of, from top to bottom.
    pub fn events(&self) -> impl Iterator<Item = Told> {
        self.nodes.iter().flat_map(Node::all).filter_map(|node| node.event)
    }

    /// The reasons at the top that are in the way.
    pub fn obstacles(&self) -> impl Iterator<Item = &Reason> {
        self.nodes.iter().filter(|node| node.mark == Mark::Fails).map(|node| &node.reason)
    }
}
