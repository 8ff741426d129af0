//! What a step says when it returns.

use serde::{Deserialize, Serialize};

use super::{StepError, StepProgress, Wait};
use crate::{
    expr::Value,
    model::{Duration, FreightName, HealthCheckStep, StageName},
};

/// What a step says when it returns (architecture 5).
///
/// Its output is stored whatever the outcome (promotion-engine 1.6). Facts are applied together with the step's completion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepReport {
    /// How it went.
    pub outcome: StepOutcome,
    /// A sentence for people; the reason where it failed.
    pub message: Option<String>,
    /// A map, or nil.
    pub output: Value,
    /// A check to run after the promotion succeeded; counts only with [`StepOutcome::Done`] (promotion-engine 1.12).
    pub health: Option<HealthCheckStep>,
    /// What the step wants recorded of freight and Stages.
    pub facts: Vec<Fact>,
    /// What the step resolved (rules 14).
    pub pins: Vec<Pin>,
}

/// How a step went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StepOutcome {
    /// It did what it should.
    #[default]
    Done,
    /// There was nothing to do.
    Skipped,
    /// What it was asked to do was refused, or turned out badly: a business outcome.
    Failed {
        /// Whether trying again is pointless. If not, it counts as an error does, and stays Failed at the threshold
        /// (rules 3).
        terminal: bool,
    },
    /// Something technical went wrong.
    Errored {
        /// Whether trying again is pointless.
        terminal: bool,
        /// Not before this much time has passed, as the peer asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<Duration>,
    },
    /// It has to wait. Only this waits (rules 3).
    Waiting(Wait),
}

/// What a step wants recorded, in the same breath as its completion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fact {
    /// A value in the metadata of freight.
    FreightMetadata {
        /// The freight.
        freight: FreightName,
        /// The key.
        key: String,
        /// Any JSON value.
        value: serde_json::Value,
    },
    /// A value in the metadata of a Stage.
    StageMetadata {
        /// The Stage.
        stage: StageName,
        /// The key.
        key: String,
        /// Any JSON value.
        value: serde_json::Value,
    },
    /// A new alias of freight.
    FreightAlias {
        /// The freight.
        freight: FreightName,
        /// The alias.
        alias: String,
    },
}

/// Something that a step resolved, so that running it again resolves it the same: the commit behind a branch, the digest
/// behind a tag, the version behind a range (rules 14).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    /// What was asked for, such as `https://github.com/acme/env main`.
    pub of: String,
    /// What it was, such as a commit's hash.
    pub is: String,
}

impl StepReport {
    /// What a runner's answer says.
    #[must_use]
    pub fn of(answer: Result<StepProgress, StepError>) -> Self {
        match answer {
            Ok(progress) => progress.into_report(),
            Err(error) => error.into_report(),
        }
    }
}

impl From<Result<StepProgress, StepError>> for StepReport {
    fn from(answer: Result<StepProgress, StepError>) -> Self {
        Self::of(answer)
    }
}
