//! One thing that makes no progress.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    model::{HealthState, PromotionName, StageName, Timestamp, WarehouseName},
    report::EffectId,
    why::{Reason, Remedy, instant},
};

/// One thing that makes no progress: what, since when, why, and the way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Standstill {
    /// What stands still.
    pub what: Still,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub because: StillBecause,
    /// The instant at which it goes on or ends by itself, if there is one that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether it has stood still for longer than it may. What waits by rule until a known instant has not.
    pub stalled: bool,
    /// What helps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways_out: Vec<Remedy>,
}

/// What stands still.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Still {
    /// All of it.
    Project,
    /// A Warehouse: nobody says what there is.
    Warehouse {
        /// The Warehouse.
        warehouse: WarehouseName,
    },
    /// A Stage.
    Stage {
        /// The Stage.
        stage: StageName,
    },
    /// A promotion.
    Promotion {
        /// The promotion.
        promotion: PromotionName,
        /// Where it goes.
        stage: StageName,
    },
    /// A step of a promotion.
    Step {
        /// The promotion.
        promotion: PromotionName,
        /// Where it goes.
        stage: StageName,
        /// The step's alias.
        step: Arc<str>,
    },
    /// The verification of what a Stage holds.
    Verification {
        /// The Stage.
        stage: StageName,
        /// The verification.
        verification: Arc<str>,
    },
}

/// Why it stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum StillBecause {
    /// Something is due, and nobody calls [`tick`](crate::Engine::tick).
    NotTicked,
    /// The clock may be wrong (rules 5).
    ClockSuspect,
    /// Work was handed out, and nobody says what came of it.
    Unanswered {
        /// The work.
        effect: EffectId,
    },
    /// Work is wanted no more, and nobody says that it stopped (rules 4).
    NotStopping {
        /// The work.
        effect: EffectId,
    },
    /// It waits for something outside.
    Waiting {
        /// For what.
        on: String,
    },
    /// It failed, and is tried again.
    Failing {
        /// How often in a row.
        errors: u32,
        /// What it said last.
        message: String,
    },
    /// Other work is in the lane that it needs (rules 4).
    Lane {
        /// The other work.
        effect: EffectId,
        /// Whose it is.
        promotion: PromotionName,
    },
    /// It comes after other steps of the same promotion: the work tree is being written again (rules 14), or they are in the
    /// lane that it needs (rules 15).
    Turn,
    /// It is under way, and has nothing to do nor to wait for: a defect.
    Nothing,
    /// Another promotion has the place.
    Behind {
        /// The other.
        promotion: PromotionName,
    },
    /// A gate or a rule.
    Rule {
        /// Which.
        reason: Reason,
    },
    /// The run of a verification goes on.
    GoesOn,
    /// The run of a verification is not seen.
    NotSeen {
        /// How many looks in a row.
        looks: u32,
    },
    /// The Stage is not healthy, so what it holds is not verified.
    NotHealthy {
        /// How it is; none if nobody has said since the last promotion.
        health: Option<HealthState>,
        /// What is wrong.
        issues: Vec<String>,
    },
    /// Looks are not answered.
    LooksUnanswered {
        /// How many.
        looks: u32,
    },
    /// Looks fail.
    LooksFail {
        /// How many in a row.
        errors: u32,
        /// What the last one said.
        message: String,
    },
}

impl Standstill {
    pub(super) fn new(what: Still, since: Timestamp, because: StillBecause) -> Self {
        Self { what, since, because, until: None, stalled: false, ways_out: Vec::new() }
    }

    pub(super) fn until(self, until: Option<Timestamp>) -> Self {
        Self { until, ..self }
    }

    pub(super) fn stalled(self, stalled: bool) -> Self {
        Self { stalled, ..self }
    }

    pub(super) fn way(mut self, text: impl Into<String>, command: Option<String>) -> Self {
        self.ways_out.push(Remedy { text: text.into(), command });
        self
    }
}

/// One line for what and why, and one for each way out.
impl fmt::Display for Standstill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {}: {}", self.what, instant(self.since), self.because)?;
        match self.until {
            Some(until) if self.stalled => write!(f, " (next at {})", instant(until))?,
            Some(until) => write!(f, ", by rule until {}", instant(until))?,
            None => {}
        }
        for way in &self.ways_out {
            write!(f, "\n→ {}", way.text)?;
            way.command.as_ref().map_or(Ok(()), |command| write!(f, " ({command})"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Still {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project => f.write_str("the project"),
            Self::Warehouse { warehouse } => write!(f, "Warehouse {warehouse}"),
            Self::Stage { stage } => write!(f, "Stage {stage}"),
            Self::Promotion { promotion, .. } => write!(f, "promotion {promotion}"),
            Self::Step { promotion, step, .. } => write!(f, "step {step} of {promotion}"),
            Self::Verification { stage, .. } => write!(f, "verification in {stage}"),
        }
    }
}

impl fmt::Display for StillBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTicked => f.write_str("something is due, and nobody lets time go on"),
            Self::ClockSuspect => f.write_str("the clock may be wrong, so nothing moves by time"),
            Self::Unanswered { effect } => write!(f, "work {effect} was handed out, and nobody says what came of it"),
            Self::NotStopping { effect } => write!(f, "work {effect} is to stop, and nobody says that it has"),
            Self::Waiting { on } => write!(f, "it waits for {on}"),
            Self::Failing { errors: 1, message } => write!(f, "it failed: {message}"),
            Self::Failing { errors, message } => write!(f, "it failed {errors} times in a row: {message}"),
            Self::Lane { promotion, .. } => write!(f, "promotion {promotion} is in the lane that it needs"),
            Self::Turn => f.write_str("other steps of the promotion come first"),
            Self::Nothing => f.write_str("it has nothing to do and nothing to wait for"),
            Self::Behind { promotion } => write!(f, "promotion {promotion} has the place"),
            Self::Rule { reason } => write!(f, "{reason}"),
            Self::GoesOn => f.write_str("its run goes on"),
            Self::NotSeen { looks } => write!(f, "its run was not seen {looks} times"),
            Self::NotHealthy { health, issues } => {
                match health {
                    Some(health) => write!(f, "health is {}", health.as_str())?,
                    None => f.write_str("nobody says how healthy it is")?,
                }
                if issues.is_empty() { Ok(()) } else { write!(f, " ({})", issues.join("; ")) }
            }
            Self::LooksUnanswered { looks: 1 } => f.write_str("a look is not answered"),
            Self::LooksUnanswered { looks } => write!(f, "{looks} looks are not answered"),
            Self::LooksFail { errors, message } => write!(f, "{errors} looks in a row failed: {message}"),
        }
    }
}
