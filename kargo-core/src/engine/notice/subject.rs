//! What notices are about.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{Duration, FreightName, PromotionName, StageName, TargetName, Timestamp};

/// Freight, with what people call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Called {
    /// Its name, which is its id.
    pub name: FreightName,
    /// Its alias, else the beginning of its id; at the time.
    pub called: String,
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.called)
    }
}

/// A promotion that something happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfPromotion {
    /// The promotion.
    pub promotion: PromotionName,
    /// Where it goes.
    pub stage: StageName,
    /// The Target, of a Stage that has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetName>,
    /// What it promotes, in the order of origins.
    pub freight: Vec<Called>,
    /// When it was made, in whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Whether nobody but automation asked for it.
    pub automatic: bool,
    /// Whether it takes the Stage back to what it had.
    pub rollback: bool,
    /// How long it ran, if it has ended and had begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<Duration>,
    /// Whether what it brought is to be verified now: it succeeded, and the Stage says how to verify.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verification_pending: bool,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A step that something happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfStep {
    /// The promotion.
    pub promotion: PromotionName,
    /// Where it goes.
    pub stage: StageName,
    /// The step, counted from 1, as people count.
    pub number: usize,
    /// How many steps there are.
    pub of: usize,
    /// Its alias.
    pub alias: Arc<str>,
    /// The runner's name.
    pub uses: Arc<str>,
    /// The attempt, from 1; 0 of a step that did not begin.
    pub attempt: u32,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A piece of freight of which a verification came to its end, or which passed through a Stage without steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Judged {
    /// The Stage.
    pub stage: StageName,
    /// The freight: of a collection of several each is told of apart (control 10).
    pub freight: Called,
    /// The verification; none in a Stage without steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Arc<str>>,
    /// Whether it was over at once, since nobody asks for a run there (control 4.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit: bool,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_time: Option<Timestamp>,
    /// The name of its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis_run: Option<String>,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
